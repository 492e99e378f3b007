"""The queue's window: shown, edited by hand and by keys, and gone on without end."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu, QStyledItemDelegate, QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from livedj import bundled
from livedj.ear.encoder import read_card
from livedj.library.catalogue import FILE_NAME, Catalogue
from livedj.music import TrackId
from livedj.party.messages import (
    ClearQueue,
    Enqueue,
    Intent,
    KeepPlayingLike,
    MoveInQueue,
    PlayNext,
    UndoQueue,
    Unqueue,
)
from livedj.party.queue import Like, Queue
from tests.library.analyses import an_analysis
from tests.ui.night import LISTENING, PLAYING, later, track
from ui.bridge import Bridge
from ui.queue import QueueView
from ui.window import MainWindow

OTHERS = Like((Path("other.mp3"),), "“Other”")
THREE = Queue().added(track(number) for number in (4, 5, 6))


@pytest.fixture
def queue(window: MainWindow, qtbot: QtBot) -> QueueView:
    """The queue's window, opened by its key, with three songs."""
    QTest.keyClick(window, Qt.Key.Key_Q)
    assert window.queue.isVisible()
    window.render_snapshot(replace(PLAYING, queue=THREE), later(0.1))
    return window.queue


def shown(queue: QueueView) -> list[str]:
    delegate, texts = queue.list.itemDelegate(), list[str]()
    assert isinstance(delegate, QStyledItemDelegate)
    for place in range(queue.list.count()):
        drawn = QStyleOptionViewItem()
        delegate.initStyleOption(drawn, queue.list.model().index(place, 0))
        texts.append(drawn.text)
    return texts


def test_songs_are_listed_in_order_and_counted(queue: QueueView) -> None:
    assert [text.split(".")[0] for text in shown(queue)] == ["1", "2", "3"]
    assert track(4).title in shown(queue)[0]
    assert queue.heading.text() == "QUEUE · 3 songs · 12:00"
    assert "auto-DJ" in queue.endless.text()


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (Queue(), "Right-click"),
        (Queue(like=OTHERS, looking=True), "Looking for songs like “Other” …"),
        (Queue((track(4),), like=OTHERS), "Then songs like “Other”, without end."),
    ],
)
def test_what_follows_is_said(window: MainWindow, queue: QueueView, state: Queue, words: str) -> None:
    window.render_snapshot(replace(PLAYING, queue=state), later(0.2))
    assert words in queue.endless.text()


@pytest.mark.parametrize(
    ("key", "modifier", "wish"),
    [
        (Qt.Key.Key_Delete, Qt.KeyboardModifier.NoModifier, Unqueue(TrackId(5))),
        (Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier, PlayNext(track(5))),
        (Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier, MoveInQueue(TrackId(5), TrackId(4))),
        (Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier, MoveInQueue(TrackId(5), None)),
    ],
)
def test_keys_edit_the_chosen_song(
    queue: QueueView, wishes: list[Intent], key: Qt.Key, modifier: Qt.KeyboardModifier, wish: Intent
) -> None:
    queue.list.setCurrentRow(1)
    QTest.keyClick(queue.list, key, modifier)
    assert wishes == [wish]


@pytest.mark.parametrize(("row", "drop", "before"), [(0, 3, None), (2, 0, 4), (0, 2, 6)])
def test_a_drag_moves_a_song_and_the_list_does_not_jump_back(
    window: MainWindow, queue: QueueView, wishes: list[Intent], row: int, drop: int, before: int | None
) -> None:
    queue.list.model().moveRow(QModelIndex(), row, QModelIndex(), drop)  # as a drop does
    dragged, follows = THREE.songs[row].id, None if before is None else TrackId(before)
    assert wishes == [MoveInQueue(dragged, follows)]
    titles = [text.split(".  ")[1] for text in shown(queue)]
    window.render_snapshot(replace(PLAYING, queue=THREE), later(0.2))  # the party has not moved it yet
    assert [text.split(".  ")[1] for text in shown(queue)] == titles
    window.render_snapshot(replace(PLAYING, queue=THREE.moved(dragged, follows)), later(0.3))
    assert [text.split(".  ")[1] for text in shown(queue)] == titles
    assert [text.split(".")[0] for text in shown(queue)] == ["1", "2", "3"]


def test_the_chosen_song_stays_chosen_when_one_is_played(window: MainWindow, queue: QueueView) -> None:
    queue.list.setCurrentRow(2)
    window.render_snapshot(replace(PLAYING, queue=THREE.played(TrackId(4))), later(0.2))
    assert queue.list.currentRow() == 1
    assert track(6).title in shown(queue)[1]


