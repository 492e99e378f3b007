"""What a person thinks of a song: a heart, or never again."""

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from livedj.choose.scene import Opinion
from livedj.music import Seconds, Track
from livedj.party.messages import SetOpinion
from ui import theme
from ui.button import Button
from ui.layout import row
from ui.pending import Pending


class OpinionButtons(QWidget):
    """A heart and a ban for one song. Wishes: SetOpinion."""

    wished = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.heart = Button(role="opinion")
        self.ban = Button(icon="ban", role="opinion")
        self._track: Track | None = None
        self._held: Track | None = None
        self._opinion: Opinion | None = None
        self._asked: Pending[Opinion | None] = Pending()
        for button, opinion in ((self.heart, Opinion.LIKED), (self.ban, Opinion.BANNED)):
            button.pressed.connect(self._hold)
            button.clicked.connect(partial(self._ask, opinion))
        self.setLayout(row(self.heart, self.ban, gap=2))

    def render_opinion(self, track: Track, opinion: Opinion | None, now: Seconds) -> None:
        """Show what the person thinks of a song."""
        if self._track is None or track.id != self._track.id:
            self._asked.forget()
            self.ban.describe(f"Never play {track.label}", help_text="It leaves at once. The library takes it back.")
        self._track = track
        opinion = self._asked.shown(opinion, now)
        liked = opinion is Opinion.LIKED
        if self.heart.property("liked") != liked:
            theme.set_state(self.heart, "liked", liked)
            self.heart.setIcon(theme.icon("heart" if liked else "heart-line", "accent" if liked else "dim"))
            self.heart.describe("Take the heart back" if liked else "I like this song")
        self._opinion = opinion

    def _hold(self) -> None:
        # The song may change while the finger is down: what was pressed is meant.
        self._held = self._track

    def _ask(self, opinion: Opinion) -> None:
        if self._held is None:
            return
        wanted = None if opinion is self._opinion else opinion
        self._asked.ask(wanted)
        self.wished.emit(SetOpinion(self._held, wanted))
