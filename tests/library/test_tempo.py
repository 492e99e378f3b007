import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soxr

from livedj.demo.mixing import render
from livedj.demo.score import read_scores
from livedj.demo.songs import SCORE
from livedj.demo.synth import RATE
from livedj.library import tempo as module
from livedj.library.decode import decode
from livedj.library.tempo import STRETCH, find_beats
from livedj.music import SAMPLE_RATE, Beats, Samples, Seconds

# On a machine that has never run it, the first call compiles what librosa needs: 16 s of a whole processor's time.
pytestmark = pytest.mark.timeout(600)


def _late(beats: Beats, tempo: float, first: float = 0.0) -> float:
    """Return how long after the nearest true beat the one that was found lies, in seconds."""
    period = 60 / tempo
    return (beats.beat - first + period / 2) % period - period / 2


def _clicks(tempo: float, first: float, seconds: Seconds = STRETCH) -> Samples:
    """Return clicks of 1 kHz over faint noise, the first at the moment `first`."""
    count = round(seconds * SAMPLE_RATE)
    since = (np.arange(count) / SAMPLE_RATE - first) % (60 / tempo)
    sound = 0.5 * np.sin(2 * np.pi * 1000 * since) * np.exp(-since / 0.01)
    return np.asarray(sound + 0.001 * np.random.default_rng(1).standard_normal(count), np.float32)


@pytest.mark.parametrize("tempo", [80.0, 97.3, 112.5, 128.0, 150.7])
def test_clicks_are_found_to_a_few_milliseconds(tempo: float) -> None:
    begin, first = Seconds(100.0), 0.123

    beats = find_beats(_clicks(tempo, first), begin)

    assert beats is not None
    assert beats.tempo == pytest.approx(tempo, rel=5e-4)
    assert begin <= beats.beat <= begin + STRETCH
    assert abs(_late(beats, tempo, begin + first)) < 0.005
    assert beats.confidence > 0.95


def test_processes_that_compile_librosa_at_once_leave_it_whole(tmp_path: Path) -> None:
    program = (
        "import numpy; from livedj.library.tempo import find_beats;"
        "find_beats(numpy.random.default_rng(1).standard_normal(30 * 22050).astype('f'), 0.0)"
    )
    places = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "numba"), "XDG_CACHE_HOME": str(tmp_path / "cache")}

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-c", program], env=places)

    at_once = [start(), start()]
    assert [process.wait() for process in at_once] == [0, 0]
    assert start().wait() == 0


def test_a_click_that_is_left_out_now_and_then_does_not_matter() -> None:
    sound = _clicks(120.0, 0.0)
    for beat in (7, 20, 21, 40):
        sound[round((beat * 0.5 - 0.1) * SAMPLE_RATE) : round((beat * 0.5 + 0.3) * SAMPLE_RATE)] *= 0.01

    beats = find_beats(sound, Seconds(0.0))

    assert beats is not None
    assert abs(_late(beats, 120.0)) < 0.005
    assert beats.confidence > 0.8


@pytest.fixture(scope="module")
def songs() -> dict[str, tuple[float, Samples]]:
    """Return the tempo and the sound of a demo song of two styles; their first beat lies at 0."""
    wanted = {}
    for style in read_scores(SCORE):
        if style.name in ("House", "Drum and Bass"):
            sound = render(style, style.songs[0]).mean(axis=1)
            wanted[style.name] = style.songs[0].tempo, np.asarray(soxr.resample(sound, RATE, SAMPLE_RATE), np.float32)
    return wanted


def test_the_beat_of_synthesised_songs_is_found_within_15_ms(songs: dict[str, tuple[float, Samples]]) -> None:
    late = []
    for tempo, sound in songs.values():
        for begin in (0, len(sound) - round(STRETCH * SAMPLE_RATE)):
            stretch = sound[begin : begin + round(STRETCH * SAMPLE_RATE)]
            beats = find_beats(stretch, Seconds(begin / SAMPLE_RATE))
            assert beats is not None
            assert min(abs(beats.tempo * factor / tempo - 1) for factor in (0.5, 1.0, 2.0)) < 1e-3
            assert beats.confidence > 0.5
            late.append(abs(_late(beats, tempo)))
    assert np.median(late) < 0.015
    assert max(late) < 0.03


def test_a_steady_house_beat_is_sure(songs: dict[str, tuple[float, Samples]]) -> None:
    tempo, sound = songs["House"]
    beats = find_beats(sound[: round(STRETCH * SAMPLE_RATE)], Seconds(0.0))

    assert beats is not None
    assert beats.tempo == pytest.approx(tempo, rel=1e-3)
    assert beats.confidence > 0.9


@pytest.mark.parametrize("seed", range(4))
def test_noise_has_no_beat_to_be_sure_of(seed: int) -> None:
    sound = 0.1 * np.random.default_rng(seed).standard_normal(round(STRETCH * SAMPLE_RATE))

    beats = find_beats(np.asarray(sound, np.float32), Seconds(0.0))

    assert beats is None or beats.confidence < 0.15


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="speech is made by espeak-ng")
def test_speech_has_no_beat_to_be_sure_of(tmp_path: Path) -> None:
    words = "The quick brown fox jumps over the lazy dog, and nobody knew why it would not come in out of the rain. "
    for voice in ("en-us", "de", "it"):
        subprocess.run(["espeak-ng", "-v", voice, "-w", tmp_path / f"{voice}.wav", words * 6], check=True, timeout=60)
        beats = find_beats(decode(tmp_path / f"{voice}.wav", seconds=STRETCH), Seconds(0.0))
        assert beats is None or beats.confidence < 0.2


@pytest.mark.parametrize(
    "sound",
    [
        np.zeros(0, np.float32),
        np.zeros(30 * SAMPLE_RATE, np.float32),
        np.asarray(0.3 * np.sin(2 * np.pi * 440 * np.arange(30 * SAMPLE_RATE) / SAMPLE_RATE), np.float32),
        _clicks(120.0, 0.0, Seconds(11.9)),
    ],
    ids=["nothing", "silence", "tone", "a jingle"],
)
def test_silence_steady_sound_and_jingles_have_no_beats(sound: Samples) -> None:
    assert find_beats(sound, Seconds(0.0)) is None


def test_a_librosa_that_cannot_be_used_costs_the_beats_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(samples: Samples) -> None:
        raise RuntimeError("cannot cache function: no locator available")

    monkeypatch.setattr(module, "_onsets", fail)

    assert find_beats(_clicks(120.0, 0.0), Seconds(0.0)) is None
