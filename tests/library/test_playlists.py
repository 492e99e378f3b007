import os
import random
from pathlib import Path
from urllib.parse import quote

import pytest

from livedj.errors import PlaylistError
from livedj.library import playlists
from livedj.library.playlists import find_playlists, read_playlist

POSIX = pytest.mark.skipif(os.name != "posix", reason="paths as POSIX has them")
XSPF = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<playlist version="1" xmlns="http://xspf.org/ns/0/"><trackList>{}</trackList></playlist>'
)


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def xspf(folder: Path, *tracks: str) -> list[Path]:
    """Read an xspf whose tracks hold these elements."""
    body = "".join(f"<track>{track}</track>" for track in tracks)
    return read_playlist(written(folder, "list.xspf", XSPF.format(body)))


def m3u(folder: Path, content: str | bytes) -> list[Path]:
    return read_playlist(written(folder, "list.m3u", content))


@pytest.mark.parametrize(
    ("line", "below"),
    [
        ("song.mp3", "song.mp3"),
        ("a folder/song 1.flac", "a folder/song 1.flac"),
        ("./a/../song.mp3", "song.mp3"),
        ("../elsewhere/song.mp3", "../elsewhere/song.mp3"),
        ("  song.mp3 \t", "song.mp3"),
        ("100% sure?.mp3", "100% sure?.mp3"),  # no URI: nothing to decode
        ("%20.mp3", "%20.mp3"),
        ("AC: live.mp3", "AC: live.mp3"),
        ("Ünïcödé – 曲.ogg", "Ünïcödé – 曲.ogg"),
        ("no\N{LINE SEPARATOR}break\x85.mp3", "no\N{LINE SEPARATOR}break\x85.mp3"),
        (r"a folder\song.mp3", "a folder/song.mp3"),
        ("a/name with \\ in it.mp3", "a/name with \\ in it.mp3"),
    ],
)
@POSIX
def test_m3u_entries_lie_beside_the_list(tmp_path: Path, line: str, below: str) -> None:
    assert m3u(tmp_path, line) == [Path(os.path.normpath(tmp_path / below))]


