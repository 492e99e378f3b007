"""What a deck on libVLC promises beyond the contract: how soon and how clean it sounds."""

import math
from pathlib import Path

import numpy as np
import pytest

from livedj.demo.room import VirtualRoom
from livedj.music import SAMPLE_RATE, Gain, Seconds
from livedj.play.crossfade import Ramp
from livedj.play.deck import DeckCued, DeckMoved, DeckName
from livedj.play.vlc_song import volume_percent
from tests.library.sounds import CODECS, write
from tests.play.bench import VlcBench
from tests.play.recording import peak, recorded
from tests.play.sounds import tone, write_wav

pytestmark = pytest.mark.room

HEARD = 0.01
"""An amplitude that is no rest of a resampler."""
NOW = Seconds(0.0)


@pytest.mark.parametrize(("gain", "percent"), [(0.0, 0), (1.0, 100), (0.125, 50), (0.001, 10)])
def test_the_volume_is_the_cube_root_of_the_gain(gain: float, percent: int) -> None:
    assert volume_percent(Gain(gain)) == percent


@pytest.mark.parametrize(("gain", "level"), [(1.0, 1.0), (0.5, 1.0), (0.1, 1.0), (1.0, 1.5), (0.5, 0.5)])
def test_a_gain_is_heard_as_it_was_asked_for(
    room: VirtualRoom, bench: VlcBench, song: Path, tmp_path: Path, gain: float, level: float
) -> None:
    token = bench.load(song, level=level)
    bench.deck.ramp(token, Ramp(bench.now(), NOW, Gain(gain), Gain(gain)))
    bench.deck.play(token)
    bench.wait(DeckMoved, token, lambda event: event.position > 1.0)
    sound = recorded(room, bench, tmp_path / "gain.wav")
    amplitude = float(np.sqrt(np.mean(sound**2))) * math.sqrt(2)
    assert abs(20 * math.log10(amplitude / (0.5 * gain * level))) < 0.6


def test_a_cued_song_sounds_soon_after_play(room: VirtualRoom, bench: VlcBench, song: Path, tmp_path: Path) -> None:
    token = bench.load(song)
    bench.wait(DeckCued, token)
    recording = room.record(tmp_path / "start.wav", "dj.monitor")
    asked = bench.now()
    bench.play_in_full(token)
    bench.wait(DeckMoved, token, lambda event: event.position > 1.0)
    sound = recording.stop()
    first = recording.began + np.flatnonzero(np.abs(sound) > HEARD)[0] / SAMPLE_RATE
    assert first - asked < 0.3


def test_no_song_begins_louder_than_its_gain(room: VirtualRoom, bench: VlcBench, song: Path, tmp_path: Path) -> None:
    recording = room.record(tmp_path / "quiet.wav", "dj.monitor")
    for _ in range(8):
        token = bench.load(song)
        bench.deck.play(token)
        bench.wait(DeckMoved, token, lambda event: event.position > 0.3)
        bench.deck.seek(token, Seconds(20.0))
        bench.wait(DeckMoved, token, lambda event: event.position > 20.2)
    assert peak(recording.stop()) < HEARD
    assert {type(event) for event in bench.events} == {DeckCued, DeckMoved}


def test_a_song_goes_on_at_its_gain_after_a_seek_without_a_long_gap(
    room: VirtualRoom, bench: VlcBench, song: Path, tmp_path: Path
) -> None:
    token = bench.load(song)
    bench.play_in_full(token)
    bench.wait(DeckMoved, token, lambda event: event.position > 1.0)
    recording = room.record(tmp_path / "seek.wav", "dj.monitor")
    bench.deck.seek(token, Seconds(30.0))
    bench.wait(DeckMoved, token, lambda event: event.position > 32.0)
    sound = recording.stop()
    loud = np.flatnonzero(np.abs(sound) > 0.2)
    assert np.max(np.diff(loud)) / SAMPLE_RATE < 0.5
    assert peak(sound[-SAMPLE_RATE:]) == pytest.approx(0.5, rel=0.05)


