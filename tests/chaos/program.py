"""The program under test, run as a person runs it: a tree of processes, known by what they have loaded."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from livedj.library.catalogue import FILE_NAME
from livedj.music import Seconds

INJECT = Path(__file__).parent / "inject"
_COMMAND = str(Path(sys.executable).with_name("livedj"))
_PROC = Path("/proc")
_STOP_WITHIN = 10.0
_LOOK = 0.05
_DATABASE_WITHIN = 10.0
_MARK = "LIVEDJ_CHAOS"
# Names the folder of triggers in the environment of every process of the tree, orphans too.


class Role(StrEnum):
    """What a process of the tree is for."""

    PARENT = "parent"
    """Looks after the program, or has not loaded yet what would tell its role."""
    PROGRAM = "program"
    """The window, the ear and the auto-DJ."""
    DECK = "deck"
    WORKER = "worker"
    """Reads songs for a scan."""


_LOADED = ((Role.PROGRAM, "libQt6Core"), (Role.DECK, "/vlc/plugins/"), (Role.WORKER, "/site-packages/av/"))
"""The library that gives a process away; the first that fits counts."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What the whole tree uses."""

    at: Seconds
    program: int
    """The process number of the program; 0 while there is none."""
    resident: Counter[Role]
    """Bytes, by what the processes are for."""
    threads: int
    files: int
    """Open file descriptors."""


@dataclass(frozen=True, slots=True)
class Held:
    """A song's file that a deck has open."""

    process: int
    path: Path
    since: Seconds


