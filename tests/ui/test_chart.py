"""The chart of levels over time."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from livedj.music import Seconds
from ui import chart
from ui.chart import HEIGHT, WIDTH

AMBER, BLUE = QColor("#ffb347"), QColor("#4fc3f7")
LEVELS = {"planned": np.linspace(-50.0, -10.0, 300), "recorded": np.linspace(-10.0, -50.0, 300)}


def test_every_row_is_a_line_of_its_own_colour(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "levels.png"
    chart(path, LEVELS, Seconds(0.1))
    image = QImage(str(path))
    assert (image.width(), image.height()) == (WIDTH, HEIGHT)

    def height_of(colour: QColor, x: int) -> int:
        return next(y for y in range(50, HEIGHT) if image.pixelColor(x, y) == colour)

    left, right = 100, WIDTH - 100
    assert height_of(AMBER, left) > height_of(AMBER, right), "louder is higher"
    assert height_of(BLUE, left) < height_of(BLUE, right)


def test_a_chart_that_cannot_be_written_is_an_error(qtbot: QtBot, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="could not be written"):
        chart(tmp_path / "nowhere" / "levels.png", LEVELS, Seconds(0.1))
