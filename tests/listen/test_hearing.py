"""From a window to a report, without a thread: the clock is set, the microphone is a file."""

import numpy as np
import pytest

from livedj import bundled
from livedj.choose.scene import Neighbour
from livedj.choose.steering import Steering
from livedj.ear.encoder import Encoded, Encoder, read_card
from livedj.ear.gate import GLANCE, MUSIC
from livedj.ear.vector import WINDOW
from livedj.listen.heard import DEFAULT_INPUT, Heard, ListenState
from livedj.listen.listener import Hearing
from livedj.listen.microphone import FileMicrophone
from livedj.listen.window import RollingWindow
from livedj.music import SAMPLE_RATE, Samples, Seconds, Vector
from livedj.train.voices import UNSEEN, Voice, sentences, speak
from tests.listen.one_song import OneSong
from tests.songs import song
from tests.tune import tune

STRIDE = 0.5
WINDOW_STRIDES, GLANCE_STRIDES = round(WINDOW / STRIDE), round(GLANCE / STRIDE)
VOICES = [Voice("en-gb-scotland", "f4", 50, 170), Voice("da", "m5", 40, 190), Voice("fi", "Andy", 60, 150)]


class Evening:
    """A room in which one sound follows another."""

    def __init__(self, encoder: Encoder, songs: OneSong | None = None) -> None:
        self.songs = OneSong() if songs is None else songs
        self._hearing = Hearing(encoder, self.songs)
        self._window = RollingWindow(SAMPLE_RATE)
        self._now = Seconds(100.0)

    def steer(self, steering: Steering) -> None:
        self._hearing.steer(steering)

    def hear(self, sound: Samples) -> list[Heard]:
        microphone = FileMicrophone(sound, SAMPLE_RATE, lambda: self._now)
        rate = microphone.open(DEFAULT_INPUT)
        reports = []
        for _ in range(int(len(sound) / rate / STRIDE)):
            self._now = Seconds(self._now + STRIDE)
            self._window.add(microphone.read())
            if self._window.stride_done():
                reports.append(self._hearing.hear(self._window, self._now))
        return reports


@pytest.fixture
def evening() -> Evening:
    return Evening(Encoder(bundled.MODEL))


def speech(voice: Voice, seconds: float) -> Samples:
    assert voice.language in UNSEEN.languages
    assert voice.variant in UNSEEN.variants
    said = np.resize(speak(voice, sentences(np.random.default_rng(3))), round(seconds * SAMPLE_RATE))
    hiss = np.random.default_rng(4).standard_normal(len(said))
    return np.asarray(0.1 * said + 0.0005 * hiss, np.float32)


def states(reports: list[Heard]) -> set[ListenState]:
    return {heard.state for heard in reports}


def test_music_is_heard_and_followed(evening: Evening) -> None:
    reports = evening.hear(tune(12.0))
    assert states(reports) == {ListenState.LISTENING}
    assert reports[-1].neighbours
    assert reports[-1].itself == evening.songs.only


@pytest.mark.parametrize("voice", VOICES)
def test_speech_alone_moves_nothing(evening: Evening, voice: Voice) -> None:
    reports = evening.hear(speech(voice, 15.0))
    assert reports[-1].state is ListenState.NO_MUSIC
    assert reports[-1].log_mel is not None, "what is said is still seen"
    assert evening.songs.asked == []
    assert not any(heard.neighbours or heard.itself or heard.since for heard in reports)


@pytest.mark.parametrize("voice", VOICES)
def test_a_speech_after_the_music_leaves_the_proposals_where_they_were(evening: Evening, voice: Voice) -> None:
    evening.hear(tune(15.0))
    music = evening.songs.asked[-1]
    begun = evening.hear(speech(voice, 5.0))
    held = evening.songs.asked[-1]
    assert float(held @ music) > 0.85, "the windows that are half music may move it a little"
    talk = evening.hear(speech(voice, 20.0))
    np.testing.assert_array_equal(evening.songs.asked[-1], held)
    assert states(talk) == {ListenState.NO_MUSIC}
    assert all(heard.itself is None and heard.neighbours for heard in talk)
    again = evening.hear(tune(15.0))
    assert again[-1].state is ListenState.LISTENING
    assert again[-1].itself == evening.songs.only
    assert len({heard.since for heard in begun + talk + again}) == 1, "it is the same music"
    assert float(evening.songs.asked[-1] @ music) > 0.95


def test_other_music_after_a_speech_is_followed_at_once(evening: Evening) -> None:
    evening.hear(tune(15.0))
    former = evening.songs.asked[-1]
    evening.hear(speech(VOICES[0], 30.0))
    evening.hear(tune(8.0, root=110.0))
    alone = Evening(Encoder(bundled.MODEL))
    alone.hear(tune(8.0, root=110.0))
    now, wanted = evening.songs.asked[-1], alone.songs.asked[-1]
    assert float(now @ wanted) > float(now @ former)
    assert float(now @ wanted) > 0.9


