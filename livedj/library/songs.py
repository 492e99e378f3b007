"""What the ear asks of the library: which songs begin like this, and is this one of them.

Reads the catalogue and the neighbour index. Used from one thread only.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from livedj.choose.scene import Neighbour
from livedj.ear.encoder import ModelCard
from livedj.errors import NeighbourIndexError
from livedj.library.catalogue import FILE_NAME, Catalogue
from livedj.library.index import INDEX_FOLDER, IntroIndex
from livedj.music import Track, TrackId, Vector, Vectors

NEIGHBOURS = 64
"""Five proposals remain of so many when the recently played ones are left out."""
MOST_BANNED = 1000
"""So many banned songs may lie nearer than those; beyond, a question would take long."""
LIKELY = 20
"""Songs whose stored windows are compared with what is heard."""


_NOTHING_NEW = np.zeros(0, np.int64), np.zeros((0, 0), np.float32)


class Songs:
    """A view of the library that follows a scan.

    At every question it looks for a newer index (one stat), and for songs that came since that was built (one look into
    the catalogue): among those it searches exactly, so that a song is found as soon as its intro is known.
    """

    def __init__(self, data: Path, card: ModelCard) -> None:
        self._catalogue = Catalogue(data / FILE_NAME)
        self._index_folder = data / INDEX_FOLDER
        self._card = card
        self._index: IntroIndex | None = None
        self._seen = 0
        self._new = _NOTHING_NEW
        """Tracks and intro vectors that came since the index was built."""
        self._windows: dict[TrackId, Vectors] = {}
        self._ids = np.zeros(0, np.int64)
        self._tracks: Vectors = np.zeros((0, card.dimensions), np.float32)

    def close(self) -> None:
        """Close the catalogue."""
        self._catalogue.close()

    def _current(self) -> IntroIndex | None:
        """Return the newest index; None where none fits yet: a scan will build it."""
        if self._index is None or self._index.superseded():
            try:
                self._index = IntroIndex.open(self._index_folder, self._card.sha256, self._card.dimensions)
            except NeighbourIndexError:
                return self._index
            self._read_tracks(self._index)
            self._seen, self._new = self._index.seen, _NOTHING_NEW
        return self._index

    def _read_tracks(self, index: IntroIndex) -> None:
        """Read the track vectors of the songs in the index: those whose files are gone are not in it."""
        ids, tracks = self._catalogue.track_vectors(self._card.sha256)
        listed = np.isin(ids, index.ids)
        self._ids, self._tracks = ids[listed], tracks[listed]
        self._windows.clear()

    def nearest(self, vector: Vector) -> tuple[Neighbour, ...]:
        """Return the songs whose intro vectors lie nearest to `vector`, best first, but for the banned ones."""
        index = self._current()
        new, vectors = self._new_songs()
        banned = self._catalogue.banned()
        count = NEIGHBOURS + min(len(banned), MOST_BANNED)
        listed = [] if index is None else index.neighbours(vector, count)
        outdated = np.isin([track for track, _ in listed], new)
        found = {track: cosine for (track, cosine), old in zip(listed, outdated, strict=True) if not old}
        if len(new):
            cosines = vectors @ vector
            found |= {TrackId(int(new[row])): float(cosines[row]) for row in np.argsort(cosines)[-count:]}
        nearest = sorted(found.keys() - banned, key=lambda track: -found[track])[:NEIGHBOURS]
        tracks = self._catalogue.tracks(nearest, in_folders=True)
        played, now = self._catalogue.last_played(nearest), datetime.now(UTC)
        return tuple(
            Neighbour(
                tracks[track],
                found[track],
                max(0, (now - played[track]).days) if track in played else None,
                self._sound(track),
            )
            for track in nearest
            if track in tracks
        )

    def _sound(self, track: TrackId) -> Vector | None:
        """Return the song's track vector; None where it came since the index was built."""
        row = int(np.searchsorted(self._ids, track))
        known = row < len(self._ids) and self._ids[row] == track
        return self._tracks[row].copy() if known else None  # a copy: it outlives the index

    def _new_songs(self) -> tuple[NDArray[np.int64], Vectors]:
        """Return the songs that the index does not list yet, or not as they are now, with their intro vectors."""
        self._seen, ids, vectors = self._catalogue.vectors_since(self._seen, self._card.sha256)
        if len(ids):
            known, before = self._new
            stays = ~np.isin(known, ids)
            before = before.reshape(-1, self._card.dimensions)[stays]
            self._new = np.concatenate([known[stays], ids]), np.concatenate([before, vectors])
        return self._new

    def likely(self, vector: Vector) -> dict[TrackId, Vectors]:
        """Return the stored windows of the songs that as a whole sound most like `vector`."""
        self._current()
        if len(self._ids) == 0:
            return {}
        cosines = self._tracks @ vector
        count = min(LIKELY, len(cosines))
        wanted = [TrackId(int(self._ids[i])) for i in np.argpartition(-cosines, count - 1)[:count]]
        missing = [track for track in wanted if track not in self._windows]
        read = self._catalogue.windows(missing, self._card.sha256) if missing else {}
        self._windows = {track: w for track in wanted if (w := self._windows.get(track, read.get(track))) is not None}
        return self._windows

    def sounds(self, tracks: Sequence[TrackId]) -> dict[TrackId, Vector]:
        """Return the track vectors of those of these tracks that are in the index."""
        return {track: sound for track in tracks if (sound := self._sound(track)) is not None}

    def track(self, track: TrackId) -> Track | None:
        """Return one song."""
        return self._catalogue.track(track)
