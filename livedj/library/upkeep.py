"""Looking after the library's file: is it whole, save what can be saved, carry it to another computer and back."""

import itertools
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path

import numpy as np

from livedj.ear.encoder import read_card
from livedj.errors import CatalogueError, NeighbourIndexError
from livedj.library.catalogue import FILE_NAME, Catalogue
from livedj.library.database import Database, is_whole, salvage
from livedj.library.files import shown
from livedj.library.index import INDEX_FOLDER, IntroIndex
from livedj.library.lock import alone
from livedj.library.models import Models

_UNIT = 1e-2
"""How far a vector's length may lie from 1."""
_STRAY = {
    "vectors": "track NOT IN (SELECT id FROM tracks) OR (track, model) NOT IN (SELECT track, model FROM windows)",
    "windows": "(track, model) NOT IN (SELECT track, model FROM vectors)",
    "history": "track NOT IN (SELECT id FROM tracks)",
    "opinions": "track NOT IN (SELECT id FROM tracks)",
}
"""Rows that belong to nothing, by table, in an order in which they can be removed."""
_COVER_LOST = "cover IS NOT NULL AND cover NOT IN (SELECT hash FROM covers)"


def check(data: Path) -> Iterator[str]:
    """Yield a sentence for each thing that is wrong with the library.

    Raises:
        CatalogueError: the catalogue cannot be opened at all.

    """
    path = data / FILE_NAME
    if not path.exists():
        return
    if not is_whole(path):
        yield f"The catalogue {path} is damaged."
        return
    with closing(Database(path)) as database:
        for table, stray in _STRAY.items():
            [(count,)] = database.rows(f"SELECT COUNT(*) FROM {table} WHERE {stray}")
            if count:
                yield f"{count} rows of {table} belong to no song."
        [(count,)] = database.rows(f"SELECT COUNT(*) FROM tracks WHERE {_COVER_LOST}")
        if count:
            yield f"The covers of {count} songs are lost."
        broken = list(_broken_vectors(database))
        if broken:
            yield f"The vectors of {len(broken)} songs are broken."
    if (wrong := _wrong_with_index(data)) is not None:
        yield wrong


def repair(data: Path) -> Iterator[str]:
    """Make the library whole again, telling what was done; what cannot be saved is heard anew by the next scan.

    A damaged file is kept beside the new one.

    Raises:
        CatalogueError: nothing can be read or written.
        ScanError: a scan is running.

    """
    path = data / FILE_NAME
    if not path.exists():
        return
    with alone(data):
        damaged = not is_whole(path)
        if damaged:
            kept = path.with_name(f"{path.name}.damaged-{datetime.now():%Y-%m-%d-%H%M%S}")
            lost = salvage(path, kept)
            yield f"The catalogue was damaged: what could be read was saved, the rest ({lost} gaps) is heard anew."
            yield f"The damaged file is kept: {kept}."
        with closing(Database(path)) as database:
            for table, stray in _STRAY.items():
                _remove(database, table, stray)
            with database.writing():  # to be read again with all else
                database.execute(f"UPDATE tracks SET cover = NULL, facts = 0 WHERE {_COVER_LOST}")
            for track, model in list(_broken_vectors(database)):
                for table in ("vectors", "windows"):
                    _remove(database, table, "track = ? AND model = ?", (track, model))
                yield f"A broken vector of song {track} was removed."
        if damaged or _wrong_with_index(data) is not None:
            _build_index(data)
            yield "The neighbour index was built again."


def export(data: Path, file: Path) -> None:
    """Write the whole library, but for the songs themselves, into one file.

    Raises:
        CatalogueError: one of the two cannot be read or written, or the file exists.

    """
    if file.exists():
        raise CatalogueError(f"{shown(file)} exists already: choose another name.")
    draft = file.with_name(f"{file.name}.part")
    with closing(Database(data / FILE_NAME)) as database:
        database.copy_to(draft)
    draft.replace(file)


