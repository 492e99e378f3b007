"""A heart and a ban on every proposal and on what plays."""

from dataclasses import replace

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from livedj.choose.scene import Opinion
from livedj.music import TrackId
from livedj.party.messages import Intent, SetOpinion
from tests.ui.night import LISTENING, NOW, PLAYING, later, track
from ui.pending import PATIENCE
from ui.window import MainWindow

LIKED = replace(LISTENING, opinions={TrackId(12): Opinion.LIKED})


def test_a_click_on_the_heart_of_a_row_is_no_click_on_the_row(
    window: MainWindow, wishes: list[Intent], qtbot: QtBot
) -> None:
    window.render_snapshot(LISTENING, NOW)
    for row in window.proposals.rows[:2]:
        QTest.mouseClick(row.opinion.heart, Qt.MouseButton.LeftButton)
        QTest.mouseClick(row.opinion.ban, Qt.MouseButton.LeftButton)
    assert wishes == [
        SetOpinion(track(number), opinion) for number in (11, 12) for opinion in (Opinion.LIKED, Opinion.BANNED)
    ]


def test_a_heart_is_shown_at_once_and_a_second_click_takes_it_back(
    window: MainWindow, wishes: list[Intent], qtbot: QtBot
) -> None:
    opinion = window.proposals.rows[1].opinion
    shown = []
    for snapshot, moment, click in (
        (LISTENING, 0.0, True),
        (LISTENING, 0.05, False),
        (LIKED, 0.1, True),
        (LIKED, 0.15, False),  # the party does not know yet that it was taken back
    ):
        window.render_snapshot(snapshot, later(moment))
        shown.append(opinion.shown)
        if click:
            QTest.mouseClick(opinion.heart, Qt.MouseButton.LeftButton)
    assert shown == [None, Opinion.LIKED, Opinion.LIKED, None]
    assert "I like" in opinion.heart.toolTip()
    assert wishes[-1] == SetOpinion(track(12), None)


def test_a_ban_that_stands_can_be_taken_back(window: MainWindow, wishes: list[Intent], qtbot: QtBot) -> None:
    window.render_snapshot(replace(PLAYING, opinions={TrackId(1): Opinion.BANNED}), NOW)
    ban = window.playing.opinion.ban
    assert "Take the ban back" in ban.toolTip()
    QTest.mouseClick(ban, Qt.MouseButton.LeftButton)
    assert wishes == [SetOpinion(track(1), None)]


def test_a_click_between_the_two_is_no_click_on_the_row(
    window: MainWindow, wishes: list[Intent], qtbot: QtBot
) -> None:
    window.render_snapshot(LISTENING, NOW)
    opinion = window.proposals.rows[1].opinion
    between = QPoint(opinion.heart.geometry().right() + 1, opinion.height() // 2)
    assert opinion.childAt(between) is None
    QTest.mouseClick(opinion, Qt.MouseButton.LeftButton, pos=between)
    assert wishes == []


def test_a_heart_that_was_not_kept_is_not_shown_for_ever(window: MainWindow, qtbot: QtBot) -> None:
    opinion = window.proposals.rows[1].opinion
    window.render_snapshot(LISTENING, NOW)
    QTest.mouseClick(opinion.heart, Qt.MouseButton.LeftButton)
    window.render_snapshot(LISTENING, later(0.05))
    window.render_snapshot(LISTENING, later(0.1 + PATIENCE))
    assert opinion.shown is None


def test_the_heart_belongs_to_the_song_that_was_pressed(
    window: MainWindow, wishes: list[Intent], qtbot: QtBot
) -> None:
    window.render_snapshot(LISTENING, NOW)
    heart = window.proposals.rows[1].opinion.heart
    QTest.mousePress(heart, Qt.MouseButton.LeftButton)
    turned = replace(LISTENING, proposals=LISTENING.proposals[::-1], opinions={TrackId(14): Opinion.LIKED})
    window.render_snapshot(turned, later(0.1))
    QTest.mouseRelease(heart, Qt.MouseButton.LeftButton)
    assert wishes == [SetOpinion(track(12), Opinion.LIKED)]
    window.render_snapshot(turned, later(0.2))
    assert window.proposals.rows[1].opinion.shown is Opinion.LIKED, "of the song that stands there now"
    assert window.proposals.rows[3].opinion.shown is None


def test_what_plays_can_be_liked_and_banned(window: MainWindow, wishes: list[Intent], qtbot: QtBot) -> None:
    window.render_snapshot(LISTENING, NOW)
    assert not window.playing.opinion.isVisible()
    window.render_snapshot(replace(PLAYING, opinions={TrackId(1): Opinion.LIKED}), later(0.1))
    assert window.playing.opinion.shown is Opinion.LIKED
    QTest.mouseClick(window.playing.opinion.ban, Qt.MouseButton.LeftButton)
    assert wishes == [SetOpinion(track(1), Opinion.BANNED)]
