"""What the whole of a song tells: its key, and how lively and bright it is."""

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from livedj.demo.mixing import render
from livedj.demo.score import SCALES, Song, Style, read_scores
from livedj.demo.songs import SCORE
from livedj.demo.synth import RATE
from livedj.library.character import Character, find_character
from livedj.library.decode import decode
from livedj.library.key import find_key
from livedj.music import SAMPLE_RATE, Key, Samples
from tests.library.sounds import write

Songs = dict[str, tuple[Song, Samples]]


@pytest.fixture(scope="module")
def songs() -> Songs:
    """Return the first demo song of each style, and its sound."""
    return {style.name: (style.songs[0], _sound(style)) for style in read_scores(SCORE)}


def _sound(style: Style) -> Samples:
    return np.asarray(soxr.resample(render(style, style.songs[0]).mean(axis=1), RATE, SAMPLE_RATE), np.float32)


def _cadence(tonic: int, minor: bool, cents: float = 0.0, seconds: float = 16.0) -> Samples:
    """Return the triads of the first, fourth, fifth and first degree over and over, with bass and overtones."""
    third = 3 if minor else 4
    chords = [[root, root + third, root + 7] for root in (0, 5, 7, 0)]
    since = np.arange(SAMPLE_RATE // 2) / SAMPLE_RATE

    def note(semitones: float) -> Samples:
        hertz = 440 * 2 ** ((semitones + tonic + cents / 100 - 9) / 12)
        return np.asarray(sum(np.sin(2 * np.pi * k * hertz * since) / k**2 for k in range(1, 6)), np.float32)

    bar = np.concatenate([sum((note(n) for n in chord), note(chord[0] - 24)) for chord in chords])
    return np.asarray(0.1 * np.resize(bar, round(seconds * SAMPLE_RATE)), np.float32)


def _found(samples: Samples) -> tuple[int, bool]:
    key = find_key(samples)
    assert key is not None
    return key.tonic, key.minor


@settings(max_examples=40, deadline=None)
@given(tonic=st.integers(0, 11), minor=st.booleans(), cents=st.floats(-40, 40))
def test_the_key_of_a_cadence_is_found_whatever_the_tuning(tonic: int, minor: bool, cents: float) -> None:
    key = find_key(_cadence(tonic, minor, cents))

    assert key is not None
    assert (key.tonic, key.minor) == (tonic, minor)
    assert key.confidence > 0.5


def test_the_key_of_five_of_six_demo_songs_is_found_and_of_one_its_relative(songs: Songs) -> None:
    expected = {name: (song.tonic, song.scale == SCALES["minor"]) for name, (song, _) in songs.items()}

    found = {name: _found(samples) for name, (_, samples) in songs.items()}

    assert expected.pop("House") == (9, True)
    assert found.pop("House") == (0, False)
    assert found == expected


@pytest.mark.parametrize("semitones", [-5, -2, 3, 6])
def test_a_song_that_is_transposed_has_its_key_transposed(songs: Songs, semitones: int) -> None:
    _, samples = songs["Ambient"]
    tonic, minor = _found(samples)

    moved = soxr.resample(samples, SAMPLE_RATE * 2 ** (semitones / 12), SAMPLE_RATE)

    assert _found(moved) == ((tonic + semitones) % 12, minor)


@pytest.mark.parametrize("cents", [-30, 30])
def test_a_song_that_is_out_of_tune_keeps_its_key(songs: Songs, cents: float) -> None:
    for name in ("Ambient", "Bossa Nova", "Chiptune"):
        _, samples = songs[name]
        assert _found(soxr.resample(samples, SAMPLE_RATE * 2 ** (cents / 1200), SAMPLE_RATE)) == _found(samples)


@pytest.mark.parametrize("style", [2, 4])
def test_drums_alone_have_no_key_to_be_sure_of(style: int) -> None:
    played = read_scores(SCORE)[style]
    silent = -200.0
    instruments = {
        name: player if player.role == "drum" else replace(player, level=silent)
        for name, player in played.instruments.items()
    }

    key = find_key(_sound(replace(played, instruments=instruments, form=played.form[1:3])))

    assert key is None or key.confidence < 0.05


@pytest.mark.parametrize("seed", range(4))
def test_noise_has_no_key_to_be_sure_of(seed: int) -> None:
    key = find_key(np.random.default_rng(seed).standard_normal(20 * SAMPLE_RATE).astype(np.float32))

    assert key is None or key.confidence < 0.05


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="speech is made by espeak-ng")
def test_speech_has_no_key_to_be_sure_of(tmp_path: Path) -> None:
    words = "The quick brown fox jumps over the lazy dog, and nobody knew why it would not come in out of the rain. "
    subprocess.run(["espeak-ng", "-w", tmp_path / "speech.wav", words * 6], check=True, timeout=60)

    key = find_key(decode(tmp_path / "speech.wav"))

    assert key is None or key.confidence < 0.05


