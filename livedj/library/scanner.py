"""Many files: worker processes read them, one writer keeps what they found. The only file that imports pebble.

A file that crashes its worker, hangs it or eats its memory costs that worker and becomes a problem in the catalogue;
the scan goes on. Every file is committed as it arrives, so that an interruption loses at most the files in hand.

A scan for another model than the one that serves leaves the index to the latter until all files are done; then the
index is built for the new model, and this swap makes it the one that serves.

There are two passes. The first reads the intros, after which every song can be proposed; the second reads the whole
files, and again those of which an older livedj has found less.
"""

import contextlib
import multiprocessing
import os
import queue
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Set
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from multiprocessing import resource_tracker
from pathlib import Path

import numpy as np
from pebble import ProcessExpired, ProcessPool

from livedj import bundled
from livedj.ear.encoder import ModelCard, read_card
from livedj.errors import DecodeError, NeighbourIndexError, ScanError
from livedj.library.analysis import FACTS_VERSION, Analysis, Windows
from livedj.library.catalogue import FILE_NAME, Catalogue
from livedj.library.files import is_there, shown, walk
from livedj.library.index import INDEX_FOLDER, IntroIndex, indexed_model
from livedj.library.models import Models
from livedj.library.progress import Progress as Progress
from livedj.library.worker import HearIntro, HearWhole, hear_intro, hear_whole, prepare, run
from livedj.music import Seconds, TrackId

TIME_LIMIT = Seconds(240.0)
"""A file that takes longer is given up. The first file of the first worker ever takes longest: what librosa needs is
compiled then, 16 s of a whole processor's time, and workers get what the music leaves them."""

_IN_HAND = 2  # files per worker: the next one waits in the pipe while one is read
_MOST_BREAKS = 3
"""A pool of workers that breaks so often in a row will not heal."""
_REBUILD_FIRST, _REBUILD_SHARE, _REBUILD_MOST = 10, 0.1, 100
# The index follows every tenth that the library grew by, at most every 100 tracks and at least every 10: a first scan
# has proposals after seconds, and a large library is not indexed over and over.
_DEAF_SHARE = 0.1
"""A new model that cannot hear more than this share of the songs that the serving one knows does not take over."""


_Future = Future[Analysis]


