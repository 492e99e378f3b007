"""Who works on the library while the party goes on: one thread scans, one keeps the history, one watches.

What is watched are the music folders, and what other processes do. Nothing here is waited for: `on_progress` is told
how far a scan is, `on_change` what the library holds now.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from livedj.choose.scene import Opinion
from livedj.ear.encoder import read_card
from livedj.errors import LiveDjError
from livedj.library.catalogue import FILE_NAME, Catalogue
from livedj.library.files import is_there
from livedj.library.index import INDEX_FOLDER, indexed_model
from livedj.library.lock import in_use
from livedj.library.models import Models
from livedj.library.progress import Progress
from livedj.music import CuePoints, Seconds, Track, TrackId

if TYPE_CHECKING:
    from livedj.library.folder_watch import FolderWatch
    from livedj.library.scanner import Scanner

COUNT = 50
"""Songs to fall back on, and songs of the history, that are read."""
LOOK_AGAIN = Seconds(2.0)
"""Time between two looks for what has changed in the music folders, or by another process (`livedj model use`)."""
_log = logging.getLogger(__name__)

Prepare = Callable[[Callable[[Progress], None]], Path]
"""Makes a folder of music, telling its progress, and returns it."""


class _StoppedError(Exception):
    """The making of a folder was stopped."""


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the library holds."""

    size: int
    fallback: tuple[Track, ...]
    """Songs to fall back on where nothing was heard, longest not played first; their files are there."""
    played: tuple[TrackId, ...]
    """The last songs (`Track.song`) of the history, oldest first."""
    opinions: Mapping[TrackId, Opinion]
    """What the person thinks of songs (`Track.song`)."""
    model: Path
    """The one that serves: its vectors are those of the index."""


