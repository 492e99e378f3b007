"""A library of many songs that exist only as vectors."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from livedj import bundled
from livedj.ear.encoder import read_card
from livedj.ear.vector import intro_vector, track_vector
from livedj.library.analysis import FACTS_VERSION
from livedj.library.catalogue import FILE_NAME, Catalogue
from livedj.library.database import Database
from livedj.library.index import INDEX_FOLDER, IntroIndex
from livedj.library.rows import blob_of
from livedj.music import unit

WINDOWS = 40
MOST_SOUNDS = 100_000
_FOLDER = 1000
"""Songs in a folder."""
_SONG = (
    "INSERT INTO tracks (id, path, mtime_ns, size, title, artist, album, duration, cue_start, cue_end, facts, song)"
    f" VALUES (?1, ?2, ?3, 0, ?4, ?5, ?6, {5 * WINDOWS}, 0, {5 * WINDOWS}, {FACTS_VERSION}, ?1)"
)
_VECTORS = "INSERT INTO vectors (track, model, intro, whole) VALUES (?, ?, ?, ?)"
_WINDOWS = "INSERT INTO windows VALUES (?, ?, ?, ?)"


def make_big_library(data: Path, tracks: int, music: Path = Path("/music")) -> None:
    """Fill a catalogue with `tracks` songs of WINDOWS windows each, scattered about random directions, and index it.

    The songs are said to be in the folder `music`; where there is such a folder, it is filled with empty files. Beyond
    MOST_SOUNDS, songs are one window each, which is left out: all would take 10 GB.
    """
    data.mkdir(parents=True)
    card = read_card(bundled.MODEL)
    with Catalogue(data / FILE_NAME) as catalogue:
        catalogue.add_folder(music)
    with closing(Database(data / FILE_NAME)) as database, database.writing():
        for number, windows in enumerate(_sounds(tracks, card.dimensions), 1):
            path = music / f"{number // _FOLDER}" / f"{number}.ogg"
            names = (f"Title {number}", f"Artist {number % 1000}", f"Album {number % 500}")
            database.execute(_SONG, (number, str(path), _touched(path) if music.is_dir() else 0, *names))
            intro, whole = (blob_of(vector(windows), "<f4") for vector in (intro_vector, track_vector))
            database.execute(_VECTORS, (number, card.sha256, intro, whole))
            if number <= MOST_SOUNDS:
                database.execute(_WINDOWS, (number, card.sha256, blob_of(windows, "<f2"), card.dimensions))
    with Catalogue(data / FILE_NAME) as catalogue:
        seen, ids, intros = catalogue.vectors_since(0, card.sha256)
    IntroIndex.build(data / INDEX_FOLDER, ids, intros, card.sha256, seen=seen)


def _sounds(tracks: int, dimensions: int) -> Iterator[Any]:
    """Yield the windows of each song; of those beyond MOST_SOUNDS, one."""
    random = np.random.default_rng(0)
    for number in range(tracks):
        windows = WINDOWS if number < MOST_SOUNDS else 1
        yield unit(random.normal(size=dimensions) + 0.5 * random.normal(size=(windows, dimensions)))


def _touched(path: Path) -> int:
    """Make an empty file and return its mtime_ns."""
    path.parent.mkdir(exist_ok=True)
    path.touch()
    return path.stat().st_mtime_ns
