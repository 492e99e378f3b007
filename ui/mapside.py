"""What stands beside the map: the chosen song or the journey, and what the colours mean."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QListWidget, QListWidgetItem, QSizePolicy, QStackedWidget, QWidget

from livedj.library.journeys import Listed
from livedj.library.shelf import Song, Standing
from livedj.music import TrackId
from ui import theme
from ui.button import Button
from ui.layout import column, row
from ui.songs import SURE
from ui.text import Line, clock_time, plain_tip

HINT = (
    "Point at a song to read its name. A click chooses it, and lets you hear some of it while nothing else plays.\n\n"
    "The wheel looks nearer, dragging moves the map.\n\n"
    "Without a mouse: the arrow keys point, Enter clicks, + and − look nearer and wider."
)
BETWEEN, MOST_BETWEEN = 3, 12
"""Songs from one waypoint of a journey to the next, unless a person wants more or fewer."""
UNHEARD = "Songs are heard here while no music plays and AUTO-DJ is off."
WHY_NOT = {
    Standing.AWAY: "Not there: its file is gone, or the drive that it is on.",
    Standing.UNUSABLE: "Cannot be used: the library (L) says why.",
}
FURTHER = "Click the song that the journey is to lead to."
LOOKING = "Looking for a smooth way …"


class MapSide(QWidget):
    """A card of the chosen song, or a journey; below, the legend."""

    play_wanted = Signal()
    journey_begun = Signal()
    queue_wanted = Signal()
    undo_wanted = Signal()
    between_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.hint = _wrapped(HINT)
        self.card = _Card()
        self.card.play.clicked.connect(self.play_wanted)
        self.card.journey.clicked.connect(self.journey_begun)
        self.journey = _Journey()
        self.journey.queue.clicked.connect(self.queue_wanted)
        self.journey.undo.clicked.connect(self.undo_wanted)
        self.journey.between_changed.connect(self.between_changed)
        self.pages = QStackedWidget()
        for page in (self.hint, self.card, self.journey):
            self.pages.addWidget(page)
        self.legend = MapLegend()
        whole = column(self.pages, self.legend, gap=14)
        whole.setStretchFactor(self.pages, 1)
        self.setLayout(whole)

    def show_nothing(self) -> None:
        """Say how the map is used."""
        self.pages.setCurrentWidget(self.hint)

    def show_card(self, title: str, artist: str, song: Song | None, said: str) -> None:
        """Show a song, and a sentence; length, tempo, key and whether it can be played once that has been read."""
        self.card.title.say(title)
        self.card.artist.say(artist)
        self.card.facts.say("" if song is None else _facts(song))
        why_not = "" if song is None else WHY_NOT.get(song.standing, "")
        self.card.said.setText(said or why_not)
        for button in (self.card.play, self.card.journey):
            button.setEnabled(not why_not)
        self.pages.setCurrentWidget(self.card)

    def show_journey(self, waypoints: Sequence[str], way: Sequence[Listed], numbers: Sequence[TrackId]) -> None:
        """Show the waypoints by their names, or once it is known the whole way, with these tracks as its waypoints."""
        self.journey.render_journey(waypoints, way, numbers)
        self.pages.setCurrentWidget(self.journey)

    def tell(self, sentence: str) -> None:
        """Say what became of the journey."""
        self.journey.said.setText(sentence)


class _Card(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.title, self.artist = Line("small-proposal", shrink=0.8), Line("small-artist", shrink=0.8)
        self.facts = Line("detail", shrink=0.8)
        self.play = Button("Crossfade into it", "play", role="primary")
        self.play.describe("Crossfade into this song", help_text="As a double click in the library does.")
        self.journey = Button("Journey from here", "map")
        self.journey.describe("Journey from here", help_text="Further clicks on the map say where it leads.")
        self.said, self.unheard = _wrapped(""), _wrapped(UNHEARD)
        words, buttons = (self.title, self.artist, self.facts), (self.play, self.journey)
        self.setLayout(column(*words, 0, *buttons, self.said, self.unheard, 1, gap=10))


class _Journey(QWidget):
    between_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.between = BETWEEN
        """Songs from one waypoint to the next."""
        self.fewer, self.more, self.amount = Button("−"), Button("+"), QLabel()
        self.fewer.describe("Fewer songs between", help_text="One song less from each waypoint to the next.")
        self.more.describe("More songs between", help_text="One song more from each waypoint to the next.")
        self.fewer.clicked.connect(lambda: self._put_between(self.between - 1))
        self.more.clicked.connect(lambda: self._put_between(self.between + 1))
        self._say_between()
        self.heading = Line("eyebrow", shrink=0.8)
        self.songs = QListWidget()
        self.songs.setAccessibleName("Songs of the journey")
        self.songs.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.songs.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.songs.setSelectionMode(QListWidget.SelectionMode.NoSelection)
        self.songs.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # so that Escape stays the map's
        self.said = _wrapped("")
        self.queue = Button("Queue it", "play", role="primary")
        self.queue.describe("Queue it", help_text="Adds those songs to the end of the queue that are not in it.")
        self.undo = Button("Undo")
        self.undo.describe("Undo", "Esc", "Takes the last waypoint back.")
        buttons = row(self.queue, self.undo, gap=10)
        buttons.setStretchFactor(self.queue, 1)
        between = row(self.fewer, self.amount, self.more, gap=10)
        between.setStretchFactor(self.amount, 1)
        inside = column(self.heading, self.songs, between, self.said, buttons, gap=10)
        inside.setStretchFactor(self.songs, 1)
        self.setLayout(inside)
        self._shown: tuple[Sequence[str], Sequence[Listed]] | None = None

    def render_journey(self, waypoints: Sequence[str], way: Sequence[Listed], numbers: Sequence[TrackId]) -> None:
        if (waypoints, way) == self._shown:  # what a person reads, and what they were told, stays
            return
        self._shown = (waypoints, way)
        self.queue.setEnabled(bool(way))
        self.songs.clear()
        self.heading.say(f"JOURNEY · {len(way)} songs" if way else "JOURNEY")
        self.said.setText("" if way else FURTHER if len(waypoints) < 2 else LOOKING)
        if not way:
            for number, name in enumerate(waypoints, 1):
                self._add(f"{number}  {name}", bold=True)
        for listed in way:
            there = listed.track.id in numbers
            sign = str(numbers.index(listed.track.id) + 1) if there else "·"
            self._add(f"{sign}  {listed.track.label}", bold=there)

    def _put_between(self, songs: int) -> None:
        self.between = songs
        self._shown = None  # else, where no way was found, that would stay told of another number
        self._say_between()
        self.between_changed.emit()

    def _say_between(self) -> None:
        self.amount.setText(f"{self.between} song{'' if self.between == 1 else 's'} between")
        self.fewer.setEnabled(self.between > 1)
        self.more.setEnabled(self.between < MOST_BETWEEN)

    def _add(self, text: str, *, bold: bool) -> None:
        item = QListWidgetItem(text, self.songs)
        item.setToolTip(plain_tip(text))
        font = self.songs.font()
        font.setBold(bold)
        item.setFont(font)
        item.setForeground(theme.colour("text" if bold else "dim"))


class MapLegend(QWidget):
    """What the colours mean: a dot and a name in each line."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.groups: Sequence[tuple[str, str]] = ()
        """(colour, name)."""

    def show_groups(self, groups: Sequence[tuple[str, str]]) -> None:
        """Show these colours and names."""
        if groups != self.groups:
            self.groups = groups
            self.setAccessibleName(f"Colours: {', '.join(name for _, name in groups)}")
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Return the room of its lines."""
        return QSize(0, round(self._line() * len(self.groups)))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802 (Qt's signature)
        """Draw line by line."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line, metrics = self._line(), self.fontMetrics()
        for number, (colour, name) in enumerate(self.groups):
            middle = line * (number + 0.5)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colour))
            painter.drawEllipse(QPointF(line * 0.35, middle), line * 0.25, line * 0.25)
            painter.setPen(theme.colour("text"))
            room = QRectF(line * 0.9, middle - line / 2, self.width() - line * 0.9, line)
            text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, int(room.width()))
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, text)

    def _line(self) -> float:
        return self.fontMetrics().height() * 1.25


def _wrapped(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "hint")
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setAlignment(Qt.AlignmentFlag.AlignTop)
    return label


def _facts(song: Song) -> str:
    """Return length, tempo and key, as far as they are known; what is not sure has a “~”."""
    facts = [clock_time(song.duration)]
    if song.beats is not None:
        facts.append(f"{'' if song.beats.confidence >= SURE else '~'}{song.beats.tempo:.0f} BPM")
    if song.key is not None:
        facts.append(f"{'' if song.key.confidence >= SURE else '~'}{song.key.name}")
    return " · ".join(facts)
