"""When auto-DJ starts a song: a button with three switches in a menu."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from livedj.music import Seconds
from livedj.party.messages import Intent, SetSituations, Situations
from tests.ui.night import LISTENING, NOW, later
from ui.situations import WAITS, SituationsButton
from ui.window import MainWindow

ALL = Situations()


@pytest.fixture
def button(window: MainWindow) -> SituationsButton:
    window.render_snapshot(LISTENING, NOW)
    return window.controls.situations


def _texts(actions: list[QAction]) -> list[str]:
    return [action.text() for action in actions]


def _chosen(button: SituationsButton) -> list[str]:
    return [choice.text() for choice in button.waits.actions() if choice.isChecked()]


def _with_the_menu_open(button: SituationsButton, qtbot: QtBot, hand: Callable[[], None]) -> None:
    """Open the menu by the keyboard, and let the hand do what it does there."""
    opened: list[bool] = []

    def act() -> None:
        opened.append(button.menu().isVisible())
        hand()
        opened.append(button.menu().isVisible())
        button.menu().close()

    button.menu().aboutToShow.connect(lambda: QTimer.singleShot(0, act))
    QTest.keyClick(button, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(opened) == 2)
    assert opened == [True, True], "the menu stays open while its switches are set"


def test_the_menu_tells_when_auto_dj_starts_a_song(window: MainWindow, button: SituationsButton) -> None:
    assert _texts(button.menu().actions()[:3]) == [
        "When our song nears its end",
        "When other music has ended",
        "When nothing has played for 8 s",
    ]
    assert all(action.isChecked() for action in button.menu().actions()[:3])
    window.render_snapshot(replace(LISTENING, situations=Situations(False, True, False, Seconds(30.0))), later(0.1))
    assert [action.isChecked() for action in button.menu().actions()[:3]] == [False, True, False]
    assert button.fill.text() == "When nothing has played for 30 s"
    assert not button.waits.menuAction().isEnabled()


@pytest.mark.parametrize(
    ("place", "wish"),
    [(0, replace(ALL, go_on=False)), (1, replace(ALL, take_over=False)), (2, replace(ALL, fill=False))],
)
def test_each_situation_is_switched_by_the_mouse(
    button: SituationsButton, wishes: list[Intent], qtbot: QtBot, place: int, wish: Situations
) -> None:
    menu = button.menu()

    def click() -> None:
        QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(menu.actions()[place]).center())

    _with_the_menu_open(button, qtbot, click)
    assert wishes == [SetSituations(wish)]


@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_Return])
def test_all_are_set_by_the_keyboard_in_one_go(
    button: SituationsButton, wishes: list[Intent], qtbot: QtBot, key: Qt.Key
) -> None:
    def press() -> None:
        for _ in range(2):
            QTest.keyClick(button.menu(), Qt.Key.Key_Down)
            QTest.keyClick(button.menu(), key)

    _with_the_menu_open(button, qtbot, press)
    assert wishes == [
        SetSituations(replace(ALL, go_on=False)),
        SetSituations(replace(ALL, go_on=False, take_over=False)),
    ]


def test_escape_closes_the_menu_and_sets_nothing(button: SituationsButton, wishes: list[Intent], qtbot: QtBot) -> None:
    menu = button.menu()
    menu.popup(button.mapToGlobal(QPoint(0, 0)))
    QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Escape)
    assert not menu.isVisible()
    assert wishes == []


def test_how_long_nothing_plays_is_chosen_from_a_few(button: SituationsButton, wishes: list[Intent]) -> None:
    assert _texts(button.waits.actions()) == [f"{wait} s" for wait in WAITS]
    assert _chosen(button) == ["8 s"]
    button.waits.actions()[2].trigger()
    assert wishes == [SetSituations(replace(ALL, fill_after=Seconds(15.0)))]
    assert _chosen(button) == ["15 s"]
    assert button.fill.text() == "When nothing has played for 15 s"


def test_a_wait_from_the_settings_file_is_offered_too(window: MainWindow, button: SituationsButton) -> None:
    window.render_snapshot(replace(LISTENING, situations=replace(ALL, fill_after=Seconds(12.5))), later(0.1))
    assert _texts(button.waits.actions()) == ["5 s", "8 s", "12.5 s", "15 s", "30 s", "60 s"]
    assert _chosen(button) == ["12.5 s"]
    button.waits.actions()[3].trigger()
    assert _texts(button.waits.actions()) == [f"{wait} s" for wait in WAITS], "it was never one of the usual ones"
    assert _chosen(button) == ["15 s"]


def test_a_switch_stays_where_the_hand_put_it_until_the_party_answers(
    window: MainWindow, button: SituationsButton
) -> None:
    button.go_on.trigger()
    window.render_snapshot(LISTENING, later(0.1))
    assert not button.go_on.isChecked()
    window.render_snapshot(replace(LISTENING, situations=replace(ALL, go_on=False)), later(0.2))
    window.render_snapshot(LISTENING, later(0.3))
    assert button.go_on.isChecked(), "somebody else may switch it on again"


def test_what_the_party_does_not_take_up_goes_back(window: MainWindow, button: SituationsButton) -> None:
    button.fill.trigger()
    window.render_snapshot(LISTENING, later(0.1))
    window.render_snapshot(LISTENING, later(3.0))
    assert button.fill.isChecked()


def test_the_button_says_what_it_is_for(button: SituationsButton) -> None:
    assert button.accessibleName() == "When auto-DJ starts a song"
    assert "When auto-DJ starts a song" in button.toolTip()


def test_the_menu_tells_whether_the_computer_stays_awake(window: MainWindow, button: SituationsButton) -> None:
    assert not button.awake.isVisible()
    sentence = "The computer is kept awake (org.gnome.SessionManager); the screen may go dark."
    window.render_snapshot(replace(LISTENING, awake=sentence), NOW)
    assert button.awake.text() == sentence
    assert button.awake.isVisible()
