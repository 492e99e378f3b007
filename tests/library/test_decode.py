import shutil
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame

from livedj.errors import DecodeError
from livedj.library import decode as module
from livedj.library.decode import blocks, claimed_duration, decode, stereo_blocks
from livedj.music import SAMPLE_RATE, Samples, Seconds, Stereo
from tests.library.sounds import CODECS, noise, silence, tone, write

LENGTH = 12.0


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("songs")
    return {suffix: write(folder / f"song{suffix}", noise(LENGTH, channels=2)) for suffix in CODECS}


def _offset(part: Samples, whole: Samples, start: float) -> float:
    """How many seconds after `start` the part lies in the whole, by correlation of 0.2 s within ±0.1 s."""
    reach = round(0.1 * SAMPLE_RATE)
    part = part[: 2 * reach]
    begin = round(start * SAMPLE_RATE)
    first = max(0, begin - reach)
    around = whole[first : begin + len(part) + reach]
    correlation = np.correlate(around.astype(np.float64), part.astype(np.float64), "valid")
    return (first + int(np.argmax(correlation)) - begin) / SAMPLE_RATE


@pytest.mark.parametrize("suffix", CODECS)
def test_every_format_becomes_mono_float32_at_22050_hz(songs: dict[str, Path], suffix: str) -> None:
    samples = decode(songs[suffix])

    assert samples.dtype == np.float32
    assert samples.ndim == 1
    assert len(samples) / SAMPLE_RATE == pytest.approx(LENGTH, abs=0.05)
    assert claimed_duration(songs[suffix]) == pytest.approx(LENGTH, abs=0.05)


@pytest.mark.parametrize("suffix", CODECS)
def test_the_sound_is_the_one_that_was_written_and_in_time(songs: dict[str, Path], suffix: str) -> None:
    reference = decode(songs[".wav"])

    samples = decode(songs[suffix])

    assert abs(_offset(samples[SAMPLE_RATE : 3 * SAMPLE_RATE], reference, 1.0)) < 0.002
    assert np.std(samples) == pytest.approx(np.std(reference), rel=0.1)


@pytest.mark.parametrize("start", [0.4, 1.0, 1.7, 5.123, 10.9])
@pytest.mark.parametrize("suffix", CODECS)
def test_a_part_begins_where_it_should(songs: dict[str, Path], suffix: str, start: float) -> None:
    whole = decode(songs[suffix])

    part = decode(songs[suffix], Seconds(start), Seconds(1.0))

    assert len(part) == SAMPLE_RATE
    assert abs(_offset(part, whole, start)) < 0.003


def test_seeking_is_exact_in_an_mp3_without_a_table_of_contents(tmp_path: Path) -> None:
    path = write(tmp_path / "plain.mp3", noise(60), options={"write_xing": "0"})

    part = decode(path, Seconds(47.3), Seconds(1.0))

    assert abs(_offset(part, decode(path), 47.3)) < 0.003


def test_a_part_that_reaches_beyond_the_end_is_shorter(songs: dict[str, Path]) -> None:
    assert len(decode(songs[".flac"], Seconds(11.5), Seconds(3.0))) == pytest.approx(0.5 * SAMPLE_RATE, abs=20)
    assert len(decode(songs[".flac"], Seconds(100.0), Seconds(3.0))) == 0


def test_blocks_are_the_same_sound_piecemeal(songs: dict[str, Path]) -> None:
    np.testing.assert_array_equal(np.concatenate(list(blocks(songs[".mp3"]))), decode(songs[".mp3"]))


