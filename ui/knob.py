"""A knob to turn: it follows the hand round, tells every place it passes, and nothing else moves it then."""

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QDial, QWidget

from ui import theme

TOLD_EVERY_MS = 100
"""Between two values that are told while the knob is turned."""
_FIRST, _SWEEP = 240, 300
"""Degrees: where the least value stands, counter-clockwise from three o'clock, and the way from there to the most."""
_GAP = 360 - _SWEEP


class Knob(QDial):
    """A knob of our own looks, whose value the program shows and a person chooses.

    `chosen` tells the value while the knob is turned, by hand, arrow keys or wheel: at once, then every TOLD_EVERY_MS,
    and always the last one. The value the program shows (`show_value`) emits nothing, and is refused while the hand
    holds the knob or the last value is still to be told.
    """

    chosen = Signal(int)

    def __init__(self, maximum: int, step: int = 1, parent: QWidget | None = None) -> None:
        """Go from 0 to `maximum` in steps."""
        super().__init__(parent)
        self.setRange(0, maximum)
        self.setSingleStep(step)
        self.setPageStep(step)  # a notch of the wheel may go so far
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._told = 0
        self._turn = 0.0
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(TOLD_EVERY_MS)
        self._rest.timeout.connect(self._tell)

    def show_value(self, value: int) -> None:
        """Show what is; does nothing while a person turns."""
        if not self.isSliderDown() and self.value() == self._told:
            self.setValue(value)
            self._told = self.value()

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Return a size the hand can meet, from the font."""
        side = self.fontMetrics().height() * 4
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Return the same size."""
        return self.sizeHint()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Take hold of the knob and turn it to the place clicked."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self._turn_to((self._direction(event.position()) + _GAP / 2) % 360 - _GAP / 2)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Follow the hand round; one that turns on past an end does not come out at the other."""
        if self.isSliderDown():
            self._turn_to(self._turn + (self._direction(event.position()) - self._turn + 180) % 360 - 180)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Let go."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(False)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 (Qt's name)
        """Let go: a menu that closes under the hand takes the knob out of it."""
        self.setSliderDown(False)
        super().hideEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Step with the arrows; other keys pass on."""
        super().keyPressEvent(event)
        self._tell()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 (Qt's name)
        """Step with the wheel: nobody scrolls past a knob in a menu."""
        super().wheelEvent(event)
        self._tell()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802 (Qt's signature)
        """Draw an open ring, what is done of it in the accent colour, and a disc with a mark."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = min(self.width(), self.height())
        thick, middle = side * 0.09, QRectF(self.rect()).center()
        ring = QRectF(0, 0, side - thick - 2, side - thick - 2)
        ring.moveCenter(middle)
        turned = _SWEEP * self.value() / self.maximum()
        for name, degrees in (("line", float(_SWEEP)), ("accent", turned)):
            painter.setPen(QPen(theme.colour(name), thick, c=Qt.PenCapStyle.RoundCap))
            if degrees:
                painter.drawArc(ring, _FIRST * 16, round(-degrees * 16))  # in sixteenths of a degree
        radius = side * 0.32
        painter.setBrush(theme.colour("hover"))
        painter.setPen(QPen(theme.colour("text" if self.hasFocus() else "line"), 2))
        painter.drawEllipse(middle, radius, radius)
        way = math.radians(_FIRST - turned)
        towards = QPointF(math.cos(way), -math.sin(way))
        painter.setPen(QPen(theme.colour("text"), thick * 0.7, c=Qt.PenCapStyle.RoundCap))
        painter.drawLine(middle + towards * radius * 0.4, middle + towards * radius * 0.8)

    def _direction(self, place: QPointF) -> float:
        """Return where `place` lies, seen from the middle: degrees clockwise from where the least value stands."""
        from_middle = place - QRectF(self.rect()).center()
        return _FIRST - math.degrees(math.atan2(-from_middle.y(), from_middle.x()))

    def _turn_to(self, turn: float) -> None:
        self._turn = turn
        step = self.singleStep()
        self.setValue(round(turn / _SWEEP * self.maximum() / step) * step)
        self._tell()

    def _tell(self) -> None:
        """Tell the value, unless it is known; soon, where the last one was told a moment ago."""
        if self.value() != self._told and not self._rest.isActive():
            self._told = self.value()
            self._rest.start()
            self.chosen.emit(self._told)
