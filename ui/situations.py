"""When auto-DJ starts a song by itself: three situations, each with its own switch."""

from dataclasses import replace
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QMenu, QWidget

from livedj.music import Seconds
from livedj.party.messages import SetSituations, Situations
from ui.button import Button
from ui.pending import Pending

WAITS = (5, 8, 15, 30, 60)
"""Seconds without music to choose from."""
_PRESS = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)


class _StayingMenu(QMenu):
    """A menu that stays open while its switches are set; Escape or a click beside it closes it."""

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        if not _switched(self.actionAt(event.position().toPoint())):
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        if event.key() not in _PRESS or not _switched(self.activeAction()):
            super().keyPressEvent(event)


def _switched(action: QAction | None) -> bool:
    """Switch the action, if it is one that can be."""
    if action is None or not (action.isCheckable() and action.isEnabled()):
        return False
    action.trigger()
    return True


class SituationsButton(Button):
    """A small button with a menu: three switches, and a sentence on the computer's sleep. Wishes: SetSituations."""

    wished = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("when?", role="word", parent=parent)
        self.describe("When auto-DJ starts a song")
        self.go_on = _switch("When our song nears its end")
        self.take_over = _switch("When other music has ended")
        self.fill = _switch("")
        self._list = _StayingMenu(self)
        self._list.addActions([self.go_on, self.take_over, self.fill])
        self.waits = self._list.addMenu("For how long")
        self._list.addSeparator()
        self.awake = self._list.addAction("")  # to read: it does nothing
        self._choices = QActionGroup(self)
        self._shown = Situations()
        self._wish: Pending[Situations] = Pending()
        self.go_on.triggered.connect(lambda on: self._ask(replace(self._shown, go_on=on)))
        self.take_over.triggered.connect(lambda on: self._ask(replace(self._shown, take_over=on)))
        self.fill.triggered.connect(lambda on: self._ask(replace(self._shown, fill=on)))
        self.setMenu(self._list)
        self._show(self._shown)

    def render_situations(self, situations: Situations, awake: str, now: Seconds) -> None:
        """Show in which situations auto-DJ starts a song, and whether the computer stays awake for it."""
        self.awake.setText(awake)
        self.awake.setVisible(bool(awake))
        shown = self._wish.shown(situations, now)
        if shown != self._shown:
            self._show(shown)

    def _show(self, situations: Situations) -> None:
        self._shown = situations
        self.go_on.setChecked(situations.go_on)
        self.take_over.setChecked(situations.take_over)
        self.fill.setChecked(situations.fill)
        self.fill.setText(f"When nothing has played for {situations.fill_after:g} s")
        self.waits.menuAction().setEnabled(situations.fill)
        seconds = sorted({*map(float, WAITS), situations.fill_after})
        if [choice.data() for choice in self._choices.actions()] != seconds:
            self._offer(seconds)
        for choice in self._choices.actions():
            choice.setChecked(choice.data() == situations.fill_after)

    def _offer(self, seconds: list[float]) -> None:
        """List the waits to choose from: the usual ones, and the one that is set."""
        for choice in self._choices.actions():
            self._choices.removeAction(choice)
            self.waits.removeAction(choice)
            choice.deleteLater()  # not at once: it may be the very one that was chosen
        for wait in seconds:
            choice = self.waits.addAction(f"{wait:g} s")
            choice.setCheckable(True)
            choice.setData(wait)
            choice.triggered.connect(partial(self._wait_for, Seconds(wait)))
            self._choices.addAction(choice)

    def _wait_for(self, seconds: Seconds) -> None:
        self._ask(replace(self._shown, fill_after=seconds))

    def _ask(self, situations: Situations) -> None:
        self._wish.ask(situations)
        self._show(situations)
        self.wished.emit(SetSituations(situations))


def _switch(text: str) -> QAction:
    action = QAction(text)
    action.setCheckable(True)
    return action
