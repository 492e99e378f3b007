"""The songs of the library as a table: ordered by a click, filtered by typing, read page by page."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QLineEdit, QMenu, QTableView, QWidget

from livedj.choose.scene import Opinion
from livedj.library.shelf import Column, Order, Song
from livedj.music import TrackId
from ui.layout import column
from ui.text import Line, clock_time, plain_tip

PAGE = 200
"""Songs that are read at once."""
_PAGES_SEEN = 3  # a window is never taller
KEPT = 40
"""Pages that are kept: what a person has just looked at."""
SURE = 0.4
"""Confidence from which a tempo or a key is told without a “~”."""
TYPED_MS = 200
"""So long after the last key the filter is asked for."""
_COLUMNS = tuple(Column)
_NUMBERS = (Column.LENGTH, Column.TEMPO, Column.LOUDNESS)
_WIDE = (Column.TITLE, Column.ARTIST, Column.ALBUM)
_SAMPLES = {
    Column.OPINION: "",
    Column.LENGTH: "LENGTH",
    Column.TEMPO: "TEMPO",
    Column.KEY: "~G♯m",
    Column.LOUDNESS: "LOUDNESS",
    Column.ADDED: "2026-11-22",
    Column.STANDING: "not heard yet",
}
_SIGNS = {None: "", Opinion.LIKED: "♥", Opinion.BANNED: "✕"}
_Index = QModelIndex | QPersistentModelIndex
_TOP = QModelIndex()


class SongsModel(QAbstractTableModel):
    """All ids in order, and of the songs those pages that were looked at. A page that is missing is asked for."""

    page_wanted = Signal(object)
    """The ids of a page, a list."""

    def __init__(self) -> None:
        super().__init__()
        self._ids: NDArray[np.int64] = np.zeros(0, np.int64)
        self._pages: dict[int, Mapping[TrackId, Song]] = {}
        self._before: dict[TrackId, Song] = {}
        """What was known of songs before the order changed: shown until their page has been read anew."""
        self._missing: list[int] = []
        """Pages that were drawn empty, the last one at the end."""
        self._reading: int | None = None
        self._opinions: Mapping[TrackId, Opinion] = {}
        self._ask = QTimer(self)  # after a drawing that may have met several pages
        self._ask.setSingleShot(True)
        self._ask.setInterval(0)
        self._ask.timeout.connect(self._ask_for_page)

    def show_order(self, ids: NDArray[np.int64]) -> None:
        """Show these songs in this order; pages are read anew."""
        self.beginResetModel()
        self._ids, self._missing, self._reading = ids, [], None
        if self._pages:  # else nothing has been read since the order changed last
            self._before = {song: known for page in self._pages.values() for song, known in page.items()}
        self._pages = {}
        self.endResetModel()

    def take_page(self, asked: Sequence[TrackId], songs: Mapping[TrackId, Song]) -> None:
        """Show the songs of a page, if they are still those that are asked for."""
        page = self._reading
        if page is None or asked != self._page_ids(page):
            return
        self._reading = None
        self._pages[page] = songs
        while len(self._pages) > KEPT:
            self._pages.pop(next(iter(self._pages)))
        begin = page * PAGE
        self.dataChanged.emit(self.index(begin, 0), self.index(begin + len(asked) - 1, len(_COLUMNS) - 1))
        if self._missing:
            self._ask.start()

    def show_opinions(self, opinions: Mapping[TrackId, Opinion]) -> None:
        """Show what the person thinks of songs."""
        if opinions == self._opinions:
            return
        self._opinions = opinions
        if self.rowCount():
            place = _COLUMNS.index(Column.OPINION)
            self.dataChanged.emit(self.index(0, place), self.index(self.rowCount() - 1, place))

    def opinion_at(self, row: int) -> Opinion | None:
        """Return what the person thinks of the song in a row."""
        song = self._song(row)
        return None if song is None else self._opinions.get(song.song)

    def song_at(self, row: int) -> TrackId | None:
        """Return the id of a row."""
        return TrackId(int(self._ids[row])) if 0 <= row < len(self._ids) else None

    def row_of(self, song: TrackId) -> int | None:
        """Return the row in which a song stands."""
        found = np.flatnonzero(self._ids == song)
        return int(found[0]) if len(found) else None

    def rowCount(self, parent: _Index = _TOP) -> int:  # noqa: N802 (Qt's name)
        """Return how many songs there are."""
        return 0 if parent.isValid() else len(self._ids)

    def columnCount(self, parent: _Index = _TOP) -> int:  # noqa: N802 (Qt's name)
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(_COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:  # noqa: N802 (Qt's name)
        """Return a column's name; rows have none."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(_COLUMNS[section])
        return _COLUMNS[section].value if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return what stands in a cell; nothing until its page has been read."""
        what = _COLUMNS[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(what)
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        song = self._song(index.row())
        if song is None:
            return None
        text = _text(song, what, self._opinions.get(song.song))
        return plain_tip(text) if role == Qt.ItemDataRole.ToolTipRole and text else text

    def _song(self, row: int) -> Song | None:
        page = row // PAGE
        if page not in self._pages:
            if page != self._reading:
                self._missing = [*(other for other in self._missing if other != page), page][-_PAGES_SEEN:]
                self._ask.start()
            return self._before.get(TrackId(int(self._ids[row])))
        return self._pages[page].get(TrackId(int(self._ids[row])))

    def _ask_for_page(self) -> None:
        """Ask for the page that was drawn last; one at a time, so that none that has been scrolled past is read."""
        if self._reading is None and self._missing:
            self._reading = self._missing.pop()
            self.page_wanted.emit(self._page_ids(self._reading))

    def _page_ids(self, page: int) -> list[TrackId]:
        return [TrackId(int(song)) for song in self._ids[page * PAGE : (page + 1) * PAGE]]


class _Table(QTableView):
    """Enter plays, letters go to the filter."""

    typed = Signal(str)
    chosen = Signal(int)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Take Enter and letters; leave all else to Qt."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.chosen.emit(self.currentIndex().row())
        elif event.text().isprintable() and event.text().strip() and not event.modifiers() & _COMMANDS:
            self.typed.emit(event.text())
        else:
            super().keyPressEvent(event)


_COMMANDS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier


class SongsView(QWidget):
    """The filter, the table, and how many songs it shows.

    An order is asked for through `order_wanted`, a page of songs through `page_wanted`, and a song to be played next
    through `play_wanted`; what a person thinks of a song is told through `opinion_wanted`. Chosen songs are lined up
    through `queue_wanted`, and what goes on like them through `like_wanted`.
    """

    order_wanted = Signal(object)
    page_wanted = Signal(object)
    play_wanted = Signal(object)
    opinion_wanted = Signal(object, object)
    """A song's id, and what the person thinks of it."""
    queue_wanted = Signal(object)
    like_wanted = Signal(object)
    """Ids of songs, a list."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Find a title, an artist or an album")
        self.filter.setAccessibleName("Find songs")
        self.filter.setClearButtonEnabled(True)
        self.model = SongsModel()
        self.model.page_wanted.connect(self.page_wanted)
        self.table = self._make_table()
        self.said = Line("detail", shrink=0.8)
        self._typed = QTimer(self)
        self._typed.setSingleShot(True)
        self._typed.setInterval(TYPED_MS)
        self._typed.timeout.connect(self.ask)
        self.filter.textChanged.connect(lambda: self._typed.start())
        self.filter.returnPressed.connect(self.table.setFocus)
        self._wanted = Order()
        whole = column(self.filter, self.table, self.said, gap=10)
        whole.setStretchFactor(self.table, 1)
        self.setLayout(whole)

    def ask(self) -> None:
        """Ask for the songs again: something has changed."""
        header = self.table.horizontalHeader()
        descending = header.sortIndicatorOrder() == Qt.SortOrder.DescendingOrder
        self._wanted = Order(_COLUMNS[header.sortIndicatorSection()], descending, self.filter.text())
        self.order_wanted.emit(self._wanted)

    def show_order(self, wanted: Order, ids: NDArray[np.int64] | str) -> None:
        """Show these songs, if they are still wanted; or the sentence on why they cannot be read."""
        if wanted != self._wanted:
            return
        if isinstance(ids, str):
            self.said.say(ids)
            return
        chosen = self.model.song_at(self.table.currentIndex().row())
        place = self.table.verticalScrollBar().value()
        self.model.show_order(ids)
        row = None if chosen is None else self.model.row_of(chosen)
        if row is not None:
            self.table.setCurrentIndex(self.model.index(row, 0))
        self.table.verticalScrollBar().setValue(place)  # to choose a row scrolls to it
        self.said.say(_count(len(ids), wanted))

    def show_page(self, asked: Sequence[TrackId], songs: Mapping[TrackId, Song] | str) -> None:
        """Show the songs of a page, or the sentence on why they cannot be read."""
        if isinstance(songs, str):
            self.said.say(songs)
        self.model.take_page(asked, {} if isinstance(songs, str) else songs)

    def _make_table(self) -> _Table:
        table = _Table()
        table.setModel(self.model)
        table.setAccessibleName("Songs of the library")
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        table.setAlternatingRowColors(True)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        table.verticalHeader().hide()
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSortIndicator(_COLUMNS.index(Column.ARTIST), Qt.SortOrder.AscendingOrder)
        header.setSortIndicatorShown(True)
        header.setSectionsClickable(True)
        header.sortIndicatorChanged.connect(lambda *_: self.ask())
        for place, what in enumerate(_COLUMNS):
            mode = QHeaderView.ResizeMode.Stretch if what in _WIDE else QHeaderView.ResizeMode.Fixed
            header.setSectionResizeMode(place, mode)
        table.setToolTip(plain_tip("Double-click or Enter: crossfade into this song. Right click: more"))
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.customContextMenuRequested.connect(self._open_menu)
        table.doubleClicked.connect(lambda index: self._play(index.row()))
        table.chosen.connect(self._play)
        table.typed.connect(self._type)
        return table

    def fit(self) -> None:
        """Give rows and columns the room that their text needs at this size of type."""
        metrics = self.table.fontMetrics()
        self.table.verticalHeader().setDefaultSectionSize(round(metrics.height() * 1.7))
        for place, what in enumerate(_COLUMNS):
            if what in _SAMPLES:
                self.table.horizontalHeader().resizeSection(place, metrics.horizontalAdvance(f"{_SAMPLES[what]}MMM"))

    def _play(self, row: int) -> None:
        song = self.model.song_at(row)
        if song is not None:
            self.play_wanted.emit(song)

    def _open_menu(self, point: QPoint) -> None:
        """Offer what can be done with the song under the pointer, or the chosen one where the keyboard asks."""
        row = self.table.indexAt(point).row()
        song = self.model.song_at(row)
        if song is not None:
            self.menu_of(song, self.model.opinion_at(row)).popup(self.table.viewport().mapToGlobal(point))

    def menu_of(self, song: TrackId, opinion: Opinion | None) -> QMenu:
        """Return a menu of what can be done with the chosen songs, and of what a person may think of this one."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        chosen = self._chosen()
        chosen = chosen if song in chosen else [song]
        menu.addAction("Add to the queue").triggered.connect(lambda: self.queue_wanted.emit(chosen))
        like = "Keep playing songs like this" if len(chosen) == 1 else "Keep playing songs like these"
        menu.addAction(like).triggered.connect(lambda: self.like_wanted.emit(chosen))
        menu.addSeparator()
        for wanted, words in ((Opinion.LIKED, "I like this song"), (Opinion.BANNED, "Never play this song")):
            choice = menu.addAction(words)
            choice.setCheckable(True)
            choice.setChecked(opinion is wanted)
            choice.triggered.connect(lambda on, wanted=wanted: self._think(song, wanted, on))
        return menu

    def _chosen(self) -> list[TrackId]:
        rows = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        return [song for song in map(self.model.song_at, rows) if song is not None]

    def _think(self, song: TrackId, opinion: Opinion, on: bool) -> None:
        self.opinion_wanted.emit(song, opinion if on else None)

    def _type(self, text: str) -> None:
        self.filter.setFocus()
        self.filter.insert(text)


