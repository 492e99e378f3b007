"""Lists that go on from some songs, and smooth ways from one to another."""

import itertools
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livedj.choose.journey import POWER, Repertoire, joined, playlist
from livedj.music import TrackId, Vector, Vectors, unit

SEEDS = st.integers(0, 2**32 - 1)


def a_repertoire(seed: int, tracks: int, songs: int, dimensions: int = 8) -> Repertoire:
    """Return tracks in random directions, each a version of one of so many songs."""
    rng = np.random.default_rng(seed)
    return Repertoire(np.arange(tracks) % songs, unit(rng.standard_normal((tracks, dimensions))))


def directions(seed: int, count: int, dimensions: int = 8) -> Vectors:
    return unit(np.random.default_rng([seed, 1]).standard_normal((count, dimensions)))


def on_a_circle(*degrees: float) -> Vectors:
    """Return vectors of three dimensions at these places of the equator."""
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles), np.zeros_like(angles)], axis=1).astype(np.float32)


def on_a_globe(longitude: float, latitude: float) -> Vector:
    """Return a vector of three dimensions above or below the equator."""
    across, up = np.radians([longitude, latitude])
    return np.array([np.cos(across) * np.cos(up), np.sin(across) * np.cos(up), np.sin(up)], np.float32)


def songs_at(vectors: Vectors) -> Repertoire:
    """Return songs without versions."""
    return Repertoire(np.arange(len(vectors)), vectors)


def listed(
    repertoire: Repertoire, like: Vector, barred: Sequence[int] = (), *, keep_on: int = 0, drunk: float = 0.0,
    seed: int = 0,
) -> list[int]:  # fmt: skip
    return list(playlist(repertoire, like, [*map(TrackId, barred)], keep_on=keep_on, drunk=drunk, seed=seed))


def steps(*vectors: Vector) -> list[float]:
    """Return the angles from each to the next."""
    return [float(np.arccos(np.clip(one @ other, -1, 1))) for one, other in itertools.pairwise(vectors)]


# Playlists


@settings(deadline=None, max_examples=50)
@given(SEEDS, st.integers(1, 40), st.integers(1, 20), st.sets(st.integers(0, 19)), st.integers(0, 5), st.floats(0, 1))
def test_every_song_that_is_not_barred_comes_once(
    seed: int, tracks: int, songs: int, barred: set[int], keep_on: int, drunk: float
) -> None:
    repertoire = a_repertoire(seed, tracks, songs)
    rows = listed(repertoire, directions(seed, 1)[0], sorted(barred), keep_on=keep_on, drunk=drunk, seed=seed)
    assert sorted(repertoire.songs[rows]) == sorted(set(repertoire.songs.tolist()) - barred)


@settings(deadline=None, max_examples=50)
@given(SEEDS, st.integers(0, 5), st.floats(0, 1))
def test_a_list_can_be_played_again(seed: int, keep_on: int, drunk: float) -> None:
    repertoire, like = a_repertoire(seed, 30, 30), directions(seed, 1)[0]
    once, again = (listed(repertoire, like, keep_on=keep_on, drunk=drunk, seed=seed) for _ in range(2))
    assert once == again


def test_it_stays_with_what_one_likes_or_keeps_on_from_song_to_song() -> None:
    repertoire = songs_at(on_a_circle(10, -15, 20, -25, 30))
    like = on_a_circle(0)[0]
    assert listed(repertoire, like, keep_on=0) == [0, 1, 2, 3, 4]
    assert listed(repertoire, like, keep_on=2) == [0, 2, 4, 1, 3]


def test_only_the_last_songs_count() -> None:
    """After 10° and −12°: the last song alone draws to the right, both of them to the left."""
    repertoire, like = songs_at(on_a_circle(10, -12, 24, -27)), on_a_circle(0)[0]
    assert listed(repertoire, like, keep_on=1) == [0, 1, 3, 2]
    assert listed(repertoire, like, keep_on=2) == [0, 1, 2, 3]


def test_chance_grows_with_drunkenness_until_nothing_else_is_left() -> None:
    repertoire = a_repertoire(1, 500, 500, dimensions=64)
    like = repertoire.vectors[0]
    sober = listed(repertoire, like, keep_on=3)[:10]

    def kept(drunk: float) -> float:
        lists = [listed(repertoire, like, keep_on=3, drunk=drunk, seed=seed)[:10] for seed in range(10)]
        return float(np.mean([len(set(rows) & set(sober)) for rows in lists]))

    assert 10 > kept(0.1) > kept(0.5) > kept(1.0)
    other = directions(2, 1, dimensions=64)[0]
    assert listed(repertoire, like, drunk=1.0, seed=7) == listed(repertoire, other, drunk=1.0, seed=7)


# Journeys


