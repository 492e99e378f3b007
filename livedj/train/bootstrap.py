"""How far a mean over songs can be trusted: bootstrap intervals over *collections*. Pure.

Songs of one album share artist, studio and synthesiser and are no independent witnesses: whole collections are drawn
with replacement (the cluster bootstrap; Davison & Hinkley 1997, section 3.8). The library that is searched stays as it
is; only those who ask are drawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livedj.train.measures import Outcome

RESAMPLES = 2000
SEED = 3
COVERAGE = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with the ends of its 95 % interval."""

    value: float
    low: float
    high: float


class Bootstrap:
    """One set of resamples of the collections; figures compared with one another share it."""

    def __init__(self, collections: Sequence[str], resamples: int = RESAMPLES, seed: int = SEED) -> None:
        """Draw the resamples. `collections`: each song's."""
        names = sorted(set(collections))
        self._member = np.equal.outer(names, np.asarray(collections)).astype(float)
        even = np.full(len(names), 1 / len(names))
        self._times = np.random.default_rng(seed).multinomial(len(names), even, size=resamples)

    def mean(self, outcome: Outcome) -> Interval:
        """Return the mean over songs; those with NaN do not count."""
        return self.ratio(outcome, np.where(np.isnan(outcome), np.nan, 1.0))

    def difference(self, ours: Outcome, theirs: Outcome) -> Interval:
        """Return by how much the mean of `ours` lies above that of `theirs`, song by song."""
        return self.mean(ours - theirs)

    def ratio(self, ours: Outcome, theirs: Outcome) -> Interval:
        """Return how many times the mean of `theirs` that of `ours` is; only songs count that have both.

        NaN where no song has both, or where `theirs` is 0.
        """
        both = ~np.isnan(ours + theirs)
        above, below = (self._member @ np.where(both, values, 0.0) for values in (ours, theirs))
        with np.errstate(invalid="ignore", divide="ignore"):
            value = above.sum() / below.sum()
            drawn: NDArray[np.float64] = (self._times @ above) / (self._times @ below)
        drawn = drawn[np.isfinite(drawn)]  # a resample may hold nobody who could find something
        if not len(drawn):
            return Interval(float("nan"), float("nan"), float("nan"))
        low, high = np.quantile(drawn, [(1 - COVERAGE) / 2, (1 + COVERAGE) / 2])
        return Interval(float(value), float(low), float(high))
