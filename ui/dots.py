"""Many dots as a picture, by NumPy: Qt would take tens of milliseconds to draw twenty thousand. No Qt."""

import math
from functools import lru_cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

Rgb = NDArray[np.uint32]
"""A picture, shape (height, width): 255, red, green, blue, as Qt's RGB32."""


def dots(
    centres: NDArray[np.floating],
    groups: NDArray[np.integer],
    palette: NDArray[np.uint8],
    ground: NDArray[np.uint8],
    diameter: float,
    size: tuple[int, int],
) -> Rgb:
    """Return dots on a plain ground.

    Args:
        centres: x and y in pixels, shape (n, 2).
        groups: the row of each dot's colour, shape (n,).
        palette: red, green, blue, shape (groups, 3).
        ground: the same of the ground, shape (3,).
        diameter: in pixels.
        size: of the picture, (width, height).

    """
    width, height = size
    margin = math.ceil(diameter / 2) + 1
    cells = np.floor(centres).astype(np.int64)
    near = ((cells >= -margin) & (cells < (width + margin, height + margin))).all(axis=1)
    across = width + 4 * margin  # dots that are cut by an edge need no care
    picture = np.full((height + 4 * margin) * across, _packed(ground[None])[0])
    middles = (cells[near, 1] + 2 * margin) * across + cells[near, 0] + 2 * margin
    shown = groups[near]
    for right, down, cover in _disc(diameter):
        picture[middles + (down * across + right)] = _packed(cover * palette + (1 - cover) * ground)[shown]
    whole = picture.reshape(height + 4 * margin, across)
    return np.ascontiguousarray(whole[2 * margin : 2 * margin + height, 2 * margin : 2 * margin + width])


def _packed(colours: NDArray[np.number]) -> NDArray[np.uint32]:
    red, green, blue = np.round(colours).astype(np.uint32).T
    return np.asarray((255 << 24) | (red << 16) | (green << 8) | blue, np.uint32)


@lru_cache(maxsize=4)  # a view draws many times in one size, and zooming passes through any number of sizes
def _disc(diameter: float) -> tuple[tuple[int, int, float], ...]:
    """Return the pixels of a disc (right, down, share that is covered), the rim first: where two meet, hearts win."""
    radius = diameter / 2
    reach = range(-math.ceil(radius), math.ceil(radius) + 1)
    pixels = sorted(product(reach, reach), key=lambda pixel: -math.hypot(*pixel))
    covers = [(right, down, min(1.0, radius + 0.5 - math.hypot(right, down))) for right, down in pixels]
    return tuple(pixel for pixel in covers if pixel[2] > 0)
