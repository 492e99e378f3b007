"""Windows and covers that are gone when their test is over."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from livedj.library.shelf import Shelf
from livedj.party.messages import Intent
from tests.ui.night import LISTENING
from ui import open_window
from ui.bridge import Bridge
from ui.covers import Covers
from ui.window import MainWindow


@pytest.fixture
def covers(qtbot: QtBot) -> Iterator[Covers]:
    without_any = Covers(lambda track: None)
    yield without_any
    without_any.close()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def shelf(data: Path) -> Shelf:
    return Shelf(data)


@pytest.fixture
def opened(qtbot: QtBot, shelf: Shelf) -> Iterator[Bridge]:
    """A window that reads from the shelf."""
    bridge = open_window(lambda: LISTENING, lambda wish: None, lambda number: None, shelf)
    qtbot.addWidget(bridge.window)
    yield bridge
    bridge.stop()


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
