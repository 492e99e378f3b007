"""Text as the window shows it: times, percent, and one line that never asks for more room than it has."""

import html

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from livedj.music import Seconds


def clock_time(seconds: float) -> str:
    """Return `m:ss`, or `h:mm:ss` from an hour on; a begun second counts only when it is over."""
    whole = max(0, int(seconds))
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def remaining_time(position: Seconds, duration: Seconds) -> str:
    """Return what is left as `−m:ss`, in step with `clock_time(position)`: both change at the same moment."""
    return f"−{clock_time(max(0, round(duration) - int(position)))}"


def plain_tip(text: str) -> str:
    """Return a tool tip that shows `text` as it is: a song's tags may look like HTML."""
    return f"<span>{html.escape(text)}</span>"


class Line(QLabel):
    """One line of plain text that shrinks down to `shrink` of its size, then ends in “…”.

    Its size does not depend on its text, so a new text never moves its neighbours.
    """

    def __init__(
        self,
        role: str,
        shrink: float = 1.0,
        align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
        sample: str = "",
        parent: QWidget | None = None,
    ) -> None:
        """`role` is what the style sheet selects by; with a `sample` the line is exactly as wide as that text."""
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self._shrink = shrink
        self._align = align | Qt.AlignmentFlag.AlignVCenter
        self._sample = sample
        policy = QSizePolicy.Policy.Fixed if sample else QSizePolicy.Policy.Ignored
        self.setSizePolicy(policy, QSizePolicy.Policy.Fixed)

    def say(self, text: str) -> None:
        """Show `text`, its line breaks as spaces; costs nothing when it is shown already."""
        text = " ".join(text.split())
        if text != self.text():
            self.setText(text)
            if self._shrink < 1:
                self.setToolTip(plain_tip(text))

    def widen_to(self, sample: str) -> None:
        """Be as wide as `sample` from now on."""
        if sample != self._sample:
            self._sample = sample
            self.updateGeometry()

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Return the room of the sample in this font."""
        metrics = self.fontMetrics()
        margins = self.contentsMargins()
        width = metrics.horizontalAdvance(self._sample) + 2 if self._sample else 0
        return QSize(width + margins.left() + margins.right(), metrics.height() + margins.top() + margins.bottom())

    def minimumSizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Return the same: the line gives way in width only where it has no sample."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802 (Qt's signature)
        """Draw the text as large as it fits."""
        painter = QPainter(self)
        room = self.contentsRect()
        font, metrics = self._fitting(room.width())
        painter.setFont(font)
        painter.setPen(self.palette().color(self.foregroundRole()))
        text = metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, self._align | Qt.TextFlag.TextSingleLine, text)

    def _fitting(self, width: int) -> tuple[QFont, QFontMetrics]:
        font, metrics = self.font(), self.fontMetrics()
        needed = metrics.horizontalAdvance(self.text())
        if needed > width and self._shrink < 1:
            font.setPixelSize(max(1, int(font.pixelSize() * max(self._shrink, width / needed))))
            metrics = QFontMetrics(font)
        return font, metrics
