"""How the window looks: colours, the style sheet at any size, icons, and the colour map of the mel picture.

Sizes in `resources/style.qss` are written in units (`14u`): one unit is one pixel at the window's default size and
grows with the window, so that the text can be read from three metres on a full screen too. Colours are written as
`@names` and stand here once, because painted widgets need them as well.
"""

import re
from functools import cache

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QWidget

from livedj import bundled

COLOURS = {
    "background": "#090b0f",
    "panel": "#12161d",
    "raised": "#1d232d",
    "hover": "#28303d",
    "line": "#364152",
    "text": "#f6f8fb",
    "dim": "#a9b3c4",
    "accent": "#ffb224",
    "glow": "#2b2112",
    "on_accent": "#191100",
    "alarm": "#ff7a6b",
}
"""The only accent is amber: it is bright, and spares eyes that are used to the dark. `alarm` is for what is wrong."""

GROUPS = ("#5aa9ff", "#f06fae", "#5fd6a2", "#a98bff", "#ff8a66", "#4fd3e6", "#c9dc62", "#e5b8ff")
"""What tells groups of songs apart, the largest first; none is the accent."""
RISING = ("#4053c4", "#5f7df0", "#7fc4e8", "#b6f0d0", "#f4f7c0")
"""From low to high, dark to light."""
REST = "#5b687c"
"""What is in no group."""

ICON_SIZES = (24, 48, 96)

_MEL_STOPS = (
    (0.00, "#07090d"),
    (0.25, "#1d1330"),
    (0.45, "#5a1b55"),
    (0.65, "#b5383f"),
    (0.85, "#ffb224"),
    (1.00, "#fff6dc"),
)


def colour(name: str) -> QColor:
    """Return a colour of the theme."""
    return QColor(COLOURS[name])


@cache
def _style_template() -> str:
    return (bundled.RESOURCES / "style.qss").read_text(encoding="utf-8")


def stylesheet(scale: float) -> str:
    """Return the style sheet with one unit = `scale` pixels."""
    icons = (bundled.RESOURCES / "icons").as_posix()
    text = _style_template().replace("@icons", icons)
    # Longest name first, so that no name eats the beginning of another.
    for name in sorted(COLOURS, key=len, reverse=True):
        text = text.replace(f"@{name}", COLOURS[name])
    return re.sub(r"\b(\d+)u\b", lambda unit: f"{max(1, round(int(unit[1]) * scale))}px", text)


@cache
def pixmap(name: str, colour_name: str, size: int) -> QPixmap:
    """Return an icon of `resources/icons`, `size` pixels wide, in a colour of the theme."""
    drawn = QPixmap(size, size)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    QSvgRenderer(str(bundled.RESOURCES / "icons" / f"{name}.svg")).render(painter)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(drawn.rect(), colour(colour_name))
    painter.end()
    return drawn


@cache
def icon(name: str, colour_name: str = "text") -> QIcon:
    """Return an icon for buttons; disabled it is drawn in the colour of lines."""
    result = QIcon()
    for size in ICON_SIZES:
        result.addPixmap(pixmap(name, colour_name, size), QIcon.Mode.Normal)
        result.addPixmap(pixmap(name, "line", size), QIcon.Mode.Disabled)
    return result


def app_icon() -> QIcon:
    """Return the program's own icon, in its own colours."""
    return QIcon(str(bundled.RESOURCES / "icons" / "livedj.svg"))


@cache
def mel_colours() -> list[int]:
    """Return 256 colours (ARGB) from silence to the loudest, dark to light, so that loudness reads as brightness."""
    at = [stop for stop, _ in _MEL_STOPS]
    stops = [QColor(name) for _, name in _MEL_STOPS]
    channels = ([stop.red() for stop in stops], [stop.green() for stop in stops], [stop.blue() for stop in stops])
    steps = np.linspace(0, 1, 256)
    red, green, blue = (np.interp(steps, at, channel) for channel in channels)
    return [QColor(int(r), int(g), int(b)).rgb() for r, g, b in zip(red, green, blue, strict=True)]


def set_state(widget: QWidget, name: str, value: bool | str) -> None:
    """Set a property that the style sheet selects by, and restyle the widget if it changed."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)
        widget.update()
