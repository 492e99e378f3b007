"""The parent process: it starts the program, waits, and starts it again when it died in a night that goes on.

The program is a process group of its own, so that Ctrl-C reaches it once, through the parent, and that it goes on
should the parent be killed. What it leaves behind when it dies (decks that play on, scanner workers) is ended with it,
so that the next one has the room to itself. This file is light: it stands between a person and the start.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, cast

from livedj.night import heart, state
from livedj.night.sleep import clocks

if TYPE_CHECKING:  # NumPy would come along
    from livedj.music import Seconds

RESUME = "--resume"
"""The option with which the program is started again; its value is a sentence on what happened to the one before."""
FROZEN_AFTER = cast("Seconds", 10.0)
"""A thread that has not beaten for so long does not run any more; for less where the music would end before."""
DIES_AGAIN = 8.0
"""Seconds. A life shorter than this counts as the same trouble: the next one waits longer."""
LONGEST_WAIT = 30.0
"""Seconds before the program is started again, at most: 0, 1, 2, 4 …"""
_LOOK_EVERY = 0.5
_FORWARDED = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
_MEANT = {0, 1, 2, 130, 143} | {-number for number in _FORWARDED}
"""Exit codes of a program that has ended by itself, has refused in so many words, or was asked to go."""
_REFUSED = 1
_COULD_NOT_START = 71
"""EX_OSERR of sysexits.h."""


def supervise(
    command: Sequence[str], data: Path, say: Callable[[str], None], frozen_after: Seconds = FROZEN_AFTER
) -> int:
    """Run `command` until it ends for good, and return its exit code (128 + n where a signal n has ended it).

    To be called by the main thread. The command is started again, with RESUME and a sentence added, while the state in
    `data` says that the night goes on. `say` is given a sentence for the terminal whenever the program has died.
    """
    supervisor = _Supervisor(command, data, say, frozen_after)
    with supervisor.signals_taken():
        return supervisor.run()


class _Supervisor:
    """Starts one life after the other."""

    def __init__(
        self, command: Sequence[str], data: Path, say: Callable[[str], None], frozen_after: Seconds
    ) -> None:
        self._command = command
        self._data = data
        self._say = say
        self._frozen_after = frozen_after
        self._ear = _Ear()
        self._asked: int | None = None
        """The last signal with which somebody wanted it all to end."""
        self._to_forward: deque[int] = deque()

    @contextmanager
    def signals_taken(self) -> Iterator[None]:
        """Take the signals that mean the program; those that are ignored (nohup) stay so."""
        taken = [number for number in _FORWARDED if signal.getsignal(number) is not signal.SIG_IGN]
        before = {number: signal.signal(number, self._take_signal) for number in taken}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _take_signal(self, number: int, _frame: object) -> None:
        self._asked = number
        self._to_forward.append(number)
        self._ear.wake()

    def run(self) -> int:
        """Live life after life, until one has ended for good; return the exit code."""
        resume: list[str] = []
        wait = 0.0
        while True:
            began = time.monotonic()
            life = _Life([*self._command, *resume], self._ear, self._frozen_after, starts_again=bool(resume))
            code = self._accompany(life)
            refused = code == _REFUSED and resume  # what it could not do may pass, and nobody reads why
            if (code in _MEANT and not refused) or life.resting or self._asked is not None:
                return _exit_code(code)
            sentence = f"livedj {life.cause_of(code)}."
            if not state.load(self._data).goes_on:
                self._say(sentence)
                return _exit_code(code)
            life.clear_away()
            wait = min(LONGEST_WAIT, max(1.0, 2 * wait)) if resume and time.monotonic() - began < DIES_AGAIN else 0.0
            self._say(f"{sentence} It starts again {f'in {wait:.0f} s' if wait else 'at once'}.")
            if not self._rest(wait):
                return 128 + (self._asked or 0)
            resume = [RESUME, sentence]

    def _accompany(self, life: _Life) -> int:
        """Stay with a life until it has ended; return its exit code."""
        life.begin()
        while (code := life.code) is None:
            life.feel(self._ear.listen(_LOOK_EVERY))
            while self._to_forward:
                life.tell(self._to_forward.popleft())
            if life.frozen() and (self._asked is not None or state.load(self._data).goes_on):
                life.kill()
        while word := self._ear.listen(0.0):  # its last words
            life.feel(word)
        return code

    def _rest(self, seconds: float) -> bool:
        """Wait between two lives; False where somebody wants it all to end."""
        until = time.monotonic() + seconds
        while self._asked is None and (left := until - time.monotonic()) > 0:
            self._ear.listen(left)
        return self._asked is None


class _Ear:
    """The one place where the main thread waits: beats arrive here, and whoever wants it to look wakes it.

    Without a loopback interface (`port` is 0 then) it hears nothing: a death is noticed at the next look, and a freeze
    is not.
    """

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with suppress(OSError):
            self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]

    def listen(self, seconds: float) -> str:
        """Return the next word that arrives within that time; an empty one where none does."""
        self._socket.settimeout(seconds)
        try:
            return self._socket.recv(256).decode(errors="replace")
        except OSError:  # late, or (on Windows) a complaint about something that was sent
            return ""

    def wake(self) -> None:
        """Let `listen` return; from any thread, or a signal's handler."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender, suppress(OSError):
            sender.sendto(b"look", ("127.0.0.1", self.port))


class _Life:
    """One run of the program."""

    def __init__(self, command: Sequence[str], ear: _Ear, patience: Seconds, *, starts_again: bool) -> None:
        self._command = command
        self._ear = ear
        self._secret = os.urandom(8).hex()
        self._pulse = heart.Pulse(patience, *clocks(), starts_again=starts_again and ear.port != 0)
        self._process: subprocess.Popen[bytes] | None = None
        self._killed = False

    @property
    def code(self) -> int | None:
        """The exit code as Popen tells it; None while the program runs."""
        return self._process.poll() if self._process else _COULD_NOT_START

    @property
    def resting(self) -> bool:
        """Whether the program was being closed."""
        return self._pulse.resting

    def cause_of(self, code: int) -> str:
        """Say how it died, as the end of a sentence."""
        if self._killed:
            return "did not answer any more and was ended"
        return f"was ended by {_name(-code)}" if code < 0 else f"broke off with exit code {code}"

    def begin(self) -> None:
        """Start the program, and let its end wake the ear."""
        environment = {**os.environ, heart.VARIABLE: f"{self._ear.port}:{self._secret}"}
        try:
            process = subprocess.Popen(self._command, env=environment, process_group=0 if os.name == "posix" else None)
        except OSError:
            return
        self._process = process

        def wait() -> None:
            process.wait()
            self._ear.wake()

        threading.Thread(target=wait, name="waiter", daemon=True).start()

    def feel(self, word: str) -> None:
        """Take what was heard, if it is a beat of this life."""
        secret, _, thread = word.partition(":")
        if secret == self._secret:
            self._pulse.feel(thread, clocks()[0])

    def frozen(self) -> bool:
        """Tell whether a thread has stopped beating."""
        return self._pulse.silent(*clocks()) and not self._killed

    def tell(self, number: int) -> None:
        """Pass a signal on; Windows has sent it to every process of the console already."""
        if self._process is not None and os.name == "posix":
            self._process.send_signal(number)

    def kill(self) -> None:
        """End a program that has frozen."""
        if self._process is not None:
            self._killed = True
            self._process.kill()

    def clear_away(self) -> None:
        """End what the program has started and left behind; Windows does not say what that is."""
        if self._process is not None and sys.platform != "win32":
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)


def _exit_code(code: int) -> int:
    return code if code >= 0 else 128 - code


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
