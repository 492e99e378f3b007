"""How the next song is chosen: a button with a menu."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtGui import QAction

from livedj.choose.scene import Taste
from livedj.party.messages import Intent, SetDrunk, SetKeepOn, SetTaste
from tests.ui.night import LISTENING, NOW, later
from ui.pending import PATIENCE
from ui.taste import TasteButton
from ui.window import MainWindow


@pytest.fixture
def button(window: MainWindow) -> TasteButton:
    window.render_snapshot(LISTENING, NOW)
    return window.controls.taste


def _checked(actions: Mapping[Any, QAction]) -> list[Any]:
    return [value for value, action in actions.items() if action.isChecked()]


def test_what_is_chosen_by_is_shown(window: MainWindow, button: TasteButton) -> None:
    choices = (button.taste.actions, button.keep_on.actions, button.drunk.actions)
    assert [_checked(actions) for actions in choices] == [[Taste.BALANCED], [0], [0.0]]
    window.render_snapshot(replace(LISTENING, taste=Taste.FREE, keep_on=3, drunk=0.25), later(0.1))
    assert [_checked(actions) for actions in choices] == [[Taste.FREE], [3], [0.25]]


def test_what_is_set_in_the_file_and_not_offered_leaves_none_checked(window: MainWindow, button: TasteButton) -> None:
    window.render_snapshot(replace(LISTENING, keep_on=7), later(0.1))
    assert _checked(button.keep_on.actions) == []


def test_a_choice_is_a_wish(button: TasteButton, wishes: list[Intent]) -> None:
    button.taste.actions[Taste.STRICT].trigger()
    button.keep_on.actions[5].trigger()
    button.drunk.actions[0.6].trigger()
    assert wishes == [SetTaste(Taste.STRICT), SetKeepOn(5), SetDrunk(0.6)]


def test_a_choice_stands_until_it_is_taken_up_or_was_not(window: MainWindow, button: TasteButton) -> None:
    button.drunk.actions[0.6].trigger()
    window.render_snapshot(LISTENING, later(0.1))
    assert _checked(button.drunk.actions) == [0.6]
    window.render_snapshot(LISTENING, later(0.2 + PATIENCE))
    assert _checked(button.drunk.actions) == [0.0]


def test_to_choose_what_holds_already_changes_nothing(window: MainWindow, button: TasteButton) -> None:
    button.taste.actions[Taste.BALANCED].trigger()
    window.render_snapshot(LISTENING, later(0.1))
    assert _checked(button.taste.actions) == [Taste.BALANCED]
