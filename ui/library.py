"""The library: how many songs, adding more, how far a scan is, and the way to what was played, and to the map."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QProgressBar, QSizePolicy, QStackedWidget, QWidget

from livedj.party.messages import MakeDemoLibrary, ScanProgressed, StopScan
from ui import theme
from ui.button import Button
from ui.layout import column, row
from ui.text import Line


class LibraryView(QWidget):
    """Wishes: MakeDemoLibrary, StopScan.

    A folder is asked for through `folder_wanted`, the songs through `songs_wanted`, the list of files that cannot be
    used through `problems_wanted`, what was played through `history_wanted`, the queue through `queue_wanted`, the map
    through `map_wanted`.
    """

    wished = Signal(object)
    folder_wanted = Signal()
    songs_wanted = Signal()
    problems_wanted = Signal()
    history_wanted = Signal()
    queue_wanted = Signal()
    map_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.size_line = Line("eyebrow", shrink=0.8)
        self.button = Button("Add", "library")
        self.button.describe("Add music to the library")
        self.menu = self._make_menu()
        self.button.setMenu(self.menu)
        self.stop = Button("", "stop", role="small")
        self.stop.describe("Stop the scan", help_text="The next one goes on where this one was.")
        self.stop.clicked.connect(lambda: self.wished.emit(StopScan()))
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setMinimumWidth(1)  # the button that it takes turns with has the say
        self.progress.setAccessibleName("Scan of the music folders")
        self.file = Line("file")
        running = QWidget()
        running.setLayout(row(column(1, self.progress, self.file, 1, gap=3), self.stop, gap=10))
        self._stack = QStackedWidget()
        self._stack.addWidget(self.button)
        self._stack.addWidget(running)
        self.songs = Button("", "songs", role="small")
        self.songs.describe("Library", "L", "All songs, the music folders, and files that cannot be used.")
        self.songs.clicked.connect(self.songs_wanted)
        self.history = Button("", "history", role="small")
        self.history.describe("History", "H", "What was played in this session and in earlier ones.")
        self.history.clicked.connect(self.history_wanted)
        self.queue = Button("", "queue", role="small")
        self.queue.describe("Queue", "Q", "What you want to hear next, and songs like some without end.")
        self.queue.clicked.connect(self.queue_wanted)
        self.map = Button("", "map", role="small")
        self.map.describe("Map", "M", "All songs by what they sound like, and journeys through them.")
        self.map.clicked.connect(self.map_wanted)
        beside = (self.songs, self.queue, self.history, self.map)
        inside = column(self.size_line, row(self._stack, *beside, gap=10), gap=6)
        self.setLayout(inside)

    def render_library(self, size: int, scan: ScanProgressed | None) -> None:
        """Show the library's size, and the scan that runs or has just ended."""
        running = scan_runs(scan)
        self._stack.setCurrentIndex(1 if running else 0)
        self.size_line.say(_summary(size, scan))
        if self.unusable.text() != (entry := _unusable(scan)):
            self.unusable.setText(entry)
        if scan is None or not running:
            return
        if (self.progress.maximum(), self.progress.value()) != (scan.total, scan.done):
            self.progress.setRange(0, scan.total)  # 0…0 is Qt's “busy”: the folders are still being counted
            self.progress.setValue(scan.done)
        self.file.say(f"for the new model · {scan.file}" if scan.anew else scan.file)

    def _make_menu(self) -> QMenu:
        menu = QMenu(self.button)
        folder = menu.addAction(theme.icon("folder"), "Add music folder …")
        folder.triggered.connect(self.folder_wanted)
        demo = menu.addAction(theme.icon("spark"), "Make the demo library")
        demo.triggered.connect(lambda: self.wished.emit(MakeDemoLibrary()))
        self.unusable = menu.addAction(_unusable(None))
        self.unusable.triggered.connect(self.problems_wanted)
        return menu


def scan_runs(scan: ScanProgressed | None) -> bool:
    """Tell whether a scan goes on: it has a file in hand."""
    return scan is not None and scan.file != ""


def _unusable(scan: ScanProgressed | None) -> str:
    count = f" ({scan.skipped})" if scan is not None and scan.skipped else ""
    return f"Files that cannot be used{count} …"


def _summary(size: int, scan: ScanProgressed | None) -> str:
    songs = f"{size:,} song{'' if size == 1 else 's'}".replace(",", "\u2009")
    if scan is None:
        return f"LIBRARY · {songs}"
    skipped = f" · {scan.skipped} skipped" if scan.skipped else ""
    if scan_runs(scan):
        name = "WHOLE SONGS" if scan.whole else "HEARING ANEW" if scan.anew else "INTROS"
        return f"{name} · {scan.done} of {scan.total}{skipped}"
    return f"LIBRARY · {songs}{skipped}"
