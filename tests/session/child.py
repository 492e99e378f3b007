"""A program to be supervised: `python -m tests.session.child DATA WAY`. It says on its terminal what befalls it.

    life <pid> <sentence>   it began; the sentence says what happened to the one before
    tick <n>                it goes on
    got <signal>            it was asked to go

WAY says how it lives: `on` goes on, saves the night at every tick and ends with 7 when it is asked to; `exit:3` ends
with that code; `crash` and `quiet crash` end by SIGSEGV, the latter after it has said that it is being closed; `deaf`
goes on, but its window beats only once; `heir` goes on and starts a process that holds a lock.
"""

import fcntl
import os
import signal
import subprocess
import sys
import threading
from itertools import count
from pathlib import Path

from livedj.music import TrackId
from livedj.night.heart import Heart
from livedj.night.state import NightState, load, save

_HEIR = """
import fcntl, signal, sys
lock = open(sys.argv[1], "a")
fcntl.flock(lock, fcntl.LOCK_EX)
print("held", flush=True)
signal.pause()
"""


def _say(sentence: str) -> None:
    os.write(1, f"{sentence}\n".encode())  # one write: the parent and an heir say something, too


def _asked(number: int, _frame: object) -> None:
    _say(f"got {signal.Signals(number).name}")
    sys.exit(7)


def _main(data: Path, way: str, _resume: str = "", sentence: str = "") -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _asked)
    heart = Heart.from_environment()
    _say(f"life {os.getpid()} {sentence}")
    kind, _, code = way.partition(":")
    if kind == "exit":
        sys.exit(int(code))
    if kind == "quiet crash":
        heart.rest()
    if kind.endswith("crash"):
        signal.raise_signal(signal.SIGSEGV)
    if kind == "heir":
        subprocess.Popen([sys.executable, "-c", _HEIR, str(data / "lock")])
    heart.beat("window")
    pause = threading.Event()
    for tick in count():
        heart.beat("conductor")
        if kind != "deaf":
            heart.beat("window")
        save(NightState(load(data).auto, played=tuple(map(TrackId, range(tick % 100)))), data)
        _say(f"tick {tick}")
        pause.wait(0.01)


def lock_is_free(data: Path) -> bool:
    """Tell whether nobody holds the heir's lock."""
    with (data / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


if __name__ == "__main__":
    _main(Path(sys.argv[1]), *sys.argv[2:])
