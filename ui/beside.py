"""One thread beside Qt's, for what may have to wait for a disk."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, Signal

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

    def do(self, work: Callable[[], Result], then: Callable[[Result], None]) -> None:
        """Have `work` done, which must not raise, and `then` called with its result on Qt's thread; returns at once."""

        def run() -> None:
            self._finished.emit(partial(then, work()))

        self._pool.start(_Work(run))

    def close(self) -> None:
        """Begin nothing more, wait for what is in hand, and keep it: nobody is there to show it to."""
        self._closed = True
        self._pool.clear()
        self._pool.waitForDone()

    def _tell(self, news: Callable[[], None]) -> None:
        if not self._closed:
            news()