@pytest.mark.parametrize("level", [0.0, 1e-4])
def test_silence_moves_nothing(evening: Evening, level: float) -> None:
    hiss = level * np.random.default_rng(5).standard_normal(8 * SAMPLE_RATE)
    assert states(evening.hear(hiss.astype(np.float32))) == {ListenState.TOO_QUIET}
    assert evening.songs.asked == []


@pytest.mark.parametrize("voice", VOICES)
def test_the_last_second_tells_sooner_than_the_window_that_music_has_ended(evening: Evening, voice: Voice) -> None:
    music = evening.hear(tune(12.0))
    talk = evening.hear(speech(voice, 8.0))
    told = [heard.music for heard in music + talk if heard.music is not None]
    assert len(told) == len(music + talk) - (WINDOW_STRIDES - 1), "all but those before the first window"
    assert min(heard.music or 0.0 for heard in music[WINDOW_STRIDES:]) >= MUSIC
    assert max(heard.music or 0.0 for heard in talk[GLANCE_STRIDES:]) < MUSIC
    states_then = [heard.state for heard in talk[: GLANCE_STRIDES + 1]]
    assert ListenState.NO_MUSIC not in states_then


def test_what_is_too_quiet_is_no_music(evening: Evening) -> None:
    evening.hear(tune(12.0))
    quiet = evening.hear(np.zeros(SAMPLE_RATE, np.float32))
    assert quiet[-1].music == 0.0


def test_a_glance_between_two_strides_tells_the_same_as_a_report() -> None:
    songs, window = OneSong(), RollingWindow(SAMPLE_RATE)
    hearing = Hearing(Encoder(bundled.MODEL), songs)
    window.add(tune(4.0))
    assert hearing.glance(window) is None
    window.add(tune(2.0))
    heard = hearing.hear(window, Seconds(100.0))
    assert hearing.glance(window) == heard.music
    asked = len(songs.asked)
    window.add(np.zeros(6 * SAMPLE_RATE, np.float32))
    assert hearing.glance(window) == 0.0
    assert len(songs.asked) == asked, "a glance moves nothing"


def test_the_past_joins_what_is_asked_for_and_chance_too(evening: Evening) -> None:
    evening.hear(tune(8.0))
    alone = evening.songs.asked[-1]
    evening.steer(Steering(past=(evening.songs.only.id,)))
    evening.hear(tune(0.5))
    joined = evening.songs.asked[-1]
    assert joined @ evening.songs.past > alone @ evening.songs.past + 0.1
    evening.steer(Steering(drunk=0.5, seed=1))
    evening.hear(tune(1.0))
    one, other = evening.songs.asked[-2:]
    assert one @ alone < 0.9
    assert one @ other > 0.99, "chance stays as it is from one question to the next"
    evening.steer(Steering())
    evening.hear(tune(0.5))
    assert evening.songs.asked[-1] @ alone > 0.9


class Told(Encoder):
    """An encoder that says what it is told."""

    embedding: Vector

    def encode(self, samples: Samples) -> Encoded:
        return Encoded(self.embedding, None, 1.0)


class TwoStyles(OneSong):
    """Ten songs that begin like the first direction, or like another one that has as much in common with it as said."""

    def __init__(self, alike: float) -> None:
        super().__init__()
        self.styles = [direction(1.0), direction(alike)]

    def nearest(self, vector: Vector) -> tuple[Neighbour, ...]:
        numbered = enumerate(self.styles)
        found = [Neighbour(song(5 * n + m), float(style @ vector)) for n, style in numbered for m in range(5)]
        return tuple(sorted(found, key=lambda neighbour: -neighbour.cosine))


def direction(alike: float) -> Vector:
    """Return a unit vector of this cosine to the first axis."""
    vector = np.zeros(read_card(bundled.MODEL).dimensions, np.float32)
    vector[:2] = alike, np.sqrt(1 - alike**2)
    return vector


@pytest.mark.parametrize(("alike", "other"), [(0.45, True), (0.6, False)])
def test_where_other_songs_go_with_it_it_is_other_music(alike: float, other: bool) -> None:
    encoder = Told(bundled.MODEL)
    evening = Evening(encoder, TwoStyles(alike))
    encoder.embedding = direction(1.0)
    before = evening.hear(tune(20.0))[-1].since
    encoder.embedding = direction(alike)
    assert (evening.hear(tune(4.0))[-1].since != before) == other


def test_where_the_same_songs_go_with_it_it_is_the_same_music() -> None:
    encoder = Told(bundled.MODEL)
    evening = Evening(encoder)
    encoder.embedding = direction(1.0)
    before = evening.hear(tune(20.0))[-1].since
    encoder.embedding = direction(0.45)
    assert evening.hear(tune(4.0))[-1].since == before