@pytest.mark.parametrize("start", [0.0, 7.3])
@pytest.mark.parametrize("suffix", CODECS)
def test_every_format_plays_from_where_it_was_asked_to(
    room: VirtualRoom, bench: VlcBench, tmp_path: Path, suffix: str, start: float
) -> None:
    moments = np.arange(20 * 44_100) / 44_100
    chirp = np.asarray(0.5 * np.sin(2 * np.pi * (400 + 50 * moments) * moments), np.float32)
    song = write(tmp_path / f"chirp{suffix}", chirp[None])
    token = bench.load(song, start=start)
    assert bench.wait(DeckCued, token).duration == pytest.approx(20.0, abs=0.2)
    bench.play_in_full(token)
    recording = room.record(tmp_path / "chirp-heard.wav", "dj.monitor")
    moved = bench.wait(DeckMoved, token, lambda event: event.position > start + 2.0)
    bench.pass_by(1.0)
    sound = recording.stop()
    begin = round((moved.at - recording.began) * SAMPLE_RATE)
    window = sound[begin - 1024 : begin + 1024] * np.hanning(2048)
    hertz = float(np.argmax(np.abs(np.fft.rfft(window, 1 << 17)))) * SAMPLE_RATE / (1 << 17)
    heard_at = (hertz - 400) / 100  # the chirp rises by 100 Hz a second
    assert moved.position == pytest.approx(heard_at, abs=0.3)


def test_seeking_in_a_file_that_was_taken_away_lets_the_music_play_on(
    room: VirtualRoom, bench: VlcBench, tmp_path: Path
) -> None:
    path = write_wav(tmp_path / "song.wav", tone(440, 60.0))
    token = bench.load(path)
    bench.play_in_full(token)
    bench.wait(DeckMoved, token, lambda event: event.position > 1.0)
    path.rename(tmp_path / "elsewhere.wav")
    recording = room.record(tmp_path / "heard.wav", "dj.monitor")
    bench.deck.seek(token, Seconds(30.0))
    moved = bench.wait(DeckMoved, token, lambda event: event.position > 3.0)
    assert moved.position < 10.0
    assert np.max(np.diff(np.flatnonzero(np.abs(recording.stop()) > 0.2))) / SAMPLE_RATE < 0.05
    assert {type(event) for event in bench.events} == {DeckCued, DeckMoved}


def test_two_decks_have_volumes_of_their_own(room: VirtualRoom, song: Path, tmp_path: Path) -> None:
    quiet, loud = VlcBench(DeckName.A), VlcBench(DeckName.B)
    other = write_wav(tmp_path / "other.wav", tone(1000, 20.0))
    try:
        quiet_token, loud_token = quiet.load(song), loud.load(other)
        quiet.deck.play(quiet_token)
        loud.play_in_full(loud_token)
        quiet.wait(DeckMoved, quiet_token, lambda event: event.position > 1.0)
        loud.wait(DeckMoved, loud_token, lambda event: event.position > 1.0)
        spectrum = np.abs(np.fft.rfft(recorded(room, loud, tmp_path / "both.wav")[:SAMPLE_RATE]))
    finally:
        quiet.deck.close()
        loud.deck.close()
    assert spectrum[1000] > 1000 * spectrum[440]


def test_a_deck_plays_to_the_output_it_was_given(room: VirtualRoom, song: Path, tmp_path: Path) -> None:
    bench = VlcBench(output="room")
    try:
        token = bench.load(song)
        bench.play_in_full(token)
        bench.wait(DeckMoved, token, lambda event: event.position > 1.0)
        recording = room.record(tmp_path / "room.wav", "room.monitor")
        assert peak(recorded(room, bench, tmp_path / "dj.wav")) < HEARD
        assert peak(recording.stop()) > 0.4
    finally:
        bench.deck.close()


def test_closing_takes_half_a_second_at_most(room: VirtualRoom, song: Path) -> None:
    bench = VlcBench()
    token = bench.load(song)
    bench.play_in_full(token)
    bench.wait(DeckMoved, token, lambda event: event.position > 0.5)
    asked = bench.now()
    bench.deck.close()
    assert bench.now() - asked < 1.0
