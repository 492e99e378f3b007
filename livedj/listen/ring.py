"""The bounded ring between PortAudio's callback and the listener."""

import threading

import numpy as np

from livedj.music import Samples


class BlockRing:
    """A ring of samples that one thread writes and another drains.

    The lock is held for one copy only, so the audio callback never waits for long. When the reader is late the oldest
    samples are overwritten and counted: what is heard now matters more than what was missed.
    """

    def __init__(self, capacity: int) -> None:
        self._data = np.zeros(capacity, np.float32)
        self._lock = threading.Lock()
        self._written = 0
        self._read = 0
        self.lost = 0
        """Samples that were overwritten before they were read."""

    def write(self, block: Samples) -> None:
        """Copy a block into the ring, shape (n,); of a block larger than the ring only its end is kept."""
        capacity = len(self._data)
        with self._lock:
            self._written += max(0, len(block) - capacity)
            kept = block[-capacity:]
            start = self._written % capacity
            first = min(len(kept), capacity - start)
            self._data[start : start + first] = kept[:first]
            self._data[: len(kept) - first] = kept[first:]
            self._written += len(kept)

    def drain(self) -> Samples:
        """Return a copy of all that was written since the last call, oldest first."""
        capacity = len(self._data)
        with self._lock:
            if self._written - self._read > capacity:
                self.lost += self._written - self._read - capacity
                self._read = self._written - capacity
            start, count = self._read % capacity, self._written - self._read
            self._read = self._written
            first = min(count, capacity - start)
            return np.concatenate([self._data[start : start + first], self._data[: count - first]])
