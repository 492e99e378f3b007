from pathlib import Path

import numpy as np
import pytest
from av.audio.frame import AudioFrame
from numpy.typing import NDArray

from livedj import bundled
from livedj.ear.encoder import Encoded, Encoder
from livedj.ear.vector import intro_vector, track_vector
from livedj.errors import DecodeError
from livedj.library import analysis as module
from livedj.library import decode as decode_module
from livedj.library import meter
from livedj.library.analysis import analyse, analyse_intro
from livedj.library.character import find_character
from livedj.library.decode import decode
from livedj.music import SAMPLE_RATE, WINDOW_SAMPLES, CuePoints, Samples, Seconds
from tests.library.sounds import noise, silence, tone, write


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder(bundled.MODEL)


def _song(path: Path, *parts: NDArray[np.float32]) -> Path:
    return write(path, np.concatenate(parts, axis=1))


def test_cues_are_where_the_sound_begins_and_ends(tmp_path: Path, encoder: Encoder) -> None:
    path = _song(tmp_path / "song.flac", silence(2.5), noise(12.0), silence(3.0))

    found = analyse(path, encoder)

    assert found.duration == pytest.approx(17.5, abs=0.01)
    assert found.cues.start == pytest.approx(2.5, abs=0.02)
    assert found.cues.end == pytest.approx(14.5, abs=0.02)


def test_what_lies_below_minus_60_dbfs_is_silence(tmp_path: Path, encoder: Encoder) -> None:
    hiss = tone(2.0, amplitude=0.0009)
    path = _song(tmp_path / "song.flac", hiss, noise(6.0), hiss)

    cues = analyse(path, encoder).cues

    assert cues.start == pytest.approx(2.0, abs=0.02)
    assert cues.end == pytest.approx(8.0, abs=0.02)


def test_windows_are_those_of_the_sound_from_its_beginning_on(tmp_path: Path, encoder: Encoder) -> None:
    path = _song(tmp_path / "song.flac", silence(1.0), noise(17.0))
    samples = decode(path)

    found = analyse(path, encoder)

    first = round(found.cues.start * SAMPLE_RATE)
    expected = np.stack(
        [encoder.encode(samples[first + i * WINDOW_SAMPLES :][:WINDOW_SAMPLES]).embedding for i in range(3)]
    )
    assert found.windows.dtype == np.float16
    np.testing.assert_allclose(found.windows, expected, atol=1e-3)
    np.testing.assert_allclose(found.intro, intro_vector(expected), atol=1e-6)
    np.testing.assert_allclose(found.track, track_vector(expected), atol=1e-6)


def test_a_sound_shorter_than_a_window_is_repeated_to_fill_one(tmp_path: Path, encoder: Encoder) -> None:
    path = _song(tmp_path / "jingle.wav", silence(0.5), noise(2.0), silence(0.5))

    found = analyse(path, encoder)

    first, last = (round(moment * SAMPLE_RATE) for moment in (found.cues.start, found.cues.end))
    filled = np.resize(decode(path)[first:last], WINDOW_SAMPLES)
    np.testing.assert_allclose(found.windows, encoder.encode(filled).embedding[np.newaxis], atol=1e-3)


def test_a_window_of_silence_in_the_middle_is_zero_and_keeps_the_others_in_place(
    tmp_path: Path, encoder: Encoder
) -> None:
    path = _song(tmp_path / "hidden.flac", noise(4.9), silence(11.1), noise(5.0, seed=2))

    windows = analyse(path, encoder).windows.astype(np.float32)

    np.testing.assert_allclose(np.linalg.norm(windows, axis=1), [1, 0, 0, 1], atol=0.01)


def test_silence_at_the_end_makes_no_windows(tmp_path: Path, encoder: Encoder) -> None:
    path = _song(tmp_path / "song.flac", noise(7.0), silence(20.0))

    assert len(analyse(path, encoder).windows) == 2


