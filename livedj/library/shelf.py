"""What a view of the library reads: its songs in any order, its folders, and the files that cannot be used.

It writes nothing, but for where new songs lie on the map. Every call opens the catalogue for itself: the calls belong
to one thread, whichever that is.
"""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livedj import bundled
from livedj.choose.versions import folded
from livedj.ear.encoder import read_card
from livedj.library.atlas import Atlas
from livedj.library.catalogue import FILE_NAME, Catalogue, Problem
from livedj.library.database import Database
from livedj.library.files import is_folder, real_path
from livedj.library.index import INDEX_FOLDER, Listing, listing
from livedj.library.journal import OPINIONS
from livedj.library.models import Models
from livedj.library.playlists import read_playlist
from livedj.library.rows import IN_A_FOLDER, IN_THE_FOLDER, as_json, moment_of
from livedj.music import Beats, Key, Seconds, Track, TrackId


class Standing(Enum):
    """What can be done with a song; the value is shown."""

    READY = "ready"
    INTRO = "intro heard"
    """It can be proposed; the rest is still to be heard."""
    WAITING = "not heard yet"
    UNUSABLE = "cannot be used"
    """It is on the list of problems."""
    AWAY = "not there"
    """Its file is gone, or the drive that it is on."""


class Column(Enum):
    """What songs can be ordered by; the value is the column's name as it is shown."""

    TITLE = "TITLE"
    ARTIST = "ARTIST"
    ALBUM = "ALBUM"
    LENGTH = "LENGTH"
    TEMPO = "TEMPO"
    KEY = "KEY"
    LOUDNESS = "LOUDNESS"
    ADDED = "ADDED"
    STANDING = "STATE"
    OPINION = "♥"


@dataclass(frozen=True, slots=True)
class Order:
    """Which songs are wanted, and in which order."""

    column: Column = Column.ARTIST
    descending: bool = False
    words: str = ""
    """Each must be found in the title, the artist or the album; case and accents do not matter."""


@dataclass(frozen=True, slots=True)
class Song:
    """One row of the view. What is not known is None."""

    id: TrackId
    song: TrackId
    """As in `Track.song`."""
    title: str
    artist: str
    album: str
    duration: Seconds
    beats: Beats | None
    """Of the intro."""
    key: Key | None
    lufs: float | None
    added: datetime | None
    """When it came into the library (UTC)."""
    standing: Standing


@dataclass(frozen=True, slots=True)
class Folder:
    """A music folder."""

    path: Path
    songs: int
    """How many songs of it are known."""
    there: bool


_KEYS = {
    Column.OPINION: ("CASE opinion WHEN 'liked' THEN 1 WHEN 'banned' THEN 2 END",),
    Column.TITLE: ("folded(title)",),
    Column.ARTIST: ("folded(artist)", "folded(album)", "disc", "tracks.number"),
    Column.ALBUM: ("folded(album)", "disc", "tracks.number"),
    Column.LENGTH: ("duration",),
    Column.TEMPO: ("intro_tempo",),
    Column.KEY: ("key_tonic", "key_minor"),
    Column.LOUDNESS: ("lufs",),
    Column.ADDED: ("nullif(added, 0)",),
    Column.STANDING: (),
}
"""What SQLite sorts by."""
_RANKS = (Standing.READY, Standing.INTRO, Standing.WAITING, Standing.UNUSABLE, Standing.AWAY)
_STANDING = "vectors.number, heard_whole, problems.path"
_SONG = (
    "tracks.id, COALESCE(tracks.song, tracks.id), title, artist, album, duration, intro_tempo, intro_beat,"
    f" intro_confidence, key_tonic, key_minor, key_confidence, lufs, added, {_STANDING}"
)
_TABLES = (
    "tracks LEFT JOIN vectors ON vectors.track = tracks.id AND vectors.model = ?"
    " LEFT JOIN problems ON problems.path = tracks.path"
    f" LEFT JOIN ({OPINIONS}) AS thought ON thought.song = COALESCE(tracks.song, tracks.id)"
)


