"""The window: what is heard, what plays, what comes next."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFileDialog, QMainWindow, QStackedWidget, QWidget

from livedj.music import Seconds
from livedj.party.messages import AddFolder
from livedj.party.snapshot import Snapshot
from ui import theme
from ui.controls import ControlsView
from ui.covers import Covers
from ui.heard import HeardView
from ui.history import HistoryView
from ui.layout import column, rescale, row
from ui.library import scan_runs
from ui.map import MapView
from ui.moment import brought_forward
from ui.music import MusicView
from ui.playing import PlayingView
from ui.proposals import SHOWN, ProposalsView
from ui.queue import QueueView
from ui.seekbar import KEY_STEP
from ui.text import Line
from ui.welcome import WelcomeView

WIDTH, HEIGHT = 1180, 760
"""The size at which one unit of the style sheet is one pixel."""
LEAST_WIDTH, LEAST_HEIGHT = 900, 600
KEYS = (
    "Space play/pause · 1–5 play a proposal · N skip · X cut · F fade now · A auto-DJ · L library · Q queue"
    " · H history · M map · ← → seek"
)
"""Stands in the message's line while there is no message."""
SCALES = (0.76, 2.4)
STEP = 0.04
"""The type grows in steps, because a new style sheet takes a moment."""


class MainWindow(QMainWindow):
    """Shows one Snapshot; says what a person wishes, and that the window was closed. It never asks back."""

    wished = Signal(object)
    history_wanted = Signal()
    closed = Signal()

    def __init__(self, covers: Covers) -> None:
        super().__init__()
        self.setWindowTitle("livedj")
        self.setWindowIcon(theme.app_icon())
        self.setMinimumSize(LEAST_WIDTH, LEAST_HEIGHT)
        self.heard = HeardView()
        self.playing = PlayingView(covers)
        self.proposals = ProposalsView(covers)
        self.welcome = WelcomeView()
        self.controls = ControlsView()
        self.message = Line("message", shrink=0.8)
        self.music = MusicView(self)
        self.history = HistoryView(self)
        self.queue = QueueView(self)
        self.map = MapView(self)
        self.next = QStackedWidget()
        self.next.addWidget(self.proposals)
        self.next.addWidget(self.welcome)
        self._lay_out()
        for view in (self.playing, self.proposals, self.welcome, self.controls, self.queue):
            view.wished.connect(self.wished)
        for beside in (self.music.folders, self.map):
            beside.wished.connect(self.wished)
        for asker in (self.welcome, self.controls, self.music.folders):
            asker.folder_wanted.connect(self._choose_folder)
        library = self.controls.library
        library.songs_wanted.connect(lambda: self.music.open_at(self.music.songs))
        library.problems_wanted.connect(lambda: self.music.open_at(self.music.problems))
        library.history_wanted.connect(self.history_wanted)
        library.queue_wanted.connect(self.queue.open_beside)
        library.map_wanted.connect(self.map.open_map)
        self._shown: tuple[Snapshot, Seconds] | None = None
        self._scale = 0.0
        self._rescale(1.0)
        self.resize(WIDTH, HEIGHT)
        self.setFocus()  # so that the first key is the party's and not the first button's

    def render_snapshot(self, snapshot: Snapshot, now: Seconds) -> None:
        """Show `snapshot` as of `now`; what has not changed costs nothing."""
        if self._shown is not None and self._shown[0] is snapshot and self._shown[1] == now:
            return
        self._shown = (snapshot, now)
        current = brought_forward(snapshot, now)
        self.heard.render_heard(current.heard, now)
        self.playing.render_playing(current)
        empty = current.library_size == 0 and not scan_runs(current.scan)
        self.next.setCurrentWidget(self.welcome if empty else self.proposals)
        self.welcome.render_scan(current.scan)
        self.proposals.render_proposals(current)
        self.controls.render_controls(current)
        self.music.render_music(current, now)
        self.queue.render_queue(current)
        self.map.render_map(current, now)
        self.message.say(current.message or KEYS)
        theme.set_state(self.message, "mood", "" if current.message else "dim")
        title = f"{current.playing.track.label} · livedj" if current.playing else "livedj"
        if title != self.windowTitle():
            self.setWindowTitle(title)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Obey the party's keys; a control reached by Tab has kept its own, and Escape gives them back."""
        key = event.key()
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.playing.seek.step(KEY_STEP if key == Qt.Key.Key_Right else Seconds(-KEY_STEP))
        elif event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier or event.isAutoRepeat():
            super().keyPressEvent(event)
        elif key == Qt.Key.Key_Space:
            self.playing.pause.click()
        elif key == Qt.Key.Key_N:
            self.playing.skip.click()
        elif key == Qt.Key.Key_X:
            self.playing.cut()
        elif key == Qt.Key.Key_F:
            self.playing.fade.click()
        elif key == Qt.Key.Key_A:
            self.controls.auto.click()
        elif key == Qt.Key.Key_L:
            self.controls.library.songs.click()
        elif key == Qt.Key.Key_Q:
            self.controls.library.queue.click()
        elif key == Qt.Key.Key_H:
            self.controls.library.history.click()
        elif key == Qt.Key.Key_M:
            self.controls.library.map.click()
        elif key == Qt.Key.Key_Escape:
            self.setFocus()
        elif Qt.Key.Key_1 <= key < Qt.Key.Key_1 + SHOWN:
            self.proposals.press(key - Qt.Key.Key_1 + 1)
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt's name)
        """Let the type grow with the window."""
        super().resizeEvent(event)
        fitting = min(event.size().width() / WIDTH, event.size().height() / HEIGHT)
        least, most = SCALES
        self._rescale(min(most, max(least, fitting // STEP * STEP)))

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 (Qt's name)
        """Tell that the window was closed: the program ends with it."""
        super().closeEvent(event)
        for beside in (self.music, self.history, self.queue, self.map):
            beside.close()
        self.closed.emit()

    def _lay_out(self) -> None:
        right = column(self.playing, self.next, gap=14)
        right.setStretchFactor(self.next, 1)
        top = row(self.heard, right, gap=14)
        top.setStretchFactor(self.heard, 10)
        top.setStretchFactor(right, 23)
        whole = column(top, self.message, self.controls, gap=9, margin=(16, 14))
        whole.setStretchFactor(top, 1)
        central = QWidget()
        central.setLayout(whole)
        self.setCentralWidget(central)
        central.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def _rescale(self, scale: float) -> None:
        if abs(scale - self._scale) < STEP / 2:
            return
        self._scale = scale
        self.setStyleSheet(theme.stylesheet(scale))
        rescale(self, scale)

    def _choose_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Choose a music folder")
        if folder:
            self.wished.emit(AddFolder(folder))
