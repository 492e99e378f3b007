"""Files that are written are read again: their sound, and what they say of themselves."""

import os
from pathlib import Path

import av
import mutagen
import numpy as np
import pytest

from livedj.errors import EncodeError
from livedj.library.decode import stereo_blocks
from livedj.library.encode import ENCODERS, Chapter, Labels, Sleeve, SoundFile, jpeg, write
from livedj.library.files import Tags, read_cover, read_tags
from livedj.music import Seconds, Stereo
from tests.library.full import a_limit_of
from tests.library.sounds import noise, tone

CHAPTERS = (
    Chapter("Ö – One", Seconds(0.0), Seconds(1.5)),
    Chapter("Two", Seconds(1.5), Seconds(2.25)),
    Chapter("Three", Seconds(2.25), Seconds(3.0)),
)


def _sound(kind: str, seconds: float = 3.0, amplitude: float = 0.5) -> Stereo:
    """Return a tone on the left, and one an octave higher on the right."""
    rate = ENCODERS[kind].rate
    return np.concatenate([tone(seconds, hertz, rate, amplitude) for hertz in (440.0, 880.0)]).T


def _written(path: Path, kind: str, labels: Labels | None, amplitude: float = 0.5) -> Path:
    encoder = ENCODERS[kind]
    with SoundFile(path, encoder, encoder.rate) as file:
        for block in np.array_split(_sound(kind, amplitude=amplitude), 7):
            file.write(block)
        assert file.seconds == 3.0
        file.finish(labels)
    return path


EXACT = ("flac", "wav")
LOSSY = ("mp3", "m4a", "opus")
"""But for Vorbis: what FFmpeg's own encoder makes of two tones is no likeness."""


def _read(path: Path, kind: str) -> Stereo:
    return np.concatenate(list(stereo_blocks(path, Seconds(0.0), ENCODERS[kind].rate)))


