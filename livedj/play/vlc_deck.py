"""A deck on libVLC: it never waits for its player, and replaces one that hangs or dies."""

import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from operator import methodcaller
from pathlib import Path
from typing import Any

from livedj.music import Gain, Seconds
from livedj.play.crossfade import Ramp
from livedj.play.deck import AS_RECORDED, DeckEnded, DeckFailed, DeckLost, DeckName, Post, Token
from livedj.play.vlc_process import BEAT, Begun, Dying, Opened, Report, serve

PATIENCE = 5
"""Beats that may fail to come before a process is taken to hang. Beats, not seconds: after the computer has slept, or
this program was stopped, the next one comes in time."""
FIRST_PATIENCE = 150
"""The same before a process has opened libVLC, which on a cold disk takes seconds."""
CLOSE_WITHIN = Seconds(0.5)
EARNED = Seconds(5.0)
"""A process that has lived for so long is replaced at once. After one that has not, the deck rests:"""
FIRST_REST = Seconds(0.25)
"""so long, then twice as long each time,"""
LONGEST_REST = Seconds(30.0)
"""but no longer than this."""

_log = logging.getLogger(__name__)
# A fork of this program would copy our threads' locks as they stand. On Linux processes are forked from a server that
# runs none of our threads and has imported what a deck needs: the half second that this takes would be heard when a
# deck dies.
if sys.platform == "linux":
    _processes = multiprocessing.get_context("forkserver")
    _processes.set_forkserver_preload([serve.__module__])
else:
    _processes = multiprocessing.get_context("spawn")


@contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Keep SIGINT from the processes that this thread starts, which pass it over only once they have been imported."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # left to the first process, it would lift the block
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class VlcDeck:
    """The Deck that plays through libVLC, in a process of its own.

    One thread takes what the process reports, and is the only one to judge it and to replace it.
    """

    def __init__(
        self, name: DeckName, post: Post, output: str | None = None, serve: Callable[..., None] = serve
    ) -> None:
        """Play to `output`, as libVLC names its devices, or to the default one. Events go to `post`, in any thread.

        `serve` is the life of the process: a function that it can import.
        """
        self._name = name
        self._post = post
        self._output = output
        self._serve = serve
        # Re-entrant: whoever takes an event may send the next request at once.
        self._lock = threading.RLock()
        self._closed = threading.Event()
        self._token: Token | None = None
        """The load in hand: what is lost with its process."""
        self._wanted: Token | None = None
        self._waiting: list[Any] = []
        """The load of `_wanted`, and what was asked of it since, until a process has begun it: should this one die
        before that, it is the next one's."""
        self._pulse = False
        self._last_word = Dying("its process ended", output_gone=False)
        self._rest = FIRST_REST
        self._began, self._missed, self._patience = _clock(), 0, FIRST_PATIENCE
        self._connection, self._process = self._start_process()
        self._thread = threading.Thread(target=self._look_after_process, name=f"deck {name}", daemon=True)
        self._thread.start()

    def load(self, token: Token, path: Path, start: Seconds, level: Gain = AS_RECORDED) -> None:
        """Replace what is loaded by `path`, cued at `start`. While the sound server is away, that waits for it."""
        with self._lock:
            self._wanted, self._waiting = token, []
            self._send(methodcaller("load", token, path, start, level), begins=True)

    def play(self, token: Token, at: Seconds | None = None) -> None:
        """Let the song be heard from the moment `at` on."""
        self._send(methodcaller("play", token, at))

    def pause(self, token: Token) -> None:
        """Hold the playhead; the gain stays."""
        self._send(methodcaller("pause", token))

    def seek(self, token: Token, position: Seconds) -> None:
        """Move the playhead, playing or not."""
        self._send(methodcaller("seek", token, position))

    def ramp(self, token: Token, ramp: Ramp) -> None:
        """Let the gain follow `ramp`, in place of any earlier ramp."""
        self._send(methodcaller("ramp", token, ramp))

    def unload(self, token: Token) -> None:
        """Stop and forget the song; no event follows."""
        with self._lock:
            if self._token == token:
                self._token = None
            self._send(methodcaller("unload", token))

    def close(self) -> None:
        """Stop for good; waits at most half a second. A process that hangs is killed."""
        with self._lock:
            self._closed.set()
            with suppress(OSError):
                self._connection.send(None)
            process = self._process
        process.join(CLOSE_WITHIN)
        process.kill()

    def _send(self, request: Any, *, begins: bool = False) -> None:
        """Hand a request over. The pipe holds hundreds: one that nobody empties is replaced long before it is full."""
        with self._lock:
            if begins or self._waiting:
                self._waiting.append(request)
            with suppress(OSError):  # the process has just died, and the thread is about to see it
                self._connection.send(request)

    # The process --------------------------------------------------------------------------------------------------

    def _start_process(self) -> tuple[Connection, BaseProcess]:
        """Return the pipe to a new process, and the process."""
        ours, theirs = _processes.Pipe()
        process = _processes.Process(
            target=self._serve,
            args=(theirs, self._name, self._output),
            kwargs={"pulse": self._pulse, "environment": dict(os.environ)},
            name=f"livedj deck {self._name}",
            daemon=True,
        )
        with theirs, _interrupts_blocked():  # so that its end is the end of the pipe
            process.start()
        return ours, process

    def _look_after_process(self) -> None:
        while not self._closed.is_set():
            try:
                alive = self._heard_from()
            except (EOFError, OSError):
                alive = False
            if not alive:
                self._replace_process()

    def _heard_from(self) -> bool:
        """Take one report, or miss one; tell whether the process may still live."""
        if self._connection.poll(BEAT):
            self._take(self._connection.recv())
            self._missed = 0
            return True
        self._missed += 1
        if self._missed < self._patience:
            return True
        self._last_word = Dying("it did not answer", output_gone=False)
        return False

    def _take(self, report: Report) -> None:
        with self._lock:
            match report:
                case None:
                    pass
                case Opened(pulse):
                    self._pulse, self._patience = pulse, PATIENCE
                case Begun(token):
                    self._token = token
                    self._waiting = [] if token == self._wanted else self._waiting
                case Dying():
                    self._last_word = report
                    _log.error("deck %s: %s\n%s", self._name, report.reason, report.trace)
                case event if not self._closed.is_set():
                    if isinstance(event, DeckEnded | DeckFailed | DeckLost):
                        self._token = None
                    self._post(event)

    def _replace_process(self) -> None:
        with self._lock:
            if self._closed.is_set():
                return
            lost, last_word = self._token, self._last_word
            self._token, self._last_word = None, Dying("its process ended", output_gone=False)
            if lost is not None:
                self._post(DeckLost(self._name, lost, last_word.reason, last_word.output_gone))
            self._connection.close()
        self._process.kill()
        self._process.join(CLOSE_WITHIN)  # one that waits for a dying disk cannot even be killed
        while not self._closed.wait(self._next_rest()):
            if self._begun_process():
                return

    def _begun_process(self) -> bool:
        """Begin a new process, without holding up who sends meanwhile, and hand it what waits."""
        self._began = _clock()
        try:
            connection, process = self._start_process()
        except (OSError, EOFError):  # no memory, or too many processes: after a rest there may be room
            _log.exception("deck %s: no new process", self._name)
            return False
        with self._lock:
            self._connection, self._process = connection, process
            self._missed, self._patience = 0, FIRST_PATIENCE
            if self._closed.is_set():
                process.kill()
            for request in self._waiting:
                with suppress(OSError):
                    connection.send(request)
        return True

    def _next_rest(self) -> Seconds:
        if _clock() - self._began >= EARNED:
            self._rest = FIRST_REST
            return Seconds(0.0)
        rest, self._rest = self._rest, Seconds(min(2 * self._rest, LONGEST_REST))
        return rest


def _clock() -> Seconds:
    return Seconds(time.monotonic())
