"""A tune for tests: what the ear takes for music, where noise or a bare tone would be no music."""

import numpy as np

from livedj.music import SAMPLE_RATE, Samples

BEAT = 0.25
CHORDS = ((0, 4, 7), (9, 12, 16), (5, 9, 12), (7, 11, 14))
"""Semitones above the root, a bar each."""


def tune(seconds: float, level: float = 0.1, root: float = 220.0) -> Samples:
    """Return broken chords of a plucked string over a bass and a hi-hat, at this RMS level, shape (n,)."""
    count = round(seconds * SAMPLE_RATE)
    at = np.arange(count) / SAMPLE_RATE
    beat, since = (at // BEAT).astype(int), at % BEAT
    chords = np.array(CHORDS)[beat // 8 % len(CHORDS)]
    note = root * 2 ** (chords[np.arange(count), beat % 3] / 12)
    bass = root / 2 * 2 ** (chords[:, 0] / 12)
    sound = sum(np.sin(2 * np.pi * note * n * since) * np.exp(-(2 + 2 * n) * since) / n for n in range(1, 7))
    sound = sound + 0.6 * sum(np.sin(2 * np.pi * bass * n * (at % (8 * BEAT))) / n**2 for n in (1, 2, 3))
    sound = sound + 0.2 * np.random.default_rng(1).standard_normal(count) * np.exp(-60 * since)
    return np.asarray(level * sound / np.sqrt(np.mean(sound**2)), np.float32)
