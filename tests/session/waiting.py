"""Waiting for what another process or thread does."""

import threading
import time
from collections.abc import Callable

PATIENCE = 60.0
"""Seconds; only a failure takes so long."""


def eventually(true: Callable[[], object], what: str) -> None:
    """Look again and again until it is true."""
    deadline = time.monotonic() + PATIENCE
    pause = threading.Event()
    while not true():
        assert time.monotonic() < deadline, f"not within {PATIENCE:.0f} s: {what}"
        pause.wait(0.01)
