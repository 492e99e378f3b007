"""One thread beside Qt's, for what may have to wait for a disk."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, Signal, SignalInstance


class _Work(QRunnable):
    def __init__(self, work: Callable[[], object], finished: SignalInstance) -> None:
        super().__init__()
        self._work, self._finished = work, finished

    def run(self) -> None:
        self._finished.emit(self._work())


class Beside(QObject):
    """Does one piece of work after the other on one thread, always the same; `done` brings results to Qt's."""

    done = Signal(object)
    _finished = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._pool.setExpiryTimeout(-1)
        self._closed = False
        self._finished.connect(self._hand_over, Qt.ConnectionType.QueuedConnection)

    def do(self, work: Callable[[], object]) -> None:
        """Have `work` done, which must not raise; returns at once."""
        self._pool.start(_Work(work, self._finished))

    def close(self) -> None:
        """Begin nothing more, wait for what is in hand, and keep it: nobody is there to show it to."""
        self._closed = True
        self._pool.clear()
        self._pool.waitForDone()

    def _hand_over(self, result: object) -> None:
        if not self._closed:
            self.done.emit(result)
