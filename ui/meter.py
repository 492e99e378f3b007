"""The level meter and its peak hold."""

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from livedj.music import SILENCE, Dbfs, Seconds
from ui import theme

FLOOR = Dbfs(-60.0)
"""The left end of the meter; the right end is 0 dBFS."""
HOLD = Seconds(1.5)
FALL = 20.0
"""dB a second by which the peak falls after its hold."""
SEGMENTS = 40


@dataclass(slots=True)
class PeakHold:
    """The highest level of late: held for HOLD, then falling. Pure: time is a value passed in."""

    level: Dbfs = SILENCE
    since: Seconds = Seconds(0.0)

    def update(self, level: Dbfs, now: Seconds) -> Dbfs:
        """Return the peak at the moment `now`, at which `level` is measured."""
        fallen = self.level - FALL * max(0.0, now - self.since - HOLD)
        if level >= fallen:
            self.level, self.since = level, now
            return level
        return Dbfs(fallen)


class LevelMeter(QWidget):
    """The level of the room in dBFS as a row of lamps, with the peak as one lamp that stays."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Level of the room")
        self._peak = PeakHold()
        self._lit = 0
        self._top = 0

    def render_level(self, level: Dbfs, now: Seconds) -> None:
        """Show `level`; repaints only when a lamp changes."""
        lit, top = _lamps(level), _lamps(self._peak.update(level, now))
        if (lit, top) != (self._lit, self._top):
            self._lit, self._top = lit, top
            self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Return a height from the font."""
        return QSize(self.fontMetrics().height() * 8, self.fontMetrics().height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802 (Qt's signature)
        """Draw the lamps."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        pitch = self.width() / SEGMENTS
        off, on, peak = theme.colour("raised"), theme.colour("accent"), theme.colour("text")
        for lamp in range(SEGMENTS):
            painter.setBrush(on if lamp < self._lit else peak if lamp == self._top - 1 else off)
            painter.drawRoundedRect(QRectF(lamp * pitch, 0, pitch * 0.68, self.height()), 2, 2)


def _lamps(level: Dbfs) -> int:
    share = (level - FLOOR) / -FLOOR
    return round(min(1.0, max(0.0, share)) * SEGMENTS)
