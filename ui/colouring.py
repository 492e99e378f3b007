"""What the songs on the map are coloured by."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from livedj.library.atlas import Points
from ui.theme import GROUPS, REST, RISING


class Colouring(Enum):
    """What songs are coloured by; the value is shown."""

    STYLE = "Style"
    FOLDER = "Folder"
    ARTIST = "Artist"
    TEMPO = "Tempo"


_TEMPOS = (90, 110, 125, 140)
"""Beats a minute at which the bands meet."""


@dataclass(frozen=True, slots=True, eq=False)
class Coloured:
    """The groups of the songs."""

    groups: NDArray[np.int64]
    """The place of each song's group in the legend, shape (n,)."""
    legend: Sequence[tuple[str, str]]
    """(colour, name) of each group."""

    @property
    def palette(self) -> NDArray[np.uint8]:
        """Red, green, blue of each group, shape (groups, 3)."""
        return np.array([[*bytes.fromhex(colour[1:])] for colour, _ in self.legend], np.uint8).reshape(-1, 3)


def coloured(points: Points, by: Colouring) -> Coloured:
    """Return the groups of the songs."""
    if by is Colouring.TEMPO:
        return _by_tempo(points.tempos)
    if by is Colouring.STYLE:
        return _by_name(points.genres, "other styles, or not known")
    if by is Colouring.FOLDER:
        return _by_name(points.folders, "other folders")
    return _by_name(points.artists, "other artists")


def _by_name(names: Sequence[str], others: str) -> Coloured:
    """Give the names that most songs have a colour each, and all others one."""
    counted = Counter(name for name in names if name)
    largest = [name for name, _ in sorted(counted.items(), key=lambda item: (-item[1], item[0]))[: len(GROUPS)]]
    place = {name: number for number, name in enumerate(largest)}
    groups = np.array([place.get(name, len(largest)) for name in names], np.int64)
    rest = [(REST, others)] if len(largest) in groups else []
    return Coloured(groups, [*zip(GROUPS, largest, strict=False), *rest])


def _by_tempo(tempos: NDArray[np.float32]) -> Coloured:
    low, *_, high = _TEMPOS
    between = [f"{start}–{end} BPM" for start, end in pairwise(_TEMPOS)]
    names = [f"below {low} BPM", *between, f"{high} BPM and more"]
    unknown = np.isnan(tempos)
    groups = np.where(unknown, len(names), np.searchsorted(_TEMPOS, tempos, side="right"))
    rest = [(REST, "not known")] if unknown.any() else []
    return Coloured(groups, [*zip(RISING, names, strict=True), *rest])
