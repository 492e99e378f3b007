"""Sound files for tests of the decks."""

import wave
from pathlib import Path

import numpy as np

from livedj.music import Samples

RATE = 44_100


def write_wav(path: Path, samples: Samples) -> Path:
    """Write mono samples at RATE as 16 bits."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    return path


def tone(hertz: float, seconds: float, amplitude: float = 0.5) -> Samples:
    """Return a sine."""
    moments = np.arange(round(seconds * RATE)) / RATE
    return np.asarray(amplitude * np.sin(2 * np.pi * hertz * moments), np.float32)


def pink_noise(low: float, high: float, seconds: float, period: float = 0.25) -> Samples:
    """Return noise of equal power per octave between `low` and `high` Hz, at −20 dBFS, that repeats every `period`.

    Whatever piece of a period's length is cut out, it has exactly the same power: free noise of 600 Hz bandwidth would
    vary by ±0.35 dB (one sigma) from one quarter of a second to the next, and hide what is measured.
    """
    count = round(period * RATE)
    frequencies = np.fft.rfftfreq(count, 1 / RATE)
    inside = (frequencies >= low) & (frequencies <= high)
    phases = np.random.default_rng(round(low)).uniform(0, 2 * np.pi, frequencies.size)
    spectrum = np.where(inside, np.exp(1j * phases) / np.sqrt(np.maximum(frequencies, 1.0)), 0)
    once = np.fft.irfft(spectrum, count)
    once *= 0.1 / np.sqrt(np.mean(once**2))
    return np.asarray(np.tile(once, round(seconds / period)), np.float32)
