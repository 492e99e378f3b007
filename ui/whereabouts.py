"""Where on the map the room is: amid the songs that sound most like it. No Qt."""

import math
from collections.abc import Sequence
from itertools import islice

import numpy as np

from livedj.choose.scene import Neighbour
from livedj.library.atlas import Points
from livedj.music import Seconds

NEAREST = 5
"""Songs that say where the room is."""
_SOFTNESS = 0.05  # a song whose cosine is less by so much counts e times less
_HALF_WAY = Seconds(0.5)
"""The marker has gone half of its way after so long."""


class Whereabouts:
    """The marker of the room, which glides."""

    def __init__(self) -> None:
        self._at: tuple[float, float] | None = None
        self._when = Seconds(0.0)

    def follow(self, neighbours: Sequence[Neighbour], points: Points, now: Seconds) -> tuple[float, float] | None:
        """Return the marker's place at the moment `now`; None while nothing is heard."""
        goal = place_of(neighbours, points)
        share = 1 - math.pow(0.5, max(0.0, now - self._when) / _HALF_WAY)
        self._when = now
        if goal is None or self._at is None:
            self._at = goal
        else:
            (x, y), (goal_x, goal_y) = self._at, goal
            self._at = (x + share * (goal_x - x), y + share * (goal_y - y))
        return self._at


def place_of(neighbours: Sequence[Neighbour], points: Points) -> tuple[float, float] | None:
    """Return the mean place of the nearest songs on the map, nearer ones counting more; None where there is none."""
    rows = ((points.row_of(near.track.id), near.cosine) for near in neighbours)
    nearest = list(islice(((row, cosine) for row, cosine in rows if row is not None), NEAREST))
    if not nearest:
        return None
    cosines = np.array([cosine for _, cosine in nearest])
    weights = np.exp((cosines - cosines.max()) / _SOFTNESS)
    x, y = np.average(points.positions[[row for row, _ in nearest]], axis=0, weights=weights)
    return float(x), float(y)
