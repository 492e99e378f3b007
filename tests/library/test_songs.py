"""What the ear asks of the library, on a small one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from livedj import bundled
from livedj.ear.encoder import read_card
from livedj.library.scanner import Scanner
from livedj.library.songs import Songs
from livedj.music import Vector
from tests.library.stand_ins import intro_by_name

CARD = read_card(bundled.MODEL)


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / "music"
    folder.mkdir()
    for name in ("one", "two", "three"):
        (folder / f"{name}.mp3").write_text(name)
    _scan(tmp_path)
    return folder


@pytest.fixture
def songs(music: Path, tmp_path: Path) -> Iterator[Songs]:
    opened = Songs(tmp_path, CARD)
    yield opened
    opened.close()


def _scan(data: Path) -> None:
    Scanner(data, bundled.MODEL, 2, intro=intro_by_name).scan([data / "music"])


def _vectors(music: Path, name: str) -> tuple[Vector, Vector]:
    analysis = intro_by_name(bundled.MODEL, music / f"{name}.mp3")
    return analysis.intro, analysis.track


def test_the_song_whose_intro_is_heard_is_nearest(songs: Songs, music: Path) -> None:
    intro, _ = _vectors(music, "two")

    found = songs.nearest(intro)

    assert [len(found), found[0].track.title] == [3, "two"]
    assert found[0].cosine == pytest.approx(1.0, abs=1e-4)


def test_windows_of_likely_songs_are_returned(songs: Songs, music: Path) -> None:
    _, track = _vectors(music, "two")

    likely = songs.likely(track)

    assert len(likely) == 3
    assert {windows.shape for windows in likely.values()} == {(3, CARD.dimensions)}


def test_a_song_that_was_moved_is_met_under_its_new_name_only(songs: Songs, music: Path, tmp_path: Path) -> None:
    intro, track = _vectors(music, "two")
    moved = (music / "two.mp3").rename(music / "renamed.mp3")
    _scan(tmp_path)

    assert [near.track.path for near in songs.nearest(intro) if near.track.title == "two"] == [moved]
    paths = {found.path for id_ in songs.likely(track) if (found := songs.track(id_))}
    assert paths == set(music.iterdir())
