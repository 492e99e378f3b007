"""Covers: fetched and decoded beside the Qt thread, kept while they are likely to be shown again."""

from collections import OrderedDict
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter, QPainterPath, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from livedj.music import TrackId
from ui import theme
from ui.beside import Beside

LARGEST = 512
"""Pixels: larger covers are scaled down where they are decoded."""
KEPT = 16
"""Covers in memory, at most 1 MB each: those that are shown, and some that are likely to be."""

FetchCover = Callable[[TrackId], bytes | None]


def _fetched(fetch: FetchCover, track: TrackId) -> QImage:
    data = fetch(track)
    image = QImage.fromData(data) if data else QImage()
    if max(image.width(), image.height()) > LARGEST:
        image = image.scaled(
            LARGEST, LARGEST, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
    return image


class Covers(QObject):
    """The covers at hand; one that is not is fetched, and `arrived` tells its track."""

    arrived = Signal(object)

    def __init__(self, fetch: FetchCover, parent: QObject | None = None) -> None:
        """`fetch` is called on one thread beside Qt's, always the same one: it may keep a connection there."""
        super().__init__(parent)
        self._fetch = fetch
        self._kept: OrderedDict[TrackId, QPixmap | None] = OrderedDict()
        self._asked: set[TrackId] = set()
        self._beside = Beside(self)

    def get(self, track: TrackId) -> QPixmap | None:
        """Return the cover, or None where the song has none or it is not here yet."""
        if track in self._kept:
            self._kept.move_to_end(track)
            return self._kept[track]
        if track not in self._asked:
            self._asked.add(track)
            self._beside.do(partial(_fetched, self._fetch, track), partial(self._keep, track))
        return None

    @property
    def waiting(self) -> bool:
        """Whether a cover is on its way."""
        return bool(self._asked)

    def close(self) -> None:
        """Fetch no more, and wait for the one in hand."""
        self._beside.close()

    def _keep(self, track: TrackId, image: QImage | str) -> None:
        """Keep a cover; a song of which none can be read, whatever the reason, is shown without one."""
        self._asked.discard(track)
        self._kept[track] = None if isinstance(image, str) or image.isNull() else QPixmap.fromImage(image)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        self.arrived.emit(track)


class CoverView(QWidget):
    """One cover, or a note on the song's own colour; during a crossfade both songs' covers, mixed as the songs are."""

    def __init__(self, covers: Covers, role: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", role)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._covers = covers
        self._track: TrackId | None = None
        self._leaving: TrackId | None = None
        self._share = 1.0
        self._drawn: dict[TrackId, QPixmap] = {}
        covers.arrived.connect(self._redraw)

    def render_cover(self, track: TrackId | None, leaving: TrackId | None = None, share: float = 1.0) -> None:
        """Show a song's cover, `share` of it over the leaving song's; repaints only in visible steps."""
        share = round(share * 50) / 50
        if (track, leaving, share) != (self._track, self._leaving, self._share):
            self._track, self._leaving, self._share = track, leaving, share
            self._drawn = {song: drawn for song, drawn in self._drawn.items() if song in (track, leaving)}
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802 (Qt's signature)
        """Draw the cover or covers."""
        painter = QPainter(self)
        if self._leaving is not None:
            painter.drawPixmap(0, 0, self._picture(self._leaving))
            painter.setOpacity(self._share)
        if self._track is None:
            painter.drawPixmap(0, 0, self._framed(None, None))
        else:
            painter.drawPixmap(0, 0, self._picture(self._track))

    def _redraw(self, track: TrackId) -> None:
        self._drawn.pop(track, None)
        if track in (self._track, self._leaving):
            self.update()

    def _picture(self, track: TrackId) -> QPixmap:
        size = self.size() * self.devicePixelRatioF()
        drawn = self._drawn.get(track)
        if drawn is None or drawn.size() != size:
            drawn = self._framed(track, self._covers.get(track))
            self._drawn[track] = drawn
        return drawn

    def _framed(self, track: TrackId | None, cover: QPixmap | None) -> QPixmap:
        """Return `cover` cut to a square with round corners, or a stand-in where there is none."""
        ratio = self.devicePixelRatioF()
        framed = QPixmap(self.size() * ratio)
        framed.setDevicePixelRatio(ratio)
        framed.fill(Qt.GlobalColor.transparent)
        room = QRectF(self.rect())
        painter = QPainter(framed)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        shape = QPainterPath()
        shape.addRoundedRect(room, room.height() * 0.06, room.height() * 0.06)
        painter.setClipPath(shape)
        if cover is None:
            self._draw_stand_in(painter, room, track)
        else:
            side = min(cover.width(), cover.height())
            cut = QRectF((cover.width() - side) / 2, (cover.height() - side) / 2, side, side)
            painter.drawPixmap(room, cover, cut)
        painter.end()
        return framed

    def _draw_stand_in(self, painter: QPainter, room: QRectF, track: TrackId | None) -> None:
        if track is None:
            painter.fillRect(room, theme.colour("raised"))
        else:
            # The golden angle keeps neighbouring numbers far apart in hue.
            hue = (track * 137) % 360
            paint = QLinearGradient(QPointF(0, 0), room.bottomRight())
            paint.setColorAt(0, QColor.fromHsl(hue, 90, 86))
            paint.setColorAt(1, QColor.fromHsl((hue + 40) % 360, 110, 40))
            painter.fillRect(room, paint)
        side = room.height() * 0.46
        pixels = max(1, round(side * self.devicePixelRatioF()))
        note = theme.pixmap("note", "line" if track is None else "text", pixels)
        painter.setOpacity(1.0 if track is None else 0.75)
        place = QRectF(0, 0, side, side)
        place.moveCenter(room.center())
        painter.drawPixmap(place, note, QRectF(note.rect()))
