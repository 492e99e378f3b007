"""What a room, a laptop's microphone and guests do to music, in the mel domain. Works on batches of power spectrograms.

Powers add: of reverberation, of noise, of a second song. That is the room's law for sounds without a common phase, and
it makes a whole batch a matter of milliseconds.
"""

import librosa
import numpy as np
from numpy.typing import NDArray

from livedj.ear.encoder import MelParams
from livedj.train.configuration import Augment, Range
from livedj.train.data import Levels, normalised
from livedj.train.frontend import mel_power

Power = NDArray[np.float32]
"""Mel power, linear, shape (batch, 96, frames)."""

_TEXTURE_SECONDS = 120
_BABBLE_PEAK = 400.0  # Hz; speech falls by about 6 dB an octave above it and faster below
_RANGE = 100.0  # dB that are kept below a window's maximum


class Room:
    """Hears windows as a laptop in some room would; a new room for every window."""

    def __init__(self, settings: Augment, mel: MelParams, rng: np.random.Generator) -> None:
        self._settings = settings
        self._rng = rng
        self._frame = mel.hop_length / mel.sample_rate
        edges = librosa.mel_frequencies(mel.n_mels + 2, fmin=0.0, fmax=mel.sample_rate / 2)
        self._hertz = edges[1:-1]
        self._bandwidth = (edges[2:] - edges[:-2]) / 2
        self._octaves = np.log2(self._hertz / 1000.0)
        # How white noise really flickers from frame to frame in each band; cut from anywhere, it serves for all noises.
        white = rng.standard_normal(_TEXTURE_SECONDS * mel.sample_rate).astype(np.float32)
        texture = mel_power(white, mel).numpy().T
        self._texture: NDArray[np.float32] = texture / texture.mean(axis=1, keepdims=True)

    def hear(self, levels: Levels, others: Levels) -> Levels:
        """Return `levels`, dB of shape (batch, 96, frames), as heard; `others` may play at the same time."""
        power = _power(levels)
        quieter = self._gains(len(power), self._settings.mix, self._settings.mix_below)
        power = power + quieter * _relative(_power(others), power)
        power = self._reverberate(power)
        power = power * self._colour(len(power))
        power = power + self._noise(power)
        power = self._overload(power)
        power = power * self._gain_control(power)
        heard: Levels = 10 * np.log10(power + 1e-12)
        return heard

    def behind(self, levels: Levels, others: Levels, snr: Range) -> Levels:
        """Return `levels`, dB of shape (batch, 96, frames), with `others` sounding so many dB below, without a room."""
        power, noise = _power(levels), _power(others)
        below = self._energy(power) / self._energy(noise) / _factor(self._uniform(len(power), snr))
        mixed: Levels = 10 * np.log10(power + noise * below + 1e-12)
        return mixed

    def _uniform(self, count: int, span: Range) -> NDArray[np.float32]:
        return self._rng.uniform(*span, (count, 1, 1)).astype(np.float32)

    def _gains(self, count: int, share: float, decibels: Range) -> NDArray[np.float32]:
        """Return power factors for a share of the batch, so many dB below 1 as lies in a range; 0 for the rest."""
        factors: NDArray[np.float32] = _factor(-self._uniform(count, decibels)) * self._some(count, share)
        return factors

    def _some(self, count: int, share: float) -> NDArray[np.bool_]:
        """Return a random choice of the batch, (batch, 1, 1)."""
        return np.asarray(self._rng.random((count, 1, 1)) < share)

    def _reverberate(self, power: Power) -> Power:
        """Smear each band in time by an exponential tail beside the direct sound."""
        settings, count = self._settings, len(power)
        slope = self._rng.uniform(0.0, 0.25, (count, 1))  # treble dies sooner than bass
        rt60 = self._uniform(count, settings.rt60)[:, :, 0] * 2.0 ** (-slope * self._octaves)
        decay = (10.0 ** (-6.0 * self._frame / np.clip(rt60, 0.05, 3.0))).astype(np.float32)
        tail = np.empty_like(power)
        state = power[:, :, 0]  # as if the first frame had always sounded: a window begins in the midst of a song
        for frame in range(power.shape[2]):
            state = decay * state + (1 - decay) * power[:, :, frame]
            tail[:, :, frame] = state
        ratio = _factor(self._uniform(count, settings.direct_to_reverberant))
        heard: Power = (ratio * power + tail) / (ratio + 1)
        return heard

    def _colour(self, count: int) -> NDArray[np.float32]:
        """Return power factors (batch, 96, 1): band limits, a smooth equaliser, and the room's modes."""
        settings = self._settings
        low, high = (self._uniform(count, span)[:, 0] for span in (settings.low_cut, settings.high_cut))
        order = self._rng.integers(1, 4, (count, 1))
        limits = 1 / ((1 + (low / self._hertz) ** (2 * order)) * (1 + (self._hertz / high) ** (2 * order)))
        curve = settings.equaliser * self._smooth(count) * self._rng.random((count, 1))
        ripple = settings.ripple * self._rng.standard_normal((count, len(self._hertz))) * self._rng.random((count, 1))
        factors = _factor(10 * np.log10(limits) + curve + ripple)
        return factors[:, :, np.newaxis]

    def _smooth(self, count: int) -> NDArray[np.float64]:
        """Return random curves over the bands, (batch, 96), of unit deviation: a few slow cosines of random phase."""
        bands = np.linspace(0, 1, len(self._hertz))
        waves = self._rng.uniform(0.3, 3.0, (count, 3, 1)) * bands + self._rng.random((count, 3, 1))
        curves: NDArray[np.float64] = np.cos(2 * np.pi * waves).sum(axis=1) * np.sqrt(2 / 3)
        return curves

    def _noise(self, power: Power) -> Power:
        """Return noise of a random colour at a random distance below the music, standing still or babbling."""
        count, _, frames = power.shape
        starts = self._rng.integers(0, self._texture.shape[1] - frames, count)
        noise = np.stack([self._texture[:, start : start + frames] for start in starts])
        slope = self._uniform(count, self._settings.noise_slope)[:, :, 0]
        colour = slope * self._octaves
        babbles = self._rng.random((count, 1)) < self._settings.crowd
        speech = -6.0 * np.abs(np.log2(self._hertz / _BABBLE_PEAK))
        colour = np.where(babbles, speech, colour)[:, :, np.newaxis]
        swell = np.where(babbles[:, :, np.newaxis], self._syllables(count, frames), 0.0)
        noise = noise * _factor(colour + swell)
        snr = _factor(self._uniform(count, self._settings.snr))
        scaled: Power = noise * (self._energy(power) / self._energy(noise) / snr)
        return scaled

    def _overload(self, power: Power) -> Power:
        """Add what clipping adds: while a frame is loud, distortion over all bands, weaker towards the treble."""
        loudness = self._loudness(power)
        peak = loudness.max(axis=2, keepdims=True)
        clipped = loudness > peak - self._uniform(len(power), (1.0, 6.0))
        below = self._uniform(len(power), (12.0, 30.0)) + 3.0 * np.maximum(self._octaves, 0.0)[:, np.newaxis]
        distortion = _factor(loudness - below) * clipped * self._some(len(power), self._settings.clipping)
        overloaded: Power = power + distortion.astype(np.float32)
        return overloaded

    def _gain_control(self, power: Power) -> NDArray[np.float32]:
        """Return power factors (batch, 1, frames) that take back a part of the loudness of the last half second."""
        loudness = self._loudness(power)
        follow = np.float32(1 - 0.5 ** (self._frame / 0.25))
        recent = np.empty_like(loudness)
        state = loudness[:, :, 0]
        for frame in range(power.shape[2]):
            state = state + follow * (loudness[:, :, frame] - state)
            recent[:, :, frame] = state
        evened = self._uniform(len(power), (0.2, 0.8)) * self._some(len(power), self._settings.gain_control)
        return _factor(-evened * (recent - recent.mean(axis=2, keepdims=True)))

    def _loudness(self, power: Power) -> NDArray[np.float32]:
        """Return the mean power over the bands of each frame in dB, (batch, 1, frames)."""
        mean: NDArray[np.float32] = 10 * np.log10(power.mean(axis=1, keepdims=True) + 1e-12)
        return mean

    def _energy(self, power: Power) -> NDArray[np.float32]:
        """Return the mean energy of each window; the filters have unit area, so each band counts by its width."""
        energy: NDArray[np.float32] = np.einsum("bft,f->b", power, self._bandwidth / power.shape[2])
        return energy[:, np.newaxis, np.newaxis].astype(np.float32) + np.float32(1e-20)

    def _syllables(self, count: int, frames: int) -> NDArray[np.float64]:
        """Return the swelling of voices in dB, (batch, 1, frames): noise smoothed to about four swells a second."""
        width = max(1, round(0.12 / self._frame))
        rough = self._rng.standard_normal((count, 1, frames + width - 1))
        total = np.cumsum(np.pad(rough, ((0, 0), (0, 0), (1, 0))), axis=2)
        swell: NDArray[np.float64] = 4.0 * (total[:, :, width:] - total[:, :, :-width]) / np.sqrt(width)
        return swell


def _factor(decibels: NDArray[np.floating]) -> NDArray[np.float32]:
    return np.asarray(10 ** (decibels / 10), np.float32)


def _power(levels: Levels) -> Power:
    """Return dB as power relative to each window's maximum, which keeps float32 far from its limits."""
    power: Power = np.exp(normalised(levels, _RANGE) * np.float32(np.log(10) / 10))
    return power


def _relative(other: Power, power: Power) -> Power:
    """Return `other` scaled to the mean power of `power`."""
    scaled: Power = other * (power.mean(axis=(1, 2), keepdims=True) / other.mean(axis=(1, 2), keepdims=True))
    return scaled
