"""How the next song is chosen: a button with a menu, in which two knobs act while they are turned."""

import math
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from livedj.choose.scene import Taste
from livedj.party.messages import Intent, SetDrunk, SetKeepOn, SetTaste
from tests.ui.night import LISTENING, NOW, later
from ui.knob import Knob
from ui.pending import PATIENCE
from ui.taste import TasteButton
from ui.window import MainWindow

NO_BUTTON, LEFT = Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton


@pytest.fixture
def button(window: MainWindow) -> TasteButton:
    window.render_snapshot(LISTENING, NOW)
    return window.controls.taste


@pytest.fixture
def menu(button: TasteButton, qtbot: QtBot) -> Iterator[QMenu]:
    """The menu, opened."""
    opened = button.menu()
    opened.popup(button.mapToGlobal(QPoint(0, 0)))
    qtbot.waitUntil(opened.isVisible)
    yield opened
    opened.close()


def _place(knob: Knob, share: float) -> QPoint:
    """Return the place on the ring where that share of it is done."""
    way = math.radians(240 - 300 * share)
    half = knob.width() / 2
    return QPoint(round(half * (1 + 0.8 * math.cos(way))), round(half * (1 - 0.8 * math.sin(way))))


def _chosen(button: TasteButton) -> list[Taste]:
    return [taste for taste, action in button.tastes.items() if action.isChecked()]


def test_what_is_chosen_by_is_shown(window: MainWindow, button: TasteButton, wishes: list[Intent]) -> None:
    assert _chosen(button) == [Taste.BALANCED]
    assert [view.line.text() for view in (button.keep_on, button.drunk)] == ["KEEP ON · not at all", "DRUNK · 0 %"]
    window.render_snapshot(replace(LISTENING, taste=Taste.FREE, keep_on=3, drunk=0.25), later(0.1))
    assert _chosen(button) == [Taste.FREE]
    assert [view.knob.value() for view in (button.keep_on, button.drunk)] == [3, 25]
    assert [view.line.text() for view in (button.keep_on, button.drunk)] == ["KEEP ON · 3 songs", "DRUNK · 25 %"]
    assert wishes == []


def test_what_is_set_in_the_file_is_shown_as_it_is(window: MainWindow, button: TasteButton) -> None:
    window.render_snapshot(replace(LISTENING, keep_on=1, drunk=0.07), later(0.1))
    assert (button.keep_on.line.text(), button.drunk.line.text()) == ("KEEP ON · the last song", "DRUNK · 7 %")


def test_a_choice_is_a_wish(button: TasteButton, wishes: list[Intent]) -> None:
    button.tastes[Taste.STRICT].trigger()
    assert wishes == [SetTaste(Taste.STRICT)]


def test_to_choose_what_holds_already_changes_nothing(window: MainWindow, button: TasteButton) -> None:
    button.tastes[Taste.BALANCED].trigger()
    window.render_snapshot(LISTENING, later(0.1))
    assert _chosen(button) == [Taste.BALANCED]


