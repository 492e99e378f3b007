"""The view of what plays, and the seek bar."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from livedj.music import Seconds
from livedj.party.messages import Cut, FadeNow, Intent, SeekTo, Skip, TogglePause
from livedj.party.snapshot import Playing, Snapshot
from livedj.play.transition import Kind, Transition
from tests.ui.night import EMPTY, FADE, FADING, LISTENING, NOW, PAUSED, PLANNED, PLAYING, later, track
from ui.seekbar import KEY_STEP
from ui.slider import Slider
from ui.window import MainWindow


def _at(bar: Slider, share: float) -> QPoint:
    """A point of the bar where `share` of it lies to the left."""
    ends = bar._radius()
    return QPoint(round(ends + share * (bar.width() - 2 * ends)), bar.height() // 2)


def test_the_song_and_its_time_are_shown(window: MainWindow) -> None:
    window.render_snapshot(PLAYING, NOW)
    view = window.playing
    assert (view.title.text(), view.artist.text()) == ("Title 1", "Artist 1")
    assert (view.seek.elapsed.text(), view.seek.remaining.text()) == ("1:23", "−2:37")
    assert view.seek.bar.value() == 830
    assert window.windowTitle() == "Artist 1 – Title 1 · livedj"


def test_the_time_runs_on_between_snapshots(window: MainWindow) -> None:
    window.render_snapshot(PLAYING, NOW)
    window.render_snapshot(PLAYING, later(2.0))
    assert window.playing.seek.elapsed.text() == "1:25"


def test_while_nothing_plays_there_is_nothing_to_leave(window: MainWindow) -> None:
    window.render_snapshot(LISTENING, NOW)
    view = window.playing
    assert view.title.text() == "Nothing yet"
    assert not any(control.isEnabled() for control in (view.skip, view.fade, view.seek.bar))


def test_while_nothing_plays_play_begins(window: MainWindow, wishes: list[Intent], qtbot: QtBot) -> None:
    window.render_snapshot(LISTENING, NOW)
    assert window.playing.pause.accessibleName() == "Play"
    QTest.mouseClick(window.playing.pause, Qt.MouseButton.LeftButton)
    QTest.keyClick(window, Qt.Key.Key_Space)
    assert wishes == [TogglePause(), TogglePause()]


def test_without_songs_there_is_nothing_to_play(window: MainWindow, wishes: list[Intent], qtbot: QtBot) -> None:
    window.render_snapshot(EMPTY, NOW)
    for key in (Qt.Key.Key_Space, Qt.Key.Key_N, Qt.Key.Key_X):
        QTest.keyClick(window, key)
    assert not window.playing.pause.isEnabled()
    assert wishes == []


def test_a_key_cuts_and_the_skip_button_tells_of_it(window: MainWindow, wishes: list[Intent], qtbot: QtBot) -> None:
    window.render_snapshot(PLAYING, NOW)
    QTest.keyClick(window, Qt.Key.Key_X)
    assert wishes == [Cut()]
    assert "X cuts" in window.playing.skip.toolTip()
    assert "X cuts" in window.playing.skip.accessibleDescription()


@pytest.mark.parametrize(
    ("snapshot", "words"),
    [
        (EMPTY, ""),
        (LISTENING, "Pick a song below, or switch auto-DJ on."),
        (replace(LISTENING, proposals=()), "Switch auto-DJ on, and I choose."),
    ],
)
def test_while_nothing_plays_it_says_what_can_be_done(window: MainWindow, snapshot: Snapshot, words: str) -> None:
    window.render_snapshot(snapshot, NOW)
    assert window.playing.artist.text() == words


def test_a_pause_is_said_and_the_button_turns(window: MainWindow) -> None:
    window.render_snapshot(PLAYING, NOW)
    assert window.playing.pause.accessibleName() == "Pause"
    window.render_snapshot(PAUSED, NOW)
    assert window.playing.eyebrow.text() == "PAUSED"
    assert window.playing.pause.accessibleName() == "Play"


def test_the_buttons_say_what_the_person_wants(window: MainWindow, wishes: list[Intent], qtbot: QtBot) -> None:
    window.render_snapshot(PLAYING, NOW)
    for button in (window.playing.pause, window.playing.skip, window.playing.fade):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert wishes == [TogglePause(), Skip(), FadeNow()]


@pytest.mark.parametrize(
    ("transition", "words"),
    [
        (FADE, "fades in 0:40, 8 s"),
        (replace(FADE, seconds=Seconds(0.3)), "fades in 0:40, 1 s"),
        (Transition(Kind.GAPLESS, Seconds(125.0), Seconds(0.0), Seconds(0.0)), "goes on without a gap in 0:40"),
        (Transition(Kind.CUT, Seconds(125.0), Seconds(0.0), Seconds(0.0)), "cuts in 0:40"),
    ],
)
def test_the_planned_transition_is_told_and_counted_down(
    window: MainWindow, transition: Transition, words: str
) -> None:
    window.render_snapshot(replace(PLANNED, transition=transition), later(2.0))
    assert window.playing.when.isVisible()
    assert window.playing.when.text() == words
    assert window.playing.cued.text() == "→ Artist 3 – Title 3"


def test_a_cued_song_without_a_plan_is_named(window: MainWindow) -> None:
    window.render_snapshot(replace(PLANNED, transition=None, fades_in=None), NOW)
    assert not window.playing.when.isVisible()
    assert window.playing.cued.text() == "comes next: Artist 3 – Title 3"


def test_a_crossfade_shows_both_songs_and_how_far_it_is(window: MainWindow) -> None:
    window.render_snapshot(FADING, NOW)
    view = window.playing
    assert view.eyebrow.text() == "CROSSFADING"
    assert view.title.text() == "Title 2"
    assert view.going.isVisible()
    assert view.going.text() == "out: Title 1"
    assert view.percent.text() == "46 %"
    assert "46 percent" in view.share.accessibleName()
    window.render_snapshot(PLAYING, later(0.1))
    assert not view.going.isVisible()


def test_a_click_on_the_bar_seeks_there(window: MainWindow, wishes: list[Intent], qtbot: QtBot) -> None:
    window.render_snapshot(PLAYING, NOW)
    bar = window.playing.seek.bar
    QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=_at(bar, 0.5))
    (wish,) = wishes
    assert isinstance(wish, SeekTo)
    assert wish.position == pytest.approx(120.0, abs=1.0)


def test_the_bar_does_not_jump_while_it_is_dragged(window: MainWindow, wishes: list[Intent], qtbot: QtBot) -> None:
    window.render_snapshot(PLAYING, NOW)
    seek = window.playing.seek
    QTest.mousePress(seek.bar, Qt.MouseButton.LeftButton, pos=_at(seek.bar, 0.5))
    QTest.mouseMove(seek.bar, _at(seek.bar, 0.75))
    in_hand = seek.bar.value()
    assert in_hand == pytest.approx(1800, abs=10)
    for frame in range(1, 30):
        window.render_snapshot(PLAYING, later(frame * 0.033))
        assert seek.bar.value() == in_hand
        assert seek.elapsed.text() in ("2:59", "3:00")
    assert wishes == [], "only where the hand lets go is meant"
    QTest.mouseRelease(seek.bar, Qt.MouseButton.LeftButton, pos=_at(seek.bar, 0.75))
    assert wishes == [SeekTo(Seconds(in_hand / 10))]


def test_after_a_seek_the_bar_waits_for_the_playhead(window: MainWindow, qtbot: QtBot) -> None:
    window.render_snapshot(PLAYING, NOW)
    seek = window.playing.seek
    QTest.mouseClick(seek.bar, Qt.MouseButton.LeftButton, pos=_at(seek.bar, 0.5))
    window.render_snapshot(PLAYING, later(0.1))
    assert seek.bar.value() == pytest.approx(1200, abs=10), "the snapshot does not know of it yet"
    arrived = replace(PLAYING, at=later(0.3), playing=Playing(track(1), Seconds(120.8)))
    window.render_snapshot(arrived, later(0.3))
    assert seek.elapsed.text() == "2:00"
    window.render_snapshot(arrived, later(2.3))
    assert seek.elapsed.text() == "2:02"


def test_a_seek_that_was_refused_gives_way_to_the_truth(window: MainWindow, qtbot: QtBot) -> None:
    window.render_snapshot(PAUSED, NOW)
    seek = window.playing.seek
    QTest.mouseClick(seek.bar, Qt.MouseButton.LeftButton, pos=_at(seek.bar, 0.5))
    window.render_snapshot(PAUSED, later(0.1))
    window.render_snapshot(PAUSED, later(2.0))
    assert seek.elapsed.text() == "1:23"


def test_arrows_seek_and_add_up(window: MainWindow, wishes: list[Intent], qtbot: QtBot) -> None:
    window.render_snapshot(PAUSED, NOW)
    QTest.keyClick(window, Qt.Key.Key_Right)
    QTest.keyClick(window, Qt.Key.Key_Right)
    QTest.keyClick(window, Qt.Key.Key_Left)
    assert wishes == [SeekTo(Seconds(83 + steps * KEY_STEP)) for steps in (1, 2, 1)]


def test_arrows_stay_within_the_song(window: MainWindow, wishes: list[Intent], qtbot: QtBot) -> None:
    window.render_snapshot(replace(PAUSED, playing=Playing(track(1), Seconds(2.0), paused=True)), NOW)
    QTest.keyClick(window, Qt.Key.Key_Left)
    window.render_snapshot(replace(PAUSED, playing=Playing(track(2), Seconds(238.0), paused=True)), NOW)
    QTest.keyClick(window, Qt.Key.Key_Right)
    assert wishes == [SeekTo(Seconds(0.0)), SeekTo(Seconds(239.0))]


def test_the_focused_bar_seeks_by_its_own_keys(window: MainWindow, wishes: list[Intent], qtbot: QtBot) -> None:
    window.render_snapshot(PAUSED, NOW)
    window.playing.seek.bar.setFocus()
    QTest.keyClick(window.playing.seek.bar, Qt.Key.Key_Right)
    assert wishes == [SeekTo(Seconds(88.0))]


def test_what_was_in_hand_is_let_go_when_the_song_changes(window: MainWindow, wishes: list[Intent]) -> None:
    window.render_snapshot(PLAYING, NOW)
    bar = window.playing.seek.bar
    QTest.mousePress(bar, Qt.MouseButton.LeftButton, pos=_at(bar, 0.9))
    window.render_snapshot(replace(PLAYING, playing=Playing(track(2), Seconds(1.0))), later(0.1))
    QTest.mouseRelease(bar, Qt.MouseButton.LeftButton, pos=_at(bar, 0.9))
    assert wishes == [], "the new song is not sought to the old one's place"
    assert bar.value() == pytest.approx(11, abs=1)


def test_a_song_of_unknown_length_cannot_be_sought(window: MainWindow) -> None:
    window.render_snapshot(replace(PLAYING, playing=Playing(track(1, duration=0.0), Seconds(10.0))), NOW)
    assert not window.playing.seek.bar.isEnabled()
    assert window.playing.seek.elapsed.text() == "0:10"
    assert window.playing.seek.remaining.text() == ""


def test_a_wheel_over_the_bar_moves_nothing(window: MainWindow, wishes: list[Intent]) -> None:
    from PySide6.QtCore import QPointF
    from PySide6.QtGui import QWheelEvent
    from PySide6.QtWidgets import QApplication

    window.render_snapshot(PLAYING, NOW)
    bar = window.playing.seek.bar
    before = bar.value()
    place = QPointF(bar.rect().center())
    turn = QWheelEvent(
        place, bar.mapToGlobal(place), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(bar, turn)
    assert bar.value() == before
    assert wishes == []
