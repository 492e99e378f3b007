"""Pictures of the window, with or without a screen."""

from pathlib import Path

from PySide6.QtCore import QDeadlineTimer, QEventLoop
from PySide6.QtWidgets import QApplication

from livedj.party.snapshot import Snapshot
from ui.covers import Covers, FetchCover
from ui.window import MainWindow

PATIENCE_MS = 3000
"""How long a picture waits for its covers."""


def screenshot(window: MainWindow, path: Path) -> None:
    """Write what `window` shows as a PNG file; on the Qt thread. Raises OSError where it cannot be written."""
    if not window.grab().save(str(path), "PNG"):
        raise OSError(f"The picture of the window could not be written to {path}.")


def picture(snapshot: Snapshot, cover: FetchCover, path: Path) -> None:
    """Write the window as it would show `snapshot`, covers included; needs a QApplication, but no screen."""
    covers = Covers(cover)
    window = MainWindow(covers)
    window.render_snapshot(snapshot, snapshot.at)
    window.ensurePolished()
    window.grab()  # the first drawing asks for the covers
    deadline = QDeadlineTimer(PATIENCE_MS)
    while covers.waiting and not deadline.hasExpired():
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 50)
    screenshot(window, path)
    covers.close()
    window.deleteLater()
