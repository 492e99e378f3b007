"""The catalogue: tracks, vectors, covers, history and folders in SQLite.

A connection belongs to the thread that opened it: every thread makes its own Catalogue, which costs about a
millisecond. Readers never wait (write-ahead log); writers wait for each other, ten seconds at most.
"""

import hashlib
import os
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from livedj.choose.versions import Recording
from livedj.library.cues import clamped
from livedj.library.database import Database
from livedj.library.journal import Journal
from livedj.library.rows import (
    IN_A_FOLDER,
    TRACK,
    as_json,
    blob_of,
    columns_of,
    microseconds,
    stacked,
    tags_of,
    track_of,
)
from livedj.music import CuePoints, Track, TrackId, Vectors

if TYPE_CHECKING:  # the decoder and the encoder behind it are not needed to read
    from livedj.library.analysis import Analysis
    from livedj.library.identity import Identity

FILE_NAME = "catalogue.sqlite3"
"""The catalogue in the data folder."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A file that cannot be used, why, and what a person can do about it, each in a sentence."""

    path: Path
    reason: str
    remedy: str = ""
    """Empty where a former livedj did not know."""


class Catalogue(Journal):
    """The person's library on disk, used by the thread that opened it.

    Every method raises CatalogueError where the file is damaged, locked for too long, or the disk is full.
    """

    def __init__(self, path: Path, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Open the catalogue, or make an empty one; `clock` tells when a track is added.

        Raises:
            CatalogueError: it cannot be opened, is damaged, or was made by a newer livedj.

        """
        super().__init__(Database(path))
        self._clock = clock

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._database.close()

    # Tracks

    def add(self, analysis: "Analysis", model_sha256: str) -> TrackId:
        """Store what the analysis found; an older row of its path keeps id, history and the moment it was added."""
        with self._database.writing():
            track = self._add_facts(analysis)
            self._database.execute(
                "INSERT INTO vectors (track, model, intro, whole, heard_whole) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO"
                " UPDATE SET intro = excluded.intro, whole = excluded.whole, heard_whole = excluded.heard_whole",
                (track, model_sha256, blob_of(analysis.intro, "<f4"), blob_of(analysis.track, "<f4"), analysis.whole),
            )
            self._database.execute(
                "INSERT OR REPLACE INTO windows VALUES (?, ?, ?, ?)",
                (track, model_sha256, blob_of(analysis.windows, "<f2"), analysis.windows.shape[1]),
            )
            self._database.execute("DELETE FROM problems WHERE path = CAST(? AS TEXT)", (os.fsencode(analysis.path),))
        return track

    def unfinished(self, version: int, model_sha256: str) -> dict[Path, TrackId]:
        """Return the files of which this model has heard the intro alone, or whose facts are of an older version."""
        rows = self._database.rows(
            "SELECT path, id FROM tracks JOIN vectors ON track = id WHERE model = ? AND (facts < ? OR NOT heard_whole)",
            (model_sha256, version),
        )
        return {Path(path): TrackId(track) for path, track in rows}

    def finish_without(self, track_id: TrackId, version: int, model_sha256: str) -> None:
        """Leave a track as it is, since it cannot be read to its end."""
        with self._database.writing():
            self._database.execute("UPDATE tracks SET facts = ? WHERE id = ?", (version, track_id))
            self._database.execute(
                "UPDATE vectors SET heard_whole = 1 WHERE track = ? AND model = ?", (track_id, model_sha256)
            )

    def contents(self, model_sha256: str) -> dict[bytes, list[tuple[TrackId, Path]]]:
        """Return the tracks with vectors of this model, and their files, by content key."""
        rows = self._database.rows(
            "SELECT content, id, path FROM tracks JOIN vectors ON track = id WHERE model = ? AND content IS NOT NULL",
            (model_sha256,),
        )
        found = defaultdict[bytes, list[tuple[TrackId, Path]]](list)
        for content, track, path in rows:
            found[content].append((TrackId(track), Path(path)))
        return found

    def recognise(self, track_id: TrackId, identity: "Identity") -> None:
        """Let a track be where its sound was found, and named as it is there; all else that is known of it stays."""
        with self._database.writing():
            self._forget_song(track_id)
            former = self._database.rows("SELECT cover FROM tracks WHERE id = ?", (track_id,))
            columns = tags_of(identity) | {"cover": self._add_cover(identity.cover)}
            self._database.execute(
                f"UPDATE tracks SET path = CAST(? AS TEXT), {', '.join(f'{name} = ?' for name in columns)},"
                " lufs = COALESCE(?, lufs), true_peak = COALESCE(?, true_peak) WHERE id = ?",
                (os.fsencode(identity.path), *columns.values(), *identity.loudness, track_id),
            )
            for (cover,) in former:
                self._drop_if_unused(cover)
            self._database.execute("DELETE FROM problems WHERE path = CAST(? AS TEXT)", (os.fsencode(identity.path),))

    def recordings(self, model_sha256: str) -> tuple[list[Recording], Vectors]:
        """Return what tells versions of one song, and the track vectors, shape (n, dimensions), of all whole tracks."""
        rows = self._database.rows(
            "SELECT id, title, artist, duration, content, song, whole FROM tracks JOIN vectors ON track = id"
            " WHERE model = ? AND heard_whole ORDER BY id",
            (model_sha256,),
        )
        return [Recording(*row[:6]) for row in rows], stacked(row[6] for row in rows)

    def uncompared(self, model_sha256: str) -> bool:
        """Tell whether there are whole tracks that `recordings` returns with no song yet."""
        which = "song IS NULL AND model = ? AND heard_whole"
        some = f"SELECT 1 FROM tracks JOIN vectors ON track = id WHERE {which} LIMIT 1"
        return bool(self._database.rows(some, (model_sha256,)))

    def keep_songs(self, songs: Mapping[TrackId, TrackId]) -> None:
        """Write down which song each of these tracks is a version of: the first track of it."""
        with self._database.writing():
            for track, song in songs.items():
                self._database.execute("UPDATE tracks SET song = ? WHERE id = ?", (song, track))

    def _forget_song(self, track: int) -> None:
        """Let a track, and those that it named, be compared anew."""
        self._database.execute("UPDATE tracks SET song = NULL WHERE id = ?1 OR song = ?1", (track,))

    def move_cues(self, track_id: TrackId, cues: CuePoints) -> None:
        """Take a person's cue points for a track: they stay, within its duration, whatever is found later.

        Raises:
            ValueError: they leave nothing of the track to play.

        """
        track = self.track(track_id)
        if track is None:
            return
        moved = clamped(cues, track.duration)
        if moved is None:
            raise ValueError(f"{cues} leave nothing of {track.duration:.1f} s")
        with self._database.writing():
            self._database.execute(
                "UPDATE tracks SET cue_start = ?, cue_end = ?, intro_end = ?, outro_start = ?, cues_by_hand = 1"
                " WHERE id = ?",
                (moved.start, moved.end, moved.intro_end, moved.outro_start, track_id),
            )

    def _add_cover(self, cover: bytes | None) -> bytes | None:
        if cover is None:
            return None
        digest = hashlib.sha256(cover).digest()
        self._database.execute("INSERT OR IGNORE INTO covers VALUES (?, ?)", (digest, cover))
        return digest

    def _add_facts(self, facts: "Analysis") -> TrackId:
        path, cover = os.fsencode(facts.path), self._add_cover(facts.cover)
        old = self._database.rows(
            "SELECT id, mtime_ns, size, cover, cues_by_hand, cue_start, cue_end, intro_end, outro_start, facts"
            " FROM tracks WHERE path = CAST(? AS TEXT)",
            (path,),
        )
        if old and tuple(old[0][1:3]) == (facts.mtime_ns, facts.size) and old[0][9] > facts.version:
            return TrackId(old[0][0])  # more is known of this file already
        cues, by_hand = facts.cues, False
        if old and tuple(old[0][1:3]) != (facts.mtime_ns, facts.size):
            self._forget_song(old[0][0])
            self._forget_vectors(old[0][0])  # those of other models, too, describe the former sound
        if old and old[0][4] and (kept := clamped(CuePoints(*old[0][5:9]), facts.duration)):
            cues, by_hand = kept, True
        columns = columns_of(facts, cues) | {"cues_by_hand": by_hand, "cover": cover}
        [(track,)] = self._database.rows(
            f"INSERT INTO tracks (path, added, {', '.join(columns)}) VALUES (CAST(? AS TEXT), ?{', ?' * len(columns)})"
            f" ON CONFLICT (path) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in columns)}"
            " RETURNING id",
            (path, microseconds(self._clock()), *columns.values()),
        )
        if old:
            self._drop_if_unused(old[0][3])
        return TrackId(track)

    def _drop_if_unused(self, cover: bytes | None) -> None:
        self._database.execute(
            "DELETE FROM covers WHERE hash = ?1 AND NOT EXISTS (SELECT 1 FROM tracks WHERE cover = ?1)", (cover,)
        )

    def _forget_vectors(self, track: int, model_sha256: str | None = None) -> None:
        for table in ("vectors", "windows"):
            self._database.execute(
                f"DELETE FROM {table} WHERE track = ?1 AND (?2 IS NULL OR model = ?2)", (track, model_sha256)
            )

    def size(self, model_sha256: str) -> int:
        """Return how many tracks have vectors of this model."""
        return int(self._database.rows("SELECT COUNT(*) FROM vectors WHERE model = ?", (model_sha256,))[0][0])

    def in_folders(self, model_sha256: str) -> int:
        """Return how many of them are in the music folders, whether these can be reached or not."""
        count = f"SELECT COUNT(*) FROM tracks JOIN vectors ON track = id WHERE model = ? AND {IN_A_FOLDER}"
        return int(self._database.rows(count, (model_sha256,))[0][0])

    def track(self, track_id: TrackId) -> Track | None:
        """Return one track; None for an id that is not in the catalogue."""
        return self.tracks([track_id]).get(track_id)

    def track_in(self, path: Path, mtime_ns: int, size: int) -> Track | None:
        """Return the track in a file, if that was read to its end and has not changed since."""
        rows = self._database.rows(
            f"SELECT {TRACK} FROM tracks WHERE path = CAST(? AS TEXT) AND mtime_ns = ? AND size = ? AND facts > 0",
            (os.fsencode(path), mtime_ns, size),
        )
        return next(map(track_of, rows), None)

    def tracks(self, ids: Sequence[TrackId], *, in_folders: bool = False) -> dict[TrackId, Track]:
        """Return the tracks of these ids, leaving out those that are not in the catalogue, or in no music folder."""
        here = f" AND {IN_A_FOLDER}" if in_folders else ""
        rows = self._database.rows(
            f"SELECT {TRACK} FROM tracks WHERE id IN (SELECT value FROM json_each(?)){here}", (as_json(ids),)
        )
        return {track.id: track for track in map(track_of, rows)}

    def cover(self, track_id: TrackId) -> bytes | None:
        """Return the track's encoded picture (JPEG, PNG…); None where it has none."""
        rows = self._database.rows(
            "SELECT data FROM tracks JOIN covers ON hash = cover WHERE tracks.id = ?", (track_id,)
        )
        return bytes(rows[0][0]) if rows else None

    # Vectors

    def intro_vectors(self, model_sha256: str) -> tuple[NDArray[np.int64], Vectors]:
        """Return all track ids, shape (n,), and their intro vectors, shape (n, dimensions); (0, 0) where n is 0."""
        _, ids, vectors = self.vectors_since(0, model_sha256)
        return ids, vectors

    def vectors_since(self, seen: int, model_sha256: str) -> tuple[int, NDArray[np.int64], Vectors]:
        """Return the intro vectors of this model that came after the one numbered `seen`, and the number of the last.

        They are numbered, those of all models alike, as they came; that of a file that has changed comes anew.
        """
        [(last,)] = self._database.rows("SELECT COALESCE(MAX(number), 0) FROM vectors")
        newer = "SELECT track, intro FROM vectors WHERE number > ? AND number <= ? AND model = ? ORDER BY number"
        rows = self._database.rows(newer, (seen, last, model_sha256))
        return max(seen, last), np.array([row[0] for row in rows], np.int64), stacked(row[1] for row in rows)

    def last_vector(self, model_sha256: str) -> int:
        """Return the number of the last vector of this model; 0 where there is none."""
        last = "SELECT COALESCE(MAX(number), 0) FROM vectors WHERE model = ?"
        return int(self._database.rows(last, (model_sha256,))[0][0])

    def track_vectors(self, model_sha256: str) -> tuple[NDArray[np.int64], Vectors]:
        """Return all track ids and their track vectors, shaped as those of `intro_vectors`."""
        rows = self._database.rows("SELECT track, whole FROM vectors WHERE model = ? ORDER BY track", (model_sha256,))
        return np.array([row[0] for row in rows], np.int64), stacked(row[1] for row in rows)

    def heard_whole(self, model_sha256: str) -> list[TrackId]:
        """Return the tracks that this model has heard to their end."""
        rows = self._database.rows("SELECT track FROM vectors WHERE model = ? AND heard_whole", (model_sha256,))
        return [TrackId(track) for (track,) in rows]

    def windows(self, ids: Sequence[TrackId], model_sha256: str) -> dict[TrackId, Vectors]:
        """Return the windows of these tracks, each of shape (n, dimensions) and unit length or, for silence, zero."""
        rows = self._database.rows(
            "SELECT track, data, dimensions FROM windows WHERE model = ? AND track IN (SELECT value FROM json_each(?))",
            (model_sha256, as_json(ids)),
        )
        return {
            TrackId(track): np.frombuffer(data, "<f2").astype(np.float32).reshape(-1, dimensions)
            for track, data, dimensions in rows
        }

    def heard_by_others(self, model_sha256: str) -> dict[Path, tuple[int, int]]:
        """Return the files that have vectors, but none of this model, as `known` does."""
        rows = self._database.rows(
            "SELECT path, mtime_ns, size FROM tracks WHERE EXISTS (SELECT 1 FROM vectors WHERE track = tracks.id)"
            " AND NOT EXISTS (SELECT 1 FROM vectors WHERE track = tracks.id AND model = ?)",
            (model_sha256,),
        )
        return {Path(path): (mtime_ns, size) for path, mtime_ns, size in rows}

    def forget_other_models(self, kept: Collection[str]) -> None:
        """Remove the vectors of all models but these."""
        present = {model for (model,) in self._database.rows("SELECT DISTINCT model FROM vectors")}
        for model in present.difference(kept):
            with self._database.writing():
                self._database.execute("DELETE FROM vectors WHERE model = ?", (model,))
                self._database.execute("DELETE FROM windows WHERE model = ?", (model,))

    # Files

    def paths(self, model_sha256: str) -> dict[TrackId, Path]:
        """Return the file of each track that has vectors of this model."""
        rows = self._database.rows(
            "SELECT id, path FROM tracks JOIN vectors ON track = id WHERE model = ?", (model_sha256,)
        )
        return {TrackId(track): Path(path) for track, path in rows}

    def known(self, model_sha256: str | None = None) -> dict[Path, tuple[int, int]]:
        """Return the (mtime_ns, size) at which each file was read last, whether it turned out usable or not.

        With a model, usable files count only if they have vectors of it.
        """
        rows = self._database.rows(
            "SELECT path, mtime_ns, size FROM tracks"
            " WHERE ? IS NULL OR EXISTS (SELECT 1 FROM vectors WHERE track = tracks.id AND model = ?)"
            " UNION ALL SELECT path, mtime_ns, size FROM problems",
            (model_sha256, model_sha256),
        )
        return {Path(path): (mtime_ns, size) for path, mtime_ns, size in rows}

    def add_problem(
        self, path: Path, mtime_ns: int, size: int, reason: str, model_sha256: str = "", remedy: str = ""
    ) -> None:
        """List a file that cannot be used; a track that it was keeps its id and history, but is proposed no more.

        One that has not changed since it was heard by another model keeps that one's vectors: it may be the model that
        cannot hear it.
        """
        name = os.fsencode(path)
        with self._database.writing():
            self._database.execute(
                "INSERT OR REPLACE INTO problems (path, mtime_ns, size, reason, remedy, model)"
                " VALUES (CAST(? AS TEXT), ?, ?, ?, ?, ?)",
                (name, mtime_ns, size, reason, remedy, model_sha256),
            )
            for track, *status in self._database.rows(
                "SELECT id, mtime_ns, size FROM tracks WHERE path = CAST(? AS TEXT)", (name,)
            ):
                self._forget_vectors(track, model_sha256 if status == [mtime_ns, size] else None)

    def remove_problem(self, path: Path) -> None:
        """Take a file off the list of problems."""
        with self._database.writing():
            self._database.execute("DELETE FROM problems WHERE path = CAST(? AS TEXT)", (os.fsencode(path),))

    def remove_problems_of_others(self, model_sha256: str) -> None:
        """Take the files off the list that other models could not hear; this one may."""
        with self._database.writing():
            self._database.execute("DELETE FROM problems WHERE model NOT IN ('', ?)", (model_sha256,))

    def problems(self) -> list[Problem]:
        """Return the files that cannot be used, by path."""
        rows = self._database.rows("SELECT path, reason, remedy FROM problems ORDER BY path")
        return [Problem(Path(path), reason, remedy) for path, reason, remedy in rows]

    def folders(self) -> list[Path]:
        """Return the person's music folders, in the order they were added."""
        return [Path(path) for (path,) in self._database.rows("SELECT path FROM folders ORDER BY id")]

    def add_folder(self, path: Path) -> None:
        """Remember a music folder, made absolute; one that is remembered already stays where it is."""
        with self._database.writing():
            self._database.execute(
                "INSERT OR IGNORE INTO folders (path) VALUES (CAST(? AS TEXT))", (os.fsencode(path.absolute()),)
            )

    def remove_folder(self, path: Path) -> None:
        """Remember a music folder no longer. What is known of its songs stays, for when it is added again."""
        with self._database.writing():
            self._database.execute("DELETE FROM folders WHERE path = CAST(? AS TEXT)", (os.fsencode(path),))
