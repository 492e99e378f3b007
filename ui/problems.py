"""The files that cannot be used, and why."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QListWidget, QWidget

from livedj.errors import LiveDjError
from ui.layout import column
from ui.text import Line

FetchProblems = Callable[[], Sequence[tuple[str, str]]]
"""Returns each file's path as it is shown, and the reason in a sentence."""

SHARE = 0.72
"""Of the main window's size, when the list is opened."""


def read_problems(fetch: FetchProblems) -> Sequence[tuple[str, str]] | str:
    """Return what `fetch` returns, or one sentence on why that cannot be read."""
    try:
        return fetch()
    except (LiveDjError, OSError) as error:
        return f"The list cannot be read: {error}"


class ProblemsView(QDialog):
    """A list beside the window, which goes on meanwhile. Escape closes it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._main = parent
        self.setWindowTitle("Files that cannot be used · livedj")
        self.heading = Line("eyebrow", shrink=0.8)
        self.list = QListWidget()
        self.list.setAccessibleName("Files that cannot be used")
        self.list.setAlternatingRowColors(True)
        self.list.setWordWrap(True)
        self.list.setResizeMode(QListWidget.ResizeMode.Adjust)  # wraps anew when the window is made wider
        self.list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setLayoutMode(QListWidget.LayoutMode.Batched)  # thousands of files must not hold the window up
        self.setLayout(column(self.heading, self.list, gap=10, margin=(16, 14)))

    def show_problems(self, problems: Sequence[tuple[str, str]] | str) -> None:
        """Open with `problems`, or with the sentence on why they cannot be read."""
        self.list.clear()
        if isinstance(problems, str):
            self.heading.say(problems)
        else:
            self.heading.say(f"FILES THAT CANNOT BE USED · {len(problems)}" if problems else "Every file can be used.")
            self.list.addItems([f"{path}\n{reason}" for path, reason in problems])
            self.list.setCurrentRow(0)
        if not self.isVisible():
            self.resize(self._main.size() * SHARE)
        self.show()
        self.raise_()
        self.activateWindow()
        self.list.setFocus()
