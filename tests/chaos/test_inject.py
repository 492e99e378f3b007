"""The faults from within, on a stand-in for libVLC's binding."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.chaos.program import INJECT

ENOUGH = 60.0
STAND_IN = """
class MediaPlayer:
    def stop(self):
        print("stopped")
"""
Run = Callable[[str], "subprocess.Popen[str]"]


@pytest.fixture
def triggers(tmp_path: Path) -> Path:
    folder = tmp_path / "triggers"
    folder.mkdir()
    return folder


@pytest.fixture
def run(tmp_path: Path, triggers: Path) -> Run:
    """Return what runs a line of Python as the program's processes are run."""
    (tmp_path / "vlc.py").write_text(STAND_IN, encoding="utf-8")
    path = os.pathsep.join([str(INJECT), str(tmp_path)])
    environment = {**os.environ, "PYTHONPATH": path, "LIVEDJ_CHAOS": str(triggers)}

    def start(line: str) -> subprocess.Popen[str]:
        return subprocess.Popen([sys.executable, "-c", line], env=environment, stdout=subprocess.PIPE, text=True)

    return start


STOP = "import vlc; vlc.MediaPlayer().stop()"


def test_without_a_trigger_nothing_happens(run: Run) -> None:
    process = run(STOP)
    assert process.communicate(timeout=ENOUGH)[0] == "stopped\n"
    assert process.returncode == 0


def test_one_stop_crashes_and_the_next_does_not(run: Run, triggers: Path) -> None:
    (triggers / "crash").touch()
    first = run(STOP)
    first.communicate(timeout=ENOUGH)
    second = run(STOP)
    second.communicate(timeout=ENOUGH)
    assert (first.returncode, second.returncode) == (-signal.SIGSEGV, 0)


def test_one_stop_hangs_until_the_trigger_is_gone(run: Run, triggers: Path) -> None:
    (triggers / "hang").touch()
    first = run(STOP)
    deadline = time.monotonic() + ENOUGH
    while not (triggers / "hung").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)  # polls the folder of triggers
    second = run(STOP)
    assert second.communicate(timeout=ENOUGH)[0] == "stopped\n"
    assert first.poll() is None
    (triggers / "hung").unlink()
    assert first.communicate(timeout=ENOUGH)[0] == "stopped\n"


def test_the_wall_clock_jumps_and_the_monotonic_one_does_not(run: Run, triggers: Path) -> None:
    (triggers / "clock").write_text("3600", encoding="utf-8")
    process = run("import time, datetime; print(time.time(), datetime.datetime.now().timestamp(), time.monotonic())")
    wall, dated, monotonic = map(float, process.communicate(timeout=ENOUGH)[0].split())
    assert wall == pytest.approx(time.time() + 3600, abs=ENOUGH)
    assert dated == pytest.approx(time.time() + 3600, abs=ENOUGH)
    assert monotonic == pytest.approx(time.monotonic(), abs=ENOUGH)