@pytest.mark.parametrize(
    "sound",
    [
        np.zeros(0, np.float32),
        np.zeros(20 * SAMPLE_RATE, np.float32),
        _cadence(0, minor=False, seconds=11.9),
    ],
    ids=["nothing", "silence", "a jingle"],
)
def test_silence_and_jingles_have_neither_key_nor_character(sound: Samples) -> None:
    assert find_key(sound) is None
    assert find_character(sound) is None


def test_one_tone_has_no_key_to_be_sure_of() -> None:
    key = find_key(np.sin(2 * np.pi * 440 * np.arange(20 * SAMPLE_RATE) / SAMPLE_RATE).astype(np.float32))

    assert key is None or key.confidence == 0


def test_keys_are_named_in_the_usual_spelling() -> None:
    assert [Key(tonic, False, 1.0).name for tonic in (0, 1, 6, 10)] == ["C", "D♭", "F♯", "B♭"]
    assert [Key(tonic, True, 1.0).name for tonic in (1, 3, 6, 9)] == ["C♯m", "E♭m", "F♯m", "Am"]


def _character(samples: Samples) -> Character:
    character = find_character(samples)
    assert character is not None
    return character


def test_quiet_styles_have_less_energy_than_dance_music(songs: Songs) -> None:
    energy = {name: _character(samples).energy for name, (_, samples) in songs.items()}

    assert max(energy["Ambient"], energy["Lo-Fi Jazz"]) < energy["Bossa Nova"]
    assert energy["Bossa Nova"] < min(energy["Drum and Bass"], energy["House"], energy["Chiptune"])


def test_character_and_key_do_not_depend_on_the_level(songs: Songs) -> None:
    _, samples = songs["Bossa Nova"]

    softer = 0.03 * samples

    assert _character(softer) == pytest.approx(_character(samples), abs=1e-3)
    assert _found(softer) == _found(samples)


def test_a_song_that_is_low_passed_is_darker(songs: Songs) -> None:
    low = signal.butter(4, 1500, fs=SAMPLE_RATE, output="sos")
    for _, samples in songs.values():
        dull = np.asarray(signal.sosfilt(low, samples), np.float32)
        assert _character(dull).brightness < _character(samples).brightness - 0.1


@pytest.mark.parametrize("suffix", [".mp3", ".opus", ".ogg"])
def test_lossy_coding_hardly_moves_character_and_key(songs: Songs, tmp_path: Path, suffix: str) -> None:
    _, samples = songs["Bossa Nova"]
    sound = np.asarray(soxr.resample(samples, SAMPLE_RATE, 2 * SAMPLE_RATE), np.float32)

    coded = decode(write(tmp_path / f"song{suffix}", sound[np.newaxis]))

    energy, brightness = _character(samples)
    assert _character(coded).energy == pytest.approx(energy, abs=0.1)
    assert _character(coded).brightness == pytest.approx(brightness, abs=0.15)
    assert _found(coded) == _found(samples)