@settings(deadline=None, max_examples=50)
@given(SEEDS, st.integers(1, 60), st.integers(1, 40), st.integers(2, 4), st.integers(1, 5))
def test_a_journey_has_so_many_songs_from_point_to_point_and_none_twice(
    seed: int, tracks: int, songs: int, points: int, between: int
) -> None:
    repertoire, waypoints = a_repertoire(seed, tracks, songs), directions(seed, points)
    barred = [TrackId(0)]
    if min(tracks, songs) - 1 < between * (points - 1):
        with pytest.raises(ValueError, match="too few"):
            joined(repertoire, waypoints, barred, between)
        return
    stretches = joined(repertoire, waypoints, barred, between)
    assert [len(stretch) for stretch in stretches] == [between] * (points - 1)
    found = repertoire.songs[np.concatenate(stretches)].tolist()
    assert len({0, *found}) == 1 + len(found)


@settings(deadline=None, max_examples=50)
@given(SEEDS, st.integers(2, 7), st.integers(1, 2))
def test_of_all_ways_the_smoothest_is_taken(seed: int, tracks: int, between: int) -> None:
    repertoire, (start, end) = a_repertoire(seed, tracks, tracks), directions(seed, 2)

    def cost(rows: Sequence[int]) -> float:
        return sum(step**POWER for step in steps(start, *repertoire.vectors[list(rows)], end))

    [stretch] = joined(repertoire, np.stack([start, end]), [], between)
    ways = itertools.permutations(range(tracks), between)
    assert cost(stretch.tolist()) == pytest.approx(min(map(cost, ways)), rel=1e-3)


def test_songs_on_the_way_are_taken_in_their_order() -> None:
    repertoire = songs_at(on_a_circle(60, 20, 200, 40, 80, 300))
    [stretch] = joined(repertoire, on_a_circle(0, 100), [], 4)
    assert stretch.tolist() == [1, 3, 0, 4]
    [back] = joined(repertoire, on_a_circle(100, 0), [], 4)
    assert back.tolist() == [4, 0, 3, 1]


def test_it_looks_ahead() -> None:
    """The song nearest to the first point leads nowhere; one that lies further off leads on."""
    dead_end, detour, beyond = on_a_globe(30, -10), on_a_globe(30, 20), on_a_globe(60, 35)
    [stretch] = joined(songs_at(np.stack([dead_end, detour, beyond])), on_a_circle(0, 90), [], 2)
    assert stretch.tolist() == [1, 2]


def test_of_ways_with_the_same_largest_step_the_shortest_is_taken() -> None:
    """The last step, of 58°, cannot be helped; of the two songs before it, one lies nearer to the point, at 40°."""
    near, on_the_way, before_last = on_a_globe(40, 5), on_a_globe(22, 0), on_a_globe(62, 0)
    [stretch] = joined(songs_at(np.stack([near, on_the_way, before_last])), on_a_circle(0, 120), [], 2)
    assert stretch.tolist() == [1, 2]


def test_a_song_has_one_version_on_a_journey_the_one_that_lies_nearest() -> None:
    vectors = on_a_circle(20, 25, 65, 160)
    repertoire = Repertoire(np.array([1, 1, 2, 2]), vectors)
    [stretch] = joined(repertoire, on_a_circle(0, 90), [], 2)
    assert stretch.tolist() == [1, 2]


@pytest.mark.parametrize("end", [0.0, 180.0])
def test_a_journey_from_a_song_to_itself_or_to_its_opposite_is_one_too(end: float) -> None:
    repertoire = a_repertoire(3, 50, 50, dimensions=3)
    [stretch] = joined(repertoire, on_a_circle(0, end), [], 5)
    assert len(set(stretch.tolist())) == 5
    assert all(np.isfinite(steps(on_a_circle(0)[0], *repertoire.vectors[stretch], on_a_circle(end)[0])))


def test_all_points_are_filled_where_all_songs_lie_beside_one() -> None:
    repertoire = songs_at(on_a_circle(1, 2, 3, 4))
    [stretch] = joined(repertoire, on_a_circle(0, 90), [], 4)
    assert stretch.tolist() == [0, 1, 2, 3]
    [stretch] = joined(songs_at(on_a_circle(89, 88, 87, 86)), on_a_circle(0, 90), [], 4)
    assert stretch.tolist() == [3, 2, 1, 0]


def test_a_journey_is_smoother_than_a_straight_line_without_look_ahead_and_than_chance() -> None:
    """In 20 libraries of 300 songs in 32 dimensions, where few songs lie on any straight line."""
    ways = []
    for seed in range(20):
        repertoire, (start, end) = a_repertoire(seed, 300, 300, 32), directions(seed, 2, 32)
        [ours] = joined(repertoire, np.stack([start, end]), [], 4)
        straight: list[int] = []
        for part in range(1, 5):
            order = np.argsort(-(repertoire.vectors @ unit((5 - part) * start + part * end)))
            straight.append(next(row for row in order.tolist() if row not in straight))
        chance = np.random.default_rng(seed).choice(300, 4, replace=False)
        ways.append([steps(start, *repertoire.vectors[rows], end) for rows in (ours, straight, chance)])
    for measure in (np.max, np.mean):
        smooth, direct, random = np.mean(measure(ways, axis=2), axis=0)
        assert smooth < 0.95 * direct < direct < random
