"""The gate before the encoder: what is too quiet to be music moves nothing. Pure.

The front end scales every window to its own maximum, so that silence would reach the network as full-scale texture.
"""

from livedj.music import Dbfs

THRESHOLD = Dbfs(-50.0)
"""Least level that is listened to.

A laptop's microphone overloads at about 120 dB SPL and has about 20 dB of gain before it, so that full scale is 100 dB
SPL. A quiet room (35–40 dB) then lies at −65…−60 dBFS with the microphone's own noise below, music that a room of
people hears (from 60 dB on) at −40 dBFS and up. The threshold stands in the middle.
"""


def is_loud_enough(level: Dbfs) -> bool:
    """Tell whether a window of this level is worth listening to."""
    return level >= THRESHOLD
