"""The files that cannot be used, why, and what can be done."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from livedj.library.catalogue import Problem
from livedj.library.files import shown_path
from ui.layout import column
from ui.text import Line

_PATH = Qt.ItemDataRole.UserRole


class ProblemsView(QWidget):
    """A list: each file with the reason and the remedy."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
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
        """Show `problems`, or the sentence on why they cannot be read.

        Those that are shown keep their places, so that nothing moves under the eyes of who reads; others come last.
        """
        if isinstance(problems, str):
            self.list.clear()
            self.said.say(problems)
            return
        count = len(problems)
        self.said.say(f"{count} {'file' if count == 1 else 'files'}" if problems else "Every file can be used.")
        wanted = {problem.path: problem for problem in problems}
        shown = set[Path]()
        for row in reversed(range(self.list.count())):
            item = self.list.item(row)
            path = item.data(_PATH)
            shown.add(path)
            if path not in wanted:
                self.list.takeItem(row)
            elif item.text() != (lines := _lines(wanted[path])):
                item.setText(lines)
        for problem in problems:
            if problem.path not in shown:
                item = QListWidgetItem(_lines(problem), self.list)
                item.setData(_PATH, problem.path)
        if self.list.currentRow() < 0:
            self.list.setCurrentRow(0)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 (Qt's name)
        """Forget the order: when the list is opened again it is in order of path."""
        if not event.spontaneous():  # as it is where the whole window is made small
            self.list.clear()
        super().hideEvent(event)


def _lines(problem: Problem) -> str:
    remedy = f"\n→ {problem.remedy}" if problem.remedy else ""
    return f"{shown_path(problem.path)}\n{problem.reason}{remedy}"
