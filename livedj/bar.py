"""How far a scan is, in the terminal."""

import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from livedj.library.progress import Progress


class Bar:
    """One pass of a scan: how far, how long it still takes, how many songs a second, and which one."""

    def __init__(self, bars: ExitStack, label: str, done: int) -> None:
        """Show the bar until `bars` is closed; `done` songs were before it."""
        bar = click.progressbar(length=1, label=label, show_pos=True, item_show_func=lambda text: text or "")
        self._bar: Any = bars.enter_context(bar)
        self._begun, self._before = time.monotonic(), done

    def show(self, progress: Progress) -> None:
        """Show how far the pass is now."""
        rate = (progress.done - self._before) / max(0.1, time.monotonic() - self._begun)
        self._bar.length = max(1, progress.total)
        self._bar.update(progress.done - self._bar.pos, f"{rate:.1f} a second · {Path(progress.file).name}")


def label_of(progress: Progress) -> str:
    """Return the name of the pass that a scan is in."""
    if progress.whole:
        return "Whole songs"
    return "Intros, anew for the new model" if progress.anew else "Intros"
