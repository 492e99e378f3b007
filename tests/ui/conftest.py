"""Windows and covers that are gone when their test is over."""

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from livedj.party.messages import Intent
from ui.covers import Covers
from ui.window import MainWindow


@pytest.fixture
def covers(qtbot: QtBot) -> Iterator[Covers]:
    without_any = Covers(lambda track: None)
    yield without_any
    without_any.close()


@pytest.fixture
def window(qtbot: QtBot, covers: Covers) -> MainWindow:
    shown = MainWindow(covers)
    qtbot.addWidget(shown)
    with qtbot.waitExposed(shown):
        shown.show()
    return shown


@pytest.fixture
def wishes(window: MainWindow) -> list[Intent]:
    """Everything the person has asked for, in order."""
    heard: list[Intent] = []
    window.wished.connect(heard.append)
    return heard
