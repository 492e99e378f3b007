"""The gate before the running vector: what is too quiet, or no music, moves nothing. Pure."""

import math

from livedj.music import Dbfs, Seconds

THRESHOLD = Dbfs(-50.0)
"""Least level that is listened to.

The front end scales every window to its own maximum, so that silence would reach the network as full-scale texture.
A laptop's microphone overloads at about 120 dB SPL and has about 20 dB of gain before it, so that full scale is 100 dB
SPL. A quiet room (35–40 dB) then lies at −65…−60 dBFS with the microphone's own noise below, music that a room of
people hears (from 60 dB on) at −40 dBFS and up. The threshold stands in the middle.
"""
MUSIC = 0.5
"""Least probability of music, as the model tells it, of a window that is listened to."""
STRIDES = 3
"""Windows in a row without music before we believe that there is none."""
GLANCE = Seconds(1.0)
"""So much sound, repeated to a window, tells at once that music stops, where a window of 5 s holds it for long."""
_MUSIC, _ALIKE, _BIAS = 1.1, 8.0, 1.6
"""Fitted once (logistic regression) to three hours of `tests/bench/hour.py` with songs that training never met. The
bias leans towards music by one, since a false start is worse than one that is half a second late. No command here fits
them again; `python -m tests.bench ends` measures what they do."""
_LEAST_ODDS = 1e-3


def is_loud_enough(level: Dbfs) -> bool:
    """Tell whether a window of this level is worth listening to."""
    return level >= THRESHOLD


def goes_on(music: float, alike: float) -> float:
    """Return the probability that music goes on, from a glance at the last second.

    `music`: the model's own probability, of which 1 s of music in ten is below one half: a pause of breath, a bare
    drum, a soft note among noise. `alike`: the cosine of the second's embedding and of what was heard before; in those
    it lies at 0.5, and in talk, applause or noise after music seldom above 0.3.
    """
    likely = min(max(music, _LEAST_ODDS), 1 - _LEAST_ODDS)
    return 1 / (1 + math.exp(-(_MUSIC * math.log(likely / (1 - likely)) + _ALIKE * alike + _BIAS)))


class MusicGate:
    """Follows window after window: what is no music is kept out at once, and after some of it the music is over."""

    def __init__(self) -> None:
        self._without = 0

    def lets_in(self, probability: float) -> bool:
        """Tell whether the newest window, music with this probability, may move anything."""
        self._without = 0 if probability >= MUSIC else self._without + 1
        return self._without == 0

    @property
    def music_is_over(self) -> bool:
        """Whether there is no music: a word over a quiet passage does not end it."""
        return self._without >= STRIDES
