"""Playlists for other programs, read back by the library's own reader and by rules that any player goes by."""

import os
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from livedj.errors import PlaylistError
from livedj.library.playlists import SUFFIXES, read_playlist, write_playlist
from livedj.music import Seconds, Track
from tests.songs import song

ONE, TWO = song(1, 200.4), song(2, 200.4)
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
    "<&>.mp3",
    "what?#1.mp3",
    "caf\udce9.mp3",
    "../music/é.mp3",
]


def _on_disk(folder: Path, name: str) -> Track:
    path = Path(os.path.normpath(folder / name))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return replace(ONE, path=path)


def _lines(path: Path) -> list[str]:
    return path.read_bytes().decode().split("\n")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
@pytest.mark.parametrize("relative", [True, False])
@pytest.mark.parametrize("place", ["", "lists", "deep/er"])
@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
def test_every_name_finds_its_song_again(tmp_path: Path, suffix: str, place: str, relative: bool) -> None:
    songs = [_on_disk(tmp_path, name) for name in HARD_NAMES]
    target = tmp_path / place / f"night{suffix.upper()}"
    target.parent.mkdir(parents=True, exist_ok=True)
    write_playlist(songs, target, relative=relative)
    assert read_playlist(target) == [song.path for song in songs]
    target.read_bytes().decode()


@pytest.mark.parametrize("suffix", [".m3u", ".m3u8"])
def test_m3u_is_what_players_expect(tmp_path: Path, suffix: str) -> None:
    track = replace(_on_disk(tmp_path / "music", "One.mp3"), artist="Ärtist")
    unknown = replace(_on_disk(tmp_path, "Two.mp3"), artist="", title="Broken \udce9\nname", duration=Seconds(0.0))
    write_playlist([track, unknown, track], tmp_path / f"night{suffix}")
    assert _lines(tmp_path / f"night{suffix}") == [
        "#EXTM3U",
        "#EXTINF:200,Ärtist - Title 1",
        "music/One.mp3",
        "#EXTINF:-1,Broken ? name",
        "Two.mp3",
        "#EXTINF:200,Ärtist - Title 1",
        "music/One.mp3",
        "",
    ]


def test_pls_is_what_players_expect(tmp_path: Path) -> None:
    unknown = replace(_on_disk(tmp_path, "Two.mp3"), artist="", duration=Seconds(0.0))
    write_playlist([_on_disk(tmp_path / "music", "One.mp3"), unknown], tmp_path / "night.pls")
    assert _lines(tmp_path / "night.pls") == [
        "[playlist]",
        "File1=music/One.mp3",
        "Title1=Artist 1 - Title 1",
        "Length1=200",
        "File2=Two.mp3",
        "Title2=Title 1",
        "Length2=-1",
        "NumberOfEntries=2",
        "Version=2",
        "",
    ]


def test_xspf_is_what_players_expect(tmp_path: Path) -> None:
    track = _on_disk(tmp_path / "music", "ä One.mp3")
    unknown = replace(
        _on_disk(tmp_path, "Two.mp3"), artist="", title="<Broken & \udce9\nname\x0b\x01", duration=Seconds(0.0)
    )
    write_playlist([track, unknown], tmp_path / "night.xspf")
    root = ElementTree.fromstring((tmp_path / "night.xspf").read_bytes())
    assert (root.tag, root.get("version")) == ("{http://xspf.org/ns/0/}playlist", "1")
    assert [{element.tag.rpartition("}")[2]: element.text for element in track} for track in root[0]] == [
        {"location": "music/%C3%A4%20One.mp3", "title": "Title 1", "creator": "Artist 1", "duration": "200400"},
        {"location": "Two.mp3", "title": "<Broken & ? name"},
    ]


def test_list_and_songs_move_together(tmp_path: Path) -> None:
    track = _on_disk(tmp_path / "stick" / "music", "One.mp3")
    (tmp_path / "stick" / "lists").mkdir()
    write_playlist([track], tmp_path / "stick" / "lists" / "night.m3u8")
    (tmp_path / "stick").rename(tmp_path / "other")
    moved = read_playlist(tmp_path / "other" / "lists" / "night.m3u8")
    assert [path.is_file() for path in moved] == [True]


def test_a_list_of_absolute_paths_may_move_alone(tmp_path: Path) -> None:
    track = _on_disk(tmp_path / "music", "One.mp3")
    write_playlist([track], tmp_path / "night.pls", relative=False)
    (tmp_path / "lists").mkdir()
    moved = (tmp_path / "night.pls").rename(tmp_path / "lists" / "night.pls")
    assert read_playlist(moved) == [track.path]


def test_a_song_on_another_drive_or_gone_keeps_its_absolute_path(tmp_path: Path) -> None:
    songs = [TWO]
    elsewhere = Path("/dev/null")
    if elsewhere.exists():
        songs.append(replace(ONE, path=elsewhere))
    write_playlist(songs, tmp_path / "night.m3u8")
    lines = _lines(tmp_path / "night.m3u8")
    assert [line for line in lines if line and not line.startswith("#")] == [song.path.as_posix() for song in songs]


@pytest.mark.skipif(os.name != "posix", reason="needs symbolic links")
def test_a_folder_behind_a_link_leads_to_the_same_song_for_everybody(tmp_path: Path) -> None:
    track = _on_disk(tmp_path / "music", "One.mp3")
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "deep" / "er")
    target = tmp_path / "link" / "night.m3u8"
    write_playlist([track], target)
    assert read_playlist(target) == [track.path]
    assert read_playlist(target.resolve()) == [track.path]


def test_a_list_that_cannot_be_written_leaves_the_former_one_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "night.m3u8"
    write_playlist([ONE], target)
    (tmp_path / ".night.m3u8.part").mkdir()
    with pytest.raises(PlaylistError, match=r"night\.m3u8 cannot be written"):
        write_playlist([ONE, TWO], target)
    (tmp_path / ".night.m3u8.part").rmdir()
    assert "Title 2" not in target.read_text(encoding="utf-8")
    assert [path.name for path in tmp_path.iterdir()] == ["night.m3u8"]


@pytest.mark.skipif(os.name != "posix", reason="Windows words it differently")
def test_a_folder_that_is_none_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(PlaylistError, match="cannot be written: Not a directory"):
        write_playlist([ONE], tmp_path / "file" / "night.m3u8")


def test_a_kind_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PlaylistError, match=r"night\.txt is no playlist that livedj writes: \.m3u, "):
        write_playlist([ONE], tmp_path / "night.txt")
    assert not list(tmp_path.iterdir())
