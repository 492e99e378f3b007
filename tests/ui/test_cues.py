"""Cue points: marks on the seek bar that a hand or a key can move."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QHelpEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from livedj.music import CuePoints, Seconds
from livedj.party.messages import Intent, MoveCues, SeekTo
from livedj.party.snapshot import Playing, Snapshot
from tests.ui.night import NOW, PAUSED, PLAYING, later, track
from ui.cues import LEAST, Mark, in_words, moved, place_of
from ui.window import MainWindow

DURATION = Seconds(240.0)
CUES = CuePoints(Seconds(3.0), Seconds(232.0), Seconds(24.0), Seconds(208.0))
SONG = replace(track(1), cues=CUES)
MARKED = replace(PLAYING, playing=Playing(SONG, Seconds(83.0)))
STILL = replace(PAUSED, playing=Playing(SONG, Seconds(83.0), paused=True))


def _cues(places: tuple[float, float, float, float], known: tuple[bool, bool]) -> CuePoints:
    start, intro_end, outro_start, end = (Seconds(place) for place in sorted(places))
    return CuePoints(start, end, intro_end if known[0] else None, outro_start if known[1] else None)


PLACES = st.floats(0, 240, allow_nan=False)
ANY_CUES = st.builds(_cues, st.tuples(PLACES, PLACES, PLACES, PLACES), st.tuples(st.booleans(), st.booleans()))


@given(ANY_CUES, st.sampled_from(Mark), st.floats(-100, 400, allow_nan=False))
@example(CuePoints(Seconds(0.0), Seconds(240.0), Seconds(0.0), Seconds(240.0)), Mark.START, 100.0)
@example(CuePoints(Seconds(0.0), Seconds(240.0), Seconds(0.0), Seconds(240.0)), Mark.END, 100.0)
def test_no_hand_disturbs_the_order_of_the_marks(cues: CuePoints, mark: Mark, to: float) -> None:
    new = moved(cues, mark, Seconds(to), DURATION)
    if new == cues:
        return
    rounding = 1e-9
    places = [(other, place) for other in Mark if (place := place_of(new, other)) is not None]
    assert new.start >= 0
    assert new.end <= DURATION
    for (one, before), (two, after) in itertools.pairwise(places):
        may_touch = (one, two) == (Mark.INTRO_END, Mark.OUTRO_START)
        if mark in (one, two):
            assert after - before >= (0 if may_touch else LEAST) - rounding
        else:
            assert after >= before


@pytest.mark.parametrize(
    ("mark", "to", "place"),
    [
        (Mark.START, 10.0, 10.0),
        (Mark.START, -5.0, 0.0),
        (Mark.START, 50.0, 23.9),
        (Mark.INTRO_END, 1.0, 3.1),
        (Mark.INTRO_END, 220.0, 208.0),
        (Mark.OUTRO_START, 1.0, 24.0),
        (Mark.OUTRO_START, 239.0, 231.9),
        (Mark.END, 300.0, 240.0),
        (Mark.END, 5.0, 208.1),
    ],
)
def test_a_mark_moves_as_far_as_its_neighbours_let_it(mark: Mark, to: float, place: float) -> None:
    new = moved(CUES, mark, Seconds(to), DURATION)
    assert place_of(new, mark) == pytest.approx(place)
    assert [place_of(new, other) for other in Mark if other is not mark] == [
        place_of(CUES, other) for other in Mark if other is not mark
    ]


def test_an_intro_without_length_does_not_hold_its_song_fast() -> None:
    at_once = replace(CUES, start=Seconds(0.0), intro_end=Seconds(0.0), outro_start=Seconds(232.0))
    later_start = moved(at_once, Mark.START, Seconds(5.0), DURATION)
    assert (later_start.start, later_start.intro_end) == (5.0, 5.0 + LEAST)
    sooner_end = moved(at_once, Mark.END, Seconds(200.0), DURATION)
    assert (sooner_end.outro_start, sooner_end.end) == (200.0 - LEAST, 200.0)


def test_a_mark_that_was_not_known_can_be_set() -> None:
    unknown = CuePoints(Seconds(0.0), DURATION)
    assert moved(unknown, Mark.INTRO_END, Seconds(20.0), DURATION).intro_end == 20.0


def test_a_song_without_room_between_its_marks_keeps_them() -> None:
    tiny = CuePoints(Seconds(0.0), Seconds(0.05))
    assert moved(tiny, Mark.INTRO_END, Seconds(0.02), Seconds(0.05)) == tiny


def test_the_marks_in_words() -> None:
    assert in_words(CUES) == "Sound starts 0:03, intro ends 0:24, outro starts 3:28, sound ends 3:52."
    assert in_words(CuePoints(Seconds(0.0), DURATION)) == "Sound starts 0:00, sound ends 4:00."


# On the bar -----------------------------------------------------------------------------------------------------------


def _at(window: MainWindow, seconds: float, down: float) -> QPoint:
    """A point of the bar at a moment of the song, `down` of the way from its upper edge to its lower one."""
    bar = window.playing.seek.bar
    return QPoint(round(bar._place(seconds * 10)), round(down * (bar.height() - 1)))


ABOVE, ON, BELOW = 0.08, 0.5, 0.92


def _drag(window: MainWindow, begin: QPoint, end: QPoint) -> None:
    bar = window.playing.seek.bar
    QTest.mousePress(bar, Qt.MouseButton.LeftButton, pos=begin)
    QTest.mouseMove(bar, end)
    QTest.mouseRelease(bar, Qt.MouseButton.LeftButton, pos=end)


@pytest.mark.parametrize(
    ("begin", "down", "end", "mark"),
    [
        (24.0, ABOVE, 40.0, Mark.INTRO_END),
        (208.0, ABOVE, 190.0, Mark.OUTRO_START),
        (3.0, BELOW, 12.0, Mark.START),
        (232.0, BELOW, 225.0, Mark.END),
    ],
)
def test_a_mark_is_dragged(
    window: MainWindow, wishes: list[Intent], qtbot: QtBot, begin: float, down: float, end: float, mark: Mark
) -> None:
    window.render_snapshot(MARKED, NOW)
    _drag(window, _at(window, begin, down), _at(window, end, down))
    (wish,) = wishes
    assert isinstance(wish, MoveCues)
    assert wish.track == SONG.id
    place = place_of(wish.cues, mark)
    assert place is not None
    assert place == pytest.approx(end, abs=1.5)
    assert wish.cues == replace(CUES, **{mark.value: place})


@pytest.mark.parametrize(("seconds", "down"), [(24.0, ON), (24.0, BELOW), (100.0, ABOVE), (3.0, ABOVE)])
def test_beside_the_marks_the_bar_seeks(
    window: MainWindow, wishes: list[Intent], qtbot: QtBot, seconds: float, down: float
) -> None:
    window.render_snapshot(MARKED, NOW)
    QTest.mouseClick(window.playing.seek.bar, Qt.MouseButton.LeftButton, pos=_at(window, seconds, down))
    (wish,) = wishes
    assert isinstance(wish, SeekTo)
    assert wish.position == pytest.approx(seconds, abs=1.0)


@pytest.mark.parametrize("size", [(900, 600), (1180, 760), (1920, 1080)])
def test_a_mark_can_be_met_at_every_size(window: MainWindow, qtbot: QtBot, size: tuple[int, int]) -> None:
    window.resize(*size)
    window.render_snapshot(MARKED, NOW)
    QApplication.processEvents()
    bar, x = window.playing.seek.bar, window.playing.seek.bar._place(240)
    met = [y for y in range(bar.height()) if bar.mark_at(QPointF(x, y)) is Mark.INTRO_END]
    seeks = [y for y in range(bar.height()) if bar.mark_at(QPointF(x, y)) is None]
    assert len(met) >= 6
    assert len(seeks) > bar.height() / 2, "most of the bar is there to seek"
    assert bar.mark_at(QPointF(x + 3, met[0])) is Mark.INTRO_END


def test_the_times_follow_the_hand_and_the_mark_stays_under_it(
    window: MainWindow, wishes: list[Intent], qtbot: QtBot
) -> None:
    window.render_snapshot(MARKED, NOW)
    seek = window.playing.seek
    start, end = _at(window, 24.0, ABOVE), _at(window, 60.0, ABOVE)
    QTest.mousePress(seek.bar, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(seek.bar, end)
    for frame in range(1, 10):
        window.render_snapshot(MARKED, later(frame * 0.033))
        assert seek.elapsed.text() in ("0:59", "1:00")
        assert seek.remaining.text() in ("−3:00", "−3:01")
        assert seek.bar.mark_at(QPointF(end)) is Mark.INTRO_END
    assert wishes == [], "only where the hand lets go is meant"
    QTest.mouseRelease(seek.bar, Qt.MouseButton.LeftButton, pos=end)
    assert len(wishes) == 1
    assert seek.elapsed.text() == "1:23", "then they tell of the playhead again"


def test_a_moved_mark_stays_until_the_party_knows_of_it(window: MainWindow, wishes: list[Intent], qtbot: QtBot) -> None:
    window.render_snapshot(MARKED, NOW)
    bar, end = window.playing.seek.bar, _at(window, 60.0, ABOVE)
    _drag(window, _at(window, 24.0, ABOVE), end)
    window.render_snapshot(MARKED, later(0.1))
    assert bar.mark_at(QPointF(end)) is Mark.INTRO_END
    (wish,) = wishes
    assert isinstance(wish, MoveCues)
    taken_up = replace(MARKED, playing=Playing(replace(SONG, cues=wish.cues), Seconds(83.3)))
    window.render_snapshot(taken_up, later(0.3))
    window.render_snapshot(taken_up, later(5.0))
    assert bar.mark_at(QPointF(end)) is Mark.INTRO_END


def test_a_mark_that_nobody_moved_for_us_goes_back(window: MainWindow, qtbot: QtBot) -> None:
    window.render_snapshot(MARKED, NOW)
    bar, begin = window.playing.seek.bar, _at(window, 24.0, ABOVE)
    _drag(window, begin, _at(window, 60.0, ABOVE))
    window.render_snapshot(MARKED, later(0.1))
    window.render_snapshot(MARKED, later(3.0))
    assert bar.mark_at(QPointF(begin)) is Mark.INTRO_END


def test_new_cues_of_the_same_song_leave_the_hand_on_the_bar(
    window: MainWindow, wishes: list[Intent], qtbot: QtBot
) -> None:
    window.render_snapshot(MARKED, NOW)
    bar = window.playing.seek.bar
    QTest.mousePress(bar, Qt.MouseButton.LeftButton, pos=_at(window, 120.0, ON))
    rescanned = replace(SONG, cues=replace(CUES, start=Seconds(1.0)))
    window.render_snapshot(replace(MARKED, playing=Playing(rescanned, Seconds(83.0))), later(0.1))
    QTest.mouseRelease(bar, Qt.MouseButton.LeftButton, pos=_at(window, 120.0, ON))
    assert len(wishes) == 1


def test_a_mark_in_hand_is_let_go_when_the_song_changes(window: MainWindow, wishes: list[Intent], qtbot: QtBot) -> None:
    window.render_snapshot(MARKED, NOW)
    bar = window.playing.seek.bar
    QTest.mousePress(bar, Qt.MouseButton.LeftButton, pos=_at(window, 24.0, ABOVE))
    QTest.mouseMove(bar, _at(window, 40.0, ABOVE))
    window.render_snapshot(replace(PLAYING, playing=Playing(track(2), Seconds(1.0))), later(0.1))
    QTest.mouseRelease(bar, Qt.MouseButton.LeftButton, pos=_at(window, 40.0, ABOVE))
    assert wishes == []
    assert window.playing.seek.elapsed.text() == "0:01"


def test_a_mark_that_is_only_touched_stays_as_it_was(window: MainWindow, wishes: list[Intent], qtbot: QtBot) -> None:
    window.render_snapshot(MARKED, NOW)
    beside = _at(window, 24.0, ABOVE) + QPoint(3, 0)
    QTest.mouseClick(window.playing.seek.bar, Qt.MouseButton.LeftButton, pos=beside)
    QTest.mouseDClick(window.playing.seek.bar, Qt.MouseButton.LeftButton, pos=beside)
    assert wishes == []


def test_a_mark_taken_hold_of_at_its_edge_does_not_jump(window: MainWindow, wishes: list[Intent], qtbot: QtBot) -> None:
    window.render_snapshot(MARKED, NOW)
    beside = _at(window, 24.0, ABOVE) + QPoint(4, 0)
    _drag(window, beside, beside + QPoint(40, 0))
    (wish,) = wishes
    assert isinstance(wish, MoveCues)
    assert wish.cues.intro_end is not None
    bar = window.playing.seek.bar
    assert bar._place(wish.cues.intro_end * 10) - bar._place(240) == pytest.approx(40, abs=1)


def test_two_marks_on_one_spot_each_follow_the_hand_to_their_side(window: MainWindow, qtbot: QtBot) -> None:
    one_spot = replace(SONG, cues=replace(CUES, intro_end=Seconds(100.0), outro_start=Seconds(100.0)))
    window.render_snapshot(replace(MARKED, playing=Playing(one_spot, Seconds(83.0))), NOW)
    bar, spot = window.playing.seek.bar, QPointF(_at(window, 100.0, ABOVE))
    assert bar.mark_at(spot - QPointF(2, 0)) is Mark.INTRO_END
    assert bar.mark_at(spot + QPointF(2, 0)) is Mark.OUTRO_START


@pytest.mark.parametrize(
    ("key", "field"),
    [
        (Qt.Key.Key_S, "start"),
        (Qt.Key.Key_I, "intro_end"),
        (Qt.Key.Key_O, "outro_start"),
        (Qt.Key.Key_E, "end"),
    ],
)
def test_a_key_on_the_bar_sets_a_mark_to_the_playhead(
    window: MainWindow, wishes: list[Intent], qtbot: QtBot, key: Qt.Key, field: str
) -> None:
    plain = replace(SONG, cues=CuePoints(Seconds(0.0), DURATION))
    window.render_snapshot(replace(STILL, playing=Playing(plain, Seconds(83.25), paused=True)), NOW)
    window.playing.seek.bar.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(window.playing.seek.bar, key)
    assert wishes == [MoveCues(SONG.id, replace(plain.cues, **{field: Seconds(83.25)}))]


def test_keys_add_up_while_the_party_has_not_answered(window: MainWindow, wishes: list[Intent], qtbot: QtBot) -> None:
    plain = replace(SONG, cues=CuePoints(Seconds(0.0), DURATION))
    still = replace(STILL, playing=Playing(plain, Seconds(20.0), paused=True))
    window.render_snapshot(still, NOW)
    bar = window.playing.seek.bar
    QTest.keyClick(bar, Qt.Key.Key_I)
    window.render_snapshot(replace(still, playing=Playing(plain, Seconds(200.0), paused=True)), later(0.1))
    QTest.keyClick(bar, Qt.Key.Key_O)
    assert wishes[-1] == MoveCues(SONG.id, CuePoints(Seconds(0.0), DURATION, Seconds(20.0), Seconds(200.0)))


def test_the_keys_of_the_marks_need_the_focus_and_are_no_shortcuts(
    window: MainWindow, wishes: list[Intent], qtbot: QtBot
) -> None:
    window.render_snapshot(STILL, NOW)
    bar = window.playing.seek.bar
    QTest.keyClick(window, Qt.Key.Key_I)
    QTest.keyClick(bar, Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)
    held = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_I, Qt.KeyboardModifier.NoModifier, "i", True)
    QApplication.sendEvent(bar, held)
    assert wishes == []


def test_the_marks_are_told_to_screen_readers_and_by_tool_tips(window: MainWindow, qtbot: QtBot) -> None:
    window.render_snapshot(MARKED, NOW)
    bar = window.playing.seek.bar
    assert bar.accessibleDescription().startswith("Sound starts 0:03, intro ends 0:24,")
    assert "Keys S, I, O and E" in bar.accessibleDescription()
    place = _at(window, 208.0, ABOVE)
    QApplication.sendEvent(bar, QHelpEvent(QEvent.Type.ToolTip, place, bar.mapToGlobal(place)))
    assert "Outro starts at 3:28" in QToolTip.text()
    QToolTip.hideText()


def _pixel(window: MainWindow, seconds: float, down: float) -> int:
    bar = window.playing.seek.bar
    return bar.grab().toImage().pixelColor(_at(window, seconds, down)).lightness()


def test_marks_intro_and_outro_can_be_seen(window: MainWindow, qtbot: QtBot) -> None:
    window.render_snapshot(MARKED, NOW)
    body, outro, silence = (_pixel(window, seconds, ON) for seconds in (150.0, 220.0, 237.0))
    assert silence < body < outro
    assert _pixel(window, 15.0, ON) > _pixel(window, 60.0, ON), "what was played of the intro too"
    above = 0.15
    assert _pixel(window, 208.0, above) > _pixel(window, 150.0, above)


@pytest.mark.parametrize(
    "snapshot",
    [
        replace(MARKED, playing=None),
        replace(MARKED, playing=Playing(replace(SONG, duration=Seconds(0.0)), Seconds(83.0))),
    ],
)
def test_without_a_song_of_known_length_there_are_no_marks(
    window: MainWindow, wishes: list[Intent], qtbot: QtBot, snapshot: Snapshot
) -> None:
    window.render_snapshot(MARKED, NOW)
    place = _at(window, 24.0, ABOVE)
    window.render_snapshot(snapshot, later(0.1))
    bar = window.playing.seek.bar
    assert bar.mark_at(QPointF(place)) is None
    assert bar.accessibleDescription() == ""
    QTest.keyClick(bar, Qt.Key.Key_I)
    assert wishes == []
