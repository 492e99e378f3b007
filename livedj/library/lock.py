"""One at a time changes a library: two who build the index at once would remove each other's files."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock
from filelock import FileLock

from livedj.errors import ScanError

LOCK_NAME = "scan.lock"


def in_use(data: Path) -> bool:
    """Tell whether somebody, this process included, holds the lock of the library in `data` now."""
    try:
        with alone(data):
            return False
    except ScanError:
        return True


@contextmanager
def alone(data: Path) -> Iterator[None]:
    """Hold the lock of the library in `data`.

    Raises:
        ScanError: another one holds it.

    """
    try:
        with FileLock(data / LOCK_NAME, timeout=0):
            yield
    except filelock.Timeout as error:
        raise ScanError("Another livedj is looking through your music already.") from error
