"""When the map of a library is drawn, and what is told where that fails."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from livedj import bundled
from livedj.ear.encoder import read_card
from livedj.errors import MapError
from livedj.library.atlas import Atlas, Points
from livedj.library.catalogue import FILE_NAME, Catalogue
from livedj.library.projection import FILE_NAME as MAP
from livedj.library.projection import heard_by, renew
from livedj.library.shelf import Shelf
from livedj.party.messages import ScanProgressed
from livedj.party.snapshot import Snapshot
from tests.library.analyses import an_analysis
from tests.ui.night import LISTENING
from ui.bridge import Bridge
from ui.colouring import Colouring
from ui.map import MapView
from ui.program import open_window

MODEL = read_card(bundled.MODEL).sha256
SCAN = ScanProgressed(1, 100, 0, "song.mp3")


class Library:
    """Songs, and a window on them with what it is to show; the map is drawn in this process, if it can be."""

    def __init__(self, data: Path, qtbot: QtBot) -> None:
        self._data, self._qtbot = data, qtbot
        self.snapshot: Snapshot = LISTENING
        self.songs = 0
        self.fault: Exception | None = None
        self.drawn: list[int] = []
        """How many songs there were at each drawing."""
        self.shown = 0
        """How often the songs were."""
        with Catalogue(data / FILE_NAME) as catalogue:
            catalogue.add_folder(Path("/music"))

    def draw(self, told: Callable[[float], None], given_up: Callable[[], bool]) -> None:
        """Do what `Atlas.draw` does."""
        self.drawn.append(heard_by(self._data, MODEL).known // 2)
        if self.fault is not None:
            raise self.fault
        renew(self._data, bundled.MODEL, told)

    def grow(self, songs: int, scan: ScanProgressed | None = None) -> None:
        """Let there be so many songs, all heard to their end, and wait until they have been read."""
        with Catalogue(self._data / FILE_NAME) as catalogue:
            for number in range(self.songs, songs):
                catalogue.add(an_analysis(f"/music/{number}.mp3", number), MODEL)
        self.songs, shown = songs, self.shown
        self.snapshot = replace(LISTENING, library_size=songs, scan=scan)
        self._qtbot.waitUntil(lambda: self.shown > shown)


@pytest.fixture
def library(data: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Library:
    made, show = Library(data, qtbot), MapView.show_points

    def count(view: MapView, points: Points | str) -> None:
        show(view, points)
        made.shown += 1

    monkeypatch.setattr("ui.map.AGAIN_MS", 0)
    monkeypatch.setattr(MapView, "show_points", count)
    monkeypatch.setattr(Atlas, "draw", lambda atlas, told, given_up: made.draw(told, given_up))
    return made


@pytest.fixture
def bridge(library: Library, shelf: Shelf, qtbot: QtBot) -> Iterator[Bridge]:
    opened = open_window(lambda: library.snapshot, lambda wish: None, lambda number: None, shelf)
    qtbot.addWidget(opened.window)
    yield opened
    opened.stop()


@pytest.fixture
def view(bridge: Bridge, library: Library, qtbot: QtBot) -> MapView:
    """The map of an empty library, open."""
    bridge.window.map.open_map()
    bridge.refresh()
    qtbot.waitUntil(lambda: library.shown == 1)
    return bridge.window.map


def _wait_for(qtbot: QtBot, view: MapView, heading: str) -> None:
    qtbot.waitUntil(lambda: view.heading.text() == heading)


def test_the_map_is_drawn_again_when_a_tenth_more_is_known(library: Library, view: MapView, qtbot: QtBot) -> None:
    library.grow(11)
    _wait_for(qtbot, view, "MAP · 11 songs")
    library.grow(12)
    assert view.heading.text() == "MAP · 12 songs"
    library.grow(13)
    _wait_for(qtbot, view, "MAP · 13 songs")
    assert library.drawn == [11, 13]


def test_while_a_scan_goes_on_it_is_drawn_again_when_twice_as_much_is_known(
    library: Library, view: MapView, qtbot: QtBot
) -> None:
    for songs in (3, 5, 6, 11):
        library.grow(songs, SCAN)
        _wait_for(qtbot, view, f"MAP · {songs} songs")
    assert library.drawn == [3, 6]
    library.grow(11)
    qtbot.waitUntil(lambda: library.drawn == [3, 6, 11])


def test_a_map_that_is_gone_is_drawn_though_nothing_has_grown(
    library: Library, view: MapView, data: Path, qtbot: QtBot
) -> None:
    library.grow(11)
    _wait_for(qtbot, view, "MAP · 11 songs")
    (data / MAP).unlink()
    view.open_map()
    qtbot.waitUntil(lambda: library.drawn == [11, 11])


def test_a_drawing_in_vain_is_not_begun_again_at_once(
    library: Library, view: MapView, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.ui.test_mapmaker.renew", lambda *arguments: None)
    library.grow(11)
    qtbot.waitUntil(lambda: library.shown == 3)  # as it was drawn
    library.grow(12)
    library.grow(13)
    qtbot.waitUntil(lambda: library.drawn == [11, 13])


def test_why_it_cannot_be_drawn_stays_told_until_it_is_tried_again(
    library: Library, view: MapView, qtbot: QtBot
) -> None:
    library.fault = MapError("No paper.")
    library.grow(11)
    _wait_for(qtbot, view, "No paper.")
    library.grow(12)
    view.colours.setCurrentIndex(list(Colouring).index(Colouring.TEMPO))
    view.open_map()  # to the front
    qtbot.waitUntil(lambda: library.shown == 5)
    assert (view.heading.text(), view.field.accessibleDescription()) == ("No paper.", "No paper.")
    library.grow(13)  # much more than there was
    qtbot.waitUntil(lambda: library.drawn == [11, 13] and view.heading.text() == "No paper.")
    library.fault = None
    view.close()
    view.open_map()
    _wait_for(qtbot, view, "MAP · 13 songs")
    assert library.drawn == [11, 13, 13]


def test_what_nobody_foresaw_is_told_in_a_sentence(
    library: Library, view: MapView, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object) -> None:
        raise KeyError("title")

    fault = "An unexpected fault (KeyError)"
    library.fault = KeyError("title")
    library.grow(5)
    qtbot.waitUntil(lambda: fault in view.heading.text())
    library.fault = None
    library.grow(8)
    _wait_for(qtbot, view, "MAP · 8 songs")
    monkeypatch.setattr(Atlas, "journey", fail)
    view.field.chosen.emit(0)
    QTest.mouseClick(view.side.card.journey, Qt.MouseButton.LeftButton)
    view.field.chosen.emit(1)
    qtbot.waitUntil(lambda: fault in view.side.journey.said.text())
    monkeypatch.setattr(Atlas, "points", fail)
    view.open_map()
    qtbot.waitUntil(lambda: f"cannot be read: {fault}" in view.heading.text())
