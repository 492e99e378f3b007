"""How the next song is chosen: what the rules have to say beside the sound."""

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from livedj.choose.scene import Taste
from livedj.music import Seconds
from livedj.party.messages import SetTaste
from ui.button import Button
from ui.pending import Pending

_WORDS = {
    Taste.FREE: "Free: by sound alone",
    Taste.BALANCED: "Balanced: other artists first, gentle steps",
    Taste.STRICT: "Strict: keep artists apart, and tempo, key and energy",
}


class TasteButton(Button):
    """A small button with a menu of three choices. Wishes: SetTaste."""

    wished = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("how?", role="word", parent=parent)
        self.describe("How the next song is chosen")
        self._list = QMenu(self)
        group = QActionGroup(self)
        self.choices = {}
        for taste, words in _WORDS.items():
            choice = self._list.addAction(words)
            choice.setCheckable(True)
            choice.triggered.connect(partial(self._ask, taste))
            group.addAction(choice)
            self.choices[taste] = choice
        self._wish: Pending[Taste] = Pending()
        self.setMenu(self._list)

    def render_taste(self, taste: Taste, now: Seconds) -> None:
        """Show what is chosen by."""
        self.choices[self._wish.shown(taste, now)].setChecked(True)

    def _ask(self, taste: Taste) -> None:
        self._wish.ask(taste)
        self.wished.emit(SetTaste(taste))
