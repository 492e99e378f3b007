"""How the next song is chosen: what the rules have to say, how far back the past counts, and how much is chance."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QEnterEvent
from PySide6.QtWidgets import QLabel, QMenu, QWidget, QWidgetAction

from livedj.choose.scene import Taste
from livedj.choose.steering import MOST_KEPT
from livedj.music import Seconds
from livedj.party.messages import SetDrunk, SetKeepOn, SetTaste
from livedj.party.snapshot import Snapshot
from ui.button import Button
from ui.knob import Knob
from ui.layout import column, row
from ui.pending import Pending
from ui.text import Line

TASTES = {
    Taste.FREE: "Free: by sound alone",
    Taste.BALANCED: "Balanced: other artists first, gentle steps",
    Taste.STRICT: "Strict: keep artists apart, and tempo, key and energy",
}
_CHANCE_STEP = 5
"""Percent."""


class KnobView(QWidget):
    """A knob, its name and value above it, and below it what it does in a sentence."""

    chosen = Signal(int)

    def __init__(self, knob: Knob, name: str, sentence: str, words: Callable[[int], str]) -> None:
        """`words` tell a value; `sentence` has its line breaks."""
        super().__init__()
        self.knob = knob
        self._name, self._words = name.upper(), words
        self._wish: Pending[int] = Pending()
        widest = max(map(self._said, range(knob.maximum() + 1)), key=len)
        self.line = Line("eyebrow", align=Qt.AlignmentFlag.AlignHCenter, sample=widest)
        self.line.say(self._said(knob.value()))
        meaning = QLabel(sentence)
        meaning.setProperty("role", "reason")
        meaning.setAlignment(Qt.AlignmentFlag.AlignCenter)
        knob.setAccessibleName(name)
        knob.setAccessibleDescription(" ".join(sentence.split()))
        knob.valueChanged.connect(lambda value: self.line.say(self._said(value)))
        knob.chosen.connect(self._ask)
        inside = column(self.line, knob, meaning, gap=8)
        for part in (self.line, knob, meaning):
            inside.setAlignment(part, Qt.AlignmentFlag.AlignHCenter)
        self.setLayout(inside)

    def show_value(self, value: int, now: Seconds) -> None:
        """Show what holds at the moment `now`."""
        self.knob.show_value(self._wish.shown(value, now))

    def _said(self, value: int) -> str:
        return f"{self._name} · {self._words(value)}"

    def _ask(self, value: int) -> None:
        self._wish.ask(value)
        self.chosen.emit(value)


class _Knobs(QWidget):
    """Knobs side by side in a menu, which Tab goes through before it leaves them."""

    entered = Signal()

    def __init__(self, *views: KnobView) -> None:
        super().__init__()
        self._knobs = [view.knob for view in views]
        self.setLayout(row(*views, gap=26, margin=(18, 12)))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFocusProxy(self._knobs[0])
        # A click beside a knob is none on the entry of the menu, which would close it.
        self.setAttribute(Qt.WidgetAttribute.WA_NoMousePropagation)

    def enterEvent(self, event: QEnterEvent) -> None:  # noqa: N802 (Qt's name)
        """Tell that the pointer is here: no other entry of the menu is meant then, by Enter for instance."""
        super().enterEvent(event)
        self.entered.emit()

    def focusNextPrevChild(self, onwards: bool) -> bool:  # noqa: N802 (Qt's name)
        """Go on to the next knob; from the last one to the menu's next entry."""
        held = next((place for place, knob in enumerate(self._knobs) if knob.hasFocus()), 0)
        there = held + (1 if onwards else -1)
        if not 0 <= there < len(self._knobs):
            return super().focusNextPrevChild(onwards)
        self._knobs[there].setFocus(Qt.FocusReason.TabFocusReason)
        return True


class TasteButton(Button):
    """A small button with a menu. Wishes: SetTaste, SetKeepOn, SetDrunk; the knobs' while they are turned."""

    wished = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("how?", role="word", parent=parent)
        self.describe("How the next song is chosen")
        menu = QMenu(self)
        self._group = QActionGroup(menu)
        self.tastes = {taste: self._offer(menu, taste) for taste in Taste}
        self._taste: Pending[Taste] = Pending()
        self.keep_on = KnobView(
            Knob(MOST_KEPT), "Keep on", "The last songs join what is heard\nin asking for the next.", _songs
        )
        self.keep_on.chosen.connect(lambda songs: self.wished.emit(SetKeepOn(songs)))
        self.drunk = KnobView(
            Knob(100, _CHANCE_STEP), "Drunk", "So much of the choice\nis left to chance.", "{} %".format
        )
        self.drunk.chosen.connect(lambda percent: self.wished.emit(SetDrunk(percent / 100)))
        knobs, entry = _Knobs(self.keep_on, self.drunk), QWidgetAction(menu)
        entry.setDefaultWidget(knobs)
        knobs.entered.connect(lambda: menu.setActiveAction(entry))
        menu.addSeparator()
        menu.addAction(entry)
        self.setMenu(menu)

    def render_choice(self, snapshot: Snapshot) -> None:
        """Show what is chosen by."""
        self.tastes[self._taste.shown(snapshot.taste, snapshot.at)].setChecked(True)
        self.keep_on.show_value(snapshot.keep_on, snapshot.at)
        self.drunk.show_value(round(100 * snapshot.drunk), snapshot.at)

    def _offer(self, menu: QMenu, taste: Taste) -> QAction:
        action = menu.addAction(TASTES[taste])
        action.setCheckable(True)
        action.triggered.connect(lambda: self._ask(taste))
        self._group.addAction(action)
        return action

    def _ask(self, taste: Taste) -> None:
        self._taste.ask(taste)
        self.wished.emit(SetTaste(taste))


def _songs(number: int) -> str:
    return "not at all" if number == 0 else "the last song" if number == 1 else f"{number} songs"
