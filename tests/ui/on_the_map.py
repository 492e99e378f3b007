"""Five songs on an open map, and a hand that points, clicks and types on it."""

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from livedj import bundled
from livedj.ear.encoder import read_card
from livedj.library.atlas import Points
from ui.map import MapView
from ui.window import MainWindow

MODEL = read_card(bundled.MODEL).sha256
PLACES = np.array([[0, 0], [1, 0], [0.5, 0.5], [0, 1], [1, 1]], np.float32)
POINTS = Points(
    ids=np.array([11, 12, 13, 14, 15]),
    positions=PLACES,
    titles=["Undertow", "Copper Sun", "<b>Blue</b>", "Nameless", "Last"],
    artists=["Saltwater Kids", "The Wires", "The Wires", "", "Somebody"],
    folders=["rock", "rock", "jazz", "", "rock"],
    tempos=np.array([80, 120, 174, np.nan, 125], np.float32),
    genres=["Rock", "House", "House", "", "Rock"],
    songs=5,
    outgrown=False,
)
LEFT = Qt.MouseButton.LeftButton


def open_map(window: MainWindow) -> MapView:
    """Return the map of POINTS, open."""
    QTest.keyClick(window, Qt.Key.Key_M)
    view = window.map
    view.show_points(POINTS)
    QApplication.processEvents()
    assert view.isVisible()
    return view


def at(view: MapView, row: int) -> QPoint:
    x, y = view.field.camera.seen(PLACES)[row]
    return QPoint(round(float(x)), round(float(y)))


def click(view: MapView, *rows: int) -> None:
    for row in rows:
        QTest.mouseClick(view.field, LEFT, Qt.KeyboardModifier.NoModifier, at(view, row))


def move(view: MapView, place: QPoint, held: Qt.MouseButton = Qt.MouseButton.NoButton) -> None:
    """Move the pointer over the map; QTest would ask the screen which window is on top, and there is no screen."""
    field = view.field
    event = QMouseEvent(
        QEvent.Type.MouseMove, QPointF(place), QPointF(field.mapToGlobal(place)), Qt.MouseButton.NoButton, held,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(field, event)


def press(view: MapView, *keys: Qt.Key) -> None:
    """Press keys where the focus is when the map is opened."""
    for key in keys:
        QTest.keyClick(view.field, key)


def without_first() -> Points:
    columns = ("ids", "positions", "titles", "artists", "folders", "tempos", "genres")
    rest = {name: getattr(POINTS, name)[1:] for name in columns}
    return replace(POINTS, **rest, songs=4)