def test_no_more_than_the_longest_length_is_returned(songs: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST", Seconds(3.0))

    assert len(decode(songs[".flac"])) == 3 * SAMPLE_RATE


@pytest.mark.parametrize("codec", ["pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_f32le"])
@pytest.mark.parametrize(
    ("rate", "layout", "channels"),
    [(8_000, "mono", 1), (11_025, "stereo", 2), (22_050, "mono", 1), (96_000, "5.1", 6), (192_000, "7.1", 8)],
)
def test_odd_rates_layouts_and_sample_formats(
    tmp_path: Path, rate: int, layout: str, channels: int, codec: str
) -> None:
    sine = np.repeat(tone(1.0, rate=rate, amplitude=0.25), channels, axis=0)

    samples = decode(write(tmp_path / "odd.wav", sine, rate, layout, codec))

    spectrum = np.abs(np.fft.rfft(samples[:SAMPLE_RATE]))
    assert len(samples) == pytest.approx(SAMPLE_RATE, abs=5)
    assert np.argmax(spectrum) == pytest.approx(440, abs=1)


def test_the_level_of_a_stereo_file_is_that_of_the_same_sound_in_mono(tmp_path: Path) -> None:
    mono = decode(write(tmp_path / "mono.flac", tone(1.0, amplitude=0.9)))
    stereo = decode(write(tmp_path / "stereo.flac", np.repeat(tone(1.0, amplitude=0.9), 2, axis=0)))

    assert np.std(stereo) == pytest.approx(np.std(mono), rel=0.01)


def test_a_float_file_with_nan_and_infinity_yields_finite_samples(tmp_path: Path) -> None:
    sound = tone(1.0)
    sound[0, 1000], sound[0, 2000] = np.nan, np.inf

    samples = decode(write(tmp_path / "broken.wav", sound, codec="pcm_f32le"))

    assert np.isfinite(samples).all()


@pytest.mark.parametrize("amplitude", [1e20, 3e38])
def test_an_absurd_level_is_cut_off(tmp_path: Path, amplitude: float) -> None:
    samples = decode(write(tmp_path / "loud.wav", tone(1.0, amplitude=amplitude), codec="pcm_f32le"))

    assert np.abs(samples).max() == module.LOUDEST


def test_peaks_somewhat_above_full_scale_are_kept(tmp_path: Path) -> None:
    samples = decode(write(tmp_path / "over.wav", tone(1.0, amplitude=1.9), codec="pcm_f32le"))

    assert np.abs(samples).max() == pytest.approx(1.9, rel=0.02)


def test_a_rate_that_changes_midway_is_followed(tmp_path: Path) -> None:
    parts = [write(tmp_path / f"{rate}.mp3", tone(2.0, rate=rate), rate) for rate in (44_100, 32_000)]
    glued = tmp_path / "glued.mp3"
    glued.write_bytes(b"".join(part.read_bytes() for part in parts))

    samples = decode(glued)

    second_half = np.abs(np.fft.rfft(samples[-SAMPLE_RATE:]))
    assert np.argmax(second_half) == pytest.approx(440, abs=2)


@pytest.mark.parametrize("suffix", [".flac", ".m4a", ".ogg", ".opus", ".wav"])
def test_a_wrong_suffix_does_no_harm(songs: dict[str, Path], tmp_path: Path, suffix: str) -> None:
    path = Path(shutil.copy(songs[suffix], tmp_path / "mislabelled.mp3"))

    np.testing.assert_array_equal(decode(path), decode(songs[suffix]))


@pytest.mark.parametrize("suffix", [".mp3", ".flac", ".ogg", ".opus", ".wav"])
def test_of_a_truncated_file_what_is_there_is_decoded(songs: dict[str, Path], tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"truncated{suffix}"
    content = songs[suffix].read_bytes()
    path.write_bytes(content[: len(content) // 2])

    assert len(decode(path)) / SAMPLE_RATE == pytest.approx(LENGTH / 2, abs=1.0)


@pytest.mark.parametrize("suffix", [".mp3", ".flac", ".ogg", ".opus"])
def test_of_a_file_whose_second_half_is_garbage_the_first_is_decoded(
    songs: dict[str, Path], tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"garbage{suffix}"
    content = songs[suffix].read_bytes()
    path.write_bytes(content[: len(content) // 2] + np.random.default_rng(3).bytes(len(content) // 2))

    assert len(decode(path)) / SAMPLE_RATE == pytest.approx(LENGTH / 2, abs=1.0)


def test_an_m4a_that_breaks_off_is_refused_since_its_index_stands_at_the_end(
    songs: dict[str, Path], tmp_path: Path
) -> None:
    path = tmp_path / "truncated.m4a"
    path.write_bytes(songs[".m4a"].read_bytes()[:-2000])

    with pytest.raises(DecodeError, match="damaged"):
        decode(path)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"x", id="one byte"),
        pytest.param(b"This is a shopping list, not a song.\n" * 3000, id="text"),
        pytest.param(np.random.default_rng(5).bytes(200_000), id="random"),
        pytest.param(bytes(200_000), id="zeros"),
        pytest.param(b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://localhost:9/x.mp3\n", id="HLS playlist"),
        pytest.param(b"ffconcat version 1.0\nfile /etc/passwd\n", id="concat script"),
    ],
)
def test_what_is_no_sound_is_refused_in_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "song.mp3"
    path.write_bytes(content)

    with pytest.raises(DecodeError, match=r"^song\.mp3 .*\.$"):
        decode(path)


def test_a_script_cannot_make_ffmpeg_open_another_file(songs: dict[str, Path], tmp_path: Path) -> None:
    script = tmp_path / "script.mp3"
    script.write_text(f"ffconcat version 1.0\nfile {songs['.flac']}\n")

    with pytest.raises(DecodeError):
        decode(script)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DecodeError, match="not there"):
        decode(tmp_path / "missing.mp3")
    with pytest.raises(DecodeError, match="directory"):
        decode(tmp_path)


def test_a_film_without_sound_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "film.m4a"
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=5)
        stream.width = stream.height = 32
        for packet in stream.encode(VideoFrame(32, 32, "yuv420p")):
            container.mux(packet)
        container.mux(stream.encode(None))

    with pytest.raises(DecodeError, match="holds no sound"):
        decode(path)


def test_a_header_that_claims_no_channels_or_rate_is_refused(tmp_path: Path) -> None:
    content = bytearray(write(tmp_path / "good.wav", silence(0.5)).read_bytes())
    fmt = content.index(b"fmt ") + 8
    for name, at, size in (("channels", fmt + 2, 2), ("rate", fmt + 4, 4)):
        broken = content.copy()
        broken[at : at + size] = bytes(size)
        path = tmp_path / f"{name}.wav"
        path.write_bytes(broken)

        with pytest.raises(DecodeError, match=name):
            decode(path)


def test_a_name_that_is_no_utf8_is_decoded_and_shown(songs: dict[str, Path], tmp_path: Path) -> None:
    good = tmp_path / "caf\udce9.flac"
    shutil.copy(songs[".flac"], good)
    bad = tmp_path / "b\udcffd.mp3"
    bad.write_bytes(b"")

    assert len(decode(good)) == len(decode(songs[".flac"]))
    with pytest.raises(DecodeError, match=r"^b�d\.mp3"):
        decode(bad)


@pytest.mark.parametrize("name", ["concat:a.flac", "a:b%20c?d#e.flac", "file:x.flac", "-i.flac"])
def test_a_name_that_looks_like_an_address_is_just_a_name(
    songs: dict[str, Path], tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(songs[".flac"], tmp_path / name)

    assert len(decode(Path(name))) == len(decode(songs[".flac"]))


def _stereo(path: Path, start: float = 0.0, rate: int = 44_100) -> Stereo:
    return np.concatenate(list(stereo_blocks(path, Seconds(start), rate)))


@pytest.mark.parametrize("suffix", CODECS)
@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_in_stereo_left_stays_left_at_its_level(tmp_path: Path, suffix: str, rate: int) -> None:
    both = np.concatenate([tone(2.0, amplitude=0.5), tone(2.0, amplitude=0.1)])

    sound = _stereo(write(tmp_path / f"song{suffix}", both), rate=rate)

    assert sound.dtype == np.float32
    assert len(sound) / rate == pytest.approx(2.0, abs=0.05)
    assert sound[rate // 2 : rate].std(axis=0) == pytest.approx([0.5**1.5, 0.1 * 0.5**0.5], rel=0.05)


def test_in_stereo_a_mono_sound_is_on_both_sides_as_loud_as_it_is(tmp_path: Path) -> None:
    sound = _stereo(write(tmp_path / "mono.flac", tone(1.0, amplitude=0.5)))

    assert sound.shape == (44_100, 2)
    np.testing.assert_array_equal(sound[:, 0], sound[:, 1])
    assert np.abs(sound).max() == pytest.approx(0.5, abs=0.001)


def test_in_stereo_more_channels_are_mixed_down_without_getting_louder(tmp_path: Path) -> None:
    surround = np.repeat(tone(1.0, amplitude=0.5), 6, axis=0)

    sound = _stereo(write(tmp_path / "surround.wav", surround, layout="5.1"))

    assert sound.shape == (44_100, 2)
    assert 0.2 < np.abs(sound).max() <= 0.51


@pytest.mark.parametrize("start", [0.4, 5.123])
@pytest.mark.parametrize("suffix", CODECS)
def test_in_stereo_a_part_begins_where_it_does_in_mono(songs: dict[str, Path], suffix: str, start: float) -> None:
    sound = _stereo(songs[suffix], start, SAMPLE_RATE)

    mono = decode(songs[suffix], Seconds(start))
    assert abs(len(sound) - len(mono)) <= 1
    np.testing.assert_allclose(sound.mean(axis=1)[: len(mono)], mono[: len(sound)], atol=1e-4)
