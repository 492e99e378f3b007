"""Between the map and the library: reads songs and journeys beside Qt's thread, and has the map drawn."""

import threading
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal

from livedj.library.atlas import Points
from livedj.library.shelf import Shelf
from livedj.music import Track, TrackId
from livedj.play.excerpt import Excerpt, excerpt
from ui.beside import Beside
from ui.map import PREVIEW, MapView
from ui.music import UNREADABLE

BETWEEN = 3
"""Songs from one waypoint of a journey to the next."""


Preview = Callable[[Excerpt | None], None]
"""Lets a part of a song be heard beside the party; None: what is heard goes. Returns at once."""


class MapMaker(QObject):
    """What the map asks for goes through `errands`; the drawing, which takes long, through a thread of its own."""

    _told = Signal(float)

    def __init__(self, view: MapView, shelf: Shelf, errands: Beside, preview: Preview, parent: QObject) -> None:
        super().__init__(parent)
        self._view, self._shelf, self._errands, self._preview = view, shelf, errands, preview
        self._to_hear: TrackId | None = None
        self._drawing = Beside(self)
        self._given_up = threading.Event()
        self._draws = False
        self._told.connect(view.show_progress)
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
        if isinstance(points, Points) and points.outgrown and not self._draws and self._view.may_be_drawn:
            self._draws = True
            self._view.show_progress(0.0)
            draw = partial(self._shelf.atlas.draw, self._told.emit, self._given_up.is_set)
            self._drawing.do(draw, self._take_drawing)

    def _take_drawing(self, why_not: str | None) -> None:
        self._draws = False
        if why_not is None:
            self._read()
        else:
            self._view.tell(why_not)

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

    def _find_way(self, waypoints: tuple[TrackId, ...]) -> None:
        find = partial(self._shelf.atlas.journey, waypoints, BETWEEN)
        self._errands.do(find, partial(self._view.show_way, waypoints))
