"""The music folders: what is in them, adding and removing them, and how far a scan is."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import QHeaderView, QProgressBar, QTreeWidget, QTreeWidgetItem, QWidget

from livedj.library.files import shown, shown_path
from livedj.library.shelf import Folder
from livedj.music import Seconds
from livedj.party.messages import RemoveFolder, ScanProgressed, StopScan
from ui.button import Button
from ui.layout import column, row
from ui.library import scan_runs
from ui.pace import Pace
from ui.text import Line, plain_tip

COLUMNS = ("FOLDER", "SONGS", "")
_AWAY = "not there: is its drive connected?"


class FoldersView(QWidget):
    """Wishes: RemoveFolder, StopScan. A folder to add is asked for through `folder_wanted`."""

    wished = Signal(object)
    folder_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._folders: Sequence[Folder] = ()
        self._pace = Pace()
        self.table = self._make_table()
        self.table.currentItemChanged.connect(self._allow)
        self.add = Button("Add music folder …", "folder")
        self.add.describe("Add music folder")
        self.add.clicked.connect(self.folder_wanted)
        self.remove = Button("Remove")
        self.remove.describe("Remove folder", help_text="Its songs stay on disk; they are proposed no more.")
        self.remove.clicked.connect(self._remove)
        self.said = Line("detail", shrink=0.8)
        self.scan_line = Line("detail", shrink=0.8)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName("Scan of the music folders")
        self.stop = Button("Stop", "stop")
        self.stop.describe("Stop the scan", help_text="The next one goes on where this one was.")
        self.stop.clicked.connect(lambda: self.wished.emit(StopScan()))
        self.running = QWidget()
        running = row(column(self.scan_line, self.progress, gap=6), self.stop, gap=16)
        running.setStretch(0, 1)
        self.running.setLayout(running)
        buttons = row(self.said, self.add, self.remove, gap=12)
        buttons.setStretchFactor(self.said, 1)
        whole = column(self.table, self.running, buttons, gap=12)
        whole.setStretchFactor(self.table, 1)
        self.setLayout(whole)

    def show_folders(self, folders: Sequence[Folder] | str) -> None:
        """Show these folders, or the sentence on why they cannot be read; the chosen one stays chosen."""
        chosen = self._chosen()
        self._folders = () if isinstance(folders, str) else folders
        if not self._folders:
            self.said.say(folders if isinstance(folders, str) else "There is no music folder yet.")
        self.table.clear()
        self.table.addTopLevelItems([_row(folder) for folder in self._folders])
        paths = [folder.path for folder in self._folders]
        if chosen is not None and chosen.path in paths:
            self.table.setCurrentIndex(self.table.model().index(paths.index(chosen.path), 0))
        self._allow()

    def render_scan(self, scan: ScanProgressed | None, now: Seconds) -> None:
        """Show how far the scan is, if one runs."""
        running = scan_runs(scan)
        if self.running.isVisibleTo(self) != running:
            self.running.setVisible(running)
        if scan is None or not running:
            return
        self._pace.follow(scan, now)
        self.scan_line.say(" · ".join(part for part in (_how_far(scan), self._pace.words(scan), scan.file) if part))
        if (self.progress.maximum(), self.progress.value()) != (scan.total, scan.done):
            self.progress.setRange(0, scan.total)
            self.progress.setValue(scan.done)

    def _make_table(self) -> QTreeWidget:
        table = QTreeWidget()
        table.setAccessibleName("Music folders")
        table.setHeaderLabels(COLUMNS)
        table.setRootIsDecorated(False)
        table.setAlternatingRowColors(True)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = table.header()
        header.setStretchLastSection(False)
        header.setSectionsClickable(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for place in (1, 2):
            header.setSectionResizeMode(place, QHeaderView.ResizeMode.ResizeToContents)
        return table

    def _chosen(self) -> Folder | None:
        place = self.table.currentIndex().row()
        return self._folders[place] if 0 <= place < len(self._folders) else None

    def _allow(self) -> None:
        self.remove.setEnabled(self._chosen() is not None)

    def _remove(self) -> None:
        folder = self._chosen()
        if folder is None:
            return
        self.table.clearSelection()
        self.table.setCurrentIndex(QModelIndex())  # or a second click would remove another one
        self.said.say(f"{shown(folder.path)} is removed. Its songs stay on disk; added again, they are known at once.")
        self.wished.emit(RemoveFolder(str(folder.path)))


def _row(folder: Folder) -> QTreeWidgetItem:
    path = shown_path(folder.path)
    item = QTreeWidgetItem([path, f"{folder.songs:,}".replace(",", "\u2009"), "" if folder.there else _AWAY])
    item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    item.setToolTip(0, plain_tip(path))
    return item


def _how_far(scan: ScanProgressed) -> str:
    name = "Whole songs" if scan.whole else "Hearing anew for the new model" if scan.anew else "Intros"
    skipped = f" · {scan.skipped} skipped" if scan.skipped else ""
    return f"{name} · {scan.done} of {scan.total}{skipped}"
