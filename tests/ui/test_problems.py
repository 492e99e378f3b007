"""The list of files that cannot be used."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from livedj.errors import CatalogueError
from livedj.party.messages import Intent, ScanProgressed
from tests.ui.night import LISTENING, NOW, later
from ui import open_window, run_until_closed
from ui.beside import Beside
from ui.bridge import Bridge
from ui.problems import FetchProblems
from ui.window import MainWindow

TWO = [("Copper Sun/02.flac", "02.flac holds no sound."), ("<b>03</b>.mp3", "<b>03</b>.mp3 cannot be decoded.")]

Opened = Callable[[FetchProblems], Bridge]


@pytest.fixture
def opened(qtbot: QtBot) -> Iterator[Opened]:
    bridges: list[Bridge] = []

    def open_one(problems: FetchProblems) -> Bridge:
        bridges.append(open_window(lambda: LISTENING, lambda wish: None, lambda number: None, problems))
        qtbot.addWidget(bridges[-1].window)
        return bridges[-1]

    yield open_one
    for bridge in bridges:
        bridge.stop()


def _rows(window: MainWindow) -> list[str]:
    shown = window.problems.list
    return [shown.item(place).text() for place in range(shown.count())]


def _ask(bridge: Bridge) -> None:
    bridge.window.controls.library.unusable.trigger()


def test_the_entry_tells_how_many_there_are(window: MainWindow) -> None:
    entry = window.controls.library.menu.actions()[2]
    window.render_snapshot(replace(LISTENING, scan=ScanProgressed(10, 10, 3)), NOW)
    assert entry.text() == "Files that cannot be used (3) …"
    window.render_snapshot(replace(LISTENING, scan=ScanProgressed(10, 10, 0)), later(0.1))
    assert entry.text() == "Files that cannot be used …"


def test_the_list_is_read_beside_the_qt_thread_and_shown_when_it_arrives(opened: Opened, qtbot: QtBot) -> None:
    may_arrive, threads = threading.Event(), list[int]()

    def read() -> Sequence[tuple[str, str]]:
        threads.append(threading.get_ident())
        may_arrive.wait(30)
        return TWO

    bridge = opened(read)
    view = bridge.window.problems
    _ask(bridge)
    qtbot.waitUntil(lambda: len(threads) == 1)
    assert not view.isVisible()
    may_arrive.set()
    qtbot.waitUntil(view.isVisible)
    assert threads[0] != threading.get_ident()
    assert not view.isModal()
    assert view.heading.text() == "FILES THAT CANNOT BE USED · 2"
    assert _rows(bridge.window) == [f"{path}\n{reason}" for path, reason in TWO]


def test_it_is_reached_read_and_left_by_the_keyboard(opened: Opened, qtbot: QtBot) -> None:
    bridge = opened(lambda: TWO)
    library, view = bridge.window.controls.library, bridge.window.problems

    def pick_the_last_entry() -> None:  # the menu waits for it in a loop of its own
        QTest.keyClick(library.menu, Qt.Key.Key_Up)
        QTest.keyClick(library.menu, Qt.Key.Key_Return)

    library.button.setFocus(Qt.FocusReason.TabFocusReason)
    library.menu.aboutToShow.connect(lambda: QTimer.singleShot(0, pick_the_last_entry))
    QTest.keyClick(library.button, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: QApplication.focusWidget() is view.list)
    QTest.keyClick(view.list, Qt.Key.Key_Down)
    assert view.list.currentRow() == 1
    assert view.list.accessibleName()
    QTest.keyClick(view.list, Qt.Key.Key_Escape)
    assert not view.isVisible()
    assert bridge.window.isVisible()


def test_asked_again_it_shows_what_is_true_by_then(opened: Opened, qtbot: QtBot) -> None:
    found = [TWO, []]
    bridge = opened(lambda: found.pop(0))
    view = bridge.window.problems
    _ask(bridge)
    qtbot.waitUntil(view.isVisible)
    _ask(bridge)
    qtbot.waitUntil(lambda: view.heading.text() == "Every file can be used.")
    assert _rows(bridge.window) == []


@pytest.mark.parametrize("error", [CatalogueError("The catalogue is gone."), OSError("The catalogue is gone.")])
def test_a_list_that_cannot_be_read_says_so(opened: Opened, qtbot: QtBot, error: Exception) -> None:
    def read() -> Sequence[tuple[str, str]]:
        raise error

    bridge = opened(read)
    _ask(bridge)
    qtbot.waitUntil(bridge.window.problems.isVisible)
    assert bridge.window.problems.heading.text() == "The list cannot be read: The catalogue is gone."
    assert _rows(bridge.window) == []


def test_thousands_of_files_do_not_hold_the_window_up(window: MainWindow, qtbot: QtBot) -> None:
    all_of_them = 6000 * window.fontMetrics().height()
    bar = window.problems.list.verticalScrollBar()
    window.problems.show_problems(TWO * 3000)
    assert bar.maximum() < all_of_them / 10, "they are laid out bit by bit, between one frame and the next"
    qtbot.waitUntil(lambda: bar.maximum() > all_of_them, timeout=30_000)


def test_keys_in_the_list_are_not_the_partys(window: MainWindow, wishes: list[Intent], qtbot: QtBot) -> None:
    window.render_snapshot(LISTENING, NOW)
    window.problems.show_problems(TWO)
    for key in (Qt.Key.Key_Space, Qt.Key.Key_1, Qt.Key.Key_A):
        QTest.keyClick(window.problems.list, key)
    assert wishes == []


def test_the_list_closes_with_the_window_and_the_program_ends(opened: Opened, qtbot: QtBot) -> None:
    bridge = opened(lambda: TWO)
    view = bridge.window.problems
    _ask(bridge)
    qtbot.waitUntil(view.isVisible)
    still_open: list[bool] = []
    bridge.window.closed.connect(lambda: still_open.append(view.isVisible()))
    QTimer.singleShot(0, bridge.window.close)
    assert run_until_closed(bridge) == 0
    assert still_open == [False]


def test_what_arrives_after_the_close_is_kept_back(qtbot: QtBot) -> None:
    beside = Beside()
    arrived: list[object] = []
    finished = threading.Event()
    beside.do(finished.set, arrived.append)
    assert finished.wait(30)
    beside.close()
    QApplication.processEvents()
    assert arrived == []
