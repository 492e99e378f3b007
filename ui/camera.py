"""Which part of the map is looked at. No Qt."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

MOST = 40.0
"""Times that a map may be enlarged."""
_MARGIN = 0.92
"""Of the view, the whole map takes so much."""
_EDGE = 0.1
"""Of the shorter side of the view, so much at its edges is no place for what the keyboard points at."""


@dataclass(frozen=True, slots=True)
class Camera:
    """A view of the map. Its own lengths are pixels from the top left corner, those of the map 0…1."""

    width: int
    height: int
    least: tuple[float, float] = (0.0, 0.0)
    """The corners of what the songs take of the map: its smallest x and y,"""
    most: tuple[float, float] = (1.0, 1.0)
    """and its largest."""
    zoom: float = 1.0
    """1: the whole map fits in."""
    centre: tuple[float, float] = (0.5, 0.5)
    """The place of the map that is in the middle; it is amid the songs."""

    @property
    def middle(self) -> tuple[float, float]:
        """The middle of the songs."""
        return (self.least[0] + self.most[0]) / 2, (self.least[1] + self.most[1]) / 2

    @property
    def scale(self) -> float:
        """Pixels from 0 to 1 on the map."""
        across, down = (max(high - low, 0.05) for low, high in zip(self.least, self.most, strict=True))
        return self.zoom * _MARGIN * min(self.width / across, self.height / down)

    def over(self, positions: NDArray[np.floating]) -> "Camera":
        """Return the view of songs at these places, shape (n, 2): of all, where all were seen, else what it was of."""
        if not len(positions):
            return replace(self, least=(0.0, 0.0), most=(1.0, 1.0))
        (left, top), (right, bottom) = positions.min(axis=0).tolist(), positions.max(axis=0).tolist()
        there = replace(self, least=(left, top), most=(right, bottom))
        return there._at(*(there.middle if self.centre == self.middle else self.centre))

    def seen(self, positions: NDArray[np.floating]) -> NDArray[np.float32]:
        """Return where places of the map, shape (n, 2), are seen."""
        middle = np.array([self.width, self.height]) / 2
        return np.asarray((positions - np.array(self.centre)) * self.scale + middle, np.float32)

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Return the place of the map that is seen at (x, y)."""
        return (
            self.centre[0] + (x - self.width / 2) / self.scale,
            self.centre[1] + (y - self.height / 2) / self.scale,
        )

    def zoomed(self, factor: float, x: float, y: float) -> "Camera":
        """Return a nearer view (factor > 1) or a wider one, in which what was at (x, y) stays there."""
        zoom = min(MOST, max(1.0, self.zoom * factor))
        if zoom == 1.0:
            return replace(self, zoom=zoom, centre=self.middle)
        before, nearer = self.place(x, y), replace(self, zoom=zoom)
        after = nearer.place(x, y)
        return nearer._at(self.centre[0] + before[0] - after[0], self.centre[1] + before[1] - after[1])

    def moved(self, x: float, y: float) -> "Camera":
        """Return the view with the map drawn along by so much; its middle stays amid the songs."""
        return self._at(self.centre[0] - x / self.scale, self.centre[1] - y / self.scale)

    def with_in_view(self, x: float, y: float) -> "Camera":
        """Return the view moved no more than is needed for what is at (x, y) to be seen, and not at the edge."""
        margin = _EDGE * min(self.width, self.height)
        right, down = (min(side - margin, max(margin, at)) for side, at in ((self.width, x), (self.height, y)))
        return self.moved(right - x, down - y)

    def _at(self, x: float, y: float) -> "Camera":
        (left, top), (right, bottom) = self.least, self.most
        return replace(self, centre=(min(right, max(left, x)), min(bottom, max(top, y))))


def towards(places: NDArray[np.floating], start: NDArray[np.floating], direction: tuple[int, int]) -> int | None:
    """Return the row of the next place within 45° of a direction, one straight ahead first; None where there is none.

    Args:
        places: x and y, shape (n, 2).
        start: from where, shape (2,).
        direction: (±1, 0) or (0, ±1).

    """
    ways = places - start
    onwards, aside = ways @ np.array(direction), np.abs(ways @ np.array(direction[::-1]))
    ahead = np.flatnonzero((onwards > 0) & (aside <= onwards))
    return int(ahead[(onwards + 2 * aside)[ahead].argmin()]) if len(ahead) else None
