"""How smooth are journeys through real music, beside a straight line without look-ahead and beside chance?

100 seeded trips of three waypoints, with three songs from one to the next; a step is the angle between track vectors.
The vectors are kept in out/journeys.npz, for as long as model and songs stay.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from livedj.choose.journey import Repertoire, joined
from livedj.ear.encoder import Encoder
from livedj.ear.vector import track_vector
from livedj.library.decode import decode
from livedj.music import WINDOW_SAMPLES, Vectors, unit

KEPT = Path("out/journeys.npz")
SONGS = 300
"""About so many are heard."""
TRIPS, WAYPOINTS, BETWEEN = 100, 3, 3
MANY = 10_000
Way = Callable[[Vectors, NDArray[np.int64], np.random.Generator], NDArray[np.int64]]
"""(vectors, waypoints, chance) -> all rows of a trip."""


def journeys(songs: Sequence[Path]) -> Iterator[tuple[str, float | None, str, str]]:
    """Yield name, value, unit and target of each figure."""
    vectors = hear(songs[:: max(1, len(songs) // SONGS)])
    ways: dict[str, Way] = {"journey": smooth, "straight line": straight, "chance": anyhow}
    steps = {name: measured(vectors, way) for name, way in ways.items()}
    for name, (largest, mean) in steps.items():
        yield f"largest step of a trip, {name}, mean of {TRIPS}", float(largest.mean()), "°", "–"
        yield f"mean step of a trip, {name}, mean of {TRIPS}", float(mean.mean()), "°", "–"
    for name in ("straight line", "chance"):
        smoother = np.all(np.less(steps["journey"], steps[name]), axis=0)
        yield f"trips of which both are smaller than of {name}", 100 * float(smoother.mean()), "%", "–"
    yield f"a trip through {MANY} songs, median", 1000 * cost(), "ms", "–"


def measured(vectors: Vectors, way: Way) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the largest and the mean step of each trip, in degrees."""
    steps = []
    for seed in range(TRIPS):
        chance = np.random.default_rng(seed)
        waypoints = chance.choice(len(vectors), WAYPOINTS, replace=False)
        trip = vectors[way(vectors, waypoints, chance)]
        steps.append(np.degrees(np.arccos(np.clip(np.sum(trip[1:] * trip[:-1], axis=1), -1, 1))))
    return np.max(steps, axis=1), np.mean(steps, axis=1)


def smooth(vectors: Vectors, waypoints: NDArray[np.int64], _: np.random.Generator) -> NDArray[np.int64]:
    """Go as livedj does."""
    repertoire = Repertoire(np.arange(len(vectors)), vectors)
    return woven(waypoints, joined(repertoire, vectors[waypoints], waypoints.tolist(), BETWEEN))


def straight(vectors: Vectors, waypoints: NDArray[np.int64], _: np.random.Generator) -> NDArray[np.int64]:
    """Take the song that is nearest to each evenly spaced point of the straight line, and not taken yet."""
    free, stretches = ~np.isin(np.arange(len(vectors)), waypoints), []
    for start, end in pairwise(vectors[waypoints]):
        stretch = []
        for part in np.arange(1, BETWEEN + 1) / (BETWEEN + 1):
            point = unit((1 - part) * start + part * end)
            stretch.append(int(np.where(free, vectors @ point, -np.inf).argmax()))
            free[stretch[-1]] = False
        stretches.append(np.array(stretch))
    return woven(waypoints, stretches)


def anyhow(vectors: Vectors, waypoints: NDArray[np.int64], chance: np.random.Generator) -> NDArray[np.int64]:
    """Take any songs."""
    others = np.setdiff1d(np.arange(len(vectors)), waypoints)
    drawn = chance.choice(others, (WAYPOINTS - 1, BETWEEN), replace=False)
    return woven(waypoints, list(drawn))


def woven(waypoints: NDArray[np.int64], stretches: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Return the waypoints with the stretches between them."""
    parts = [part for point, stretch in zip(waypoints[:-1], stretches, strict=True) for part in ([point], stretch)]
    return np.concatenate([*parts, waypoints[-1:]])


def cost() -> float:
    """Return the seconds that a trip through MANY songs takes."""
    vectors = unit(np.random.default_rng(0).normal(size=(MANY, Encoder().card.dimensions)))
    took = []
    for seed in range(20):
        waypoints = np.random.default_rng(seed).choice(MANY, WAYPOINTS, replace=False)
        began = time.perf_counter()
        smooth(vectors, waypoints, np.random.default_rng(seed))
        took.append(time.perf_counter() - began)
    return float(np.median(took))


def hear(songs: Sequence[Path]) -> Vectors:
    """Return the track vectors of the songs, shape (n, dimensions)."""
    encoder = Encoder()
    of = [encoder.card.sha256, *map(str, songs)]
    if KEPT.exists():
        kept = np.load(KEPT)
        if kept["of"].tolist() == of:
            return np.asarray(kept["vectors"], np.float32)
    vectors = np.stack([track_vector(windows(song, encoder)) for song in songs])
    KEPT.parent.mkdir(exist_ok=True)
    np.savez(KEPT, of=np.array(of), vectors=vectors)
    return vectors


def windows(song: Path, encoder: Encoder) -> Vectors:
    """Return the embeddings of a song's windows."""
    samples = decode(song)
    whole = samples[: len(samples) // WINDOW_SAMPLES * WINDOW_SAMPLES].reshape(-1, WINDOW_SAMPLES)
    return np.stack([encoder.encode(window).embedding for window in whole])
