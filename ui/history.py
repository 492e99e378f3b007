"""What was played, session by session, to look at and to keep as a playlist."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QDate, QLocale, Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHeaderView,
    QListWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from ui.button import Button
from ui.layout import column, row
from ui.nights import History, PlayedSong, Session
from ui.text import Line, plain_tip

SHARE = 0.86
"""Of the main window's size, when the history is opened."""
COLUMNS = ("TIME", "TITLE", "ARTIST", "CHOSEN BY")
UNREADABLE, SESSION_UNREADABLE = "The history cannot be read: ", "This session cannot be read: "
_ENGLISH = QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom)


def save_playlist(history: History, session: Session, path: Path) -> str:
    """Write a session as a playlist; return a sentence that says so. Raises as `History` does."""
    history.export(session, path)
    return f"Saved as {path.name}."


class HistoryView(QDialog):
    """Sessions at the left, the songs of the chosen one at the right. Escape closes it; the music goes on meanwhile.

    A session's songs are asked for through `songs_wanted`, a playlist through `playlist_wanted` (session, path).
    """

    songs_wanted = Signal(object)
    playlist_wanted = Signal(object, object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._main = parent
        self._listed: Sequence[Session] = ()
        self.setWindowTitle("History · livedj")
        self.heading = Line("eyebrow", shrink=0.8)
        self.sessions = QListWidget()
        self.sessions.setAccessibleName("Sessions, the newest first")
        self.sessions.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.sessions.currentRowChanged.connect(self._ask_for_songs)
        self.songs = self._make_table()
        self.said = Line("detail", shrink=0.8)
        self.save = Button("Save as playlist …", "save")
        self.save.describe("Save as playlist", help_text="Writes the songs of this session into an m3u8 file.")
        self.save.clicked.connect(self._choose_file)
        lists = row(self.sessions, self.songs, gap=12)
        lists.setStretchFactor(self.sessions, 10)
        lists.setStretchFactor(self.songs, 23)
        foot = row(self.said, self.save, gap=12)
        foot.setStretchFactor(self.said, 1)
        whole = column(self.heading, lists, foot, gap=10, margin=(16, 14))
        whole.setStretchFactor(lists, 1)
        self.setLayout(whole)

    def show_sessions(self, sessions: Sequence[Session] | str) -> None:
        """Open with `sessions`, or with the sentence on why they cannot be read; the one looked at stays chosen."""
        before = self._current()
        told = () if isinstance(sessions, str) else sessions
        self.heading.say(sessions if isinstance(sessions, str) else _heading(sessions))
        self.said.say("")
        self._listed = ()
        self.sessions.clear()
        self.songs.clear()
        self._listed = told
        self.sessions.addItems([_summary(session) for session in told])
        again = [place for place, session in enumerate(told) if before is not None and session.log == before.log]
        self.sessions.setCurrentRow(again[0] if again else 0 if told else -1)
        self.save.setEnabled(bool(told))
        if not self.isVisible():
            self.resize(self._main.size() * SHARE)
        self.show()
        self.raise_()
        self.activateWindow()
        self.sessions.setFocus()

    def show_songs(self, session: Session, songs: Sequence[PlayedSong] | str) -> None:
        """Show the songs of `session`, if it is still the one looked at."""
        if session is not self._current():
            return
        self.songs.clear()
        if isinstance(songs, str):
            self.said.say(songs)
            return
        self.songs.addTopLevelItems([_row(song) for song in songs])

    def tell(self, sentence: str) -> None:
        """Say what came of saving."""
        self.said.say(sentence)

    def _make_table(self) -> QTreeWidget:
        table = QTreeWidget()
        table.setAccessibleName("Songs of the session")
        table.setHeaderLabels(COLUMNS)
        table.setRootIsDecorated(False)
        table.setUniformRowHeights(True)  # thousands of songs must not hold the window up
        table.setAlternatingRowColors(True)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = table.header()
        header.setStretchLastSection(False)
        header.setSectionsClickable(False)
        for column_number, mode in enumerate((_FIT, _SHARE, _SHARE, _FIT)):
            header.setSectionResizeMode(column_number, mode)
        return table

    def _current(self) -> Session | None:
        place = self.sessions.currentRow()
        return self._listed[place] if 0 <= place < len(self._listed) else None

    def _ask_for_songs(self) -> None:
        self.songs.clear()
        self.said.say("")
        session = self._current()
        if session is not None:
            self.songs_wanted.emit(session)

    def _choose_file(self) -> None:
        session = self._current()
        if session is None:
            return
        proposed = Path.home() / f"livedj {session.began.astimezone():%Y-%m-%d}.m3u8"
        dialog = QFileDialog(self, "Save as playlist", str(proposed), "Playlists (*.m3u8)")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("m3u8")
        dialog.fileSelected.connect(lambda file: self.playlist_wanted.emit(session, Path(file)))
        dialog.open()


_FIT, _SHARE = QHeaderView.ResizeMode.ResizeToContents, QHeaderView.ResizeMode.Stretch


def _row(song: PlayedSong) -> QTreeWidgetItem:
    item = QTreeWidgetItem([_clock(song.at), song.title, song.artist, song.by])
    for place, text in ((1, song.title), (2, song.artist)):
        item.setToolTip(place, plain_tip(text))
    return item


def _heading(sessions: Sequence[Session]) -> str:
    if not sessions:
        return "Nothing has been played yet."
    return f"HISTORY · {len(sessions)} {'session' if len(sessions) == 1 else 'sessions'}"


def _summary(session: Session) -> str:
    """Return a session in two lines: its day, then its hours and how many songs."""
    began = session.began.astimezone()
    day = _ENGLISH.toString(QDate(began.year, began.month, began.day), "ddd d MMMM yyyy")
    until = "now" if session.running else _clock(session.last)
    return f"{day}\n{_clock(session.began)}–{until} · {session.songs} {'song' if session.songs == 1 else 'songs'}"


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone():%H:%M}"
