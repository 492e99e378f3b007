"""How loud a file is: what its tags say wins over a measurement, since a person or their tagger put it there."""

import math
from pathlib import Path
from typing import NamedTuple

from livedj.library.decode import decode, decode_and_measure
from livedj.library.files import Gains, read_gains
from livedj.music import Loudness, Samples

REPLAY_GAIN_LEVEL = -18.0
"""LUFS to which ReplayGain 2 brings every track."""
R128_LEVEL = -23.0
"""LUFS to which the gain in an Opus file's tags brings it (RFC 7845, after EBU R128)."""

_POSSIBLE = (-70.0, 5.0)
# LUFS: from the gate to more than a square wave at full scale has. What tags say beyond that is a mistake.


class Tagged(NamedTuple):
    """What a file's tags say of its loudness, as far as they do."""

    lufs: float | None
    true_peak: float | None
    """dB relative to full scale."""


def read_tagged(path: Path) -> Tagged:
    """Return what a file's tags say; a peak without a gain is of some other tagger's use."""
    gains = read_gains(path)
    lufs = _tagged_lufs(gains)
    return Tagged(lufs, None if lufs is None else _decibels(gains.replay_peak))


def decode_with_loudness(path: Path) -> tuple[Samples, Loudness | None]:
    """Return a file's samples, as decode() does, and its loudness: from its tags, and what they do not say measured.

    Raises:
        DecodeError: as decode() does.

    """
    lufs, peak = read_tagged(path)
    if lufs is not None and peak is not None:
        return decode(path), Loudness(lufs, peak)
    samples, measured = decode_and_measure(path)
    if measured is None or lufs is None:
        return samples, measured
    return samples, Loudness(lufs, measured.true_peak)


def _tagged_lufs(gains: Gains) -> float | None:
    """Return what a gain in the tags means; Opus's own counts first in a file that has it."""
    for gain, level in ((gains.r128_gain, R128_LEVEL), (gains.replay_gain, REPLAY_GAIN_LEVEL)):
        if gain is not None and _POSSIBLE[0] < level - gain < _POSSIBLE[1]:
            return level - gain
    return None


def _decibels(amplitude: float | None) -> float | None:
    return 20 * math.log10(amplitude) if amplitude else None
