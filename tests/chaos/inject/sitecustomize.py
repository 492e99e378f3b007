"""Faults from within: Python runs this at the start of each process of the program, since the folder is on PYTHONPATH.

The harness works through files in the folder that LIVEDJ_CHAOS names:

* `hang`: the next call of libVLC's stop() takes it, renamed to `hung`, and does not return while that is there.
* `crash`: the next call of libVLC's stop() takes it, and its process dies of a segmentation fault.
* `clock`: so many seconds are added to the wall clock.
* `order-*`: a wish of the person at the window, `skip` or `scan FOLDER`, taken by the program itself.
"""

import contextlib
import datetime
import importlib.abc
import importlib.machinery
import importlib.util
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from types import ModuleType
from typing import Any, Self

_TRIGGERS = Path(os.environ["LIVEDJ_CHAOS"])
_LOOK = 0.05


class _AfterImport(importlib.abc.MetaPathFinder):
    """Changes a module right after its import, whoever imports it."""

    def __init__(self, changes: dict[str, Callable[[ModuleType], None]]) -> None:
        self._changes = changes

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        change = self._changes.pop(name, None)  # popped: the search below comes here again
        spec = importlib.util.find_spec(name) if change else None
        if change is None or spec is None or spec.loader is None:
            return None
        spec.loader.exec_module = _followed_by(spec.loader.exec_module, change)  # type: ignore[method-assign]
        return spec


def _followed_by(load: Callable[[ModuleType], None], change: Callable[[ModuleType], None]) -> Callable[..., None]:
    def load_and_change(module: ModuleType) -> None:
        load(module)
        change(module)

    return load_and_change


def _change_vlc(vlc: Any) -> None:
    stop = vlc.MediaPlayer.stop

    @wraps(stop)
    def perhaps_stop(player: Any) -> Any:
        if _taken("crash", "crashed"):
            os.kill(os.getpid(), signal.SIGSEGV)
        if _taken("hang", "hung"):
            while (_TRIGGERS / "hung").exists():
                time.sleep(_LOOK)
        return stop(player)

    vlc.MediaPlayer.stop = perhaps_stop


def _taken(trigger: str, name: str) -> bool:
    """Tell whether the trigger was there, and is ours: a file can be renamed once."""
    try:
        (_TRIGGERS / trigger).rename(_TRIGGERS / name)
    except OSError:
        return False
    return True


def _change_app(app: Any) -> None:
    start = app.App.start

    @wraps(start)
    def start_with_hand(self: Any) -> None:
        start(self)
        threading.Thread(target=_obey, args=(self,), name="hand", daemon=True).start()

    app.App.start = start_with_hand


def _obey(app: Any) -> None:
    from livedj.party.messages import AddFolder, Skip

    while True:
        for order in sorted(_TRIGGERS.glob("order-*")):
            wish, _, folder = order.read_text(encoding="utf-8").partition(" ")
            order.unlink()
            app.send(Skip() if wish == "skip" else AddFolder(folder))
        time.sleep(_LOOK)


def _ahead() -> float:
    with contextlib.suppress(OSError, ValueError):
        return float((_TRIGGERS / "clock").read_text(encoding="utf-8"))
    return 0.0


class _JumpingDatetime(datetime.datetime):
    __slots__ = ()  # of the size that compiled modules expect

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> Self:
        return super().now(tz) + datetime.timedelta(seconds=_ahead())


def _change_wall_clock() -> None:
    real_time, real_ns = time.time, time.time_ns
    time.time = lambda: real_time() + _ahead()
    time.time_ns = lambda: real_ns() + int(_ahead() * 1e9)
    datetime.datetime = _JumpingDatetime  # type: ignore[misc]


_change_wall_clock()
sys.meta_path.insert(0, _AfterImport({"vlc": _change_vlc, "livedj.app": _change_app}))