@pytest.mark.parametrize("sound", [silence(10.0), np.concatenate([silence(3.0), noise(0.5)], axis=1)])
def test_a_file_without_a_second_of_sound_is_refused(
    tmp_path: Path, encoder: Encoder, sound: NDArray[np.float32]
) -> None:
    path = write(tmp_path / "quiet.wav", sound)

    with pytest.raises(DecodeError, match="less than a second of sound"):
        analyse(path, encoder)


def test_a_download_that_broke_off_early_is_refused(tmp_path: Path, encoder: Encoder) -> None:
    path = write(tmp_path / "song.flac", noise(20.0))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 5])

    with pytest.raises(DecodeError, match=r"incomplete: \d of 20 seconds"):
        analyse(path, encoder)


def test_of_a_very_long_file_the_beginning_is_described_and_the_end_found(
    tmp_path: Path, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decode_module, "LONGEST", Seconds(12.0))
    monkeypatch.setattr(module, "_TAIL", Seconds(10.0))
    path = _song(tmp_path / "mix.flac", noise(34.0), silence(6.0))

    found = analyse(path, encoder)

    assert found.duration == pytest.approx(40.0, abs=0.01)
    assert found.cues.end == pytest.approx(34.0, abs=0.05)
    assert len(found.windows) == 2


def test_the_file_is_named_with_the_state_it_was_read_in(tmp_path: Path, encoder: Encoder) -> None:
    path = write(tmp_path / "My Song.wav", noise(6.0))

    found = analyse(path, encoder)

    assert (found.path, found.mtime_ns, found.size) == (path, path.stat().st_mtime_ns, path.stat().st_size)
    assert (found.tags.title, found.cover) == ("My Song", None)


def test_a_missing_file_is_refused(tmp_path: Path, encoder: Encoder) -> None:
    with pytest.raises(DecodeError, match="cannot be read"):
        analyse(tmp_path / "missing.mp3", encoder)


def test_a_file_of_absurd_level_has_vectors_of_unit_length(tmp_path: Path, encoder: Encoder) -> None:
    path = write(tmp_path / "loud.wav", 1e25 * noise(6.0), codec="pcm_f32le")

    assert np.linalg.norm(analyse(path, encoder).intro) == pytest.approx(1.0, abs=1e-5)


class _Drunk(Encoder):
    """An encoder that sees nothing in what it hears."""

    def encode(self, samples: Samples) -> Encoded:
        encoded = super().encode(samples)
        return Encoded(np.full_like(encoded.embedding, np.nan), encoded.log_mel)


def test_a_file_that_the_model_makes_no_number_of_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "song.wav", noise(6.0))

    with pytest.raises(DecodeError, match=r"song\.wav .*no finite"):
        analyse(path, _Drunk(bundled.MODEL))


@pytest.mark.parametrize("suffix", [".mp3", ".m4a", ".opus", ".ogg"])
def test_lossy_coding_hardly_moves_the_vectors(tmp_path: Path, encoder: Encoder, suffix: str) -> None:
    sound = noise(12.0)
    original = analyse(write(tmp_path / "song.wav", sound), encoder)

    coded = analyse(write(tmp_path / f"song{suffix}", sound), encoder)

    assert float(original.intro @ coded.intro) > 0.9
    assert coded.cues.start == pytest.approx(original.cues.start, abs=0.05)


def test_loudness_beats_and_numbers_are_found(tmp_path: Path, encoder: Encoder) -> None:
    bars = np.concatenate([silence(3.0), *[np.concatenate([tone(0.1, 200.0), silence(0.4)], axis=1)] * 80], axis=1)
    found = analyse(write(tmp_path / "song.wav", bars), encoder)

    assert found.loudness is not None
    assert found.loudness.true_peak == pytest.approx(-6.0, abs=0.5)
    for beats, first, last in ((found.intro_beats, 3.0, 33.0), (found.outro_beats, 12.6, 42.6)):
        assert beats is not None
        assert beats.tempo == pytest.approx(120.0, rel=1e-3)
        assert first <= beats.beat <= last
        assert min(beats.beat % 0.5, 0.5 - beats.beat % 0.5) < 0.015
        assert beats.confidence > 0.8


