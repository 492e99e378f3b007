"""What a set of embeddings is worth: retrieval, and the three figures of the card that the program works by. Pure.

The task is the program's own: a laptop hears a stretch from the middle of a song, its running vector looks for the
nearest intros. `outcomes` says what each song found, `chances` what a random order would find, and `livedj.train.
bootstrap` how far the mean of either can be trusted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from livedj.ear.vector import RunningVector, intro_vector
from livedj.music import Seconds, Vectors, unit

FIRST = 10
FALSE_MATCHES = 0.01
RUN = 3
"""Live windows in a row that must match one song before it is believed (as in `livedj.choose.identify`)."""
TWIN = 0.97
Outcome = NDArray[np.float64]
"""What every song found, (n,): 0…1, or NaN where there was nothing that it could have found."""
NEVER = -2.0  # below any cosine: a running vector that never starts again


class Measure(StrEnum):
    """What is asked of the order in which a stretch of a song brings the intros of all songs."""

    OWN_FIRST = "own_first"
    """Is its own intro the nearest?"""
    OWN_IN_TEN = "own_in_ten"
    """Is its own intro among the ten nearest?"""
    COLLECTION = "collection_p10"
    """The share of its collection among the ten nearest others."""
    STYLE = "style_p10"
    """The share of its style among the ten nearest of other collections."""
    STYLE_AMONG_ALL = "style_p10_among_all"
    """The share of its style, from other collections, among the ten nearest others of any."""


@dataclass(frozen=True, slots=True)
class Listening:
    """What is known of one song: its windows in the library, and stretches of it as they were heard."""

    collection: str
    stored: Vectors
    """Windows of 5 s without overlap from the first sound on, clean, (n, dimensions)."""
    streams: Mapping[str, Vectors]
    """By name of the condition: the live windows of a stretch in order, (n, dimensions)."""
    style: str = ""
    """One coarse word, empty where nobody gave one."""


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


def outcomes(
    heard: Vectors, intros: Vectors, collections: Sequence[str], styles: Sequence[str]
) -> dict[Measure, Outcome]:
    """Return what every song found with its vector of `heard` among the `intros` of all songs, by measure.

    Row `n` of `heard` and of `intros`, both (n, dimensions), and label `n` are of one song.
    """
    cosines = unit(heard) @ unit(intros).T
    own = np.eye(len(cosines), dtype=bool)
    # A tie counts against it: an embedding that calls everything the same has found nothing.
    rank = (cosines >= cosines[own][:, np.newaxis]).sum(axis=1) - 1
    return {
        Measure.OWN_FIRST: (rank == 0).astype(float),
        Measure.OWN_IN_TEN: (rank < FIRST).astype(float),
        **{measure: _precision(cosines, *pair) for measure, pair in _segues(collections, styles).items()},
    }


def chances(collections: Sequence[str], styles: Sequence[str]) -> dict[Measure, Outcome]:
    """Return what every song would find on average if the intros came in random order, by measure."""
    count = len(collections)
    return {
        Measure.OWN_FIRST: np.full(count, 1 / count),
        Measure.OWN_IN_TEN: np.full(count, min(1.0, FIRST / count)),
        **{measure: _expected(*pair) for measure, pair in _segues(collections, styles).items()},
    }


def _segues(
    collections: Sequence[str], styles: Sequence[str]
) -> dict[Measure, tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """Return, by measure, which songs (columns) each song (rows) should find, and among which; never itself."""
    other = ~np.eye(len(collections), dtype=bool)
    same_collection = np.equal.outer(np.asarray(collections), collections)
    same_style = np.equal.outer(np.asarray(styles), styles) & (np.asarray(styles) != "")
    elsewhere = same_style & ~same_collection
    return {
        Measure.COLLECTION: (same_collection & other, other),
        # Its own collection would take the places that the question is about.
        Measure.STYLE: (elsewhere, ~same_collection),
        Measure.STYLE_AMONG_ALL: (elsewhere, other),
    }


def _precision(cosines: NDArray[np.float32], wanted: NDArray[np.bool_], asked: NDArray[np.bool_]) -> Outcome:
    """Return the share of wanted songs among the ten nearest of those asked; NaN where none could be found."""
    shares = []
    for row, hits, gallery in zip(cosines, wanted, asked, strict=True):
        nearest = np.argsort(-row[gallery], kind="stable")[:FIRST]
        shares.append(hits[gallery][nearest].mean() if hits.any() else np.nan)
    return np.array(shares)


def _expected(wanted: NDArray[np.bool_], asked: NDArray[np.bool_]) -> Outcome:
    """Return the share of wanted songs among all of those asked, which is that among ten drawn from them."""
    pairs = zip(wanted, asked, strict=True)
    return np.array([hits[gallery].mean() if hits.any() else np.nan for hits, gallery in pairs])


def heard_and_intros(listenings: Sequence[Listening], condition: str, stride: Seconds) -> tuple[Vectors, Vectors]:
    """Return each song's running vector at the end of its stretch and its intro vector, both (n, dimensions)."""
    heard = np.stack([running_vectors(one.streams[condition], stride)[-1] for one in listenings])
    return heard, np.stack([intro_vector(one.stored) for one in listenings])


