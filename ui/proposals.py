"""What goes well next: the suggestion, large, and four more to choose from."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QMenu, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from livedj.choose.proposals import Proposal
from livedj.choose.scene import Opinion
from livedj.listen.heard import ListenState
from livedj.music import Seconds, Track, TrackId
from livedj.party.messages import Enqueue, PlayNext
from livedj.party.snapshot import Snapshot
from ui import theme
from ui.button import Button
from ui.covers import Covers, CoverView
from ui.layout import column, row
from ui.library import scan_runs
from ui.opinion import OpinionButtons
from ui.pending import Pending
from ui.text import Line

SHOWN = 5
PATIENCE = Seconds(5.0)
"""A clicked row says that its song is coming for so long at most; loading from a slow disk takes a moment."""


class SimilarityBar(QWidget):
    """The similarity as a bar."""

    def __init__(self, fill: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "similarity")
        self._fill = fill
        self._percent = 0

    def render_percent(self, percent: int) -> None:
        """Show 0…100."""
        if percent != self._percent:
            self._percent = percent
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802 (Qt's signature)
        """Draw the bar."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        round_by = self.height() / 2
        painter.setBrush(theme.colour("line"))
        painter.drawRoundedRect(QRectF(self.rect()), round_by, round_by)
        painter.setBrush(theme.colour(self._fill))
        width = self.width() * min(100, max(0, self._percent)) / 100
        painter.drawRoundedRect(QRectF(0, 0, width, self.height()), round_by, round_by)


class PlayMark(QWidget):
    """The sign on the suggestion that says: this is the thing to click."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "play-mark")

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802 (Qt's signature)
        """Draw a triangle in a disc."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("accent"))
        painter.drawEllipse(self.rect())
        side = round(self.width() * 0.5)
        sign = theme.pixmap("play", "on_accent", round(side * self.devicePixelRatioF()))
        # A triangle looks centred when it stands a little to the right.
        place = QRectF((self.width() - side) / 2 + side * 0.06, (self.height() - side) / 2, side, side)
        painter.drawPixmap(place, sign, QRectF(sign.rect()))


