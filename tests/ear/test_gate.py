import numpy as np
import pytest

from livedj.ear.gate import MUSIC, STRIDES, THRESHOLD, MusicGate, goes_on, is_loud_enough
from livedj.music import SILENCE, Dbfs, level_of


@pytest.mark.parametrize("level", [SILENCE, Dbfs(-80), Dbfs(-60), Dbfs(THRESHOLD - 0.01)])
def test_a_quiet_room_stays_outside(level: Dbfs) -> None:
    assert not is_loud_enough(level)


@pytest.mark.parametrize("level", [THRESHOLD, Dbfs(-40), Dbfs(-20), Dbfs(0)])
def test_music_comes_in(level: Dbfs) -> None:
    assert is_loud_enough(level)


def test_level_of_samples_decides() -> None:
    samples = np.random.default_rng(1).standard_normal(22_050).astype(np.float32)
    assert is_loud_enough(level_of(samples * np.float32(0.01)))  # -40 dBFS
    assert not is_loud_enough(level_of(samples * np.float32(0.001)))  # -60 dBFS
    assert not is_loud_enough(level_of(samples * np.float32(0)))


def test_a_window_without_music_is_kept_out_at_once_and_the_next_with_music_let_in() -> None:
    gate = MusicGate()
    assert [gate.lets_in(probability) for probability in (1.0, MUSIC, MUSIC - 0.01, 0.0, MUSIC)] == [
        True,
        True,
        False,
        False,
        True,
    ]


def test_a_word_does_not_end_the_music() -> None:
    gate = MusicGate()
    for _ in range(STRIDES - 1):
        gate.lets_in(0.0)
    assert not gate.music_is_over
    gate.lets_in(1.0)
    for _ in range(STRIDES - 1):
        gate.lets_in(0.0)
    assert not gate.music_is_over


def test_the_music_is_over_after_some_windows_without_any_and_back_with_the_first() -> None:
    gate = MusicGate()
    for _ in range(STRIDES):
        gate.lets_in(0.0)
    assert gate.music_is_over
    gate.lets_in(0.0)
    assert gate.music_is_over
    gate.lets_in(1.0)
    assert not gate.music_is_over


@pytest.mark.parametrize(
    ("music", "alike", "on"),
    [
        (0.99, 0.6, True),  # music that the model knows for music
        (1.0, 0.0, True),  # other music
        (0.1, 0.5, True),  # a hard second of the same music
        (0.02, 0.2, False),  # talk
        (0.0, 0.5, False),
        (0.05, 0.05, False),
    ],
)
def test_music_goes_on_where_it_is_music_or_much_like_what_was_heard_before(
    music: float, alike: float, on: bool
) -> None:
    assert (goes_on(music, alike) >= MUSIC) is on


def test_no_likeness_and_no_probability_is_beyond_doubt() -> None:
    assert all(0.0 < goes_on(music, alike) < 1.0 for music in (0.0, 1.0) for alike in (-1.0, 1.0))
