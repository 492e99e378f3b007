"""The thread that listens: microphone -> window -> embedding -> running vector -> what would go well next.

It owns all of these, posts what it heard and asks nobody. Orders (hold, another input) reach it through a queue.
"""

import logging
import queue
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from livedj.choose.identify import Identifier
from livedj.choose.scene import Neighbour
from livedj.choose.steering import Steering, chance_of, steered
from livedj.ear.encoder import Encoded, Encoder
from livedj.ear.gate import GLANCE, MusicGate, goes_on, is_loud_enough
from livedj.ear.vector import WINDOW, RunningVector
from livedj.errors import LiveDjError, MicrophoneError
from livedj.listen.heard import DEFAULT_INPUT, Heard, InputDevice, ListenState
from livedj.listen.microphone import Microphone
from livedj.listen.sound_server import InputFacts, SoundServer
from livedj.listen.window import RollingWindow
from livedj.music import SILENCE, Seconds, Track, TrackId, Vector, Vectors

REPORT = Seconds(0.1)
"""Time between two reports: the level is fresh in each, the rest once a stride."""
LOST_AFTER = Seconds(1.0)
"""Without a block for so long the microphone is gone, whatever PortAudio says."""
RETRY = Seconds(1.0)
"""Time between two attempts to open the microphone, and between two questions to the sound server."""
FIRST_BLOCK = Seconds(3.0)
"""Patience with a freshly opened input: a sound server that has just started needs two seconds."""
STOP_WITHIN = Seconds(2.0)
"""How long the thread's end is waited for: it may hang in a call to a sound system that does not answer."""
PAST = 8
"""Strides. A glance is held against the running vector of so long ago, which knows nothing yet of what follows the
music: the running vector takes in windows as long as some music is left in them."""
FEW, FAR_APART = 5, 0.25
"""Where songs that lie near are looked at: so many, and the cosine by which their means differ. Chosen as
`livedj.ear.vector.NEWEST` was."""
NEUTRAL = 0.3
"""The likeness of what is heard, before there is anything that it may be like: it speaks neither for nor against."""
_SOON = Seconds(-1.0)
"""In place of a moment: at the next stride it is known."""
_PAUSE = Seconds(0.03)
"""Between two looks: the ring holds seconds, so this only bounds the delay."""
_log = logging.getLogger(__name__)


class SongSource(Protocol):
    """What the listener asks of the library."""

    def nearest(self, vector: Vector) -> tuple[Neighbour, ...]:
        """Return the songs whose intros lie nearest, best first."""

    def likely(self, vector: Vector) -> dict[TrackId, Vectors]:
        """Return the stored windows of the songs that sound most like `vector`."""

    def sounds(self, tracks: Sequence[TrackId]) -> dict[TrackId, Vector]:
        """Return the track vectors of those of these tracks that have one."""

    def track(self, track: TrackId) -> Track | None:
        """Return one song."""

    def close(self) -> None:
        """Let go of the library."""


