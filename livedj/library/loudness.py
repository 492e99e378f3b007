"""How loud a file is: what its tags say wins over a measurement, since a person or their tagger put it there."""

import math
from pathlib import Path

from livedj.errors import DecodeError
from livedj.library.decode import measure_loudness
from livedj.library.files import Gains, read_gains
from livedj.music import Loudness

REPLAY_GAIN_LEVEL = -18.0
"""LUFS to which ReplayGain 2 brings every track."""
R128_LEVEL = -23.0
"""LUFS to which the gain in an Opus file's tags brings it (RFC 7845, after EBU R128)."""

_POSSIBLE = (-70.0, 5.0)
# LUFS: from the gate to more than a square wave at full scale has. What tags say beyond that is a mistake.


def find_loudness(path: Path) -> Loudness | None:
    """Return a file's loudness: from its tags, and what they do not say measured; None where neither tells."""
    gains = read_gains(path)
    lufs, peak = _tagged_lufs(gains), _decibels(gains.replay_peak)
    if lufs is not None and peak is not None:
        return Loudness(lufs, peak)
    try:
        measured = measure_loudness(path)
    except DecodeError:
        return None
    if measured is None or lufs is None:  # a peak without a gain is of some other tagger's use
        return measured
    return Loudness(lufs, measured.true_peak)


def _tagged_lufs(gains: Gains) -> float | None:
    """Return what a gain in the tags means; Opus's own counts first in a file that has it."""
    for gain, level in ((gains.r128_gain, R128_LEVEL), (gains.replay_gain, REPLAY_GAIN_LEVEL)):
        if gain is not None and _POSSIBLE[0] < level - gain < _POSSIBLE[1]:
            return level - gain
    return None


def _decibels(amplitude: float | None) -> float | None:
    return 20 * math.log10(amplitude) if amplitude else None
