"""The queue in a window of its own: what the person wants to hear next, in their order."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QFileDialog,
    QListWidget,
    QListWidgetItem,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from livedj.library.playlists import write_playlist
from livedj.library.shelf import Shelf
from livedj.music import Track, TrackId
from livedj.party.messages import ClearQueue, KeepPlayingLike, MoveInQueue, PlayNext, UndoQueue, Unqueue
from livedj.party.queue import Like, Queue
from livedj.party.snapshot import Snapshot
from ui.button import Button
from ui.layout import column, row
from ui.text import Line, clock_time

WIDTH, HEIGHT = 0.5, 0.8
"""Of the main window's size, when it is opened."""
LISTS = "Playlists (*.m3u8 *.m3u *.pls *.xspf)"
_SONG = Qt.ItemDataRole.UserRole


def like_tracks(*tracks: Track) -> Like:
    """Return what an endless queue goes on like."""
    words = f"“{tracks[0].title}”" if len(tracks) == 1 else f"“{tracks[0].title}” and {len(tracks) - 1} more"
    return Like(tuple(track.path for track in tracks), words)


def like_files(*files: Path) -> Like:
    """Return the same for files that need not be in the library."""
    words = f"“{files[0].name}”" if len(files) == 1 else f"“{files[0].name}” and {len(files) - 1} more"
    return Like(files, words)


class _Numbers(QStyledItemDelegate):
    """Writes a row's number before its song: were it part of the text, every song that is played would change all."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:  # noqa: N802 (Qt's name)
        """Set what is drawn."""
        super().initStyleOption(option, index)
        option.text = f"{index.row() + 1}.  {option.text}"


class _List(QListWidget):
    """Drag or Alt+arrow moves a song, Delete takes it out, Enter or a double click plays it at once."""

    moved = Signal(object, object)
    """A song's id, and that of the one that it is to stand before; None: it is to be the last."""
    removed = Signal(object)
    played = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Songs of the queue, the next first")
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setItemDelegate(_Numbers(self))
        self.setUniformItemSizes(True)  # thousands of songs must not hold the window up
        self.setAlternatingRowColors(True)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.itemDoubleClicked.connect(lambda item: self.played.emit(item.data(_SONG)))
        self.model().rowsMoved.connect(self._tell_move)

    @property
    def dragged(self) -> bool:
        """Whether the hand holds a song."""
        return self.state() is QAbstractItemView.State.DraggingState

    def show_songs(self, songs: Sequence[Track]) -> None:
        """List these songs, leaving alone the rows that stay; the one that was chosen stays so, or else its place."""
        here, former = self.currentRow(), [self.item(place).data(_SONG) for place in range(self.count())]
        wanted: list[TrackId] = [track.id for track in songs]
        begin = _alike(former, wanted)
        end = _alike(former[begin:][::-1], wanted[begin:][::-1])
        self.model().removeRows(begin, len(former) - begin - end)
        for place, track in enumerate(songs[begin : len(songs) - end], begin):
            item = QListWidgetItem(f"{track.label}   {clock_time(track.duration)}")
            item.setData(_SONG, track.id)
            self.insertItem(place, item)
        chosen = former[here] if here >= 0 else None
        self.setCurrentRow(wanted.index(chosen) if chosen in wanted else min(here, len(wanted) - 1))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Take the keys that edit; leave all else to Qt."""
        here, up, down = self.currentItem(), Qt.Key.Key_Up, Qt.Key.Key_Down
        if self.currentRow() < 0:
            super().keyPressEvent(event)
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit(here.data(_SONG))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.played.emit(here.data(_SONG))
        elif event.modifiers() & Qt.KeyboardModifier.AltModifier and event.key() in (up, down):
            self.moved.emit(here.data(_SONG), self._song_at(self.currentRow() + (2 if event.key() == down else -1)))
        else:
            super().keyPressEvent(event)

    def _tell_move(self, _: QModelIndex, first: int, __: int, ___: QModelIndex, before: int) -> None:
        place = before if before <= first else before - 1  # Qt counts the row itself
        self.moved.emit(self._song_at(place), self._song_at(place + 1))

    def _song_at(self, row: int) -> TrackId | None:
        song: TrackId | None = self.item(max(0, row)).data(_SONG) if row < self.count() else None
        return song


def _alike(former: Sequence[TrackId], wanted: Sequence[TrackId]) -> int:
    """Return how many songs both begin with."""
    pairs = enumerate(zip(former, wanted, strict=False))
    return next((place for place, (one, other) in pairs if one != other), min(len(former), len(wanted)))


class QueueView(QDialog):
    """Escape closes it. Wishes: the queue's, and PlayNext.

    A playlist is asked for through `list_wanted` (path), and written through `save_wanted` (songs, path).
    """

    wished = Signal(object)
    list_wanted = Signal(object)
    save_wanted = Signal(object, object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._main = parent
        self._queue = Queue()
        self._playing: Track | None = None
        self.setWindowTitle("Queue · livedj")
        self.heading = Line("eyebrow", shrink=0.8)
        self.endless = Line("detail", shrink=0.8)
        self.list = _List()
        self.list.moved.connect(lambda song, before: self.wished.emit(MoveInQueue(song, before)))
        self.list.removed.connect(lambda song: self.wished.emit(Unqueue(song)))
        self.list.played.connect(self._play)
        self.like = Button("Songs like what plays", "spark")
        self.like.describe("Keep playing songs like the one that plays", help_text="The queue then never ends.")
        self.like.clicked.connect(self._go_on_like_what_plays)
        self.file = Button("Like a file …", "folder")
        self.file.describe("Keep playing songs like files", help_text="They need not be in the library.")
        self.file.clicked.connect(self._choose_files)
        self.load = Button("Add a list …", "library")
        self.load.describe("Add the songs of a playlist", help_text="An m3u, m3u8, pls or xspf file.")
        self.load.clicked.connect(self._choose_list)
        self.save = Button("Save …", "save")
        self.save.describe("Save the queue as a playlist")
        self.save.clicked.connect(self._choose_target)
        self.undo = Button("Undo")
        self.undo.describe("Undo the last edit", "Ctrl+Z")
        self.undo.clicked.connect(lambda: self.wished.emit(UndoQueue()))
        self.clear = Button("Clear")
        self.clear.describe("Empty the queue")
        self.clear.clicked.connect(lambda: self.wished.emit(ClearQueue()))
        self.said = Line("detail", shrink=0.8)
        more = row(self.like, self.file, self.load, 1, gap=10)
        foot = row(self.said, self.save, self.undo, self.clear, gap=10)
        foot.setStretchFactor(self.said, 1)
        whole = column(self.heading, more, self.list, self.endless, foot, gap=10, margin=(16, 14))
        whole.setStretchFactor(self.list, 1)
        self.setLayout(whole)

    def open_beside(self) -> None:
        """Open, or come to the front."""
        if not self.isVisible():
            self.resize(round(self._main.width() * WIDTH), round(self._main.height() * HEIGHT))
        self.show()
        self.raise_()
        self.activateWindow()
        self.list.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Undo by the system's key for it."""
        if event.matches(QKeySequence.StandardKey.Undo):
            self.undo.click()
        else:
            super().keyPressEvent(event)

    def render_queue(self, snapshot: Snapshot) -> None:
        """Show the queue; while the hand holds a song, nothing moves under it."""
        self._playing = snapshot.playing.track if snapshot.playing else None
        self.like.setEnabled(self._playing is not None)
        if not self.isVisible() or self.list.dragged or snapshot.queue is self._queue:
            return
        before, self._queue = self._queue, snapshot.queue
        songs = self._queue.songs
        if songs != before.songs or self.list.count() != len(songs):
            self.list.show_songs(songs)
        self.heading.say(_heading(songs))
        self.endless.say(_what_follows(self._queue))
        self.undo.setEnabled(bool(self._queue.before))
        self.clear.setEnabled(bool(songs or self._queue.like))
        self.save.setEnabled(bool(songs))

    def tell(self, sentence: str) -> None:
        """Say what came of a list."""
        self.said.say(sentence)

    def _play(self, song: TrackId) -> None:
        track = next((track for track in self._queue.songs if track.id == song), None)
        if track is not None:
            self.wished.emit(PlayNext(track))

    def _go_on_like_what_plays(self) -> None:
        if self._playing is not None:
            self.wished.emit(KeepPlayingLike(like_tracks(self._playing)))

    def _choose_files(self) -> None:
        dialog = self._dialog("Keep playing songs like these files")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(self._go_on_like)
        dialog.open()

    def _go_on_like(self, files: list[str]) -> None:
        self.wished.emit(KeepPlayingLike(like_files(*map(Path, files))))

    def _choose_list(self) -> None:
        dialog = self._dialog("Add the songs of a playlist", LISTS)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda file: self.list_wanted.emit(Path(file)))
        dialog.open()

    def _choose_target(self) -> None:
        songs, dialog = self._queue.songs, self._dialog("Save the queue as a playlist", LISTS)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("m3u8")
        dialog.fileSelected.connect(lambda file: self.save_wanted.emit(songs, Path(file)))
        dialog.open()

    def _dialog(self, title: str, kinds: str = "") -> QFileDialog:
        dialog = QFileDialog(self, title, str(Path.home()), kinds)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return dialog


