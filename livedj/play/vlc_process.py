"""The process that plays one deck's songs: libVLC lives here, so that one that hangs or dies can be done away with.

Requests come through a pipe as jobs of a VlcDriver, reports go back. A libVLC call that does not return ends the
process: nothing else frees its threads, its stream and its memory.
"""

import os
import signal
import threading
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection

from livedj.music import Seconds
from livedj.play.deck import DeckEvent, DeckName, Token
from livedj.play.vlc_driver import VlcDriver

BEAT = Seconds(0.2)
"""Between two signs of life."""


@dataclass(frozen=True, slots=True)
class Opened:
    """LibVLC is ready."""

    pulse: bool
    """Whether it plays to a sound server that can be asked."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A load is in hand: should the process die from now on, that song is lost, and perhaps to blame."""

    token: Token


@dataclass(frozen=True, slots=True)
class Dying:
    """The last word of a process that cannot go on."""

    reason: str
    output_gone: bool
    trace: str = ""
    """Where in the code a mistake of ours happened, for the log."""


Report = DeckEvent | Opened | Begun | Dying | None
"""None is a sign of life."""


def serve(
    connection: Connection, name: DeckName, output: str | None, *, pulse: bool, environment: Mapping[str, str]
) -> None:
    """Do what comes through the pipe until it closes. The whole life of the process.

    `environment` is the program's as it is now; a forked process is born with that of the time at which the server was
    started, and libVLC reads there where the sound server is.
    """
    os.environ.clear()
    os.environ.update(environment)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the program, which then closes the pipe
    _Server(connection, name, output, pulse=pulse).run()


class _Server:
    """The driver in the main thread, and beside it one thread that takes requests and one that watches the driver."""

    def __init__(self, connection: Connection, name: DeckName, output: str | None, *, pulse: bool) -> None:
        self._connection = connection
        self._sending = threading.Lock()
        self._driver = VlcDriver(name, self._tell, self._begun, output, pulse=pulse)

    def run(self) -> None:
        for work in (self._take_requests, self._watch_driver):
            threading.Thread(target=work, daemon=True).start()
        try:
            self._driver.open()
            self._send(Opened(self._driver.pulse))
            self._driver.run()
        except Exception as error:  # noqa: BLE001 the one handler of this process: the deck gets a fresh one
            self._die(Dying(f"{type(error).__name__}: {error}", output_gone=False, trace=traceback.format_exc()))
        os._exit(0)  # without libVLC's own farewell, which may hang

    def _take_requests(self) -> None:
        while True:
            try:
                job = self._connection.recv()
            except (EOFError, OSError):  # the program is gone
                job = None
            self._driver.jobs.put(job)
            if job is None:
                return

    def _watch_driver(self) -> None:
        """Send a sign of life, and see whether a libVLC call has been under way for too long.

        It is looks that count, not the clock: a machine that slept, or a process that was stopped, is not late.
        """
        pause, looks, call, parent = threading.Event(), 0, self._driver.call, os.getppid()
        while True:
            pause.wait(BEAT)
            if os.getppid() != parent:  # the server that forked us is gone, and nobody could kill us any more
                self._die(Dying("its parent process ended", output_gone=False))
            self._send(None)
            looks = looks + 1 if self._driver.call is call else 0
            call = self._driver.call
            if call is not None and looks * BEAT > call.limit:
                self._die(Dying("it did not answer", call.asks_server))

    def _tell(self, event: DeckEvent) -> None:
        self._send(event)

    def _begun(self, token: Token) -> None:
        self._send(Begun(token))

    def _send(self, report: Report) -> None:
        with self._sending:
            try:
                self._connection.send(report)
            except OSError:  # the program is gone
                os._exit(1)

    def _die(self, last_word: Dying) -> None:
        self._send(last_word)
        os._exit(1)
