"""Journeys on the map: drawn by clicks, listed, lined up."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest

from livedj.library.journeys import Listed
from livedj.music import TrackId
from livedj.party.messages import Enqueue, Intent
from tests.ui.night import track
from tests.ui.on_the_map import LEFT, PLACES, POINTS, at, click, open_map, press, without_first
from ui.map import LINED_UP, MapView
from ui.mapside import BETWEEN, FURTHER, LOOKING, MOST_BETWEEN
from ui.window import MainWindow


@pytest.fixture
def view(window: MainWindow) -> MapView:
    return open_map(window)


def texts(view: MapView) -> list[str]:
    songs = view.side.journey.songs
    return [songs.item(row).text() for row in range(songs.count())]


def listed(*numbers: int) -> list[Listed]:
    return [Listed(track(number)) for number in numbers]


def test_a_journey_that_is_begun_by_key_goes_on_by_key(view: MapView) -> None:
    click(view, 0)
    view.side.card.journey.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(view.side.card.journey, Qt.Key.Key_Return)
    assert view.focusWidget() is view.field
    press(view, Qt.Key.Key_Right, Qt.Key.Key_Return)
    assert len(texts(view)) == 2


def begin(view: MapView) -> list[tuple[TrackId, ...]]:
    """Begin a journey at the first song; return what is asked for from then on."""
    asked: list[tuple[TrackId, ...]] = []
    view.journey_wanted.connect(lambda waypoints, _: asked.append(waypoints))
    click(view, 0)
    QTest.mouseClick(view.side.card.journey, LEFT)
    return asked


def test_clicks_draw_a_journey_and_it_is_listed_before_it_is_queued(view: MapView, wishes: list[Intent]) -> None:
    asked = begin(view)
    journey = view.side.journey
    assert (texts(view), journey.said.text()) == (["1  Saltwater Kids – Undertow"], FURTHER)
    assert not journey.queue.isEnabled()
    click(view, 1, 1, 4)
    assert asked == [(11, 12), (11, 12, 15)]
    view.show_way(asked[0], BETWEEN, listed(11, 12))
    assert not journey.queue.isEnabled(), "there is a further waypoint by now"
    view.show_way(asked[1], BETWEEN, listed(11, 13, 12, 999, 15))
    assert journey.heading.text() == "JOURNEY · 5 songs"
    assert texts(view) == [
        "1  Artist 11 – Title 11", "·  Artist 13 – Title 13", "2  Artist 12 – Title 12", "·  Artist 999 – Title 999",
        "3  Artist 15 – Title 15",
    ]  # fmt: skip
    before = view.field.grab().toImage()
    QTest.mouseClick(journey.queue, LEFT)
    assert wishes == [Enqueue(tuple(track(number) for number in (11, 13, 12, 999, 15)))]
    assert view.side.pages.currentWidget() is view.side.card
    assert view.side.card.said.text() == LINED_UP
    click(view, 2)
    assert (asked[2:], view.side.card.said.text()) == ([], ""), "the journey is over"
    middle = (at(view, 0) + at(view, 2)) / 2
    assert before.pixelColor(middle) == QColor("#f6f8fb"), "the line"


def test_a_journey_has_as_many_songs_between_as_the_person_wants(view: MapView) -> None:
    begin(view)
    journey, wanted = view.side.journey, list[int]()
    view.journey_wanted.connect(lambda _, between: wanted.append(between))
    click(view, 1)
    view.show_way((TrackId(11), TrackId(12)), BETWEEN, listed(11, 13, 14, 15, 12))
    assert (wanted, journey.amount.text()) == ([BETWEEN], "3 songs between")
    for _ in range(BETWEEN):
        QTest.mouseClick(journey.fewer, LEFT)
    assert (wanted[1:], journey.amount.text()) == ([2, 1], "1 song between")
    assert not journey.fewer.isEnabled()
    assert not journey.queue.isEnabled(), "another way is looked for"
    view.show_way((TrackId(11), TrackId(12)), 2, listed(11, 13, 14, 12))
    assert not journey.queue.isEnabled(), "it was asked for before the last click"
    view.show_way((TrackId(11), TrackId(12)), 1, listed(11, 13, 12))
    assert journey.queue.isEnabled()
    for _ in range(MOST_BETWEEN):
        QTest.mouseClick(journey.more, LEFT)
    assert wanted[-1] == MOST_BETWEEN
    assert not journey.more.isEnabled()


def test_escape_and_undo_take_back_waypoint_by_waypoint(view: MapView) -> None:
    begin(view)
    click(view, 1, 2)
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert len(texts(view)) == 2
    QTest.keyClick(view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert len(texts(view)) == 1
    QTest.mouseClick(view.side.journey.undo, LEFT)
    assert view.side.pages.currentWidget() is view.side.card
    assert view.isVisible()
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert not view.isVisible()


def test_a_way_that_is_not_found_says_why(view: MapView) -> None:
    asked = begin(view)
    click(view, 1)
    view.show_way(asked[-1], BETWEEN, "The library holds too few songs for this list.")
    assert view.side.journey.said.text() == "The library holds too few songs for this list."
    assert not view.side.journey.queue.isEnabled()
    QTest.mouseClick(view.side.journey.fewer, LEFT)
    assert view.side.journey.said.text() == LOOKING


def test_what_is_chosen_stays_so_when_the_songs_are_read_again(view: MapView) -> None:
    asked = begin(view)
    click(view, 1)
    view.show_way(asked[-1], BETWEEN, listed(11, 12))
    view.show_points(replace(POINTS, positions=PLACES * np.float32(0.5)))
    assert len(texts(view)) == 2
    QTest.mouseClick(view.side.journey.queue, LEFT)
    view.show_points(POINTS)
    assert view.side.card.said.text() == LINED_UP
    view.show_points(without_first())
    assert view.side.pages.currentWidget() is view.side.hint
