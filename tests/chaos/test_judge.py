"""The judge: what it makes of recordings whose truth is known."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from livedj.music import SILENCE, Seconds
from tests.chaos.judge import (
    BLOCK,
    RATE,
    Incident,
    Piece,
    Span,
    Verdict,
    growth,
    judge,
    levels,
    silences,
)
from tests.tune import tune

NIGHT = Span(Seconds(1000.0), Seconds(1060.0))
READ = RATE // 20


def at(moment: float) -> Seconds:
    """Return a moment, counted from the night's begin."""
    return Seconds(NIGHT.begin + moment)


def span(begin: float, end: float) -> Span:
    return Span(at(begin), at(end))


def music(seconds: float) -> NDArray[np.int16]:
    samples = np.resize(tune(5.0), round(seconds * RATE))
    return np.asarray(samples * 32767, np.int16)


def piece(samples: NDArray[np.int16], began: float, late: float = 0.03) -> Piece:
    """Return a recording that begins `began` seconds into the night and is read every 50 ms."""
    counts = np.arange(READ, len(samples) + 1, READ)
    return Piece(samples, np.stack([counts, NIGHT.begin + began + late + counts / RATE], axis=1))


def hushed(samples: NDArray[np.int16], *holes: tuple[float, float]) -> NDArray[np.int16]:
    """Return the samples with silence between these moments."""
    for begin, end in holes:
        samples[round(begin * RATE) : round(end * RATE)] = 0
    return samples


def found(pieces: Sequence[Piece], absent: Sequence[Span] = ()) -> list[tuple[float, float]]:
    """Return begin (counted from the night's begin) and length of every silence."""
    heard = silences(levels(pieces, NIGHT), NIGHT, absent)
    return [(silence.begin - NIGHT.begin, silence.seconds) for silence in heard]


def verdict(
    pieces: Sequence[Piece],
    moments: Sequence[float],
    *,
    absent: Sequence[Span] = (),
    kills: bool = False,
    helped: Sequence[float] = (),
) -> Verdict:
    incidents = [Incident("a fault", at(moment), at(moment + 1), "", kills) for moment in moments]
    heard = silences(levels(pieces, NIGHT), NIGHT, absent)
    return judge(heard, incidents, NIGHT, [at(moment) for moment in helped])


def test_music_without_a_hole_has_no_silence() -> None:
    assert found([piece(music(60), 0)]) == []


def test_a_hole_is_found_where_it_is() -> None:
    [(begin, seconds)] = found([piece(hushed(music(60), (20, 23)), 0)])
    assert begin == pytest.approx(20.0, abs=0.1)
    assert seconds == pytest.approx(3.0, abs=0.1)


def test_a_hole_of_three_seconds_is_not_survived() -> None:
    [early, late] = verdict([piece(hushed(music(60), (20, 23)), 0)], [10, 19.8]).outcomes
    assert early.survived
    assert early.longest == 0
    assert not late.survived
    assert late.longest == pytest.approx(3.0, abs=0.1)


def test_a_hole_of_less_than_two_seconds_is_survived() -> None:
    [outcome] = verdict([piece(hushed(music(60), (20, 21.8)), 0)], [19.8]).outcomes
    assert outcome.survived
    assert outcome.longest == pytest.approx(1.8, abs=0.1)


def test_a_program_that_was_killed_has_five_seconds() -> None:
    [outcome] = verdict([piece(hushed(music(60), (20, 24.5)), 0)], [19.8], kills=True).outcomes
    assert outcome.survived
    [outcome] = verdict([piece(hushed(music(60), (20, 25.5)), 0)], [19.8], kills=True).outcomes
    assert not outcome.survived


def test_five_seconds_are_for_the_silence_of_the_kill_alone() -> None:
    [outcome] = verdict([piece(hushed(music(60), (30, 33)), 0)], [19.8], kills=True).outcomes
    assert not outcome.survived


def test_a_silence_that_never_ends_survives_no_later_fault() -> None:
    outcomes = verdict([piece(hushed(music(60), (20, 60)), 0)], [10, 19, 30, 45]).outcomes
    assert [outcome.survived for outcome in outcomes] == [True, False, False, False]
    assert [outcome.longest for outcome in outcomes] == pytest.approx([0, 40, 15, 15], abs=0.1)


