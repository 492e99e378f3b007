"""The thread that asks the sound server where our music goes, and has it mended."""

import logging
import multiprocessing
import queue
import threading
from collections.abc import Callable

from livedj.errors import PlaybackError
from livedj.music import Seconds
from livedj.play.output import OutputFacts, Repair
from livedj.play.sound_output import SoundOutput

_log = logging.getLogger(__name__)
CLOSE_WITHIN = Seconds(0.5)
"""The server may hang, and the thread with it."""


class OutputWatch:
    """Carries out one order after the other; every method returns at once."""

    def __init__(self, answer: Callable[[OutputFacts | None], None]) -> None:
        """`answer` is called in the thread; with None where there is no server to ask."""
        self._answer = answer
        self._orders: queue.SimpleQueue[Callable[[SoundOutput], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="output", daemon=True)
        self._thread.start()

    def check(self) -> None:
        """Ask for the facts."""
        self._orders.put(lambda server: self._answer(server.facts(_deck_processes())))

    def mend(self, repair: Repair) -> None:
        """Have something mended."""
        self._orders.put(lambda server: server.mend(repair, _deck_processes()))

    def close(self) -> None:
        """Stop; waits for an order under way, at most half a second."""
        self._orders.put(None)
        self._thread.join(CLOSE_WITHIN)

    def _run(self) -> None:
        server = SoundOutput()
        while (order := self._orders.get()) is not None:
            try:
                order(server)
            except PlaybackError:  # nobody can be asked on this system
                self._answer(None)
            except Exception:  # noqa: BLE001 the one handler of this thread: pulsectl raises what comes to hand
                _log.exception("the sound server cannot be asked")
                server.close()
                self._answer(None)
        server.close()


def _deck_processes() -> set[int]:
    """Return the ids of our processes; the decks' streams belong to them."""
    return {child.pid for child in multiprocessing.active_children() if child.pid is not None}
