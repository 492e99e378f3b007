"""Between the map and the library: reads songs and journeys beside Qt's thread, decides when the map is drawn."""

import threading
from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal

from livedj.library.atlas import Points
from livedj.library.journeys import Listed
from livedj.library.projection import GROWTH
from livedj.library.shelf import Shelf
from livedj.music import Track, TrackId
from livedj.play.excerpt import Excerpt, excerpt
from ui.beside import Beside
from ui.map import PREVIEW, MapView
from ui.music import UNREADABLE

GROWTH_IN_SCAN = 1.0
"""In place of `GROWTH` while a scan goes on, in which a map is soon outgrown."""

Preview = Callable[[Excerpt | None], None]
"""Lets a part of a song be heard beside the party; None: what is heard goes. Returns at once."""


class MapMaker(QObject):
    """What the map asks for goes through `errands`; the drawing, which takes long, through a thread of its own."""

    _told = Signal(float)

    def __init__(self, view: MapView, shelf: Shelf, errands: Beside, preview: Preview, parent: QObject) -> None:
        super().__init__(parent)
        self._view, self._shelf, self._errands, self._preview = view, shelf, errands, preview
        self._to_hear: TrackId | None = None
        self._way_wanted: tuple[tuple[TrackId, ...], int] = ((), 0)
        self._drawing = Beside(self)
        self._given_up = threading.Event()
        self._draws = False
        self._tried = 0
        """What was known when it was drawn last, if it is outgrown all the same."""
        self._why_not = ""
        self._told.connect(view.show_progress)
        view.opened.connect(self._forget)
        view.points_wanted.connect(self._read)
        view.song_wanted.connect(self._read_song)
        view.preview_wanted.connect(self._let_hear)
        view.journey_wanted.connect(self._find_way)

    def close(self) -> None:
        """Give up what is being drawn."""
        self._given_up.set()
        self._drawing.close()

    def _read(self) -> None:
        self._errands.do(self._shelf.atlas.points, self._show, UNREADABLE)

    def _show(self, points: Points | str) -> None:
        self._view.show_points(points)
        if isinstance(points, str) or self._draws:
            return
        if not points.outgrown:
            self._forget()
        if self._is_due(points):
            self._draw(points.known)
        else:
            self._view.tell(self._why_not)

    def _is_due(self, points: Points) -> bool:
        """Tell whether the map is to be drawn; what was drawn in vain is tried again once there is more to draw."""
        before = max(points.drawn, self._tried)
        growth = GROWTH_IN_SCAN if self._view.scanning else GROWTH
        return points.outgrown and points.known - before >= growth * before

    def _draw(self, known: int) -> None:
        self._draws, self._tried, self._why_not = True, known, ""
        self._view.show_progress(0.0)
        draw = partial(self._shelf.atlas.draw, self._told.emit, self._given_up.is_set)
        self._drawing.do(draw, self._take_drawing)

    def _take_drawing(self, why_not: str | None) -> None:
        self._draws, self._why_not = False, why_not or ""
        self._read()

    def _forget(self) -> None:
        """Try again what was drawn in vain."""
        if not self._draws:
            self._tried, self._why_not = 0, ""

    def _read_song(self, song: TrackId) -> None:
        self._errands.do(partial(self._shelf.songs, [song]), partial(self._view.show_song, song))

    def _let_hear(self, song: TrackId | None) -> None:
        self._to_hear = song
        if song is None:
            self._preview(None)
        else:
            self._errands.do(partial(self._shelf.track, song), partial(self._hear, song))

    def _hear(self, song: TrackId, track: Track | str | None) -> None:
        if self._to_hear == song and isinstance(track, Track):
            self._preview(excerpt(track, PREVIEW))

    def _find_way(self, waypoints: tuple[TrackId, ...], between: int) -> None:
        self._way_wanted = waypoints, between
        find = partial(self._way, waypoints, between)
        self._errands.do(find, partial(self._view.show_way, waypoints, between))

    def _way(self, waypoints: tuple[TrackId, ...], between: int) -> Sequence[Listed]:
        """Return the way, beside Qt's thread; none where another one has been asked for since, which waits for it."""
        if (waypoints, between) != self._way_wanted:
            return ()
        return self._shelf.atlas.journey(waypoints, between)
