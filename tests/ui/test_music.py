"""The library's window: songs in any order, folders, and what a scan does to them."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QItemSelectionModel, QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from livedj import bundled
from livedj.choose.scene import Opinion
from livedj.ear.encoder import read_card
from livedj.library.catalogue import FILE_NAME, Catalogue
from livedj.library.files import Tags
from livedj.library.shelf import Shelf, Song
from livedj.music import Beats, Key, Loudness, Seconds, TrackId
from livedj.party.messages import (
    AddFolder,
    Enqueue,
    Intent,
    KeepPlayingLike,
    PlayNext,
    RemoveFolder,
    ScanProgressed,
    SetOpinion,
    StopScan,
)
from tests.library.analyses import an_analysis
from tests.ui.night import LISTENING, NOW, later
from ui import open_window, run_until_closed
from ui.bridge import Bridge
from ui.music import MusicView
from ui.pace import Pace
from ui.songs import PAGE, SongsView
from ui.window import MainWindow

MODEL = read_card(bundled.MODEL).sha256
ALL: dict[str, Any] = {
    "intro_beats": Beats(127.96, Seconds(0.5), 0.2),
    "key": Key(6, minor=True, confidence=0.9),
    "loudness": Loudness(-9.46, -1.0),
}
MANY = 3 * PAGE
"""Songs: some pages."""


@pytest.fixture
def filled(data: Path) -> Path:
    with Catalogue(data / FILE_NAME, clock=lambda: datetime(2026, 11, 22, 12).astimezone()) as catalogue:
        catalogue.add_folder(Path("/music"))
        for number in range(4):
            song = an_analysis(f"/music/{number}.mp3", number)
            tags = Tags(f"Title {number}", f"Artist {9 - number}", "<b>Album</b>")
            catalogue.add(replace(song, tags=tags, **(ALL if number == 3 else {})), MODEL)
    return data


def _cells(view: SongsView) -> list[list[object]]:
    model = view.model
    return [
        [model.index(row, place).data() for place in range(model.columnCount())] for row in range(model.rowCount())
    ]


def _titles(view: SongsView) -> list[object]:
    return [row[0] for row in _cells(view)]


def _open(bridge: Bridge, qtbot: QtBot) -> MusicView:
    music = bridge.window.music
    QTest.keyClick(bridge.window, Qt.Key.Key_L)
    qtbot.waitUntil(lambda: music.songs.model.rowCount() > 0 and None not in _titles(music.songs))
    return music


def test_all_songs_are_shown_by_artist(opened: Bridge, filled: Path, qtbot: QtBot) -> None:
    music = _open(opened, qtbot)
    assert _cells(music.songs)[:2] == [
        ["Title 3", "Artist 6", "<b>Album</b>", "1:01", "~128", "F♯m", "−9.5", "2026-11-22", "ready", ""],
        ["Title 2", "Artist 7", "<b>Album</b>", "1:01", "", "", "", "2026-11-22", "ready", ""],
    ]
    assert _titles(music.songs) == ["Title 3", "Title 2", "Title 1", "Title 0"]
    assert music.songs.said.text() == "4 songs"
    assert not music.isModal()


def test_the_button_near_the_library_opens_it_too(opened: Bridge, qtbot: QtBot) -> None:
    QTest.mouseClick(opened.window.controls.library.songs, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: opened.window.music.songs.said.text() == "There is no song yet: add a music folder.")


def test_a_click_on_a_column_orders_by_it_and_another_one_the_other_way(
    opened: Bridge, filled: Path, qtbot: QtBot
) -> None:
    songs = _open(opened, qtbot).songs
    header = songs.table.horizontalHeader()
    for titles in (["Title 0", "Title 1", "Title 2", "Title 3"], ["Title 3", "Title 2", "Title 1", "Title 0"]):
        place = QPoint(header.sectionViewportPosition(0) + 20, header.height() // 2)
        QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
        qtbot.waitUntil(lambda titles=titles: _titles(songs) == titles)  # type: ignore[misc]


def test_typing_finds_songs_wherever_the_focus_is(opened: Bridge, filled: Path, qtbot: QtBot) -> None:
    songs = _open(opened, qtbot).songs
    assert QApplication.focusWidget() is songs.filter
    QTest.keyClicks(songs.filter, "title")
    songs.table.setFocus()
    QTest.keyClick(songs.table, Qt.Key.Key_2)
    assert songs.filter.text() == "title2"
    songs.filter.setText("title 2")
    qtbot.waitUntil(lambda: _titles(songs) == ["Title 2"])
    assert songs.said.text() == "1 song found"
    songs.filter.setText("nobody <i>")
    qtbot.waitUntil(lambda: songs.said.text() == "Nothing is called “nobody <i>”.")


@pytest.mark.parametrize("by", ["a double click", "Enter"])
def test_a_song_is_played_by(opened: Bridge, filled: Path, qtbot: QtBot, by: str) -> None:
    songs, wishes = _open(opened, qtbot).songs, list[Intent]()
    opened.window.wished.connect(wishes.append)
    songs.table.setCurrentIndex(songs.model.index(1, 0))
    if by == "Enter":
        QTest.keyClick(songs.table, Qt.Key.Key_Return)
    else:
        songs.table.doubleClicked.emit(songs.model.index(1, 0))
    qtbot.waitUntil(lambda: len(wishes) == 1)
    assert isinstance(wishes[0], PlayNext)
    assert wishes[0].track.title == "Title 2"


class Counted(Shelf):
    """Tells which pages were read, in which thread; and waits with them until it may."""

    def __init__(self, data: Path) -> None:
        super().__init__(data)
        self.pages: list[int] = []
        self.threads: set[int] = set()
        self.may = threading.Event()
        self.may.set()

    def songs(self, ids: Sequence[TrackId]) -> dict[TrackId, Song]:
        self.may.wait(30)
        self.pages.append(len(ids))
        self.threads.add(threading.get_ident())
        return super().songs(ids)


@pytest.fixture
def paged(data: Path, qtbot: QtBot) -> Iterator[tuple[Bridge, Counted]]:
    """A window on a library of some pages, the first of which is shown."""
    with Catalogue(data / FILE_NAME) as catalogue:
        catalogue.add_folder(Path("/music"))
        with catalogue._database.writing():
            catalogue._database.execute(
                "INSERT INTO tracks (path, mtime_ns, size, title, artist, album, duration, cue_start, cue_end)"
                " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
                " SELECT '/music/' || i, 0, 0, printf('Title %06d', i), '', '', 100, 0, 100 FROM n",
                (MANY,),
            )
    shelf = Counted(data)
    bridge = open_window(lambda: LISTENING, lambda wish: None, lambda number: None, shelf)
    qtbot.addWidget(bridge.window)
    songs = bridge.window.music.songs
    QTest.keyClick(bridge.window, Qt.Key.Key_L)
    qtbot.waitUntil(lambda: songs.model.index(0, 0).data() == "Title 000001")
    yield bridge, shelf
    shelf.may.set()
    bridge.stop()


def test_only_pages_that_are_looked_at_are_read_and_never_by_the_window(
    paged: tuple[Bridge, Counted], qtbot: QtBot
) -> None:
    bridge, shelf = paged
    songs = bridge.window.music.songs
    shelf.may.clear()
    songs.table.scrollToBottom()
    QApplication.processEvents()
    assert songs.model.index(MANY - 1, 0).data() is None
    shelf.may.set()
    qtbot.waitUntil(lambda: songs.model.index(MANY - 1, 0).data() == f"Title {MANY:06}")
    assert shelf.pages == [PAGE, PAGE]
    assert threading.get_ident() not in shelf.threads


def test_what_is_read_again_neither_flickers_nor_moves(paged: tuple[Bridge, Counted], qtbot: QtBot) -> None:
    bridge, shelf = paged
    songs = bridge.window.music.songs
    songs.table.setCurrentIndex(songs.model.index(3, 0))
    songs.table.scrollToBottom()
    place = songs.table.verticalScrollBar().value()
    qtbot.waitUntil(lambda: songs.model.index(MANY - 1, 0).data() is not None)
    shelf.may.clear()
    for _ in range(2):
        with qtbot.waitSignal(songs.model.modelReset):
            songs.ask()
    assert songs.model.index(MANY - 1, 0).data() == f"Title {MANY:06}"
    assert songs.table.currentIndex().row() == 3
    assert songs.table.verticalScrollBar().value() == place
    shelf.may.set()  # who closes the window waits for what is read


def test_folders_are_added_and_removed(
    opened: Bridge, filled: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    music, wishes = _open(opened, qtbot), list[Intent]()
    opened.window.wished.connect(wishes.append)
    music.open_at(music.folders)
    qtbot.waitUntil(lambda: music.folders.table.topLevelItemCount() == 1)
    item = music.folders.table.topLevelItem(0)
    assert item is not None
    assert [item.text(place) for place in range(3)] == ["/music", "4", "not there: is its drive connected?"]
    assert not music.folders.remove.isEnabled(), "none is chosen yet"
    music.folders.table.setCurrentItem(item)
    for _ in range(2):  # the second click is for nothing
        QTest.mouseClick(music.folders.remove, Qt.MouseButton.LeftButton)
    assert wishes == [RemoveFolder("/music")]
    music.folders_wanted.emit()
    qtbot.waitUntil(lambda: music.folders.table.topLevelItem(0) is not item)
    assert music.folders.said.text().startswith("music is removed.")
    assert not music.folders.remove.isEnabled()
    monkeypatch.setattr("ui.window.QFileDialog.getExistingDirectory", lambda *arguments: "/home/guest/Music")
    QTest.mouseClick(music.folders.add, Qt.MouseButton.LeftButton)
    assert wishes[1:] == [AddFolder("/home/guest/Music")]


def test_without_a_folder_there_is_none_to_remove(window: MainWindow, wishes: list[Intent]) -> None:
    folders = window.music.folders
    folders.show_folders([])
    assert folders.said.text() == "There is no music folder yet."
    assert not folders.remove.isEnabled()
    folders.remove.click()
    assert wishes == []


def test_a_scan_shows_how_far_it_is_how_fast_and_how_long_it_takes(window: MainWindow, wishes: list[Intent]) -> None:
    folders = window.music.folders
    window.music.open_at(folders)
    for second in range(11):
        scan = ScanProgressed(100 + 2 * second, 1000, 3, "02.flac")
        window.render_snapshot(replace(LISTENING, scan=scan), later(second))
    assert folders.scan_line.text() == "Intros · 120 of 1000 · 3 skipped · 2.0 a second · 7 min left · 02.flac"
    assert (folders.progress.value(), folders.progress.maximum()) == (120, 1000)
    QTest.keyClick(folders.table, Qt.Key.Key_Return)
    assert wishes == [], "Enter elsewhere stops nothing"
    QTest.mouseClick(folders.stop, Qt.MouseButton.LeftButton)
    assert wishes == [StopScan()]
    window.render_snapshot(replace(LISTENING, scan=ScanProgressed(1000, 1000, 3)), later(11))
    assert not folders.running.isVisible()


@pytest.mark.parametrize(
    ("each", "words"),
    [
        (0.1, "6 a minute · 2 h 30 min left"),
        (4.0, "4.0 a second · 4 min left"),
        (450.0, "450.0 a second · 2 s left"),
    ],
)
def test_pace(each: float, words: str) -> None:
    pace = Pace()
    for second in range(0, 120, 10):
        pace.follow(ScanProgressed(round(each * second), 10_000, 0, "file"), later(second))
    left = ScanProgressed(9100, 10_000, 0, "file")
    assert pace.words(left) == words


def test_nothing_is_foretold_too_soon_nor_from_another_pass() -> None:
    pace = Pace()
    assert pace.words(ScanProgressed(0, 10, 0, "file")) == ""
    for second in range(10):
        pace.follow(ScanProgressed(second, 10, 0, "file"), later(second))
    assert pace.rate == 1.0
    pace.follow(ScanProgressed(0, 10, 0, "file", whole=True), later(10))
    assert pace.rate is None


def test_while_it_is_open_it_follows_the_scan(window: MainWindow, qtbot: QtBot) -> None:
    music, asked = window.music, list[object]()
    music.songs.order_wanted.connect(asked.append)
    window.render_snapshot(LISTENING, NOW)
    assert asked == []
    music.open_at(music.songs)
    assert len(asked) == 1
    window.render_snapshot(replace(LISTENING, library_size=2000), later(0.1))
    assert len(asked) == 1, "not before there was an answer"
    music.answered()
    window.render_snapshot(replace(LISTENING, library_size=2000), later(0.1))
    assert len(asked) == 1, "nor at every frame"
    qtbot.waitUntil(lambda: _render_and_count(window, asked) == 2, timeout=10_000)


def _render_and_count(window: MainWindow, asked: Sequence[object]) -> int:
    window.render_snapshot(replace(LISTENING, library_size=2000), later(0.2))
    window.render_snapshot(replace(LISTENING, library_size=2000), later(0.3))
    return len(asked)


def test_it_closes_with_the_window_and_the_program_ends(opened: Bridge, filled: Path, qtbot: QtBot) -> None:
    music = _open(opened, qtbot)
    still_open: list[bool] = []
    opened.window.closed.connect(lambda: still_open.append(music.isVisible()))
    QTimer.singleShot(0, opened.window.close)
    assert run_until_closed(opened) == 0
    assert still_open == [False]


def test_a_heart_and_a_ban_are_given_and_taken_back_by_a_menu(opened: Bridge, filled: Path, qtbot: QtBot) -> None:
    music = _open(opened, qtbot)
    wishes: list[Intent] = []
    opened.window.wished.connect(wishes.append)
    song = music.songs.model.song_at(1)
    assert song is not None
    opened.window.render_snapshot(replace(LISTENING, opinions={song: Opinion.BANNED}), later(1.0))
    assert [row[-1] for row in _cells(music.songs)] == ["", "✕", "", ""]
    *_, heart, ban = music.songs.menu_of(song, music.songs.model.opinion_at(1)).actions()
    assert (heart.isChecked(), ban.isChecked()) == (False, True)
    ban.trigger()
    heart.trigger()
    qtbot.waitUntil(lambda: len(wishes) == 2)
    assert [(wish.track.id, wish.opinion) for wish in wishes if isinstance(wish, SetOpinion)] == [
        (song, None),
        (song, Opinion.LIKED),
    ]


def test_a_right_click_opens_the_menu_of_the_song_under_it(opened: Bridge, filled: Path, qtbot: QtBot) -> None:
    songs = _open(opened, qtbot).songs
    place = songs.table.visualRect(songs.model.index(2, 0)).center()
    songs.table.customContextMenuRequested.emit(place)
    qtbot.waitUntil(lambda: QApplication.activePopupWidget() is not None)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert [choice.text() for choice in menu.actions()] == [
        "Add to the queue", "Keep playing songs like this", "", "I like this song", "Never play this song"
    ]  # fmt: skip
    menu.close()
    songs.table.customContextMenuRequested.emit(QPoint(5, songs.table.height() * 2))
    assert QApplication.activePopupWidget() is None


def test_chosen_songs_are_lined_up_and_gone_on_like(opened: Bridge, filled: Path, qtbot: QtBot) -> None:
    songs = _open(opened, qtbot).songs
    wishes: list[Intent] = []
    opened.window.wished.connect(wishes.append)
    chosen = [songs.model.song_at(row) for row in (1, 2)]
    mode = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
    for row in (1, 2):
        songs.table.selectionModel().select(songs.model.index(row, 0), mode)
    assert chosen[0] is not None
    add, like, *_ = songs.menu_of(chosen[0], None).actions()
    assert like.text() == "Keep playing songs like these"
    add.trigger()
    like.trigger()
    qtbot.waitUntil(lambda: len(wishes) == 2)
    lined_up, gone_on = wishes
    assert isinstance(lined_up, Enqueue)
    assert [track.id for track in lined_up.tracks] == chosen
    assert isinstance(gone_on, KeepPlayingLike)
    assert gone_on.like.files == tuple(track.path for track in lined_up.tracks)
    assert "and 1 more" in gone_on.like.words
