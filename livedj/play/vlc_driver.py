"""The thread that makes all libVLC calls of one deck, until it hangs and is left behind."""

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from livedj.errors import PlaybackError
from livedj.music import Gain, Seconds
from livedj.play.crossfade import Ramp
from livedj.play.deck import (
    REPORT_EVERY,
    DeckCued,
    DeckEnded,
    DeckEvent,
    DeckFailed,
    DeckLost,
    DeckMoved,
    DeckName,
    Token,
)
from livedj.play.sound_output import SoundOutput
from livedj.play.vlc_song import Notice, Sign, VlcSong, open_vlc

CALL_LIMIT = Seconds(0.5)
"""A libVLC call that takes longer hangs: they take 1–10 ms."""
OPENING_LIMIT = Seconds(30.0)
"""Reading some 200 plugins from a cold disk takes seconds, and nothing plays yet that could be late."""
SERVER_LIMIT = Seconds(1.0)
"""The sound server answers in 1–2 ms; to connect, pulsectl always takes the whole time it is given."""
CUE_LIMIT = Seconds(2.5)
"""A song that is not ready by then never will be: 5–60 ms are usual, and a broken file gives no other sign."""
GAIN_STEP = Seconds(0.04)
"""Between two settings of the gain; with 50 ms a fade is heard as a slight zipper noise."""
CUE_STEP = Seconds(0.02)
SHORTEST_REST = Seconds(1.5)
"""No seek goes nearer to the end: libVLC buffers 1 s before it is ready, and waits for it for ever."""
STREAM_LIMIT = Seconds(1.0)
"""A playing song without a stream in the sound server for so long is heard by nobody."""

_log = logging.getLogger(__name__)


def clock() -> Seconds:
    """Return the moment now on the monotonic clock."""
    return Seconds(time.monotonic())


@dataclass(slots=True)
class _Loaded:
    """What is in the deck."""

    token: Token
    path: Path
    position: Seconds
    """Where to cue it."""
    song: VlcSong | None = None
    """None while the sound server is away."""
    cue_by: Seconds = Seconds(0.0)
    duration: Seconds | None = None
    """None until it was cued once."""
    cued: bool = False
    playing: bool = False
    """As it was asked for; a song that is not cued yet begins as soon as it is."""
    gain: Gain = Gain(0.0)
    ramp: Ramp | None = None
    streamed: bool = False
    """Whether the sound server has had a stream of it: else its loss may be the song's own fault."""
    heard: Seconds = Seconds(0.0)
    """When the sound server was last seen to have its stream, or did not have to."""


