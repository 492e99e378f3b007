"""Windows -> vectors: the running vector (live), intro and track vector (offline). Pure."""

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

    The music has *changed* when two windows without overlap disagree with the mean: from the first window that does on,
    later ones are held against the mean as it was before it, since the mean itself follows the new music meanwhile. A
    window in between that agrees ends the suspicion. After a change the mean starts again from those two windows.
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
        if self._mean is None:
            self._mean = _Mean(embedding, at)
            return False
        changed = self._has_changed(self._mean, embedding, at)
        if changed is not None:
            self._mean, self._suspicion = _Mean(changed.embedding, changed.at), None
        self._mean.add(embedding, at)
        return changed is not None

    def _has_changed(self, mean: "_Mean", embedding: Vector, at: Seconds) -> "_Suspicion | None":
        """Return the suspicion that this window confirms; keep, begin or drop one otherwise."""
        reference = unit(mean.sum) if self._suspicion is None else self._suspicion.reference
        if float(reference @ embedding) >= self._change_below:
            self._suspicion = None
        elif self._suspicion is None:
            self._suspicion = _Suspicion(embedding, at, reference)
        elif at - self._suspicion.at >= WINDOW:
            return self._suspicion
        return None


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
