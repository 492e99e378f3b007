"""Windows -> vectors: the running vector (live), intro and track vector (offline). Pure."""

from collections import deque
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from livedj.music import SAMPLE_RATE, WINDOW_SAMPLES, Seconds, Vector, Vectors, unit

HALF_LIFE = Seconds(5.0)
"""After this time a window weighs half."""
WINDOW = Seconds(WINDOW_SAMPLES / SAMPLE_RATE)
"""Two windows this far apart share no sound."""
NEWEST, LEAST_BEFORE, REMEMBERED = 3, 6, 72
"""Windows: those whose mean is held against what was heard before, of which there must be so many, and how many are
remembered in all, at two a second. Chosen on recordings other than those that `python -m tests.bench.choice` judges."""
DOUBTFUL = 0.5
"""Cosine of what was heard before and what is heard now, below which it may be other music. Chosen likewise."""
INTRO_WINDOWS = 6
"""Windows without overlap in a song's first 30 s."""


class RunningVector:
    """What the room sounds like now: the decaying mean of unit embeddings, half-life 5 s.

    The music has *changed* when the mean of the NEWEST windows disagrees with the mean of those of the last half a
    minute that share no sound with them: one window alone disagrees with its own song too often. After a change, and
    after a hold, the mean starts again, with nothing of the old music. Where they neither agree nor disagree there is a
    `doubt`, which somebody who knows more may settle by `start_again`.
    """

    def __init__(self, change_below: float) -> None:
        """Begin without a vector. `change_below`: cosine of the two means below which the music has changed."""
        self._change_below = change_below
        self._held = False
        self._mean: _Mean | None = None
        self._windows: deque[_Window] = deque(maxlen=REMEMBERED)
        self.since: Seconds | None = None
        """The moment of the first window that counts; None before it."""
        self.doubt: tuple[Vector, Vector] | None = None
        """What was heard before and what is heard now, unit length, where the last window left a doubt."""

    def hold(self, on: bool) -> None:
        """While held, update() moves nothing; what is heard after that is taken for other music."""
        if self._held and not on:
            self._windows.clear()
        self._held = on

    @property
    def value(self) -> Vector | None:
        """The running vector, unit length; None before the first window."""
        return None if self._mean is None else unit(self._mean.sum)

    def update(self, embedding: Vector, at: Seconds) -> bool:
        """Take in the window heard at the moment `at` (its end, monotonic clock); tell whether the music changed."""
        self.doubt = None
        if self._held:
            return False
        self._windows.append(_Window(embedding, at))
        before, now = self._halves()
        agreement = 1.0 if before is None else float(before @ now)
        if before is not None and agreement < DOUBTFUL:
            self.doubt = before, now
        changed = agreement < self._change_below
        if changed or len(self._windows) == 1:
            self.start_again()
        elif self._mean is not None:
            self._mean.add(embedding, at)
        return changed

    def _halves(self) -> tuple[Vector | None, Vector]:
        """Return what was heard before, None where that is too little to be known, and what is heard now."""
        newest = list(self._windows)[-NEWEST:]
        before = [window.embedding for window in self._windows if window.at <= newest[0].at - WINDOW]
        now = unit(np.mean([window.embedding for window in newest], axis=0))
        known = len(newest) == NEWEST and len(before) >= LEAST_BEFORE
        return unit(np.mean(before, axis=0)) if known else None, now

    def start_again(self) -> None:
        """Take the NEWEST windows for the beginning of other music."""
        self.doubt = None
        windows = list(self._windows)[-NEWEST:]
        first, *others = windows
        self.since, self._mean = first.at, _Mean(first.embedding, first.at)
        for window in others:
            self._mean.add(window.embedding, window.at)
        self._windows.clear()
        self._windows.extend(windows)


class _Window(NamedTuple):
    embedding: Vector
    at: Seconds


class _Mean:
    """A sum of embeddings, each weighed by 2^(−age / HALF_LIFE); its direction is that of the mean."""

    def __init__(self, embedding: Vector, at: Seconds) -> None:
        self.sum: NDArray[np.float64] = embedding.astype(np.float64)
        self._at = at

    def add(self, embedding: Vector, at: Seconds) -> None:
        self.sum = self.sum * 0.5 ** ((at - self._at) / HALF_LIFE) + embedding
        self._at = at


def intro_vector(windows: Vectors) -> Vector:
    """Return the intro vector of a song: mean of the windows of its first 30 s, unit length.

    `windows`: embeddings of the windows without overlap from the first sound on, shape (n ≥ 1, dimensions).
    """
    return track_vector(windows[:INTRO_WINDOWS])


def track_vector(windows: Vectors) -> Vector:
    """Return the track vector of a song: mean of all its windows, unit length; shape as for `intro_vector`.

    Raises:
        ValueError: there is no window.

    """
    if len(windows) == 0:
        raise ValueError("a song without a window has no vector")
    return unit(windows.astype(np.float64).mean(axis=0))
