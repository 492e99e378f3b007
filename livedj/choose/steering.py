"""What is asked for, beside what is heard: the past of the night, and a little chance. Pure.

Both controls are those of the author of "Deej-A.I.", who called them *keep on* and *drunk*.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from livedj.music import TrackId, Vector, unit

MOST_KEPT = 10
"""Songs that the past may count at most."""


@dataclass(frozen=True, slots=True)
class Steering:
    """How the next songs are asked for; by default by what is heard alone."""

    past: tuple[TrackId, ...] = ()
    """Tracks whose sound joins what is heard: the last ones, the latest first."""
    drunk: float = 0.0
    """The share of chance, 0 (none) to 1 (nothing else)."""
    seed: int = 0
    """What chance is drawn from: as long as it stays, so does what chance adds."""


def steered(heard: Vector, past: Sequence[Vector], drunk: float, chance: Vector) -> Vector:
    """Return what is to be asked for, unit length: what is `heard`, which the `past` joins with the same weight a song.

    `drunk` is the share of `chance`, which has unit length as all the others.
    """
    return unit((1 - drunk) * unit(np.sum([heard, *past], axis=0)) + drunk * chance)


def chance_of(seed: int, dimensions: int) -> Vector:
    """Return a direction that is drawn from `seed`, unit length: any is as likely as any other."""
    return unit(np.random.default_rng(seed).normal(size=dimensions))
