"""The window. PySide6 is imported only in this package.

`run_window` is the whole program; `open_window` and `close_window` are for a caller that runs Qt's loop itself;
`picture` draws any Snapshot into a PNG file, `chart` levels over time; both without a screen too
(QT_QPA_PLATFORM=offscreen).
"""

from ui.chart import chart
from ui.program import application, close_window, has_screen, open_window, run_window
from ui.screenshot import picture, screenshot

__all__ = ["application", "chart", "close_window", "has_screen", "open_window", "picture", "run_window", "screenshot"]
