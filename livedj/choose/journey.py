"""Lists of songs: more like some, and a smooth way from one to another. Pure.

Songs are compared by their track vectors, and a step from one song to the next is the angle between theirs.
"""

from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from livedj.choose.steering import steered
from livedj.music import TrackId, Vector, Vectors, unit

POWER = 8
"""Of ways, the one is best whose steps to this power have the smallest sum: nearly that with the smallest largest step,
and among ways that differ little in it, one with small steps elsewhere."""
_CANDIDATES = 64
"""Songs that are tried at each point of a way."""


@dataclass(frozen=True, slots=True, eq=False)
class Repertoire:
    """What lists are made of; n tracks, which are named by their row."""

    songs: NDArray[np.int64]
    """What the versions of a song have in common (`Track.song`), shape (n,)."""
    vectors: Vectors
    """Track vectors of unit length, shape (n, dimensions)."""

    def free(self, barred: Collection[TrackId]) -> NDArray[np.bool_]:
        """Tell of each track whether it is a version of none of the `barred` songs, shape (n,)."""
        return ~np.isin(self.songs, list(barred))


def playlist(
    repertoire: Repertoire, like: Vector, barred: Collection[TrackId], *, keep_on: int, drunk: float, seed: int
) -> Iterator[int]:
    """Yield rows for as long as there are songs: no song twice, and none of the `barred` ones.

    Each is the nearest to what is asked for: `like`, which the last `keep_on` tracks of the list join, so that with 0
    the list stays where it began, and with more it keeps on where it went. `drunk` is the share of chance in that
    question, from 0 (none) to 1 (nothing else); the same `seed` gives the same list.
    """
    random = np.random.default_rng(seed)
    past = deque[Vector](maxlen=keep_on)
    free = repertoire.free(barred)
    while free.any():
        chance = unit(random.normal(size=like.shape))
        asked = steered(like, [*past], drunk, chance)
        row = int(np.where(free, repertoire.vectors @ asked, -np.inf).argmax())
        free &= repertoire.songs != repertoire.songs[row]
        past.append(repertoire.vectors[row])
        yield row


def joined(
    repertoire: Repertoire, waypoints: Vectors, barred: Collection[TrackId], between: int
) -> list[NDArray[np.int64]]:
    """Return `between` rows for each stretch from one waypoint to the next: no song twice, none of the `barred` ones.

    `waypoints`: unit length, shape (m, dimensions).

    Raises:
        ValueError: there are fewer songs than are asked for.

    """
    free = repertoire.free(barred)
    stretches = []
    for start, end in pairwise(waypoints):
        stretches.append(_smoothest(repertoire, free, start, end, between))
        free &= ~np.isin(repertoire.songs, repertoire.songs[stretches[-1]])
    return stretches


def _smoothest(
    repertoire: Repertoire, free: NDArray[np.bool_], start: Vector, end: Vector, between: int
) -> NDArray[np.int64]:
    """Return the smoothest way through songs near the arc from `start` to `end`, as rows.

    By Viterbi's algorithm: the best way to each candidate of a point leads on from one of the best ways to the
    candidates of the point before, of those that do not hold its song yet. (But for these repeats it is exact.)
    """
    songs, vectors = repertoire.songs, repertoire.vectors
    ways, costs, last = np.zeros((1, 0), np.int64), np.zeros(1), start[None]
    for point in _arc(start, end, between):
        # As many songs as a way has places: so there is always one that a way does not hold yet.
        rows = _nearest(repertoire, free, point, max(_CANDIDATES, between))
        if len(rows) < between:
            raise ValueError(f"{len(rows)} songs are too few for {between} places")
        again = (songs[ways][:, :, None] == songs[rows]).any(axis=1)  # shape (ways, rows)
        further = np.where(again, np.inf, costs[:, None] + _steps(last, vectors[rows]))
        ways = np.concatenate([ways[further.argmin(axis=0)], rows[:, None]], axis=1)
        costs, last = further.min(axis=0), vectors[rows]
    way: NDArray[np.int64] = ways[(costs + _steps(last, end[None])[:, 0]).argmin()]
    return way


def _arc(start: Vector, end: Vector, points: int) -> Vectors:
    """Return evenly spaced points of the great circle's arc between two vectors (Shoemake's slerp, 1985)."""
    length = np.arccos(np.clip(start @ end, -1, 1))
    angles = length * np.arange(1, points + 1) / (points + 1)
    return unit(np.outer(np.cos(angles), start) + np.outer(np.sin(angles), unit(end - (start @ end) * start)))


def _nearest(repertoire: Repertoire, free: NDArray[np.bool_], point: Vector, count: int) -> NDArray[np.int64]:
    """Return the rows of the `free` songs nearest to a point, of each song the version that is nearest."""
    rows = np.flatnonzero(free)
    rows = rows[np.argsort(-(repertoire.vectors[rows] @ point), kind="stable")]
    first = np.unique(repertoire.songs[rows], return_index=True)[1]
    return rows[np.sort(first)[:count]]


def _steps(before: Vectors, after: Vectors) -> NDArray[np.float64]:
    """Return what each step costs, shape (len(before), len(after))."""
    return np.asarray(np.arccos(np.clip(before @ after.T, -1, 1)) ** POWER, np.float64)
