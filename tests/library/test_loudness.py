import math
from pathlib import Path
from typing import Any

import mutagen
import mutagen.id3
import mutagen.mp4
import numpy as np
import pytest
from numpy.typing import NDArray

from livedj.errors import DecodeError
from livedj.library import decode
from livedj.library.decode import decode_and_measure
from livedj.library.files import Gains, read_gains
from livedj.library.loudness import decode_with_loudness
from livedj.music import Loudness, Seconds
from tests.library.sounds import CODECS, noise, silence, tone, write

ROOT_HALF = 0.5**0.5


def _sine(dbfs: float, hertz: float = 997.0, rate: int = 44_100, seconds: float = 6.0) -> NDArray[np.float32]:
    """Return the test tone of EBU Tech 3341: both channels, its peak at `dbfs`."""
    return np.repeat(tone(seconds, hertz, rate, 10 ** (dbfs / 20)), 2, axis=0)


def _measured(path: Path) -> Loudness:
    _, found = decode_and_measure(path)
    assert found is not None
    return found


@pytest.mark.parametrize("dbfs", [-3.0, -18.0, -40.0])
@pytest.mark.parametrize("rate", [22_050, 44_100, 48_000, 96_000])
def test_a_stereo_sine_of_997_hz_is_as_loud_as_its_peak(tmp_path: Path, dbfs: float, rate: int) -> None:
    found = _measured(write(tmp_path / "sine.flac", _sine(dbfs, rate=rate), rate))

    assert (found.lufs, found.true_peak) == pytest.approx((dbfs, dbfs), abs=0.1)


def test_mono_is_as_loud_as_the_same_sound_from_two_loudspeakers(tmp_path: Path) -> None:
    found = _measured(write(tmp_path / "mono.flac", _sine(-18.0)[:1]))

    assert found.lufs == pytest.approx(-18.0, abs=0.1)


def test_one_of_two_channels_is_3_db_softer(tmp_path: Path) -> None:
    sound = _sine(-18.0)
    sound[1] = 0

    assert _measured(write(tmp_path / "left.flac", sound)).lufs == pytest.approx(-21.01, abs=0.1)


def test_the_true_peak_lies_between_samples(tmp_path: Path) -> None:
    phase = 2 * np.pi * np.arange(6 * 44_100) / 4 + np.pi / 4  # a quarter of the rate: never sampled at its peak
    sound = np.asarray(0.5 * np.sin(phase) * np.hanning(len(phase)) ** 0.1, np.float32)[None]  # no click at its ends
    assert np.abs(sound).max() == pytest.approx(0.5 * ROOT_HALF, abs=1e-3)

    assert _measured(write(tmp_path / "between.flac", sound)).true_peak == pytest.approx(20 * math.log10(0.5), abs=0.3)


def test_silence_between_does_not_count(tmp_path: Path) -> None:
    sound = np.concatenate([_sine(-20.0), np.repeat(silence(20.0), 2, axis=0), _sine(-20.0)], axis=1)

    assert _measured(write(tmp_path / "gaps.flac", sound)).lufs == pytest.approx(-20.0, abs=0.3)


@pytest.mark.parametrize("suffix", CODECS)
def test_every_format_is_measured_alike(tmp_path: Path, suffix: str) -> None:
    sound = noise(10.0, channels=2)
    expected = _measured(write(tmp_path / "original.wav", sound))

    found = _measured(write(tmp_path / f"song{suffix}", sound))

    assert found.lufs == pytest.approx(expected.lufs, abs=0.5)
    assert found.true_peak == pytest.approx(expected.true_peak, abs=2.0)


def test_silence_and_a_moment_of_sound_have_no_loudness(tmp_path: Path) -> None:
    assert decode_and_measure(write(tmp_path / "silence.wav", silence(5.0)))[1] is None
    assert decode_and_measure(write(tmp_path / "click.wav", tone(0.1)))[1] is None


