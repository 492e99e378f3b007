"""Errands beside the window's thread: told on it, or why not."""

import threading

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from livedj.errors import CatalogueError
from ui.beside import Beside


def test_what_arrives_after_the_close_is_kept_back(qtbot: QtBot) -> None:
    beside = Beside()
    arrived: list[object] = []
    finished = threading.Event()
    beside.do(finished.set, arrived.append)
    assert finished.wait(30)
    beside.close()
    QApplication.processEvents()
    assert arrived == []


@pytest.mark.parametrize("error", [CatalogueError("The drive is gone."), OSError("The drive is gone.")])
def test_an_errand_that_fails_says_why(qtbot: QtBot, error: Exception) -> None:
    assert _told(qtbot, error) == ["Nothing was done: The drive is gone."]


def test_an_errand_that_fails_as_nobody_foresaw_is_answered_too_and_logged(
    qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    (sentence,) = _told(qtbot, KeyError("title"))
    assert str(sentence).startswith("Nothing was done: An unexpected fault (KeyError). Please report it with ")
    assert "Traceback" in caplog.text


def _told(qtbot: QtBot, error: Exception) -> list[object]:
    """Return what is answered to an errand that ends with `error`."""

    def fail() -> None:
        raise error

    beside, arrived = Beside(), list[object]()
    beside.do(fail, arrived.append, "Nothing was done: ")
    qtbot.waitUntil(lambda: bool(arrived))
    beside.close()
    return arrived