@pytest.mark.parametrize(("kind", "off"), [*((kind, 1e-4) for kind in EXACT), *((kind, 0.1) for kind in LOSSY)])
def test_what_is_written_in_pieces_is_read_as_one_sound(tmp_path: Path, kind: str, off: float) -> None:
    sound = _read(_written(tmp_path / "sound", kind, None), kind)

    wanted = _sound(kind)
    assert len(sound) == pytest.approx(len(wanted), abs=2500)
    middle = slice(len(wanted) // 3, len(wanted) // 2)
    np.testing.assert_allclose(sound[middle], wanted[middle], atol=off)


@pytest.mark.parametrize("kind", [*EXACT, *LOSSY])
def test_full_scale_is_no_leap_to_the_other_end(tmp_path: Path, kind: str) -> None:
    sound = _read(_written(tmp_path / "sound", kind, None, amplitude=1.0), kind)

    assert np.abs(sound).max() == pytest.approx(1.0, abs=0.1)
    step = 2 * np.pi * 880 / ENCODERS[kind].rate
    assert np.abs(np.diff(sound[2000:-2000], axis=0)).max() < 2 * step


@pytest.mark.parametrize("kind", ["mp3", "m4a", "flac", "opus", "ogg"])
def test_a_file_tells_its_chapters(tmp_path: Path, kind: str) -> None:
    path = _written(tmp_path / "sound", kind, Labels("A mix", chapters=CHAPTERS))

    with av.open(path) as container:
        chapters = [
            Chapter(
                chapter["metadata"]["title"],
                Seconds(float(chapter["start"] * chapter["time_base"])),
                Seconds(float(chapter["end"] * chapter["time_base"])),
            )
            for chapter in container.chapters()
            if chapter["time_base"]
        ]
    chapters.sort(key=lambda chapter: chapter.begin)  # ID3 keeps them in any order
    assert [chapter.title for chapter in chapters] == ["Ö – One", "Two", "Three"]
    assert [chapter.begin for chapter in chapters] == pytest.approx([0.0, 1.5, 2.25], abs=0.001)
    assert [chapter.end for chapter in chapters] == pytest.approx([1.5, 2.25, 3.0], abs=0.05)


def test_the_chapters_of_mp4_and_id3_are_those_that_mutagen_reads(tmp_path: Path) -> None:
    m4a = mutagen.File(_written(tmp_path / "sound.m4a", "m4a", Labels("A mix", chapters=CHAPTERS)))
    assert [(chapter.start, chapter.title) for chapter in m4a.chapters] == [
        (chapter.begin, chapter.title) for chapter in CHAPTERS
    ]
    mp3 = mutagen.File(_written(tmp_path / "sound.mp3", "mp3", Labels("A mix", chapters=CHAPTERS)))
    (contents,) = mp3.tags.getall("CTOC")
    listed = [mp3.tags[f"CHAP:{name}"] for name in contents.child_element_ids]
    assert [(one.start_time, one.end_time, str(one.sub_frames["TIT2"])) for one in listed] == [
        (round(1000 * chapter.begin), round(1000 * chapter.end), chapter.title) for chapter in CHAPTERS
    ]


def test_more_chapters_than_id3_can_list_are_all_there(tmp_path: Path) -> None:
    many = [Chapter(f"{n}", Seconds(n / 100), Seconds((n + 1) / 100)) for n in range(300)]
    file = mutagen.File(_written(tmp_path / "sound.mp3", "mp3", Labels("A mix", chapters=many)))
    assert len(file.tags.getall("CHAP")) == 300


@pytest.mark.parametrize("kind", ENCODERS)
def test_labels_are_read_again_and_what_is_not_known_is_left_out(tmp_path: Path, kind: str) -> None:
    sleeve = jpeg(np.full((8, 16, 3), 200, np.uint8))
    assert (sleeve.width, sleeve.height) == (16, 8)
    full = _written(tmp_path / "full", kind, Labels("Title", "Artist", "Album", "Genre", 7, sleeve))
    assert read_tags(full) == Tags("Title", "Artist", "Album", None, 7, "Genre")
    assert read_cover(full) == sleeve.jpeg
    bare = _written(tmp_path / "bare", kind, Labels("Title"))
    assert read_tags(bare) == Tags("Title")
    assert read_cover(bare) is None


def test_a_file_that_cannot_be_written_is_refused_in_a_sentence(tmp_path: Path) -> None:
    file = SoundFile(tmp_path / "nowhere" / "mix.flac", ENCODERS["flac"], 44_100)
    with file, pytest.raises(EncodeError, match=r"^mix\.flac cannot be written: No such file or directory\.$"):
        file.write(_sound("flac"))


@pytest.mark.skipif(os.name != "posix", reason="no colon in a name of Windows")
@pytest.mark.parametrize("name", ["Party: live.flac", "concat:a|b.flac"])
def test_a_colon_in_a_name_is_no_protocol(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)  # a relative name begins with what could be taken for a protocol
    _written(Path(name), "flac", None)
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("kind", ENCODERS)
def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path, kind: str) -> None:
    encoder, path = ENCODERS[kind], tmp_path / "sound"
    with SoundFile(path, encoder, encoder.rate) as file:
        file.write(_sound(kind))
        assert not path.exists()
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(os.name != "posix", reason="limits the size of files as POSIX does")
@pytest.mark.parametrize("kind", ENCODERS)
@pytest.mark.parametrize(("seconds", "picture"), [(10.0, 0), (0.2, 500_000)], ids=["its sound", "its labels"])
def test_on_a_full_disk_the_persons_file_is_named_and_nothing_stays(
    tmp_path: Path, kind: str, seconds: float, picture: int
) -> None:
    sound, labels = noise(seconds, channels=2).T, Labels("A mix", sleeve=Sleeve(bytes(picture), 16, 16))
    with a_limit_of(100_000), pytest.raises(EncodeError, match=r"^mix\.sound cannot be written: File too large\.$"):
        write(tmp_path / "mix.sound", kind, sound, labels)
    assert not list(tmp_path.iterdir())