def outcomes_of(listenings: Sequence[Listening], condition: str, stride: Seconds) -> dict[Measure, Outcome]:
    """Return `outcomes` of songs heard in a condition."""
    heard, intros = heard_and_intros(listenings, condition, stride)
    return outcomes(heard, intros, [one.collection for one in listenings], [one.style for one in listenings])


def retrieval(listenings: Sequence[Listening], condition: str, stride: Seconds) -> Retrieval:
    """Look for the intros of all songs with the running vector at the end of each song's stretch."""
    cosines = _running_to_intro(listenings, condition, stride)
    own = np.arange(len(listenings))
    ranks = (cosines >= cosines[own, own][:, np.newaxis]).sum(axis=1)
    found = outcomes_of(listenings, condition, stride)
    collections = [one.collection for one in listenings]
    possible = np.array([min(FIRST, collections.count(name) - 1) for name in collections])
    places = min(FIRST, len(listenings) - 1)
    shares = (found[Measure.COLLECTION] * places)[possible > 0] / possible[possible > 0]
    return Retrieval(float(found[Measure.OWN_IN_TEN].mean()), float((1 / ranks).mean()), float(shares.mean()))


def calibration(listenings: Sequence[Listening], conditions: Sequence[str], stride: Seconds) -> Calibration:
    """Measure the card's figures over all streams of these conditions."""
    within: list[float] = []
    own: list[float] = []
    strangers: list[float] = []
    twins = _twins(listenings)
    for condition in conditions:
        for index, one in enumerate(listenings):
            stream = one.streams[condition]
            within.extend(_within(stream, stride))
            matches = _matches(stream, listenings)
            own.extend(matches[:, index])
            # A network that tells no songs apart makes all of them twins: then nothing else is there to match.
            strangers.extend(matches[:, ~twins[index]].max(axis=1, initial=-1.0))
    same_track = float(np.quantile(strangers, 1 - FALSE_MATCHES))
    different = ~np.eye(len(listenings), dtype=bool)
    unrelated = [_running_to_intro(listenings, condition, stride)[different] for condition in conditions]
    return Calibration(
        within_track_p01=float(np.quantile(within, 0.01)),
        same_track=same_track,
        same_track_found=float((np.array(own) >= same_track).mean()),
        unrelated=float(np.median(unrelated)),
    )


@dataclass(frozen=True, slots=True)
class Stability:
    """How steady the running vector is while one song plays, and how it notices another one."""

    within_median: float
    """Of the cosines of windows with the running vector of 5 s earlier, of the same song."""
    within_p01: float
    between_median: float
    """Of the cosines of windows with the running vector of another song."""
    between_p99: float
    noticed: float
    """Share of the windows of another song that lie below the 1st percentile within songs: a change is heard."""


def stability(listenings: Sequence[Listening], conditions: Sequence[str], stride: Seconds) -> Stability:
    """Hold windows against the running vector of their own song and against those of all other songs."""
    within = np.concatenate([_within(one.streams[name], stride) for name in conditions for one in listenings])
    between: list[NDArray[np.float32]] = []
    for name in conditions:
        heard, _ = heard_and_intros(listenings, name, stride)
        for index, one in enumerate(listenings):
            between.append((one.streams[name] @ np.delete(heard, index, axis=0).T).ravel())
    others = np.concatenate(between)
    low = np.quantile(within, 0.01)
    return Stability(
        within_median=float(np.median(within)),
        within_p01=float(low),
        between_median=float(np.median(others)),
        between_p99=float(np.quantile(others, 0.99)),
        noticed=float((others < low).mean()),
    )


def _within(stream: Vectors, stride: Seconds) -> NDArray[np.float32]:
    """Return the cosines of windows with the running vector of 5 s ago: nothing that they have added to it."""
    apart = round(5.0 / stride)
    cosines: NDArray[np.float32] = np.einsum("nd,nd->n", running_vectors(stream, stride)[:-apart], stream[apart:])
    return cosines


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
    heard, intros = heard_and_intros(listenings, condition, stride)
    return unit(heard) @ unit(intros).T
