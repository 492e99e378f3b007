import base64
import os
from pathlib import Path
from typing import Any

import mutagen.flac
import mutagen.id3
import mutagen.mp4
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from livedj.library.files import AUDIO_SUFFIXES, MOST_COVER_BYTES, Tags, read_cover, read_tags, walk
from tests.library.sounds import CODECS, tone, write

COVER = b"\x89PNG not really, but bytes are bytes"


id3: Any = mutagen.id3  # mutagen has no types
mp4: Any = mutagen.mp4
flac: Any = mutagen.flac


def _picture(data: bytes = COVER, kind: int = 3) -> Any:
    picture = flac.Picture()
    picture.data, picture.type, picture.mime = data, kind, "image/png"
    return picture


def _tag(path: Path, title: str, artist: str, album: str) -> None:
    file: Any = mutagen.File(path)
    if file.tags is None:
        file.add_tags()
    match path.suffix:
        case ".mp3" | ".wav":
            for frame in (id3.TIT2(text=title), id3.TPE1(text=artist), id3.TALB(text=album)):
                file.tags.add(frame)
            file.tags.add(id3.APIC(type=3, mime="image/png", data=COVER))
        case ".m4a":
            file["\xa9nam"], file["\xa9ART"], file["\xa9alb"] = title, artist, album
            file["covr"] = [mp4.MP4Cover(COVER, mp4.MP4Cover.FORMAT_PNG)]
        case ".flac":
            file["title"], file["artist"], file["album"] = title, artist, album
            file.add_picture(_picture())
        case _:
            file["title"], file["artist"], file["album"] = title, artist, album
            file["metadata_block_picture"] = base64.b64encode(_picture().write()).decode()
    file.save()


@pytest.mark.parametrize("suffix", CODECS)
def test_tags_and_cover_are_read_from_every_format(tmp_path: Path, suffix: str) -> None:
    path = write(tmp_path / f"song{suffix}", tone(1.0))
    _tag(path, "Träumerei 🎹", "Clara & Robert", "Kinderszenen")

    assert read_tags(path) == Tags("Träumerei 🎹", "Clara & Robert", "Kinderszenen")
    assert read_cover(path) == COVER


@pytest.mark.parametrize("suffix", CODECS)
def test_without_tags_the_title_is_the_stem(tmp_path: Path, suffix: str) -> None:
    path = write(tmp_path / f"07 My Song.v2{suffix}", tone(1.0))

    assert read_tags(path) == Tags("07 My Song.v2")
    assert read_cover(path) is None


def test_a_file_that_is_no_sound_has_its_stem_for_a_title(tmp_path: Path) -> None:
    for name, content in (("text.mp3", b"hello"), ("empty.flac", b""), ("riff.wav", b"RIFF\xff\xff\xff\xffWAVE")):
        (tmp_path / name).write_bytes(content)

        assert read_tags(tmp_path / name) == Tags(Path(name).stem)
        assert read_cover(tmp_path / name) is None


def test_a_stem_that_is_no_utf8_can_be_shown(tmp_path: Path) -> None:
    path = tmp_path / "caf\udce9.mp3"
    path.write_bytes(b"")

    assert read_tags(path).title == "caf�"


def test_tags_become_one_clean_line(tmp_path: Path) -> None:
    path = write(tmp_path / "song.flac", tone(1.0))
    file = flac.FLAC(path)
    file["title"] = "  two\nlines\x00 and   spaces "
    file["artist"] = ["Ann", "Bob"]
    file["album"] = " "
    file.save()

    assert read_tags(path) == Tags("two lines and spaces", "Ann, Bob", "")


@pytest.mark.parametrize(("written", "read"), [(["House", "Disco"], "House"), (["(17)"], "Rock"), (["17"], "Rock")])
def test_of_several_genres_the_first_counts_and_numbers_have_names(
    tmp_path: Path, written: list[str], read: str
) -> None:
    path = write(tmp_path / "song.mp3", tone(1.0))
    file: Any = mutagen.File(path)
    file.tags.add(id3.TCON(3, written))
    file.save()

    assert read_tags(path).genre == read


def test_the_front_cover_is_preferred_and_a_huge_one_left_out(tmp_path: Path) -> None:
    path = write(tmp_path / "song.flac", tone(1.0))
    file = flac.FLAC(path)
    file.add_picture(_picture(b"back", 4))
    file.add_picture(_picture(b"front", 3))
    file.save()
    assert read_cover(path) == b"front"

    file.clear_pictures()
    file.add_picture(_picture(bytes(MOST_COVER_BYTES + 1), 3))
    file.save()
    assert read_cover(path) is None


def test_a_broken_picture_block_is_passed_over(tmp_path: Path) -> None:
    path = write(tmp_path / "song.opus", tone(1.0))
    file: Any = mutagen.File(path)
    file["metadata_block_picture"] = ["not base64!", base64.b64encode(b"no picture").decode()]
    file.save()

    assert read_cover(path) is None


