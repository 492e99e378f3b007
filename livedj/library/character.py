"""How lively and how bright a song is, heard in excerpts from all over it."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from livedj.music import SAMPLE_RATE, Samples, Seconds

_EXCERPTS = 30
# Of 1 s, evenly spread: what they tell lies within a tenth of the spread between songs of what all of the song tells.
_FRAME, _HOP = 1024, 512  # samples, 46 and 23 ms
_BANDS, _LOWEST = 32, 40.0  # mel bands, from so many Hz to half the sample rate
_RANGE = 80.0  # dB below the loudest band of the song: what is fainter has no onsets (librosa's onset strength, too)
_SHORTEST = Seconds(12.0)  # as for beats: less is a jingle


class Character(NamedTuple):
    """What does not depend on a song's level, and hardly on its codec."""

    energy: float
    """Onset strength: how much louder it gets in 23 ms, in dB, the mean over 32 mel bands and the song, falls counting
    as 0 (librosa's spectral flux; Böck and Widmer, "Maximum Filter Vibrato Suppression", 2013). About 1 in ambient
    music, 2 and more in dance music; dense distortion has few onsets and counts as calm."""
    brightness: float
    """Octaves from 1 kHz up to the spectral centroid, the mean frequency weighted by amplitude: negative is dark."""


def find_character(samples: Samples) -> Character | None:
    """Find the character of a song, shape (n,) at SAMPLE_RATE; None where less than 12 s or nothing sounds."""
    if len(samples) < _SHORTEST * SAMPLE_RATE:
        return None
    powers = _powers(samples)
    if not powers.any():
        return None
    return Character(_energy(powers), _brightness(powers))


def _powers(samples: Samples) -> NDArray[np.float32]:
    """Return the power spectra of the excerpts, shape (excerpts, frames, bins)."""
    begins = np.linspace(0, len(samples) - SAMPLE_RATE, _EXCERPTS).astype(int)
    excerpts = np.stack([samples[begin : begin + SAMPLE_RATE] for begin in begins])
    frames = np.lib.stride_tricks.sliding_window_view(excerpts, _FRAME, axis=1)[:, ::_HOP]
    spectra = np.fft.rfft(frames * np.hanning(_FRAME).astype(np.float32))
    return np.asarray(spectra.real**2 + spectra.imag**2)


def _energy(powers: NDArray[np.float32]) -> float:
    mel = np.linspace(_mel(_LOWEST), _mel(SAMPLE_RATE / 2), _BANDS + 1)[:-1]
    begins = np.round(700 * (10 ** (mel / 2595) - 1) * _FRAME / SAMPLE_RATE).astype(int)
    bands = np.add.reduceat(powers, begins, axis=2)
    levels = 10 * np.log10(np.maximum(bands, bands.max() * 10 ** (-_RANGE / 10)))
    return float(np.maximum(np.diff(levels, axis=1), 0).mean())


def _mel(hertz: float) -> float:
    """Return a frequency on O'Shaughnessy's mel scale."""
    return float(2595 * np.log10(1 + hertz / 700))


def _brightness(powers: NDArray[np.float32]) -> float:
    amplitudes = np.sqrt(powers).sum(axis=(0, 1))
    hertz = np.fft.rfftfreq(_FRAME, 1 / SAMPLE_RATE)
    sounding = hertz >= _LOWEST
    centroid = np.average(hertz[sounding], weights=amplitudes[sounding])
    return float(np.log2(centroid / 1000))