class Hearing:
    """From a full window to a report: the part of listening that needs no microphone, thread or clock."""

    def __init__(self, encoder: Encoder, songs: SongSource) -> None:
        self._held = False
        self._free_at: Seconds | None = None
        self._steering = Steering()
        self.use(encoder, songs)

    def use(self, encoder: Encoder, songs: SongSource) -> None:
        """Hear with this model from now on; what another one has heard cannot be compared, and is forgotten."""
        self._encoder = encoder
        self._songs = songs
        self._vector = RunningVector(encoder.card.within_track_p01)
        self._vector.hold(self._held)
        self._identifier = Identifier(encoder.card.same_track)
        self._gate = MusicGate()
        self._past: deque[Vector] = deque(maxlen=PAST)

    def hold(self, on: bool) -> None:
        """Freeze the running vector while two songs are mixed, and until the window holds nothing of the mix.

        What comes then is other music.
        """
        self._held = self._held or on
        self._vector.hold(self._held)
        self._free_at = None if on else _SOON

    def steer(self, steering: Steering) -> None:
        """Ask for the next songs in this way from now on."""
        self._steering = steering

    def begin(self) -> None:
        """Another microphone was opened: what was recognised before counts no more."""
        self._identifier.reset()

    def hear(self, window: RollingWindow, now: Seconds) -> Heard:
        """Report on the stride that has just passed."""
        self._release(now)
        level = window.level
        if not is_loud_enough(level):
            self._identifier.reset()
            music = self.glance(window)
            return self._with_neighbours(Heard(now, ListenState.TOO_QUIET, level=level, music=music))
        if not window.full:
            return self._with_neighbours(Heard(now, ListenState.LISTENING, level=level))
        encoded = self._encoder.encode(window.samples)
        self._follow(encoded, now)
        state = ListenState.NO_MUSIC if self._gate.music_is_over else ListenState.LISTENING
        heard = Heard(now, state, level=level, music=self.glance(window), log_mel=encoded.log_mel)
        return self._with_neighbours(replace(heard, itself=self._recognised()))

    def glance(self, window: RollingWindow) -> float | None:
        """Return the probability that there was music in the last second; None before the first window."""
        if not window.full:
            return None
        if not is_loud_enough(window.level):
            return 0.0
        last = self._encoder.encode(window.last(GLANCE))
        return goes_on(last.music, float(self._past[0] @ last.embedding) if self._past else NEUTRAL)

    def _follow(self, encoded: Encoded, now: Seconds) -> None:
        """Let running vector and recognition follow a window of music."""
        if self._gate.lets_in(encoded.music):
            self._vector.update(encoded.embedding, now)
            if self._vector.doubt is not None and self._are_far_apart(*self._vector.doubt):
                self._vector.start_again()
            if self._vector.value is not None:
                self._past.append(self._vector.value)
            self._identify(encoded.embedding)
        elif self._gate.music_is_over:
            self._identifier.reset()

    def _are_far_apart(self, before: Vector, now: Vector) -> bool:
        """Tell whether the songs that lie nearest to what was heard before are far from what is heard now.

        For a person it is other music when other songs go with it, however much the two have in common.
        """
        near = self._songs.nearest(now)
        cosines = {neighbour.track.id: neighbour.cosine for neighbour in near}
        former = [cosines.get(neighbour.track.id, near[-1].cosine) for neighbour in self._songs.nearest(before)[:FEW]]
        return bool(former) and sum(n.cosine for n in near[:FEW]) / FEW - sum(former) / FEW > FAR_APART

    def _release(self, now: Seconds) -> None:
        if self._free_at == _SOON:
            self._free_at = Seconds(now + WINDOW)
        elif self._free_at is not None and now >= self._free_at:
            self._held, self._free_at = False, None
            self._vector.hold(False)

    def _with_neighbours(self, heard: Heard) -> Heard:
        """Return a report with the songs that lie nearest to what was heard last."""
        vector = self._vector.value
        if vector is None:
            return heard
        past = self._songs.sounds(self._steering.past)
        chance = chance_of(self._steering.seed, len(vector))
        near = self._songs.nearest(steered(vector, [*past.values()], self._steering.drunk, chance))
        asked = replace(self._steering, past=tuple(past))
        return replace(heard, neighbours=near, asked=asked, since=self._vector.since)

    def _identify(self, embedding: Vector) -> None:
        if not self._held and self._vector.value is not None:
            self._identifier.update(embedding, self._songs.likely(self._vector.value))

    def _recognised(self) -> Track | None:
        return None if self._identifier.heard is None else self._songs.track(self._identifier.heard)


