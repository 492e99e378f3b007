"""Whether the machine has slept: two clocks, of which one stands still meanwhile."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:  # NumPy would come along
    from livedj.music import Seconds

LEAST = 2.0
"""Seconds. Less is no sleep: the clocks are not read at quite the same moment, and may be disciplined differently."""


def clocks() -> tuple[Seconds, Seconds]:
    """Return the time for which the machine was awake, and the time that passed; both from an unknown beginning.

    Neither knows of changes of the wall clock, but for systems other than Linux, macOS and Windows: the second one is
    the wall clock there.
    """
    if sys.platform == "linux":
        awake, passed = time.monotonic(), time.clock_gettime(time.CLOCK_BOOTTIME)
    elif sys.platform == "darwin":
        awake, passed = time.monotonic(), time.clock_gettime(time.CLOCK_MONOTONIC_RAW)
    elif sys.platform == "win32":
        awake, passed = _unbiased(), time.monotonic()
    else:
        awake, passed = time.monotonic(), time.time()
    return cast("Seconds", awake), cast("Seconds", passed)


if sys.platform == "win32":

    def _unbiased() -> float:
        """Return the interrupt time without sleep, in seconds; time.monotonic goes on in sleep on Windows."""
        import ctypes

        ticks = ctypes.c_ulonglong()
        ctypes.windll.kernel32.QueryUnbiasedInterruptTime(ctypes.byref(ticks))
        return ticks.value / 1e7


class SleepWatch:
    """Tells how long the machine has slept, look by look. Pure: it is fed what `clocks` returns."""

    def __init__(self, awake: Seconds, passed: Seconds) -> None:
        self._awake = awake
        self._passed = passed

    def slept(self, awake: Seconds, passed: Seconds) -> Seconds:
        """Return for how many seconds the machine has slept since the last look; 0 where it was awake."""
        slept = (passed - self._passed) - (awake - self._awake)
        self._awake, self._passed = awake, passed
        return cast("Seconds", slept if slept >= LEAST else 0.0)