@pytest.fixture(scope="module")
def tagged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("tagged")
    contents = {}
    for suffix in CODECS:
        path = write(folder / f"song{suffix}", tone(0.2))
        _tag(path, "title", "artist", "album")
        contents[suffix] = path.read_bytes()
    return contents


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), suffix=st.sampled_from(sorted(CODECS)))
def test_no_damage_to_a_file_keeps_its_tags_from_having_a_title(
    tagged: dict[str, bytes], tmp_path: Path, suffix: str, data: st.DataObject
) -> None:
    content = bytearray(tagged[suffix])
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, min(len(content), 3000) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / f"damaged{suffix}"
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])

    assert read_tags(path).title
    read_cover(path)


def _touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"")
    return path


def test_walk_finds_sound_files_in_a_steady_order(tmp_path: Path) -> None:
    wanted = [_touch(tmp_path / name) for name in ("a.mp3", "b/c.FLAC", "b/d/e.Opus", "f.ogg", "g.m4a", "h.wav")]
    for name in ("cover.jpg", "b/notes.txt", "x.mp3.part", ".hidden.mp3", "b/._c.FLAC", ".trash/old.mp3"):
        _touch(tmp_path / name)
    (tmp_path / "folder.mp3").mkdir()

    assert list(walk([tmp_path])) == wanted
    assert {path.suffix.lower() for path in wanted} == AUDIO_SUFFIXES


def test_walk_yields_a_file_of_overlapping_folders_once(tmp_path: Path) -> None:
    inner = _touch(tmp_path / "a" / "b" / "song.mp3")

    assert list(walk([tmp_path, tmp_path / "a", tmp_path / "a" / "b"])) == [inner]


def test_walk_ends_where_links_go_in_circles(tmp_path: Path) -> None:
    song = _touch(tmp_path / "a" / "song.mp3")
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    (tmp_path / "a" / "nowhere.mp3").symlink_to(tmp_path / "missing")

    assert list(walk([tmp_path])) == [song]


def test_walk_passes_over_what_cannot_be_entered_or_is_no_file(tmp_path: Path) -> None:
    song = _touch(tmp_path / "song.mp3")
    os.mkfifo(tmp_path / "pipe.mp3")

    assert list(walk([tmp_path / "missing", tmp_path, song])) == [song]


@pytest.mark.skipif(os.name != "posix", reason="makes a link to itself")
def test_walk_passes_over_a_link_that_cannot_be_followed(tmp_path: Path) -> None:
    (tmp_path / "song.mp3").touch()
    for name in ("itself", "itself.mp3"):
        (tmp_path / name).symlink_to(tmp_path / name)

    assert [path.name for path in walk([tmp_path])] == ["song.mp3"]


def test_walk_yields_absolute_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    song = _touch(tmp_path / "music" / "song.mp3")
    monkeypatch.chdir(tmp_path)

    assert list(walk([Path("music")])) == [song]


@pytest.mark.parametrize("name", ["café.mp3", "cafe\u0301.mp3", "🎧.mp3", "caf\udce9.mp3", "a\nb.mp3"])
def test_walk_keeps_names_byte_for_byte(tmp_path: Path, name: str) -> None:
    song = _touch(tmp_path / name)

    assert [os.fsencode(path) for path in walk([tmp_path])] == [os.fsencode(song)]


def _number(path: Path, number: str, disc: str) -> Path:
    file: Any = mutagen.File(path)
    if file.tags is None:
        file.add_tags()
    match path.suffix:
        case ".mp3" | ".wav":
            file.tags.add(id3.TRCK(text=number))
            file.tags.add(id3.TPOS(text=disc))
        case ".m4a":
            file["trkn"], file["disk"] = ([tuple(map(int, value.split("/")))] for value in (number, disc))
        case _:
            file["tracknumber"], file["discnumber"] = number, disc
    file.save()
    return path


@pytest.mark.parametrize("suffix", CODECS)
def test_disc_and_track_number_are_read_from_every_format(tmp_path: Path, suffix: str) -> None:
    tags = read_tags(_number(write(tmp_path / f"song{suffix}", tone(1.0)), "3/12", "2/2"))

    assert (tags.disc, tags.number) == (2, 3)


@pytest.mark.parametrize(
    ("written", "read"), [("7", 7), ("07", 7), (" 7 / 9 ", 7), ("A1", None), ("0", None), ("", None), ("/9", None)]
)
def test_numbers_are_understood_as_people_write_them(tmp_path: Path, written: str, read: int | None) -> None:
    tags = read_tags(_number(write(tmp_path / "song.flac", tone(1.0)), written, written))

    assert (tags.disc, tags.number) == (read, read)


def test_a_number_of_0_is_none(tmp_path: Path) -> None:
    tags = read_tags(_number(write(tmp_path / "song.m4a", tone(1.0)), "0/0", "0/2"))

    assert (tags.disc, tags.number) == (None, None)
