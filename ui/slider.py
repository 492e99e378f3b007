"""A bar to take hold of: a click goes to the place clicked, a drag follows the hand, nothing else moves it then."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QSlider, QWidget

from ui import theme


class Slider(QSlider):
    """A horizontal slider of our own looks, whose value the program shows and a person chooses.

    `dragged` tells every place the hand passes, `chosen` where it let go, or a key press. The value the program shows
    (`show_value`) emits neither, and is refused while the hand is on the bar.
    """

    dragged = Signal(int)
    chosen = Signal(int)

    def __init__(
        self, minimum: int, maximum: int, step: int = 1, fill: str = "accent", parent: QWidget | None = None
    ) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._fill = fill
        self.setRange(minimum, maximum)
        self.setSingleStep(step)
        self.setPageStep(step)
        self.setTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def show_value(self, value: int) -> None:
        """Show what is; does nothing while a person drags, and repaints only when it can be seen."""
        if self.isSliderDown() or value == self.value():
            return
        if round(self._place(value)) != round(self._place(self.value())) or value in (self.minimum(), self.maximum()):
            self.setValue(value)

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Return a height the hand can meet, from the font."""
        return QSize(self.fontMetrics().height() * 6, round(self.fontMetrics().height() * 1.6))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Return the same height; the width may shrink."""
        return QSize(self.fontMetrics().height() * 3, self.sizeHint().height())

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Take hold of the bar at the place clicked."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self.setSliderDown(True)
        self._drag(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Follow the hand."""
        if self.isSliderDown():
            self._drag(event.position().x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Let go: this is what the person chose."""
        if event.button() == Qt.MouseButton.LeftButton and self.isSliderDown():
            self.setSliderDown(False)
            self.chosen.emit(self.value())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Step with the arrows when the bar has the focus; other keys pass on."""
        before = self.value()
        super().keyPressEvent(event)
        if self.value() != before:
            self.chosen.emit(self.value())

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 (Qt's name)
        """Do nothing: a touchpad must not move the music by accident."""
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802 (Qt's signature)
        """Draw a groove, what is done of it in the accent colour, and a knob."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        middle, thick, knob = self.height() / 2, self._radius() * 0.8, self._radius()
        groove = QRectF(knob, middle - thick / 2, self.width() - 2 * knob, thick)
        painter.setBrush(theme.colour("line"))
        painter.drawRoundedRect(groove, thick / 2, thick / 2)
        if not self.isEnabled():
            return
        x = self._place(self.value())
        painter.setBrush(theme.colour(self._fill))
        painter.drawRoundedRect(QRectF(groove.left(), groove.top(), x - groove.left(), thick), thick / 2, thick / 2)
        self._draw_marks(painter, groove)
        painter.setBrush(theme.colour("text"))
        if self.hasFocus():
            painter.setPen(theme.colour("accent"))
            painter.drawEllipse(QPointF(x, middle), knob - 1, knob - 1)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        else:
            painter.drawEllipse(QPointF(x, middle), knob * 0.9, knob * 0.9)

    def _draw_marks(self, painter: QPainter, groove: QRectF) -> None:
        """Draw what else there is to see, below the knob; a plain slider has nothing."""

    def _drag(self, x: float) -> None:
        self.setValue(round(self._value_at(x)))
        self.dragged.emit(self.value())

    def _radius(self) -> float:
        return self.height() * 0.34

    def _value_at(self, x: float) -> float:
        share = (x - self._radius()) / max(1.0, self.width() - 2 * self._radius())
        return self.minimum() + min(1.0, max(0.0, share)) * (self.maximum() - self.minimum())

    def _place(self, value: float) -> float:
        span = max(1, self.maximum() - self.minimum())
        return self._radius() + (value - self.minimum()) / span * (self.width() - 2 * self._radius())
