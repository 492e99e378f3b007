"""The map of a real library: drawn, travelled through, closed."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from livedj.library.atlas import Atlas
from livedj.library.catalogue import FILE_NAME, Catalogue
from livedj.library.files import Tags
from livedj.library.journeys import Listed
from livedj.music import TrackId
from livedj.party.messages import Enqueue, Intent, PlayNext
from tests.library.analyses import an_analysis
from tests.ui.night import LISTENING, later
from tests.ui.on_the_map import LEFT, MODEL
from ui.bridge import Bridge
from ui.map import MapView
from ui.mapside import BETWEEN


@pytest.fixture
def filled(data: Path) -> Path:
    with Catalogue(data / FILE_NAME) as catalogue:
        catalogue.add_folder(Path("/music"))
        for number in range(8):
            song = replace(an_analysis(f"/music/{number}.mp3", number), tags=Tags(f"Title {number}"))
            catalogue.add(song, MODEL)
    return data


def _open(bridge: Bridge, qtbot: QtBot) -> MapView:
    QTest.mouseClick(bridge.window.controls.library.map, LEFT)
    view = bridge.window.map
    qtbot.waitUntil(lambda: view.heading.text() == "MAP · 8 songs", timeout=60_000)
    return view


def _choose(view: MapView, row: int) -> None:
    view.field.chosen.emit(row)


def test_a_library_is_drawn_chosen_from_and_travelled_through(filled: Path, opened: Bridge, qtbot: QtBot) -> None:
    wishes: list[Intent] = []
    opened.window.wished.connect(wishes.append)
    view = _open(opened, qtbot)
    _choose(view, 2)
    qtbot.waitUntil(lambda: view.side.card.facts.text() == "1:01")
    QTest.mouseClick(view.side.card.play, LEFT)
    qtbot.waitUntil(lambda: len(wishes) == 1)
    QTest.mouseClick(view.side.card.journey, LEFT)
    _choose(view, 5)
    qtbot.waitUntil(lambda: view.side.journey.heading.text() == "JOURNEY · 5 songs")
    QTest.mouseClick(view.side.journey.queue, LEFT)
    play, queue = wishes
    assert isinstance(play, PlayNext)
    assert play.track.title == "Title 2"
    assert isinstance(queue, Enqueue)
    assert [song.title for song in queue.tracks[::4]] == ["Title 2", "Title 5"]


def test_of_several_clicks_on_more_only_the_last_is_travelled(
    filled: Path, opened: Bridge, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on, travelled, travel = threading.Event(), threading.Event(), list[int](), Atlas.journey

    def journey(atlas: Atlas, tracks: Sequence[TrackId], between: int) -> list[Listed]:
        travelled.append(between)
        begun.set()
        go_on.wait(10)
        return travel(atlas, tracks, between)

    monkeypatch.setattr(Atlas, "journey", journey)
    view = _open(opened, qtbot)
    _choose(view, 2)
    QTest.mouseClick(view.side.card.journey, LEFT)
    _choose(view, 5)
    qtbot.waitUntil(begun.is_set)
    for _ in range(3):
        QTest.mouseClick(view.side.journey.more, LEFT)
    go_on.set()
    qtbot.waitUntil(lambda: view.side.journey.heading.text() == f"JOURNEY · {BETWEEN + 5} songs")
    assert travelled == [BETWEEN, BETWEEN + 3]


def test_the_window_closes_although_the_map_is_being_drawn(
    filled: Path, opened: Bridge, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, ended = threading.Event(), threading.Event()

    def draw(atlas: Atlas, told: object, given_up: Callable[[], bool]) -> None:
        begun.set()
        while not given_up():
            threading.Event().wait(0.01)
        threading.Event().wait(0.2)  # so long it takes to end the process that draws
        ended.set()

    monkeypatch.setattr(Atlas, "draw", draw)
    QTest.keyClick(opened.window, Qt.Key.Key_M)
    qtbot.waitUntil(begun.is_set)
    opened.window.close()
    assert ended.is_set()
    assert not opened.window.map.isVisible()


def test_songs_that_come_while_it_is_open_are_shown_once_they_are_there(
    filled: Path, opened: Bridge, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.map.AGAIN_MS", 0)
    view = _open(opened, qtbot)
    with Catalogue(filled / FILE_NAME) as catalogue:
        catalogue.add(replace(an_analysis("/music/new.mp3", 50), whole=False), MODEL)
    opened.window.render_snapshot(replace(LISTENING, library_size=9), later(1))
    qtbot.waitUntil(lambda: view.heading.text() == "MAP · 9 songs", timeout=60_000)
