import numpy as np
import pytest

from livedj.ear.vector import RunningVector
from livedj.music import Seconds, Vectors, unit
from livedj.train.measures import Listening, calibration, retrieval, running_vectors

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
