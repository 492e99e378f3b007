"""Sleeves: a quiet ground of two colours and one figure, drawn by numpy and different for every song."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from livedj.demo.score import Cover

SIZE = 500
"""Pixels a side."""
Picture = NDArray[np.uint8]
"""RGB, shape (SIZE, SIZE, 3)."""
_Plane = NDArray[np.float64]
"""How much of the figure shows, 0…1, shape (SIZE, SIZE)."""
_Random = np.random.Generator

# Every figure is drawn on the unit square: x to the right, y downwards.
_Y, _X = np.mgrid[0:SIZE, 0:SIZE] / SIZE


def draw(cover: Cover, seed: int) -> Picture:
    """Draw the sleeve of the song with this seed."""
    rng = np.random.default_rng(seed)
    top, bottom, figure = (_rgb(colour) for colour in cover.palette)
    turn = rng.uniform(-0.35, 0.35)
    blend = np.clip(_Y + turn * (_X - 0.5), 0, 1)[..., None]
    ground = top + (bottom - top) * blend
    shown = np.clip(MOTIFS[cover.motif](rng), 0, 1)[..., None]
    # Noise of one step hides the bands of the gradient.
    grain = rng.uniform(-1.5, 1.5, (SIZE, SIZE, 1))
    return np.asarray(np.clip(ground + (figure - ground) * shown + grain, 0, 255), np.uint8)


def _rgb(colour: str) -> NDArray[np.float64]:
    return np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)], np.float64)


def _inside(distance: NDArray[np.floating]) -> _Plane:
    """1 where `distance` is negative, with an edge of about one pixel."""
    return np.asarray(np.clip(0.5 - distance * SIZE, 0, 1), np.float64)


def _horizon(rng: _Random) -> _Plane:
    """Draw a low sun over water, and its broken reflection."""
    x, y, radius = rng.uniform(0.35, 0.65), rng.uniform(0.42, 0.52), rng.uniform(0.13, 0.19)
    line = y + rng.uniform(0.0, 0.06)
    sun = _inside(np.hypot(_X - x, _Y - y) - radius) * (line > _Y)
    depth = np.maximum(_Y - line, 0)
    ripples = _inside(np.abs(_X - x) - radius * (0.9 - 0.9 * depth)) * (np.sin(depth * (190 - 120 * depth)) > 0.1)
    glow = 0.25 * np.exp(-np.hypot(_X - x, _Y - y) / 0.25)
    return np.asarray(np.maximum(sun, 0.6 * ripples * (line < _Y)) + glow)


def _pixels(rng: _Random) -> _Plane:
    """Draw a creature of 11 × 10 blocks, the same left and right."""
    half = rng.random((10, 6)) < np.linspace(0.35, 0.75, 6)
    blocks = np.concatenate([half, half[:, -2::-1]], axis=1)
    rows, columns = blocks.shape
    x, y = (_X - 0.17) / 0.66 * columns, (_Y - 0.2) / 0.6 * rows
    within = (x >= 0) & (x < columns) & (y >= 0) & (y < rows)
    lit = blocks[np.clip(y.astype(int), 0, rows - 1), np.clip(x.astype(int), 0, columns - 1)]
    return np.asarray(within & lit & (x % 1 < 0.9) & (y % 1 < 0.9), np.float64)


def _arcs(rng: _Random) -> _Plane:
    """Draw rings of light from one corner."""
    distance = np.hypot(_X - rng.choice([0.0, 1.0]), _Y - rng.uniform(0.8, 1.0))
    rings = 0.5 + 0.5 * np.cos(2 * np.pi * distance * rng.uniform(5, 8))
    return np.asarray(_inside(0.35 - rings) * np.clip(1.15 - distance, 0, 1))


def _sun(rng: _Random) -> _Plane:
    """Draw a disc above three waves."""
    x, y = rng.uniform(0.3, 0.7), rng.uniform(0.28, 0.36)
    disc = 0.9 * _inside(np.hypot(_X - x, _Y - y) - 0.17)
    for index in range(3):
        crest = 0.62 + 0.12 * index + 0.03 * np.sin(2 * np.pi * (_X * rng.uniform(1.2, 2.0) + rng.random()))
        disc = np.maximum(disc, (0.35 + 0.3 * index) * _inside(crest - _Y))
    return np.asarray(disc)


def _bars(rng: _Random) -> _Plane:
    """Draw slanted bars of a spectrum."""
    count = 18
    heights = 0.12 + 0.55 * rng.random(count) * np.hanning(count + 2)[1:-1]
    slanted = _X + 0.18 * (_Y - 0.5)
    place = np.clip((slanted - 0.05) / 0.9 * count, 0, count - 0.001)
    height = heights[place.astype(int)]
    return np.asarray((np.abs(_Y - 0.5) < height / 2) * (place % 1 < 0.62) * (slanted > 0.05) * (slanted < 0.95) * 0.95)


def _record(rng: _Random) -> _Plane:
    """Draw a record with its grooves, half out of the picture."""
    x, y = rng.uniform(0.45, 0.8), rng.uniform(0.45, 0.7)
    distance = np.hypot(_X - x, _Y - y)
    grooves = 0.35 + 0.12 * np.cos(2 * np.pi * distance * 60)
    shine = 0.18 * np.cos(2 * (np.arctan2(_Y - y, _X - x) - rng.uniform(0, np.pi))) ** 8
    label = np.where(distance < 0.13, 0.95, grooves + shine) * (distance > 0.018)
    return np.asarray(_inside(distance - 0.4) * label)


MOTIFS: Mapping[str, Callable[[_Random], _Plane]] = {
    "horizon": _horizon,
    "pixels": _pixels,
    "arcs": _arcs,
    "sun": _sun,
    "bars": _bars,
    "record": _record,
}
"""Every figure by the name that the score calls it by."""
