"""The map itself: all songs as dots, and over them what lives: the room, what plays, the pointer, a journey."""

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QRadialGradient,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from livedj.library.atlas import NOTHING, Points
from livedj.music import TrackId
from ui import theme
from ui.camera import Camera, towards
from ui.colouring import Coloured
from ui.dots import Rgb, dots

REACH = 14
"""Units beside a dot in which the pointer still means it."""
_DRAG = 5  # pixels that a hand may tremble in a click
_STEP = 1.25  # a notch of the wheel
_ARROWS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}
_CHOOSE = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
_ZOOM = {Qt.Key.Key_Plus: _STEP, Qt.Key.Key_Equal: _STEP, Qt.Key.Key_Minus: 1 / _STEP}  # + without Shift is =
_LARGEST, _SMALLEST = 15.0, 3.2  # diameters of dots, in units

Place = tuple[float, float]
"""On the map, in 0…1."""


class MapField(QWidget):
    """Zoom by the wheel, move by dragging; arrows, Enter and + − do the same without a mouse.

    `chosen` tells the row of a song that was clicked.

    The dots are painted once, for as long as neither they nor the view change; each frame draws what lives over them.
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Map of the songs")
        self.points = NOTHING
        self.camera = Camera(1, 1)
        self.hovered: int | None = None
        """The row of the song that is pointed at, with the mouse or the keyboard."""
        self._coloured = Coloured(np.zeros(0, np.int64), ())
        self._picture: QImage | None = None
        self._pixels: Rgb | None = None
        """Of the picture, which does not keep them itself."""
        self._seen = np.zeros((0, 2), np.float32)
        """Where the songs are seen, in pixels."""
        self._instead = ""
        self._pressed: QPointF | None = None
        self._dragged = False
        self._selected: int | None = None
        self._playing: int | None = None
        self._room: Place | None = None
        self._waypoints: Sequence[int] = ()
        self._way: Sequence[int] = ()

    def show_points(self, points: Points, colours: Coloured) -> None:
        """Show these songs, the view staying where it is."""
        if self.hovered is not None:
            self.hovered = points.row_of(TrackId(int(self.points.ids[self.hovered])))
        self.points, self._coloured = points, colours
        self.look(self.camera.over(points.positions))

    def say_instead(self, sentence: str) -> None:
        """Show a sentence in place of songs, where there are none."""
        if sentence != self._instead:
            self._instead = sentence
            self.setAccessibleDescription(sentence)
            self.update()

    def show_room(self, room: Place | None, playing: int | None) -> None:
        """Show where the room is, and the row of what plays."""
        if (room, playing) != (self._room, self._playing):
            self._room, self._playing = room, playing
            self.update()

    def show_choice(self, selected: int | None, waypoints: Sequence[int], way: Sequence[int]) -> None:
        """Show the song that was clicked and a journey, by rows: its waypoints, and its songs once they are known."""
        self._selected, self._waypoints, self._way = selected, waypoints, way
        self.update()

    def row_at(self, x: float, y: float) -> int | None:
        """Return the song that a pointer at (x, y) means."""
        if not len(self._seen):
            return None
        distances = np.square(self._seen - np.array((x, y), np.float32)).sum(axis=1)  # of 20,000: a tenth of a ms
        nearest = int(distances.argmin())
        return nearest if distances[nearest] <= (REACH * self._unit()) ** 2 else None

    def look(self, camera: Camera) -> None:
        """Show another view of the map."""
        self.camera, self._picture = camera, None
        self._seen = camera.seen(self.points.positions)
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt's name)
        """Keep the view's middle."""
        self.look(replace(self.camera, width=event.size().width(), height=event.size().height()))

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 (Qt's name)
        """Look nearer, or wider."""
        place = event.position()
        self.look(self.camera.zoomed(_STEP ** (event.angleDelta().y() / 120), place.x(), place.y()))
        self._hover(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Point at the next song with the arrows, choose it with Enter or Space, look nearer or wider with + and −."""
        key = Qt.Key(event.key())
        if key in _ARROWS:
            self._step(_ARROWS[key])
        elif key in _ZOOM:
            x, y = self._here().tolist()
            self.look(self.camera.zoomed(_ZOOM[key], x, y))
        elif key in _CHOOSE and self.hovered is not None and not event.isAutoRepeat():
            self.chosen.emit(self.hovered)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Take hold of the map."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._pressed, self._dragged = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Draw the map along, or name the song under the pointer."""
        place = event.position()
        if Qt.MouseButton.LeftButton not in event.buttons():  # it may have been let go while the map was closed
            self._pressed = None
        if self._pressed is None:
            self._hover(place)
            return
        moved = place - self._pressed
        if self._dragged or moved.manhattanLength() >= _DRAG:
            self._dragged, self._pressed, self.hovered = True, place, None
            self.look(self.camera.moved(moved.x(), moved.y()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Choose the song, if the map was not moved."""
        if self._pressed is None or event.button() is not Qt.MouseButton.LeftButton:
            return
        self._pressed = None
        row = self.row_at(event.position().x(), event.position().y())
        if row is not None and not self._dragged:
            self.chosen.emit(row)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: ARG002, N802 (Qt's signature)
        """Name nothing any more."""
        self.hovered = None
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802 (Qt's signature)
        """Draw the dots as they are kept, and what lives over them."""
        painter = QPainter(self)
        if self._picture is None:
            self._picture = self._painted()
        painter.drawImage(0, 0, self._picture)
        if self._instead:
            painter.setPen(theme.colour("dim"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._instead)
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_room(painter)
        self._draw_journey(painter)
        self._draw_playing(painter)
        if self._selected is not None:
            self._ring(painter, self._selected, "text", 9)
        if self.hovered is not None:
            self._ring(painter, self.hovered, "text", 9)
            self._say(painter, self.hovered, self.name_of(self.hovered))
        if self.hasFocus():
            self._frame(painter)

    def _here(self) -> NDArray[np.floating]:
        """Return where the keyboard goes on from: what is pointed at or chosen, or else the middle; shape (2,)."""
        row = self._selected if self.hovered is None else self.hovered
        return np.array((self.width(), self.height())) / 2 if row is None else self._seen[row]

    def _step(self, direction: tuple[int, int]) -> None:
        row = towards(self._seen, self._here(), direction)
        if row is not None:
            self.hovered = row
            self.look(self.camera.with_in_view(*self._seen[row].tolist()))

    def _hover(self, place: QPointF) -> None:
        row = self.row_at(place.x(), place.y())
        self.setCursor(Qt.CursorShape.ArrowCursor if row is None else Qt.CursorShape.PointingHandCursor)
        if row != self.hovered:
            self.hovered = row
            self.update()

    def _unit(self) -> float:
        return self.fontMetrics().height() / 20  # the type grows with the window, and all else with the type

    def _diameter(self) -> float:
        """Return the size of dots: smaller where there are many, larger when looked at from near."""
        fitting = 240 / math.sqrt(max(1, len(self._seen))) * math.sqrt(self.camera.zoom)
        return round(min(_LARGEST, max(_SMALLEST, fitting)) * self._unit(), 1)

    def _painted(self) -> QImage:
        """Return the dots on the map's ground."""
        sharpness = self.devicePixelRatioF()
        width, height = (max(1, round(side * sharpness)) for side in (self.width(), self.height()))
        panel = theme.colour("panel")
        ground = np.array([panel.red(), panel.green(), panel.blue()], np.uint8)
        diameter = self._diameter() * sharpness
        centres, groups, palette = self._seen * sharpness, self._coloured.groups, self._coloured.palette
        self._pixels = dots(centres, groups, palette, ground, diameter, (width, height))
        picture = QImage(self._pixels.data, width, height, QImage.Format.Format_RGB32)
        picture.setDevicePixelRatio(sharpness)
        return picture

    def _draw_room(self, painter: QPainter) -> None:
        if self._room is None:
            return
        at, unit = self._point(self.camera.seen(np.array([self._room]))[0]), self._unit()
        glow = QRadialGradient(at, 90 * unit)
        for stop, alpha in ((0.0, 120), (0.35, 45), (1.0, 0)):
            colour = theme.colour("accent")
            colour.setAlpha(alpha)
            glow.setColorAt(stop, colour)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(glow)
        painter.drawEllipse(at, 90 * unit, 90 * unit)
        self._circle(painter, at, 13 * unit, QPen(theme.colour("accent"), 3 * unit))
        self._label(painter, at + QPointF(0, 34 * unit), "the room", theme.colour("accent"))

    def _draw_playing(self, painter: QPainter) -> None:
        if self._playing is None or self._playing >= len(self._seen):
            return
        at, unit = self._point(self._seen[self._playing]), self._unit()
        painter.setPen(QPen(theme.colour("on_accent"), 2 * unit))
        painter.setBrush(theme.colour("accent"))
        painter.drawEllipse(at, 11 * unit, 11 * unit)
        left, right = at.x() - 3.4 * unit, at.x() + 5.4 * unit
        triangle = [QPointF(left, at.y() - 5 * unit), QPointF(right, at.y()), QPointF(left, at.y() + 5 * unit)]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("on_accent"))
        painter.drawPolygon(QPolygonF(triangle))

    def _draw_journey(self, painter: QPainter) -> None:
        unit = self._unit()
        rows = self._way or self._waypoints
        lines = [QLineF(self._point(self._seen[a]), self._point(self._seen[b])) for a, b in pairwise(rows)]
        certain = Qt.PenStyle.SolidLine if self._way else Qt.PenStyle.DotLine
        for pen in (QPen(theme.colour("background"), 6 * unit), QPen(theme.colour("text"), 2.5 * unit, certain)):
            painter.setPen(pen)
            for line in lines:  # one by one: Qt takes ten times longer for a polyline
                painter.drawLine(line)
        for row in self._way:
            painter.setPen(QPen(theme.colour("background"), 1.5 * unit))
            painter.setBrush(theme.colour("text"))
            painter.drawEllipse(self._point(self._seen[row]), 6 * unit, 6 * unit)
        for number, row in enumerate(self._waypoints, 1):
            self._flag(painter, self._point(self._seen[row]), str(number))

    def _flag(self, painter: QPainter, at: QPointF, number: str) -> None:
        unit = self._unit()
        painter.setPen(QPen(theme.colour("background"), 2 * unit))
        painter.setBrush(theme.colour("text"))
        painter.drawEllipse(at, 13 * unit, 13 * unit)
        painter.setPen(theme.colour("background"))
        room = QRectF(at.x() - 13 * unit, at.y() - 13 * unit, 26 * unit, 26 * unit)
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, number)

    def _ring(self, painter: QPainter, row: int, colour: str, radius: float) -> None:
        unit, at = self._unit(), self._point(self._seen[row])
        radius = max(radius * unit, self._diameter() / 2 + 3 * unit)
        self._circle(painter, at, radius, QPen(theme.colour(colour), 2.5 * unit))

    def _circle(self, painter: QPainter, at: QPointF, radius: float, pen: QPen) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.colour("background"), pen.widthF() + 2 * self._unit()))
        painter.drawEllipse(at, radius, radius)
        painter.setPen(pen)
        painter.drawEllipse(at, radius, radius)

    def _frame(self, painter: QPainter) -> None:
        """Show that the keyboard is here."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.colour("accent"), 2))
        painter.drawRect(self.rect().adjusted(1, 1, -1, -1))

    def name_of(self, row: int) -> str:
        """Return a song as it is told: artist – title, as everywhere."""
        title, artist = self.points.titles[row], self.points.artists[row]
        return f"{artist} – {title}" if artist else title

    def _say(self, painter: QPainter, row: int, text: str) -> None:
        self._label(painter, self._point(self._seen[row]) - QPointF(0, 30 * self._unit()), text, theme.colour("text"))

    def _label(self, painter: QPainter, middle: QPointF, text: str, colour: QColor) -> None:
        """Write a text around `middle`, but within the field."""
        unit, metrics = self._unit(), self.fontMetrics()
        text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, round(self.width() * 0.7))
        width, height = metrics.horizontalAdvance(text) + 22 * unit, metrics.height() + 8 * unit
        left = min(max(middle.x() - width / 2, 4 * unit), self.width() - width - 4 * unit)
        top = min(max(middle.y() - height / 2, 4 * unit), self.height() - height - 4 * unit)
        room = QRectF(left, top, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("background"))
        painter.drawRoundedRect(room, height / 2, height / 2)
        painter.setPen(colour)
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextSingleLine, text)

    def _point(self, seen: NDArray[np.float32]) -> QPointF:
        return QPointF(float(seen[0]), float(seen[1]))
