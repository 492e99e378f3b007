"""Covers, the bridge, the program, and its pictures."""

import os
import signal
import sys
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QTimer
from PySide6.QtGui import QColor, QImage, QImageWriter
from pytestqt.qtbot import QtBot

from livedj.errors import CatalogueError
from livedj.library.shelf import Shelf
from livedj.music import Seconds, TrackId
from livedj.party.messages import Intent, TogglePause
from livedj.party.snapshot import Snapshot
from tests.ui.night import EMPTY, LISTENING, NOW, PLAYING, track
from ui import close_window, has_screen, open_window, picture, run_until_closed, screenshot
from ui.bridge import Bridge
from ui.covers import KEPT, LARGEST, Covers, CoverView
from ui.window import MainWindow


def _image_file(colour: str, width: int = 40, height: int = 40) -> bytes:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    data = QByteArray()
    device = QBuffer(data)
    device.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(device, QByteArray(b"PNG")).write(image)
    return bytes(data.data())


def test_a_cover_is_fetched_beside_the_qt_thread_and_once(qtbot: QtBot) -> None:
    asked: list[tuple[TrackId, int]] = []

    def fetch(number: TrackId) -> bytes:
        asked.append((number, threading.get_ident()))
        return _image_file("red")

    covers = Covers(fetch)
    with qtbot.waitSignal(covers.arrived):
        assert covers.get(TrackId(1)) is None
        assert covers.get(TrackId(1)) is None
    cover = covers.get(TrackId(1))
    assert cover is not None
    assert cover.toImage().pixelColor(5, 5) == QColor("red")
    with qtbot.waitSignal(covers.arrived):
        covers.get(TrackId(2))
    assert [number for number, _ in asked] == [1, 2]
    assert asked[0][1] == asked[1][1] != threading.get_ident()
    covers.close()


@pytest.mark.parametrize("data", [None, b"", b"this is no picture"])
def test_a_song_without_a_readable_cover_has_none_and_is_not_asked_again(qtbot: QtBot, data: bytes | None) -> None:
    asked: list[TrackId] = []

    def fetch(number: TrackId) -> bytes | None:
        asked.append(number)
        return data

    covers = Covers(fetch)
    with qtbot.waitSignal(covers.arrived):
        covers.get(TrackId(1))
    assert covers.get(TrackId(1)) is None
    assert asked == [1]
    covers.close()


@pytest.mark.parametrize("error", [CatalogueError("gone"), OSError("gone"), KeyError("gone")])
def test_a_library_that_has_gone_costs_the_cover_only(qtbot: QtBot, error: Exception) -> None:
    def fetch(number: TrackId) -> bytes:
        raise error

    covers = Covers(fetch)
    with qtbot.waitSignal(covers.arrived):
        covers.get(TrackId(1))
    assert covers.get(TrackId(1)) is None
    covers.close()


def test_covers_are_kept_small_and_few(qtbot: QtBot) -> None:
    large, small = _image_file("blue", 2000, 1000), _image_file("red")
    covers = Covers(lambda number: large if number == KEPT else small)
    for number in range(KEPT + 1):
        with qtbot.waitSignal(covers.arrived):
            covers.get(TrackId(number))
    newest = covers.get(TrackId(KEPT))
    assert newest is not None
    assert (newest.width(), newest.height()) == (LARGEST, LARGEST // 2)
    with qtbot.waitSignal(covers.arrived):
        assert covers.get(TrackId(0)) is None, "the one shown longest ago has made room"
    covers.close()


def test_a_crossfade_mixes_the_covers_as_the_songs(qtbot: QtBot) -> None:
    covers = Covers(lambda number: _image_file("red" if number == 1 else "blue"))
    view = CoverView(covers, "large-cover")
    qtbot.addWidget(view)
    view.resize(100, 100)
    view.render_cover(TrackId(2), leaving=TrackId(1), share=0.5)
    view.grab()
    qtbot.waitUntil(lambda: not covers.waiting)
    half = view.grab().toImage().pixelColor(50, 50)
    assert half.red() == pytest.approx(128, abs=8)
    assert half.blue() == pytest.approx(128, abs=8)
    view.render_cover(TrackId(2))
    assert view.grab().toImage().pixelColor(50, 50) == QColor("blue")
    covers.close()


def test_the_bridge_shows_the_newest_snapshot_and_sends_wishes(qtbot: QtBot, shelf: Shelf) -> None:
    snapshots: list[Snapshot] = [LISTENING]
    sent: list[Intent] = []
    bridge = Bridge(lambda: snapshots[-1], sent.append, lambda number: None, shelf, clock=lambda: NOW)
    qtbot.addWidget(bridge.window)
    bridge.start()
    snapshots.append(PLAYING)
    qtbot.waitUntil(lambda: bridge.window.playing.title.text() == "Title 1")
    bridge.window.playing.pause.click()
    assert sent == [TogglePause()]
    bridge.stop()
    snapshots.append(EMPTY)
    bridge.window.close()
    assert bridge.window.playing.title.text() == "Title 1"


def test_closing_the_window_ends_the_following(qtbot: QtBot, shelf: Shelf) -> None:
    looks: list[Seconds] = []

    def newest() -> Snapshot:
        looks.append(NOW)
        return EMPTY

    bridge = open_window(newest, lambda wish: None, lambda number: None, shelf)
    qtbot.addWidget(bridge.window)
    qtbot.waitUntil(lambda: len(looks) >= 3)
    thread = threading.Thread(target=close_window, args=(bridge,))
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: not bridge.window.isVisible())
    assert not bridge._timer.isActive()


@pytest.mark.skipif(os.name != "posix", reason="sends itself a signal")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_that_asks_for_it_closes_the_window_and_the_program_ends(shelf: Shelf, name: str) -> None:
    number = signal.Signals[name]
    before = signal.getsignal(number)
    QTimer.singleShot(100, lambda: os.kill(os.getpid(), number))
    status = run_until_closed(open_window(lambda: EMPTY, lambda wish: None, lambda track: None, shelf))
    assert status == 0
    assert signal.getsignal(number) is before


def test_a_picture_of_any_snapshot_with_its_covers(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "window.png"
    picture(PLAYING, lambda number: _image_file("lime") if number == 1 else None, path)
    image = QImage(str(path))
    assert (image.width(), image.height()) == (1180, 760)
    greens = sum(image.pixelColor(x, y) == QColor("lime") for x in range(380, 560, 10) for y in range(20, 200, 10))
    assert greens > 100


def test_a_picture_that_cannot_be_written_is_an_error(window: MainWindow, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="could not be written"):
        screenshot(window, tmp_path / "nowhere" / "window.png")


def test_a_track_number_is_a_colour_of_its_own(qtbot: QtBot) -> None:
    covers = Covers(lambda number: None)
    view = CoverView(covers, "large-cover")
    qtbot.addWidget(view)
    view.resize(60, 60)
    seen = set()
    for number in (1, 2, 3):
        view.render_cover(track(number).id)
        seen.add(view.grab().toImage().pixelColor(8, 8).name())
    assert len(seen) == 3
    covers.close()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems always have a screen")
@pytest.mark.parametrize(("name", "there"), [(None, False), ("DISPLAY", True), ("WAYLAND_DISPLAY", True)])
def test_a_machine_without_a_screen_is_noticed_before_qt_gives_up(
    monkeypatch: pytest.MonkeyPatch, name: str | None, there: bool
) -> None:
    for variable in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(variable, raising=False)
    if name:
        monkeypatch.setenv(name, ":0")
    assert has_screen() is there
