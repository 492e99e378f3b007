"""The ring keeps what was written last, counts what it lost, and holds under two threads."""

import threading

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from livedj.listen.ring import BlockRing


@given(st.integers(1, 50), st.lists(st.one_of(st.integers(0, 70), st.none()), max_size=20))
def test_what_is_drained_is_what_was_written_less_the_oldest(capacity: int, work: list[int | None]) -> None:
    """A number writes a block of that length, None drains."""
    ring, pending, count, lost = BlockRing(capacity), np.zeros(0, np.float32), 0, 0
    for length in [*work, None]:
        if length is None:
            lost += max(0, len(pending) - capacity)
            np.testing.assert_array_equal(ring.drain(), pending[-capacity:])
            assert ring.lost == lost
            pending = pending[:0]
        else:
            block = np.arange(count, count + length, dtype=np.float32)
            ring.write(block)
            pending, count = np.concatenate([pending, block]), count + length


def test_two_threads_lose_nothing_in_a_ring_that_is_large_enough() -> None:
    ring, blocks, read = BlockRing(200_000), 1000, np.zeros(0, np.float32)

    def write() -> None:
        for number in range(blocks):
            ring.write(np.full(100, number, np.float32))

    writer = threading.Thread(target=write)
    writer.start()
    while writer.is_alive():
        read = np.concatenate([read, ring.drain()])
    read = np.concatenate([read, ring.drain()])
    np.testing.assert_array_equal(read, np.repeat(np.arange(blocks, dtype=np.float32), 100))
    assert ring.lost == 0
