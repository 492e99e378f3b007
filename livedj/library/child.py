"""What a process that works for the library in the background does first."""

import multiprocessing
import os
import threading


def become_background(niceness: int) -> None:
    """Let this process, started by `multiprocessing`, give way to others by so much, and end with its parent."""
    threading.Thread(target=_follow_parent, daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(niceness)


def _follow_parent() -> None:
    """End this process with its parent: one that was killed can neither stop its workers nor keep their time limit."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
