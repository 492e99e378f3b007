"""All libVLC calls of one deck, made by one thread; see vlc_process.py for the process around it."""

import queue
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
from livedj.play.vlc_song import START_LATENCY, Notice, Sign, VlcSong, open_vlc

CALL_LIMIT = Seconds(0.5)
"""A libVLC call that takes longer hangs: they take 1–10 ms."""
OPENING_LIMIT = Seconds(30.0)
"""Reading some 200 plugins from a cold disk takes seconds, and nothing plays yet that could be late."""
SERVER_LIMIT = Seconds(1.0)
"""The sound server answers in 1–2 ms; where it does not, to find that out takes a third of a second."""
SERVER_ATTEMPTS = 8
"""Some two seconds for a server that has just been started; where there is none at all, each is over at once."""
CUE_LIMIT = Seconds(2.5)
"""A song that is not ready by then never will be: 5–60 ms are usual, and a broken file gives no other sign."""
GAIN_STEP = Seconds(0.04)
"""Between two settings of the gain; with 50 ms a fade is heard as a slight zipper noise."""
CUE_STEP = Seconds(0.02)
SHORTEST_REST = Seconds(1.5)
"""No seek goes nearer to the end: libVLC buffers 1 s before it is ready, and waits for it for ever."""
LAST_SOUNDS = Seconds(2.5)
"""So near its end a song has nothing more to decode, and ends by itself."""
STREAM_LIMIT = Seconds(1.0)
"""A playing song without a stream in the sound server for so long is heard by nobody."""

def clock() -> Seconds:
    """Return the moment now on the monotonic clock."""
    return Seconds(time.monotonic())


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """A call that is under way, and how long it may take."""

    limit: Seconds
    asks_server: bool
    """Whether the sound server is asked: should that hang, no song is to blame."""


@dataclass(slots=True)
class _Loaded:
    """What is in the deck."""

    token: Token
    path: Path
    position: Seconds
    """Where to cue it."""
    level: Gain
    song: VlcSong | None = None
    """None while the sound server is away."""
    cue_by: Seconds = Seconds(0.0)
    duration: Seconds | None = None
    """None until it was cued once."""
    cued: bool = False
    playing: bool = False
    """As it was asked for; a song that is not cued yet begins as soon as it is."""
    at: Seconds | None = None
    """The moment at which it is to be heard, as long as that lies ahead."""
    gain: Gain = Gain(0.0)
    ramp: Ramp | None = None
    streamed: bool = False
    """Whether the sound server has had a stream of it: else its loss may be the song's own fault."""
    heard: Seconds = Seconds(0.0)
    """When the sound server was last seen to have its stream, or did not have to."""


