"""Keeping the computer awake while the music goes on by itself. The only file that imports wakepy.

wakepy asks the desktop over D-Bus on Linux (GNOME, KDE, Xfce, Cinnamon …), `caffeinate` on macOS, and the system itself
on Windows. The screen may still go dark. What is asked for ends with the process, however that ends.
"""

import logging
import queue
import threading

from livedj.music import Seconds

ALLOWED = "The computer may fall asleep: auto-DJ is off."
ASKING = "The computer is being asked to stay awake."
_CLOSING_WITHIN = Seconds(1.0)
_log = logging.getLogger(__name__)


class Awake:
    """Asks for it in a thread of its own, since a desktop may take its time to answer."""

    def __init__(self) -> None:
        self._how = ALLOWED
        self._wishes: queue.SimpleQueue[bool | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="awake", daemon=True)
        self._thread.start()

    @property
    def how(self) -> str:
        """One sentence: how the computer is kept awake, or why it cannot be and what to do."""
        return self._how

    def on(self) -> None:
        """Keep the computer awake from now on; returns at once."""
        self._wishes.put(True)

    def off(self) -> None:
        """Let it fall asleep again; returns at once."""
        self._wishes.put(False)

    def close(self) -> None:
        """Let it fall asleep again, and stop."""
        self._wishes.put(None)
        self._thread.join(_CLOSING_WITHIN)

    def _run(self) -> None:
        wanted: bool | None = False
        while wanted is not None:
            if not wanted:
                wanted = self._wishes.get()
                continue
            try:
                wanted = self._stay_awake()
            except Exception as error:  # noqa: BLE001 the one handler of this thread: whatever a desktop may answer
                _log.exception("the computer cannot be kept awake")
                self._how = _cannot(str(error))
                wanted = self._until_not_wanted()
                self._how = ALLOWED
        self._how = ALLOWED

    def _stay_awake(self) -> bool | None:
        """Keep awake until that is not wanted any more; return what is wanted then."""
        from wakepy import keep  # 50 ms that the start need not wait for

        self._how = ASKING
        with keep.running(on_fail="pass") as mode:
            if mode.method is None:
                _log.warning("%s", mode.result.get_failure_text(style="inline"))
                self._how = _cannot("no desktop answers")
            else:
                self._how = f"The computer is kept awake ({mode.method.name}); the screen may go dark."
            wanted = self._until_not_wanted()
        self._how = ALLOWED
        return wanted

    def _until_not_wanted(self) -> bool | None:
        while wanted := self._wishes.get():
            pass
        return wanted


def _cannot(reason: str) -> str:
    return f"The computer cannot be kept awake ({reason}). Switch its automatic sleep off for the night."
