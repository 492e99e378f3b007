"""How the parent process knows that the program lives: its threads beat, and whoever has beaten must go on.

A beat is one datagram to the parent on the loopback interface: that works alike on Linux, macOS and Windows, never
waits, touches no disk (a full or vanished one must not look like death), and does not mind when the parent is gone.
"""

from __future__ import annotations

import os
import socket
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from livedj.night.sleep import SleepWatch

if TYPE_CHECKING:  # NumPy would come along
    from livedj.music import Seconds

VARIABLE = "LIVEDJ_HEART"
"""Of the child's environment: the parent's port and the life's secret, `port:secret`."""
BEAT_EVERY = 0.5
"""Seconds between two beats of one thread; a thread may call `beat` as often as it likes."""
SHORTEST_PATIENCE = 3.0
"""Seconds without a beat that every thread may take, however soon it is needed."""
ASLEEP_AFTER = 3.0
"""Seconds without a look, although a look is due every second: whoever looks was stopped, so others may have been."""
LONGEST_START = 60.0
"""Seconds from the start to the first beat of a program that goes on by itself."""
_REST = "rest"


class Heart:
    """The program's side. Any thread may beat; without a parent that listens, nothing happens."""

    def __init__(self, address: str) -> None:
        self._socket: socket.socket | None = None
        self._last: dict[str, float] = {}
        port, _, self._secret = address.partition(":")
        if port.isdecimal():
            self._parent = ("127.0.0.1", int(port))
            self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self._socket.setblocking(False)

    @classmethod
    def from_environment(cls) -> Heart:
        """Return the heart that the parent listens to. No process that this one starts inherits it."""
        return cls(os.environ.pop(VARIABLE, ""))

    def beat(self, thread: str, needed_in: Seconds | None = None) -> None:
        """Say that `thread` lives; from its own loop, at least once a second.

        Where it is `needed_in` so many seconds, the parent has no more patience with it than that.
        """
        now = time.monotonic()
        if now - self._last.get(thread, -BEAT_EVERY) >= BEAT_EVERY:
            self._last[thread] = now
            self._send(thread if needed_in is None else f"{thread} {needed_in:.1f}")

    def rest(self) -> None:
        """Say that the program is being closed: from now on nobody need beat, and however it ends, it has ended."""
        self._send(_REST)

    def close(self) -> None:
        """Let go of the socket."""
        if self._socket is not None:
            self._socket.close()

    def _send(self, word: str) -> None:
        if self._socket is not None:
            with suppress(OSError):
                self._socket.sendto(f"{self._secret}:{word}".encode(), self._parent)


class Pulse:
    """The parent's side of one life of the program: feels who has stopped beating. Pure: it is fed the clocks.

    `patience` is how long a thread that has beaten may be silent, if it is not needed earlier. A program that
    `starts_again` must beat within LONGEST_START; one that a person has started may take its time.
    """

    def __init__(self, patience: Seconds, awake: Seconds, passed: Seconds, *, starts_again: bool) -> None:
        self.resting = False
        """The program is being closed."""
        self._patience = patience
        self._looked = awake
        self._sleep = SleepWatch(awake, passed)
        self._first_due = awake + LONGEST_START if starts_again else None
        self._due: dict[str, float] = {}

    def feel(self, word: str, awake: Seconds) -> None:
        """Take a beat that has arrived."""
        self._first_due = None
        if word == _REST:
            self.resting = True
        else:
            thread, _, needed_in = word.partition(" ")
            soon = max(SHORTEST_PATIENCE, float(needed_in)) if needed_in else self._patience
            self._due[thread] = awake + min(self._patience, soon)

    def silent(self, awake: Seconds, passed: Seconds) -> bool:
        """Tell whether a thread has stopped beating; to be asked every second or more often."""
        if self._sleep.slept(awake, passed) or awake - self._looked > ASLEEP_AFTER:
            # Nobody could beat, or nobody could feel it: all begin afresh.
            self._due = dict.fromkeys(self._due, awake + self._patience)
            self._first_due = self._first_due and awake + LONGEST_START
        self._looked = awake
        due = [*self._due.values(), *([] if self._first_due is None else [self._first_due])]
        return not self.resting and any(awake > moment for moment in due)
