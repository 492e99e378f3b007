import numpy as np
import pytest

from livedj.ear.vector import RunningVector
from livedj.music import Seconds, Vectors, unit
from livedj.train import measures
from livedj.train.measures import (
    Listening,
    Measure,
    calibration,
    chances,
    outcomes,
    retrieval,
    running_vectors,
    stability,
)

STRIDE = Seconds(0.5)
DIMENSIONS = 32


def song(rng: np.random.Generator, centre: Vectors, spread: float, collection: str) -> Listening:
    def around(count: int) -> Vectors:
        return unit(centre + spread * rng.standard_normal((count, DIMENSIONS)))

    return Listening(collection, around(15), {"clean": around(21)})


def library(spread: float, songs: int = 40, collections: int = 4) -> list[Listening]:
    rng = np.random.default_rng(3)
    middles = unit(rng.standard_normal((collections, DIMENSIONS)))
    centres = [unit(middles[n % collections] + 0.1 * rng.standard_normal(DIMENSIONS)) for n in range(songs)]
    return [song(rng, centre, spread, f"collection {n % collections}") for n, centre in enumerate(centres)]


def test_songs_that_keep_to_themselves_are_found() -> None:
    found = retrieval(library(spread=0.001), "clean", STRIDE)
    assert found.own_in_ten == 1.0
    assert found.own_rank == 1.0
    assert found.collection_p10 == 1.0, "nine others of a collection of ten are all that there can be"


def test_embeddings_of_chance_find_by_chance() -> None:
    rng = np.random.default_rng(5)
    songs = [song(rng, np.zeros(DIMENSIONS, np.float32), 1.0, f"collection {n % 10}") for n in range(200)]
    found = retrieval(songs, "clean", STRIDE)
    assert found.own_in_ten == pytest.approx(10 / 200, abs=0.06)
    assert found.collection_p10 == pytest.approx(1 / 10, abs=0.05)


def test_a_song_alone_in_its_collection_does_not_count_for_collections() -> None:
    songs = library(spread=0.001, songs=20, collections=2)
    rng = np.random.default_rng(9)
    lonely = song(rng, unit(rng.standard_normal(DIMENSIONS)), 0.001, "lonely")
    alone, without = retrieval([*songs, lonely], "clean", STRIDE), retrieval(songs, "clean", STRIDE)
    assert alone.collection_p10 == pytest.approx(without.collection_p10, abs=1e-6)


def test_a_network_that_tells_no_songs_apart_is_measured_too() -> None:
    assert calibration(library(spread=0.0, collections=1)[:1] * 5, ["clean"], STRIDE).unrelated == pytest.approx(1.0)


def test_running_vectors_are_those_of_the_program() -> None:
    stream = unit(np.random.default_rng(1).standard_normal((9, DIMENSIONS)))
    running = RunningVector(change_below=-2.0)
    expected = []
    for count, window in enumerate(stream):
        running.update(window, Seconds(count * STRIDE))
        expected.append(running.value)
    assert np.array_equal(running_vectors(stream, STRIDE), np.stack([v for v in expected if v is not None]))


def test_thresholds_part_what_they_are_meant_to_part() -> None:
    songs = library(spread=0.05)
    figures = calibration(songs, ["clean"], STRIDE)
    assert figures.unrelated < figures.within_track_p01 < 1
    rightly: list[bool] = []
    falsely: list[bool] = []
    for index, one in enumerate(songs):
        cosines = np.stack([(one.streams["clean"] @ other.stored.T).max(axis=1) for other in songs])
        reached = cosines >= figures.same_track
        known = reached[:, :-2] & reached[:, 1:-1] & reached[:, 2:]
        rightly.extend(known[index])
        falsely.extend(np.atleast_1d(np.delete(known, index, axis=0).any(axis=0)))
    assert np.mean(falsely) <= 0.012
    assert figures.same_track_found == pytest.approx(np.mean(rightly), abs=0.002)


def test_a_song_that_is_there_twice_is_no_false_match() -> None:
    songs = library(spread=0.05)
    once, twice = calibration(songs, ["clean"], STRIDE), calibration([*songs, *songs], ["clean"], STRIDE)
    assert twice.same_track == pytest.approx(once.same_track, abs=2e-3)


def test_the_better_the_embedding_the_more_windows_are_found() -> None:
    tight, loose = (calibration(library(spread), ["clean"], STRIDE) for spread in (0.01, 0.3))
    assert tight.same_track_found > loose.same_track_found
    assert tight.within_track_p01 > loose.within_track_p01


