"""How smoothly the map moves with many songs on it, and how long it takes to draw it for the first time."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from livedj import bundled
from livedj.library.atlas import Points
from livedj.library.projection import draw
from ui.colouring import Colouring, coloured
from ui.mapfield import MapField
from ui.program import application
from ui.theme import stylesheet

SONGS = 20_000
FRAMES = 600
WIDTH, HEIGHT = 1600, 1000
STYLES = 40


def mapping(big: Path, tracks: int) -> Iterator[tuple[str, float | None, str, str]]:
    """Yield name, value, unit and target of each figure; `big` is a library of so many `tracks` without a map."""
    screen = application()
    field = MapField()
    field.setStyleSheet(stylesheet(1.4))
    field.resize(WIDTH, HEIGHT)
    field.show()
    while not field.windowHandle().isExposed():  # what is not on the screen is not painted
        screen.processEvents()
    field.show_points(points := many(), coloured(points, Colouring.FOLDER))
    way = np.random.default_rng(1).choice(SONGS, 9, replace=False).tolist()
    field.show_choice(None, way[::4], way)
    for name, change in ways_to_change(field).items():
        p50, p99 = np.percentile(timed(field, change), (50, 99))
        yield f"frame with {SONGS} songs, {name}, p50", float(p50), "ms", "–"
        yield f"frame with {SONGS} songs, {name}, p99", float(p99), "ms", "≤ 33"
    field.close()
    began = time.perf_counter()
    draw(big, bundled.MODEL, lambda share: None, lambda: False)
    yield f"a map of {tracks} songs, drawn in the background", time.perf_counter() - began, "s", "–"


def ways_to_change(field: MapField) -> dict[str, Callable[[int], None]]:
    """Return what may happen before a frame, by name; each is told the frame's number."""

    def live(frame: int) -> None:
        field.show_room((0.5 + 0.4 * np.sin(frame / 50), 0.5), frame)
        field.hovered = field.row_at(WIDTH * frame / FRAMES, HEIGHT / 2)

    def drag(frame: int) -> None:
        live(frame)
        field.look(field.camera.moved(3 if frame % 100 < 50 else -3, 1))

    def zoom(frame: int) -> None:
        live(frame)
        field.look(field.camera.zoomed(1.05 if frame % 100 < 50 else 1 / 1.05, WIDTH / 3, HEIGHT / 3))

    return {"the room moves": live, "dragging": drag, "zooming": zoom}


def timed(field: MapField, change: Callable[[int], None]) -> list[float]:
    """Return the milliseconds of each frame, from the change to the last pixel."""
    took = []
    for frame in range(FRAMES):
        began = time.perf_counter()
        change(frame)
        field.repaint()
        took.append(1000 * (time.perf_counter() - began))
    return took


def many() -> Points:
    """Return SONGS songs in clouds."""
    random = np.random.default_rng(0)
    style = random.integers(STYLES, size=SONGS)
    places = random.uniform(0.05, 0.95, (STYLES, 2))[style] + random.normal(0, 0.03, (SONGS, 2))
    return Points(
        np.arange(SONGS),
        np.clip(places, 0, 1).astype(np.float32),
        [f"Title {number}" for number in range(SONGS)],
        [f"Artist {number % 1000}" for number in range(SONGS)],
        [f"Style {number}" for number in style],
        random.normal(120, 20, SONGS).astype(np.float32),
        [f"Style {number}" for number in style],
        SONGS,
        outgrown=False,
    )
