"""Mp3ToVec: a track vector in which those windows count most that are frequent in the track and rare elsewhere. Pure.

By the author of "Deej-A.I." (Robert Dargavel Smith; MP3ToVec.py and train/calc_tfidf.py of github.com/teticio/Deej-AI).
Two windows are the same *word* where their cosine distance, 1 − cosine, is less than ε. A window's term frequency tf is
the number of windows of its track that are the same word, itself among them; its document frequency df is the number
of tracks with such a window. A track's vector is the sum over its windows of tf · idf · embedding. So far as he does;
where we differ:

- idf = log(1 + N / df), N tracks in all. His log(N / df) leaves a library of one track, and a sound that all tracks
  share, without any weight; of rare words both say the same (Salton & Buckley 1988 on such weights).
- df is counted in the whole library and not in random batches of 100 tracks, so that the same tracks have the same
  vectors, in whichever order they came.
- He compares all windows with all, 10 days for 8,000 tracks. We compare them with a vocabulary of at most MOST_WORDS
  of them, drawn by their hash, and a window has the df of the word that is nearest to it. Until a library has so many
  windows every one of them is a word, and df is his; from there on the cost grows as the library does.
- The sum is brought to unit length.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from livedj.music import Vector, Vectors, unit

EPSILON = 0.3
"""ε. By the author it trades genre against feel: the larger, the more windows of a track say the same, and the more of
them are common in the library. `make evaluate` shows what becomes of songs of one style (genre) and of one collection
(feel); where it is very small or very large all windows weigh the same, as in `ear.vector.track_vector`."""
MOST_WORDS = 8192
"""Counting in 10,000 tracks of 40 windows takes 3.3 billion comparisons, a fiftieth of all pairs."""


class Mp3ToVec(NamedTuple):
    """A track's vector."""

    vector: Vector
    version: str
    """Of the vocabulary that it was weighed by: vectors of two versions are not to be compared."""


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """How common which sounds are in a library."""

    words: Vectors
    """Windows of the library, unit length, shape (n, dimensions)."""
    frequencies: NDArray[np.int64]
    """In how many tracks each word occurs, shape (n,)."""
    tracks: int
    """Of the library that was counted."""
    epsilon: float
    model: str
    """sha256 of the model that heard the windows."""

    @cached_property
    def version(self) -> str:
        """What names this vocabulary: a hash of all that is in it, in 16 digits."""
        said = f"{self.tracks} {self.epsilon!r} {self.model}".encode()
        content = (self.words.astype("<f4").tobytes(), self.frequencies.astype("<i8").tobytes(), said)
        return hashlib.sha256(b"".join(content)).hexdigest()[:16]

    def mp3tovec(self, windows: Vectors) -> Mp3ToVec:
        """Return a track's vector: unit length, or zero where it is all silence.

        `windows`: of any track, in the library or not; unit length or zero, shape (n ≥ 1, dimensions).

        Raises:
            ValueError: there is no window.

        """
        if len(windows) == 0:
            raise ValueError("a song without a window has no vector")
        return Mp3ToVec(unit(self.weights(windows) @ windows), self.version)

    def weights(self, windows: Vectors) -> NDArray[np.float64]:
        """Return tf · idf of each window of a track, shaped as for `mp3tovec`; 0 for silence."""
        windows = unit(windows)
        term_frequencies = _same(windows, windows, self.epsilon).sum(axis=0)
        return np.asarray(term_frequencies * np.log1p(self.tracks / self.document_frequencies(windows)))

    def document_frequencies(self, windows: Vectors) -> NDArray[np.int64]:
        """Return how many tracks have each window's word, shape (n,): 1, its own, for a sound of no other track."""
        cosines = _cosines(unit(windows), self.words)
        nearest = cosines.argmax(axis=1)
        known = 1 - cosines.max(axis=1) < self.epsilon
        return np.where(known, self.frequencies[nearest], 1)


def count_words(
    read: Callable[[], Iterable[Vectors]], model: str, epsilon: float = EPSILON, most: int = MOST_WORDS
) -> Vocabulary:
    """Return the vocabulary of a library: the same for the same tracks in any order.

    `read` yields the windows of each track, unit length or zero, shape (n, dimensions). It is called twice, since
    those of a large library are too many to keep. `model`: sha256 of the one that heard them.

    Raises:
        ValueError: the library holds no window.

    """
    words = _draw(read(), most)
    frequencies, tracks = np.zeros(len(words), np.int64), 0
    for windows in read():
        frequencies += _same(words, unit(windows), epsilon).any(axis=1)
        tracks += 1
    return Vocabulary(words, np.maximum(frequencies, 1), tracks, epsilon, model)


def _draw(library: Iterable[Vectors], most: int) -> Vectors:
    """Return those `most` windows of a library whose hashes are the smallest (a bottom-k sketch, Cohen & Kaplan 2007).

    So they are drawn at random as far as sound goes, and yet every time the same.
    """
    drawn: dict[bytes, bytes] = {}
    dimensions = 0
    for windows in library:
        dimensions = windows.shape[1]
        contents = (window.astype("<f4").tobytes() for window in windows)
        drawn |= {hashlib.blake2b(content, digest_size=8).digest(): content for content in contents}
        if len(drawn) > 2 * most:
            drawn = _smallest(drawn, most)
    if not drawn:
        raise ValueError("a library without a window has no words")
    content = b"".join(_smallest(drawn, most).values())
    return unit(np.frombuffer(content, "<f4").reshape(-1, dimensions))


def _smallest(drawn: dict[bytes, bytes], most: int) -> dict[bytes, bytes]:
    return dict(sorted(drawn.items())[:most])


def _same(words: Vectors, windows: Vectors, epsilon: float) -> NDArray[np.bool_]:
    """Return which windows (columns) are the same as which words (rows)."""
    return 1 - _cosines(words, windows) < epsilon


def _cosines(words: Vectors, windows: Vectors) -> NDArray[np.float32]:
    """Return the cosines of all of these with all of those: whatever is compared is compared here."""
    return words @ windows.T
