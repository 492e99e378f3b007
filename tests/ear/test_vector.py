import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livedj.ear.vector import HALF_LIFE, INTRO_WINDOWS, LEAST_BEFORE, WINDOW, RunningVector, intro_vector, track_vector
from livedj.music import Seconds, Vector, unit

STRIDE = 0.5
DIMENSIONS = 16


def axis(number: int) -> Vector:
    return unit(np.eye(DIMENSIONS)[number])


def feed(running: RunningVector, embedding: Vector, start: float, seconds: float) -> list[float]:
    """Feed the same window every stride; return the moments at which a change was reported."""
    moments = start + STRIDE * np.arange(round(seconds / STRIDE))
    return [float(at) for at in moments if running.update(embedding, Seconds(float(at)))]


def value_of(running: RunningVector) -> Vector:
    assert running.value is not None
    return running.value


def test_there_is_no_vector_before_the_first_window() -> None:
    running = RunningVector(change_below=0.5)
    assert running.value is None
    assert not running.update(axis(0), Seconds(10))
    assert value_of(running) == pytest.approx(axis(0))


def test_a_window_weighs_half_after_five_seconds() -> None:
    running = RunningVector(change_below=-1.0)
    running.update(axis(0), Seconds(100))
    running.update(axis(1), Seconds(105))
    assert value_of(running) == pytest.approx(unit(0.5 * axis(0) + axis(1)), abs=1e-6)
    running.update(axis(2), Seconds(110))
    assert value_of(running) == pytest.approx(unit(0.25 * axis(0) + 0.5 * axis(1) + axis(2)), abs=1e-6)


@given(gaps=st.lists(st.floats(0.01, 20.0), min_size=1, max_size=12), seed=st.integers(0, 2**32 - 1))
def test_it_is_the_mean_weighed_by_age_whatever_the_stride(gaps: list[float], seed: int) -> None:
    moments = np.cumsum(gaps)
    windows = unit(np.random.default_rng(seed).standard_normal((len(gaps), DIMENSIONS)))
    running = RunningVector(change_below=-2.0)
    for window, at in zip(windows, moments, strict=True):
        assert not running.update(window, Seconds(float(at)))
    weights = 0.5 ** ((moments[-1] - moments) / HALF_LIFE)
    assert value_of(running) == pytest.approx(unit(weights @ windows), abs=1e-4)
    assert np.linalg.norm(value_of(running)) == pytest.approx(1.0, abs=1e-5)


def test_the_value_is_not_changed_behind_the_readers_back() -> None:
    running = RunningVector(change_below=-1.0)
    running.update(axis(0), Seconds(0))
    before = value_of(running)
    kept = before.copy()
    running.update(axis(1), Seconds(5))
    assert np.array_equal(before, kept)


def test_held_it_moves_nothing() -> None:
    running = RunningVector(change_below=0.5)
    feed(running, axis(0), 0, 10)
    before = value_of(running)
    running.hold(True)
    assert feed(running, axis(1), 10, 30) == []
    assert np.array_equal(value_of(running), before)


def test_three_windows_that_disagree_are_a_change() -> None:
    running = RunningVector(change_below=0.4)
    assert feed(running, axis(0), 0, 20) == []
    assert feed(running, axis(1), 20, 60) == [20 + 2 * STRIDE], "and it is reported once"


def test_one_window_that_disagrees_is_none() -> None:
    running = RunningVector(change_below=0.2)
    feed(running, axis(0), 0, 20)
    for at in np.arange(20.0, 40.0, 4 * STRIDE):
        assert not running.update(axis(1), Seconds(at))
        assert feed(running, axis(0), at + STRIDE, 3 * STRIDE) == []


def test_after_a_change_the_mean_starts_again_from_the_windows_that_told_it() -> None:
    running = RunningVector(change_below=0.4)
    feed(running, axis(0), 0, 20)
    assert running.since == 0
    assert feed(running, axis(1), 20, 1.5) == [21.0]
    assert value_of(running) == pytest.approx(axis(1), abs=1e-6), "nothing of the old music"
    assert running.since == 20


