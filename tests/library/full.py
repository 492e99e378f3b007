"""A disk that is full: no file may grow beyond a limit."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def a_limit_of(size: int) -> Iterator[None]:
    """Let every write beyond `size` bytes of a file fail; Python ignores the signal that the system sends with it."""
    import resource  # POSIX has it

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
