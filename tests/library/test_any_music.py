"""A music folder as people have them: every odd name and every odd file, each with what becomes of it."""

import os
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import pytest

from livedj import bundled
from livedj.library.catalogue import FILE_NAME, Catalogue
from livedj.library.scanner import Progress, Scanner
from livedj.music import Track
from tests.library.scans import CARD
from tests.library.sounds import noise, silence, write

HOURS = 10
LONG = "ten hours.mp3"


@dataclass(frozen=True)
class Found:
    """What a scan made of the folder."""

    progress: Progress
    tracks: dict[str, Track]
    """By the path below the folder."""
    problems: dict[str, str]
    """Likewise: why a file cannot be used."""


def sound(
    seconds: float = 3.0, rate: int = 44_100, layout: str = "mono", suffix: str | None = None
) -> Callable[[Path], object]:
    """Return how to make a song of this kind, encoded as the suffix says, whatever the path's own is."""
    channels = {"mono": 1, "stereo": 2, "5.1": 6, "7.1": 8}[layout]

    def make(path: Path) -> None:
        plain = path.with_name(f"plain{suffix or path.suffix.lower()}")
        samples = noise(seconds, rate, channels, seed=sum(os.fsencode(path.name)))
        write(plain, samples, rate, layout=layout).rename(path)

    return make


def content(data: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(data)


def cut(share: float) -> Callable[[Path], object]:
    """Return how to make an mp3 that breaks off after a share of it, though its header tells its whole length."""

    def make(path: Path) -> None:
        write(path, noise(20.0))
        whole = path.read_bytes()
        path.write_bytes(whole[: round(len(whole) * share)])

    return make


def ten_hours(path: Path) -> None:
    """Write a minute of mp3 over and over: frames follow each other as they please."""
    minute = write(path.with_name("minute.mp3"), noise(60.0, 22_050), 22_050, options={"write_xing": "0"})
    piece = minute.read_bytes()
    minute.unlink()
    with path.open("wb") as file:
        for _ in range(HOURS * 60):
            file.write(piece)


def film(path: Path) -> None:
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        for _ in range(5):
            picture = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), "rgb24")
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))


SONG = sound()
SONGS = {
    "composed \u00e9.mp3": SONG,
    "decomposed e\u0301.mp3": SONG,
    "\u00e9.mp3": SONG,
    "e\u0301.mp3": SONG,
    "party 🎉👩‍🎤.mp3": SONG,
    "שלום עולם.mp3": SONG,
    "مرحبا.mp3": SONG,
    "caf\udce9 \udcff.mp3": SONG,
    "n" * 251 + ".mp3": SONG,
    "case.mp3": SONG,
    "Case.mp3": SONG,
    "SHOUTED.MP3": SONG,
    " spaces around .mp3": SONG,
    "two\nlines.mp3": SONG,
    "concat:x|y.mp3": SONG,
    "%20?#&.mp3": SONG,
    "-rf.mp3": SONG,
    "deep/" * 20 + "down.mp3": SONG,
    "8 kHz.wav": sound(rate=8_000),
    "11 kHz.flac": sound(rate=11_025),
    "96 kHz.flac": sound(rate=96_000),
    "192 kHz.wav": sound(rate=192_000),
    "stereo.ogg": sound(layout="stereo"),
    "surround.flac": sound(layout="5.1"),
    "more surround.wav": sound(layout="7.1"),
    "surround.opus": sound(layout="5.1"),
    "three seconds.m4a": SONG,
    LONG: ten_hours,
    "mislabelled flac.mp3": sound(suffix=".flac"),
    "mislabelled mp3.wav": sound(suffix=".mp3"),
    "three quarters.mp3": cut(0.75),
}
PROBLEMS = {
    "empty.mp3": (content(b""), "no sound file"),
    "text.mp3": (content(b"la la la\n" * 100), "no sound file"),
    "picture.ogg": (content(b"\x89PNG\r\n\x1a\n" + bytes(2000)), "no sound file"),
    "zeros.flac": (content(bytes(5000)), "no sound"),
    "a quarter.mp3": (cut(0.25), "incomplete"),
    "half a second.mp3": (sound(seconds=0.5), "less than a second"),
    "silence.flac": (lambda path: write(path, silence(8.0)), "less than a second"),
    "film.m4a": (film, "no sound"),
    "no channels.wav": (
        content(b"RIFF\x24\x08\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x00\x00" + bytes(12) + b"data" + bytes(2048)),
        "cannot be decoded|no sound",
    ),
}
PASSED_OVER = {
    ".hidden.mp3": SONG,
    "._shadow.mp3": content(b"\x00\x05\x16\x07"),
    ".hidden folder/song.mp3": SONG,
    "cover.jpg": content(b"\xff\xd8"),
    "list.m3u8": content(b"song.mp3"),
    "a folder.mp3/nothing.txt": content(b""),
}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Found:
    """Make all of it, with links that go in circles and lead nowhere, and scan it once."""
    folder = tmp_path_factory.mktemp("any")
    music, data = folder / "music", folder / "data"
    makers = SONGS | {name: make for name, (make, _) in PROBLEMS.items()} | PASSED_OVER
    for name, make in makers.items():
        path = music / name
        path.parent.mkdir(parents=True, exist_ok=True)
        make(path)
    (music / "circle").symlink_to(music)
    (music / "nowhere.mp3").symlink_to(music / "missing.mp3")
    progress = Scanner(data, bundled.MODEL, 2).scan([music])
    with Catalogue(data / FILE_NAME) as catalogue:
        tracks = catalogue.tracks(list(catalogue.paths(CARD.sha256)))
        problems = {os.path.relpath(problem.path, music): problem.reason for problem in catalogue.problems()}
    shutil.rmtree(music)
    return Found(progress, {os.path.relpath(track.path, music): track for track in tracks.values()}, problems)


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse some of the names")


def test_every_file_is_accounted_for(found: Found) -> None:
    assert found.tracks.keys() == SONGS.keys()
    assert found.problems.keys() == PROBLEMS.keys()
    assert (found.progress.total, found.progress.skipped) == (len(SONGS) + len(PROBLEMS), len(PROBLEMS))


@pytest.mark.parametrize("name", PROBLEMS)
def test_what_cannot_be_used_is_told_with_the_reason(found: Found, name: str) -> None:
    assert found.problems[name].startswith(name.rpartition("/")[2])
    assert re.search(PROBLEMS[name][1], found.problems[name])


@pytest.mark.parametrize("name", SONGS)
def test_each_song_has_a_title_that_can_be_shown_and_its_length(found: Found, name: str) -> None:
    track = found.tracks[name]
    track.title.encode()
    assert track.title
    seconds = {LONG: HOURS * 3600.0, "three quarters.mp3": 15.0}.get(name, 3.0)
    assert track.duration == pytest.approx(seconds, rel=0.05)
    assert track.cues.end == pytest.approx(seconds, rel=0.05)