def _alignment(what: Column) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if what in _NUMBERS else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _text(song: Song, what: Column, opinion: Opinion | None) -> str:
    match what:
        case Column.OPINION:
            return _SIGNS[opinion]
        case Column.TITLE:
            return song.title
        case Column.ARTIST:
            return song.artist
        case Column.ALBUM:
            return song.album
        case Column.LENGTH:
            return clock_time(song.duration)
        case Column.TEMPO:
            return "" if song.beats is None else _told(f"{song.beats.tempo:.0f}", song.beats.confidence)
        case Column.KEY:
            return "" if song.key is None else _told(song.key.name, song.key.confidence)
        case Column.LOUDNESS:
            return "" if song.lufs is None else f"{song.lufs:.1f}".replace("-", "−")
        case Column.ADDED:
            return "" if song.added is None else f"{song.added.astimezone():%Y-%m-%d}"
        case Column.STANDING:
            return song.standing.value


def _told(value: str, confidence: float) -> str:
    return value if confidence >= SURE else f"~{value}"


def _count(count: int, wanted: Order) -> str:
    songs = f"{count:,} song{'' if count == 1 else 's'}".replace(",", "\u2009")
    if wanted.words.strip():
        return f"{songs} found" if count else f"Nothing is called “{wanted.words.strip()}”."
    return songs if count else "There is no song yet: add a music folder."
