"""The map as a window of its own: all songs by what they sound like, the room among them, journeys to draw."""

from collections.abc import Iterable, Mapping, Sequence

from PySide6.QtCore import QElapsedTimer, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QDialog, QTabBar, QWidget

from livedj.library.atlas import NOTHING, Points
from livedj.library.journeys import Listed
from livedj.library.shelf import Song
from livedj.listen.heard import ListenState
from livedj.music import Seconds, TrackId
from livedj.party.messages import Enqueue
from livedj.party.snapshot import Snapshot
from ui.colouring import Colouring, coloured
from ui.layout import column, row
from ui.library import scan_runs
from ui.mapfield import MapField
from ui.mapside import MapSide
from ui.text import Line
from ui.whereabouts import Whereabouts

SHARE = 0.96
"""Of the main window's size, when the map is opened."""
AGAIN_MS = 5000
"""While the library changes, the map is read again so often at most."""
PREVIEW = Seconds(15.0)
"""So much is heard of a song that is clicked, while nothing else plays."""
ECHO = Seconds(8.0)
"""So long after a preview the music that the ear hears may be it: a window of 5 s, and the way to the room."""
LINED_UP = "The journey is lined up in the queue."
EMPTY = "The library is empty: add a music folder."


class MapView(QDialog):
    """The field, and beside it the chosen song or the journey. Escape takes back the last waypoint, then closes it.

    Wishes: Enqueue. Songs are asked for through `points_wanted`, a song's card through `song_wanted` (its id), the way
    through waypoints through `journey_wanted` (their ids, a tuple, and how many songs lie between two); `play_wanted`
    tells the id of a song to play, and `preview_wanted` that of one to be heard beside the party, or None where that
    is to end.
    """

    opened = Signal()
    wished = Signal(object)
    points_wanted = Signal()
    song_wanted = Signal(object)
    play_wanted = Signal(object)
    preview_wanted = Signal(object)
    journey_wanted = Signal(object, int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._main = parent
        self.setWindowTitle("Map · livedj")
        self.heading = Line("eyebrow", shrink=0.8)
        self.field, self.side = MapField(), MapSide()
        self.colours = QTabBar()
        self.colours.setDrawBase(False)
        self.colours.setExpanding(False)
        self.colours.setAccessibleName("What the songs are coloured by")
        for by in Colouring:
            self.colours.addTab(by.value)
        self.colours.currentChanged.connect(lambda _: self._show())
        head = row(self.heading, self.colours, gap=12)
        head.setStretchFactor(self.heading, 1)
        body = row(self.field, self.side, gap=16)
        body.setStretchFactor(self.field, 1)
        whole = column(head, body, gap=10, margin=(16, 14))
        whole.setStretchFactor(body, 1)
        self.setLayout(whole)
        self.field.chosen.connect(self._choose)
        self.side.play_wanted.connect(self._play)
        self.side.journey_begun.connect(self._begin_journey)
        self.side.queue_wanted.connect(self._queue)
        self.side.undo_wanted.connect(self._take_back)
        self.side.between_changed.connect(self._go_anew)
        self._points = NOTHING
        self._progress: float | None = None
        self._why_not = ""
        self._selected: TrackId | None = None
        self._song: Song | None = None
        self._waypoints: tuple[TrackId, ...] = ()
        self._way: Sequence[Listed] = ()
        self._said = ""
        """What came of the last journey."""
        self._silent = False
        self._previewing = False
        """A preview was asked for, and not taken back: it may be over, or not have begun as yet."""
        self._preview_ends: Seconds | None = None
        self._at = Seconds(0.0)
        self._whereabouts = Whereabouts()
        self._scanning = False
        self._library: tuple[int, bool] | None = None
        self._waits = False
        self._read = QElapsedTimer()

    @property
    def scanning(self) -> bool:
        """Whether a scan goes on."""
        return self._scanning

    def open_map(self) -> None:
        """Open, or come to the front."""
        if not self.isVisible():
            self.resize(self._main.size() * SHARE)
            self.opened.emit()
        self._ask()
        self.show()
        self.raise_()
        self.activateWindow()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_points(self, points: Points | str) -> None:
        """Show these songs, or the sentence on why they cannot be read; what is chosen stays so, if it is there."""
        self._waits = False
        self._read.start()
        if isinstance(points, str):
            self.tell(points)
            return
        self._points, self._why_not = points, ""
        gone = [song for song in (*self._waypoints, self._selected) if song is not None and points.row_of(song) is None]
        if gone:
            self._selected, self._waypoints, self._way = None, (), ()
        self._show()

    def show_progress(self, share: float) -> None:
        """Say that the map is being drawn, and how much of it is done (0…1; 0 where nobody knows yet)."""
        self._progress, self._why_not = share, ""
        self._say_how_it_stands()

    def tell(self, sentence: str) -> None:
        """Say why there is no map, or not the newest; nothing where all is well. It is not being drawn."""
        self._progress, self._why_not = None, sentence
        self._say_how_it_stands()

    def show_song(self, asked: TrackId, songs: Mapping[TrackId, Song] | str) -> None:
        """Show what is known of the chosen song, if it is still the one."""
        if asked == self._selected and not isinstance(songs, str):
            self._song = songs.get(asked)
            self._show_choice()

    def show_way(self, waypoints: tuple[TrackId, ...], between: int, way: Sequence[Listed] | str) -> None:
        """Show the way that was asked for, if it is still the one wanted; or the sentence on why there is none."""
        if (waypoints, between) != (self._waypoints, self.side.journey.between):
            return
        self._way = () if isinstance(way, str) else way
        self._show_choice()
        if isinstance(way, str):
            self.side.tell(way)

    def render_map(self, snapshot: Snapshot, now: Seconds) -> None:
        """Follow the room and what plays; read the songs again when the library has changed."""
        self._scanning = scan_runs(snapshot.scan)
        if not self.isVisible():
            return
        self._mind_the_room(snapshot, now)
        playing = self._points.row_of(snapshot.playing.track.id) if snapshot.playing else None
        self.field.show_room(self._whereabouts.follow(snapshot.heard.neighbours, self._points, now), playing)
        library = (snapshot.library_size, self._scanning)
        if self._library is None:
            self._library = library  # what was read on opening
        if library != self._library and not self._waits and self._read.hasExpired(AGAIN_MS):
            self._ask()
            self._library = library

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Take back the last waypoint on Escape and Undo; without one, Escape closes the map."""
        undo = event.key() == Qt.Key.Key_Escape or event.matches(QKeySequence.StandardKey.Undo)
        if undo and self._waypoints:
            self._take_back()
        else:
            super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 (Qt's name)
        """Let the preview end."""
        self._end_preview()
        super().hideEvent(event)

    def _mind_the_room(self, snapshot: Snapshot, now: Seconds) -> None:
        """Know whether a preview would disturb: it ends where our music begins, and is not taken for others' music."""
        ours = snapshot.auto or (snapshot.playing is not None and not snapshot.playing.paused)
        itself = self._preview_ends is not None and now < self._preview_ends + ECHO
        others = snapshot.heard.state is ListenState.LISTENING and not itself
        self._at, self._silent = now, not ours and not others
        if ours:
            self._end_preview()

    def _preview(self, song: TrackId) -> None:
        if self._silent:
            self._previewing, self._preview_ends = True, Seconds(self._at + PREVIEW)
            self.preview_wanted.emit(song)

    def _end_preview(self) -> None:
        if self._previewing and self._preview_ends is not None:
            self._previewing, self._preview_ends = False, Seconds(min(self._at, self._preview_ends))
            self.preview_wanted.emit(None)

    def _play(self) -> None:
        self._end_preview()
        self.play_wanted.emit(self._selected)

    def _ask(self) -> None:
        self._waits = True
        self.points_wanted.emit()

    def _show(self) -> None:
        colours = coloured(self._points, list(Colouring)[self.colours.currentIndex()])
        self.side.legend.show_groups(colours.legend)
        self.field.show_points(self._points, colours)
        self._say_how_it_stands()
        self._show_choice()

    def _say_how_it_stands(self) -> None:
        known = f" {self._progress:.0%}".replace("%", " %") if self._progress else ""
        drawing = f"The map is being drawn …{known}"
        songs = len(self._points.ids)
        count = f"MAP · {songs:,} song{'' if songs == 1 else 's'}".replace(",", "\u2009")
        stands = count if self._progress is None else f"{count} · {drawing}" if songs else "MAP"
        self.heading.say(self._why_not or stands)
        self.field.say_instead("" if songs else self._why_not or (drawing if self._points.songs else EMPTY))

    def _choose(self, row: int) -> None:
        song = TrackId(int(self._points.ids[row]))
        if not self._waypoints:
            self._selected, self._song, self._said = song, None, ""
            self.song_wanted.emit(song)
            self._preview(song)
        elif song not in self._waypoints:
            self._go_through((*self._waypoints, song))
        self._show_choice()

    def _begin_journey(self) -> None:
        if self._selected is not None:
            self._go_through((self._selected,))
            self._show_choice()
            self.field.setFocus(Qt.FocusReason.OtherFocusReason)  # else the keyboard is left at the journey's buttons

    def _take_back(self) -> None:
        self._go_through(self._waypoints[:-1])
        self._show_choice()

    def _go_anew(self) -> None:
        self._go_through(self._waypoints)
        self._show_choice()

    def _go_through(self, waypoints: tuple[TrackId, ...]) -> None:
        self._waypoints, self._way, self._said = waypoints, (), ""
        if len(waypoints) > 1:
            self.journey_wanted.emit(waypoints, self.side.journey.between)

    def _queue(self) -> None:
        tracks = tuple(listed.track for listed in self._way)
        if tracks:
            self.wished.emit(Enqueue(tracks))
            self._go_through(())
            self._said = LINED_UP
            self._show_choice()

    def _show_choice(self) -> None:
        waypoints = self._rows(self._waypoints)
        selected = self._rows([] if self._selected is None or waypoints else [self._selected])
        self.field.show_choice(selected[0] if selected else None, waypoints, self._rows(x.track.id for x in self._way))
        if waypoints:
            self.side.show_journey([self.field.name_of(row) for row in waypoints], self._way, self._waypoints)
        elif selected:
            title, artist = self._points.titles[selected[0]], self._points.artists[selected[0]]
            self.side.show_card(title, artist, self._song, self._said)
            self.side.card.unheard.setVisible(not self._silent)
        else:
            self.side.show_nothing()

    def _rows(self, songs: Iterable[TrackId]) -> list[int]:
        """Return the rows of those of these songs that are on the map."""
        rows = (self._points.row_of(song) for song in songs)
        return [row for row in rows if row is not None]
