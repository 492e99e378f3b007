"""What a set of embeddings is worth: retrieval, and the three figures of the card that the program works by. Pure.

The task is the program's own: a laptop hears a stretch from the middle of a song, its running vector looks for the
nearest intros.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livedj.ear.vector import RunningVector, intro_vector
from livedj.music import Seconds, Vectors, unit

FIRST = 10
FALSE_MATCHES = 0.01
RUN = 3
"""Live windows in a row that must match one song before it is believed (as in `livedj.choose.identify`)."""
TWIN = 0.97
NEVER = -2.0  # below any cosine: a running vector that never starts again


@dataclass(frozen=True, slots=True)
class Listening:
    """What is known of one song: its windows in the library, and stretches of it as they were heard."""

    collection: str
    stored: Vectors
    """Windows of 5 s without overlap from the first sound on, clean, (n, dimensions)."""
    streams: Mapping[str, Vectors]
    """By name of the condition: the live windows of a stretch in order, (n, dimensions)."""


@dataclass(frozen=True, slots=True)
class Retrieval:
    """How well running vectors find intros among all songs."""

    own_in_ten: float
    """Share of stretches whose own intro is among the ten nearest."""
    own_rank: float
    """Mean of 1 / rank of the own intro: 1 where it is always the nearest."""
    collection_p10: float
    """Mean share of songs of the same collection among the ten nearest others, of the share that is possible."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """The figures of the card, see `livedj.ear.encoder.ModelCard`."""

    within_track_p01: float
    same_track: float
    same_track_found: float
    """Share of runs of live windows that are known as their own song by `same_track`."""
    unrelated: float


def running_vectors(stream: Vectors, stride: Seconds) -> Vectors:
    """Return the running vector after each window of a stream, (n, dimensions)."""
    running = RunningVector(change_below=NEVER)
    values = []
    for count, window in enumerate(stream):
        running.update(window, Seconds(count * stride))
        values.append(running.value)
    return np.stack([value for value in values if value is not None])


def retrieval(listenings: Sequence[Listening], condition: str, stride: Seconds) -> Retrieval:
    """Look for the intros of all songs with the running vector at the end of each song's stretch."""
    cosines = _running_to_intro(listenings, condition, stride)
    own = np.arange(len(listenings))
    ranks = (cosines > cosines[own, own][:, np.newaxis]).sum(axis=1)
    collections = np.array([one.collection for one in listenings])
    shares = []
    for index, row in enumerate(cosines):
        same = collections == collections[index]
        possible = min(FIRST, int(same.sum()) - 1)
        if possible:
            others = np.argsort(np.where(own == index, -np.inf, row))[::-1][:FIRST]
            shares.append(same[others].sum() / possible)
    return Retrieval(float((ranks < FIRST).mean()), float((1 / (ranks + 1)).mean()), float(np.mean(shares)))


def calibration(listenings: Sequence[Listening], conditions: Sequence[str], stride: Seconds) -> Calibration:
    """Measure the card's figures over all streams of these conditions."""
    apart = round(5.0 / stride)
    within: list[float] = []
    own: list[float] = []
    strangers: list[float] = []
    twins = _twins(listenings)
    for condition in conditions:
        for index, one in enumerate(listenings):
            stream = one.streams[condition]
            # Against the running vector of 5 s ago: nothing that the window itself has added to it.
            earlier = running_vectors(stream, stride)[:-apart]
            within.extend(np.einsum("nd,nd->n", earlier, stream[apart:]))
            matches = _matches(stream, listenings)
            own.extend(matches[:, index])
            strangers.extend(matches[:, ~twins[index]].max(axis=1))
    same_track = float(np.quantile(strangers, 1 - FALSE_MATCHES))
    different = ~np.eye(len(listenings), dtype=bool)
    unrelated = [_running_to_intro(listenings, condition, stride)[different] for condition in conditions]
    return Calibration(
        within_track_p01=float(np.quantile(within, 0.01)),
        same_track=same_track,
        same_track_found=float((np.array(own) >= same_track).mean()),
        unrelated=float(np.median(unrelated)),
    )


def _matches(stream: Vectors, listenings: Sequence[Listening]) -> NDArray[np.float32]:
    """Return how well each run of windows (rows) matches each song (columns): by the worst of its windows."""
    best = np.stack([(stream @ one.stored.T).max(axis=1) for one in listenings], axis=1)
    runs: NDArray[np.float32] = np.lib.stride_tricks.sliding_window_view(best, RUN, axis=0).min(axis=2)
    return runs


def _twins(listenings: Sequence[Listening]) -> NDArray[np.bool_]:
    """Return which songs are the same recording, (n, n): a collection may hold a song twice. Each is its own twin."""
    mean = [[(one.stored @ other.stored.T).max(axis=1).mean() for other in listenings] for one in listenings]
    return np.asarray(mean) > TWIN


def _running_to_intro(listenings: Sequence[Listening], condition: str, stride: Seconds) -> NDArray[np.float32]:
    """Return cosines of each song's last running vector (rows) to each song's intro vector (columns)."""
    heard = np.stack([running_vectors(one.streams[condition], stride)[-1] for one in listenings])
    intros = np.stack([intro_vector(one.stored) for one in listenings])
    return unit(heard) @ unit(intros).T
