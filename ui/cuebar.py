"""The bar of the song's time, with its cue points as marks to take hold of."""

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPolygonF
from PySide6.QtWidgets import QToolTip, QWidget

from livedj.music import CuePoints, Seconds
from ui import theme
from ui.cues import WORDS, Mark, in_words, moved, place_of
from ui.slider import Slider
from ui.text import clock_time, plain_tip

TICKS = 10
"""The bar's steps a second: finer than a pixel of any song longer than two minutes."""
SEEK_TIP = "Click or drag to seek   [← →]. Drag a mark to move it; with the keyboard on the bar S, I, O, E set them."
KEYS = {
    Qt.Key.Key_S: Mark.START,
    Qt.Key.Key_I: Mark.INTRO_END,
    Qt.Key.Key_O: Mark.OUTRO_START,
    Qt.Key.Key_E: Mark.END,
}
KEYS_IN_WORDS = "Keys S, I, O and E set them to the playhead."
_BELOW = (Mark.START, Mark.END)
"""The ends of the sound stand below the bar, those of intro and outro above: where two meet, each has its place."""
_REACH = 0.6
"""How far beside a mark the hand may be, in radii of the knob."""


class CueBar(Slider):
    """A seek bar with four marks.

    A hand beside the bar, above or below, takes hold of the mark that is near; on the bar itself it seeks.
    `mark_dragged` tells every place (seconds) that a held mark passes, `marks_moved` the CuePoints where it was let go,
    `mark_set` the mark that a key wants at the playhead.
    """

    mark_dragged = Signal(float)
    marks_moved = Signal(object)
    mark_set = Signal(object)

    def __init__(self, step: int, parent: QWidget | None = None) -> None:
        super().__init__(0, 1, step, parent=parent)
        self.setMouseTracking(True)
        self.setToolTip(plain_tip(SEEK_TIP))
        self._cues: CuePoints | None = None
        self._duration = Seconds(0.0)
        self._held: Mark | None = None
        self._hold = 0.0
        self._before: CuePoints | None = None

    @property
    def mark_in_hand(self) -> bool:
        """Whether a person holds a mark."""
        return self._held is not None

    def show_cues(self, cues: CuePoints | None, duration: Seconds) -> None:
        """Show the marks of a song; does nothing while one is in the hand."""
        if self.mark_in_hand or (cues, duration) == (self._cues, self._duration):
            return
        self._cues, self._duration = cues, duration
        self.setAccessibleDescription("" if cues is None else f"{in_words(cues)} {KEYS_IN_WORDS}")
        self.update()

    def let_go(self) -> None:
        """Forget what is in the hand: it belonged to another song."""
        self.setSliderDown(False)
        self._held = None

    def mark_at(self, point: QPointF) -> Mark | None:
        """Return the mark that a hand at `point` would take hold of."""
        down = point.y() - self.height() / 2
        if self._cues is None or not self.isEnabled() or abs(down) < self._radius() * 0.7:
            return None
        near: list[tuple[float, int, Mark]] = []
        for order, mark in enumerate(Mark):
            x = self._mark_x(mark)
            if x is not None and (mark in _BELOW) is (down > 0) and abs(point.x() - x) <= self._radius() * _REACH:
                # Where two stand on one spot, the hand takes the one that can follow it to its side.
                near.append((abs(point.x() - x), -order if point.x() > x else order, mark))
        return min(near)[2] if near else None

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Return the room of the bar and of the marks above and below."""
        return QSize(self.fontMetrics().height() * 6, round(self.fontMetrics().height() * 1.9))

    def event(self, event: QEvent) -> bool:
        """Name the mark under the mouse in its tool tip."""
        if isinstance(event, QHelpEvent) and (mark := self.mark_at(QPointF(event.pos()))) is not None:
            QToolTip.showText(event.globalPos(), plain_tip(f"{self._in_words(mark)}. Drag to move."), self)
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Take hold of a mark, or of the bar."""
        mark = self.mark_at(event.position())
        x = None if mark is None else self._mark_x(mark)
        if event.button() != Qt.MouseButton.LeftButton or x is None:
            super().mousePressEvent(event)
            return
        self._held, self._before = mark, self._cues
        self._hold = event.position().x() - x
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Follow the hand."""
        if self._held is None or self._before is None:
            super().mouseMoveEvent(event)
            over = self.mark_at(event.position()) is not None
            self.setCursor(Qt.CursorShape.SizeHorCursor if over else Qt.CursorShape.PointingHandCursor)
            return
        to = Seconds(self._value_at(event.position().x() - self._hold) / TICKS)
        self._cues = moved(self._before, self._held, to, self._duration)
        place = place_of(self._cues, self._held)
        if place is not None:
            self.mark_dragged.emit(place)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Let go: here the person wants the mark."""
        if self._held is None:
            super().mouseReleaseEvent(event)
        elif event.button() == Qt.MouseButton.LeftButton:
            self._held = None
            self.update()
            if self._cues != self._before:
                self.marks_moved.emit(self._cues)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Set a mark to the playhead; other keys are the slider's."""
        mark = KEYS.get(Qt.Key(event.key()))
        if mark is None or event.modifiers() or event.isAutoRepeat():
            super().keyPressEvent(event)
        elif self._cues is not None:
            self.mark_set.emit(mark)

    def _radius(self) -> float:
        return self.height() * 0.28

    def _mark_x(self, mark: Mark) -> float | None:
        place = None if self._cues is None else place_of(self._cues, mark)
        return None if place is None else self._place(min(self.maximum(), place * TICKS))

    def _in_words(self, mark: Mark) -> str:
        place = None if self._cues is None else place_of(self._cues, mark)
        return "" if place is None else f"{WORDS[mark]} at {clock_time(place)}"

    def _draw_marks(self, painter: QPainter, groove: QRectF) -> None:
        """Draw silence darker and intro and outro brighter than the rest of the bar, and a small triangle a mark."""
        start, intro_end, outro_start, end = (self._mark_x(mark) for mark in Mark)
        self._tint(painter, groove, groove.left(), start, "background", 0.6)
        self._tint(painter, groove, start, intro_end, "text", 0.3)
        self._tint(painter, groove, outro_start, end, "text", 0.3)
        self._tint(painter, groove, end, groove.right(), "background", 0.6)
        for mark in Mark:
            x = self._mark_x(mark)
            if x is not None:
                painter.setBrush(theme.colour("text" if mark is self._held else "dim"))
                painter.drawPolygon(self._triangle(x, groove, below=mark in _BELOW))

    def _tint(
        self, painter: QPainter, groove: QRectF, begin: float | None, end: float | None, name: str, share: float
    ) -> None:
        """Lay a colour over a stretch of the groove, whatever is drawn there."""
        if begin is None or end is None or end <= begin:
            return
        tint = theme.colour(name)
        tint.setAlphaF(share)
        painter.save()
        painter.setClipRect(QRectF(begin, groove.top(), end - begin, groove.height()))
        painter.setBrush(tint)
        painter.drawRoundedRect(groove, groove.height() / 2, groove.height() / 2)
        painter.restore()

    def _triangle(self, x: float, groove: QRectF, *, below: bool) -> QPolygonF:
        """Return a triangle whose tip touches the groove at `x`."""
        half, high = self._radius() * 0.48, self._radius() * 0.7
        tip, base = (groove.bottom() + 1, high) if below else (groove.top() - 1, -high)
        return QPolygonF([QPointF(x, tip), QPointF(x - half, tip + base), QPointF(x + half, tip + base)])
