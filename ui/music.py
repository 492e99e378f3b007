"""The library as a window of its own: songs, folders, problems. The party goes on meanwhile."""

from PySide6.QtCore import QElapsedTimer, Qt, Signal
from PySide6.QtWidgets import QDialog, QTabWidget, QWidget

from livedj.music import Seconds
from livedj.party.snapshot import Snapshot
from ui.folders import FoldersView
from ui.layout import column
from ui.problems import ProblemsView
from ui.songs import SongsView

SHARE = 0.92
"""Of the main window's size, when it is opened."""
AGAIN_MS = 2000
"""While a scan goes on, what is shown is read again so often."""
UNREADABLE = "The library cannot be read: "


class MusicView(QDialog):
    """Three tabs. Escape closes it.

    What the open tab shows is asked for through its signals: `songs.order_wanted`, `songs.page_wanted`,
    `folders_wanted`, `problems_wanted`.
    """

    folders_wanted = Signal()
    problems_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._main = parent
        self.setWindowTitle("Library · livedj")
        self.songs, self.folders, self.problems = SongsView(), FoldersView(), ProblemsView()
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        for view, name in ((self.songs, "Songs"), (self.folders, "Folders"), (self.problems, "Problems")):
            self.tabs.addTab(view, name)
        self.tabs.currentChanged.connect(lambda _: self._ask())
        self.setLayout(column(self.tabs, margin=(16, 14)))
        self._state: tuple[object, ...] = ()
        self._told = QElapsedTimer()
        self._waits = False

    def open_at(self, view: QWidget) -> None:
        """Open with one of the three tabs, or come to the front with it."""
        if not self.isVisible():
            self.resize(self._main.size() * SHARE)
        self.songs.fit()
        if self.tabs.currentWidget() is view:
            self._ask()
        else:
            self.tabs.setCurrentWidget(view)  # which asks
        self.show()
        self.raise_()
        self.activateWindow()
        focus = {self.songs: self.songs.filter, self.folders: self.folders.table, self.problems: self.problems.list}
        focus[view].setFocus(Qt.FocusReason.OtherFocusReason)

    def render_music(self, snapshot: Snapshot, now: Seconds) -> None:
        """Follow the scan, and read again what it has changed, now and then."""
        if not self.isVisible():
            return
        self.folders.render_scan(snapshot.scan, now)
        self.songs.model.show_opinions(snapshot.opinions)
        scan = snapshot.scan
        state = (snapshot.library_size, scan and (scan.done, scan.total, scan.skipped, bool(scan.file)))
        if state != self._state and not self._waits and self._told.hasExpired(AGAIN_MS):
            self._state = state
            self._ask()

    def answered(self) -> None:
        """Take note that what was asked for has been read: a large library takes its time, and nothing piles up."""
        self._waits = False
        self._told.start()

    def _ask(self) -> None:
        self._waits = True
        shown = self.tabs.currentWidget()
        if shown is self.songs:
            self.songs.ask()
        elif shown is self.folders:
            self.folders_wanted.emit()
        else:
            self.problems_wanted.emit()
