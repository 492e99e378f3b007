"""The session's log: append-only lines of JSON, one file a session, `<data>/sessions/<start in UTC>.jsonl`.

Whoever writes never waits and never hears of trouble: a thread of its own opens the file for every line, so that
nothing is held open on a drive that is pulled out, and a file that was taken away is noticed. A full disk or a vanished
folder keeps entries waiting; when too many wait, the newest are lost, and the log says how many.
"""

import logging
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from livedj.music import Seconds
from livedj.night.entries import Ended, Entry, Lost, Proposed, from_line, played, to_line

MOST_WAITING = 1000
"""Entries that wait to be written; about half an hour of a busy night."""
RETRY = Seconds(1.0)
"""Between two attempts to write while the disk refuses."""
_FOLDER = "sessions"
_SUFFIX = ".jsonl"
_PROPOSED = f'{{"kind": "{Proposed.kind}"'.encode()
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """One night at a glance."""

    path: Path
    """Of its log."""
    began: datetime
    last: datetime
    """The last moment of which the log tells more than proposals."""
    ended: bool
    """Whether it ended as it should; False while it runs, and where the program died for good."""
    songs: int
    """Played."""


def new_session(data: Path, at: datetime) -> Path:
    """Return the log file of a session that begins `at`; nothing is written yet."""
    return data / _FOLDER / f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}{_SUFFIX}"


def session_called(name: str, data: Path) -> Path | None:
    """Return the log file of that name, to go on in after the program died; None where it is not there."""
    return next((path for path in _files(data) if path.name == name), None)


def sessions(data: Path) -> list[SessionSummary]:
    """Return all sessions, the newest first. Reads every log whole: not for the window's thread."""
    summaries = (_summary(path) for path in sorted(_files(data), key=lambda path: path.name, reverse=True))
    return [summary for summary in summaries if summary is not None]


def entries(path: Path, *, proposed: bool = True) -> Iterator[Entry]:
    """Yield what the log at `path` tells, oldest first; what is torn or cannot be read is left out.

    Without the `proposed` songs, which are most of it, it takes a fraction of the time.
    """
    try:
        with path.open("rb") as lines:
            for line in lines:
                entry = from_line(line) if proposed or not line.startswith(_PROPOSED) else None
                if entry is not None:
                    yield entry
    except OSError:
        return


def _files(data: Path) -> list[Path]:
    try:
        return [path for path in (data / _FOLDER).iterdir() if path.suffix == _SUFFIX]
    except OSError:
        return []


def _summary(path: Path) -> SessionSummary | None:
    told = list(entries(path, proposed=False))
    if not told:
        return None
    return SessionSummary(
        path,
        began=told[0].at,
        last=told[-1].at,
        ended=isinstance(told[-1], Ended),
        songs=len(played(told)),
    )


class SessionLog:
    """Writes the log at `path`, a new one or one to go on in.

    `on_fault` is called by the writing thread with a sentence for the person, once each time that writing fails.
    """

    def __init__(self, path: Path, on_fault: Callable[[str], None]) -> None:
        self.path = path
        self._on_fault = on_fault
        self._waiting: deque[Entry] = deque()
        self._lost = 0
        self._changed = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="session log", daemon=True)
        self._thread.start()

    def write(self, entry: Entry) -> None:
        """Take an entry, from any thread; returns at once and raises nothing."""
        with self._changed:
            if len(self._waiting) < MOST_WAITING:
                self._waiting.append(entry)
            else:
                self._lost += 1
            self._changed.notify_all()

    def close(self, within: Seconds = Seconds(2.0)) -> None:
        """Write what waits, and stop. What the disk refuses now, or has not taken `within` that time, is lost."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join(within)

    def _run(self) -> None:
        try:
            while (entry := self._next()) is not None and self._keep(entry):
                pass
        except Exception:  # noqa: BLE001 the one handler of this thread: the night goes on without its log
            _log.exception("the session log broke off")
            self._on_fault("The session is no longer logged: an unexpected fault.")

    def _next(self) -> Entry | None:
        """Wait for the next entry; None when there will be none any more."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing)
            return self._waiting.popleft() if self._waiting else None

    def _keep(self, entry: Entry) -> bool:
        """Write `entry`, then how many were lost meanwhile, however long it takes; False where the log is closed."""
        if not self._written(to_line(entry)):
            return False
        with self._changed:
            lost = 0 if self._waiting else self._lost  # those that wait are older than the lost ones
            self._lost -= lost
        return not lost or self._written(to_line(Lost(entry.at, lost)))

    def _written(self, line: bytes) -> bool:
        """Append `line`, again and again until it is done; False where the log is closed first."""
        told = False
        while True:
            try:
                _append(self.path, line)
            except OSError as error:
                if not told:
                    self._on_fault(f"The session cannot be logged: {error.strerror}. The music goes on.")
                    told = True
            else:
                return True
            with self._changed:
                if self._closing:
                    return False
                self._changed.wait_for(lambda: self._closing, RETRY)


def _append(path: Path, line: bytes) -> None:
    """Append one line, whole or not at all as far as the disk lets us; raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab", buffering=0) as file:
        size = file.tell()
        if size and not _ends_a_line(path):  # the program was killed while it wrote
            line = b"\n" + line
        try:
            while line:  # a disk that is nearly full takes a part, and says why only when it is asked again
                line = line[file.write(line) :]
        except OSError:
            with suppress(OSError):
                file.truncate(size)
            raise


def _ends_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
