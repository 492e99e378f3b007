"""A library for tests of listening."""

from collections.abc import Sequence

import numpy as np

from livedj.choose.scene import Neighbour
from livedj.music import Track, TrackId, Vector, Vectors, unit
from tests.songs import song


class OneSong:
    """A library of one song that sounds like whatever is heard first."""

    def __init__(self) -> None:
        self.only = song(1)
        self.asked: list[Vector] = []
        self.windows: Vectors | None = None
        self.closed = False
        self.past = unit(np.arange(128.0))
        """The sound of the song as a whole."""

    def nearest(self, vector: Vector) -> tuple[Neighbour, ...]:
        self.asked.append(vector)
        return (Neighbour(self.only, 0.9),)

    def likely(self, vector: Vector) -> dict[TrackId, Vectors]:
        self.windows = vector[None] if self.windows is None else self.windows
        return {self.only.id: self.windows}

    def sounds(self, tracks: Sequence[TrackId]) -> dict[TrackId, Vector]:
        return {track: self.past for track in tracks if track == self.only.id}

    def track(self, track: TrackId) -> Track | None:
        return self.only if track == self.only.id else None

    def close(self) -> None:
        self.closed = True