def test_m3u_keeps_the_order_and_repetitions_and_passes_over_comments(tmp_path: Path) -> None:
    content = "#EXTM3U\n#EXTINF:123,Artist - Title\nb.mp3\n\n# a word\na.mp3\nb.mp3\n"
    assert [path.name for path in m3u(tmp_path, content)] == ["b.mp3", "a.mp3", "b.mp3"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\n\n"])
def test_m3u_knows_every_end_of_line(tmp_path: Path, end: str) -> None:
    assert [path.name for path in m3u(tmp_path, f"#EXTM3U{end}a.mp3{end}b.mp3")] == ["a.mp3", "b.mp3"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1252"])
@pytest.mark.parametrize("suffix", [".m3u", ".m3u8", ".M3U", ".pls"])
def test_umlauts_are_read_in_every_encoding(tmp_path: Path, encoding: str, suffix: str) -> None:
    entry = "Motörhead/Café.mp3"
    content = f"[playlist]\nFile1={entry}\n" if suffix == ".pls" else f"{entry}\n"
    assert read_playlist(written(tmp_path, f"list{suffix}", content.encode(encoding))) == [tmp_path / entry]


def test_a_mark_before_a_comment_does_not_make_it_a_song(tmp_path: Path) -> None:
    assert m3u(tmp_path, b"\xef\xbb\xbf#EXTM3U\na.mp3") == [tmp_path / "a.mp3"]


@pytest.mark.parametrize("host", ["", "//", "//localhost"])
@pytest.mark.parametrize("kind", [".m3u", ".pls", ".xspf"])
@POSIX
def test_file_uris_are_decoded(tmp_path: Path, host: str, kind: str) -> None:
    song = tmp_path / "a #1? 100% [é].mp3"
    uri = f"file:{host}{quote(str(song))}"
    content = {".m3u": uri, ".pls": f"File1={uri}", ".xspf": XSPF.format(f"<track><location>{uri}</location></track>")}
    assert read_playlist(written(tmp_path, f"list{kind}", content[kind])) == [song]


@POSIX
def test_a_name_that_is_no_utf8_survives_as_uri(tmp_path: Path) -> None:
    assert os.fsencode(m3u(tmp_path, "file:///music/caf%E9.mp3")[0]) == b"/music/caf\xe9.mp3"


@pytest.mark.parametrize(
    "address",
    ["http://radio.example/stream.mp3", "https://example.org/a.mp3", "HTTP://X/a.mp3", "mms://x/y", "smb://host/a.mp3",
     "file://another-host/a.mp3", "file:", "file://", "file:///a%00b.mp3", "a\0b.mp3", "spotify://track/1",
     "file:///a\0b.mp3", "file://[1999] Album/song.mp3", "http://[radio]/x", "https://stream.example\u2100/x"],
)  # fmt: skip
def test_what_is_no_file_here_is_left_out(tmp_path: Path, address: str) -> None:
    assert [path.name for path in m3u(tmp_path, f"{address}\na.mp3")] == ["a.mp3"]


def test_missing_files_stay_on_the_list_and_so_do_other_kinds(tmp_path: Path) -> None:
    written(tmp_path, "there.mp3", "")
    assert len(m3u(tmp_path, "there.mp3\ngone.mp3\nfilm.mkv")) == 3


@POSIX
def test_absolute_paths_stay(tmp_path: Path) -> None:
    assert m3u(tmp_path, "/music/a.mp3") == [Path("/music/a.mp3")]


def test_an_empty_list_is_empty(tmp_path: Path) -> None:
    assert m3u(tmp_path, "") == []
    assert read_playlist(written(tmp_path, "list.pls", "[playlist]\nNumberOfEntries=0\n")) == []
    assert xspf(tmp_path) == []


def test_an_entry_of_a_pls_whose_number_is_none_is_passed_over(tmp_path: Path) -> None:
    lines = ["[playlist]", f"File{'1' * 5000}=endless.mp3", "File2=song.mp3"]
    assert read_playlist(written(tmp_path, "list.pls", "\n".join(lines))) == [tmp_path / "song.mp3"]


def test_pls_is_read_by_number_whatever_its_order_and_case(tmp_path: Path) -> None:
    lines = ["[Playlist]", "File10=c.mp3", "file2 = b = 2.mp3", "Title1=File3=x.mp3", "FILE1=a.mp3", "File4=", "X=-1"]
    listed = read_playlist(written(tmp_path, "list.pls", "\n".join(lines)))
    assert [path.name for path in listed] == ["a.mp3", "b = 2.mp3", "c.mp3"]


@POSIX
def test_xspf_locations_are_relative_uris(tmp_path: Path) -> None:
    long = "<title>x</title><location> a%20folder/b&amp;c.mp3 </location>"
    listed = xspf(tmp_path, long, "<location>d.mp3</location>")
    assert listed == [tmp_path / "a folder/b&c.mp3", tmp_path / "d.mp3"]


def test_of_a_track_in_xspf_the_first_file_counts(tmp_path: Path) -> None:
    listed = xspf(
        tmp_path,
        "<location>http://example.org/a.mp3</location><location>a.mp3</location><location>a.ogg</location>",
        "<title>nowhere</title>",
        "<location/>",
        "<location>http://example.org/b.mp3</location>",
    )
    assert [path.name for path in listed] == ["a.mp3"]


def test_xspf_without_namespace_and_in_another_encoding_is_read(tmp_path: Path) -> None:
    track = "<track><location>é.mp3</location></track>"
    text = f'<?xml version="1.0" encoding="iso-8859-1"?><playlist><trackList>{track}</trackList></playlist>'
    assert read_playlist(written(tmp_path, "list.xspf", text.encode("latin-1"))) == [tmp_path / "é.mp3"]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "no xml",
        "<playlist><trackList>",
        '<?xml version="1.0" encoding="nonsense"?><playlist/>',
        '<!DOCTYPE p [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><playlist>&b;</playlist>',
        '<!DOCTYPE p [<!ENTITY a SYSTEM "file:///etc/passwd">]><playlist>&a;</playlist>',
    ],
)
def test_a_damaged_or_hostile_xspf_is_refused_in_one_sentence(tmp_path: Path, content: str) -> None:
    with pytest.raises(PlaylistError, match=r"list\.xspf is damaged"):
        read_playlist(written(tmp_path, "list.xspf", content))


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(PlaylistError, match=r"gone\.m3u"):
        read_playlist(tmp_path / "gone.m3u")
    (tmp_path / "folder.m3u").mkdir()
    with pytest.raises(PlaylistError, match=r"folder\.m3u"):
        read_playlist(tmp_path / "folder.m3u")
    with pytest.raises(PlaylistError, match="no playlist that livedj reads"):
        read_playlist(written(tmp_path, "list.txt", "a.mp3"))


def test_a_file_of_gigabytes_is_no_playlist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(playlists, "LARGEST", 10)
    with pytest.raises(PlaylistError, match="too large"):
        m3u(tmp_path, "a.mp3\nb.mp3\n")


@pytest.mark.parametrize("suffix", sorted(playlists.SUFFIXES - {".xspf"}))
def test_any_bytes_are_read_or_refused(tmp_path: Path, suffix: str) -> None:
    noise = random.Random(1).randbytes(4096)
    for content in (bytes(range(256)), b"\xff\xfe\x00", b"\xfe\xff\xd8\x00", b"\xef\xbb\xbf\xff", noise):
        assert all(path.is_absolute() for path in read_playlist(written(tmp_path, f"list{suffix}", content)))


def test_playlists_are_found_below_a_folder_but_not_the_hidden_ones(tmp_path: Path) -> None:
    for name in ("b.m3u", "deep/er/a.XSPF", "c.pls", "d.m3u8", ".hidden.m3u", ".trash/x.m3u", "song.mp3", "notes.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        written(tmp_path, name, "")
    assert [path.name for path in find_playlists(tmp_path)] == ["b.m3u", "c.pls", "d.m3u8", "a.XSPF"]
    assert find_playlists(tmp_path / "nowhere") == []
