"""Many songs without their sound: a scan that finds nothing new, the start of the program, the library's view."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer

from livedj import bundled
from livedj.demo.room import VirtualRoom
from livedj.library.scanner import Scanner
from livedj.library.shelf import Column, Order, Shelf
from livedj.music import Seconds, TrackId
from livedj.party.snapshot import Snapshot
from tests.bench.start import child
from ui import application, open_window

STARTS = 3
STEPS, STEP_MS = 100, 10
"""Pages that are scrolled through, and the time from one to the next."""
_PAGE = 200


def rescan(data: Path, music: Path) -> dict[str, Any]:
    """Scan a library of which every file is known; all that is left is bookkeeping."""
    seconds, progress = timed(lambda: Scanner(data, bundled.MODEL).scan([music]))
    return {"rescan_s": round(seconds, 1), "files": progress.done}


def start(room: VirtualRoom, data: Path, song: Path) -> dict[str, Any]:
    """Start the program, its window included, until it listens; the folders are looked through meanwhile."""
    seconds = [child(room, data, 1, song)["listening_s"] for _ in range(STARTS)]
    return {"listening_s": round(statistics.median(seconds), 2)}


def browse(data: Path) -> dict[str, Any]:
    """Order, find and turn pages beside the window; then scroll in it, page by page, as fast as it can draw."""
    shelf = Shelf(data)
    orders = [timed(lambda column=column: shelf.order(Order(column)))[0] for column in Column]  # type: ignore[misc]
    finding, found = timed(lambda: shelf.order(Order(words="artist 77 title 9")))
    every = shelf.order(Order())
    pages = [[TrackId(int(song)) for song in every[begin : begin + _PAGE]] for begin in range(0, len(every), _PAGE)]
    turns = [timed(lambda page=page: shelf.songs(page))[0] for page in pages[:: max(1, len(pages) // STEPS)]]  # type: ignore[misc]
    return {
        "order_s": round(max(orders), 2),
        "find_s": round(finding, 2),
        "found": len(found),
        "page_ms": round(1000 * statistics.median(turns), 1),
        "scroll_p99_ms": round(1000 * _scroll(shelf), 1),
    }


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the seconds that something took, and what came of it."""
    began = time.perf_counter()
    done = work()
    return time.perf_counter() - began, done


def _scroll(shelf: Shelf) -> float:
    """Return the longest but one in a hundred of the times for which a step of scrolling holds the window's thread."""
    bridge = open_window(lambda: Snapshot(Seconds(time.monotonic())), lambda wish: None, lambda song: None, shelf)
    songs = bridge.window.music.songs
    bar, held = songs.table.verticalScrollBar(), list[float]()

    def step() -> None:
        if songs.model.rowCount():
            bar.setValue(bar.maximum() * len(held) // STEPS)
            held.append(timed(songs.table.viewport().repaint)[0])
        if len(held) == STEPS:
            application().quit()

    timer = QTimer()
    timer.timeout.connect(step)
    bridge.window.music.open_at(songs)
    timer.start(STEP_MS)
    application().exec()
    timer.stop()
    bridge.window.close()
    return statistics.quantiles(held, n=100)[98]
