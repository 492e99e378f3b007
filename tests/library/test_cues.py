from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livedj.library.cues import LAST, clamped, find_cues
from livedj.library.decode import decode
from livedj.music import SAMPLE_RATE, CuePoints, Samples, Seconds
from tests.tune import tune

LENGTH = 120.0


def _band(seconds: float, low: float, high: float) -> Samples:
    """Return steady noise between two frequencies, as loud as the tune."""
    count = round(seconds * SAMPLE_RATE)
    spectrum = np.fft.rfft(np.random.default_rng(1).standard_normal(count))
    hertz = np.fft.rfftfreq(count, 1 / SAMPLE_RATE)
    sound = np.fft.irfft(spectrum * ((hertz > low) & (hertz < high)), count)
    return np.asarray(0.1 * sound / sound.std(), np.float32)


def _silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * SAMPLE_RATE), np.float32)


def _moments(cues: CuePoints) -> tuple[float | None, ...]:
    return cues.start, cues.intro_end, cues.outro_start, cues.end


def test_a_song_that_begins_and_ends_abruptly_has_neither_intro_nor_outro() -> None:
    sound = np.concatenate([_silence(1.5), tune(LENGTH), _silence(2.0)])

    assert _moments(find_cues(sound)) == pytest.approx((1.5, 1.5, 121.5, 121.5), abs=0.3)


def test_a_quiet_intro_and_outro_are_found() -> None:
    sound = tune(LENGTH)
    sound[: 16 * SAMPLE_RATE] *= 0.2
    sound[-20 * SAMPLE_RATE :] *= 0.3

    cues = find_cues(np.concatenate([_silence(2.0), sound]))

    assert _moments(cues) == pytest.approx((2.0, 18.0, 102.0, 122.0), abs=1.0)


@pytest.mark.parametrize(("low", "high"), [(0, 300), (2000, 11_000)])
def test_an_intro_and_outro_of_few_instruments_are_found_although_they_are_loud(low: float, high: float) -> None:
    sound = np.concatenate([_band(12.0, low, high), tune(LENGTH), _band(24.0, low, high)])

    cues = find_cues(sound)

    assert (cues.intro_end, cues.outro_start) == pytest.approx((12.0, 132.0), abs=1.0)


def test_a_long_outro_counts_only_at_its_end() -> None:
    cues = find_cues(np.concatenate([tune(LENGTH), _band(60.0, 0, 300)]))

    assert cues.outro_start == pytest.approx(LENGTH + 60.0 - LAST, abs=0.1)


def test_a_break_in_the_middle_is_no_outro() -> None:
    sound = tune(LENGTH)
    sound[50 * SAMPLE_RATE : 80 * SAMPLE_RATE] *= 0.1

    assert _moments(find_cues(sound)) == pytest.approx((0.0, 0.0, LENGTH, LENGTH), abs=0.3)


def test_a_song_that_starts_and_ends_late_in_its_file_has_the_same_cues() -> None:
    sound = tune(60.0)
    sound[: 8 * SAMPLE_RATE] *= 0.2

    early, late = find_cues(sound), find_cues(np.concatenate([_silence(20.0), sound, _silence(40.0)]))

    shifted = [None if moment is None else moment + 20.0 for moment in _moments(early)]
    assert _moments(late) == pytest.approx(tuple(shifted), abs=0.3)


