"""Songs that come, change or go in the music folders are noticed; reading them is not."""

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from watchdog.observers import Observer

from livedj.library import folder_watch
from livedj.library.folder_watch import FolderWatch
from livedj.music import Seconds

PATIENCE = 20.0
LONG_ENOUGH = 1.0
"""For a change that is none to be noticed."""


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Iterator[FolderWatch]:
    monkeypatch.setattr(folder_watch, "QUIET_FOR", Seconds(0.3))
    opened = FolderWatch()
    yield opened
    opened.close()


def noticed(watch: FolderWatch, patience: float, *folders: Path) -> bool:
    end = time.monotonic() + patience
    while time.monotonic() < end:
        watch.watch(folders)
        if watch.songs_changed():
            return True
        time.sleep(0.05)
    return False


def test_a_folder_that_is_none_any_more_is_watched_no_more(watch: FolderWatch, tmp_path: Path) -> None:
    folders = [tmp_path / "first", tmp_path / "second"]
    for folder in folders:
        folder.mkdir()
    watch.watch(folders)
    watch.watch(folders[1:])
    come(folders[0])
    assert not noticed(watch, LONG_ENOUGH, *folders[1:])
    watch.watch(folders)
    come(folders[0])
    assert noticed(watch, PATIENCE, *folders)


def come(music: Path) -> None:
    (music / "new.mp3").write_text("new")


def change(music: Path) -> None:
    (music / "song.mp3").write_text("changed")


def go(music: Path) -> None:
    (music / "song.mp3").unlink()


def be_renamed(music: Path) -> None:
    (music / "song.mp3").rename(music / "other.mp3")


def come_with_a_folder(music: Path) -> None:
    shutil.copytree(music / "album", music / "second album")


def go_with_a_folder(music: Path) -> None:
    shutil.rmtree(music / "album")


@pytest.fixture
def filled(music: Path) -> Path:
    (music / "song.mp3").write_text("song")
    (music / "album").mkdir()
    (music / "album" / "first.mp3").write_text("first")
    return music


@pytest.mark.parametrize("happen", [come, change, go, be_renamed, come_with_a_folder, go_with_a_folder])
def test_songs_that_come_change_or_go_are_noticed_once(
    watch: FolderWatch, filled: Path, happen: Callable[[Path], None]
) -> None:
    watch.watch([filled])
    happen(filled)

    assert noticed(watch, PATIENCE, filled)
    assert not noticed(watch, LONG_ENOUGH, filled)


def test_what_is_read_or_is_no_song_is_not_noticed(watch: FolderWatch, filled: Path) -> None:
    watch.watch([filled])
    (filled / "song.mp3").read_text()
    (filled / "cover.jpg").write_text("picture")

    assert not noticed(watch, LONG_ENOUGH, filled)


def test_songs_are_looked_at_when_the_last_of_them_has_been_copied(watch: FolderWatch, filled: Path) -> None:
    watch.watch([filled])
    for number in range(10):
        (filled / f"{number}.mp3").write_text("new")
        assert not watch.songs_changed()
        time.sleep(0.05)

    assert noticed(watch, PATIENCE, filled)


def test_a_folder_that_goes_away_and_comes_back_is_noticed(watch: FolderWatch, filled: Path) -> None:
    watch.watch([filled])
    away = filled.rename(filled.with_name("away"))
    assert noticed(watch, PATIENCE, filled)

    away.rename(filled)
    assert noticed(watch, PATIENCE, filled)
    come(filled)
    assert noticed(watch, PATIENCE, filled)


def test_a_folder_that_is_made_anew_between_two_looks_is_watched(watch: FolderWatch, filled: Path) -> None:
    watch.watch([filled])
    filled.rename(filled.with_name("away"))
    filled.mkdir()
    assert noticed(watch, PATIENCE, filled)
    come(filled)
    assert noticed(watch, PATIENCE, filled)


def test_a_folder_that_is_added_is_no_change(watch: FolderWatch, filled: Path, tmp_path: Path) -> None:
    watch.watch([filled, tmp_path / "missing"])

    assert not noticed(watch, LONG_ENOUGH, filled, tmp_path / "missing", filled / "album")


def test_a_folder_that_cannot_be_watched_is_told_in_the_log(
    watch: FolderWatch, filled: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(28, "inotify watch limit reached")

    monkeypatch.setattr(Observer, "schedule", refuse)
    watch.watch([filled])

    assert "not watched" in caplog.text
    filled.rename(filled.with_name("away"))
    assert noticed(watch, PATIENCE, filled)  # that is seen without
