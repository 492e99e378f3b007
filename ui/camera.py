"""Which part of the map is looked at. No Qt."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

MOST = 40.0
"""Times that a map may be enlarged."""
_MARGIN = 0.92
"""Of the view, the whole map takes so much."""


@dataclass(frozen=True, slots=True)
class Camera:
    """A view of the map. Its own lengths are pixels from the top left corner, those of the map 0…1."""

    width: int
    height: int
    spread: tuple[float, float] = (1.0, 1.0)
    """How much of the unit square the songs take."""
    zoom: float = 1.0
    """1: the whole map fits in."""
    centre: tuple[float, float] = (0.5, 0.5)
    """The place of the map that is in the middle."""

    @property
    def scale(self) -> float:
        """Pixels from 0 to 1 on the map."""
        across, down = (max(extent, 0.05) for extent in self.spread)
        return self.zoom * _MARGIN * min(self.width / across, self.height / down)

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
            return replace(self, zoom=zoom, centre=(0.5, 0.5))
        before, nearer = self.place(x, y), replace(self, zoom=zoom)
        after = nearer.place(x, y)
        return nearer._at(self.centre[0] + before[0] - after[0], self.centre[1] + before[1] - after[1])

    def moved(self, x: float, y: float) -> "Camera":
        """Return the view with the map drawn along by so much; its middle stays on the map."""
        return self._at(self.centre[0] - x / self.scale, self.centre[1] - y / self.scale)

    def _at(self, x: float, y: float) -> "Camera":
        return replace(self, centre=(min(1.0, max(0.0, x)), min(1.0, max(0.0, y))))
