"""A library for tests of listening."""

from livedj.choose.scene import Neighbour
from livedj.music import Track, TrackId, Vector, Vectors
from tests.songs import song


class OneSong:
    """A library of one song that sounds like whatever is heard first."""

    def __init__(self) -> None:
        self.only = song(1)
        self.asked: list[Vector] = []
        self.windows: Vectors | None = None
        self.closed = False

    def nearest(self, vector: Vector) -> tuple[Neighbour, ...]:
        self.asked.append(vector)
        return (Neighbour(self.only, 0.9),)

    def likely(self, vector: Vector) -> dict[TrackId, Vectors]:
        self.windows = vector[None] if self.windows is None else self.windows
        return {self.only.id: self.windows}

    def track(self, track: TrackId) -> Track | None:
        return self.only if track == self.only.id else None

    def close(self) -> None:
        self.closed = True
