import numpy as np
import pytest

from livedj.train.bootstrap import Bootstrap

HOMES = ["a", "a", "a", "b", "c", "c"]


def test_the_mean_is_over_songs_and_leaves_out_those_that_were_not_asked() -> None:
    interval = Bootstrap(HOMES).mean(np.array([1, 0, np.nan, 1, 0, 0.5]))
    assert interval.value == pytest.approx(0.5)
    assert interval.low <= interval.value <= interval.high


def test_whole_collections_are_drawn() -> None:
    """Within the collections nothing differs, so resampling songs alone would leave an interval of another width."""
    homes = [name for name in "abcd" for _ in range(25)]
    outcome = np.repeat([0.0, 0.0, 1.0, 1.0], 25)
    interval = Bootstrap(homes).mean(outcome)
    # Of four collections drawn anew, k of 4 are ones with probability C(4, k) / 16: 0 and 4 have 6 % each.
    assert (interval.low, interval.high) == (0.0, 1.0)
    alone = Bootstrap([str(number) for number in range(100)]).mean(outcome)
    assert (alone.low, alone.high) == pytest.approx((0.4, 0.6), abs=0.02), "binomial: 0.5 ± 1.96 · 0.05"


def test_a_collection_alone_has_no_spread() -> None:
    interval = Bootstrap(["a"] * 5).mean(np.arange(5.0))
    assert (interval.low, interval.value, interval.high) == (2.0, 2.0, 2.0)


def test_intervals_cover_the_truth_as_often_as_they_say() -> None:
    """40 collections with a rate of their own, about a known mean: nearly 95 % of the intervals hold it."""
    rng, homes = np.random.default_rng(8), np.repeat([str(n) for n in range(40)], 5)
    covered = 0
    for _ in range(300):
        rates = np.repeat(rng.uniform(0.1, 0.7, 40), 5)
        interval = Bootstrap(list(homes), resamples=400).mean((rng.random(200) < rates).astype(float))
        covered += interval.low <= 0.4 <= interval.high
    assert 0.90 <= covered / 300 <= 0.98


def test_a_paired_difference_is_narrower_than_what_both_share() -> None:
    rng = np.random.default_rng(4)
    homes = [str(n // 6) for n in range(120)]
    hardness = np.repeat(rng.random(20), 6)
    ours, theirs = hardness + 0.1 + 0.01 * rng.standard_normal(120), hardness + 0.01 * rng.standard_normal(120)
    bootstrap = Bootstrap(homes)
    difference = bootstrap.difference(ours, theirs)
    assert difference.value == pytest.approx(0.1, abs=0.01)
    assert 0.09 < difference.low < difference.high < 0.11
    assert bootstrap.mean(ours).low < bootstrap.mean(theirs).high, "unpaired, they could not be told apart"


def test_the_ratio_is_that_of_means_over_the_same_songs() -> None:
    ours, theirs = np.array([0.4, 0.2, 0.0, np.nan, 0.6, 0.0]), np.array([0.2, 0.1, 0.3, 0.9, 0.0, np.nan])
    assert Bootstrap(HOMES).ratio(ours, theirs).value == pytest.approx(1.2 / 0.6)
    nothing = Bootstrap(HOMES).ratio(ours, np.zeros(6))
    assert np.isnan([nothing.value, nothing.low, nothing.high]).all()
    nobody = Bootstrap(HOMES).mean(np.full(6, np.nan))
    assert np.isnan([nobody.value, nobody.low, nobody.high]).all()


def test_the_same_seed_draws_the_same_intervals() -> None:
    outcome = np.array([1, 0, 0.5, 1, 0, 0.5])
    assert Bootstrap(HOMES).mean(outcome) == Bootstrap(HOMES).mean(outcome)
