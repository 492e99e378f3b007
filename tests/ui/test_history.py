"""The view of what was played, session by session."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from livedj.errors import CatalogueError, PlaylistError
from livedj.library.shelf import Shelf
from livedj.party.messages import Intent
from tests.ui.night import LISTENING, NOW
from ui import open_window, run_until_closed
from ui.bridge import Bridge
from ui.history import HistoryView
from ui.nights import NOTHING_KEPT, History, PlayedSong, Session
from ui.window import MainWindow

EVENING = datetime(2026, 11, 21, 20, 4).astimezone()  # where the test runs
TONIGHT = Session(Path("2.jsonl"), EVENING, EVENING + timedelta(hours=1), 2, running=True)
LAST_WEEK = Session(Path("1.jsonl"), EVENING - timedelta(days=7), EVENING - timedelta(days=6, hours=19, minutes=34), 1)
SONGS = {
    TONIGHT.log: [
        PlayedSong(EVENING, "Undertow", "Saltwater Kids", "you"),
        PlayedSong(EVENING + timedelta(minutes=4), "<b>Blue</b>", "", "auto-DJ"),
    ],
    LAST_WEEK.log: [PlayedSong(LAST_WEEK.began, "Copper Sun", "The Wires", "stand-in")],
}

Opened = Callable[[History], Bridge]


def _history(sessions: Sequence[Session] = (TONIGHT, LAST_WEEK)) -> History:
    return replace(NOTHING_KEPT, sessions=lambda: sessions, songs=lambda session: SONGS[session.log])


@pytest.fixture
def opened(qtbot: QtBot, shelf: Shelf) -> Iterator[Opened]:
    bridges: list[Bridge] = []

    def open_one(history: History) -> Bridge:
        bridges.append(open_window(lambda: LISTENING, lambda wish: None, lambda number: None, shelf, history))
        qtbot.addWidget(bridges[-1].window)
        return bridges[-1]

    yield open_one
    for bridge in bridges:
        bridge.stop()


def _look(bridge: Bridge, qtbot: QtBot) -> HistoryView:
    """Open the history by its key, and return its view once the songs have come."""
    view = bridge.window.history
    QTest.keyClick(bridge.window, Qt.Key.Key_H)
    qtbot.waitUntil(view.isVisible)
    qtbot.waitUntil(lambda: _rows(view) != [] or view.sessions.count() == 0)
    return view


def _sessions(view: HistoryView) -> list[str]:
    return [view.sessions.item(place).text() for place in range(view.sessions.count())]


def _rows(view: HistoryView) -> list[list[str]]:
    items = [view.songs.topLevelItem(place) for place in range(view.songs.topLevelItemCount())]
    return [[item.text(column) for column in range(view.songs.columnCount())] for item in items if item is not None]


def test_sessions_and_the_songs_of_the_newest_are_shown(opened: Opened, qtbot: QtBot) -> None:
    view = _look(opened(_history()), qtbot)
    assert view.heading.text() == "HISTORY · 2 sessions"
    assert _sessions(view) == [
        "Sat 21 November 2026\n20:04–now · 2 songs",
        "Sat 14 November 2026\n20:04–00:30 · 1 song",
    ]
    assert _rows(view) == [
        ["20:04", "Undertow", "Saltwater Kids", "you"],
        ["20:08", "<b>Blue</b>", "", "auto-DJ"],
    ]
    assert not view.isModal()


def test_moments_are_told_in_local_time(window: MainWindow, qtbot: QtBot) -> None:
    in_utc = replace(TONIGHT, began=TONIGHT.began.astimezone(UTC))
    window.history.show_sessions([in_utc])
    assert _sessions(window.history) == ["Sat 21 November 2026\n20:04–now · 2 songs"]


def test_it_is_reached_read_and_left_by_the_keyboard(opened: Opened, qtbot: QtBot) -> None:
    bridge = opened(_history())
    view = _look(bridge, qtbot)
    qtbot.waitUntil(lambda: QApplication.focusWidget() is view.sessions)
    QTest.keyClick(view.sessions, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: _rows(view) == [["20:04", "Copper Sun", "The Wires", "stand-in"]])
    QTest.keyClick(view.sessions, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is view.songs
    QTest.keyClick(view.songs, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is view.save
    assert all(part.accessibleName() for part in (view.sessions, view.songs, view.save))
    QTest.keyClick(view.save, Qt.Key.Key_Escape)
    assert not view.isVisible()
    assert bridge.window.isVisible()


def test_the_button_near_the_library_opens_it_too(opened: Opened, qtbot: QtBot) -> None:
    bridge = opened(_history())
    QTest.mouseClick(bridge.window.controls.library.history, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(bridge.window.history.isVisible)


def test_everything_is_read_beside_the_qt_thread(opened: Opened, qtbot: QtBot) -> None:
    may_arrive, threads = threading.Event(), list[int]()

    def wait() -> None:
        threads.append(threading.get_ident())
        may_arrive.wait(30)

    def sessions() -> Sequence[Session]:
        wait()
        return [TONIGHT]

    def songs(session: Session) -> Sequence[PlayedSong]:
        wait()
        return SONGS[session.log]

    bridge = opened(History(sessions, songs, lambda session, path: wait()))
    QTest.keyClick(bridge.window, Qt.Key.Key_H)
    qtbot.waitUntil(lambda: len(threads) == 1)
    assert not bridge.window.history.isVisible()
    may_arrive.set()
    qtbot.waitUntil(lambda: _rows(bridge.window.history) != [])
    bridge.window.history.playlist_wanted.emit(TONIGHT, Path("night.m3u8"))
    qtbot.waitUntil(lambda: len(threads) == 3)
    assert len(set(threads)) == 1
    assert threads[0] != threading.get_ident()


def test_without_any_session_there_is_nothing_to_save(opened: Opened, qtbot: QtBot) -> None:
    view = _look(opened(NOTHING_KEPT), qtbot)
    assert view.heading.text() == "Nothing has been played yet."
    assert not view.save.isEnabled()
    view.save.click()
    assert view.findChildren(QFileDialog) == []


def test_asked_again_it_shows_what_is_true_by_then_and_keeps_its_place(opened: Opened, qtbot: QtBot) -> None:
    found = [[LAST_WEEK], [TONIGHT, LAST_WEEK]]
    view_of = opened(replace(_history(), sessions=lambda: found.pop(0)))
    view = _look(view_of, qtbot)
    QTest.keyClick(view_of.window, Qt.Key.Key_H)
    qtbot.waitUntil(lambda: view.sessions.count() == 2)
    assert view.sessions.currentRow() == 1
    qtbot.waitUntil(lambda: _rows(view) == [["20:04", "Copper Sun", "The Wires", "stand-in"]])


def test_songs_that_come_too_late_are_not_shown_under_another_session(window: MainWindow, qtbot: QtBot) -> None:
    view = window.history
    view.show_sessions([TONIGHT, LAST_WEEK])
    view.sessions.setCurrentRow(1)
    view.show_songs(TONIGHT, SONGS[TONIGHT.log])
    assert _rows(view) == []
    view.show_songs(LAST_WEEK, SONGS[LAST_WEEK.log])
    assert len(_rows(view)) == 1


@pytest.mark.parametrize("error", [CatalogueError("The drive is gone."), OSError("The drive is gone.")])
def test_what_cannot_be_read_says_so(opened: Opened, qtbot: QtBot, error: Exception) -> None:
    def fail(*arguments: object) -> Sequence[Session]:
        raise error

    view = _look(opened(replace(_history(), sessions=fail)), qtbot)
    assert view.heading.text() == "The history cannot be read: The drive is gone."


def test_a_session_that_cannot_be_read_says_so(opened: Opened, qtbot: QtBot) -> None:
    def fail(session: Session) -> Sequence[PlayedSong]:
        raise OSError("The drive is gone.")

    bridge = opened(replace(_history(), songs=fail))
    QTest.keyClick(bridge.window, Qt.Key.Key_H)
    view = bridge.window.history
    qtbot.waitUntil(lambda: view.said.text() == "This session cannot be read: The drive is gone.")
    assert view.sessions.count() == 2


def _save_as(view: HistoryView, name: str) -> None:
    QTest.mouseClick(view.save, Qt.MouseButton.LeftButton)
    (dialog,) = view.findChildren(QFileDialog)
    dialog.selectFile(name)
    dialog.accept()


def test_a_session_is_saved_as_a_playlist(opened: Opened, qtbot: QtBot, tmp_path: Path) -> None:
    kept: list[tuple[Session, Path]] = []
    view = _look(opened(replace(_history(), export=lambda session, path: kept.append((session, path)))), qtbot)
    _save_as(view, str(tmp_path / "night"))
    qtbot.waitUntil(lambda: view.said.text() == "Saved as night.m3u8.")
    assert kept == [(TONIGHT, tmp_path / "night.m3u8")]


def test_a_playlist_that_cannot_be_saved_says_so(opened: Opened, qtbot: QtBot, tmp_path: Path) -> None:
    def fail(session: Session, path: Path) -> None:
        raise PlaylistError("The playlist night.m3u8 cannot be written: no space left.")

    view = _look(opened(replace(_history(), export=fail)), qtbot)
    _save_as(view, str(tmp_path / "night.m3u8"))
    qtbot.waitUntil(lambda: view.said.text() == "The playlist night.m3u8 cannot be written: no space left.")


def test_a_file_not_chosen_is_not_written(opened: Opened, qtbot: QtBot) -> None:
    kept: list[Path] = []
    view = _look(opened(replace(_history(), export=lambda session, path: kept.append(path))), qtbot)
    QTest.mouseClick(view.save, Qt.MouseButton.LeftButton)
    (dialog,) = view.findChildren(QFileDialog)
    dialog.reject()
    QApplication.processEvents()
    assert kept == []
    assert view.said.text() == ""


def test_the_file_is_proposed_under_the_sessions_day(opened: Opened, qtbot: QtBot) -> None:
    view = _look(opened(_history()), qtbot)
    QTest.mouseClick(view.save, Qt.MouseButton.LeftButton)
    (dialog,) = view.findChildren(QFileDialog)
    assert [Path(file).name for file in dialog.selectedFiles()] == ["livedj 2026-11-21.m3u8"]
    dialog.reject()


def test_keys_in_the_history_are_not_the_partys(window: MainWindow, wishes: list[Intent], qtbot: QtBot) -> None:
    window.render_snapshot(LISTENING, NOW)
    window.history.show_sessions([TONIGHT])
    for key in (Qt.Key.Key_Space, Qt.Key.Key_1, Qt.Key.Key_A, Qt.Key.Key_X):
        QTest.keyClick(window.history.sessions, key)
    assert wishes == []


def test_it_closes_with_the_window(opened: Opened, qtbot: QtBot) -> None:
    bridge = opened(_history())
    view = _look(bridge, qtbot)
    bridge.window.close()
    assert not view.isVisible()


def test_the_program_ends_although_a_file_is_being_chosen(opened: Opened, qtbot: QtBot) -> None:
    bridge = opened(_history())
    view = _look(bridge, qtbot)
    QTest.mouseClick(view.save, Qt.MouseButton.LeftButton)
    QTimer.singleShot(0, bridge.window.close)
    assert run_until_closed(bridge) == 0


@pytest.mark.parametrize("size", [(900, 600), (1180, 760)])
def test_titles_have_room_at_every_size(window: MainWindow, qtbot: QtBot, size: tuple[int, int]) -> None:
    window.resize(*size)
    view = window.history
    view.show_sessions([TONIGHT])
    view.show_songs(TONIGHT, SONGS[TONIGHT.log])
    QApplication.processEvents()
    assert view.songs.columnWidth(1) > view.songs.fontMetrics().horizontalAdvance("A title of usual length")
    assert sum(view.songs.columnWidth(column) for column in range(4)) <= view.songs.viewport().width()
