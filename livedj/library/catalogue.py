"""The catalogue: tracks, vectors, covers, history and folders in SQLite. The only file that imports sqlite3.

A connection belongs to the thread that opened it: every thread makes its own Catalogue, which costs about a
millisecond. Readers never wait (write-ahead log); writers wait for each other at most BUSY_SECONDS.
"""

import hashlib
import json
import os
import sqlite3
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from livedj.errors import CatalogueError
from livedj.music import CuePoints, Seconds, Track, TrackId, Vectors

if TYPE_CHECKING:  # the decoder and the encoder behind it are not needed to read
    from livedj.library.analysis import Analysis

FILE_NAME = "catalogue.sqlite3"
"""The catalogue in the data folder."""
BUSY_SECONDS = 10.0

_VERSION = 2
# File names are bytes and need not be UTF-8. They are stored byte for byte as TEXT (readable in any SQLite tool):
# written through CAST(:path AS TEXT) from os.fsencode, read through os.fsdecode.
_SCHEMA = """
    CREATE TABLE covers (
        hash BLOB PRIMARY KEY,          -- sha256 of data
        data BLOB NOT NULL              -- encoded picture
    );
    CREATE TABLE tracks (
        id INTEGER PRIMARY KEY,
        path TEXT NOT NULL UNIQUE,
        mtime_ns INTEGER NOT NULL,
        size INTEGER NOT NULL,          -- bytes
        title TEXT NOT NULL,
        artist TEXT NOT NULL,
        album TEXT NOT NULL,
        duration REAL NOT NULL,         -- seconds, as the cues
        cue_start REAL NOT NULL,
        cue_end REAL NOT NULL,
        cover BLOB REFERENCES covers (hash)
    );
    CREATE INDEX tracks_by_cover ON tracks (cover);
    CREATE TABLE vectors (
        track INTEGER NOT NULL REFERENCES tracks (id),
        model TEXT NOT NULL,            -- sha256
        intro BLOB NOT NULL,            -- float32, unit length
        whole BLOB NOT NULL,            -- the track vector, likewise
        PRIMARY KEY (track, model)
    );
    CREATE TABLE windows (              -- apart from the vectors, which are read all at once
        track INTEGER NOT NULL REFERENCES tracks (id),
        model TEXT NOT NULL,
        data BLOB NOT NULL,             -- float16 (n, dimensions)
        dimensions INTEGER NOT NULL,
        PRIMARY KEY (track, model)
    );
    CREATE TABLE problems (
        path TEXT PRIMARY KEY,
        mtime_ns INTEGER NOT NULL,
        size INTEGER NOT NULL,
        reason TEXT NOT NULL,
        model TEXT NOT NULL DEFAULT ''  -- sha256 of the one that was to hear it, or empty
    );
    CREATE TABLE history (
        id INTEGER PRIMARY KEY,
        track INTEGER NOT NULL REFERENCES tracks (id),
        at INTEGER NOT NULL             -- microseconds since 1970, UTC
    );
    CREATE INDEX history_by_track ON history (track, at);
    CREATE TABLE folders (
        id INTEGER PRIMARY KEY,
        path TEXT NOT NULL UNIQUE
    );
"""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_ADVICE = {
    "SQLITE_BUSY": "another livedj is writing to it: close that one, or try again",
    "SQLITE_CANTOPEN": "it cannot be opened: is the folder there, and may livedj write to it?",
    "SQLITE_CORRUPT": "it is damaged: move the file away and scan the music folders again",
    "SQLITE_FULL": "the disk is full: make some space",
    "SQLITE_IOERR": "the disk reports an error",
    "SQLITE_NOTADB": "it is damaged, or not a catalogue: move the file away and scan the music folders again",
    "SQLITE_READONLY": "livedj may not write to it: check the file's permissions",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """A file that cannot be used, and why, in a sentence."""

    path: Path
    reason: str


class Catalogue:
    """The person's library on disk, used by the thread that opened it.

    Every method raises CatalogueError where the file is damaged, locked for too long, or the disk is full.
    """

    def __init__(self, path: Path) -> None:
        """Open the catalogue, or make an empty one.

        Raises:
            CatalogueError: it cannot be opened, is damaged, or was made by a newer livedj.

        """
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CatalogueError(f"The folder {path.parent} cannot be made: {error.strerror}.") from error
        with self._translated():
            self._connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            self._connection.text_factory = os.fsdecode
            self._prepare()
        except BaseException:
            self._connection.close()
            raise

    def _prepare(self) -> None:
        with self._translated():
            self._connection.execute("PRAGMA foreign_keys = ON")
            self._connection.execute("PRAGMA synchronous = NORMAL")  # a power cut may cost the last commits, no more
            if self._version() == 0:
                self._create()
            elif self._version() == 1:
                self._update()
        if self._version() > _VERSION:
            raise CatalogueError(f"The catalogue {self._path} was made by a newer livedj: update livedj.")

    def _version(self) -> int:
        return int(self._rows("PRAGMA user_version")[0][0])

    def _create(self) -> None:
        self._switch_to_wal()
        with self._writing():
            if self._version() != 0:  # another thread came first
                return
            if self._rows("SELECT 1 FROM sqlite_master"):
                raise CatalogueError(f"{self._path} is the database of another program: choose another data folder.")
            for statement in _SCHEMA.split(";"):
                self._connection.execute(statement)
            self._connection.execute(f"PRAGMA user_version = {_VERSION}")

    def _update(self) -> None:
        with self._writing():
            if self._version() == 1:  # no other thread came first
                self._execute("ALTER TABLE problems ADD COLUMN model TEXT NOT NULL DEFAULT ''")
                self._execute(f"PRAGMA user_version = {_VERSION}")

    def _switch_to_wal(self) -> None:
        """Turn the write-ahead log on; SQLite itself does not wait where others are about to do the same."""
        end = time.monotonic() + BUSY_SECONDS
        while True:
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if not error.sqlite_errorname.startswith("SQLITE_BUSY") or time.monotonic() > end:
                    raise
                time.sleep(0.01)
            else:
                return

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    # Tracks

    def add(self, analysis: "Analysis", model_sha256: str) -> TrackId:
        """Store what the analysis found; an older row of the same path is replaced and keeps its id and history."""
        with self._writing():
            track = self._add_track(analysis, self._add_cover(analysis.cover))
            self._execute(
                "INSERT OR REPLACE INTO vectors VALUES (?, ?, ?, ?)",
                (track, model_sha256, _blob(analysis.intro, "<f4"), _blob(analysis.track, "<f4")),
            )
            self._execute(
                "INSERT OR REPLACE INTO windows VALUES (?, ?, ?, ?)",
                (track, model_sha256, _blob(analysis.windows, "<f2"), analysis.windows.shape[1]),
            )
            self._execute("DELETE FROM problems WHERE path = CAST(? AS TEXT)", (os.fsencode(analysis.path),))
        return track

    def _add_cover(self, cover: bytes | None) -> bytes | None:
        if cover is None:
            return None
        digest = hashlib.sha256(cover).digest()
        self._execute("INSERT OR IGNORE INTO covers VALUES (?, ?)", (digest, cover))
        return digest

    def _add_track(self, analysis: "Analysis", cover: bytes | None) -> TrackId:
        path = os.fsencode(analysis.path)
        old = self._rows("SELECT id, mtime_ns, size, cover FROM tracks WHERE path = CAST(? AS TEXT)", (path,))
        if old and tuple(old[0][1:3]) != (analysis.mtime_ns, analysis.size):
            self._forget_vectors(old[0][0])  # those of other models, too, describe the former sound
        tags, cues = analysis.tags, analysis.cues
        [(track,)] = self._rows(
            "INSERT INTO tracks (path, mtime_ns, size, title, artist, album, duration, cue_start, cue_end, cover)"
            " VALUES (CAST(? AS TEXT), ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (path) DO UPDATE SET mtime_ns = excluded.mtime_ns, size = excluded.size,"
            " title = excluded.title, artist = excluded.artist, album = excluded.album,"
            " duration = excluded.duration, cue_start = excluded.cue_start, cue_end = excluded.cue_end,"
            " cover = excluded.cover RETURNING id",
            (path, analysis.mtime_ns, analysis.size, tags.title, tags.artist, tags.album,
             analysis.duration, cues.start, cues.end, cover),
        )  # fmt: skip
        if old and old[0][3] is not None:
            self._execute(
                "DELETE FROM covers WHERE hash = ? AND NOT EXISTS (SELECT 1 FROM tracks WHERE cover = ?)",
                (old[0][3], old[0][3]),
            )
        return TrackId(track)

    def _forget_vectors(self, track: int, model_sha256: str | None = None) -> None:
        for table in ("vectors", "windows"):
            self._execute(f"DELETE FROM {table} WHERE track = ?1 AND (?2 IS NULL OR model = ?2)", (track, model_sha256))

    def size(self, model_sha256: str) -> int:
        """Return how many tracks have vectors of this model."""
        return int(self._rows("SELECT COUNT(*) FROM vectors WHERE model = ?", (model_sha256,))[0][0])

    def track(self, track_id: TrackId) -> Track | None:
        """Return one track; None for an id that is not in the catalogue."""
        return self.tracks([track_id]).get(track_id)

    def tracks(self, ids: Sequence[TrackId]) -> dict[TrackId, Track]:
        """Return the tracks of these ids, leaving out those that are not in the catalogue."""
        rows = self._rows(f"SELECT {_TRACK} FROM tracks WHERE id IN (SELECT value FROM json_each(?))", (_json(ids),))
        return {track.id: track for track in map(_track, rows)}

    def cover(self, track_id: TrackId) -> bytes | None:
        """Return the track's encoded picture (JPEG, PNG…); None where it has none."""
        rows = self._rows("SELECT data FROM tracks JOIN covers ON hash = cover WHERE tracks.id = ?", (track_id,))
        return bytes(rows[0][0]) if rows else None

    # Vectors

    def intro_vectors(self, model_sha256: str) -> tuple[NDArray[np.int64], Vectors]:
        """Return all track ids, shape (n,), and their intro vectors, shape (n, dimensions); (0, 0) where n is 0."""
        return self._all_vectors("intro", model_sha256)

    def track_vectors(self, model_sha256: str) -> tuple[NDArray[np.int64], Vectors]:
        """Return all track ids and their track vectors, shaped as those of `intro_vectors`."""
        return self._all_vectors("whole", model_sha256)

    def _all_vectors(self, column: str, model_sha256: str) -> tuple[NDArray[np.int64], Vectors]:
        rows = self._rows(f"SELECT track, {column} FROM vectors WHERE model = ? ORDER BY track", (model_sha256,))
        if not rows:
            return np.zeros(0, np.int64), np.zeros((0, 0), np.float32)
        vectors = np.frombuffer(b"".join(row[1] for row in rows), "<f4").reshape(len(rows), -1)
        return np.array([row[0] for row in rows], np.int64), vectors

    def windows(self, ids: Sequence[TrackId], model_sha256: str) -> dict[TrackId, Vectors]:
        """Return the windows of these tracks, each of shape (n, dimensions) and unit length or, for silence, zero."""
        rows = self._rows(
            "SELECT track, data, dimensions FROM windows WHERE model = ? AND track IN (SELECT value FROM json_each(?))",
            (model_sha256, _json(ids)),
        )
        return {
            TrackId(track): np.frombuffer(data, "<f2").astype(np.float32).reshape(-1, dimensions)
            for track, data, dimensions in rows
        }

    def heard_by_others(self, model_sha256: str) -> dict[Path, tuple[int, int]]:
        """Return the files that have vectors, but none of this model, as `known` does."""
        rows = self._rows(
            "SELECT path, mtime_ns, size FROM tracks WHERE EXISTS (SELECT 1 FROM vectors WHERE track = tracks.id)"
            " AND NOT EXISTS (SELECT 1 FROM vectors WHERE track = tracks.id AND model = ?)",
            (model_sha256,),
        )
        return {Path(path): (mtime_ns, size) for path, mtime_ns, size in rows}

    def forget_other_models(self, kept: Collection[str]) -> None:
        """Remove the vectors of all models but these."""
        present = {model for (model,) in self._rows("SELECT DISTINCT model FROM vectors")}
        for model in present.difference(kept):
            with self._writing():
                self._execute("DELETE FROM vectors WHERE model = ?", (model,))
                self._execute("DELETE FROM windows WHERE model = ?", (model,))

    # Files

    def paths(self, model_sha256: str) -> dict[TrackId, Path]:
        """Return the file of each track that has vectors of this model."""
        rows = self._rows("SELECT id, path FROM tracks JOIN vectors ON track = id WHERE model = ?", (model_sha256,))
        return {TrackId(track): Path(path) for track, path in rows}

    def known(self, model_sha256: str | None = None) -> dict[Path, tuple[int, int]]:
        """Return the (mtime_ns, size) at which each file was read last, whether it turned out usable or not.

        With a model, usable files count only if they have vectors of it.
        """
        rows = self._rows(
            "SELECT path, mtime_ns, size FROM tracks"
            " WHERE ? IS NULL OR EXISTS (SELECT 1 FROM vectors WHERE track = tracks.id AND model = ?)"
            " UNION ALL SELECT path, mtime_ns, size FROM problems",
            (model_sha256, model_sha256),
        )
        return {Path(path): (mtime_ns, size) for path, mtime_ns, size in rows}

    def add_problem(self, path: Path, mtime_ns: int, size: int, reason: str, model_sha256: str = "") -> None:
        """List a file that cannot be used; a track that it was keeps its id and history, but is proposed no more.

        One that has not changed since it was heard by another model keeps that one's vectors: it may be the model that
        cannot hear it.
        """
        name = os.fsencode(path)
        with self._writing():
            self._execute(
                "INSERT OR REPLACE INTO problems VALUES (CAST(? AS TEXT), ?, ?, ?, ?)",
                (name, mtime_ns, size, reason, model_sha256),
            )
            for track, *status in self._rows(
                "SELECT id, mtime_ns, size FROM tracks WHERE path = CAST(? AS TEXT)", (name,)
            ):
                self._forget_vectors(track, model_sha256 if status == [mtime_ns, size] else None)

    def remove_problem(self, path: Path) -> None:
        """Take a file off the list of problems."""
        with self._writing():
            self._execute("DELETE FROM problems WHERE path = CAST(? AS TEXT)", (os.fsencode(path),))

    def remove_problems_of_others(self, model_sha256: str) -> None:
        """Take the files off the list that other models could not hear; this one may."""
        with self._writing():
            self._execute("DELETE FROM problems WHERE model NOT IN ('', ?)", (model_sha256,))

    def problems(self) -> list[Problem]:
        """Return the files that cannot be used, by path."""
        rows = self._rows("SELECT path, reason FROM problems ORDER BY path")
        return [Problem(Path(path), reason) for path, reason in rows]

    def folders(self) -> list[Path]:
        """Return the person's music folders, in the order they were added."""
        return [Path(path) for (path,) in self._rows("SELECT path FROM folders ORDER BY id")]

    def add_folder(self, path: Path) -> None:
        """Remember a music folder, made absolute; one that is remembered already stays where it is."""
        with self._writing():
            self._execute(
                "INSERT OR IGNORE INTO folders (path) VALUES (CAST(? AS TEXT))", (os.fsencode(path.absolute()),)
            )

    # History

    def remember(self, track_id: TrackId, at: datetime) -> None:
        """Write down that a track began to play at the moment `at`, which must know its time zone."""
        if at.tzinfo is None:
            raise ValueError("a moment without a time zone is no moment")
        with self._writing():
            self._execute("INSERT INTO history (track, at) VALUES (?, ?)", (track_id, (at - _EPOCH) // _MICROSECOND))

    def history(self, limit: int) -> list[tuple[TrackId, datetime]]:
        """Return what was played and when (UTC), the latest first."""
        rows = self._rows("SELECT track, at FROM history ORDER BY at DESC, id DESC LIMIT ?", (limit,))
        return [(TrackId(track), _EPOCH + at * _MICROSECOND) for track, at in rows]

    def least_recently_played(self, model_sha256: str) -> Iterator[Track]:
        """Yield the tracks with vectors of this model, those never played first, then those played longest ago."""
        with self._translated():
            rows = self._connection.execute(
                f"SELECT {_TRACK} FROM tracks WHERE id IN (SELECT track FROM vectors WHERE model = ?)"
                " ORDER BY (SELECT MAX(at) FROM history WHERE track = tracks.id), id",
                (model_sha256,),
            )
            yield from map(_track, rows)

    # SQLite

    def _execute(self, sql: str, values: Sequence[object] = ()) -> None:
        self._connection.execute(sql, values)

    def _rows(self, sql: str, values: Sequence[object] = ()) -> list[Any]:
        with self._translated():
            return self._connection.execute(sql, values).fetchall()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Make what is done inside one transaction."""
        with self._translated():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                # A full disk has rolled back by itself.
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.ProgrammingError:  # closed, or another thread's: our mistake, not the file's
            raise
        except sqlite3.Error as error:
            name = getattr(error, "sqlite_errorname", "")
            advice = next((text for code, text in _ADVICE.items() if name.startswith(code)), str(error))
            raise CatalogueError(f"The catalogue {self._path} cannot be used: {advice}.") from error


_TRACK = "tracks.id, path, title, artist, album, duration, cue_start, cue_end"


def _track(row: tuple[Any, ...]) -> Track:
    track, path, title, artist, album, duration, start, end = row
    cues = CuePoints(Seconds(start), Seconds(end))
    return Track(TrackId(track), Path(path), title, artist, album, Seconds(duration), cues)


def _json(ids: Sequence[TrackId]) -> str:
    return json.dumps([int(track) for track in ids])  # any number of ids in one parameter; NumPy's integers, too


def _blob(array: NDArray[np.floating], dtype: str) -> bytes:
    return np.ascontiguousarray(array, dtype).tobytes()