def bring_in(data: Path, file: Path) -> int:
    """Add what an exported file knows and this library does not; return how many songs that are.

    Their files need not be where they were: the next scan recognises them by their sound.

    Raises:
        CatalogueError: the file is missing or none of ours, or the library cannot be written.
        ScanError: a scan is running.

    """
    if not file.is_file():
        raise CatalogueError(f"There is no file {shown(file)}.")
    if not is_whole(file):
        raise CatalogueError(f"{shown(file)} is damaged, or no library that livedj has exported.")
    with alone(data), tempfile.TemporaryDirectory(dir=data) as folder, closing(Database(data / FILE_NAME)) as database:
        copy = Path(folder) / FILE_NAME
        shutil.copyfile(file, copy)
        Catalogue(copy).close()  # brings it up to date
        return _merge(database, copy)


def _merge(database: Database, other: Path) -> int:
    """Add the tracks of another catalogue of this version that are known neither by path nor by content."""
    columns = database.columns("tracks", "id", "song")
    with database.attached(other, "other"), database.writing():
        database.execute("INSERT OR IGNORE INTO covers SELECT * FROM other.covers")
        added = database.rows(
            f"INSERT INTO tracks ({columns}) SELECT {columns} FROM other.tracks AS theirs WHERE NOT EXISTS"
            " (SELECT 1 FROM main.tracks WHERE path = theirs.path OR content = theirs.content) RETURNING id"
        )
        database.execute("DELETE FROM covers WHERE hash NOT IN (SELECT cover FROM tracks WHERE cover IS NOT NULL)")
        for table in ("vectors", "windows"):
            rest = database.columns(table, "track", "number")
            database.execute(
                f"INSERT OR IGNORE INTO {table} (track, {rest}) SELECT ours.id, {rest} FROM other.{table} AS its"
                " JOIN other.tracks AS theirs ON theirs.id = its.track"
                " JOIN main.tracks AS ours ON ours.path = theirs.path"
                " AND ours.mtime_ns = theirs.mtime_ns AND ours.size = theirs.size"
            )
        ours = (
            " JOIN other.tracks AS theirs ON theirs.id = its.track JOIN main.tracks AS ours"
            " ON ours.content = theirs.content OR (theirs.content IS NULL AND ours.path = theirs.path)"
        )
        database.execute(
            f"INSERT OR IGNORE INTO opinions (track, opinion) SELECT ours.id, opinion FROM other.opinions AS its{ours}"
        )
        database.execute(
            f"INSERT INTO history (track, at) SELECT ours.id, at FROM other.history AS its{ours}"
            " WHERE NOT EXISTS (SELECT 1 FROM main.history AS known WHERE known.track = ours.id AND known.at = its.at)"
        )
    return len(added)


def _remove(database: Database, table: str, which: str, values: Sequence[object] = ()) -> None:
    with database.writing():
        database.execute(f"DELETE FROM {table} WHERE {which}", values)


def _broken_vectors(database: Database) -> Iterator[tuple[int, str]]:
    """Yield (track, model) of vectors that are not of unit length, or of another length than their model's."""
    rows = database.rows("SELECT model, track, intro, whole FROM vectors ORDER BY model")
    for model, group in itertools.groupby(rows, lambda row: str(row[0])):
        vectors = [(track, intro, whole) for _, track, intro, whole in group]
        usual = np.median([len(intro) for _, intro, _ in vectors])
        for track, *both in vectors:
            if any(len(vector) != usual or not _is_unit(vector) for vector in both):
                yield track, model


def _is_unit(vector: bytes) -> bool:
    return len(vector) % 4 == 0 and abs(float(np.linalg.norm(np.frombuffer(vector, "<f4"))) - 1) < _UNIT


def _wrong_with_index(data: Path) -> str | None:
    card = read_card(Models(data).serving())
    with Catalogue(data / FILE_NAME) as catalogue:
        known = catalogue.paths(card.sha256).keys()
    try:
        listed = set(IntroIndex.open(data / INDEX_FOLDER, card.sha256, card.dimensions).ids)
    except NeighbourIndexError as error:
        return str(error) if known else None
    strangers = len(listed - known)  # songs that are known but away are not listed
    return f"The neighbour index lists {strangers} songs that the catalogue does not know." if strangers else None


def _build_index(data: Path) -> None:
    """Index all songs; the next scan leaves those out that are away."""
    card = read_card(Models(data).serving())
    with Catalogue(data / FILE_NAME) as catalogue:
        seen, ids, vectors = catalogue.vectors_since(0, card.sha256)
    IntroIndex.build(data / INDEX_FOLDER, ids, vectors.reshape(-1, card.dimensions), card.sha256, seen=seen)
