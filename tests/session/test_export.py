"""A night as a playlist, read back by the library's own reader and by rules that any player goes by."""

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from livedj.errors import PlaylistError
from livedj.library.playlists import read_playlist
from livedj.music import Seconds
from livedj.night.entries import Song
from livedj.night.export import write_m3u8
from tests.session.songs import ONE, TWO

HARD_NAMES = [
    "plain.mp3",
    "Motörhead – Ace of Spades.mp3",
    "# no comment.mp3",
    " blanks at both ends ",
    "two\nlines.mp3",
    "line\u2028separator.mp3",
    "back\\slash.mp3",
    "http: no address.mp3",
    "file:name.mp3",
    "C:name.mp3",
    "100%25.mp3",
    "caf\udce9.mp3",
    "../music/é.mp3",
]


def _on_disk(folder: Path, name: str) -> Song:
    path = Path(os.path.normpath(folder / name))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return replace(ONE, path=path)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
@pytest.mark.parametrize("place", ["", "lists", "deep/er"])
def test_every_name_finds_its_song_again(tmp_path: Path, place: str) -> None:
    songs = [_on_disk(tmp_path, name) for name in HARD_NAMES]
    target = tmp_path / place / "night.m3u8"
    target.parent.mkdir(parents=True, exist_ok=True)
    write_m3u8(songs, target)
    assert read_playlist(target) == [song.path for song in songs]
    target.read_bytes().decode()


def test_the_list_is_what_players_expect(tmp_path: Path) -> None:
    song = _on_disk(tmp_path / "music", "One.mp3")
    unknown = replace(_on_disk(tmp_path, "Two.mp3"), artist="", title="Broken \udce9\nname", duration=Seconds(0.0))
    write_m3u8([song, unknown, song], tmp_path / "night.m3u8")
    assert (tmp_path / "night.m3u8").read_bytes().decode().split("\n") == [
        "#EXTM3U",
        "#EXTINF:200,Ärtist - Title 1",
        "music/One.mp3",
        "#EXTINF:-1,Broken ? name",
        "Two.mp3",
        "#EXTINF:200,Ärtist - Title 1",
        "music/One.mp3",
        "",
    ]


def test_list_and_songs_move_together(tmp_path: Path) -> None:
    song = _on_disk(tmp_path / "stick" / "music", "One.mp3")
    (tmp_path / "stick" / "lists").mkdir()
    write_m3u8([song], tmp_path / "stick" / "lists" / "night.m3u8")
    (tmp_path / "stick").rename(tmp_path / "other")
    moved = read_playlist(tmp_path / "other" / "lists" / "night.m3u8")
    assert [path.is_file() for path in moved] == [True]


def test_a_song_on_another_drive_or_gone_keeps_its_absolute_path(tmp_path: Path) -> None:
    songs = [TWO]
    elsewhere = Path("/dev/null")
    if elsewhere.exists():
        songs.append(replace(ONE, path=elsewhere))
    write_m3u8(songs, tmp_path / "night.m3u8")
    lines = (tmp_path / "night.m3u8").read_text(encoding="utf-8").split("\n")
    assert [line for line in lines if line and not line.startswith("#")] == [song.path.as_posix() for song in songs]


@pytest.mark.skipif(os.name != "posix", reason="needs symbolic links")
def test_a_folder_behind_a_link_leads_to_the_same_song_for_everybody(tmp_path: Path) -> None:
    song = _on_disk(tmp_path / "music", "One.mp3")
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "deep" / "er")
    target = tmp_path / "link" / "night.m3u8"
    write_m3u8([song], target)
    assert read_playlist(target) == [song.path]
    assert read_playlist(target.resolve()) == [song.path]


def test_a_list_that_cannot_be_written_leaves_the_former_one_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "night.m3u8"
    write_m3u8([ONE], target)
    (tmp_path / ".night.m3u8.part").mkdir()
    with pytest.raises(PlaylistError, match=r"night\.m3u8 cannot be written"):
        write_m3u8([ONE, TWO], target)
    (tmp_path / ".night.m3u8.part").rmdir()
    assert "Title 2" not in target.read_text(encoding="utf-8")
    assert [path.name for path in tmp_path.iterdir()] == ["night.m3u8"]


@pytest.mark.skipif(os.name != "posix", reason="Windows words it differently")
def test_a_folder_that_is_none_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(PlaylistError, match="cannot be written: Not a directory"):
        write_m3u8([ONE], tmp_path / "file" / "night.m3u8")