class Shelf:
    """The library in `data`, to look at. Every method raises CatalogueError where it cannot be read."""

    def __init__(self, data: Path, shipped: Path = bundled.MODEL) -> None:
        """Read nothing yet; `shipped` is the model that ships with livedj. `atlas` is the library as a map."""
        self._data = data
        self._models = Models(data, shipped)
        self.atlas = Atlas(data, shipped)
        self._listing: Listing | None = None
        self._sha256 = ""

    def order(self, wanted: Order) -> NDArray[np.int64]:
        """Return the ids of the songs in music folders that are wanted, in order; what is not known comes last."""
        words = folded(wanted.words).split()
        with closing(Database(self._data / FILE_NAME)) as database:
            database.define("folded", folded)
            database.define("matches", lambda *texts: all(word in folded("\n".join(texts)) for word in words))
            rows = database.rows(
                f"SELECT tracks.id, {_STANDING} FROM {_TABLES}"
                f" WHERE {IN_A_FOLDER} {'AND matches(title, artist, album)' if words else ''}"
                f" ORDER BY {', '.join(_terms(wanted))}",
                (self._model(),),
            )
        ids = np.array([row[0] for row in rows], np.int64)
        if wanted.column is not Column.STANDING:
            return ids
        ranks = np.array([_RANKS.index(standing) for standing in self._standings(rows)], np.int64)
        return ids[np.argsort(-ranks if wanted.descending else ranks, kind="stable")]

    def songs(self, ids: Sequence[TrackId]) -> dict[TrackId, Song]:
        """Return these songs, leaving out those that are not in the catalogue any more."""
        with closing(Database(self._data / FILE_NAME)) as database:
            rows = database.rows(
                f"SELECT {_SONG} FROM {_TABLES} WHERE tracks.id IN (SELECT value FROM json_each(?))",
                (self._model(), as_json(ids)),
            )
        standings = self._standings([(row[0], *row[-3:]) for row in rows])
        return {TrackId(row[0]): _song(row, standing) for row, standing in zip(rows, standings, strict=True)}

    def track(self, song: TrackId) -> Track | None:
        """Return one song as the party knows it; None where it is not in the catalogue any more."""
        with Catalogue(self._data / FILE_NAME) as catalogue:
            return catalogue.track(song)

    def tracks(self, songs: Sequence[TrackId]) -> list[Track]:
        """Return these songs in this order, leaving out those that are not in the catalogue any more."""
        with Catalogue(self._data / FILE_NAME) as catalogue:
            found = catalogue.tracks(songs)
        return [found[song] for song in songs if song in found]

    def listed(self, playlist: Path) -> tuple[list[Track], int]:
        """Return the songs of a playlist that are in the library, in its order, and how many others it names.

        Raises:
            PlaylistError: it cannot be read.

        """
        files = read_playlist(playlist)
        with Catalogue(self._data / FILE_NAME) as catalogue:
            ids = {path: track for track, path in catalogue.paths(self._model()).items()}
            found = [ids.get(file.absolute()) or ids.get(real_path(file)) for file in files]
            tracks = catalogue.tracks([track for track in found if track is not None])
        there = [tracks[track] for track in found if track in tracks]
        return there, len(files) - len(there)

    def folders(self) -> list[Folder]:
        """Return the music folders, in the order they were added."""
        with closing(Database(self._data / FILE_NAME)) as database:
            rows = database.rows(
                "SELECT folders.path, COUNT(tracks.id) FROM folders"
                f" LEFT JOIN tracks ON {IN_THE_FOLDER} GROUP BY folders.id ORDER BY folders.id"
            )
        return [Folder(Path(path), songs, is_folder(Path(path))) for path, songs in rows]

    def problems(self) -> list[Problem]:
        """Return the files that cannot be used, by path."""
        with Catalogue(self._data / FILE_NAME) as catalogue:
            return catalogue.problems()

    def _model(self) -> str:
        """Return the sha256 of the model that serves, having looked whether the index is still the same."""
        if self._listing is None or not self._listing.is_newest():
            self._listing = listing(self._data / INDEX_FOLDER)
            self._sha256 = read_card(self._models.serving()).sha256
        return self._sha256

    def _standings(self, rows: Sequence[tuple[int, int | None, int | None, str | None]]) -> list[Standing]:
        """Tell how songs stand by their id, and the columns _STANDING."""
        listed = np.zeros(0, np.int64) if self._listing is None else self._listing.ids
        seen = 0 if self._listing is None else self._listing.seen
        indexed = np.isin([row[0] for row in rows], listed)
        return [
            Standing.UNUSABLE if problem is not None
            else Standing.WAITING if number is None
            else Standing.AWAY if number <= seen and not there
            else Standing.READY if whole
            else Standing.INTRO
            for (_, number, whole, problem), there in zip(rows, indexed, strict=True)
        ]  # fmt: skip


def _song(row: tuple[Any, ...], standing: Standing) -> Song:
    track, song, title, artist, album, duration, tempo, beat, sure, tonic, minor, key_sure, lufs, added, *_ = row
    return Song(
        TrackId(track),
        TrackId(song),
        title,
        artist,
        album,
        Seconds(duration),
        None if tempo is None else Beats(tempo, beat, sure),
        None if tonic is None else Key(tonic, bool(minor), key_sure),
        lufs,
        moment_of(added) if added else None,
        standing,
    )


def _terms(wanted: Order) -> list[str]:
    direction = "DESC" if wanted.descending else "ASC"
    terms = [f"nullif({key}, '') {direction} NULLS LAST" for key in _KEYS[wanted.column]]
    return [*terms, "folded(title)", "tracks.id"]