class VlcDriver:
    """Takes jobs one by one, and between them does what is due: cueing, the gain, the playhead's reports.

    A job is a function of the driver; None as a job is the last one. The methods named like the deck's are called by
    jobs only.
    """

    def __init__(
        self,
        name: DeckName,
        report: Callable[[DeckEvent], None],
        begun: Callable[[Token], None],
        output: str | None,
        *,
        pulse: bool,
    ) -> None:
        """Tell `begun` when a load is in hand. `pulse`: the deck is known to play to a sound server."""
        self.jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self.pulse = pulse
        self.call: Call | None = None
        """What is under way and may hang; read by another thread."""
        self._name = name
        self._report = report
        self._begun = begun
        self._output = output
        self._application = f"livedj.deck.{name}"
        self._server = SoundOutput(self._application)
        self._instance: Any = None
        self._why_not = ""
        self._loaded: _Loaded | None = None
        self._look_at = Seconds(0.0)

    def open(self) -> None:
        """Make libVLC ready; once, before `run`."""
        with self._call(OPENING_LIMIT):
            try:
                self.pulse = self.pulse or any(self._server.streams() is not None for _ in range(SERVER_ATTEMPTS))
            except PlaybackError:
                self.pulse = False  # then libVLC finds an output by itself, and nobody looks after the stream
            try:
                self._instance = open_vlc(self._application, pulse=self.pulse)
            except PlaybackError as error:
                self._why_not = str(error)

    def run(self) -> None:
        """Work until the last job."""
        while True:
            try:
                job = self.jobs.get(timeout=self._pause_before_next())
            except queue.Empty:
                job = _look_around
            if job is None:
                self._drop()
                return
            job(self)
            self._do_what_is_due(clock())

    # Jobs ---------------------------------------------------------------------------------------------------------

    def load(self, token: Token, path: Path, start: Seconds, level: Gain) -> None:
        """Replace what is loaded."""
        self._drop()
        self._begun(token)
        self._loaded = _Loaded(token, path, start, level)
        self._cue(self._loaded)

    def play(self, token: Token, at: Seconds | None) -> None:
        """Let the song be heard from the moment `at` on, or as soon as it is cued."""
        if (loaded := self._of(token)) and not loaded.playing:
            loaded.playing, loaded.at = True, at
            self._run_or_hold(loaded)

    def pause(self, token: Token) -> None:
        """Hold the playhead."""
        if (loaded := self._of(token)) and loaded.playing:
            loaded.playing, loaded.at = False, None
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

    # Between jobs -------------------------------------------------------------------------------------------------

    def _pause_before_next(self) -> Seconds | None:
        loaded, now = self._loaded, clock()
        if loaded is None:
            return None
        if loaded.song and not loaded.cued:
            return CUE_STEP
        steps = [REPORT_EVERY]
        if loaded.ramp or (loaded.song and loaded.song.settling(now)):
            steps.append(GAIN_STEP)
        if loaded.at is not None:
            steps.append(Seconds(max(0.0, loaded.at - START_LATENCY - now)))
        return min(steps)

    def _do_what_is_due(self, now: Seconds) -> None:
        loaded = self._loaded
        if loaded is None:
            return
        if loaded.ramp:
            loaded.gain = Gain(loaded.ramp.gain(now) * loaded.level)
            if loaded.ramp.over(now):
                loaded.ramp = None
        if loaded.song is None:
            self._cue(loaded)
            return
        if not loaded.cued:
            self._go_on_cueing(loaded)
        elif loaded.at is not None:
            self._run_or_hold(loaded)
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
        runs = loaded.cued and loaded.playing and loaded.at is None
        if streams or not (self.pulse and runs):
            loaded.heard = now
        if streams is None or now - loaded.heard > STREAM_LIMIT:
            gone = streams is None or loaded.streamed
            self._lose("the sound output went away" if gone else "it makes no sound", output_gone=gone)
        elif loaded.cued and loaded.duration is not None:
            position = Seconds(min(song.position(now), loaded.duration))
            if runs and loaded.duration - position > LAST_SOUNDS and song.dry(now):
                self._fail("from here on nothing of it can be read")
            else:
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
        if loaded.song is None or not loaded.cued:
            return
        if loaded.at is not None and clock() < loaded.at - START_LATENCY:
            return
        self._look_at, loaded.at = Seconds(0.0), None  # let everybody know at once
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
        with self._call(SERVER_LIMIT, asks_server=True):
            return self._server.streams()

    def _of(self, token: Token) -> _Loaded | None:
        return self._loaded if self._loaded and self._loaded.token == token else None

    def _tell(self, notice: Notice) -> None:
        """Take a notice in one of libVLC's threads, where nothing but the queue may be touched."""
        at = clock()
        self.jobs.put(lambda driver: driver._notice(notice, at))

    @contextmanager
    def _call(self, limit: Seconds = CALL_LIMIT, *, asks_server: bool = False) -> Iterator[None]:
        self.call = Call(limit, asks_server)
        try:
            yield
        finally:
            self.call = None


Job = Callable[[VlcDriver], None]


def _look_around(_: VlcDriver) -> None:
    """Do nothing: what is due is done after every job."""
