"""A scan after an update: tracks whose facts an older livedj has found get the newer ones, and are not heard again."""

import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from livedj import bundled
from livedj.ear.encoder import read_card
from livedj.library.catalogue import FILE_NAME, Catalogue
from livedj.library.index import INDEX_FOLDER
from livedj.library.scanner import Progress, Scanner
from livedj.library.worker import Analyse, FindFacts
from livedj.music import Loudness, Track
from tests.library.sounds import noise, write
from tests.library.stand_ins import analyse_by_name, facts_by_name, never

CARD = read_card(bundled.MODEL)
NEW = Loudness(-12.0, -1.0)


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / "music"
    folder.mkdir()
    return folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def _scan(
    data: Path,
    music: Path,
    analyse: Analyse = never,
    find_facts: FindFacts = facts_by_name,
    progress: Callable[[Progress], None] = lambda _: None,
) -> Progress:
    return Scanner(data, bundled.MODEL, 2, progress, analyse=analyse, find_facts=find_facts).scan([music])


def _library(data: Path, music: Path, *names: str) -> None:
    """Fill a library with songs whose facts were found by an older livedj."""
    for name in names:
        (music / f"{name}.mp3").write_text(name)
    _scan(data, music, analyse=analyse_by_name, find_facts=never)
    _make_older(data)


def _make_older(data: Path) -> None:
    with contextlib.closing(sqlite3.connect(data / FILE_NAME)) as connection:
        connection.execute("UPDATE tracks SET facts = 0, lufs = NULL, true_peak = NULL")
        connection.commit()


def _tracks(data: Path) -> dict[str, Track]:
    with Catalogue(data / FILE_NAME) as catalogue:
        return {track.path.stem: track for track in catalogue.least_recently_played(CARD.sha256)}


def _index(data: Path) -> tuple[str, list[str]]:
    """Return what would change if the index was built again."""
    folder = data / INDEX_FOLDER
    return (folder / "manifest.json").read_text(), sorted(path.name for path in folder.iterdir())


def test_they_are_read_for_their_facts_alone_and_the_index_stays(data: Path, music: Path) -> None:
    names = [f"song {number:02}" for number in range(12)]
    _library(data, music, *names)
    index = _index(data)
    told: list[Progress] = []

    result = _scan(data, music, progress=told.append)

    assert [progress.done for progress in told] == [*range(13), 12]
    assert {progress.file for progress in told} == {"", *(f"{name}.mp3" for name in names)}
    assert not any(progress.indexed or progress.anew for progress in told)
    assert result == Progress(12, 12, 0)
    assert {track.loudness for track in _tracks(data).values()} == {NEW}
    assert _index(data) == index
    assert _scan(data, music, find_facts=never) == Progress(12, 12, 0)


def test_new_songs_come_first(data: Path, music: Path) -> None:
    _library(data, music, "a", "b", "c", "d")
    (music / "z new.mp3").write_text("z new")
    told: list[Progress] = []

    Scanner(data, bundled.MODEL, 1, told.append, analyse=analyse_by_name, find_facts=facts_by_name).scan([music])

    assert [progress.file for progress in told] == ["", "z new.mp3", "a.mp3", "b.mp3", "c.mp3", "d.mp3", ""]


def test_one_that_cannot_be_read_for_them_stays_as_it_was_and_is_not_read_again(data: Path, music: Path) -> None:
    names = ["fragile", "good", "unreadable"]
    _library(data, music, *names)

    result = _scan(data, music)

    assert result == Progress(3, 3, 0)
    assert {name: track.loudness for name, track in _tracks(data).items()} == {
        "fragile": None, "good": NEW, "unreadable": None
    }  # fmt: skip
    with Catalogue(data / FILE_NAME) as catalogue:
        assert catalogue.problems() == []
    assert _scan(data, music, find_facts=never) == Progress(3, 3, 0)


def test_a_scan_that_is_stopped_goes_on_where_it_was(data: Path, music: Path) -> None:
    names = [f"song {number:02}" for number in range(20)]
    _library(data, music, *names)
    scanner = Scanner(
        data,
        bundled.MODEL,
        2,
        lambda progress: scanner.stop() if progress.done == 5 else None,
        analyse=never,
        find_facts=facts_by_name,
    )

    stopped = scanner.scan([music])

    assert 5 <= stopped.done < 20
    assert sum(track.loudness == NEW for track in _tracks(data).values()) == stopped.done
    told: list[Progress] = []
    _scan(data, music, progress=told.append)
    assert told[0].done == stopped.done
    assert all(track.loudness == NEW for track in _tracks(data).values())


def test_a_file_that_has_changed_is_heard_again(data: Path, music: Path) -> None:
    _library(data, music, "one", "two")
    (music / "one.mp3").write_text("one, remastered")

    _scan(data, music, analyse=analyse_by_name)

    tracks = _tracks(data)
    assert (tracks["one"].title, tracks["one"].loudness) == ("one, remastered", None)
    assert (tracks["two"].title, tracks["two"].loudness) == ("two", NEW)


@pytest.mark.timeout(600)
def test_facts_of_real_files_come_back(data: Path, music: Path) -> None:
    write(music / "song.flac", noise(20.0, channels=2))
    Scanner(data, bundled.MODEL, 1).scan([music])
    before = _tracks(data)
    assert before["song"].loudness is not None
    assert before["song"].cues.outro_start is not None
    _make_older(data)

    Scanner(data, bundled.MODEL, 1, analyse=never).scan([music])

    assert _tracks(data) == before
