"""The rolling window: blocks at the microphone's rate in, the last 5 s at the ear's rate out. Pure."""

import numpy as np
import soxr

from livedj.music import SAMPLE_RATE, WINDOW_SAMPLES, Dbfs, Samples, Seconds, level_of

STRIDE_SAMPLES = SAMPLE_RATE // 2
"""Samples from one window to the next: 0.5 s."""
GLANCE_SAMPLES = STRIDE_SAMPLES // 2
"""Samples from one glance at what was heard last to the next; every second one falls on a stride."""


class RollingWindow:
    """The last 5 s of sound, resampled as it comes."""

    def __init__(self, input_rate: float) -> None:
        self._resampler = soxr.ResampleStream(input_rate, SAMPLE_RATE, num_channels=1, dtype="float32")
        self._ring = np.zeros(WINDOW_SAMPLES, np.float32)
        self._heard = 0
        self._since_stride = 0
        self._since_glance = 0

    def add(self, block: Samples) -> None:
        """Append a block of mono samples at the input's rate, shape (n,)."""
        samples = self._resampler.resample_chunk(block)[-WINDOW_SAMPLES:]
        count = len(samples)
        if count:
            self._ring = np.concatenate([self._ring[count:], samples])
            self._heard += count
            self._since_stride += count
            self._since_glance += count

    def stride_done(self) -> bool:
        """Tell once for every stride that has passed; strides that were missed are not made up for."""
        if self._since_stride < STRIDE_SAMPLES:
            return False
        self._since_stride %= STRIDE_SAMPLES
        return True

    def glance_due(self) -> bool:
        """Tell the same for every GLANCE_SAMPLES."""
        if self._since_glance < GLANCE_SAMPLES:
            return False
        self._since_glance %= GLANCE_SAMPLES
        return True

    @property
    def full(self) -> bool:
        """Whether 5 s have been heard since the beginning."""
        return self._heard >= WINDOW_SAMPLES

    @property
    def samples(self) -> Samples:
        """The window, oldest sample first, shape (110250,)."""
        return self._ring

    def last(self, seconds: Seconds) -> Samples:
        """Return the last so many seconds, repeated to a window, shape (110250,)."""
        return np.resize(self._ring[-round(seconds * SAMPLE_RATE) :], WINDOW_SAMPLES)

    @property
    def level(self) -> Dbfs:
        """The level of the last stride."""
        return level_of(self._ring[-STRIDE_SAMPLES:])
