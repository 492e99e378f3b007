"""The rolling window: the last five seconds at the ear's rate, whatever the microphone's."""

import numpy as np
import pytest

from livedj.listen.window import STRIDE_SAMPLES, RollingWindow
from livedj.music import SAMPLE_RATE, SILENCE, WINDOW_SAMPLES, Samples, Seconds


def tone(seconds: float, rate: float, hertz: float = 440.0) -> Samples:
    return np.asarray(0.5 * np.sin(2 * np.pi * hertz * np.arange(int(seconds * rate)) / rate), np.float32)


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 44_100, 48_000, 96_000])
def test_a_tone_keeps_pitch_and_level_at_every_rate(rate: int) -> None:
    window = RollingWindow(rate)
    for block in np.array_split(tone(6.0, rate), 97):
        window.add(block)
    assert window.full
    assert window.samples.shape == (WINDOW_SAMPLES,)
    assert window.samples.dtype == np.float32
    spectrum = np.abs(np.fft.rfft(window.samples))
    assert np.argmax(spectrum) * SAMPLE_RATE / WINDOW_SAMPLES == pytest.approx(440.0, abs=0.3)
    assert window.level == pytest.approx(-9.0, abs=0.1)


def test_it_is_not_full_before_five_seconds_and_silent_at_first() -> None:
    window = RollingWindow(SAMPLE_RATE)
    assert window.level == SILENCE
    window.add(tone(4.5, SAMPLE_RATE))
    assert not window.full


def test_every_stride_is_told_once_and_missed_ones_are_not_made_up_for() -> None:
    window = RollingWindow(SAMPLE_RATE)
    told = 0
    for _ in range(100):
        window.add(np.zeros(STRIDE_SAMPLES // 10, np.float32))
        told += window.stride_done()
    assert told == 9 or told == 10  # the resampler holds back a few samples
    window.add(np.zeros(10 * STRIDE_SAMPLES, np.float32))
    assert [window.stride_done(), window.stride_done()] == [True, False]


def test_every_second_glance_falls_on_a_stride() -> None:
    window = RollingWindow(SAMPLE_RATE)
    told = []
    for _ in range(200):
        window.add(np.zeros(STRIDE_SAMPLES // 20, np.float32))
        if window.glance_due():
            told.append(window.stride_done())
        else:
            assert not window.stride_done()
    assert told[:4] == [False, True, False, True]
    assert len(told) in (18, 19)


def test_only_the_newest_samples_stay() -> None:
    window = RollingWindow(SAMPLE_RATE)
    window.add(tone(7.0, SAMPLE_RATE))
    window.add(np.zeros(WINDOW_SAMPLES + 1000, np.float32))
    assert float(np.abs(window.samples).max()) < 1e-3


def test_the_last_seconds_fill_a_window_by_repetition() -> None:
    window = RollingWindow(SAMPLE_RATE)
    window.add(np.zeros(WINDOW_SAMPLES, np.float32))
    window.add(tone(2.0, SAMPLE_RATE))
    last, length = window.last(Seconds(2.0)), 2 * SAMPLE_RATE
    assert last.shape == (WINDOW_SAMPLES,)
    np.testing.assert_array_equal(last[:length], window.samples[-length:])
    np.testing.assert_array_equal(last[length : 2 * length], last[:length])
