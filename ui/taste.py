"""How the next song is chosen: what the rules have to say, how far back the past counts, and how much is chance."""

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from livedj.choose.scene import Taste
from livedj.music import Seconds
from livedj.party.messages import SetDrunk, SetKeepOn, SetTaste
from livedj.party.snapshot import Snapshot
from ui.button import Button
from ui.pending import Pending

TASTES = {
    Taste.FREE: "Free: by sound alone",
    Taste.BALANCED: "Balanced: other artists first, gentle steps",
    Taste.STRICT: "Strict: keep artists apart, and tempo, key and energy",
}
PASTS = {0: "Not at all", 1: "The last song", 2: "2 songs", 3: "3 songs", 5: "5 songs", 10: "10 songs"}
CHANCES = {0.0: "Sober", 0.25: "A sip", 0.4: "Tipsy", 0.6: "Drunk"}
Value = TypeVar("Value")


class _Choice(Generic[Value]):
    """Entries of a menu of which one holds. One that was set elsewhere and is not offered leaves none checked."""

    def __init__(self, menu: QMenu, offered: Mapping[Value, str], chosen: Callable[[Value], None]) -> None:
        self._chosen = chosen
        self._group = QActionGroup(menu)
        self._group.setExclusionPolicy(QActionGroup.ExclusionPolicy.ExclusiveOptional)
        self.actions: dict[Value, QAction] = {}
        for value, words in offered.items():
            action = menu.addAction(words)
            action.setCheckable(True)
            action.triggered.connect(lambda _on, value=value: self._ask(value))
            self._group.addAction(action)
            self.actions[value] = action
        self._wish: Pending[Value] = Pending()

    def show_value(self, value: Value, now: Seconds) -> None:
        """Show what holds at the moment `now`."""
        shown = self._wish.shown(value, now)
        for offered, action in self.actions.items():
            if action.isChecked() != (offered == shown):
                action.setChecked(offered == shown)

    def _ask(self, value: Value) -> None:
        self._wish.ask(value)
        self._chosen(value)


class TasteButton(Button):
    """A small button with a menu. Wishes: SetTaste, SetKeepOn, SetDrunk."""

    wished = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("how?", role="word", parent=parent)
        self.describe("How the next song is chosen")
        menu = QMenu(self)
        self.taste = _Choice(menu, TASTES, lambda taste: self.wished.emit(SetTaste(taste)))
        menu.addSeparator()
        past, chance = menu.addMenu("Keep on: how far back the past counts"), menu.addMenu("Drunk: how much is chance")
        self.keep_on = _Choice(past, PASTS, lambda songs: self.wished.emit(SetKeepOn(songs)))
        self.drunk = _Choice(chance, CHANCES, lambda share: self.wished.emit(SetDrunk(share)))
        self.setMenu(menu)

    def render_choice(self, snapshot: Snapshot) -> None:
        """Show what is chosen by."""
        self.taste.show_value(snapshot.taste, snapshot.at)
        self.keep_on.show_value(snapshot.keep_on, snapshot.at)
        self.drunk.show_value(snapshot.drunk, snapshot.at)
