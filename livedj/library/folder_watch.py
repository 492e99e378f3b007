"""Notices songs that come, change or go in the music folders. The only file that imports watchdog."""

import logging
import threading
import time
from collections.abc import Iterable
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import ObservedWatch

from livedj.library.files import AUDIO_SUFFIXES, is_folder, shown
from livedj.music import Seconds

QUIET_FOR = Seconds(3.0)
"""An album takes a while to be copied: its songs are looked at when nothing has changed for so long."""
_CHANGES = frozenset({"created", "modified", "moved", "deleted"})
# Of what watchdog tells; that a file was opened or closed is our own scan as often as not.
_log = logging.getLogger(__name__)


class FolderWatch(FileSystemEventHandler):
    """Watches folders and all below them, but for what links lead to; also one that is away, until it is back.

    Any number of threads may use it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._observer = Observer()
        self._observer.daemon = True
        self._observer.start()
        self._folders: dict[Path, tuple[int, int] | None] = {}
        """What lies at each path: another folder may be mounted there, or made there anew. None: nothing."""
        self._watches: dict[Path, ObservedWatch | None] = {}
        """None where a folder cannot be watched."""
        self._changed_at: float | None = None

    def close(self) -> None:
        """Watch no more."""
        self._observer.stop()
        self._observer.join()

    def watch(self, folders: Iterable[Path]) -> None:
        """Watch these folders and no others from now on; notice which of them went away or came back since."""
        wanted = list(folders)
        with self._lock:
            for folder in self._folders.keys() - set(wanted):
                del self._folders[folder]
                self._unschedule(self._watches.pop(folder, None))
            for folder in wanted:
                self._watch(folder)

    def songs_changed(self) -> bool:
        """Tell, once, that songs have changed, and have not for QUIET_FOR."""
        if self._changed_at is None or time.monotonic() - self._changed_at < QUIET_FOR:
            return False
        self._changed_at = None
        return True

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Take note of a change; called by watchdog's thread."""
        if event.is_directory:
            changed = event.event_type in _CHANGES - {"modified"}  # as it is by any file that comes or goes
        else:
            paths = [Path(str(path)) for path in (event.src_path, event.dest_path)]
            changed = event.event_type in _CHANGES and any(path.suffix.lower() in AUDIO_SUFFIXES for path in paths)
        if changed:
            self._changed_at = time.monotonic()

    def _watch(self, folder: Path) -> None:
        now, before = _which(folder), self._folders.get(folder)
        if folder in self._folders and now != before:
            self._changed_at = time.monotonic()
        if now != before:
            self._unschedule(self._watches.pop(folder, None))
        if now != before and now is not None:
            self._watches[folder] = self._schedule(folder)
        self._folders[folder] = now

    def _schedule(self, folder: Path) -> ObservedWatch | None:
        try:
            return self._observer.schedule(self, str(folder), recursive=True)
        except OSError as error:  # Linux watches so many folders and no more: fs.inotify.max_user_watches
            _log.warning("%s is not watched for new songs: %s", shown(folder), error)
            return None

    def _unschedule(self, watch: ObservedWatch | None) -> None:
        if watch is not None:
            self._observer.unschedule(watch)


def _which(folder: Path) -> tuple[int, int] | None:
    """Return what tells a folder from another one at the same path; None where there is none."""
    try:
        status = folder.stat()
    except OSError:
        return None
    return (status.st_dev, status.st_ino) if is_folder(folder) else None
