"""Between the program and the window: pulls the newest Snapshot thirty times a second, sends what a person wishes."""

import time
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Qt, QTimer

from livedj.music import Seconds
from livedj.party.messages import Intent
from livedj.party.snapshot import Snapshot
from ui.beside import Beside
from ui.covers import Covers, FetchCover
from ui.problems import FetchProblems, read_problems
from ui.window import MainWindow

FRAME_MS = 33


def _monotonic() -> Seconds:
    return Seconds(time.monotonic())


class Bridge(QObject):
    """Owns the window and its covers. The newest snapshot wins; there is no backlog."""

    def __init__(
        self,
        snapshot: Callable[[], Snapshot],
        send: Callable[[Intent], None],
        cover: FetchCover,
        problems: FetchProblems,
        clock: Callable[[], Seconds] = _monotonic,
    ) -> None:
        """`snapshot` and `send` are called on the Qt thread and must return at once, `cover` and `problems` beside."""
        super().__init__()
        self._snapshot, self._clock = snapshot, clock
        self.covers = Covers(cover, self)
        self.window = MainWindow(self.covers)
        self.window.wished.connect(send)
        self._errands = Beside(self)
        self._errands.done.connect(self.window.problems.show_problems)
        self.window.problems_wanted.connect(partial(self._errands.do, partial(read_problems, problems)))
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self.refresh)

    def start(self) -> None:
        """Show the window, and let it follow the party from now on."""
        self.refresh()
        self.window.show()
        self._timer.start()

    def refresh(self) -> None:
        """Show the newest snapshot now."""
        self.window.render_snapshot(self._snapshot(), self._clock())

    def stop(self) -> None:
        """Follow the party no longer."""
        self._timer.stop()
        self.covers.close()
        self._errands.close()
