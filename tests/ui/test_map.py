"""The map's window: songs, colours, the room among them, a card."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from livedj.choose.scene import Neighbour
from livedj.library.atlas import NOTHING
from livedj.library.shelf import Song, Standing
from livedj.music import Beats, Key, Seconds, TrackId
from livedj.party.messages import Intent
from livedj.party.snapshot import Playing
from tests.ui.night import LISTENING, NOW, PLAYING, later, track
from tests.ui.on_the_map import LEFT, PLACES, POINTS, at, click, move, open_map, press, without_first
from ui.colouring import Colouring, coloured
from ui.map import EMPTY, MapView
from ui.mapside import WHY_NOT
from ui.theme import REST
from ui.whereabouts import Whereabouts, place_of
from ui.window import MainWindow

SONG = Song(
    TrackId(11), TrackId(11), "Undertow", "Saltwater Kids", "", Seconds(252.0), Beats(124.2, Seconds(0), 0.9),
    Key(6, minor=True, confidence=0.2), None, None, Standing.READY,
)  # fmt: skip


@pytest.fixture
def view(window: MainWindow) -> MapView:
    return open_map(window)


def test_the_pointer_names_the_song_under_it(view: MapView) -> None:
    move(view, at(view, 1) + QPoint(5, 4))
    assert view.field.hovered == 1
    assert view.field.name_of(1) == "The Wires – Copper Sun"
    assert view.field.name_of(3) == "Nameless"
    move(view, (at(view, 0) + at(view, 2)) / 2)
    assert view.field.hovered is None


def test_every_song_is_a_dot_in_the_colour_of_its_group(view: MapView) -> None:
    for by in Colouring:
        view.colours.setCurrentIndex(list(Colouring).index(by))
        QApplication.processEvents()
        drawn = view.field.grab().toImage()
        colours = coloured(POINTS, by)
        for row, group in enumerate(colours.groups):
            assert drawn.pixelColor(at(view, row)) == QColor(colours.legend[group][0])
        assert view.side.legend.groups == colours.legend


def test_groups_are_the_largest_first_and_what_has_no_name_is_in_none() -> None:
    names = [name for _, name in coloured(POINTS, Colouring.FOLDER).legend]
    assert names == ["rock", "jazz", "other folders"]
    styles = [name for _, name in coloured(POINTS, Colouring.STYLE).legend]
    assert styles == ["House", "Rock", "other styles, or not known"]
    assert coloured(POINTS, Colouring.ARTIST).legend[0][1] == "The Wires"
    many = replace(POINTS, artists=[f"Artist {number}" for number in range(20)])
    by_artist = coloured(many, Colouring.ARTIST)
    assert by_artist.legend[-1] == (REST, "other artists")
    assert len(by_artist.legend) == by_artist.groups.max() + 1 == 9


def test_tempi_are_bands() -> None:
    by_tempo = coloured(POINTS, Colouring.TEMPO)
    assert [by_tempo.legend[group][1] for group in by_tempo.groups] == [
        "below 90 BPM", "110–125 BPM", "140 BPM and more", "not known", "125–140 BPM",
    ]  # fmt: skip
    known = coloured(replace(POINTS, tempos=np.array([80, 120, 174, 90, 125], np.float32)), Colouring.TEMPO)
    assert "not known" not in [name for _, name in known.legend]


def test_the_wheel_looks_nearer_at_the_place_under_the_pointer_and_back(view: MapView) -> None:
    field, corner = view.field, at(view, 1)
    for notches in (3, -9):
        event = QWheelEvent(
            QPointF(corner), QPointF(field.mapToGlobal(corner)), QPoint(), QPoint(0, 120 * notches),
            Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(field, event)
        if notches > 0:
            assert field.camera.zoom > 1.9
            assert (at(view, 1) - corner).manhattanLength() <= 2
            assert field.hovered == 1
    assert field.camera.zoom == 1.0
    assert at(view, 1) == corner


def test_the_map_is_used_without_a_mouse(view: MapView, wishes: list[Intent], qtbot: QtBot) -> None:
    field, (left, right, up) = view.field, (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up)
    assert view.focusWidget() is field
    press(view, Qt.Key.Key_Return)
    assert view.side.pages.currentWidget() is view.side.hint, "nothing is pointed at"
    press(view, Qt.Key.Key_Plus, Qt.Key.Key_Minus, right, left, up)
    assert field.hovered == 0
    assert field.camera.zoom == 1
    for choose in (Qt.Key.Key_Return, Qt.Key.Key_Space):
        with qtbot.waitSignal(view.song_wanted) as asked:
            press(view, choose)
        assert asked.args == [11]
    assert view.side.card.title.text() == "Undertow"
    assert wishes == []
    press(view, *[Qt.Key.Key_Equal] * 9, right)
    assert field.hovered == 1
    assert field.rect().contains(at(view, 1)), "the view goes along"
    view.show_points(without_first())
    assert field.hovered == 0, "it is the same song"
    press(view, Qt.Key.Key_Escape)
    assert not view.isVisible()


def test_a_key_that_is_held_chooses_once(view: MapView) -> None:
    asked: list[TrackId] = []
    view.song_wanted.connect(asked.append)
    view.field.hovered = 0
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Space):
        press(view, key)
        held = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, "", True)
        QApplication.sendEvent(view.field, held)
    assert asked == [11, 11]


def test_the_keyboards_focus_is_seen(view: MapView) -> None:
    view.activateWindow()
    QApplication.processEvents()
    focused = view.field.grab().toImage()
    view.colours.setFocus()
    assert focused.pixelColor(0, 99) == QColor("#ffb224") != view.field.grab().toImage().pixelColor(0, 99)


def test_songs_that_are_left_in_a_corner_of_the_map_are_seen(view: MapView) -> None:
    corner = PLACES * np.float32(0.1) + np.float32(0.85)
    view.show_points(replace(POINTS, positions=corner))
    seen = view.field.camera.seen(corner)
    assert (seen >= 0).all()
    assert (seen <= (view.field.width(), view.field.height())).all()


def test_dragging_moves_the_map_and_chooses_nothing(view: MapView) -> None:
    begin, by = at(view, 2), QPoint(-60, 40)
    QTest.mousePress(view.field, LEFT, Qt.KeyboardModifier.NoModifier, begin)
    for part in (1, 2):
        move(view, begin + by * part / 2, LEFT)
    QTest.mouseRelease(view.field, LEFT, Qt.KeyboardModifier.NoModifier, begin + by)
    assert (at(view, 2) - begin - by).manhattanLength() <= 2
    assert view.side.pages.currentWidget() is view.side.hint


def test_a_map_that_was_closed_while_it_was_held_is_not_dragged_afterwards(view: MapView) -> None:
    begin = at(view, 2)
    QTest.mousePress(view.field, LEFT, Qt.KeyboardModifier.NoModifier, begin)
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert not view.isVisible()
    view.open_map()
    for part in (1, 2):
        move(view, begin + QPoint(-60, 40) * part / 2)
    assert at(view, 2) == begin


def test_a_click_shows_a_card(view: MapView, qtbot: QtBot) -> None:
    with qtbot.waitSignal(view.song_wanted) as asked:
        click(view, 0)
    assert asked.args == [11]
    card = view.side.card
    assert view.side.pages.currentWidget() is card
    assert (card.title.text(), card.artist.text(), card.facts.text()) == ("Undertow", "Saltwater Kids", "")
    view.show_song(TrackId(12), {TrackId(12): replace(SONG, duration=Seconds(1.0))})
    assert card.facts.text() == "", "another song was chosen meanwhile"
    view.show_song(TrackId(11), {TrackId(11): SONG})
    assert card.facts.text() == "4:12 · 124 BPM · ~F♯m"
    with qtbot.waitSignal(view.play_wanted) as wanted:
        QTest.mouseClick(card.play, LEFT)
    assert wanted.args == [11]


@pytest.mark.parametrize("standing", [Standing.AWAY, Standing.UNUSABLE])
def test_a_song_that_cannot_be_played_says_why_and_offers_nothing(view: MapView, standing: Standing) -> None:
    click(view, 0)
    card = view.side.card
    view.show_song(TrackId(11), {TrackId(11): replace(SONG, standing=standing)})
    assert card.said.text() == WHY_NOT[standing]
    assert card.said.text().lower().startswith(standing.value)
    assert not card.play.isEnabled()
    assert not card.journey.isEnabled()
    click(view, 1)
    assert card.said.text() == ""
    assert card.play.isEnabled()
    assert card.journey.isEnabled()


def test_a_click_beside_all_songs_changes_nothing(view: MapView) -> None:
    click(view, 0)
    QTest.mouseClick(view.field, LEFT, Qt.KeyboardModifier.NoModifier, (at(view, 0) + at(view, 2)) / 2)
    assert view.side.card.title.text() == "Undertow"


def _near(*numbers: int) -> tuple[Neighbour, ...]:
    return tuple(Neighbour(track(number), 0.9 - place / 10) for place, number in enumerate(numbers))


def test_the_room_is_amid_the_songs_that_sound_most_like_it() -> None:
    assert place_of(_near(999, 14), POINTS) == (0.0, 1.0)
    assert place_of(_near(999), POINTS) is None
    x, y = place_of(_near(11, 12), POINTS) or (0.0, 1.0)
    assert 0 < x < 0.5
    assert y == 0


def test_the_room_glides() -> None:
    marker = Whereabouts()
    assert marker.follow(_near(11), POINTS, NOW) == (0.0, 0.0)
    assert marker.follow(_near(12), POINTS, later(0.5)) == pytest.approx((0.5, 0.0))
    assert marker.follow(_near(12), POINTS, later(1.0)) == pytest.approx((0.75, 0.0))
    assert marker.follow((), POINTS, later(1.1)) is None


def test_the_room_and_what_plays_are_drawn(view: MapView, window: MainWindow) -> None:
    quiet = view.field.grab().toImage()
    heard = replace(LISTENING.heard, neighbours=_near(13))
    window.render_snapshot(replace(PLAYING, heard=heard, playing=Playing(track(15), Seconds(3))), NOW)
    drawn = view.field.grab().toImage()
    assert drawn.pixelColor(at(view, 2) + QPoint(30, 0)) != quiet.pixelColor(at(view, 2) + QPoint(30, 0))
    assert drawn.pixelColor(at(view, 4) + QPoint(0, 8)) == QColor("#ffb224")


def test_keys_on_the_map_are_not_the_partys(view: MapView, wishes: list[Intent]) -> None:
    for key in (Qt.Key.Key_Space, Qt.Key.Key_1, Qt.Key.Key_A, Qt.Key.Key_X):
        QTest.keyClick(view, key)
    assert wishes == []


def test_while_it_is_drawn_it_says_how_far_it_is(view: MapView) -> None:
    view.show_points(replace(NOTHING, songs=5, outgrown=True))
    view.show_progress(0.0)
    assert view.field.accessibleDescription() == "The map is being drawn …"
    view.show_progress(0.42)
    assert view.field.accessibleDescription() == "The map is being drawn … 42 %"
    view.show_points(replace(POINTS, outgrown=True))
    assert view.heading.text() == "MAP · 5 songs · The map is being drawn … 42 %"
    view.tell("")
    assert (view.heading.text(), view.field.accessibleDescription()) == ("MAP · 5 songs", "")


def test_an_empty_library_says_so(view: MapView) -> None:
    view.show_points(NOTHING)
    assert view.field.accessibleDescription() == EMPTY
    QTest.mouseClick(view.field, LEFT)
