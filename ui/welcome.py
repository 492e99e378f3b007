"""The first start: no song is known yet."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QWidget

from livedj.party.messages import MakeDemoLibrary, ScanProgressed
from ui import theme
from ui.button import Button
from ui.layout import column, row
from ui.library import scan_runs

PROMISE = "I listen to the room and propose what goes well next, from your own music."
NOTHING_FOUND = "No music was found there. livedj plays mp3, m4a, flac, ogg, opus and wav."


class WelcomeView(QFrame):
    """Two ways to begin. Wishes: MakeDemoLibrary; a folder is asked for through `folder_wanted`."""

    wished = Signal(object)
    folder_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.folder = Button("Choose my music folder", "folder", role="primary")
        self.folder.describe("Choose my music folder", help_text="Its songs are read and left as they are.")
        self.folder.clicked.connect(self.folder_wanted)
        self.demo = Button("Try the demo library", "spark", role="big")
        self.demo.describe("Try the demo library", help_text="Makes 24 short songs in six styles, in about a minute.")
        self.demo.clicked.connect(lambda: self.wished.emit(MakeDemoLibrary()))
        self.promise = _words("promise", PROMISE)
        buttons = row(1, self.folder, self.demo, 1, gap=18)
        self.setLayout(
            column(
                2,
                _words("welcome", "Which songs may I play?"),
                self.promise,
                1,
                buttons,
                1,
                _words("footnote", "Nothing that is heard is recorded, and nothing leaves this computer."),
                2,
                gap=10,
                margin=(24, 16),
            )
        )

    def render_scan(self, scan: ScanProgressed | None) -> None:
        """Promise what is to come, or say that the scan that has just ended found nothing to play."""
        in_vain = scan is not None and not scan_runs(scan) and scan.total == 0
        if self.promise.text() != (words := NOTHING_FOUND if in_vain else PROMISE):
            self.promise.setText(words)
            theme.set_state(self.promise, "mood", "on" if in_vain else "")


def _words(role: str, text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", role)
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    label.setWordWrap(True)
    return label
