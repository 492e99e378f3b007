"""Is what the room hears one of ours? Pure."""

from collections.abc import Mapping

from livedj.music import TrackId, Vector, Vectors

STRIDES = 3
"""Windows in a row that must agree before we believe it, and that must disagree before we stop believing it."""


class Identifier:
    """Follows window after window and tells which song of the library is heard, once it is sure."""

    def __init__(self, same_track: float) -> None:
        """`same_track`: the cosine above which two windows are of one song, from the model's card."""
        self._same_track = same_track
        self._candidate: TrackId | None = None
        self._agreed = 0
        self._missed = 0
        self.heard: TrackId | None = None

    def update(self, window: Vector, stored: Mapping[TrackId, Vectors]) -> TrackId | None:
        """Compare the embedding of the newest window with the stored windows of some likely songs."""
        match = self._best(window, stored)
        self._agreed = self._agreed + 1 if match is not None and match == self._candidate else int(match is not None)
        self._candidate = match
        self._missed = 0 if match is not None and match == self.heard else self._missed + 1
        if self._agreed >= STRIDES:
            self.heard, self._missed = match, 0
        elif self._missed >= STRIDES:
            self.heard = None
        return self.heard

    def reset(self) -> None:
        """Forget everything: the room is silent, or another microphone is open."""
        self._candidate = self.heard = None
        self._agreed = self._missed = 0

    def _best(self, window: Vector, stored: Mapping[TrackId, Vectors]) -> TrackId | None:
        cosines = {track: float((windows @ window).max()) for track, windows in stored.items() if len(windows)}
        best = max(cosines, key=cosines.__getitem__, default=None)
        return best if best is not None and cosines[best] >= self._same_track else None