class Librarian:
    """Scans folders and writes the history, each in a thread of its own.

    `shipped` is the model that ships with livedj; which one a scan listens with is up to livedj.library.models.
    `workers` files are read at a time, or one a core where that is 0.
    """

    def __init__(
        self,
        data: Path,
        shipped: Path,
        on_progress: Callable[[Progress], None],
        on_change: Callable[[Holdings], None],
        on_fault: Callable[[str], None],
        workers: int = 0,
    ) -> None:
        self._data = data
        self._catalogue = data / FILE_NAME
        self._models = Models(data, shipped)
        self._chosen = self._models.chosen()
        self._indexed = indexed_model(data / INDEX_FOLDER)
        self._on_progress = on_progress
        self._on_change = on_change
        self._on_fault = on_fault
        self._workers = workers
        self._historian = ThreadPoolExecutor(max_workers=1, thread_name_prefix="historian")
        self._scans = ThreadPoolExecutor(max_workers=1, thread_name_prefix="scanner")
        self._folders: list[Path] = []
        self._folder_watch: FolderWatch | None = None
        self._scanner: Scanner | None = None
        self._gives_way, self._giving_way = False, threading.Lock()
        self._changed = False
        """Songs have changed, and no scan has been asked for yet."""
        self._again = threading.Event()
        """Songs have changed: a scan waits for its turn."""
        self._stopped = threading.Event()
        self._closed = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="watcher", daemon=True)

    def open(self) -> None:
        """Tell what the library holds, then look for what is new in its folders."""
        self._announce()
        self.scan()
        self._watcher.start()

    def close(self) -> None:
        """Stop a running scan (at most the file in hand is lost), write what is to be written, and wait for both."""
        self._closed.set()
        self.stop_scan()
        if self._watcher.is_alive():
            self._watcher.join()
        self._scans.shutdown(cancel_futures=True)
        if self._folder_watch is not None:
            self._folder_watch.close()
            self._folder_watch = None
        self._historian.shutdown()

    def scan(self, folder: Path | None = None) -> None:
        """Add a music folder, then scan all folders."""
        self._submit(self._scans, self._scan, folder)

    def remove(self, folder: Path) -> None:
        """Take a music folder from the library: its songs are proposed no more. A scan that runs begins again."""
        self._submit(self._historian, self._remove, folder)  # at once, not when the scans that wait are over

    def scan_made(self, prepare: Prepare) -> None:
        """Let a folder be made, then add it as `scan` does."""
        self._submit(self._scans, self._make_and_scan, prepare)

    def stop_scan(self) -> None:
        """Stop the scan that runs; the next one goes on where it was."""
        self._again.clear()
        self._stopped.set()
        scanner = self._scanner
        if scanner is not None:
            scanner.stop()

    def give_way(self, yes: bool) -> None:
        """Let a scan wait while the music needs the machine, or go on."""
        with self._giving_way:
            self._gives_way = yes
            if self._scanner is not None:
                self._scanner.give_way(yes)

    def remember(self, track: TrackId) -> None:
        """Write into the history that this song begins to play now."""
        self._submit(self._historian, self._remember, track, datetime.now(UTC))

    def move_cues(self, track: TrackId, cues: CuePoints) -> None:
        """Keep a person's own cue points."""
        self._submit(self._historian, self._move_cues, track, cues)

    def keep_opinion(self, track: TrackId, opinion: Opinion | None) -> None:
        """Keep what the person thinks of a song."""
        self._submit(self._historian, self._keep_opinion, track, opinion)

    def _submit(self, thread: ThreadPoolExecutor, work: Callable[..., None], *arguments: object) -> None:
        try:
            thread.submit(self._guarded, work, *arguments)
        except RuntimeError:  # the thread has ended: what is asked for after close() is passed over
            if not self._closed.is_set():
                raise

    # In the threads -----------------------------------------------------------------------------------------------

    def _guarded(self, work: Callable[..., None], *arguments: object) -> None:
        try:
            work(*arguments)
        except LiveDjError as error:
            self._on_fault(str(error))
        except Exception as error:  # noqa: BLE001 the one handler of these threads: their work is reported, not fatal
            _log.exception("work on the library failed")
            self._on_fault(f"The library met an unexpected fault ({type(error).__name__}).")

    def _make_and_scan(self, prepare: Prepare) -> None:
        self._stopped.clear()
        last = Progress(0, 0, 0)

        def progress(made: Progress) -> None:
            nonlocal last
            last = made
            self._on_progress(made)
            if self._stopped.is_set() or self._closed.is_set():
                raise _StoppedError

        folder = None
        try:
            folder = prepare(progress)
        except _StoppedError:
            pass
        finally:
            if folder is None:  # stopped, or it could not be made
                self._on_progress(replace(last, file=""))
        if folder is not None:
            self._scan(folder)

    def _remove(self, folder: Path) -> None:
        with Catalogue(self._catalogue) as catalogue:
            catalogue.remove_folder(folder)
        self._read()
        scanner = self._scanner
        if scanner is not None:
            scanner.stop()
        self._submit(self._scans, self._scan_all)  # even where no folder is left: the index still lists its songs

    def _scan_again(self) -> None:
        if self._again.is_set():  # else it was stopped while it waited for another scan
            self._again.clear()
            self._scan(None)

    def _scan(self, folder: Path | None) -> None:
        with Catalogue(self._catalogue) as catalogue:
            if folder is not None:
                catalogue.add_folder(folder)
            folders = catalogue.folders()
        if folders:
            self._scan_all()

    def _scan_all(self) -> None:
        # Imported here: with the decoder behind it they cost a start of the program 0.1 s.
        from livedj.library.folder_watch import FolderWatch
        from livedj.library.scanner import Scanner

        with Catalogue(self._catalogue) as catalogue:
            folders = catalogue.folders()
        if self._folder_watch is None:
            self._folder_watch = FolderWatch()
        self._folder_watch.watch(folders)  # before they are looked through: nothing that comes meanwhile is missed
        self._folders = folders
        self._stopped.clear()
        with self._giving_way:
            self._scanner = Scanner(
                self._data,
                self._models.wanted(),
                self._workers,
                self._progressed,
                shipped=self._models.shipped,
            )
            self._scanner.give_way(self._gives_way)
        if self._stopped.is_set() or self._closed.is_set():  # stopped while there was no scanner yet to tell
            self._scanner.stop()
        self._on_progress(Progress(0, 0, 0, "looking through the music folders"))
        ended = Progress(0, 0, 0)
        try:
            ended = self._scanner.scan()
        finally:
            self._scanner = None
            self._on_progress(replace(ended, file=""))  # whatever went wrong, the scan is over
            self._announce()

    def _progressed(self, progress: Progress) -> None:
        if progress.file:  # without a file it is the beginning or the end, which are told by _scan
            self._on_progress(progress)
        if progress.indexed:
            self._announce()

    def _remember(self, track: TrackId, at: datetime) -> None:
        with Catalogue(self._catalogue) as catalogue:
            catalogue.remember(track, at)
        self._read()

    def _move_cues(self, track: TrackId, cues: CuePoints) -> None:
        with Catalogue(self._catalogue) as catalogue:
            catalogue.move_cues(track, cues)
        self._read()

    def _keep_opinion(self, track: TrackId, opinion: Opinion | None) -> None:
        with Catalogue(self._catalogue) as catalogue:
            catalogue.keep_opinion(track, opinion)
        self._read()

    def _announce(self) -> None:
        self._submit(self._historian, self._read)

    def _read(self) -> None:
        model = self._models.serving()
        sha256 = read_card(model).sha256
        with Catalogue(self._catalogue) as catalogue:
            size = catalogue.in_folders(sha256)
            opinions = catalogue.opinions()
            wanted = (t for t in catalogue.least_recently_played(sha256) if opinions.get(t.song) is not Opinion.BANNED)
            fallback = tuple(islice((track for track in wanted if is_there(track.path)), COUNT))
            history = catalogue.history(COUNT)
            known = catalogue.tracks([track for track, _ in history])
            played = [known[track].song for track, _ in history if track in known]
        self._on_change(Holdings(size, fallback, tuple(reversed(played)), opinions, model))

    def _watch(self) -> None:
        while not self._closed.wait(LOOK_AGAIN):
            self._guarded(self._look_for_songs)
            self._guarded(self._look_for_models)

    def _look_for_songs(self) -> None:
        """Scan again when songs have come, changed or gone, or a folder has; but not while another process scans."""
        if self._folder_watch is None:  # nothing was scanned yet
            return
        self._folder_watch.watch(self._folders)
        self._changed = self._folder_watch.songs_changed() or self._changed
        if self._changed and not self._again.is_set() and not in_use(self._data):
            self._changed = False
            self._again.set()
            self._submit(self._scans, self._scan_again)

    def _look_for_models(self) -> None:
        """Begin to hear the songs with a model that is wanted now; tell of one that serves now."""
        chosen, indexed = self._models.chosen(), indexed_model(self._data / INDEX_FOLDER)
        if chosen != self._chosen:
            self._chosen = chosen
            scanner = self._scanner
            if scanner is not None:
                scanner.stop()
            self.scan()
        if indexed != self._indexed:
            self._indexed = indexed
            self._announce()
