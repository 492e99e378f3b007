"""What voices are built from: oscillators, strings, envelopes, filters. Everything at 44.1 kHz, in float32.

Sources: PADsynth after Nasca (ZynAddSubFX), plucked strings after Karplus and Strong (1983) with the loop filter of
Jaffe and Smith, frequency modulation after Chowning (1973).
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import fft, ndimage, signal

RATE = 44_100
"""Hz."""
Sound = NDArray[np.float32]
"""Mono (n,) or stereo (n, 2)."""
_Curve = NDArray[np.floating]
Random = np.random.Generator

_TABLE = 2048
_HIGHEST = 15_000.0
"""Hz: no oscillator has partials above, so that nothing folds back."""


def clock(seconds: float) -> Sound:
    """Return the time of every sample, in seconds."""
    return np.arange(round(seconds * RATE), dtype=np.float32) / np.float32(RATE)


def noise(rng: Random, seconds: float) -> Sound:
    """Return white noise of standard deviation 1."""
    return rng.standard_normal(round(seconds * RATE), dtype=np.float32)


def decay(seconds: float, t60: float) -> Sound:
    """Return an exponential that has fallen by 60 dB after `t60` seconds and reaches 0 without a click."""
    time = clock(seconds)
    return ended(np.exp(-6.91 / t60 * time))


def ended(sound: _Curve, seconds: float = 0.006) -> Sound:
    """Fade the last few milliseconds out, so that no note ends in a click."""
    count = min(round(seconds * RATE), len(sound))
    fade = np.linspace(1, 0, count, dtype=np.float32)
    result = np.array(sound, np.float32)
    result[len(sound) - count :] *= fade if sound.ndim == 1 else fade[:, None]
    return result


def envelope(held: float, *, attack: float, decay: float = 0.3, sustain: float = 1.0, release: float = 0.1) -> Sound:
    """Return attack, exponential decay to `sustain`, and after `held` seconds a release that ends at 0."""
    time = clock(held + release)
    rise = np.minimum(time / max(attack, 1e-4), 1)
    rise = rise * rise * (3 - 2 * rise)
    level = sustain + (1 - sustain) * np.exp(-np.maximum(time - attack, 0) / max(decay, 1e-4))
    fall = np.clip(1 - (time - held) / release, 0, 1)
    return np.asarray(rise * level * fall**2, np.float32)


def oscillate(phase: _Curve, partials: _Curve) -> Sound:
    """Read a waveform of the given sine partials (amplitudes, first = fundamental) at `phase` in cycles."""
    spectrum = np.zeros(_TABLE // 2 + 1, np.complex128)
    count = min(len(partials), _TABLE // 4)
    spectrum[1 : count + 1] = -0.5j * _TABLE * partials[:count]
    table = fft.irfft(spectrum, _TABLE)
    table = np.append(table, table[0]).astype(np.float32)
    position = (phase % 1.0) * _TABLE
    index = position.astype(np.int32)
    return np.asarray(table[index] + (position - index) * (table[index + 1] - table[index]), np.float32)


def saw(frequency: float, cutoff: float = _HIGHEST) -> NDArray[np.float64]:
    """Return partials of a band-limited saw behind a 12 dB/octave low-pass at `cutoff` Hz."""
    number = np.arange(1, max(2, int(_HIGHEST / frequency) + 1))
    return np.asarray(0.6 / number / np.sqrt(1 + (number * frequency / cutoff) ** 4), np.float64)


def pulse(frequency: float, duty: float) -> NDArray[np.float64]:
    """Return partials of a band-limited pulse that is high for `duty` of its period."""
    number = np.arange(1, max(2, int(_HIGHEST / frequency) + 1))
    return np.asarray(0.9 / number * np.sin(np.pi * number * duty), np.float64)


def glide(frequency: _Curve) -> NDArray[np.float64]:
    """Integrate a frequency curve in Hz to phase in cycles."""
    return np.cumsum(frequency, dtype=np.float64) / RATE


def vibrato(seconds: float, frequency: float, *, rate: float, cents: float, delay: float = 0.3) -> NDArray[np.float64]:
    """Return phase of a tone whose pitch begins to sway after `delay` seconds."""
    time = clock(seconds)
    depth = (2 ** (cents / 1200) - 1) * np.clip((time - delay) / 0.4, 0, 1)
    return glide(frequency * (1 + depth * np.sin(2 * np.pi * rate * time)))


@lru_cache(maxsize=256)
def _sections(kind: str, order: int, *edges: float) -> NDArray[np.float64]:
    return np.asarray(signal.butter(order, edges if len(edges) > 1 else edges[0], kind, fs=RATE, output="sos"))


def lowpass(sound: _Curve, cutoff: float, order: int = 2) -> Sound:
    """Return a Butterworth low-pass along time."""
    return np.asarray(signal.sosfilt(_sections("lowpass", order, cutoff), sound, axis=0), np.float32)


def highpass(sound: _Curve, cutoff: float, order: int = 2) -> Sound:
    """Return a Butterworth high-pass along time."""
    return np.asarray(signal.sosfilt(_sections("highpass", order, cutoff), sound, axis=0), np.float32)


def bandpass(sound: _Curve, low: float, high: float, order: int = 1) -> Sound:
    """Return a Butterworth band-pass along time."""
    return np.asarray(signal.sosfilt(_sections("bandpass", order, low, high), sound, axis=0), np.float32)


def spectral_pad(frequency: float, seconds: float, partials: _Curve, cents: float, rng: Random) -> Sound:
    """Return a stereo ensemble without beats: every partial is a narrow band of noise, `cents` wide at the fundamental.

    Built in one inverse FFT (PADsynth); RMS 1, a little wider than mono.
    """
    count = fft.next_fast_len(round(seconds * RATE))
    bin_width = RATE / count
    magnitude = np.zeros(count // 2 + 1, np.float32)
    for number, amplitude in enumerate(partials, start=1):
        centre = frequency * number
        width = max((2 ** (cents / 1200) - 1) * centre, bin_width)
        low, high = int((centre - 4 * width) / bin_width), int((centre + 4 * width) / bin_width) + 2
        if high >= len(magnitude):
            break
        low = max(low, 1)
        offset = (np.arange(low, high) * bin_width - centre) / width
        magnitude[low:high] += np.float32(amplitude / np.sqrt(width)) * np.exp(-(offset**2)).astype(np.float32)
    phases = np.exp(2j * np.pi * rng.random((2, len(magnitude)), dtype=np.float32)).astype(np.complex64)
    middle, side = fft.irfft(magnitude * phases, count, axis=1)[:, : round(seconds * RATE)]
    sound = np.stack([middle + 0.5 * side, middle - 0.5 * side], axis=1)
    return np.asarray(sound / np.sqrt(np.mean(sound**2)), np.float32)


def string(
    frequency: float, seconds: float, rng: Random, *, t60: float, brightness: float, pluck_at: float = 0.13
) -> Sound:
    """Return a plucked string (Karplus-Strong).

    `t60` is the decay time of the fundamental in seconds, `brightness` 0…1 how hard the pluck is and how long high
    partials live, `pluck_at` the point of the pluck as a part of the length.
    """
    period = round(RATE / frequency)
    excitation = rng.uniform(-1, 1, period).astype(np.float32)
    excitation = lowpass(np.tile(excitation, 2), 700 + 9000 * brightness**1.5)[period:]
    excitation -= np.roll(excitation, max(1, round(pluck_at * period)))
    excitation -= excitation.mean()
    # The loop's filter is symmetric (b, 1 - 2b, b), so the period is whole samples; the pitch is then made true by
    # reading the result a little faster or slower.
    damping = np.float32(0.24 * (1 - brightness) + 0.012)
    gain = np.float32(10 ** (-3 * period / RATE / t60))
    count = round(seconds * RATE)
    step = frequency * period / RATE
    ring = np.zeros(max(int(count * step) + 4, period + 1), np.float32)
    ring[1 : period + 1] = excitation
    # Every sample needs those about one period before, so a block of period - 1 samples can be done at once.
    for start in range(period + 1, len(ring), period - 1):
        end = min(start + period - 1, len(ring))
        before = ring[start - period - 1 : end - period + 1]
        ring[start:end] = gain * (before[1:-1] + damping * (before[:-2] - 2 * before[1:-1] + before[2:]))
    tuned = ndimage.map_coordinates(ring, [1 + np.arange(count) * step], order=3, mode="nearest")
    return np.asarray(tuned / (np.abs(tuned).max() + 1e-9), np.float32)


def modulated(frequency: float, seconds: float, *, ratio: float, index: _Curve | float) -> Sound:
    """Return a sine at `frequency` whose phase is modulated at `ratio` times it by `index` radians."""
    time = clock(seconds).astype(np.float64)
    inner = 2 * np.pi * frequency * ratio * time
    return np.asarray(np.sin(2 * np.pi * frequency * time + index * np.sin(inner)), np.float32)


def soft_clip(sound: _Curve, drive: float) -> Sound:
    """Saturate gently: tanh with unit slope at 0, `drive` dB into it."""
    gain = 10 ** (drive / 20)
    return np.asarray(np.tanh(gain * sound) / gain, np.float32)
