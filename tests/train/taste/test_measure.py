import numpy as np
import pytest

pytest.importorskip("tensorflow", reason="needs the train extra")

from livedj.music import Vectors, unit
from livedj.train.measures import Listening
from livedj.train.taste.measure import AIRED, found, heard, hold_out, weigh, weighed
from livedj.train.validation import CLEAN


def songs(count: int, noise: float = 0.05, seed: int = 1) -> list[Listening]:
    """Songs whose windows lie near a direction of their own."""
    rng = np.random.default_rng(seed)
    listenings = []
    for direction in unit(rng.standard_normal((count, 32))):
        def near(windows: int, direction: Vectors = direction) -> Vectors:
            return unit(direction + noise * rng.standard_normal((windows, 32)))

        listenings.append(Listening("", near(12), {CLEAN: near(5), AIRED: near(5)}))
    return listenings


def test_songs_are_held_out_by_chance_that_repeats_itself() -> None:
    train, held = hold_out(songs(30), 1 / 6, seed=1)
    assert len(held) == 5
    assert sorted([*train, *held]) == list(range(30))
    again = hold_out(songs(30), 1 / 6, seed=1)
    assert np.array_equal(again[1], held)
    assert not np.array_equal(hold_out(songs(30), 1 / 6, seed=2)[1], held)


def test_the_same_recording_in_another_file_is_not_trained_on_either() -> None:
    listenings = songs(30)
    everything = [*listenings, *listenings]
    train, held = hold_out(everything, 1 / 6, seed=1)
    assert len(held) == 10
    assert not {number % 30 for number in train} & {number % 30 for number in held}


def test_cosines_are_held_against_the_best_constant() -> None:
    listenings = songs(20, noise=0.0)
    vectors = np.stack([one.stored[0] for one in listenings])
    known = heard(listenings, vectors, slice(None))
    assert known.clean == pytest.approx(1.0, abs=1e-5)
    assert known.aired == pytest.approx(1.0, abs=1e-5)
    trials = unit(np.random.default_rng(2).standard_normal((2000, 32)) * 0.1 + vectors.mean(axis=0))
    best = (trials @ vectors.T).mean(axis=1).max()
    assert best <= known.constant
    assert known.constant == pytest.approx((unit(vectors.mean(axis=0)) @ vectors.T).mean(), abs=1e-5)


def test_only_the_part_that_is_taste_counts() -> None:
    listenings = songs(20, noise=0.0)
    vectors = unit(np.stack([one.stored[0][16:] for one in listenings]))
    assert heard(listenings, vectors, slice(16, None)).clean == pytest.approx(1.0, abs=1e-5)


def test_own_intro_and_company_are_found() -> None:
    listenings = songs(40)
    company = np.zeros((40, 40), bool)
    company[:3, :3] = ~np.eye(3, dtype=bool)
    everything = found(listenings, np.arange(40), company, CLEAN)
    assert (everything.own_first, everything.own_in_ten) == (1.0, 1.0)
    assert 0 <= everything.company <= 1
    one = songs(1)[0]
    alike = [one, one, one, *listenings[3:]]
    assert found(alike, np.arange(3), company, CLEAN).company == 1.0
    assert found(alike, np.arange(3), company, CLEAN).own_first == 0.0, "a tie has found nothing"


def test_where_nobody_asks_nothing_is_said() -> None:
    nobody = found(songs(4), np.zeros(0, np.int64), np.zeros((4, 4), bool), CLEAN)
    assert np.isnan([nobody.own_first, nobody.own_in_ten, nobody.company]).all()


def test_taste_is_weighed_by_how_far_it_moves_the_cosines() -> None:
    taste, influence = slice(24, None), 0.4
    listenings = songs(60)
    weight = weigh(listenings, taste, influence)
    assert 0 < weight < 0.5
    assert weigh(weighed(listenings, taste, 0.9), taste, influence) == pytest.approx(weight, abs=0.01)
    [one, *_] = weighed(listenings, taste, weight)
    for vectors in (one.stored, one.streams[CLEAN], one.streams[AIRED]):
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(len(vectors)), abs=1e-5)
        assert np.square(vectors[:, taste]).sum(axis=1) == pytest.approx(np.full(len(vectors), weight), abs=1e-5)
