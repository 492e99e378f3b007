"""One thread beside Qt's, for what may have to wait for a disk."""

import logging
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, Signal

from livedj.errors import LiveDjError
from livedj.settings import LOG_FILE

_log = logging.getLogger(__name__)
Result = TypeVar("Result")


class _Work(QRunnable):
    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__()
        self._work = work

    def run(self) -> None:
        self._work()


class Beside(QObject):
    """Does one piece of work after the other on one thread, always the same; what comes of it is told on Qt's."""

    _finished = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._pool.setExpiryTimeout(-1)
        self._closed = False
        self._finished.connect(self._tell, Qt.ConnectionType.QueuedConnection)

    def do(self, work: Callable[[], Result], then: Callable[[Result | str], None], trouble: str = "") -> None:
        """Have `work` done, and `then` called with its result on Qt's thread; returns at once.

        Where `work` raises, `then` is called with one sentence that says why, after the words of `trouble`.
        """

        def run() -> None:
            self._finished.emit(partial(then, _or_why(work, trouble)))

        self._pool.start(_Work(run))

    def close(self) -> None:
        """Begin nothing more, wait for what is in hand, and keep it: nobody is there to show it to."""
        self._closed = True
        self._pool.clear()
        self._pool.waitForDone()

    def _tell(self, news: Callable[[], None]) -> None:
        if not self._closed:
            news()


def _or_why(work: Callable[[], Result], trouble: str) -> Result | str:
    try:
        return work()
    except (LiveDjError, OSError) as error:
        return f"{trouble}{error}"
    except Exception as error:  # noqa: BLE001 the one handler of this thread: who asked would wait for ever
        _log.exception("an errand failed")
        return f"{trouble}An unexpected fault ({type(error).__name__}). Please report it with {LOG_FILE}."
