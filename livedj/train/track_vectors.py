"""How much of Mp3ToVec is the network, and how much TF-IDF? What its author asked of his own (README of Deej-A.I.).

Two embeddings, each with track vectors of several kinds: the plain mean of a song's windows, and TF-IDF by several ε.
Of each it is asked whether songs that go together have similar ones, and whether a stretch of a song, heard in a room,
finds its own. Beside it, what TF-IDF costs in a large library.
"""

import time
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from livedj.ear.vector import track_vector
from livedj.ear.vocabulary import EPSILON, count_words
from livedj.music import Vectors, unit
from livedj.train.bootstrap import Bootstrap, Interval
from livedj.train.listening import STRIDE
from livedj.train.measures import Listening, Measure, Outcome, heard_and_intros, outcomes

MEAN = "mean"
EPSILONS = (0.05, 0.1, 0.2, EPSILON, 0.4, 0.5, 0.7)
OWN = (Measure.OWN_FIRST, Measure.OWN_IN_TEN)
TOGETHER = (Measure.COLLECTION, Measure.STYLE)
THINNED = 49
"""One window in so many is a word where a library of 10,000 tracks of 40 windows is counted."""
TRACKS, WINDOWS = 10_000, 40
"""Of the library whose cost is measured."""


def kind_of(epsilon: float) -> str:
    """Return the name of the track vectors by this ε."""
    return f"epsilon_{epsilon:g}"


KINDS = (MEAN, *map(kind_of, EPSILONS))


def found_by_kind(songs: Sequence[Listening], condition: str) -> dict[str, dict[Measure, Outcome]]:
    """Return what every song found by each kind of track vector: the own song by a stretch heard in `condition`."""
    heard, _ = heard_and_intros(songs, condition, STRIDE)
    labels = [one.collection for one in songs], [one.style for one in songs]
    found = {}
    for kind, vectors in vectors_by_kind([one.stored for one in songs]).items():
        own, together = outcomes(heard, vectors, *labels), outcomes(vectors, vectors, *labels)
        found[kind] = {measure: own[measure] for measure in OWN} | {measure: together[measure] for measure in TOGETHER}
    return found


def vectors_by_kind(library: Sequence[Vectors]) -> dict[str, Vectors]:
    """Return the track vectors of each kind, shape (tracks, dimensions), of tracks with these windows."""
    vectors = {MEAN: np.stack([track_vector(windows) for windows in library])}
    for epsilon in EPSILONS:
        vocabulary = count_words(lambda: library, "", epsilon)
        vectors[kind_of(epsilon)] = np.stack([vocabulary.mp3tovec(windows).vector for windows in library])
    return vectors


def gains(found: Mapping[str, Mapping[Measure, Outcome]], bootstrap: Bootstrap) -> dict[Measure, Interval]:
    """Return how much more TF-IDF by EPSILON finds than the plain mean, song by song."""
    ours, mean = found[kind_of(EPSILON)], found[MEAN]
    return {measure: bootstrap.difference(ours[measure], mean[measure]) for measure in ours}


def cosines_when_thinned(library: Sequence[Vectors]) -> Vectors:
    """Return how alike each track's vector is, by all windows and by a vocabulary as sparse as in a large library."""
    every = count_words(lambda: library, "")
    some = count_words(lambda: library, "", most=max(1, len(every.words) // THINNED))
    return np.array([every.mp3tovec(windows).vector @ some.mp3tovec(windows).vector for windows in library])


def seconds_to_count_and_weigh(dimensions: int) -> tuple[float, float]:
    """Return what a library of TRACKS costs in processor time: its vocabulary, and the vectors of all tracks by it."""

    def read() -> Iterator[Vectors]:
        random = np.random.default_rng(0)
        for _ in range(TRACKS):
            yield unit(random.standard_normal((WINDOWS, dimensions), np.float32))

    began = time.process_time()
    vocabulary = count_words(read, "")
    counted = time.process_time()
    for windows in read():
        vocabulary.mp3tovec(windows)
    return counted - began, time.process_time() - counted
