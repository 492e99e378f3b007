"""The window. PySide6 is imported only in this package.

`open_window` opens it, `run_until_closed` runs it, `close_window` closes it from any thread; `history_in` is what it
shows of the sessions whose logs a data folder holds. `picture` draws any
Snapshot into a PNG file, `chart` levels over time; both without a screen too (QT_QPA_PLATFORM=offscreen).
"""

from ui.chart import chart
from ui.nights import history_in
from ui.program import application, close_window, has_screen, open_window, run_until_closed
from ui.screenshot import picture, screenshot

__all__ = [
    "application",
    "chart",
    "close_window",
    "has_screen",
    "history_in",
    "open_window",
    "picture",
    "run_until_closed",
    "screenshot",
]
