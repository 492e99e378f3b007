"""The key of a whole song: which pitch classes sound in it how much, compared with what is known of all keys."""

import numpy as np
from numpy.typing import NDArray

from livedj.library.cues import SILENT_BELOW
from livedj.music import SAMPLE_RATE, Key, Samples, Seconds

_RATE = SAMPLE_RATE / 2
_FRAME = 4096
# Samples at _RATE, 0.37 s: bins of 2.7 Hz, between which a peak is found exactly enough even for the notes of a bass.
_AT_ONCE = 32  # frames, 0.5 MB: what fits into a processor's cache
_LOWEST, _HIGHEST = 32.0, 2000.0  # Hz, C1 to B6: above lie overtones rather than notes
_FAINTEST = 0.1  # of the amplitude of the frame's strongest peak: what is fainter is noise or an overtone
_SHORTEST = Seconds(12.0)  # as for beats: less is a jingle
_A4, _A = 440.0, 9  # Hz, and its pitch class

_MAJOR = (0.748, 0.060, 0.488, 0.082, 0.670, 0.460, 0.096, 0.715, 0.104, 0.366, 0.057, 0.400)
_MINOR = (0.712, 0.084, 0.474, 0.618, 0.049, 0.460, 0.105, 0.747, 0.404, 0.067, 0.330, 0.133)
# How often each degree sounds in a segment of the Kostka–Payne corpus (Temperley, "Music and Probability", 2007), with
# the two sevenths of minor exchanged: that corpus is classical and has the leading note, popular music the lowered one.
# Right more often on the demo library, and on made-up progressions, than the profiles of Krumhansl and Kessler (1982),
# Sha'ath (2011) and Faraldo et al. (2016).
_BY_CHANCE, _USUAL = 0.6, 0.8
# Correlations with the best key: what drums, noise and speech reach at most, and what about half of all songs reach.
_CLEAR = 0.2  # the lead in correlation of a key that is beyond doubt: a third of all songs have it


def _profiles() -> NDArray[np.float64]:
    """Return the profiles of the 12 major and the 12 minor keys from C on, shape (24, 12), of mean 0 and length 1."""
    shifted = np.array([np.roll(profile, tonic) for profile in (_MAJOR, _MINOR) for tonic in range(12)])
    centred = shifted - shifted.mean(axis=1, keepdims=True)
    return np.asarray(centred / np.linalg.norm(centred, axis=1, keepdims=True))


_PROFILES = _profiles()


def find_key(samples: Samples) -> Key | None:
    """Find the key of a song, shape (n,) at SAMPLE_RATE, whatever its level and tuning: the one most of it is in.

    It is the key whose profile correlates best with the song's chroma (Krumhansl, "Cognitive Foundations of Musical
    Pitch", 1990). The confidence grows with this correlation and with its lead over the best other key but the relative
    one, which has the same notes.

    Return None where less than 12 s or nothing sounds.
    """
    if len(samples) < _SHORTEST * SAMPLE_RATE:
        return None
    chroma = _chroma(*_peaks(samples))
    if not chroma.any():
        return None
    correlations = _PROFILES @ (chroma - chroma.mean()) / (chroma.std() * np.sqrt(12))
    best = int(correlations.argmax())
    minor, tonic = divmod(best, 12)
    relative = (tonic + 3) % 12 if minor else 12 + (tonic - 3) % 12
    lead = correlations[best] - np.delete(correlations, [best, relative]).max()
    likeness = (correlations[best] - _BY_CHANCE) / (_USUAL - _BY_CHANCE)
    return Key(tonic, bool(minor), float(np.clip(likeness, 0, 1) * np.clip(lead / _CLEAR, 0, 1)))


def _peaks(samples: Samples) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Return the pitch of each peak of the spectrum, in semitones above C, and its share in its frame.

    A loud frame counts no more than a soft one.
    """
    halved = _halved(samples)
    frames = halved[: len(halved) // _FRAME * _FRAME].reshape(-1, _FRAME)
    found = [_peaks_of(frames[first : first + _AT_ONCE]) for first in range(0, len(frames), _AT_ONCE)]
    pitches, weights = zip(*found, strict=True)
    return np.concatenate(pitches), np.concatenate(weights)


def _halved(samples: Samples) -> Samples:
    """Return the sound at _RATE, half the work; what folds onto our notes, from 9 kHz on, falls by 22 dB."""
    even, odd = samples[: len(samples) // 2 * 2 - 1 : 2], samples[1::2]
    return np.asarray(even[1:] / 2 + (odd[:-1] + odd[1:]) / 4)


def _peaks_of(frames: NDArray[np.float32]) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Return the same for some frames; those that are silent have none."""
    frames = frames[np.abs(frames).max(axis=1) > SILENT_BELOW]
    lowest, highest = (round(hertz * _FRAME / _RATE) for hertz in (_LOWEST, _HIGHEST))
    window = np.hanning(_FRAME).astype(np.float32)  # which keeps the transform at single precision
    spectrum = np.fft.rfft(frames * window)[:, lowest - 1 : highest + 2]
    power = spectrum.real**2 + spectrum.imag**2
    below, at, above = power[:, :-2], power[:, 1:-1], power[:, 2:]
    is_peak = (at > below) & (at >= above) & (at > _FAINTEST**2 * at.max(axis=1, keepdims=True))
    frame, bins = np.nonzero(is_peak)
    below, at, above = (np.log(np.maximum(values[is_peak], np.finfo(np.float32).tiny)) for values in (below, at, above))
    vertex = (below - above) / (2 * (below - 2 * at + above))  # of the parabola through the three
    hertz = (lowest + bins + vertex) * _RATE / _FRAME
    amplitudes = np.exp(at / 2)
    return 12 * np.log2(hertz / _A4) + _A, amplitudes / np.bincount(frame, amplitudes)[frame]


def _chroma(pitches: NDArray[np.floating], weights: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return how much each pitch class from C on sounds, shape (12,), once the tuning is taken off.

    The tuning is the circular mean of how far all peaks lie from a semitone; those between two semitones count least.
    """
    pitches = pitches - np.angle(np.sum(weights * np.exp(2j * np.pi * pitches))) / (2 * np.pi)
    nearest = np.round(pitches)
    weights = weights * np.cos(np.pi * (pitches - nearest)) ** 2
    return np.asarray(np.bincount(nearest.astype(int) % 12, weights, 12), np.float64)