def read_list(shelf: Shelf, path: Path) -> tuple[tuple[Track, ...], str]:
    """Return the songs of a playlist that are in the library, and a sentence on it. Raises as `Shelf.listed` does."""
    tracks, others = shelf.listed(path)
    left_out = f" {others} more {'is' if others == 1 else 'are'} not in the library." if others else ""
    return tuple(tracks), f"{path.name}: {len(tracks)} song{'' if len(tracks) == 1 else 's'}.{left_out}"


def save_list(songs: Sequence[Track], path: Path) -> str:
    """Write songs as a playlist; return a sentence that says so. Raises as `write_playlist` does."""
    write_playlist(songs, path)
    return f"Saved as {path.name}."


def _heading(songs: tuple[Track, ...]) -> str:
    if not songs:
        return "QUEUE · nothing waits"
    count = f"{len(songs)} song{'' if len(songs) == 1 else 's'}"
    return f"QUEUE · {count} · {clock_time(sum(track.duration for track in songs))}"


def _what_follows(queue: Queue) -> str:
    if queue.like is not None and queue.looking and not queue.songs:
        return f"Looking for songs like {queue.like.words} …"
    if queue.like is not None:
        return f"Then songs like {queue.like.words}, without end."
    if queue.songs:
        return "Then auto-DJ chooses, where it is on."
    return "Right-click songs in the library (L) or a proposal to line them up here."