class Listener:
    """The worker thread around a microphone and a Hearing.

    `open_songs` is called in the thread, so that the database connection belongs to it; `post` takes every report;
    `died` is told when the loop meets what it should not.
    """

    def __init__(
        self,
        microphone: Microphone,
        model: Path,
        open_songs: Callable[[], SongSource],
        wanted: InputDevice,
        post: Callable[[Heard], None],
        died: Callable[[str], None],
        clock: Callable[[], Seconds],
    ) -> None:
        self._microphone = microphone
        self._model = model
        self._open_songs = open_songs
        self._wanted = wanted
        self._post = post
        self._died = died
        self._clock = clock
        self._orders: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="listener", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """Stop listening and wait for the thread's end, at most STOP_WITHIN."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(STOP_WITHIN)

    def hold(self, on: bool) -> None:
        """Freeze the running vector, or let it follow the room again."""
        self._orders.put(lambda: self._hearing.hold(on))

    def steer(self, steering: Steering) -> None:
        """Ask for the next songs in this way from now on."""
        self._orders.put(lambda: self._hearing.steer(steering))

    def listen_to(self, wanted: InputDevice) -> None:
        """Change to another input."""
        self._orders.put(lambda: self._change_input(wanted))

    def use(self, model: Path, open_songs: Callable[[], SongSource]) -> None:
        """Hear with another model; the microphone stays open, and the window full."""
        self._orders.put(lambda: self._use(model, open_songs))

    # In the thread ------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            self._listen()
        except Exception as error:  # noqa: BLE001 the one handler of this loop: the conductor starts it anew
            _log.exception("the listener broke off")
            known = isinstance(error, LiveDjError)
            self._died(str(error) if known else f"Listening broke off ({type(error).__name__}) and begins again.")

    def _listen(self) -> None:
        self._server = SoundServer()
        self._songs = self._open_songs()
        try:
            self._hearing = Hearing(Encoder(self._model), self._songs)
            self._window: RollingWindow | None = None
            self._stand_in = ""
            self._source: InputFacts | None = None
            self._tried = self._asked = self._reported = Seconds(self._clock() - RETRY)
            self._heard = Heard(self._clock(), ListenState.STARTING)
            while not self._stopped.is_set():
                while not self._orders.empty():
                    self._orders.get()()
                self._look(self._clock())
                self._stopped.wait(_PAUSE)
        finally:
            self._microphone.close()
            self._server.close()
            self._songs.close()
            self._window = None  # its resampler complains when it outlives the interpreter

    def _look(self, now: Seconds) -> None:
        """Take in what has come, see whether the microphone still lives, report."""
        try:
            if self._window is not None:
                self._take_in(self._window, now)
            elif now - self._tried >= RETRY:
                self._open()
        except MicrophoneError as error:
            self._microphone.close()
            self._window = None
            self._heard = replace(
                self._heard, state=ListenState.NO_MICROPHONE, detail=str(error), music=None, neighbours=(), itself=None
            )
            self._report(now)  # before the next attempt to open, which may take a while
        if now - self._reported >= REPORT:
            self._report(now)

    def _report(self, now: Seconds) -> None:
        self._reported = now
        level = SILENCE if self._window is None else self._window.level
        muted = self._source is not None and self._source.muted
        self._post(replace(self._heard, at=now, level=level, muted=muted, input=self._wanted))

    def _open(self) -> None:
        self._tried, self._stand_in = self._clock(), ""
        try:
            rate = self._open_wanted_or_default()
        finally:
            self._heard = replace(self._heard, inputs=self._microphone.inputs())
        self._ask_server()
        self._hearing.begin()
        self._window = RollingWindow(rate)
        self._patience = Seconds(self._clock() + FIRST_BLOCK)

    def _open_wanted_or_default(self) -> float:
        try:
            return self._microphone.open(self._wanted)
        except MicrophoneError as error:
            if self._wanted == DEFAULT_INPUT:
                raise
            rate = self._microphone.open(DEFAULT_INPUT)  # better than deaf: the wanted one may lie at home
            self._stand_in = f"{error} Meanwhile the system's default is used."
            return rate

    def _take_in(self, window: RollingWindow, now: Seconds) -> None:
        block = self._microphone.read()
        if len(block):
            window.add(block)
            self._patience = Seconds(now + LOST_AFTER)
        elif now > self._patience:
            raise MicrophoneError("The microphone brings no sound any more. Plug it in again or choose another.")
        if now - self._asked >= RETRY:
            self._ask_server()
        if not window.glance_due():
            return
        if not window.stride_done():
            self._heard = replace(self._heard, music=self._hearing.glance(window))
        else:
            heard = self._hearing.hear(window, now)
            log_mel = self._heard.log_mel if heard.log_mel is None else heard.log_mel  # the last picture stays
            self._heard = replace(heard, detail=self._advice(heard), inputs=self._heard.inputs, log_mel=log_mel)

    def _ask_server(self) -> None:
        self._asked = self._clock()
        self._source = self._server.our_input()
        if self._source is not None and self._source.monitor:
            raise MicrophoneError("The microphone is gone, only the sound of an output is left. Plug one in.")

    def _advice(self, heard: Heard) -> str:
        if self._source is not None and self._source.muted:
            return "The microphone is muted. Unmute it in the sound settings."
        if heard.level <= SILENCE:
            return "The microphone brings pure silence: it may be switched off, or livedj may not use it."
        return self._stand_in

    def _use(self, model: Path, open_songs: Callable[[], SongSource]) -> None:
        former, self._songs = self._songs, open_songs()
        former.close()
        self._hearing.use(Encoder(model), self._songs)
        self._heard = replace(self._heard, log_mel=None)  # the new model may draw none

    def _change_input(self, wanted: InputDevice) -> None:
        """Listen to another input from the next look on; where that fails it says so and tries again."""
        self._wanted = wanted
        self._microphone.close()
        self._window = None
        self._tried = Seconds(self._clock() - RETRY)
