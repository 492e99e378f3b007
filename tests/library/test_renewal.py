"""The second pass: songs whose intro is known are read to their end, and so are those of an older livedj."""

import contextlib
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from livedj import bundled
from livedj.ear.encoder import read_card
from livedj.errors import NeighbourIndexError
from livedj.library.catalogue import FILE_NAME, Catalogue
from livedj.library.index import INDEX_FOLDER, IntroIndex
from livedj.library.scanner import Progress, Scanner
from livedj.library.worker import HearIntro, HearWhole
from livedj.music import Loudness, Track, TrackId
from tests.library.sounds import noise, write
from tests.library.stand_ins import intro_alone, intro_by_name, never, whole_by_name

CARD = read_card(bundled.MODEL)
NEW = Loudness(-12.0, -1.0)


def _scan(
    data: Path,
    music: Path,
    intro: HearIntro = never,
    whole: HearWhole = whole_by_name,
    progress: Callable[[Progress], None] = lambda _: None,
) -> Progress:
    return Scanner(data, bundled.MODEL, 2, progress, intro=intro, whole=whole).scan([music])


def _library(data: Path, music: Path, *names: str) -> None:
    """Fill a library with songs whose facts were found by an older livedj."""
    for name in names:
        (music / f"{name}.mp3").write_text(name)
    _scan(data, music, intro=intro_by_name, whole=never)
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


def _windows(data: Path) -> dict[TrackId, list[list[float]]]:
    with Catalogue(data / FILE_NAME) as catalogue:
        ids = list(catalogue.paths(CARD.sha256))
        return {track: windows.tolist() for track, windows in catalogue.windows(ids, CARD.sha256).items()}


def test_they_are_read_to_their_end_and_what_was_heard_stays(data: Path, music: Path) -> None:
    names = [f"song {number:02}" for number in range(12)]
    _library(data, music, *names)
    index, windows = _index(data), _windows(data)
    told: list[Progress] = []

    result = _scan(data, music, progress=told.append)

    assert [(progress.done, progress.whole) for progress in told] == [
        (12, False), (12, False), *((done, True) for done in range(1, 13)), (12, False)
    ]  # fmt: skip
    assert {progress.file for progress in told} == {"", *(f"{name}.mp3" for name in names)}
    assert not any(progress.anew for progress in told)
    assert replace(result, indexed=False) == Progress(12, 12, 0)
    assert {track.loudness for track in _tracks(data).values()} == {NEW}
    assert _index(data) == index, "the intros are the same"
    assert _windows(data) == windows
    assert _scan(data, music, whole=never) == Progress(12, 12, 0)


def test_the_intros_of_all_songs_come_first_and_each_is_proposed_by_then(data: Path, music: Path) -> None:
    for name in "abc":
        (music / f"{name}.mp3").write_text(name)
    sizes: list[tuple[bool, int]] = []

    def look(progress: Progress) -> None:
        if progress.file:
            with contextlib.suppress(NeighbourIndexError):
                sizes.append((progress.whole, IntroIndex.open(data / INDEX_FOLDER, CARD.sha256, CARD.dimensions).size))

    result = _scan(data, music, intro=intro_alone, progress=look)

    assert [size for whole, size in sizes if whole] == [3, 3, 3]
    assert result.done == result.total == 3
    assert {track.loudness for track in _tracks(data).values()} == {NEW}
    assert _scan(data, music, whole=never).done == 3


def test_one_that_changes_between_the_passes_is_heard_by_the_next_scan(data: Path, music: Path) -> None:
    (music / "changing.mp3").write_text("one song")

    _scan(data, music, intro=intro_alone)

    assert _tracks(data)["changing"].title == "one song"
    _scan(data, music, intro=intro_by_name, whole=never)
    assert _tracks(data)["changing"].title == "meanwhile another song"


def test_new_songs_come_first(data: Path, music: Path) -> None:
    _library(data, music, "a", "b", "c", "d")
    (music / "z new.mp3").write_text("z new")
    told: list[Progress] = []

    Scanner(data, bundled.MODEL, 1, told.append, intro=intro_by_name, whole=whole_by_name).scan([music])

    assert [progress.file for progress in told] == ["", "z new.mp3", "", "a.mp3", "b.mp3", "c.mp3", "d.mp3", ""]


def test_one_whose_reader_crashes_stays_as_it_was_and_one_that_is_broken_is_listed(data: Path, music: Path) -> None:
    names = ["fragile", "good", "unreadable"]
    _library(data, music, *names)

    result = _scan(data, music)

    assert (result.done, result.total, result.skipped) == (3, 3, 1)
    assert {name: track.loudness for name, track in _tracks(data).items()} == {"fragile": None, "good": NEW}
    with Catalogue(data / FILE_NAME) as catalogue:
        assert [problem.reason for problem in catalogue.problems()] == ["unreadable.mp3 is broken."]
    assert _scan(data, music, whole=never) == Progress(3, 3, 1), "neither is read again"


def test_a_scan_that_is_stopped_goes_on_where_it_was(data: Path, music: Path) -> None:
    names = [f"song {number:02}" for number in range(20)]
    _library(data, music, *names)
    scanner = Scanner(
        data,
        bundled.MODEL,
        2,
        lambda progress: scanner.stop() if progress.done == 5 else None,
        intro=never,
        whole=whole_by_name,
    )

    stopped = scanner.scan([music])

    assert 5 <= stopped.done < 20
    assert sum(track.loudness == NEW for track in _tracks(data).values()) == stopped.done
    told: list[Progress] = []
    _scan(data, music, progress=told.append)
    assert next(progress for progress in told if progress.whole).done == stopped.done + 1
    assert all(track.loudness == NEW for track in _tracks(data).values())


def test_a_file_that_has_changed_is_heard_again(data: Path, music: Path) -> None:
    _library(data, music, "one", "two")
    (music / "one.mp3").write_text("one, remastered")

    _scan(data, music, intro=intro_by_name)

    tracks = _tracks(data)
    assert (tracks["one"].title, tracks["one"].loudness) == ("one, remastered", None), "it was heard as a whole"
    assert (tracks["two"].title, tracks["two"].loudness) == ("two", NEW)


@pytest.mark.timeout(600)
def test_facts_of_real_files_come_back(data: Path, music: Path) -> None:
    write(music / "song.flac", noise(20.0, channels=2))
    Scanner(data, bundled.MODEL, 1).scan([music])
    before = _tracks(data)
    assert before["song"].loudness is not None
    assert before["song"].cues.outro_start is not None
    _make_older(data)

    Scanner(data, bundled.MODEL, 1, intro=never).scan([music])

    assert _tracks(data) == before
