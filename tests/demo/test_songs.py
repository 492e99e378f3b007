"""The demo library: 24 songs that can be read, are tagged, sound right and tell their styles apart."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import av
import librosa
import mutagen
import numpy as np
import pytest
from numpy.typing import NDArray

from livedj.demo import songs
from livedj.demo.mixing import LOUDNESS, loudness
from livedj.demo.score import FORMATS, read_scores
from livedj.demo.synth import RATE, Sound
from livedj.library.files import read_cover, read_tags

# The first test of a new score waits for the whole library.
pytestmark = pytest.mark.timeout(600)

QUIET = 10 ** (-50 / 20)


@dataclass(frozen=True)
class Measured:
    """What one file sounds like, after decoding."""

    path: Path
    seconds: float
    start: float
    """Seconds until the first sound."""
    longest_gap: float
    """Seconds of the longest silence between the first and the last sound."""
    tail: float
    """Seconds of silence after the last sound."""
    peak: float
    ending: float
    """Peak of the last 10 ms: a file that is cut off ends loudly."""
    loudness: float
    timbre: NDArray[np.float64]


def _decoded(path: Path) -> Sound:
    with av.open(path) as container:
        resampler = av.AudioResampler(format="fltp", layout="stereo", rate=RATE)
        blocks = [block for frame in container.decode(audio=0) for block in resampler.resample(frame)]
        return np.concatenate([block.to_ndarray() for block in blocks], axis=1).T.astype(np.float32)


def _timbre(sound: Sound) -> NDArray[np.float64]:
    """Mean and deviation of 20 mel-frequency cepstral coefficients."""
    coefficients = librosa.feature.mfcc(y=sound.mean(axis=1), sr=RATE, n_mfcc=20)
    return np.concatenate([coefficients.mean(axis=1), coefficients.std(axis=1)])


def _measured(path: Path) -> Measured:
    sound = _decoded(path)
    peaks = np.abs(sound).max(axis=1)
    loud = np.flatnonzero(peaks > QUIET) / RATE
    return Measured(
        path,
        seconds=len(sound) / RATE,
        start=float(loud[0]),
        longest_gap=float(np.diff(loud).max()),
        tail=len(sound) / RATE - float(loud[-1]),
        peak=float(peaks.max()),
        ending=float(peaks[-RATE // 100 :].max()),
        loudness=loudness(sound),
        timbre=_timbre(sound),
    )


@pytest.fixture(scope="module")
def library(demo_songs: list[Path]) -> list[Measured]:
    return [_measured(path) for path in demo_songs]


def test_there_are_four_songs_in_each_of_six_styles(demo_songs: list[Path]) -> None:
    assert Counter(path.parent.name for path in demo_songs) == dict.fromkeys(songs.STYLES, 4)
    assert len({path.stem for path in demo_songs}) == 24


def test_every_format_is_there_four_times(demo_songs: list[Path]) -> None:
    assert Counter(path.suffix[1:] for path in demo_songs) == dict.fromkeys(FORMATS, 4)
    for style in songs.STYLES:
        assert len({path.suffix for path in demo_songs if path.parent.name == style}) == 4


def test_a_file_is_what_its_suffix_says(demo_songs: list[Path]) -> None:
    codecs = {"mp3": "mp3float", "m4a": "aac", "flac": "flac", "ogg": "vorbis", "opus": "opus", "wav": "pcm_s16le"}
    for path in demo_songs:
        with av.open(path) as container:
            context = container.streams.audio[0].codec_context
            assert (path.suffix, context.name) == (path.suffix, codecs[path.suffix[1:]])
            assert context.sample_rate == (48_000 if path.suffix == ".opus" else 44_100)
            assert context.channels == 2


def test_every_song_says_what_it_is(demo_songs: list[Path]) -> None:
    score = {
        songs.song_path(demo_songs[0].parents[1], style, song): (style, song)
        for style in read_scores(songs.SCORE)
        for song in style.songs
    }
    for path in demo_songs:
        style, song = score[path]
        tags = read_tags(path)
        assert (tags.title, tags.artist, tags.album) == (song.title, song.artist, song.album)
        file = mutagen.File(path)
        assert file is not None
        genre = file.get("genre") or file.get("\xa9gen") or file.get("TCON").text
        assert genre == [style.name]


def test_every_song_has_a_sleeve_of_its_own(demo_songs: list[Path]) -> None:
    sleeves = [read_cover(path) for path in demo_songs]
    for sleeve in sleeves:
        assert sleeve is not None
        assert sleeve.startswith(b"\xff\xd8")
        assert len(sleeve) < 100_000
    assert len(set(sleeves)) == 24


def test_songs_last_60_to_90_seconds(library: list[Measured]) -> None:
    assert [(song.path.name, song.seconds) for song in library if not 60 <= song.seconds <= 90] == []


def test_songs_begin_at_once_play_through_and_ring_out(library: list[Measured]) -> None:
    assert [(song.path.name, song.start) for song in library if song.start > 0.5] == []
    assert [(song.path.name, song.longest_gap) for song in library if song.longest_gap > 1.0] == []
    assert [(song.path.name, song.tail) for song in library if song.tail > 2.0] == []
    assert [(song.path.name, song.ending) for song in library if song.ending > QUIET] == []


def test_songs_are_equally_loud_and_do_not_clip(library: list[Measured]) -> None:
    assert [(song.path.name, song.loudness) for song in library if abs(song.loudness - LOUDNESS) > 0.5] == []
    assert [(song.path.name, song.peak) for song in library if song.peak >= 1.0] == []


def test_styles_can_be_told_apart_by_their_timbre(library: list[Measured]) -> None:
    """Of the three songs nearest to each, at least nine in ten are of its own style."""
    timbres = np.stack([song.timbre for song in library])
    timbres = (timbres - timbres.mean(axis=0)) / timbres.std(axis=0)
    styles = np.array([song.path.parent.name for song in library])
    distances = np.linalg.norm(timbres[:, None] - timbres[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    nearest = np.argsort(distances, axis=1)[:, :3]
    assert np.mean(styles[nearest] == styles[:, None]) >= 0.9
