"""What plays: the song, its time, the buttons of the hand, and the crossfade while it goes on."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QStackedWidget, QWidget

from livedj.music import NO_SONG, Seconds
from livedj.party.messages import Cut, FadeNow, Skip, TogglePause
from livedj.party.snapshot import Snapshot
from livedj.play.transition import Kind, Transition
from ui import theme
from ui.button import Button
from ui.covers import Covers, CoverView
from ui.layout import column, row
from ui.opinion import OpinionButtons
from ui.seekbar import SeekBar
from ui.text import Line, clock_time


class FadeBar(QWidget):
    """How much of the crossfade is done: what goes out gives way to what comes in."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._share = 0.0

    def render_share(self, share: float) -> None:
        """Show how much is done, 0…1; repaints only when a pixel changes."""
        changed = round(share * self.width()) != round(self._share * self.width())
        self._share = share
        if changed:
            self.update()
            self.setAccessibleName(f"Crossfade, {round(share * 100)} percent done")

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Return a height from the font."""
        return QSize(self.fontMetrics().height() * 6, self.fontMetrics().height() // 2)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802 (Qt's signature)
        """Draw the bar."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        round_by = self.height() / 2
        painter.setBrush(theme.colour("line"))
        painter.drawRoundedRect(QRectF(self.rect()), round_by, round_by)
        painter.setBrush(theme.colour("accent"))
        painter.drawRoundedRect(QRectF(0, 0, round(self._share * self.width()), self.height()), round_by, round_by)


class PlayingView(QFrame):
    """Now playing. Wishes: TogglePause, Skip, Cut, FadeNow, SeekTo, MoveCues, SetOpinion."""

    wished = Signal(object)

    def __init__(self, covers: Covers, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.cover = CoverView(covers, "large-cover")
        self.eyebrow = Line("eyebrow")
        self.title = Line("title", shrink=0.6)
        self.artist = Line("artist", shrink=0.75)
        self.coming = self._make_coming()
        self.seek = SeekBar()
        self.seek.wished.connect(self.wished)
        self.pause = self._button("", "pause", TogglePause())
        self.skip = self._button("Skip", "skip", Skip())
        self.skip.describe("Skip this song", "N", "Fades quickly to the best proposal. X cuts to it, without a fade.")
        self.fade = self._button("Fade now", "fade", FadeNow())
        self.fade.describe("Fade now", "F", "Begins the crossfade into the best proposal.")
        self.opinion = OpinionButtons()
        self.opinion.wished.connect(self.wished)
        head = row(self.eyebrow, self.opinion, gap=8)
        head.setStretchFactor(self.eyebrow, 1)
        song = column(head, self.title, self.artist, 1, self.seek, gap=2)
        top = row(self.cover, song, gap=22)
        top.setStretchFactor(song, 1)
        hand = row(self.pause, self.skip, self.fade, self.coming, gap=12)
        hand.setStretchFactor(self.coming, 1)
        self.setLayout(column(top, hand, gap=14, margin=(20, 16)))

    def render_playing(self, snapshot: Snapshot) -> None:
        """Show the songs on the decks."""
        playing = snapshot.playing
        track = playing.track if playing else None
        fading = snapshot.leaving is not None and snapshot.fade is not None
        self.eyebrow.say("CROSSFADING" if fading else "PAUSED" if playing and playing.paused else "NOW PLAYING")
        theme.set_state(self.eyebrow, "mood", "on" if fading or (playing and playing.paused) else "")
        self.title.say(track.title if track else "Nothing yet")
        self.artist.say(track.artist if track else _how_to_begin(snapshot))
        theme.set_state(self.title, "mood", "" if track else "dim")
        self.cover.render_cover(
            track.id if track else None,
            snapshot.leaving.track.id if snapshot.leaving and fading else None,
            snapshot.fade if snapshot.fade is not None and fading else 1.0,
        )
        self.seek.render_position(playing, snapshot.at)
        self.opinion.setVisible(track is not None and track.id != NO_SONG)
        if track is not None:
            self.opinion.render_opinion(track, snapshot.opinions.get(track.song), snapshot.at)
        self._render_coming(snapshot)
        self._render_hand(snapshot)

    def cut(self) -> None:
        """Leave the song on the spot, where one plays: a wish by key, without a button of its own."""
        if self.skip.isEnabled():
            self.wished.emit(Cut())

    def _make_coming(self) -> QStackedWidget:
        """Return the strip below the song: what comes and when, or the crossfade while it goes on."""
        self.when = Line("when", shrink=0.8)
        self.cued = Line("cued", shrink=0.8)
        self.going = Line("cued", shrink=0.8)
        self.share = FadeBar()
        self.percent = Line("when", sample="100 %", align=Qt.AlignmentFlag.AlignRight)
        waiting, mixing = QWidget(), QWidget()
        waiting.setLayout(column(1, self.when, self.cued, 1, gap=0, margin=(10, 0)))
        mix = row(self.going, self.share, self.percent, gap=12, margin=(10, 0))
        mix.setStretchFactor(self.going, 3)
        mix.setStretchFactor(self.share, 2)
        mixing.setLayout(mix)
        strip = QStackedWidget()
        strip.addWidget(waiting)
        strip.addWidget(mixing)
        strip.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        return strip

    def _render_coming(self, snapshot: Snapshot) -> None:
        if snapshot.leaving is not None and snapshot.fade is not None:
            self.coming.setCurrentIndex(1)
            self.going.say(f"out: {snapshot.leaving.track.title}")
            self.share.render_share(snapshot.fade)
            self.percent.say(f"{round(snapshot.fade * 100)} %")
            return
        self.coming.setCurrentIndex(0)
        planned = snapshot.transition is not None and snapshot.fades_in is not None
        self.when.setVisible(planned)
        if snapshot.transition is not None and snapshot.fades_in is not None:
            self.when.say(_plan_in_words(snapshot.transition, snapshot.fades_in))
        coming = snapshot.cued or next(iter(snapshot.queue.songs), None)
        cued = coming.label if coming else ""
        self.cued.say(f"→ {cued}" if cued and planned else f"comes next: {cued}" if cued else "")

    def _render_hand(self, snapshot: Snapshot) -> None:
        playing = snapshot.playing
        sounds = playing is not None and not playing.paused
        if self.pause.property("sounds") != sounds:
            self.pause.setProperty("sounds", sounds)
            self.pause.show_icon("pause" if sounds else "play")
            self.pause.describe("Pause" if sounds else "Play", "Space")
        # While nothing plays, to play means the best song there is.
        self.pause.setEnabled(playing is not None or snapshot.library_size > 0)
        for button in (self.skip, self.fade):
            button.setEnabled(playing is not None)

    def _button(self, text: str, icon: str, wish: TogglePause | Skip | FadeNow) -> Button:
        button = Button(text, icon)
        button.clicked.connect(lambda: self.wished.emit(wish))
        return button


def _plan_in_words(transition: Transition, left: Seconds) -> str:
    match transition.kind:
        case Kind.FADE:
            return f"fades in {clock_time(left)}, {max(1, round(transition.seconds))} s"
        case Kind.GAPLESS:
            return f"goes on without a gap in {clock_time(left)}"
        case Kind.CUT:
            return f"cuts in {clock_time(left)}"


def _how_to_begin(snapshot: Snapshot) -> str:
    if snapshot.proposals:
        return "Pick a song below, or switch auto-DJ on."
    return "Switch auto-DJ on, and I choose." if snapshot.library_size else ""