Shape = Callable[[np.ndarray], np.ndarray]
SHAPES: dict[str, tuple[Shape, float]] = {
    # the shape of a fade, and the share of it in which half the power is lost
    "linear": (lambda share: 1 - share, 1 - 0.5**0.5),
    "in decibels": (lambda share: 10 ** (-3 * share), 0.05),
    "cosine": (lambda share: np.cos(share * np.pi / 2), 0.5),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("seconds", [6.0, 10.0, 20.0, 45.0])
def test_a_fade_out_is_an_outro_from_where_it_has_lost_half_its_power(shape: str, seconds: float) -> None:
    sound = _band(LENGTH, 0, 11_000)
    count = round(seconds * SAMPLE_RATE)
    curve, share = SHAPES[shape]
    sound[-count:] *= curve(np.linspace(0, 1, count))

    outro_start = find_cues(np.concatenate([sound, _silence(3.0)])).outro_start

    assert outro_start == pytest.approx(LENGTH - seconds * (1 - share), abs=1.0)


def test_a_fade_out_after_a_part_louder_than_the_rest_begins_where_it_begins() -> None:
    sound = tune(LENGTH)
    sound[-40 * SAMPLE_RATE :] *= 2.5
    sound[-15 * SAMPLE_RATE :] *= 10 ** (-3 * np.linspace(0, 1, 15 * SAMPLE_RATE))

    assert find_cues(sound).outro_start == pytest.approx(LENGTH - 15.0, abs=1.0)


def test_a_sound_that_is_never_whole_has_no_intro_and_outro_that_are_known() -> None:
    bass, treble, all_of_it = _band(8.0, 0, 500), _band(8.0, 2000, 11_000), 0.3 * _band(8.0, 0, 11_000)
    gap = _silence(1.5)

    cues = find_cues(np.concatenate([bass, gap, treble, gap, all_of_it, gap] * 4))

    assert (cues.intro_end, cues.outro_start) == (None, None)


def test_a_steady_tone_is_full_from_beginning_to_end() -> None:
    tone = np.asarray(0.3 * np.sin(2 * np.pi * 440 * np.arange(60 * SAMPLE_RATE) / SAMPLE_RATE), np.float32)

    assert _moments(find_cues(tone)) == pytest.approx((0.0, 0.0, 60.0, 60.0), abs=0.3)


@pytest.mark.parametrize("seconds", [0.0, 60.0])
def test_silence_has_no_cues(seconds: float) -> None:
    assert find_cues(_silence(seconds)) == CuePoints(Seconds(0.0), Seconds(0.0))


def test_a_jingle_has_no_intro_and_outro() -> None:
    cues = find_cues(tune(1.0))

    assert (cues.intro_end, cues.outro_start) == (None, None)


@settings(deadline=None, max_examples=30)
@given(
    parts=st.lists(st.tuples(st.floats(0.2, 12.0), st.floats(0.0, 1.0)), max_size=8),
)
def test_cues_of_any_sound_lie_in_order(parts: list[tuple[float, float]]) -> None:
    sound = np.concatenate([_silence(0.1), *(tune(seconds) * np.float32(level) for seconds, level in parts)])
    cues = find_cues(sound)

    intro_end = cues.start if cues.intro_end is None else cues.intro_end
    outro_start = cues.end if cues.outro_start is None else cues.outro_start
    middle = (cues.start + cues.end) / 2
    assert 0 <= cues.start <= intro_end <= middle <= outro_start <= cues.end <= len(sound) / SAMPLE_RATE


def test_cues_are_clamped_into_a_shorter_file() -> None:
    cues = CuePoints(Seconds(-1.0), Seconds(100.0), Seconds(10.0), Seconds(80.0))

    assert clamped(cues, Seconds(200.0)) == CuePoints(Seconds(0.0), Seconds(100.0), Seconds(10.0), Seconds(80.0))
    assert clamped(cues, Seconds(50.0)) == CuePoints(Seconds(0.0), Seconds(50.0), Seconds(10.0), Seconds(50.0))
    assert clamped(CuePoints(Seconds(60.0), Seconds(100.0)), Seconds(50.0)) is None


@pytest.mark.music
def test_cues_of_whole_recordings_are_plausible(recordings: list[dict[str, str]]) -> None:
    whole = [row for row in recordings if row["whole"] == "yes" and float(row["seconds"]) > 60]
    found = [find_cues(decode(Path(row["path"]))) for row in whole[:: len(whole) // 20]]

    for cues in found:
        assert cues.outro_start is not None
        assert cues.outro_start >= min(cues.end - LAST, (cues.start + cues.end) / 2) - 0.1
    assert sum(cues.intro_end is not None for cues in found) > 0.9 * len(found)