@dataclass(frozen=True, slots=True)
class _Job:
    """A file to read: its intro, or the whole of a track whose intro is known."""

    path: Path
    track: TrackId | None = None


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why nothing was found."""

    reason: str
    blames_file: bool
    """Whether the file cannot be used; else what reads it has crashed or hung, and a player may fare better."""


class Scanner:
    """Brings the catalogue and the index in `data` up to what the music folders hold."""

    def __init__(
        self,
        data: Path,
        model: Path,
        workers: int = os.cpu_count() or 1,
        progress: Callable[[Progress], None] = lambda _: None,
        *,
        shipped: Path = bundled.MODEL,
        intro: HearIntro = hear_intro,
        whole: HearWhole = hear_whole,
        time_limit: Seconds = TIME_LIMIT,
    ) -> None:
        """Prepare a scan with `model`; `progress` is called in the thread that scans.

        `intro` and `whole` are called in the workers. Vectors of `shipped` are kept in any case, so that going
        back to it is quick.
        """
        self._data = data
        self._model = model
        self._models = Models(data, shipped)
        self._workers = workers
        self._progress = progress
        self._intro = intro
        self._whole = whole
        self._time_limit = time_limit
        self._stopping = threading.Event()
        self._finished: queue.SimpleQueue[_Future | None] = queue.SimpleQueue()

    def stop(self) -> None:
        """End the scan, for good: the files in hand are read by the next Scanner. Any thread may call it."""
        self._stopping.set()
        self._finished.put(None)

    def scan(self, folders: Iterable[Path]) -> Progress:
        """Read what is new or has changed below the folders; return how it ended.

        Files that have vanished stay in the catalogue: their drive may only be unplugged.

        Raises:
            ModelError: the model cannot be used.
            CatalogueError, NeighbourIndexError: the library cannot be written.
            ScanError: no worker process can be kept alive, or the model is new and deaf to many songs.

        """
        self._models.keep(self._model)
        with Catalogue(self._data / FILE_NAME) as catalogue:
            writer = _Writer(catalogue, self._data / INDEX_FOLDER, read_card(self._model), self._models)
            progress, waiting = writer.survey(folders)
            self._progress(progress)
            try:
                with contextlib.closing(self._outcomes(waiting, writer)) as outcomes:
                    for job, outcome in outcomes:
                        indexed = writer.take(job, outcome)
                        skipped = progress.skipped + isinstance(outcome, _Failure)
                        progress = replace(
                            progress, done=progress.done + 1, skipped=skipped, file=shown(job.path), indexed=indexed
                        )
                        self._progress(progress)
            finally:
                indexed = writer.finish()
            if not self._stopping.is_set():
                indexed = writer.settle() or indexed
            progress = replace(progress, indexed=indexed)
            if progress.done == progress.total:
                progress = self._hear_whole_songs(writer, progress)
        progress = replace(progress, file="")
        self._progress(progress)
        return progress

    def _hear_whole_songs(self, writer: "_Writer", intros: Progress) -> Progress:
        """Read to their end the songs of which the intro is known; return how far the scan is then."""
        waiting = writer.unfinished()
        total = intros.total - intros.skipped
        progress = replace(intros, done=total - len(waiting), total=total, whole=True)
        try:
            with contextlib.closing(self._outcomes(waiting, writer)) as outcomes:
                for job, outcome in outcomes:
                    indexed = writer.take(job, outcome)
                    useless = isinstance(outcome, _Failure) and outcome.blames_file
                    progress = replace(
                        progress, done=progress.done + 1, skipped=progress.skipped + useless, file=shown(job.path),
                        indexed=indexed,
                    )  # fmt: skip
                    self._progress(progress)
        finally:
            indexed = writer.finish() or intros.indexed
        if progress.done < total:
            return replace(progress, indexed=indexed)
        return replace(intros, skipped=progress.skipped, indexed=indexed)

    def _outcomes(self, jobs: Iterable[_Job], writer: "_Writer") -> Generator[tuple[_Job, Analysis | _Failure]]:
        """Yield each job with what was found, or with the reason why nothing was, as the workers finish them."""
        waiting = deque(jobs)
        breaks = 0
        while waiting and not self._stopping.is_set():
            if breaks == _MOST_BREAKS:
                raise ScanError("The processes that read the music files end at once: is there enough memory?")
            breaks += 1
            with contextlib.closing(self._finished_by_one_pool(waiting, writer)) as finished:
                for job, future in finished:
                    breaks = 0
                    yield job, self._outcome(job.path, future)

    def _finished_by_one_pool(self, waiting: deque[_Job], writer: "_Writer") -> Generator[tuple[_Job, _Future]]:
        """Let one pool of workers empty `waiting`; if the pool breaks or is stopped, what was in hand is put back."""
        in_hand: dict[_Future, _Job] = {}
        # spawn: a fork would inherit the locks of every thread that runs here.
        spawn = multiprocessing.get_context("spawn")
        pool = ProcessPool(max_workers=min(self._workers, len(waiting)), initializer=prepare, context=spawn)
        try:
            _start(pool)
            while waiting or in_hand:
                if not self._hand_out(pool, waiting, in_hand, writer):
                    return
                # Pebble keeps the time limit; that nothing at all ends for so long means that it lost a file.
                future = self._finished.get(timeout=(_IN_HAND + 1) * self._time_limit)
                if future is None or isinstance(future.exception(), BrokenProcessPool):
                    return
                if future in in_hand:
                    yield in_hand.pop(future), future
        except queue.Empty:
            return
        finally:
            waiting.extendleft(in_hand.values())
            pool.stop()
            pool.join()

    def _hand_out(
        self, pool: ProcessPool, waiting: deque[_Job], in_hand: dict[_Future, _Job], writer: "_Writer"
    ) -> bool:
        """Give the workers enough to do; tell whether the pool still takes it."""
        while waiting and len(in_hand) < _IN_HAND * self._workers:
            try:
                future = pool.schedule(run, args=self._work(waiting[0], writer), timeout=self._time_limit)
            except RuntimeError:  # Pebble's word for a pool that has broken meanwhile
                return False
            in_hand[future] = waiting.popleft()
            future.add_done_callback(self._finished.put)
        return True

    def _work(self, job: _Job, writer: "_Writer") -> tuple[object, ...]:
        """Return the arguments of `run`."""
        if job.track is None:
            return self._intro, job.path, self._model, job.path
        return self._whole, job.path, self._model, job.path, writer.windows(job.track)

    def _outcome(self, path: Path, future: _Future) -> Analysis | _Failure:
        match future.exception():
            case None:
                return future.result()
            case DecodeError() as error:
                return _Failure(str(error), blames_file=True)
            case TimeoutError():
                reason = f"{shown(path)} was given up: reading it took longer than {self._time_limit:.0f} seconds."
                return _Failure(reason, blames_file=False)
            case ProcessExpired() as error:
                reason = f"{shown(path)} makes the decoder crash (exit code {error.exitcode})."
                return _Failure(reason, blames_file=False)
            case error:
                raise error


def _start(pool: ProcessPool) -> None:
    """Start the workers such that they pass over Ctrl-C, which a terminal sends to every process.

    Pebble's workers ignore it only once they have imported all they need, and would die with a traceback before. Here
    they are started by a thread of its own, since Python raises Ctrl-C in the main thread, where it would leave
    processes behind that are half started.
    """
    with ThreadPoolExecutor(1, initializer=_block_interrupts) as starter:
        starter.submit(lambda: pool.active).result()


def _block_interrupts() -> None:
    """Keep SIGINT from this thread, and from all threads and processes that it starts."""
    if hasattr(signal, "pthread_sigmask"):
        resource_tracker.ensure_running()  # left to the first worker, it would lift the block
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


class _Writer:
    """The one who writes: keeps what the workers found, and the index in step with it."""

    def __init__(self, catalogue: Catalogue, index: Path, card: ModelCard, models: Models) -> None:
        self._catalogue = catalogue
        self._index = index
        self._card = card
        self._models = models
        self._serving = self._find_serving()
        self._read_at: dict[Path, tuple[int, int]] = {}
        self._gone: set[TrackId] = set()
        self._unindexed = 0

    def _find_serving(self) -> ModelCard:
        """Return the card of the model that has the index: another one only while it can serve and knows songs."""
        indexed = indexed_model(self._index)
        if indexed in (None, self._card.sha256) or not self._catalogue.size(indexed):
            return self._card
        model = self._models.find(indexed)
        return self._card if model is None else read_card(model)

    def survey(self, folders: Iterable[Path]) -> tuple[Progress, list[_Job]]:
        """Bring what a glance can tell up to date; return how far the scan is by that, and what is to be read."""
        self._drop_solved_problems()
        self._catalogue.remove_problems_of_others(self._card.sha256)
        self._read_at = dict(_files(self._reachable(folders)))
        known = self._catalogue.known(self._card.sha256)
        waiting = [path for path, status in self._read_at.items() if known.get(path) != status]
        unusable = {problem.path for problem in self._catalogue.problems()} & self._read_at.keys()
        listed = self._catalogue.paths(self._serving.sha256)
        paths = listed | self._catalogue.paths(self._card.sha256)
        self._gone = {track for track, path in paths.items() if not (path in self._read_at or is_there(path))}
        indexed = not self._lists(listed.keys() - self._gone)
        if indexed:
            self._rebuild()
        total = len(self._read_at)
        heard = self._catalogue.heard_by_others(self._card.sha256)
        anew = any(heard.get(path) == self._read_at[path] for path in waiting)
        skipped = len(unusable.difference(waiting))
        return Progress(total - len(waiting), total, skipped, indexed=indexed, anew=anew), [*map(_Job, waiting)]

    def unfinished(self) -> list[_Job]:
        """Return what is to be read to its end: unchanged files of which not all is known."""
        known = self._catalogue.known(self._card.sha256)
        unfinished = self._catalogue.unfinished(FACTS_VERSION, self._card.sha256)
        unchanged = (path for path, status in self._read_at.items() if known.get(path) == status)
        return [_Job(path, unfinished[path]) for path in unchanged if path in unfinished]

    def windows(self, track: TrackId) -> Windows:
        """Return the windows of a track that the model has heard."""
        return self._catalogue.windows([track], self._card.sha256)[track].astype(np.float16)

    def _drop_solved_problems(self) -> None:
        for problem in self._catalogue.problems():
            if problem.path.is_dir() or not problem.path.exists():
                self._catalogue.remove_problem(problem.path)

    def _reachable(self, folders: Iterable[Path]) -> Iterator[Path]:
        for folder in folders:
            if folder.is_dir():
                yield folder
            else:
                reason = f"The music folder {shown(folder)} is not there: is its drive connected?"
                self._catalogue.add_problem(folder.absolute(), 0, 0, reason)

    def take(self, job: _Job, outcome: Analysis | _Failure) -> bool:
        """Write down what became of a file; tell whether the index was built again."""
        match outcome:
            case Analysis() if job.track is not None and (outcome.mtime_ns, outcome.size) != self._read_at[job.path]:
                return False  # it has changed since its intro was heard: the next scan hears both
            case Analysis():
                self._catalogue.add(outcome, self._card.sha256)
            case _Failure(blames_file=False) if job.track is not None:  # known by its intro: better than not at all
                self._catalogue.finish_without(job.track, FACTS_VERSION, self._card.sha256)
            case failure:
                status = self._read_at[job.path]
                self._catalogue.add_problem(job.path, *status, failure.reason, self._card.sha256)
        if self._serving != self._card:
            return False
        self._unindexed += 1
        share = self._catalogue.size(self._card.sha256) * _REBUILD_SHARE
        if self._unindexed < min(_REBUILD_MOST, max(_REBUILD_FIRST, share)):
            return False
        self._rebuild()
        return True

    def finish(self) -> bool:
        """Index what is not indexed yet; tell whether there was any."""
        if not self._unindexed:
            return False
        self._rebuild()
        return True

    def settle(self) -> bool:
        """Let the model serve, which has heard all there is by now, and drop what serves no more; tell if it swapped.

        Raises:
            ScanError: it is deaf to too many songs, so the former one stays.

        """
        swaps = self._serving != self._card
        if swaps:
            self._refuse_deaf()
            if not self._catalogue.size(self._card.sha256):  # the drives with the songs are away: wait for them
                return False
            self._serving = self._card
            self._rebuild()
        kept = {self._card.sha256, read_card(self._models.shipped).sha256}
        self._catalogue.forget_other_models(kept)
        self._models.forget_others({self._card.sha256})
        return swaps

    def _refuse_deaf(self) -> None:
        known = self._read_at.keys() & self._catalogue.paths(self._serving.sha256).values()
        missed = known - set(self._catalogue.paths(self._card.sha256).values())
        if len(missed) > _DEAF_SHARE * len(known):
            raise ScanError(
                f"The new model cannot hear {len(missed)} of {len(known)} songs, so the former one goes on serving. "
                "The list of files that cannot be used tells why; choose another model: livedj model use."
            )

    def _lists(self, tracks: Set[TrackId]) -> bool:
        """Tell whether the index lists just these tracks."""
        try:
            index = IntroIndex.open(self._index, self._serving.sha256, self._serving.dimensions)
        except NeighbourIndexError:
            return False
        return tracks == set(index.ids)

    def _rebuild(self) -> None:
        """Index all tracks but those whose files are gone, which keep their vectors for when they are back."""
        ids, vectors = self._catalogue.intro_vectors(self._serving.sha256)
        there = ~np.isin(ids, list(self._gone))
        vectors = vectors.reshape(-1, self._serving.dimensions)
        IntroIndex.build(self._index, ids[there], vectors[there], self._serving.sha256)
        self._unindexed = 0


def _files(folders: Iterable[Path]) -> Iterator[tuple[Path, tuple[int, int]]]:
    """Yield every sound file below the folders with its (mtime_ns, size)."""
    for path in walk(folders):
        with contextlib.suppress(OSError):  # gone since the folder was read
            status = path.stat()
            yield path, (status.st_mtime_ns, status.st_size)