class VlcDriver:
    """Takes jobs one by one, and between them does what is due: cueing, the gain, the playhead's reports.

    A job is a function of the driver that carries it out, since a job that waits when its driver is left behind goes to
    the next one. The methods named like the deck's are called by jobs only.
    """

    def __init__(
        self,
        name: DeckName,
        emit: Callable[["VlcDriver", DeckEvent], None],
        output: str | None,
        lock: AbstractContextManager[Any],
        *,
        pulse: bool,
    ) -> None:
        """Report to `emit`. `lock` guards whose turn it is; `pulse`: the deck is known to play to a sound server."""
        self.jobs: queue.SimpleQueue[Job] = queue.SimpleQueue()
        self._name = name
        self._emit = emit
        self._output = output
        self._lock = lock
        self._application = f"livedj.deck.{name}"
        self._server = SoundOutput(self._application)
        self._instance: Any = None
        self._why_not = ""
        self.pulse = pulse
        self.token: Token | None = None
        """The load in hand: what is lost with this driver."""
        self.broken = ""
        """Why the thread ended by itself; empty while it works."""
        self.asks_server = False
        """Whether the call under way asks the sound server: should it hang, no song is to blame."""
        self._unbegun: Job | None = None
        """The load in hand while the song before is stopped."""
        self._loaded: _Loaded | None = None
        self._late_from: Seconds | None = None
        self._look_at = Seconds(0.0)
        self._successor: Self | None = None
        self._closing = False
        self._thread = threading.Thread(target=self._run, name=f"deck {name}", daemon=True)

    # For the deck, from other threads -----------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def stop(self, wait: Seconds) -> None:
        """End after the job in hand; wait for that so long."""
        self._closing = True
        self.jobs.put(_wake)
        if self._thread.is_alive():
            self._thread.join(wait)

    def late(self, now: Seconds) -> bool:
        """Tell whether a libVLC call has been under way for too long."""
        late_from = self._late_from
        return late_from is not None and now > late_from

    def leave_to(self, successor: Self) -> None:
        """Let `successor` do the jobs that wait. Should the call that hangs ever return, this driver ends."""
        self._successor = successor
        if self._unbegun is not None:
            successor.jobs.put(self._unbegun)
        while (job := _next(self.jobs, Seconds(0.0))) is not None:
            successor.jobs.put(job)
        self.jobs.put(_wake)

    # Jobs ---------------------------------------------------------------------------------------------------------

    def load(self, token: Token, path: Path, start: Seconds) -> None:
        """Replace what is loaded."""
        self._unbegun = lambda driver: driver.load(token, path, start)
        self._drop()
        with self._lock:
            if self._successor is not None:
                return  # stopping the song before took too long: this load is the successor's
            self._unbegun, self.token = None, token
        self._loaded = _Loaded(token, path, start)
        self._cue(self._loaded)

    def play(self, token: Token) -> None:
        """Let the playhead run, now or as soon as the song is cued."""
        if (loaded := self._of(token)) and not loaded.playing:
            loaded.playing = True
            self._run_or_hold(loaded)

    def pause(self, token: Token) -> None:
        """Hold the playhead."""
        if (loaded := self._of(token)) and loaded.playing:
            loaded.playing = False
            self._run_or_hold(loaded)

    def seek(self, token: Token, position: Seconds) -> None:
        """Cue the song again, at `position`. A file that was taken away meanwhile plays on as it does."""
        loaded = self._of(token)
        if loaded is None or not self._exists(loaded.path):
            return
        last = position if loaded.duration is None else loaded.duration - SHORTEST_REST
        loaded.position = Seconds(max(0.0, min(position, last)))
        if loaded.song:
            self._silence(loaded.song)
            loaded.song = None
        self._cue(loaded)

    def ramp(self, token: Token, ramp: Ramp) -> None:
        """Let the gain follow `ramp`."""
        if loaded := self._of(token):
            loaded.ramp = ramp

    def unload(self, token: Token) -> None:
        """Forget the song."""
        if self._of(token):
            self.token = None
            self._drop()

    def _notice(self, notice: Notice, at: Seconds) -> None:
        loaded = self._loaded
        if loaded is None or notice.song is not loaded.song:
            return
        match notice.sign:
            case Sign.BUFFERED:
                self._go_on_cueing(loaded)
            case Sign.MOVED:
                notice.song.moved(notice.time, at)
            case Sign.ENDED if loaded.cued:
                self._drop()
                self._report(DeckEnded(self._name, loaded.token))
            case Sign.ENDED | Sign.BROKEN:
                self._fail("it is broken, or no music")

    # The thread ---------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            self._open()
            while self._take_turn():
                pass
        except Exception as error:  # noqa: BLE001 the one handler of this thread: the deck gets a fresh driver
            _log.exception("the driver of deck %s broke off", self._name)
            self.broken = f"{type(error).__name__}: {error}"
        finally:
            for give_back in (self._drop, self._server.close, self._release):
                with suppress(Exception):  # what broke may well break again, and was logged
                    give_back()

    def _take_turn(self) -> bool:
        job = _next(self.jobs, self._pause_before_next())
        with self._lock:  # nobody may declare us late between this look and the call it allows
            if self._successor is not None and job is not None:
                self._successor.jobs.put(job)
            if self._successor is not None or self._closing:
                return False
        if job is not None:
            job(self)
        self._do_what_is_due(clock())
        return True

    def _open(self) -> None:
        with self._call(OPENING_LIMIT):
            try:
                self.pulse = self.pulse or self._server.streams() is not None
            except PlaybackError:
                self.pulse = False  # then libVLC finds an output by itself, and nobody looks after the stream
            try:
                self._instance = open_vlc(self._application, pulse=self.pulse)
            except PlaybackError as error:
                self._why_not = str(error)

    def _release(self) -> None:
        if self._instance is not None:
            self._instance.release()

    def _pause_before_next(self) -> Seconds | None:
        loaded = self._loaded
        if loaded is None:
            return None
        if loaded.song and not loaded.cued:
            return CUE_STEP
        if loaded.ramp or (loaded.song and loaded.song.settling(clock())):
            return GAIN_STEP
        return REPORT_EVERY

    def _do_what_is_due(self, now: Seconds) -> None:
        loaded = self._loaded
        if loaded is None:
            return
        if loaded.ramp:
            loaded.gain = loaded.ramp.gain(now)
            if loaded.ramp.over(now):
                loaded.ramp = None
        if loaded.song is None:
            self._cue(loaded)
            return
        if not loaded.cued:
            self._go_on_cueing(loaded)
        elif loaded.playing:
            with self._call():
                loaded.song.set_gain(loaded.gain, now)
        if now >= self._look_at and self._loaded is loaded:
            self._look_at = Seconds(now + REPORT_EVERY)
            self._look_around(loaded, loaded.song, now)

    def _look_around(self, loaded: _Loaded, song: VlcSong, now: Seconds) -> None:
        """Report the playhead, and make sure that our stream is still there to be heard."""
        streams = self._streams()
        loaded.streamed = loaded.streamed or bool(streams)
        if not self.pulse or not (loaded.cued and loaded.playing) or streams:
            loaded.heard = now
        if streams is None or now - loaded.heard > STREAM_LIMIT:
            gone = streams is None or loaded.streamed
            self._lose("the sound output went away" if gone else "it makes no sound", output_gone=gone)
        elif loaded.cued and loaded.duration is not None:
            position = Seconds(min(song.position(now), loaded.duration))
            self._report(DeckMoved(self._name, loaded.token, position, loaded.playing, now))

    # Steps --------------------------------------------------------------------------------------------------------

    def _cue(self, loaded: _Loaded) -> None:
        """Ask for the song anew, paused at its position. While the sound server is away, that waits."""
        loaded.cued = False
        if self._instance is None:
            self._fail(self._why_not)
        elif not self._exists(loaded.path):
            self._fail("the file is missing")
        elif self._streams() is not None:
            loaded.cue_by = Seconds(clock() + CUE_LIMIT)
            with self._call():
                loaded.song = VlcSong(
                    self._instance, loaded.path, loaded.position, loaded.gain, self._output, self._tell
                )

    def _go_on_cueing(self, loaded: _Loaded) -> None:
        if loaded.song is None or loaded.cued:
            return
        with self._call():
            duration = loaded.song.cued()
        if duration is not None:
            loaded.cued = True
            if loaded.duration is None:
                loaded.duration = duration
                self._report(DeckCued(self._name, loaded.token, duration))
            if loaded.playing:
                self._run_or_hold(loaded)
        elif clock() > loaded.cue_by:
            self._fail("it is broken, or too short")

    def _run_or_hold(self, loaded: _Loaded) -> None:
        self._look_at = Seconds(0.0)  # let everybody know at once
        if loaded.song is None or not loaded.cued:
            return
        with self._call():
            if loaded.playing:
                loaded.heard = clock()
                loaded.song.set_gain(loaded.gain, clock())
                loaded.song.run(clock())
            else:
                loaded.song.hold(clock())

    def _fail(self, reason: str) -> None:
        loaded = self._loaded
        self._drop()
        if loaded:
            self._report(DeckFailed(self._name, loaded.token, reason))

    def _lose(self, reason: str, *, output_gone: bool) -> None:
        if self._loaded:  # told before the player is stopped, which may hang, and then would be all that is told
            self._report(DeckLost(self._name, self._loaded.token, reason, output_gone))
        self._drop()

    def _drop(self) -> None:
        loaded, self._loaded = self._loaded, None
        if loaded and loaded.song:
            self._silence(loaded.song)

    def _silence(self, song: VlcSong) -> None:
        with self._call():
            song.close()

    def _exists(self, path: Path) -> bool:
        with self._call(CUE_LIMIT):  # a sleeping disk needs seconds to wake
            try:
                return path.is_file()
            except OSError:  # a folder that may not be read, a network drive that left, a name too long
                return False

    def _streams(self) -> int | None:
        """Return how many streams the sound server has of us, None while it is away; some where nobody can know."""
        if not self.pulse:
            return 1
        self.asks_server = True
        with self._call(SERVER_LIMIT):
            streams = self._server.streams()
        self.asks_server = False
        return streams

    def _of(self, token: Token) -> _Loaded | None:
        return self._loaded if self._loaded and self._loaded.token == token else None

    def _report(self, event: DeckEvent) -> None:
        with self._lock:  # else we could be replaced between the two lines, and nobody would tell of the end
            if isinstance(event, DeckEnded | DeckFailed | DeckLost):
                self.token = None
            self._emit(self, event)

    def _tell(self, notice: Notice) -> None:
        """Take a notice in one of libVLC's threads, where nothing but the queue may be touched."""
        at = clock()
        self.jobs.put(lambda driver: driver._notice(notice, at))

    @contextmanager
    def _call(self, limit: Seconds = CALL_LIMIT) -> Iterator[None]:
        self._late_from = Seconds(clock() + limit)
        try:
            yield
        finally:
            self._late_from = None


Job = Callable[[VlcDriver], None]


def _wake(_: VlcDriver) -> None:
    """Do nothing: a thread that waits for a job looks around."""


def _next(jobs: "queue.SimpleQueue[Job]", wait: Seconds | None) -> Job | None:
    try:
        return jobs.get(timeout=wait)
    except queue.Empty:
        return None