def test_key_and_character_are_those_of_all_that_sounds(tmp_path: Path, encoder: Encoder) -> None:
    chord = np.sum([tone(7.0, hertz, amplitude=0.1) for hertz in (220.0, 261.63, 329.63)], axis=0)  # A minor
    path = _song(tmp_path / "song.flac", silence(40.0), chord, 0.3 * noise(7.0), silence(40.0))

    found = analyse(path, encoder)

    assert found.key is not None
    assert found.key.name == "Am"
    sound = decode(path)[round(found.cues.start * SAMPLE_RATE) : round(found.cues.end * SAMPLE_RATE)]
    assert (found.energy, found.brightness) == find_character(sound)


def test_the_intro_alone_tells_what_the_whole_file_does_but_for_what_comes_later(
    tmp_path: Path, encoder: Encoder
) -> None:
    path = _song(tmp_path / "song.flac", silence(12.0), noise(50.0), silence(3.0))

    intro, whole = analyse_intro(path, encoder), analyse(path, encoder)

    assert (intro.whole, whole.whole) == (False, True)
    assert intro.version < whole.version
    assert intro.intro.tolist() == whole.intro.tolist() == intro.track.tolist()
    assert intro.windows.tolist() == whole.windows[:6].tolist()
    assert intro.cues.start == whole.cues.start
    assert intro.duration == pytest.approx(whole.duration, abs=0.1)
    assert intro.cues == CuePoints(intro.cues.start, intro.duration)
    for name in ("tags", "cover", "size", "mtime_ns"):
        assert getattr(intro, name) == getattr(whole, name)


def test_windows_that_are_known_are_not_heard_again(tmp_path: Path, encoder: Encoder) -> None:
    path = write(tmp_path / "song.flac", noise(40.0))
    known = analyse_intro(path, encoder).windows[:, ::-1]

    found = analyse(path, encoder, known)

    assert found.windows[:6].tolist() == known.tolist()
    assert found.windows[6:].tolist() == analyse(path, encoder).windows[6:].tolist()


@pytest.mark.parametrize("seconds", [3.0, 12.0, 26.0])
def test_of_a_song_that_ends_with_its_intro_the_end_is_known(tmp_path: Path, encoder: Encoder, seconds: float) -> None:
    path = _song(tmp_path / "song.flac", silence(1.0), noise(seconds), silence(2.0))

    intro, whole = analyse_intro(path, encoder), analyse(path, encoder)

    assert (intro.cues.start, intro.cues.end) == (whole.cues.start, whole.cues.end)
    assert intro.duration == whole.duration
    assert intro.windows.tolist() == whole.windows.tolist()


def test_a_download_that_broke_off_within_its_intro_is_refused(tmp_path: Path, encoder: Encoder) -> None:
    path = write(tmp_path / "song.flac", noise(40.0))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 5])

    with pytest.raises(DecodeError, match=r"incomplete: \d of 40 seconds"):
        analyse_intro(path, encoder)


def test_an_intro_without_sound_is_refused(tmp_path: Path, encoder: Encoder) -> None:
    with pytest.raises(DecodeError):
        analyse_intro(write(tmp_path / "song.wav", silence(50.0)), encoder)


def test_a_file_whose_loudness_cannot_be_measured_has_its_other_facts(
    tmp_path: Path, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(frame: AudioFrame) -> None:
        raise ValueError("no such filter")

    monkeypatch.setattr(meter, "_meter", refuse)

    assert analyse(write(tmp_path / "song.flac", noise(8.0)), encoder).loudness is None


def test_of_a_very_long_file_the_outro_is_found_at_its_end(
    tmp_path: Path, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decode_module, "LONGEST", Seconds(30.0))
    monkeypatch.setattr(module, "_TAIL", Seconds(40.0))
    path = _song(tmp_path / "mix.flac", noise(80.0), 0.2 * noise(10.0), silence(5.0))

    found = analyse(path, encoder)

    assert (found.cues.intro_end, found.cues.outro_start, found.cues.end) == pytest.approx((0.0, 80.0, 90.0), abs=1.0)