def test_a_float_file_of_no_numbers_has_no_loudness(tmp_path: Path) -> None:
    path = write(tmp_path / "nan.wav", np.full((1, 44_100), np.nan, np.float32), codec="pcm_f32le")

    assert decode_and_measure(path)[1] is None


def test_of_a_very_long_file_the_beginning_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decode, "LONGEST", Seconds(4.0))
    path = write(tmp_path / "mix.flac", np.concatenate([_sine(-30.0), _sine(-10.0)], axis=1))

    assert _measured(path).lufs == pytest.approx(-30.0, abs=0.2)


def test_what_is_no_sound_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "text.mp3"
    path.write_text("la la la")

    with pytest.raises(DecodeError, match="cannot be decoded"):
        decode_with_loudness(path)


def _tag(path: Path, **values: str) -> Path:
    file: Any = mutagen.File(path)
    if file.tags is None:
        file.add_tags()
    id3: Any = mutagen.id3
    mp4: Any = mutagen.mp4
    for name, value in values.items():
        match path.suffix:
            case ".mp3" | ".wav":
                file.tags.add(id3.TXXX(desc=name, text=value))
            case ".m4a":
                file[f"----:com.apple.iTunes:{name}"] = mp4.MP4FreeForm(value.encode())
            case _:
                file[name] = value
    file.save()
    return path


@pytest.mark.parametrize("name", ["replaygain_track_{}", "REPLAYGAIN_TRACK_{}"])
@pytest.mark.parametrize("suffix", CODECS)
def test_replay_gain_wins_over_a_measurement(tmp_path: Path, suffix: str, name: str) -> None:
    path = write(tmp_path / f"song{suffix}", tone(2.0))
    gain, peak = name.format("gain"), name.format("peak")
    _tag(
        path, **{gain if name.islower() else gain.upper(): "-6.70 dB", peak if name.islower() else peak.upper(): "0.5"}
    )

    _, found = decode_with_loudness(path)

    assert found is not None
    assert (found.lufs, found.true_peak) == pytest.approx((-11.3, -6.02), abs=0.01)


def test_a_gain_without_a_peak_leaves_the_peak_to_be_measured(tmp_path: Path) -> None:
    path = _tag(write(tmp_path / "song.flac", _sine(-12.0)), replaygain_track_gain="+2,5 dB")

    _, found = decode_with_loudness(path)

    assert found is not None
    assert (found.lufs, found.true_peak) == pytest.approx((-20.5, -12.0), abs=0.1)


def test_the_gain_of_opus_is_told_in_256ths_of_a_decibel_below_minus_23_lufs(tmp_path: Path) -> None:
    path = write(tmp_path / "song.opus", _sine(-12.0))
    _tag(path, R128_TRACK_GAIN="-1280", REPLAYGAIN_TRACK_GAIN="-10 dB")

    _, found = decode_with_loudness(path)

    assert read_gains(path) == Gains(replay_gain=-10.0, r128_gain=-5.0)
    assert found is not None
    assert found.lufs == pytest.approx(-18.0, abs=0.01)


@pytest.mark.parametrize("gain", ["", "loud", "-999 dB", "nan", "+90.5", "dB -6"])
def test_a_gain_that_makes_no_sense_is_passed_over(tmp_path: Path, gain: str) -> None:
    path = _tag(write(tmp_path / "song.flac", _sine(-20.0)), replaygain_track_gain=gain, replaygain_track_peak="0.0")

    _, found = decode_with_loudness(path)

    assert found is not None
    assert (found.lufs, found.true_peak) == pytest.approx((-20.0, -20.0), abs=0.1)


def test_without_tags_nothing_is_told(tmp_path: Path) -> None:
    (tmp_path / "text.mp3").write_text("la la la")

    assert read_gains(write(tmp_path / "song.flac", tone(1.0))) == Gains()
    assert read_gains(tmp_path / "text.mp3") == Gains()
