"""The files that cannot be used, why, and what can be done."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidget, QWidget

from livedj.library.catalogue import Problem
from livedj.library.files import shown_path
from ui.layout import column
from ui.text import Line


class ProblemsView(QWidget):
    """A list: each file with the reason and the remedy."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: Sequence[Problem] | str | None = None
        self.said = Line("detail", shrink=0.8)
        self.list = QListWidget()
        self.list.setAccessibleName("Files that cannot be used")
        self.list.setAlternatingRowColors(True)
        self.list.setWordWrap(True)
        self.list.setResizeMode(QListWidget.ResizeMode.Adjust)  # wraps anew when the window is made wider
        self.list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setLayoutMode(QListWidget.LayoutMode.Batched)  # thousands of files must not hold the window up
        self.setLayout(column(self.list, self.said, gap=10))

    def show_problems(self, problems: Sequence[Problem] | str) -> None:
        """Show `problems`, or the sentence on why they cannot be read."""
        if problems == self._shown:  # nothing moves under the eyes of who reads
            return
        self._shown = problems
        place = self.list.currentRow()
        self.list.clear()
        if isinstance(problems, str):
            self.said.say(problems)
            return
        count = len(problems)
        self.said.say(f"{count} {'file' if count == 1 else 'files'}" if problems else "Every file can be used.")
        self.list.addItems([_lines(problem) for problem in problems])
        self.list.setCurrentRow(max(0, min(place, count - 1)))


def _lines(problem: Problem) -> str:
    remedy = f"\n→ {problem.remedy}" if problem.remedy else ""
    return f"{shown_path(problem.path)}\n{problem.reason}{remedy}"
