"""A switch that is unmistakably on or off."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QSizePolicy, QWidget

from ui import theme
from ui.button import took_key


class Switch(QCheckBox):
    """A large switch with its state in words: filled with the accent colour when on, an empty outline when off."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def hitButton(self, pos: object) -> bool:  # noqa: ARG002, N802 (Qt's signature)
        """Take a click anywhere on it."""
        return True

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Return the room of the longer of the two words, with the switch beside it."""
        metrics = self.fontMetrics()
        height = round(metrics.height() * 2)
        return QSize(metrics.horizontalAdvance(f"{self.text()} OFF") + round(height * 2.3), height)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Return the same: it never shrinks."""
        return self.sizeHint()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Switch on Enter too, and let arrows pass to the window."""
        if not took_key(self, event):
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802 (Qt's signature)
        """Draw a pill with the switch at its left and the words beside it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        on = self.isChecked()
        room = QRectF(self.rect()).adjusted(2, 2, -2, -2)
        painter.setPen(theme.colour("text" if self.hasFocus() else "accent" if on else "dim"))
        painter.setBrush(theme.colour("accent" if on else "panel"))
        painter.drawRoundedRect(room, room.height() / 2, room.height() / 2)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            inner = room.adjusted(2.5, 2.5, -2.5, -2.5)
            painter.setPen(theme.colour("background" if on else "text"))
            painter.drawRoundedRect(inner, inner.height() / 2, inner.height() / 2)
        track = QRectF(room.left() + room.height() * 0.28, 0, room.height() * 1.0, room.height() * 0.54)
        track.moveTop(room.center().y() - track.height() / 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("on_accent" if on else "line"))
        painter.drawRoundedRect(track, track.height() / 2, track.height() / 2)
        knob = QRectF(0, 0, track.height() * 0.76, track.height() * 0.76)
        inset = track.height() * 0.12
        knob.moveTop(track.top() + inset)
        knob.moveLeft(track.right() - inset - knob.width() if on else track.left() + inset)
        painter.setBrush(theme.colour("accent" if on else "dim"))
        painter.drawEllipse(knob)
        painter.setPen(theme.colour("on_accent" if on else "text"))
        words = room.adjusted(room.height() * 1.45, 0, 0, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, f"{self.text()} {'ON' if on else 'OFF'}")