def test_a_song_that_is_played_costs_the_other_rows_nothing(window: MainWindow, queue: QueueView) -> None:
    model, changes = queue.list.model(), list[tuple[str, int, int]]()
    model.rowsRemoved.connect(lambda _, first, last: changes.append(("removed", first, last)))
    model.rowsInserted.connect(lambda _, first, last: changes.append(("added", first, last)))
    model.dataChanged.connect(lambda first, last, _: changes.append(("changed", first.row(), last.row())))
    played = THREE.played(TrackId(4))
    window.render_snapshot(replace(PLAYING, queue=played), later(0.2))
    window.render_snapshot(replace(PLAYING, queue=played.added([track(7)])), later(0.3))
    assert changes == [("removed", 0, 0), ("added", 2, 2)]
    assert [text.split(" ")[0] for text in shown(queue)] == ["1.", "2.", "3."]
    assert track(7).title in shown(queue)[2]


@pytest.mark.parametrize("order", [(6, 4, 5), (5, 4, 6), (9,), (4, 9, 6), (), (4, 5, 6, 8)])
def test_any_other_queue_is_listed_as_it_is(window: MainWindow, queue: QueueView, order: tuple[int, ...]) -> None:
    queue.list.setCurrentRow(1)
    songs = tuple(track(number) for number in order)
    window.render_snapshot(replace(PLAYING, queue=Queue(songs)), later(0.2))
    assert [text.split(".  ")[1].split("   ")[0] for text in shown(queue)] == [song.label for song in songs]
    chosen = queue.list.currentRow()
    assert chosen == (order.index(5) if 5 in order else min(1, len(order) - 1))


def test_undo_and_clear(window: MainWindow, queue: QueueView, wishes: list[Intent]) -> None:
    QTest.keyClick(queue.list, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    queue.clear.click()
    assert wishes == [UndoQueue(), ClearQueue()]
    window.render_snapshot(replace(PLAYING, queue=Queue()), later(0.2))
    assert not queue.undo.isEnabled()
    assert not queue.clear.isEnabled()


def test_it_goes_on_like_what_plays(window: MainWindow, queue: QueueView, wishes: list[Intent]) -> None:
    queue.like.click()
    assert wishes == [KeepPlayingLike(Like((track(1).path,), f"“{track(1).title}”"))]
    window.render_snapshot(LISTENING, later(0.2))
    assert not queue.like.isEnabled()


def test_it_goes_on_like_files_that_need_not_be_in_the_library(queue: QueueView, wishes: list[Intent]) -> None:
    queue.file.click()
    dialog = queue.findChild(QFileDialog)
    assert dialog is not None
    dialog.filesSelected.emit(["/stick/one.mp3", "/stick/two.mp3"])
    dialog.reject()
    files = (Path("/stick/one.mp3"), Path("/stick/two.mp3"))
    assert wishes == [KeepPlayingLike(Like(files, "“one.mp3” and 1 more"))]


def test_it_is_saved_as_a_playlist_and_read_again(opened: Bridge, data: Path, tmp_path: Path, qtbot: QtBot) -> None:
    card = read_card(bundled.MODEL)
    with Catalogue(data / FILE_NAME) as catalogue:
        for name in ("a.mp3", "b.mp3"):
            (tmp_path / name).touch()
            catalogue.add(an_analysis(tmp_path / name), card.sha256)
        songs = [track for number in (1, 2) if (track := catalogue.track(TrackId(number)))]
    queue, wishes = opened.window.queue, list[Intent]()
    opened.window.wished.connect(wishes.append)
    opened.window.render_snapshot(replace(PLAYING, queue=Queue().added(songs)), later(0.1))
    queue.open_beside()
    opened.window.render_snapshot(replace(PLAYING, queue=Queue().added(songs)), later(0.2))
    target = tmp_path / "night.m3u8"
    queue.save.click()
    _choose(queue, target)
    qtbot.waitUntil(lambda: queue.said.text() == "Saved as night.m3u8.")
    target.write_text(target.read_text() + "gone.mp3\n")
    queue.load.click()
    _choose(queue, target)
    qtbot.waitUntil(lambda: bool(wishes))
    assert wishes == [Enqueue(tuple(songs))]
    assert queue.said.text() == "night.m3u8: 2 songs. 1 more is not in the library."
    queue.load.click()
    _choose(queue, tmp_path / "missing.m3u8")
    qtbot.waitUntil(lambda: "missing.m3u8" in queue.said.text())


def _choose(queue: QueueView, path: Path) -> None:
    dialog = queue.findChildren(QFileDialog)[-1]
    dialog.fileSelected.emit(str(path))
    dialog.reject()


def test_a_proposal_is_lined_up_by_a_right_click(window: MainWindow, wishes: list[Intent], qtbot: QtBot) -> None:
    window.render_snapshot(LISTENING, later(0.1))
    row = window.proposals.rows[1]
    asked = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, QPoint(9, 9), row.mapToGlobal(QPoint(9, 9)))
    QApplication.sendEvent(row, asked)
    qtbot.waitUntil(lambda: QApplication.activePopupWidget() is not None)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    menu.actions()[0].trigger()
    menu.close()
    assert wishes == [Enqueue((track(12),))]


def test_the_first_of_the_queue_is_what_comes_next(window: MainWindow) -> None:
    window.render_snapshot(replace(PLAYING, queue=THREE), later(0.1))
    assert track(4).title in window.playing.cued.text()