class ProposalRow(Button):
    """One proposal as one large button. Right click lines it up."""

    picked = Signal(object)
    queued = Signal(object)

    def __init__(self, number: int, covers: Covers, parent: QWidget | None = None) -> None:
        first = number == 1
        super().__init__(role="suggestion" if first else "proposal", parent=parent)
        self._number = number
        self._proposal: Proposal | None = None
        self._held: Track | None = None
        self.key = Line("key", sample="0", align=Qt.AlignmentFlag.AlignHCenter)
        self.key.say(str(number))
        self.cover = CoverView(covers, "middle-cover" if first else "small-cover")
        size = "large" if first else "small"
        self.title = Line(f"{size}-proposal", shrink=0.7 if first else 0.85)
        self.artist = Line(f"{size}-artist", shrink=0.8)
        self.reason = Line("reason", shrink=0.9)
        self.bar = SimilarityBar("accent" if first else "dim")
        self.percent = Line(f"{size}-percent", sample="100 %", align=Qt.AlignmentFlag.AlignRight)
        self.opinion = OpinionButtons()
        if first:
            words = column(1, self.title, self.artist, self.reason, 1, gap=1)
            figures = column(1, self.percent, self.bar, 1, gap=6)
            figures.setAlignment(self.percent, Qt.AlignmentFlag.AlignRight)
            inside = row(self.key, self.cover, words, self.opinion, figures, PlayMark(), gap=16, margin=(16, 8))
        else:
            names = row(self.title, self.artist, gap=12)
            names.setStretchFactor(self.title, 3)
            names.setStretchFactor(self.artist, 2)
            words = column(1, names, self.reason, 1, gap=0)
            inside = row(self.key, self.cover, words, self.opinion, self.bar, self.percent, gap=16, margin=(16, 3))
        inside.setStretchFactor(words, 1)
        self.setLayout(inside)
        for child in set(self.findChildren(QWidget)) - {self.opinion, *self.opinion.findChildren(QWidget)}:
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.pressed.connect(self._hold)
        self.clicked.connect(self._pick)

    def render_proposal(self, proposal: Proposal, opinion: Opinion | None, coming: bool, now: Seconds) -> None:
        """Show a proposal, and what the person thinks of it; `coming`: it was clicked and is on its way."""
        self.opinion.render_opinion(proposal.track, opinion, now)
        theme.set_state(self, "coming", coming)
        self.reason.say("coming …" if coming else proposal.reason)
        theme.set_state(self.reason, "mood", "on" if coming else "")
        if proposal == self._proposal:
            return
        self._proposal = proposal
        track = proposal.track
        self.cover.render_cover(track.id)
        self.title.say(track.title)
        self.artist.say(track.artist)
        self._render_similarity(proposal.similarity)
        similar = "" if proposal.similarity is None else f"{proposal.similarity} percent similar. "
        self.describe(f"Play next: {track.label}", str(self._number), similar + proposal.reason)

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Return the room of what stands in the button, which QPushButton does not ask for."""
        inside = self.layout()
        return inside.sizeHint() if inside else super().sizeHint()

    def minimumSizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Return the least room of what stands in the button."""
        inside = self.layout()
        return inside.minimumSize() if inside else super().minimumSizeHint()

    def _render_similarity(self, percent: int | None) -> None:
        """Show bar and number, or neither where nothing was heard that the song could be similar to."""
        for figure in (self.bar, self.percent):
            figure.setVisible(percent is not None)
        if percent is not None:
            self.bar.render_percent(percent)
            self.percent.say(f"{percent} %")

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 (Qt's name)
        """Offer to line the song up."""
        if self._proposal is not None:
            track, menu = self._proposal.track, QMenu(self)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.addAction("Add to the queue").triggered.connect(lambda: self.queued.emit(track))
            menu.popup(event.globalPos())

    def _hold(self) -> None:
        # Proposals may change while the finger is down: what was pressed is meant, not what stands there by then.
        self._held = self._proposal.track if self._proposal else None

    def _pick(self) -> None:
        if self._held is not None:
            self.picked.emit(self._held)


class ProposalsView(QWidget):
    """The five proposals, or one sentence on why there are none. Wishes: PlayNext, Enqueue, SetOpinion."""

    wished = Signal(object)

    def __init__(self, covers: Covers, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = [ProposalRow(number, covers) for number in range(1, SHOWN + 1)]
        self.why_none = QLabel()
        self.why_none.setProperty("role", "why-none")
        self.why_none.setTextFormat(Qt.TextFormat.PlainText)
        self.why_none.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.why_none.setWordWrap(True)
        listed = QWidget()
        listing = column(*self.rows, gap=6)
        for place, proposal_row in enumerate(self.rows):
            listing.setStretch(place, 9 if place == 0 else 4)
            keeps_place = proposal_row.sizePolicy()
            keeps_place.setRetainSizeWhenHidden(True)
            proposal_row.setSizePolicy(keeps_place)
            proposal_row.picked.connect(self._pick)
            proposal_row.queued.connect(lambda track: self.wished.emit(Enqueue((track,))))
            proposal_row.opinion.wished.connect(self.wished)
        listed.setLayout(listing)
        self._stack = QStackedWidget()
        self._stack.addWidget(listed)
        self._stack.addWidget(self.why_none)
        inside = QVBoxLayout(self)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self._stack)
        self._picked: Pending[TrackId | None] = Pending(PATIENCE)

    def render_proposals(self, snapshot: Snapshot) -> None:
        """Show the proposals of `snapshot`, or say why there are none."""
        here = {song.id for song in (snapshot.cued, snapshot.playing.track if snapshot.playing else None) if song}
        wish = self._picked.wish
        # Taken up = it is cued or plays already: then the view of what plays tells of it.
        coming = self._picked.shown(wish if wish in here else None, snapshot.at)
        if snapshot.cued is not None and coming is None:
            coming = snapshot.cued.id
        for place, proposal_row in enumerate(self.rows):
            proposal = snapshot.proposals[place] if place < len(snapshot.proposals) else None
            proposal_row.setVisible(proposal is not None)
            if proposal is not None:
                opinion = snapshot.opinions.get(proposal.track.song)
                proposal_row.render_proposal(proposal, opinion, proposal.track.id == coming, snapshot.at)
        self._stack.setCurrentIndex(0 if snapshot.proposals else 1)
        if not snapshot.proposals and self.why_none.text() != (why := _why_none(snapshot)):
            self.why_none.setText(why)

    def press(self, number: int) -> None:
        """Click the proposal `number` (1…5) as the mouse would."""
        proposal_row = self.rows[number - 1]
        if proposal_row.isVisibleTo(self):
            proposal_row.animateClick()

    def _pick(self, track: Track) -> None:
        self._picked.ask(track.id)
        self.wished.emit(PlayNext(track))


def _why_none(snapshot: Snapshot) -> str:
    if snapshot.library_size == 0 and scan_runs(snapshot.scan):
        return "Getting to know your songs …"
    if snapshot.all_banned:
        return "Every song that could come next is banned: right-click one in the library (L) to take it back."
    match snapshot.heard.state:
        case ListenState.NO_MICROPHONE:
            return "Without a microphone there is nothing to go by."
        case ListenState.TOO_QUIET | ListenState.NO_MUSIC:
            return "Waiting for music in the room."
        case ListenState.STARTING:
            return "The ear is opening."
        case ListenState.LISTENING:
            return "Listening for what goes well next …"
