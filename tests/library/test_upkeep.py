"""Looking after the library's file: what is wrong is told, what can be saved is saved, and it can be carried along."""

import contextlib
import shutil
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from livedj import bundled
from livedj.choose.scene import Opinion
from livedj.errors import CatalogueError, ScanError
from livedj.library.catalogue import FILE_NAME, Catalogue
from livedj.library.index import INDEX_FOLDER
from livedj.library.lock import alone
from livedj.library.scanner import Scanner
from livedj.library.upkeep import bring_in, check, export, repair
from tests.library.analyses import rows
from tests.library.scans import CARD, fill, problems, scan, titles
from tests.library.sounds import noise, write
from tests.library.stand_ins import never

SONGS = 200


@pytest.fixture
def library(data: Path, music: Path) -> Path:
    """Return the data folder of a library of SONGS songs, of which the first was played."""
    fill(music, *(f"song {number:03}" for number in range(SONGS)))
    scan(data, music)
    with Catalogue(data / FILE_NAME) as catalogue:
        catalogue.remember(min(catalogue.paths(CARD.sha256)), datetime(2026, 1, 1, tzinfo=UTC))
        catalogue.keep_opinion(max(catalogue.paths(CARD.sha256)), Opinion.LIKED)
    return data


def execute(data: Path, sql: str) -> None:
    with contextlib.closing(sqlite3.connect(data / FILE_NAME)) as connection:
        connection.execute(sql)
        connection.commit()


def added(data: Path) -> list[tuple[str, int]]:
    return sorted(rows(data / FILE_NAME, "SELECT path, added FROM tracks"))


def stray_row(data: Path) -> None:
    execute(data, "INSERT INTO history (track, at) VALUES (9999, 1)")
    execute(data, "INSERT INTO opinions (track, opinion) VALUES (9999, 'liked')")


def stray_windows(data: Path) -> None:
    execute(data, "DELETE FROM vectors WHERE track = 3")


def short_vector(data: Path) -> None:
    execute(data, "UPDATE vectors SET intro = x'0000803f' WHERE track = 3")


def vector_of_no_number(data: Path) -> None:
    execute(data, "UPDATE vectors SET whole = CAST(zeroblob(508) || x'0000c07f' AS BLOB) WHERE track = 3")


def lost_index(data: Path) -> None:
    shutil.rmtree(data / INDEX_FOLDER)


def test_a_whole_library_has_nothing_wrong_and_nothing_to_repair(library: Path) -> None:
    assert list(check(library)) == []
    assert list(repair(library)) == []


def test_where_there_is_no_library_nothing_is_wrong(tmp_path: Path) -> None:
    assert list(check(tmp_path)) == []
    assert list(repair(tmp_path)) == []


@pytest.mark.parametrize("harm", [stray_row, stray_windows, short_vector, vector_of_no_number, lost_index])
def test_what_is_wrong_is_told_and_mended(library: Path, music: Path, harm: Callable[[Path], None]) -> None:
    harm(library)

    assert list(check(library))
    list(repair(library))

    assert list(check(library)) == []
    scan(library, music)
    assert len(titles(library)) == SONGS


def test_of_a_damaged_catalogue_all_is_saved_that_can_be_read(library: Path, music: Path) -> None:
    path = library / FILE_NAME
    with Catalogue(path) as catalogue:
        played = catalogue.history(9)
    content = bytearray(path.read_bytes())
    half = len(content) // 2
    content[half : half + 20_000] = b"\xff" * 20_000
    path.write_bytes(content)

    [sentence] = check(library)
    assert "damaged" in sentence
    told = list(repair(library))

    [kept] = library.glob(f"{FILE_NAME}.damaged-*")
    assert kept.read_bytes() == content
    assert any(str(kept) in sentence for sentence in told)
    assert list(check(library)) == []
    with Catalogue(path) as catalogue:
        assert catalogue.history(9) == played
        assert SONGS // 2 < catalogue.size(CARD.sha256) < SONGS
    scan(library, music)
    assert len(titles(library)) == SONGS


