from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow", reason="needs the train extra")

from livedj.music import SAMPLE_RATE, Samples, Vectors, unit
from livedj.train.data import Song
from livedj.train.listening import Take, Windows
from livedj.train.measures import NEVER
from livedj.train.reaction import follows, react

LOW, HIGH = 200.0, 3000.0


def tone(hertz: float) -> Samples:
    return np.sin(2 * np.pi * hertz * np.arange(15 * SAMPLE_RATE) / SAMPLE_RATE).astype(np.float32)


def take(number: int, collection: str, style: str, hertz: float) -> Take:
    song = Song(Path(f"{collection}/{number}.wav"), "validate", collection, style, "", "", "")
    return Take(song, tone(hertz), {"clean": tone(hertz)})


def pitch(heard: Windows) -> Vectors:
    """How much of each window lies below and above 1 kHz."""
    power = np.abs(np.fft.rfft(heard.samples)) ** 2
    split = round(1000 * heard.samples.shape[1] / SAMPLE_RATE)
    return unit(np.stack([power[:, :split].sum(axis=1), power[:, split:].sum(axis=1)], axis=1))


def quietly(sound: Samples, seed: int) -> Samples:
    return 0.1 * sound


LIBRARY = [
    *(take(number, "deep", "x", LOW) for number in range(5)),
    *(take(number, "bright", "y", HIGH) for number in range(2)),
    *(take(number, "shrill", "y", HIGH) for number in range(3)),
]
INTROS = pitch(Windows(np.stack([take.samples[: 5 * SAMPLE_RATE] for take in LIBRARY])))


def test_other_music_is_followed_when_most_of_it_is_new() -> None:
    found = react(LIBRARY, INTROS, pitch, 0.5, quietly)
    assert found is not None
    assert found.changes == 10, "each of five songs has four others of its collection, or of its style"
    # The last window that holds more of the old song ends 2 s after the change; by the mean, it takes some more.
    assert 2 < found.median <= 8
    assert found.within_limit.value == found.at_limit.value == 1.0
    assert found.before == 0.0
    assert 0 < found.chance < 0.5


def test_what_follows_the_old_song_already_is_no_reaction() -> None:
    """Where every intro lies at the wrong place, the proposals suit the song that has not begun."""
    found = react(LIBRARY, INTROS[::-1], pitch, 0.5, quietly)
    assert found is not None
    assert (found.changes, found.before) == (0, 1.0)
    assert np.isnan([found.median, found.within_limit.value]).all()


def test_what_never_follows_has_no_time() -> None:
    def deaf(heard: Windows) -> Vectors:
        """Hears the first window for ever."""
        return pitch(Windows(heard.samples[:1])).repeat(len(heard.samples), axis=0)

    found = react(LIBRARY, INTROS, deaf, 0.5, quietly)
    assert found is not None
    assert (found.changes, found.median) == (10, np.inf)
    assert found.within_limit.value == 0.0


def test_the_song_itself_is_not_what_it_goes_together_with() -> None:
    assert react(LIBRARY[3:7], INTROS[3:7], pitch, 0.5, quietly) is None, "one other song each: no majority can be had"
    assert react(LIBRARY[:5], INTROS[:5], pitch, 0.5, quietly) is None, "nothing other to play before"


def test_three_of_the_first_five_are_a_majority() -> None:
    live = np.tile(unit(np.array([1.0, 0.0])), (2, 1))
    angles = np.radians([0, 5, 10, 15, 20, 40])
    intros = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    assert follows(live, intros, np.array([True, False, True, False, True, False]), NEVER).tolist() == [True, True]
    assert follows(live, intros, np.array([True, False, True, False, False, True]), NEVER).tolist() == [False, False]


def test_a_change_that_is_noticed_is_followed_sooner() -> None:
    old, new = np.array([1.0, 0.0]), np.array([0.3, 0.95])
    live = unit(np.stack([old] * 12 + [new] * 12))
    intros = unit(np.stack([old] * 5 + [new] * 5))
    wanted = np.arange(10) >= 5
    noticing, plodding = (follows(live, intros, wanted, below) for below in (0.6, NEVER))
    assert noticing.argmax() <= plodding.argmax()
    assert 12 <= plodding.argmax() < 24