def at(*degrees: float) -> Vectors:
    """Vectors on a circle: nearness can be read off the angles."""
    radians = np.radians(degrees)
    return np.stack([np.cos(radians), np.sin(radians)], axis=1).astype(np.float32)


SIX = at(0, 10, 20, 90, 100, 180)
HOMES = ["a", "a", "b", "b", "c", "c"]
KINDS = ["x", "x", "x", "", "x", ""]


def test_the_nearest_ten_are_counted_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measures, "FIRST", 2)
    # Song 0 lies on its own intro, song 1 on that of song 0, song 5 on that of song 3, the others on their own.
    found = outcomes(SIX[[0, 0, 2, 3, 4, 3]], SIX, HOMES, KINDS)
    assert found[Measure.OWN_FIRST].tolist() == [1, 0, 1, 1, 1, 0]
    assert found[Measure.OWN_IN_TEN].tolist() == [1, 1, 1, 1, 1, 0]
    # 0: 1, 2 / 1: 0, 2 / 2: 1, 0 / 3: 4, 2 / 4: 3, 2 / 5: 3, 4
    assert found[Measure.COLLECTION].tolist() == [0.5, 0.5, 0, 0.5, 0, 0.5]
    # Among other collections: 0: 2, 3 / 1: 2, 3 / 2: 1, 0 / 4: 3, 2; 3 and 5 have no style that anybody named.
    assert np.array_equal(found[Measure.STYLE], [0.5, 0.5, 1, np.nan, 0.5, np.nan], equal_nan=True)
    # The same among all: 0: 1, 2 / 1: 0, 2 / 2: 1, 0 / 4: 3, 2
    assert np.array_equal(found[Measure.STYLE_AMONG_ALL], [0.5, 0.5, 1, np.nan, 0.5, np.nan], equal_nan=True)


def test_the_own_song_is_no_find_of_its_collection_or_style() -> None:
    # Every song is all that its collection and style have.
    found = outcomes(SIX, SIX, list("abcdef"), list("uvwxyz"))
    for measure in (Measure.COLLECTION, Measure.STYLE, Measure.STYLE_AMONG_ALL):
        assert np.isnan(found[measure]).all()
    pairs = outcomes(SIX, SIX, HOMES, KINDS)
    assert pairs[Measure.COLLECTION].max() == pytest.approx(1 / 5), "one of the five others, not two of six"


def test_what_calls_everything_the_same_has_found_nothing() -> None:
    found = outcomes(at(*[7] * 12), at(*[7] * 12), ["a"] * 12, ["x"] * 12)
    assert found[Measure.OWN_FIRST].sum() == 0
    assert found[Measure.OWN_IN_TEN].sum() == 0


def test_chance_is_counted_by_hand() -> None:
    by_chance = chances(HOMES, KINDS)
    assert by_chance[Measure.OWN_FIRST] == pytest.approx(np.full(6, 1 / 6))
    assert by_chance[Measure.OWN_IN_TEN] == pytest.approx(np.ones(6))
    assert by_chance[Measure.COLLECTION] == pytest.approx(np.full(6, 1 / 5))
    expected = [2 / 4, 2 / 4, 3 / 4, np.nan, 3 / 4, np.nan]
    assert by_chance[Measure.STYLE] == pytest.approx(expected, nan_ok=True)
    expected = [2 / 5, 2 / 5, 3 / 5, np.nan, 3 / 5, np.nan]
    assert by_chance[Measure.STYLE_AMONG_ALL] == pytest.approx(expected, nan_ok=True)


def test_chance_is_what_random_vectors_find() -> None:
    rng = np.random.default_rng(2)
    homes = [f"collection {n % 12 % 7}" for n in range(84)]
    kinds = [f"style {n % 3}" for n in range(84)]
    pairs = unit(rng.standard_normal((60, 2, 84, 16)))
    rounds = [outcomes(heard, intros, homes, kinds) for heard, intros in pairs]
    for measure, expected in chances(homes, kinds).items():
        found = np.mean([np.nanmean(one[measure]) for one in rounds])
        assert found == pytest.approx(np.nanmean(expected), rel=0.1, abs=0.006), measure


def test_a_steady_song_lies_apart_from_others() -> None:
    songs = library(spread=0.02, songs=12)
    found = stability(songs, ["clean"], STRIDE)
    assert found.between_median < found.within_p01 < found.within_median
    assert found.within_p01 == pytest.approx(calibration(songs, ["clean"], STRIDE).within_track_p01)
    loose = stability(library(spread=0.3, songs=12), ["clean"], STRIDE)
    assert loose.noticed < found.noticed <= 1
