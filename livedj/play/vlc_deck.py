"""A deck on libVLC: it never waits for its player, and replaces one that hangs."""

import threading
from pathlib import Path

from livedj.music import Seconds
from livedj.play.crossfade import Ramp
from livedj.play.deck import DeckEvent, DeckLost, DeckName, Post, Token
from livedj.play.vlc_driver import Job, VlcDriver, clock

LOOK_EVERY = Seconds(0.1)
"""Between two looks at the driver."""
CLOSE_WITHIN = Seconds(0.5)
FIRST_REST = Seconds(1.0)
"""After a driver broke, before the next begins; twice as long each time,"""
LONGEST_REST = Seconds(30.0)
"""but no longer than this. A driver that worked for so long has earned the first rest again."""


class VlcDeck:
    """The Deck that plays through libVLC. Importing this raises PlaybackError where libVLC is missing.

    Requests become jobs of a VlcDriver, whose thread makes every libVLC call. A second, light thread looks at the
    driver ten times a second, and only it decides that one hangs: a look at each request would find out no sooner when
    no request comes (a deck that plays gets none for minutes), and two judges could replace one driver twice.
    """

    def __init__(self, name: DeckName, post: Post, output: str | None = None) -> None:
        """Play to `output`, as libVLC names its devices, or to the default one. Events go to `post`, in any thread."""
        self._name = name
        self._post = post
        self._output = output
        # Re-entrant: whoever takes an event may send the next request at once.
        self._lock = threading.RLock()
        self._closed = threading.Event()
        self._driver = self._fresh_driver(pulse=False)
        self._due: Seconds | None = None
        """When to start the driver; None: it has been started."""
        self._started = clock()
        self._rest = FIRST_REST
        self._watch = threading.Thread(target=self._look_after_driver, name=f"watch {name}", daemon=True)
        self._driver.start()
        self._watch.start()

    def load(self, token: Token, path: Path, start: Seconds) -> None:
        """Replace what is loaded by `path`, cued at `start`. While the sound server is away, that waits for it."""
        self._send(lambda driver: driver.load(token, path, start))

    def play(self, token: Token) -> None:
        """Let the playhead run."""
        self._send(lambda driver: driver.play(token))

    def pause(self, token: Token) -> None:
        """Hold the playhead; the gain stays."""
        self._send(lambda driver: driver.pause(token))

    def seek(self, token: Token, position: Seconds) -> None:
        """Move the playhead, playing or not."""
        self._send(lambda driver: driver.seek(token, position))

    def ramp(self, token: Token, ramp: Ramp) -> None:
        """Let the gain follow `ramp`, in place of any earlier ramp."""
        self._send(lambda driver: driver.ramp(token, ramp))

    def unload(self, token: Token) -> None:
        """Stop and forget the song; no event follows."""
        self._send(lambda driver: driver.unload(token))

    def close(self) -> None:
        """Stop for good; waits at most half a second. A driver that hangs is left behind."""
        with self._lock:
            self._closed.set()
            driver = self._driver
        driver.stop(CLOSE_WITHIN)

    def _send(self, job: Job) -> None:
        with self._lock:
            self._driver.jobs.put(job)

    def _emit(self, driver: VlcDriver, event: DeckEvent) -> None:
        with self._lock:
            if driver is self._driver and not self._closed.is_set():
                self._post(event)

    def _fresh_driver(self, *, pulse: bool) -> VlcDriver:
        return VlcDriver(self._name, self._emit, self._output, self._lock, pulse=pulse)

    def _look_after_driver(self) -> None:
        while not self._closed.wait(LOOK_EVERY):
            with self._lock:
                if self._closed.is_set():
                    return
                now = clock()
                if self._due is not None:
                    self._start_when_due(now)
                elif self._driver.broken:
                    self._replace_driver(self._driver.broken, Seconds(now + self._next_rest(now)))
                elif self._driver.late(now):
                    self._replace_driver("it did not answer", now)

    def _next_rest(self, now: Seconds) -> Seconds:
        rest = self._rest if now - self._started < LONGEST_REST else FIRST_REST
        self._rest = Seconds(min(2 * rest, LONGEST_REST))
        return rest

    def _replace_driver(self, reason: str, due: Seconds) -> None:
        lost, self._driver = self._driver, self._fresh_driver(pulse=self._driver.pulse)
        lost.leave_to(self._driver)
        if lost.token is not None:
            self._post(DeckLost(self._name, lost.token, reason, output_gone=lost.asks_server))
        self._due = due
        self._start_when_due(clock())

    def _start_when_due(self, now: Seconds) -> None:
        if self._due is not None and now >= self._due:
            self._due, self._started = None, now
            self._driver.start()
