"""A click on the map lets a song be heard where that disturbs nobody."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from livedj.library.catalogue import FILE_NAME, Catalogue
from livedj.library.shelf import Shelf
from livedj.listen.heard import ListenState
from livedj.music import TrackId
from livedj.party.snapshot import Snapshot
from livedj.play.excerpt import Excerpt
from tests.library.analyses import an_analysis
from tests.ui.night import HEARD, LISTENING, NOW, PAUSED, PLAYING, later
from tests.ui.on_the_map import LEFT, MODEL, click, open_map
from ui.map import ECHO, PREVIEW, MapView
from ui.program import open_window
from ui.window import MainWindow

SILENT = replace(LISTENING, heard=replace(HEARD, state=ListenState.TOO_QUIET))
"""Nothing is heard, and nothing plays."""


@pytest.fixture
def view(window: MainWindow) -> MapView:
    return open_map(window)


def _previews(view: MapView, snapshot: Snapshot) -> list[TrackId | None]:
    asked: list[TrackId | None] = []
    view.preview_wanted.connect(asked.append)
    view.render_map(snapshot, NOW)
    return asked


@pytest.mark.parametrize(
    "disturbed",
    [LISTENING, PLAYING, replace(SILENT, auto=True), replace(SILENT, playing=PLAYING.playing)],
    ids=["others play", "auto-DJ plays", "auto-DJ may begin", "ours plays"],
)
def test_a_click_is_silent_where_a_preview_would_disturb_the_room(view: MapView, disturbed: Snapshot) -> None:
    asked = _previews(view, disturbed)
    click(view, 0)
    assert asked == []
    assert view.side.card.unheard.isVisible()


@pytest.mark.parametrize("silence", [SILENT, replace(SILENT, playing=PAUSED.playing)])
def test_in_silence_a_click_lets_the_song_be_heard(view: MapView, silence: Snapshot) -> None:
    asked = _previews(view, silence)
    click(view, 0)
    assert not view.side.card.unheard.isVisible()
    view.render_map(LISTENING, later(2.0))  # the ear hears the preview itself
    click(view, 1)
    assert asked == [11, 12]
    view.render_map(LISTENING, later(2.0 + PREVIEW + ECHO - 0.1))
    click(view, 2)
    assert asked == [11, 12, 13]
    view.render_map(LISTENING, later(2.0 + 2 * (PREVIEW + ECHO) + 1.0))
    click(view, 3)
    assert asked == [11, 12, 13], "by now it is others' music"


def test_a_preview_ends_where_the_music_begins_and_with_the_map(view: MapView) -> None:
    asked = _previews(view, SILENT)
    click(view, 0)
    view.render_map(replace(SILENT, auto=True), later(1.0))
    view.render_map(replace(SILENT, auto=True), later(2.0))
    assert asked == [11, None]
    view.render_map(SILENT, later(20.0))
    click(view, 0)
    QTest.mouseClick(view.side.card.play, LEFT)
    assert asked[2:] == [11, None]
    click(view, 1)
    view.close()
    assert asked[4:] == [12, None]
    view.close()
    assert len(asked) == 6


def test_a_preview_that_may_be_late_is_taken_back_however_long_ago_it_was_asked_for(view: MapView) -> None:
    asked = _previews(view, SILENT)
    click(view, 0)
    view.render_map(SILENT, later(PREVIEW + 60.0))
    view.close()
    assert asked == [11, None]


def test_the_preview_of_a_song_that_was_left_meanwhile_does_not_begin(
    qtbot: QtBot, shelf: Shelf, data: Path
) -> None:
    heard: list[Excerpt | None] = []
    with Catalogue(data / FILE_NAME) as catalogue:
        left, chosen = (catalogue.add(an_analysis(f"/music/{name}.mp3"), MODEL) for name in ("left", "chosen"))
    bridge = open_window(lambda: SILENT, lambda wish: None, lambda number: None, shelf, preview=heard.append)
    qtbot.addWidget(bridge.window)
    ask = bridge.window.map.preview_wanted
    ask.emit(left)
    ask.emit(None)
    ask.emit(chosen)
    qtbot.waitUntil(lambda: len(heard) == 2)
    bridge.stop()
    assert [part and part.track.id for part in heard] == [None, chosen]
