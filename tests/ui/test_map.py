"""The map's window: songs, colours, the room among them, a card, journeys."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from livedj import bundled
from livedj.choose.scene import Neighbour
from livedj.ear.encoder import read_card
from livedj.library.atlas import NOTHING, Atlas, Points
from livedj.library.catalogue import FILE_NAME, Catalogue
from livedj.library.files import Tags
from livedj.library.journeys import Listed
from livedj.library.shelf import Shelf, Song, Standing
from livedj.listen.heard import ListenState
from livedj.music import Beats, Key, Seconds, TrackId
from livedj.party.messages import Enqueue, Intent, PlayNext
from livedj.party.snapshot import Playing, Snapshot
from livedj.play.excerpt import Excerpt
from tests.library.analyses import an_analysis
from tests.ui.night import HEARD, LISTENING, NOW, PAUSED, PLAYING, later, track
from ui.bridge import Bridge
from ui.colouring import Colouring, coloured
from ui.map import ECHO, EMPTY, LINED_UP, PREVIEW, MapView
from ui.mapside import BETWEEN, FURTHER, LOOKING, MOST_BETWEEN, WHY_NOT
from ui.program import open_window
from ui.theme import REST
from ui.whereabouts import Whereabouts, place_of
from ui.window import MainWindow

MODEL = read_card(bundled.MODEL).sha256
PLACES = np.array([[0, 0], [1, 0], [0.5, 0.5], [0, 1], [1, 1]], np.float32)
POINTS = Points(
    ids=np.array([11, 12, 13, 14, 15]),
    positions=PLACES,
    titles=["Undertow", "Copper Sun", "<b>Blue</b>", "Nameless", "Last"],
    artists=["Saltwater Kids", "The Wires", "The Wires", "", "Somebody"],
    folders=["rock", "rock", "jazz", "", "rock"],
    tempos=np.array([80, 120, 174, np.nan, 125], np.float32),
    genres=["Rock", "House", "House", "", "Rock"],
    songs=5,
    outgrown=False,
)
SONG = Song(
    TrackId(11), TrackId(11), "Undertow", "Saltwater Kids", "", Seconds(252.0), Beats(124.2, Seconds(0), 0.9),
    Key(6, minor=True, confidence=0.2), None, None, Standing.READY,
)  # fmt: skip
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def view(window: MainWindow, qtbot: QtBot) -> MapView:
    """The map of POINTS, open."""
    QTest.keyClick(window, Qt.Key.Key_M)
    view = window.map
    view.show_points(POINTS)
    QApplication.processEvents()
    assert view.isVisible()
    return view


def _at(view: MapView, row: int) -> QPoint:
    x, y = view.field.camera.seen(PLACES)[row]
    return QPoint(round(float(x)), round(float(y)))


def _click(view: MapView, *rows: int) -> None:
    for row in rows:
        QTest.mouseClick(view.field, LEFT, Qt.KeyboardModifier.NoModifier, _at(view, row))


def _move(view: MapView, place: QPoint, held: Qt.MouseButton = Qt.MouseButton.NoButton) -> None:
    """Move the pointer over the map; QTest would ask the screen which window is on top, and there is no screen."""
    field = view.field
    event = QMouseEvent(
        QEvent.Type.MouseMove, QPointF(place), QPointF(field.mapToGlobal(place)), Qt.MouseButton.NoButton, held,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(field, event)


def _texts(view: MapView) -> list[str]:
    songs = view.side.journey.songs
    return [songs.item(row).text() for row in range(songs.count())]


def _listed(*numbers: int) -> list[Listed]:
    return [Listed(track(number)) for number in numbers]


def test_the_pointer_names_the_song_under_it(view: MapView) -> None:
    _move(view, _at(view, 1) + QPoint(5, 4))
    assert view.field.hovered == 1
    assert view.field.name_of(1) == "The Wires – Copper Sun"
    assert view.field.name_of(3) == "Nameless"
    _move(view, (_at(view, 0) + _at(view, 2)) / 2)
    assert view.field.hovered is None


def test_every_song_is_a_dot_in_the_colour_of_its_group(view: MapView) -> None:
    for by in Colouring:
        view.colours.setCurrentIndex(list(Colouring).index(by))
        QApplication.processEvents()
        drawn = view.field.grab().toImage()
        colours = coloured(POINTS, by)
        for row, group in enumerate(colours.groups):
            assert drawn.pixelColor(_at(view, row)) == QColor(colours.legend[group][0])
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
    field, corner = view.field, _at(view, 1)
    for notches in (3, -9):
        event = QWheelEvent(
            QPointF(corner), QPointF(field.mapToGlobal(corner)), QPoint(), QPoint(0, 120 * notches),
            Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(field, event)
        if notches > 0:
            assert field.camera.zoom > 1.9
            assert (_at(view, 1) - corner).manhattanLength() <= 2
            assert field.hovered == 1
    assert field.camera.zoom == 1.0
    assert _at(view, 1) == corner


def _type(view: MapView, *keys: Qt.Key) -> None:
    """Press keys where the focus is when the map is opened."""
    for key in keys:
        QTest.keyClick(view.field, key)


def test_the_map_is_used_without_a_mouse(view: MapView, wishes: list[Intent], qtbot: QtBot) -> None:
    field, (left, right, up) = view.field, (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up)
    assert view.focusWidget() is field
    _type(view, Qt.Key.Key_Return)
    assert view.side.pages.currentWidget() is view.side.hint, "nothing is pointed at"
    _type(view, Qt.Key.Key_Plus, Qt.Key.Key_Minus, right, left, up)
    assert field.hovered == 0
    assert field.camera.zoom == 1
    for choose in (Qt.Key.Key_Return, Qt.Key.Key_Space):
        with qtbot.waitSignal(view.song_wanted) as asked:
            _type(view, choose)
        assert asked.args == [11]
    assert view.side.card.title.text() == "Undertow"
    assert wishes == []
    _type(view, *[Qt.Key.Key_Equal] * 9, right)
    assert field.hovered == 1
    assert field.rect().contains(_at(view, 1)), "the view goes along"
    view.show_points(_without_first())
    assert field.hovered == 0, "it is the same song"
    _type(view, Qt.Key.Key_Escape)
    assert not view.isVisible()


def test_a_key_that_is_held_chooses_once(view: MapView) -> None:
    asked: list[TrackId] = []
    view.song_wanted.connect(asked.append)
    view.field.hovered = 0
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Space):
        _type(view, key)
        held = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, "", True)
        QApplication.sendEvent(view.field, held)
    assert asked == [11, 11]


def test_a_journey_that_is_begun_by_key_goes_on_by_key(view: MapView) -> None:
    _click(view, 0)
    view.side.card.journey.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(view.side.card.journey, Qt.Key.Key_Return)
    assert view.focusWidget() is view.field
    _type(view, Qt.Key.Key_Right, Qt.Key.Key_Return)
    assert len(_texts(view)) == 2


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
    begin, by = _at(view, 2), QPoint(-60, 40)
    QTest.mousePress(view.field, LEFT, Qt.KeyboardModifier.NoModifier, begin)
    for part in (1, 2):
        _move(view, begin + by * part / 2, LEFT)
    QTest.mouseRelease(view.field, LEFT, Qt.KeyboardModifier.NoModifier, begin + by)
    assert (_at(view, 2) - begin - by).manhattanLength() <= 2
    assert view.side.pages.currentWidget() is view.side.hint


def test_a_map_that_was_closed_while_it_was_held_is_not_dragged_afterwards(view: MapView) -> None:
    begin = _at(view, 2)
    QTest.mousePress(view.field, LEFT, Qt.KeyboardModifier.NoModifier, begin)
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert not view.isVisible()
    view.open_map()
    for part in (1, 2):
        _move(view, begin + QPoint(-60, 40) * part / 2)
    assert _at(view, 2) == begin


def test_a_click_shows_a_card(view: MapView, qtbot: QtBot) -> None:
    with qtbot.waitSignal(view.song_wanted) as asked:
        _click(view, 0)
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
    _click(view, 0)
    card = view.side.card
    view.show_song(TrackId(11), {TrackId(11): replace(SONG, standing=standing)})
    assert card.said.text() == WHY_NOT[standing]
    assert card.said.text().lower().startswith(standing.value)
    assert not card.play.isEnabled()
    assert not card.journey.isEnabled()
    _click(view, 1)
    assert card.said.text() == ""
    assert card.play.isEnabled()
    assert card.journey.isEnabled()


SILENT = replace(LISTENING, heard=replace(HEARD, state=ListenState.TOO_QUIET))
"""Nothing is heard, and nothing plays."""


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
    _click(view, 0)
    assert asked == []
    assert view.side.card.unheard.isVisible()


@pytest.mark.parametrize("silence", [SILENT, replace(SILENT, playing=PAUSED.playing)])
def test_in_silence_a_click_lets_the_song_be_heard(view: MapView, silence: Snapshot) -> None:
    asked = _previews(view, silence)
    _click(view, 0)
    assert not view.side.card.unheard.isVisible()
    view.render_map(LISTENING, later(2.0))  # the ear hears the preview itself
    _click(view, 1)
    assert asked == [11, 12]
    view.render_map(LISTENING, later(2.0 + PREVIEW + ECHO - 0.1))
    _click(view, 2)
    assert asked == [11, 12, 13]
    view.render_map(LISTENING, later(2.0 + 2 * (PREVIEW + ECHO) + 1.0))
    _click(view, 3)
    assert asked == [11, 12, 13], "by now it is others' music"


def test_a_preview_ends_where_the_music_begins_and_with_the_map(view: MapView) -> None:
    asked = _previews(view, SILENT)
    _click(view, 0)
    view.render_map(replace(SILENT, auto=True), later(1.0))
    view.render_map(replace(SILENT, auto=True), later(2.0))
    assert asked == [11, None]
    view.render_map(SILENT, later(20.0))
    _click(view, 0)
    QTest.mouseClick(view.side.card.play, LEFT)
    assert asked[2:] == [11, None]
    _click(view, 1)
    view.close()
    assert asked[4:] == [12, None]
    view.close()
    assert len(asked) == 6


def test_a_preview_that_may_be_late_is_taken_back_however_long_ago_it_was_asked_for(view: MapView) -> None:
    asked = _previews(view, SILENT)
    _click(view, 0)
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


def test_a_click_beside_all_songs_changes_nothing(view: MapView) -> None:
    _click(view, 0)
    QTest.mouseClick(view.field, LEFT, Qt.KeyboardModifier.NoModifier, (_at(view, 0) + _at(view, 2)) / 2)
    assert view.side.card.title.text() == "Undertow"


def _begin(view: MapView) -> list[tuple[TrackId, ...]]:
    """Begin a journey at the first song; return what is asked for from then on."""
    asked: list[tuple[TrackId, ...]] = []
    view.journey_wanted.connect(lambda waypoints, _: asked.append(waypoints))
    _click(view, 0)
    QTest.mouseClick(view.side.card.journey, LEFT)
    return asked


def test_clicks_draw_a_journey_and_it_is_listed_before_it_is_queued(view: MapView, wishes: list[Intent]) -> None:
    asked = _begin(view)
    journey = view.side.journey
    assert (_texts(view), journey.said.text()) == (["1  Saltwater Kids – Undertow"], FURTHER)
    assert not journey.queue.isEnabled()
    _click(view, 1, 1, 4)
    assert asked == [(11, 12), (11, 12, 15)]
    view.show_way(asked[0], BETWEEN, _listed(11, 12))
    assert not journey.queue.isEnabled(), "there is a further waypoint by now"
    view.show_way(asked[1], BETWEEN, _listed(11, 13, 12, 999, 15))
    assert journey.heading.text() == "JOURNEY · 5 songs"
    assert _texts(view) == [
        "1  Artist 11 – Title 11", "·  Artist 13 – Title 13", "2  Artist 12 – Title 12", "·  Artist 999 – Title 999",
        "3  Artist 15 – Title 15",
    ]  # fmt: skip
    before = view.field.grab().toImage()
    QTest.mouseClick(journey.queue, LEFT)
    assert wishes == [Enqueue(tuple(track(number) for number in (11, 13, 12, 999, 15)))]
    assert view.side.pages.currentWidget() is view.side.card
    assert view.side.card.said.text() == LINED_UP
    _click(view, 2)
    assert (asked[2:], view.side.card.said.text()) == ([], ""), "the journey is over"
    middle = (_at(view, 0) + _at(view, 2)) / 2
    assert before.pixelColor(middle) == QColor("#f6f8fb"), "the line"


def test_a_journey_has_as_many_songs_between_as_the_person_wants(view: MapView) -> None:
    _begin(view)
    journey, wanted = view.side.journey, list[int]()
    view.journey_wanted.connect(lambda _, between: wanted.append(between))
    _click(view, 1)
    view.show_way((TrackId(11), TrackId(12)), BETWEEN, _listed(11, 13, 14, 15, 12))
    assert (wanted, journey.amount.text()) == ([BETWEEN], "3 songs between")
    for _ in range(BETWEEN):
        QTest.mouseClick(journey.fewer, LEFT)
    assert (wanted[1:], journey.amount.text()) == ([2, 1], "1 song between")
    assert not journey.fewer.isEnabled()
    assert not journey.queue.isEnabled(), "another way is looked for"
    view.show_way((TrackId(11), TrackId(12)), 2, _listed(11, 13, 14, 12))
    assert not journey.queue.isEnabled(), "it was asked for before the last click"
    view.show_way((TrackId(11), TrackId(12)), 1, _listed(11, 13, 12))
    assert journey.queue.isEnabled()
    for _ in range(MOST_BETWEEN):
        QTest.mouseClick(journey.more, LEFT)
    assert wanted[-1] == MOST_BETWEEN
    assert not journey.more.isEnabled()


def test_escape_and_undo_take_back_waypoint_by_waypoint(view: MapView) -> None:
    _begin(view)
    _click(view, 1, 2)
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert len(_texts(view)) == 2
    QTest.keyClick(view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert len(_texts(view)) == 1
    QTest.mouseClick(view.side.journey.undo, LEFT)
    assert view.side.pages.currentWidget() is view.side.card
    assert view.isVisible()
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert not view.isVisible()


def test_a_way_that_is_not_found_says_why(view: MapView) -> None:
    asked = _begin(view)
    _click(view, 1)
    view.show_way(asked[-1], BETWEEN, "The library holds too few songs for this list.")
    assert view.side.journey.said.text() == "The library holds too few songs for this list."
    assert not view.side.journey.queue.isEnabled()
    QTest.mouseClick(view.side.journey.fewer, LEFT)
    assert view.side.journey.said.text() == LOOKING


def test_what_is_chosen_stays_so_when_the_songs_are_read_again(view: MapView) -> None:
    asked = _begin(view)
    _click(view, 1)
    view.show_way(asked[-1], BETWEEN, _listed(11, 12))
    view.show_points(replace(POINTS, positions=PLACES * np.float32(0.5)))
    assert len(_texts(view)) == 2
    QTest.mouseClick(view.side.journey.queue, LEFT)
    view.show_points(POINTS)
    assert view.side.card.said.text() == LINED_UP
    view.show_points(_without_first())
    assert view.side.pages.currentWidget() is view.side.hint


def _without_first() -> Points:
    columns = ("ids", "positions", "titles", "artists", "folders", "tempos", "genres")
    rest = {name: getattr(POINTS, name)[1:] for name in columns}
    return replace(POINTS, **rest, songs=4)


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
    assert drawn.pixelColor(_at(view, 2) + QPoint(30, 0)) != quiet.pixelColor(_at(view, 2) + QPoint(30, 0))
    assert drawn.pixelColor(_at(view, 4) + QPoint(0, 8)) == QColor("#ffb224")


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


# With a real library -------------------------------------------------------------------------------------------------


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
