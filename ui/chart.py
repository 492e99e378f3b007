"""A small chart of levels over time, for reports: drawn by Qt, so that no plotting library is needed to run."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPen, QPolygonF

from livedj.music import Seconds

WIDTH, HEIGHT = 1400, 420
_MARGIN = QRectF(70, 50, WIDTH - 100, HEIGHT - 100)
_LOW, _HIGH = -60.0, 0.0
_COLOURS = ("#ffb347", "#4fc3f7", "#aed581")


def chart(path: Path, levels: Mapping[str, NDArray[np.float64]], step: Seconds) -> None:
    """Draw each row of levels (dBFS, one value every `step` seconds) as a line and write a PNG; needs an application.

    Raises OSError where it cannot be written.
    """
    image = QImage(WIDTH, HEIGHT, QImage.Format.Format_RGB32)
    image.fill(QColor("#14161a"))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(QFont("DejaVu Sans", 11))
    seconds = step * max(len(row) for row in levels.values())
    _draw_grid(painter, seconds)
    for number, (name, row) in enumerate(levels.items()):
        painter.setPen(QPen(QColor(_COLOURS[number]), 2))
        painter.drawPolyline(QPolygonF([_place(i * step / seconds, float(level)) for i, level in enumerate(row)]))
        painter.drawText(QPointF(_MARGIN.left() + 200 * number, 32), name)
    painter.end()
    if not image.save(str(path)):
        raise OSError(f"The chart could not be written to {path}.")


def _place(share: float, level: float) -> QPointF:
    height = (min(_HIGH, max(_LOW, level)) - _LOW) / (_HIGH - _LOW)
    return QPointF(_MARGIN.left() + share * _MARGIN.width(), _MARGIN.bottom() - height * _MARGIN.height())


def _draw_grid(painter: QPainter, seconds: float) -> None:
    painter.setPen(QPen(QColor("#3a3f47"), 1))
    for level in range(int(_LOW), int(_HIGH) + 1, 10):
        painter.drawLine(_place(0, level), _place(1, level))
        painter.drawText(QRectF(0, _place(0, level).y() - 10, 62, 20), Qt.AlignmentFlag.AlignRight, f"{level} dB")
    for moment in range(0, int(seconds) + 1, 10):
        place = _place(moment / seconds, _LOW)
        painter.drawText(QRectF(place.x() - 30, place.y() + 8, 60, 20), Qt.AlignmentFlag.AlignHCenter, f"{moment} s")
