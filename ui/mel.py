"""The live picture of what the network hears."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui import theme

FLOOR = -80.0
"""dB below the window's maximum that is drawn darkest."""


def mel_image(log_mel: NDArray[np.float32]) -> QImage:
    """Return a log-mel picture, shape (mels, frames), −80…0 dB, as an image: low notes below, now at the right."""
    shades = np.clip((log_mel[::-1] - FLOOR) * (255 / -FLOOR), 0, 255).astype(np.uint8)
    shades = np.ascontiguousarray(shades)
    height, width = shades.shape
    indexed = QImage(shades.data, width, height, width, QImage.Format.Format_Indexed8)
    indexed.setColorTable(theme.mel_colours())
    # The conversion copies, so the image outlives `shades`, and is drawn without a look-up per pixel.
    return indexed.convertToFormat(QImage.Format.Format_RGB32)


class MelView(QWidget):
    """Draws the newest window; dimmed while it is not what is heard now."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Picture of the last five seconds of sound, low notes at the bottom")
        self._shown: NDArray[np.float32] | None = None
        self._image: QImage | None = None
        self._live = False

    def render_mel(self, log_mel: NDArray[np.float32] | None, live: bool) -> None:
        """Show a picture (None: there is none yet, or the model makes none); repaints only when it is another one."""
        if log_mel is self._shown and live == self._live:
            return
        if log_mel is not self._shown:
            self._shown = log_mel
            self._image = None if log_mel is None else mel_image(log_mel)
        self._live = live
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Return the picture's own size."""
        return QSize(216, 96)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802 (Qt's signature)
        """Draw the picture into a frame with round corners."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(self.rect()), 8, 8)
        painter.setClipPath(shape)
        painter.fillRect(self.rect(), theme.colour("background"))
        if self._image is not None:
            painter.setOpacity(1.0 if self._live else 0.3)
            painter.drawImage(self.rect(), self._image)
        else:
            painter.setPen(theme.colour("dim"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "no picture of sound")
