"""The window as a program: opened, run until it is closed."""

import os
import signal
import sys
from collections.abc import Callable
from types import FrameType

from PySide6.QtCore import QMetaObject, Qt
from PySide6.QtWidgets import QApplication

from livedj.library.shelf import Shelf
from livedj.party.messages import Intent
from livedj.party.snapshot import Snapshot
from ui.bridge import Bridge
from ui.covers import FetchCover
from ui.mapmaker import Preview
from ui.nights import NOTHING_KEPT, History

_ENDING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
"""Ctrl-C, the end of the session, the end of the terminal."""


def has_screen() -> bool:
    """Tell whether a window can be opened. Ask first: without a screen Qt ends the process, and nothing catches it."""
    if not sys.platform.startswith("linux"):
        return True
    return any(os.environ.get(name) for name in ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY", "DISPLAY"))


def application() -> QApplication:
    """Return the process's QApplication, made if there is none yet."""
    running = QApplication.instance()
    if isinstance(running, QApplication):
        return running
    made = QApplication(["livedj"])
    made.setApplicationName("livedj")
    made.setStyle("Fusion")  # the one style that looks and measures alike on every system
    return made


def open_window(
    snapshot: Callable[[], Snapshot],
    send: Callable[[Intent], None],
    cover: FetchCover,
    shelf: Shelf,
    history: History = NOTHING_KEPT,
    preview: Preview = lambda part: None,  # noqa: ARG005 (nothing is heard)
) -> Bridge:
    """Open the window and return at once; Qt's loop ends when it is closed. On the main thread only.

    `snapshot` (the newest, immutable), `send` and `preview` (a part of a song, to be heard beside the party; None ends
    that) are called on the Qt thread and must return at once; `cover` (the
    image file's bytes) on one thread beside it, `shelf` (the library, to look at) and `history` (what was played) on
    another, each always on the same.
    """
    application()
    bridge = Bridge(snapshot, send, cover, shelf, history, preview)
    bridge.window.closed.connect(bridge.stop)
    bridge.start()
    return bridge


def close_window(bridge: Bridge) -> None:
    """Close the window as a click on its cross would; from any thread."""
    QMetaObject.invokeMethod(bridge.window, "close", Qt.ConnectionType.QueuedConnection)


def run_until_closed(bridge: Bridge) -> int:
    """Run Qt's loop until the window is closed, or a signal asks for it; return the exit status."""

    def asked(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 (the signal module's signature)
        close_window(bridge)

    # Python's handlers run between bytecodes; the bridge's timer sees to it that there are some 30 times a second.
    taken = [number for number in _ENDING if signal.getsignal(number) is not signal.SIG_IGN]  # nohup ignores one
    before = {number: signal.signal(number, asked) for number in taken}
    try:
        return application().exec()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
