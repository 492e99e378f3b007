"""The five proposals and the first start."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from livedj.listen.heard import ListenState
from livedj.music import Seconds
from livedj.party.messages import Intent, MakeDemoLibrary, PlayNext, ScanProgressed
from livedj.party.snapshot import Playing, Snapshot
from tests.ui.night import EMPTY, HEARD, LISTENING, NOW, UNHEARD, later, proposal, track
from ui.proposals import PATIENCE
from ui.welcome import NOTHING_FOUND, PROMISE
from ui.window import MainWindow

NONE = replace(LISTENING, proposals=())


def test_five_proposals_are_shown_with_their_reasons(window: MainWindow) -> None:
    window.render_snapshot(LISTENING, NOW)
    rows = window.proposals.rows
    assert [row.title.text() for row in rows] == [f"Title {number}" for number in range(11, 16)]
    assert [row.percent.text() for row in rows] == ["45 %", "40 %", "35 %", "30 %", "25 %"]
    assert all(row.reason.text() == "the same beat" for row in rows)


def test_what_nothing_heard_speaks_for_has_no_percent(
    window: MainWindow, wishes: list[Intent], qtbot: QtBot
) -> None:
    window.render_snapshot(UNHEARD, NOW)
    rows = window.proposals.rows
    assert not any(row.bar.isVisible() or row.percent.isVisible() for row in rows)
    assert all(row.reason.text() == "not played for longest" for row in rows)
    assert not any("percent" in row.accessibleDescription() or "None" in row.toolTip() for row in rows)
    QTest.mouseClick(rows[1], Qt.MouseButton.LeftButton)
    assert wishes == [PlayNext(track(12))]
    window.render_snapshot(LISTENING, later(0.1))
    assert all(row.bar.isVisible() and row.percent.isVisible() for row in rows)


def test_the_first_is_the_suggestion(window: MainWindow) -> None:
    window.render_snapshot(LISTENING, NOW)
    first, *others = window.proposals.rows
    assert first.height() > 1.6 * max(row.height() for row in others)
    assert first.title.fontMetrics().height() > 1.4 * others[0].title.fontMetrics().height()


def test_fewer_than_five_leave_their_place_empty(window: MainWindow) -> None:
    window.render_snapshot(LISTENING, NOW)
    height = window.proposals.rows[0].height()
    window.render_snapshot(replace(LISTENING, proposals=LISTENING.proposals[:2]), later(0.1))
    assert [row.isVisible() for row in window.proposals.rows] == [True, True, False, False, False]
    assert window.proposals.rows[0].height() == height, "a row that goes does not move the others under the hand"


@pytest.mark.parametrize("place", range(5))
def test_a_click_plays_the_song(window: MainWindow, wishes: list[Intent], qtbot: QtBot, place: int) -> None:
    window.render_snapshot(LISTENING, NOW)
    QTest.mouseClick(window.proposals.rows[place], Qt.MouseButton.LeftButton)
    assert wishes == [PlayNext(track(11 + place))]


def test_a_click_means_what_was_pressed_not_what_stands_there_by_then(
    window: MainWindow, wishes: list[Intent], qtbot: QtBot
) -> None:
    window.render_snapshot(LISTENING, NOW)
    row = window.proposals.rows[1]
    QTest.mousePress(row, Qt.MouseButton.LeftButton)
    window.render_snapshot(replace(LISTENING, proposals=LISTENING.proposals[::-1]), later(0.1))
    QTest.mouseRelease(row, Qt.MouseButton.LeftButton)
    assert wishes == [PlayNext(track(12))]


def test_a_clicked_row_says_that_its_song_is_coming(window: MainWindow, qtbot: QtBot) -> None:
    window.render_snapshot(LISTENING, NOW)
    row = window.proposals.rows[2]
    QTest.mouseClick(row, Qt.MouseButton.LeftButton)
    window.render_snapshot(LISTENING, later(0.1))
    assert row.reason.text() == "coming …"
    cued = replace(LISTENING, cued=track(13))
    window.render_snapshot(cued, later(0.3))
    assert row.reason.text() == "coming …"
    window.render_snapshot(replace(LISTENING, playing=Playing(track(13), Seconds(0.0))), later(0.5))
    window.render_snapshot(replace(LISTENING, playing=Playing(track(13), Seconds(0.1))), later(0.6))
    assert row.reason.text() == "the same beat"


def test_a_song_that_never_comes_is_not_promised_for_ever(window: MainWindow, qtbot: QtBot) -> None:
    window.render_snapshot(LISTENING, NOW)
    row = window.proposals.rows[2]
    QTest.mouseClick(row, Qt.MouseButton.LeftButton)
    window.render_snapshot(LISTENING, later(0.1))
    window.render_snapshot(LISTENING, later(0.1 + PATIENCE))
    assert row.reason.text() == "the same beat"


def test_tags_are_shown_as_they_are(window: MainWindow) -> None:
    odd = replace(proposal(20), track=track(20, "<b>R&B</b>\nLive", "Simon & Sons"))
    window.render_snapshot(replace(LISTENING, proposals=(odd,)), NOW)
    row = window.proposals.rows[0]
    assert row.title.text() == "<b>R&B</b> Live"
    assert "&lt;b&gt;R&amp;B&lt;/b&gt;" in row.toolTip()


@pytest.mark.parametrize(
    ("snapshot", "part"),
    [
        (NONE, "Listening for"),
        (replace(NONE, all_banned=True), "Every song that could come next is banned: right-click one in the library"),
        (replace(NONE, heard=replace(HEARD, state=ListenState.TOO_QUIET)), "Waiting for music"),
        (replace(NONE, heard=replace(HEARD, state=ListenState.NO_MUSIC)), "Waiting for music"),
        (replace(NONE, heard=replace(HEARD, state=ListenState.NO_MICROPHONE)), "Without a microphone"),
        (replace(NONE, heard=replace(HEARD, state=ListenState.STARTING)), "opening"),
        (replace(EMPTY, scan=ScanProgressed(1, 9, 0, "a.mp3")), "Getting to know your songs"),
    ],
)
def test_without_proposals_it_says_why(window: MainWindow, snapshot: Snapshot, part: str) -> None:
    window.render_snapshot(snapshot, NOW)
    assert window.proposals.why_none.isVisible()
    assert part in window.proposals.why_none.text()


def test_the_first_start_invites(window: MainWindow, wishes: list[Intent], qtbot: QtBot) -> None:
    window.render_snapshot(EMPTY, NOW)
    assert window.welcome.isVisible()
    QTest.mouseClick(window.welcome.demo, Qt.MouseButton.LeftButton)
    assert wishes == [MakeDemoLibrary()]
    window.render_snapshot(replace(EMPTY, scan=ScanProgressed(0, 24, 0, "a.mp3")), later(0.1))
    assert not window.welcome.isVisible()
    window.render_snapshot(LISTENING, later(0.2))
    assert not window.welcome.isVisible()


@pytest.mark.parametrize(
    ("scan", "words"),
    [
        (None, PROMISE),
        (ScanProgressed(0, 0, 0), NOTHING_FOUND),
        (ScanProgressed(5, 5, 5), PROMISE),
    ],
)
def test_a_folder_without_music_is_told(window: MainWindow, scan: ScanProgressed | None, words: str) -> None:
    window.render_snapshot(replace(EMPTY, scan=scan), NOW)
    assert window.welcome.promise.isVisible()
    assert window.welcome.promise.text() == words


def test_another_try_is_not_blamed_for_the_last(window: MainWindow) -> None:
    window.render_snapshot(replace(EMPTY, scan=ScanProgressed(0, 0, 0)), NOW)
    window.render_snapshot(replace(EMPTY, scan=ScanProgressed(0, 0, 0, "looking through the folders")), later(0.1))
    assert not window.welcome.isVisible()
    window.render_snapshot(replace(EMPTY, scan=ScanProgressed(2, 9, 2)), later(0.2))
    assert window.welcome.promise.text() == PROMISE