class Program:
    """One livedj with folders of its own, in the room of `environment`."""

    def __init__(self, home: Path, music: Path, environment: Mapping[str, str]) -> None:
        self.home = home
        self.data = home / "data" / "livedj"
        self.settings = home / "config" / "livedj" / "settings.toml"
        self.triggers = home / "triggers"
        self.triggers.mkdir(parents=True)
        self._music = music
        self._environment = {
            **os.environ,
            **environment,
            "QT_QPA_PLATFORM": "offscreen",
            "XDG_DATA_HOME": str(home / "data"),
            "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_STATE_HOME": str(home / "state"),
            "XDG_CACHE_HOME": str(home / "cache"),
            "PYTHONPATH": str(INJECT),
            "PYTHONFAULTHANDLER": "1",
            _MARK: str(self.triggers),
        }
        self._mark = f"{_MARK}={self.triggers}".encode() + b"\0"
        self._root: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._roles: dict[int, Role] = {}
        self._held: dict[tuple[int, Path], Seconds] = {}
        self._orders = 0

    # Life ---------------------------------------------------------------------------------------------------------

    def run(self, *words: str) -> None:
        """Run one command of livedj to its end. Raises CalledProcessError where it fails."""
        with self._log() as log:
            subprocess.run([_COMMAND, *words], env=self._environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                           check=True)

    def start(self) -> None:
        """Open the window."""
        with self._log() as log:
            self._root = subprocess.Popen([_COMMAND, "run"], env=self._environment, stdin=subprocess.DEVNULL,
                                          stdout=log, stderr=log, start_new_session=True)

    @property
    def gone(self) -> bool:
        """Whether nothing is left of what a person has started, so that only a hand can bring it back."""
        return (self._root is None or self._root.poll() is not None) and not self.processes(Role.PROGRAM)

    def stop(self) -> None:
        """Close the window as Ctrl-C does, and kill what is left."""
        for number in self.processes(Role.PROGRAM):
            send(number, signal.SIGINT)
        deadline = time.monotonic() + _STOP_WITHIN
        while self.processes() and time.monotonic() < deadline:
            self._reap()
            time.sleep(_LOOK)
        self.signal(signal.SIGKILL)
        if self._root is not None:
            self._root.wait()

    def signal(self, what: signal.Signals) -> None:
        """Send a signal to the whole tree."""
        for number in self.processes():
            send(number, what)

    def _reap(self) -> None:
        if self._root is not None:
            self._root.poll()

    def _log(self) -> BinaryIO:
        return (self.home / "program.log").open("ab")

    def history(self) -> int:
        """Return how many songs the catalogue's history holds."""
        with contextlib.closing(sqlite3.connect(self.data / FILE_NAME, timeout=_DATABASE_WITHIN)) as connection:
            [(count,)] = connection.execute("SELECT COUNT(*) FROM history").fetchall()
        return int(count)

    # What a person at the window does -----------------------------------------------------------------------------

    def skip(self) -> None:
        """Click on "next"."""
        self._order("skip")

    def scan(self, folder: Path) -> None:
        """Add a music folder."""
        self._order(f"scan {folder}")

    def _order(self, wish: str) -> None:
        self._orders += 1
        draft = self.triggers / "draft"
        draft.write_text(wish, encoding="utf-8")
        draft.rename(self.triggers / f"order-{self._orders:06}")

    # What it is made of -------------------------------------------------------------------------------------------

    def processes(self, role: Role | None = None) -> list[int]:
        """Return the processes of the tree, or those of one role, the oldest first."""
        return [number for number, its in self._tree().items() if role in (None, its)]

    def _tree(self) -> dict[int, Role]:
        with self._lock:
            ours = {number: self._roles.get(number, Role.PARENT) for number in _running() if self._is_ours(number)}
            self._roles = {number: _role(number) if role is Role.PARENT else role for number, role in ours.items()}
            return self._roles

    def _is_ours(self, number: int) -> bool:
        """Tell by the environment, which orphans keep too. That of a process that has ended is empty."""
        with contextlib.suppress(OSError):
            return self._mark in (_PROC / str(number) / "environ").read_bytes()
        return False

    def held(self) -> list[Held]:
        """Return the songs that the decks have open, the one opened first at the head. Look often: it notes when."""
        now = Seconds(time.monotonic())
        opened = {
            (number, path)
            for number, role in self._tree().items()
            if role in (Role.DECK, Role.PROGRAM)
            for path in _open_files(number)
            if self._music in path.parents
        }
        with self._lock:
            self._held = {key: self._held.get(key, now) for key in opened}
            held = [Held(number, path, since) for (number, path), since in self._held.items()]
        return sorted(held, key=lambda one: one.since)

    def cost(self) -> Cost:
        """Return what the tree uses now. Scan workers, which come and go, are left out."""
        program, threads, files = 0, 0, 0
        resident: Counter[Role] = Counter()
        for number, role in self._tree().items():
            if role is Role.WORKER:
                continue
            program = number if role is Role.PROGRAM else program
            with contextlib.suppress(OSError):  # it has just ended
                status = _status(number)
                resident[role] += 1024 * status.get("VmRSS", 0)
                threads += status.get("Threads", 0)
                files += len(os.listdir(_PROC / str(number) / "fd"))  # noqa: PTH208 (a count of links that come and go)
        return Cost(Seconds(time.monotonic()), program, resident, threads, files)


def send(number: int, what: signal.Signals) -> None:
    """Send a signal to a process that may just have ended."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(number, what)


def _running() -> list[int]:
    return sorted(int(folder.name) for folder in _PROC.iterdir() if folder.name.isdigit())


def _role(number: int) -> Role:
    """Tell a process's role by what it has loaded so far."""
    with contextlib.suppress(OSError):
        loaded = (_PROC / str(number) / "maps").read_text(encoding="utf-8", errors="replace")
        return next((role for role, library in _LOADED if library in loaded), Role.PARENT)
    return Role.PARENT


def _open_files(number: int) -> list[Path]:
    """Return the files that a process has open, under their present names; deleted ones are left out."""
    found = []
    with contextlib.suppress(OSError):
        for link in (_PROC / str(number) / "fd").iterdir():
            with contextlib.suppress(OSError):  # closed meanwhile
                found.append(link.readlink())
    return found


def _status(number: int) -> dict[str, int]:
    """Return the lines of /proc/N/status that are numbers."""
    lines = (_PROC / str(number) / "status").read_text(encoding="utf-8").splitlines()
    pairs = (line.split(":", 1) for line in lines)
    return {name: int(value.split()[0]) for name, value in pairs if value.split() and value.split()[0].isdigit()}