@pytest.mark.usefixtures("menu")
def test_a_knob_goes_to_the_place_that_is_pressed(button: TasteButton, wishes: list[Intent], qtbot: QtBot) -> None:
    for view, share in ((button.keep_on, 0.5), (button.drunk, 1.0)):
        QTest.mouseClick(view.knob, LEFT, pos=_place(view.knob, share))
    assert wishes == [SetKeepOn(5), SetDrunk(1.0)]
    drunk = button.drunk.knob
    QTest.mouseClick(drunk, LEFT, pos=QPoint(drunk.width() // 2 - 2, drunk.height() - 1))  # in the gap, left of middle
    qtbot.waitUntil(lambda: wishes[-1] == SetDrunk(0.0))


def test_a_knob_acts_while_it_is_turned_but_not_with_every_touch(
    menu: QMenu, button: TasteButton, wishes: list[Intent], qtbot: QtBot
) -> None:
    knob = button.drunk.knob
    QTest.mousePress(knob, LEFT, pos=_place(knob, 0.1))
    for percent in range(10, 91):
        QTest.mouseMove(knob, _place(knob, percent / 100))
    assert knob.value() == 90
    assert wishes[0] == SetDrunk(0.1)
    qtbot.waitUntil(lambda: wishes[-1] == SetDrunk(0.9))
    assert len(wishes) < 10, "of 17 values that it passed"
    QTest.mouseRelease(knob, LEFT, pos=_place(knob, 0.9))
    assert menu.isVisible()


@pytest.mark.usefixtures("menu")
def test_a_hand_that_turns_on_past_an_end_does_not_come_out_at_the_other(button: TasteButton) -> None:
    knob = button.keep_on.knob
    QTest.mousePress(knob, LEFT, pos=_place(knob, 0.9))
    for share in (1.0, 1.1, 1.2, 1.3):
        QTest.mouseMove(knob, _place(knob, share))
    assert knob.value() == 10
    for share in (1.2, 1.1, 1.0, 0.9, 0.8):
        QTest.mouseMove(knob, _place(knob, share))
    assert knob.value() == 8
    QTest.mouseRelease(knob, LEFT, pos=_place(knob, 0.8))


@pytest.mark.usefixtures("menu")
def test_nothing_moves_a_knob_under_the_hand(window: MainWindow, button: TasteButton) -> None:
    knob = button.keep_on.knob
    QTest.mousePress(knob, LEFT, pos=_place(knob, 0.6))
    window.render_snapshot(LISTENING, later(0.1))
    window.render_snapshot(LISTENING, later(0.2 + PATIENCE))
    assert knob.value() == 6
    QTest.mouseRelease(knob, LEFT, pos=_place(knob, 0.6))
    window.render_snapshot(LISTENING, later(0.3 + PATIENCE))
    assert knob.value() == 0


def test_a_menu_that_closes_takes_the_knob_out_of_the_hand(
    window: MainWindow, menu: QMenu, button: TasteButton
) -> None:
    knob = button.keep_on.knob
    QTest.mousePress(knob, LEFT, pos=_place(knob, 0.6))
    menu.close()
    window.render_snapshot(replace(LISTENING, keep_on=6), later(0.1))
    window.render_snapshot(replace(LISTENING, keep_on=2), later(0.2))
    assert knob.value() == 2


@pytest.mark.usefixtures("menu")
def test_what_was_turned_to_stands_until_it_is_taken_up_or_was_not(window: MainWindow, button: TasteButton) -> None:
    knob = button.drunk.knob
    QTest.mouseClick(knob, LEFT, pos=_place(knob, 0.6))
    window.render_snapshot(LISTENING, later(0.1))
    assert knob.value() == 60
    window.render_snapshot(LISTENING, later(0.2 + PATIENCE))
    assert knob.value() == 0


def test_the_keyboard_turns_and_goes_from_knob_to_knob(
    menu: QMenu, button: TasteButton, wishes: list[Intent], qtbot: QtBot
) -> None:
    for _ in range(4):  # past the three tastes
        QTest.keyClick(menu, Qt.Key.Key_Down)
    assert button.keep_on.knob.hasFocus()
    QTest.keyClick(button.keep_on.knob, Qt.Key.Key_Up)
    QTest.keyClick(button.keep_on.knob, Qt.Key.Key_Right)
    assert button.keep_on.knob.value() == 2
    qtbot.waitUntil(lambda: wishes == [SetKeepOn(1), SetKeepOn(2)])
    QTest.keyClick(button.keep_on.knob, Qt.Key.Key_Tab)
    assert button.drunk.knob.hasFocus()
    QTest.keyClick(button.drunk.knob, Qt.Key.Key_Right)
    assert wishes[-1] == SetDrunk(0.05)
    QTest.keyClick(button.drunk.knob, Qt.Key.Key_Escape)
    assert not menu.isVisible()


@pytest.mark.usefixtures("menu")
def test_a_notch_of_the_wheel_is_a_step(button: TasteButton, wishes: list[Intent]) -> None:
    knob, middle = button.drunk.knob, QPointF(button.drunk.knob.rect().center())
    above = QPointF(knob.mapToGlobal(knob.rect().center()))
    notch = QWheelEvent(
        middle, above, QPoint(), QPoint(0, 120), NO_BUTTON, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(knob, notch)
    assert wishes == [SetDrunk(0.05)]


def test_enter_after_a_knob_was_turned_chooses_no_entry_that_the_pointer_had_passed(
    menu: QMenu, button: TasteButton, wishes: list[Intent], qtbot: QtBot
) -> None:
    inside, knob = menu.windowHandle(), button.drunk.knob
    passed, there = menu.actionGeometry(button.tastes[Taste.STRICT]).center(), knob.mapTo(menu, knob.rect().center())
    for place in (passed - QPoint(5, 0), passed, there - QPoint(5, 0), there):
        QTest.mouseMove(inside, place)
        if place == passed:
            qtbot.waitUntil(lambda: menu.activeAction() is button.tastes[Taste.STRICT])
    qtbot.waitUntil(lambda: menu.activeAction() is not button.tastes[Taste.STRICT])
    QTest.mouseClick(knob, LEFT, pos=_place(knob, 0.5))
    QTest.keyClick(knob, Qt.Key.Key_Return)
    assert wishes == [SetDrunk(0.5)]
    assert not menu.isVisible()


def test_a_click_beside_a_knob_does_nothing(menu: QMenu, button: TasteButton, wishes: list[Intent]) -> None:
    QTest.mouseClick(button.keep_on, LEFT, pos=QPoint(2, 2))
    assert menu.isVisible()
    assert wishes == []


def test_knobs_have_names_for_screen_readers(button: TasteButton) -> None:
    assert [view.knob.accessibleName() for view in (button.keep_on, button.drunk)] == ["Keep on", "Drunk"]
    assert all("\n" not in view.knob.accessibleDescription() != "" for view in (button.keep_on, button.drunk))
