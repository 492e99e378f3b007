"""The first start: no song is known yet."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QWidget

from livedj.party.messages import MakeDemoLibrary
from ui.button import Button
from ui.layout import column, row


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
        buttons = row(1, self.folder, self.demo, 1, gap=18)
        self.setLayout(
            column(
                2,
                _words("welcome", "Which songs may I play?"),
                _words("promise", "I listen to the room and propose what goes well next, from your own music."),
                1,
                buttons,
                1,
                _words("footnote", "Nothing that is heard is recorded, and nothing leaves this computer."),
                2,
                gap=10,
                margin=(24, 16),
            )
        )


def _words(role: str, text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", role)
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    label.setWordWrap(True)
    return label
