"""The list of files that cannot be used."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from livedj.library.catalogue import FILE_NAME, Catalogue, Problem
from livedj.party.messages import Intent, ScanProgressed
from tests.ui.night import LISTENING, NOW, later
from ui.bridge import Bridge
from ui.window import MainWindow

TWO = [
    Problem(Path("/music/Copper Sun/02.flac"), "02.flac holds no sound.", "Nothing is to be done: it is no song."),
    Problem(Path("/music/<b>03</b>.mp3"), "<b>03</b>.mp3 cannot be decoded."),
]


@pytest.fixture
def bridge(opened: Bridge, data: Path) -> Bridge:
    with Catalogue(data / FILE_NAME) as catalogue:
        for problem in TWO:
            catalogue.add_problem(problem.path, 0, 0, problem.reason, remedy=problem.remedy)
    return opened


def _rows(window: MainWindow) -> list[str]:
    shown = window.music.problems.list
    return [shown.item(place).text() for place in range(shown.count())]


def _ask(bridge: Bridge, qtbot: QtBot) -> None:
    bridge.window.controls.library.unusable.trigger()
    qtbot.waitUntil(lambda: bridge.window.music.problems.said.text() != "")


def test_the_entry_tells_how_many_there_are(window: MainWindow) -> None:
    entry = window.controls.library.menu.actions()[2]
    window.render_snapshot(replace(LISTENING, scan=ScanProgressed(10, 10, 3)), NOW)
    assert entry.text() == "Files that cannot be used (3) …"
    window.render_snapshot(replace(LISTENING, scan=ScanProgressed(10, 10, 0)), later(0.1))
    assert entry.text() == "Files that cannot be used …"


def test_each_is_told_with_its_reason(bridge: Bridge, qtbot: QtBot) -> None:
    _ask(bridge, qtbot)
    assert not bridge.window.music.isModal()
    assert bridge.window.music.problems.said.text() == "2 files"
    assert _rows(bridge.window) == [
        "/music/<b>03</b>.mp3\n<b>03</b>.mp3 cannot be decoded.",
        "/music/Copper Sun/02.flac\n02.flac holds no sound.\n→ Nothing is to be done: it is no song.",
    ]


def test_it_is_reached_read_and_left_by_the_keyboard(bridge: Bridge, qtbot: QtBot) -> None:
    library, view = bridge.window.controls.library, bridge.window.music.problems

    def pick_the_last_entry() -> None:  # the menu waits for it in a loop of its own
        QTest.keyClick(library.menu, Qt.Key.Key_Up)
        QTest.keyClick(library.menu, Qt.Key.Key_Return)

    library.button.setFocus(Qt.FocusReason.TabFocusReason)
    library.menu.aboutToShow.connect(lambda: QTimer.singleShot(0, pick_the_last_entry))
    QTest.keyClick(library.button, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: QApplication.focusWidget() is view.list)
    qtbot.waitUntil(lambda: view.list.count() == 2)
    QTest.keyClick(view.list, Qt.Key.Key_Down)
    assert view.list.currentRow() == 1
    assert view.list.accessibleName()
    QTest.keyClick(view.list, Qt.Key.Key_Escape)
    assert not bridge.window.music.isVisible()
    assert bridge.window.isVisible()


def test_asked_again_it_shows_what_is_true_by_then(bridge: Bridge, qtbot: QtBot, data: Path) -> None:
    _ask(bridge, qtbot)
    with Catalogue(data / FILE_NAME) as catalogue:
        for problem in TWO:
            catalogue.remove_problem(problem.path)
    _ask(bridge, qtbot)
    qtbot.waitUntil(lambda: bridge.window.music.problems.said.text() == "Every file can be used.")
    assert _rows(bridge.window) == []


def test_what_is_read_keeps_its_place_when_files_come_and_go(window: MainWindow) -> None:
    view = window.music.problems
    window.music.open_at(view)
    many = [Problem(Path(f"/music/{number:02}.mp3"), f"{number:02} is broken.") for number in range(40)]
    view.show_problems(many[10:])
    view.list.setCurrentRow(20)
    view.show_problems([*many[:5], *many[11:29], replace(many[29], reason="29 is away."), *many[30:]])
    assert [text.partition("\n")[2] for text in _rows(window)] == [
        *(f"{number:02} is broken." for number in range(11, 29)),
        "29 is away.",
        *(f"{number:02} is broken." for number in (*range(30, 40), *range(5))),
    ]
    assert view.list.currentItem().text().startswith("/music/30.mp3")
    assert view.said.text() == "34 files"


def test_a_list_that_cannot_be_read_says_so(opened: Bridge, qtbot: QtBot, data: Path) -> None:
    data.mkdir(exist_ok=True)
    (data / FILE_NAME).write_text("no catalogue")
    _ask(opened, qtbot)
    assert opened.window.music.problems.said.text().startswith("The library cannot be read: The catalogue ")
    assert _rows(opened.window) == []


def test_thousands_of_files_do_not_hold_the_window_up(window: MainWindow, qtbot: QtBot) -> None:
    all_of_them = 6000 * window.fontMetrics().height()
    bar = window.music.problems.list.verticalScrollBar()
    window.music.open_at(window.music.problems)
    window.music.problems.show_problems(TWO * 3000)
    assert bar.maximum() < all_of_them / 10, "they are laid out bit by bit, between one frame and the next"
    qtbot.waitUntil(lambda: bar.maximum() > all_of_them, timeout=30_000)


def test_keys_in_the_list_are_not_the_partys(window: MainWindow, wishes: list[Intent]) -> None:
    window.render_snapshot(LISTENING, NOW)
    window.music.open_at(window.music.problems)
    for key in (Qt.Key.Key_Space, Qt.Key.Key_1, Qt.Key.Key_A):
        QTest.keyClick(window.music.problems.list, key)
    assert wishes == []