def test_what_is_too_little_to_know_a_song_by_does_not_change() -> None:
    running = RunningVector(change_below=0.5)
    feed(running, axis(0), 0, LEAST_BEFORE * STRIDE - STRIDE)
    assert feed(running, axis(1), 10, 4) == []


def test_a_cut_is_noticed_though_the_windows_around_it_hold_both_songs() -> None:
    running = RunningVector(change_below=0.4)
    feed(running, axis(0), 0, 20)
    changes = []
    for at in np.arange(20.0, 32, STRIDE):
        share = min(1.0, (at - 20) / WINDOW)
        if running.update(unit((1 - share) * axis(0) + share * axis(1)), Seconds(at)):
            changes.append(float(at))
    assert len(changes) == 1
    assert changes[0] <= 25.0


def test_a_passing_sound_is_no_change() -> None:
    running = RunningVector(change_below=0.5)
    feed(running, axis(0), 0, 20)
    shout = unit(0.6 * axis(0) + 0.4 * axis(1))  # of two seconds, in each of the windows of five that hold it
    for start in (20, 30, 40):
        assert feed(running, shout, start, 7) == []
        assert feed(running, axis(0), start + 7, 3) == []


def test_between_agreement_and_change_there_is_a_doubt_that_others_may_settle() -> None:
    running = RunningVector(change_below=0.2)
    other = unit(0.45 * axis(0) + np.sqrt(1 - 0.45**2) * axis(1))
    assert feed(running, axis(0), 0, 20) == []
    assert running.doubt is None
    assert feed(running, other, 20, 1.5) == []
    assert np.allclose(running.doubt or (), (axis(0), other), atol=1e-6)
    running.start_again()
    assert running.doubt is None
    assert running.since == 20
    assert value_of(running) == pytest.approx(other, abs=1e-6)


def test_while_held_there_is_no_doubt() -> None:
    running = RunningVector(change_below=0.2)
    feed(running, axis(0), 0, 20)
    feed(running, unit(0.45 * axis(0) + np.sqrt(1 - 0.45**2) * axis(1)), 20, 1.5)
    running.hold(True)
    running.update(axis(2), Seconds(30))
    assert running.doubt is None


def test_windows_that_agree_well_enough_never_change_it() -> None:
    running = RunningVector(change_below=0.5)
    drifting = [unit(np.cos(angle) * axis(0) + np.sin(angle) * axis(1)) for angle in np.linspace(0, 0.9, 60)]
    assert not any(running.update(window, Seconds(STRIDE * n)) for n, window in enumerate(drifting))


def test_after_a_hold_it_starts_again_with_other_music() -> None:
    running = RunningVector(change_below=0.5)
    feed(running, axis(0), 0, 20)
    before = value_of(running)
    running.hold(True)
    running.hold(False)
    assert np.array_equal(value_of(running), before), "until there is something else"
    assert feed(running, axis(1), 25, 10) == [], "it is no change that the ear has told"
    assert value_of(running) == pytest.approx(axis(1), abs=1e-6)
    assert running.since == 25


def test_intro_vector_is_the_mean_of_the_first_thirty_seconds() -> None:
    windows = np.stack([axis(0)] * INTRO_WINDOWS + [axis(1)] * 20)
    assert intro_vector(windows) == pytest.approx(axis(0))
    assert track_vector(windows) == pytest.approx(unit(INTRO_WINDOWS * axis(0) + 20 * axis(1)), abs=1e-6)


@given(count=st.integers(1, 30), seed=st.integers(0, 2**32 - 1))
def test_track_and_intro_vector_have_unit_length(count: int, seed: int) -> None:
    windows = unit(np.random.default_rng(seed).standard_normal((count, DIMENSIONS)))
    for vector in (intro_vector(windows), track_vector(windows)):
        assert vector.shape == (DIMENSIONS,)
        assert vector.dtype == np.float32
        assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-5)
    if count <= INTRO_WINDOWS:
        assert np.array_equal(intro_vector(windows), track_vector(windows))


def test_a_song_without_windows_has_no_vector() -> None:
    with pytest.raises(ValueError, match="window"):
        track_vector(np.zeros((0, DIMENSIONS), np.float32))