@pytest.mark.parametrize(
    "last", ["path AS BLOB) FROM tracks ORDER BY id", "intro AS BLOB) FROM vectors ORDER BY number"]
)
def test_where_the_last_rows_of_a_table_cannot_be_read_the_others_are_saved(library: Path, last: str) -> None:
    path = library / FILE_NAME
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        [(size,)] = connection.execute("PRAGMA page_size")
        [(value,)] = connection.execute(f"SELECT CAST({last} DESC LIMIT 1")
    content = bytearray(path.read_bytes())
    for page in range(0, len(content), size):
        if value in content[page : page + size]:
            content[page : page + size] = b"\xff" * size
    path.write_bytes(content)

    assert list(check(library))
    list(repair(library))

    assert list(check(library)) == []
    with Catalogue(path) as catalogue:
        assert SONGS / 2 < catalogue.size(CARD.sha256) < SONGS


def test_of_a_file_that_is_no_database_nothing_is_saved_and_it_is_kept(library: Path) -> None:
    (library / FILE_NAME).write_bytes(b"no database at all" * 1000)

    list(repair(library))

    assert list(check(library)) == []
    [kept] = library.glob(f"{FILE_NAME}.damaged-*")
    assert kept.read_bytes().startswith(b"no database")


def test_an_exported_library_is_brought_in_with_all_it_knows(library: Path, tmp_path: Path) -> None:
    file, elsewhere = tmp_path / "library.livedj", tmp_path / "elsewhere"
    elsewhere.mkdir()
    export(library, file)

    assert bring_in(elsewhere, file) == SONGS
    assert bring_in(elsewhere, file) == 0

    assert list(tmp_path.glob("library*")) == [file]
    assert added(elsewhere) == added(library)
    with Catalogue(library / FILE_NAME) as ours, Catalogue(elsewhere / FILE_NAME) as theirs:
        assert [at for _, at in theirs.history(9)] == [at for _, at in ours.history(9)]
        assert theirs.size(CARD.sha256) == SONGS
        assert list(theirs.opinions().values()) == list(ours.opinions().values()) == [Opinion.LIKED]
        before, after = (catalogue.intro_vectors(CARD.sha256)[1].tolist() for catalogue in (ours, theirs))
        assert sorted(before) == sorted(after)


def test_songs_that_lie_elsewhere_are_recognised_and_not_heard_again(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    for number in range(2):
        (here / "music").mkdir(parents=True, exist_ok=True)
        write(here / "music" / f"{number}.mp3", noise(3.0, seed=number))
    Scanner(here / "data", bundled.MODEL, 2).scan([here / "music"])
    export(here / "data", tmp_path / "library")
    shutil.move(here / "music", there / "songs")

    bring_in(there / "data", tmp_path / "library")
    Scanner(there / "data", bundled.MODEL, 2, intro=never, whole=never).scan([there / "songs"])

    assert problems(there / "data") == {}
    assert titles(there / "data") == ["0", "1"]


def test_what_cannot_be_brought_in_is_refused(library: Path, tmp_path: Path) -> None:
    text, other = tmp_path / "text", tmp_path / "other"
    text.write_text("la la la")
    with contextlib.closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")

    for file in (text, other, tmp_path / "missing", tmp_path):
        with pytest.raises(CatalogueError):
            bring_in(library, file)
    assert list(check(library)) == []


def test_an_export_overwrites_nothing(library: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("precious")

    with pytest.raises(CatalogueError, match="exists"):
        export(library, tmp_path / "file")


def test_while_a_scan_runs_nothing_is_changed(library: Path, tmp_path: Path) -> None:
    export(library, tmp_path / "file")
    with alone(library):
        with pytest.raises(ScanError):
            list(repair(library))
        with pytest.raises(ScanError):
            bring_in(library, tmp_path / "file")


def test_a_catalogue_of_an_older_version_is_whole(library: Path, tmp_path: Path) -> None:
    execute(library, "DROP TABLE opinions")
    execute(library, "ALTER TABLE tracks DROP COLUMN genre")
    execute(library, "PRAGMA user_version = 6")
    shutil.copyfile(library / FILE_NAME, tmp_path / "exported")
    assert list(check(library)) == []
    (tmp_path / "new").mkdir()
    assert bring_in(tmp_path / "new", tmp_path / "exported") == SONGS
