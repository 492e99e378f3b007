"""Rows and columns whose gaps and margins grow with the window as its type does."""

from typing import TypeVar

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLayout, QVBoxLayout, QWidget

Item = QWidget | QLayout | int
"""What stands in a row or column; a number is a stretch."""

Box = TypeVar("Box", bound=QBoxLayout)


def row(*items: Item, gap: int = 12, margin: tuple[int, int] = (0, 0)) -> QHBoxLayout:
    """Return items side by side, `gap` units apart, with a margin of (horizontal, vertical) units."""
    return _filled(QHBoxLayout(), items, gap, margin)


def column(*items: Item, gap: int = 8, margin: tuple[int, int] = (0, 0)) -> QVBoxLayout:
    """Return items one below the other, `gap` units apart, with a margin of (horizontal, vertical) units."""
    return _filled(QVBoxLayout(), items, gap, margin)


def rescale(root: QObject, scale: float) -> None:
    """Set every gap and margin below `root` to `scale` pixels a unit."""
    for box in root.findChildren(QBoxLayout):
        sizes = box.property("units")
        if sizes is not None:
            _apply(box, sizes, scale)


def _filled(box: Box, items: tuple[Item, ...], gap: int, margin: tuple[int, int]) -> Box:
    sizes = [gap, *margin]
    box.setProperty("units", sizes)
    _apply(box, sizes, 1.0)
    for item in items:
        if isinstance(item, QWidget):
            box.addWidget(item)
        elif isinstance(item, QLayout):
            box.addLayout(item)
        else:
            box.addStretch(item)
    return box


def _apply(box: QBoxLayout, sizes: list[int], scale: float) -> None:
    gap, across, down = (round(size * scale) for size in sizes)
    box.setSpacing(gap)
    box.setContentsMargins(across, down, across, down)
