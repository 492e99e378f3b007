"""What every test may lean on: the virtual room, the real music, folders of its own; and a check that nothing stays."""

import csv
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from livedj.demo.room import VirtualRoom

MUSIC = Path(__file__).parents[2] / "shared" / "music"
FOLDERS = ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME")
"""Where platformdirs puts a person's files."""
PATIENCE = 90.0
"""Seconds that a command may take."""

Livedj = Callable[..., "subprocess.CompletedProcess[str]"]


def pytest_configure(config: pytest.Config) -> None:
    """Keep the person's screen and files out of it, before anything is imported that looks for them."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # A job in the background is deaf to Ctrl-C, and so would be every program that a test wants to interrupt.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    folder = Path(tempfile.mkdtemp(prefix="livedj-tests-"))
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    for name in FOLDERS:
        os.environ[name] = str(folder / name.lower())
    # sounddevice 0.5 sets the shape of a block in place, which NumPy 2.5 deprecates.
    config.addinivalue_line("filterwarnings", "ignore:Setting the shape:DeprecationWarning:sounddevice")


@pytest.fixture(autouse=True)
def nothing_left_running(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail a test that leaves a non-daemon thread (threading.Timer is one) or a running QTimer behind."""
    before = set(threading.enumerate())
    timers = _watch_qt_timers(monkeypatch) if "qapp" in request.fixturenames else []
    yield
    deadline = time.monotonic() + 3.0
    left = [thread for thread in threading.enumerate() if thread not in before and not thread.daemon]
    for thread in left:
        thread.join(max(0.0, deadline - time.monotonic()))
    alive = [thread.name for thread in left if thread.is_alive()]
    if alive:
        pytest.fail(f"threads left running: {', '.join(alive)}")
    running = _running(timers) if timers else []
    if running:
        pytest.fail(f"timers left running: {', '.join(running)}")


def _watch_qt_timers(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Return a list that grows by every QTimer that is started."""
    from PySide6.QtCore import QTimer

    started: list[object] = []
    original = QTimer.start

    def start(timer: QTimer, *interval: int) -> None:
        started.append(timer)
        original(timer, *interval)

    monkeypatch.setattr(QTimer, "start", start)
    return started


def _running(timers: list[object]) -> list[str]:
    """Return the timers that run although all closed widgets have been deleted."""
    from PySide6.QtCore import QCoreApplication, QEvent, QTimer
    from shiboken6 import isValid

    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    return [
        repr(timer)
        for timer in timers
        if isValid(timer) and isinstance(timer, QTimer) and timer.isActive() and not timer.isSingleShot()
    ]


@pytest.fixture(scope="session")
def room() -> "Iterator[VirtualRoom]":
    """Yield the virtual room that this process lives in; where Linux cannot have one, that is a failure."""
    from livedj.demo.room import VirtualRoom

    if sys.platform != "linux":
        pytest.skip(VirtualRoom.why_not() or "")
    with VirtualRoom() as virtual:
        virtual.enter_process()
        reopen_portaudio()
        yield virtual


def reopen_portaudio() -> None:
    """Let PortAudio look for its devices again, if it has looked already: a test module may have imported it early."""
    if "sounddevice" in sys.modules:
        import sounddevice

        sounddevice._terminate()
        sounddevice._initialize()


@pytest.fixture(scope="session")
def recordings() -> list[dict[str, str]]:
    """Return the rows of tracks.csv of the real recordings, each with its absolute `path` added."""
    table = MUSIC / "tracks.csv"
    if not table.exists():
        pytest.skip("the real recordings of ../shared/music are not on this machine")
    with table.open(encoding="utf-8", newline="") as lines:
        return [{**row, "path": str(MUSIC / row["file"])} for row in csv.DictReader(lines)]


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """Return an environment with empty folders of its own."""
    return {**os.environ, "XDG_DATA_HOME": str(tmp_path / "data"), "XDG_CONFIG_HOME": str(tmp_path / "config"),
            "XDG_STATE_HOME": str(tmp_path / "state")}  # fmt: skip


@pytest.fixture
def livedj(home: dict[str, str]) -> Livedj:
    """Return a function that runs livedj with some arguments to its end."""

    def run(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        done = subprocess.run([sys.executable, "-m", "livedj", *arguments], env=home | environment, text=True,
                              capture_output=True, timeout=PATIENCE, check=False)  # fmt: skip
        assert "Traceback" not in done.stderr
        return done

    return run