def test_without_an_output_silence_does_not_count_but_two_seconds_after_its_return_do() -> None:
    recorded = [piece(hushed(music(60), (20, 31.5)), 0)]
    assert verdict(recorded, [20], absent=[span(19.9, 30)]).outcomes[0].survived
    assert not verdict(recorded, [20], absent=[span(19.9, 29)]).outcomes[0].survived
    assert found(recorded, [span(19.9, 30)]) == [pytest.approx((30, 1.5), abs=0.1)]


def test_what_was_not_recorded_is_silence_unless_there_was_no_output() -> None:
    recorded = [piece(music(20), 0), piece(music(35), 25)]
    assert found(recorded) == [pytest.approx((20, 5), abs=0.15)]
    assert found(recorded, [span(19.9, 25.2)]) == []


def test_a_source_that_stood_still_leaves_a_hole() -> None:
    """One connection, but for four seconds the server brought nothing: the samples after it are four seconds later."""
    samples = music(56)
    counts = np.arange(READ, len(samples) + 1, READ)
    moments = NIGHT.begin + 0.03 + counts / RATE + np.where(counts > 20 * RATE, 4.0, 0.0)
    stood = Piece(samples, np.stack([counts, moments], axis=1))
    assert found([stood]) == [pytest.approx((20, 4), abs=0.15)]


def test_a_recorder_that_reads_late_hears_all_the_same() -> None:
    """For four seconds nobody read, then all came at once: no sample is missing."""
    samples = hushed(music(60), (40, 43))
    counts = np.arange(READ, len(samples) + 1, READ)
    true = counts / RATE
    moments = NIGHT.begin + 0.03 + np.where((true > 20) & (true < 24), 24.0, true)
    late = Piece(samples, np.stack([counts, moments], axis=1))
    assert found([late]) == [pytest.approx((40, 3), abs=0.15)]


def test_other_loudspeakers_take_over() -> None:
    first, second = hushed(music(60), (20, 30)), hushed(music(60), (0, 19.5), (30.5, 60))
    assert found([piece(first, 0), piece(second, 0)]) == []


def test_silence_before_the_first_music_does_not_count() -> None:
    assert found([piece(hushed(music(60), (0, 12)), 0)]) == []


def test_a_night_without_music_is_one_silence() -> None:
    assert found([piece(hushed(music(60), (0, 60)), 0)]) == [pytest.approx((0, 60))]
    assert found([]) == [pytest.approx((0, 60))]


def test_a_fault_after_which_a_hand_helped_is_not_survived() -> None:
    outcomes = verdict([piece(music(60), 0)], [10, 20, 30], helped=[21.0]).outcomes
    assert [outcome.survived for outcome in outcomes] == [True, False, True]


def test_a_night_without_faults_has_its_silences_all_the_same() -> None:
    told = verdict([piece(hushed(music(60), (20, 23)), 0)], [])
    assert told.outcomes == ()
    assert told.longest == pytest.approx(3.0, abs=0.1)


def test_the_longest_silence_of_the_night() -> None:
    told = verdict([piece(hushed(music(60), (20, 21.5), (40, 40.5)), 0)], [10])
    assert told.longest == pytest.approx(1.5, abs=0.1)
    assert len(told.silences) == 2


def test_levels_are_those_of_the_sound() -> None:
    tone = 0.1 * np.sqrt(2) * np.sin(2 * np.pi * 440 * np.arange(60 * RATE) / RATE)
    loudness = levels([piece(np.asarray(tone * 32767, np.int16), 0)], NIGHT)
    assert len(loudness) == round(60 / BLOCK)
    assert np.median(loudness) == pytest.approx(-20.0, abs=0.1)
    assert levels([], NIGHT).max() == SILENCE


@pytest.mark.parametrize(
    ("life", "expected"),
    [([5.0], (5, 5)), ([1, 2, 10, 10, 10, 10, 10, 10, 15, 15], (10, 15)), ([3, 4], (4, 4))],
)
def test_growth_leaves_the_warm_up_out(life: list[float], expected: tuple[float, float]) -> None:
    assert growth(life) == expected
