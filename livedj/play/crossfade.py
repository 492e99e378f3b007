"""Curves and ramps of a crossfade. Pure: time is a value passed in."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from livedj.music import Gain, Seconds


class Curve(StrEnum):
    """How a ramp travels from one gain to another."""

    CONSTANT_POWER = "constant power"
    """gain² moves along sin²: of two opposite ramps the powers add up to one, as uncorrelated songs need."""
    LINEAR = "linear"


@dataclass(frozen=True, slots=True)
class Ramp:
    """A gain that moves from `start` to `end` during `seconds` from the moment `begin` (monotonic clock) on."""

    begin: Seconds
    seconds: Seconds
    start: Gain
    end: Gain
    curve: Curve = Curve.CONSTANT_POWER

    def gain(self, now: Seconds) -> Gain:
        """Return the gain at the moment `now`; before the beginning it is `start`, after the end it is `end`."""
        if self.over(now):
            return self.end
        if now <= self.begin:
            return self.start
        return Gain(float(self.gains(np.array([now]))[0]))

    def gains(self, moments: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the same for many moments, shape (n,)."""
        progress = np.clip(moments - self.begin, 0.0, self.seconds) / (self.seconds or 1.0)
        if self.curve is Curve.LINEAR:
            between = self.start + (self.end - self.start) * progress
        else:
            power = self.start**2 + (self.end**2 - self.start**2) * np.sin(np.pi / 2 * progress) ** 2
            between = np.sqrt(power)
        begun, over = moments > self.begin, moments >= self.begin + self.seconds
        return np.where(over, self.end, np.where(begun, between, self.start))

    def over(self, now: Seconds) -> bool:
        """Tell whether the ramp has reached its end."""
        return now >= self.begin + self.seconds
