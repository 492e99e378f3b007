"""What a person thinks of a song: a heart, or never again."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QWidget

from livedj.choose.scene import Opinion
from livedj.music import Seconds, Track
from livedj.party.messages import SetOpinion
from ui import theme
from ui.button import Button
from ui.layout import row
from ui.pending import Pending

Shown = tuple[Opinion | None]
"""What is shown for a song; in a tuple, since nothing can be wished for too."""


class OpinionButtons(QWidget):
    """A heart and a ban for one song. Wishes: SetOpinion."""

    wished = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.heart = Button(role="opinion")
        self.ban = Button(role="opinion")
        self._track: Track | None = None
        self.shown: Opinion | None = None
        self._held: tuple[Track, Opinion | None] | None = None
        self._asked: Pending[Shown] = Pending()
        self.heart.clicked.connect(lambda: self._ask(Opinion.LIKED))
        self.ban.clicked.connect(lambda: self._ask(Opinion.BANNED))
        for button in (self.heart, self.ban):
            button.pressed.connect(self._hold)
        self.setLayout(row(self.heart, self.ban, gap=2))
        self._show(None)

    def render_opinion(self, track: Track, opinion: Opinion | None, now: Seconds) -> None:
        """Show what the person thinks of a song."""
        if self._track is None or track.id != self._track.id:
            self._asked.forget()
        self._track = track
        (shown,) = self._asked.shown((opinion,), now)
        if shown is not self.shown:
            self._show(shown)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Keep a click that misses both by a hair from what lies behind."""
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """As for a press."""
        event.accept()

    def _show(self, opinion: Opinion | None) -> None:
        self.shown = opinion
        liked, banned = opinion is Opinion.LIKED, opinion is Opinion.BANNED
        self.heart.setIcon(theme.icon("heart" if liked else "heart-line", "accent" if liked else "dim"))
        self.heart.describe("Take the heart back" if liked else "I like this song")
        self.ban.setIcon(theme.icon("ban", "alarm" if banned else "dim"))
        self.ban.describe("Take the ban back" if banned else "Never play this song", help_text="A banned song leaves.")

    def _hold(self) -> None:
        # The song may change while the finger is down: what was pressed is meant.
        self._held = None if self._track is None else (self._track, self.shown)

    def _ask(self, opinion: Opinion) -> None:
        if self._held is None:
            return
        track, former = self._held
        wanted = None if opinion is former else opinion
        if self._track is not None and self._track.id == track.id:
            self._asked.ask((wanted,))
            self._show(wanted)
        self.wished.emit(SetOpinion(track, wanted))
