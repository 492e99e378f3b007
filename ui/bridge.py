"""Between the program and the window: pulls the newest Snapshot thirty times a second, sends what a person wishes."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, Qt, QTimer

from livedj.library.shelf import Order, Shelf
from livedj.music import Seconds, Track, TrackId
from livedj.party.messages import Enqueue, Intent, KeepPlayingLike, PlayNext, SetOpinion
from livedj.party.snapshot import Snapshot
from ui.beside import Beside
from ui.covers import Covers, FetchCover
from ui.history import SESSION_UNREADABLE, save_playlist
from ui.history import UNREADABLE as HISTORY_UNREADABLE
from ui.mapmaker import MapMaker, Preview
from ui.music import UNREADABLE
from ui.nights import NOTHING_KEPT, History, Session
from ui.queue import like_tracks, read_list, save_list
from ui.window import MainWindow

FRAME_MS = 33
Found = TypeVar("Found")


def _monotonic() -> Seconds:
    return Seconds(time.monotonic())


class Bridge(QObject):
    """Owns the window and its covers. The newest snapshot wins; there is no backlog."""

    def __init__(
        self,
        snapshot: Callable[[], Snapshot],
        send: Callable[[Intent], None],
        cover: FetchCover,
        shelf: Shelf,
        history: History = NOTHING_KEPT,
        preview: Preview = lambda part: None,  # noqa: ARG005 (nothing is heard)
        clock: Callable[[], Seconds] = _monotonic,
    ) -> None:
        """`snapshot`, `send` and `preview` are called on the Qt thread and must return at once; others beside it."""
        super().__init__()
        self._snapshot, self._clock = snapshot, clock
        self.covers = Covers(cover, self)
        self.window = MainWindow(self.covers)
        self.window.wished.connect(send)
        self._errands = Beside(self)
        self._shelf, self._history = shelf, history
        music = self.window.music
        music.songs.order_wanted.connect(self._fetch_order)
        music.songs.page_wanted.connect(self._fetch_page)
        music.songs.play_wanted.connect(lambda song: self._wish_for([song], PlayNext))
        music.songs.opinion_wanted.connect(
            lambda song, opinion: self._wish_for([song], lambda track: SetOpinion(track, opinion))
        )
        music.songs.queue_wanted.connect(lambda songs: self._wish_for(songs, lambda *tracks: Enqueue(tracks)))
        music.songs.like_wanted.connect(
            lambda songs: self._wish_for(songs, lambda *tracks: KeepPlayingLike(like_tracks(*tracks)))
        )
        music.folders_wanted.connect(lambda: self._look(shelf.folders, music.folders.show_folders))
        music.problems_wanted.connect(lambda: self._look(shelf.problems, music.problems.show_problems))
        self.window.queue.list_wanted.connect(self._line_up)
        self.window.queue.save_wanted.connect(
            lambda songs, path: self._errands.do(partial(save_list, songs, path), self.window.queue.tell)
        )
        self.window.history_wanted.connect(self._fetch_sessions)
        self.window.history.songs_wanted.connect(self._fetch_songs)
        self.window.history.playlist_wanted.connect(self._save_playlist)
        self._map = MapMaker(self.window.map, shelf, self._errands, preview, self)
        self.window.map.play_wanted.connect(lambda song: self._wish_for([song], PlayNext))
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self.refresh)

    def start(self) -> None:
        """Show the window, and let it follow the party from now on."""
        self.refresh()
        self.window.show()
        self._timer.start()

    def refresh(self) -> None:
        """Show the newest snapshot now."""
        self.window.render_snapshot(self._snapshot(), self._clock())

    def stop(self) -> None:
        """Follow the party no longer."""
        self._timer.stop()
        self.covers.close()
        self._map.close()
        self._errands.close()

    def _fetch_order(self, wanted: Order) -> None:
        self._look(partial(self._shelf.order, wanted), partial(self.window.music.songs.show_order, wanted))

    def _look(self, look: Callable[[], Found], show: Callable[[Found | str], None]) -> None:
        """Have the library's window show what there is to see."""

        def told(found: Found | str) -> None:
            self.window.music.answered()
            show(found)

        self._errands.do(look, told, UNREADABLE)

    def _fetch_page(self, ids: list[TrackId]) -> None:
        show = partial(self.window.music.songs.show_page, ids)
        self._errands.do(partial(self._shelf.songs, ids), show, UNREADABLE)

    def _wish_for(self, songs: Sequence[TrackId], wish: Callable[..., Intent]) -> None:
        """Wish something for songs of which the table knows the ids alone."""

        def ask(tracks: Sequence[Track] | str) -> None:
            if tracks and not isinstance(tracks, str):
                self.window.wished.emit(wish(*tracks))

        self._errands.do(partial(self._shelf.tracks, songs), ask)

    def _line_up(self, playlist: Path) -> None:
        def told(found: tuple[tuple[Track, ...], str] | str) -> None:
            tracks, sentence = ((), found) if isinstance(found, str) else found
            self.window.queue.tell(sentence)
            if tracks:
                self.window.wished.emit(Enqueue(tracks))

        self._errands.do(partial(read_list, self._shelf, playlist), told)

    def _fetch_sessions(self) -> None:
        self._errands.do(self._history.sessions, self.window.history.show_sessions, HISTORY_UNREADABLE)

    def _fetch_songs(self, session: Session) -> None:
        show = partial(self.window.history.show_songs, session)
        self._errands.do(partial(self._history.songs, session), show, SESSION_UNREADABLE)

    def _save_playlist(self, session: Session, path: Path) -> None:
        self._errands.do(partial(save_playlist, self._history, session, path), self.window.history.tell)
