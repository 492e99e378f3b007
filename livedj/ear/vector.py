"""Windows -> vectors: the running vector (live), intro and track vector (offline). Pure."""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from livedj.music import SAMPLE_RATE, WINDOW_SAMPLES, Seconds, Vector, Vectors, unit

HALF_LIFE = Seconds(5.0)
"""After this time a window weighs half."""
WINDOW = Seconds(WINDOW_SAMPLES / SAMPLE_RATE)
"""Two windows this far apart share no sound."""
INTRO_WINDOWS = 6
"""Windows without overlap in a song's first 30 s."""


class RunningVector:
    """What the room sounds like now: the decaying mean of unit embeddings, half-life 5 s.

    The music has *changed* when two windows without overlap disagree with the mean. A window is held against the mean
    of 5 s ago, which shares no sound with it, and once one disagrees, those that follow are held against the same one:
    the mean itself follows the new music meanwhile. A window in between that agrees ends the suspicion. After a change
    the mean starts again from those two windows.
    """

    def __init__(self, change_below: float) -> None:
        """Begin without a vector. `change_below`: cosine to the mean below which a window disagrees."""
        self._change_below = change_below
        self._held = False
        self.reset()

    def reset(self) -> None:
        """Forget what was heard; a hold stays."""
        self._mean: _Mean | None = None
        self._suspicion: _Suspicion | None = None
        self._past: deque[tuple[Seconds, Vector]] = deque()

    def hold(self, on: bool) -> None:
        """While held, update() moves nothing; a suspicion of a change does not outlast it."""
        self._held = on
        self._suspicion = None

    @property
    def value(self) -> Vector | None:
        """The running vector, unit length; None before the first window."""
        return None if self._mean is None else unit(self._mean.sum)

    def update(self, embedding: Vector, at: Seconds) -> bool:
        """Take in the window heard at the moment `at` (its end, monotonic clock); tell whether the music changed."""
        if self._held:
            return False
        changed = self._confirmed(embedding, at)
        if changed is not None:
            self.reset()
            self._mean = _Mean(changed.embedding, changed.at)
        if self._mean is None:
            self._mean = _Mean(embedding, at)
        else:
            self._mean.add(embedding, at)
        self._past.append((at, unit(self._mean.sum)))
        return changed is not None

    def _confirmed(self, embedding: Vector, at: Seconds) -> "_Suspicion | None":
        """Return the suspicion that this window confirms; keep, begin or drop one otherwise."""
        reference = self._before(at) if self._suspicion is None else self._suspicion.reference
        if reference is None or float(reference @ embedding) >= self._change_below:
            self._suspicion = None
        elif self._suspicion is None:
            self._suspicion = _Suspicion(embedding, at, reference)
        elif at - self._suspicion.at >= WINDOW:
            return self._suspicion
        return None

    def _before(self, at: Seconds) -> Vector | None:
        """Return the newest running vector that shares no sound with the window heard at `at`."""
        while len(self._past) > 1 and self._past[1][0] <= at - WINDOW:
            self._past.popleft()
        return self._past[0][1] if self._past and self._past[0][0] <= at - WINDOW else None


class _Mean:
    """A sum of embeddings, each weighed by 2^(−age / HALF_LIFE); its direction is that of the mean."""

    def __init__(self, embedding: Vector, at: Seconds) -> None:
        self.sum: NDArray[np.float64] = embedding.astype(np.float64)
        self._at = at

    def add(self, embedding: Vector, at: Seconds) -> None:
        self.sum = self.sum * 0.5 ** ((at - self._at) / HALF_LIFE) + embedding
        self._at = at


class _Suspicion:
    """The first window that disagreed, and the running vector it disagreed with."""

    def __init__(self, embedding: Vector, at: Seconds, reference: Vector) -> None:
        self.embedding = embedding
        self.at = at
        self.reference = reference


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
