"""A room for samples: what `augment` does to log-mels, done to sound. For measuring, not for training.

The impulse response is statistical (noise that dies away, Moorer 1979), not a model of some walls.
"""

import numpy as np
from scipy.signal import butter, fftconvolve, sosfilt

from livedj.music import SAMPLE_RATE, Samples
from livedj.train.configuration import Augment


def hear(samples: Samples, settings: Augment, rng: np.random.Generator, snr: float) -> Samples:
    """Return `samples` as a laptop in some room would hear them, with noise `snr` dB below the music."""
    heard = fftconvolve(samples, _impulse_response(settings, rng))[: len(samples)]
    band = [rng.uniform(*settings.low_cut), rng.uniform(*settings.high_cut)]
    heard = sosfilt(butter(int(rng.integers(1, 4)), band, "band", fs=SAMPLE_RATE, output="sos"), heard)
    noise = coloured_noise(len(heard), rng.uniform(*settings.noise_slope), rng)
    power = np.mean(heard**2) / 10 ** (snr / 10)
    return np.asarray(heard + noise * np.sqrt(power), np.float32)


def _impulse_response(settings: Augment, rng: np.random.Generator) -> Samples:
    rt60 = rng.uniform(*settings.rt60)
    seconds = np.arange(round(rt60 * SAMPLE_RATE)) / SAMPLE_RATE
    tail = rng.standard_normal(len(seconds)) * 10 ** (-3 * seconds / rt60)
    ratio = 10 ** (rng.uniform(*settings.direct_to_reverberant) / 10)
    response = tail / np.sqrt(np.sum(tail**2) * ratio)
    response[0] += 1.0
    return np.asarray(response, np.float32)


def coloured_noise(length: int, slope: float, rng: np.random.Generator) -> Samples:
    """Return noise of unit power whose power falls by `slope` dB an octave, level below 30 Hz."""
    spectrum = np.fft.rfft(rng.standard_normal(length))
    octaves = np.log2(np.maximum(np.fft.rfftfreq(length, 1 / SAMPLE_RATE), 30.0))
    noise = np.fft.irfft(spectrum * 10 ** (slope * octaves / 20), length)
    return np.asarray(noise / np.sqrt(np.mean(noise**2)), np.float32)
