"""Many files: worker processes read them, one writer keeps what they found.

A file that crashes its worker, hangs it or eats its memory costs that worker and becomes a problem in the catalogue;
the scan goes on. Every file is committed as it arrives, so that an interruption loses at most the files in hand.

A scan for another model than the one that serves leaves the index to the latter until all files are done; then the
index is built for the new model, and this swap makes it the one that serves.

Files that were only moved or tagged anew are recognised by their sound, as it is encoded, and are not heard again. All
others are heard in two passes. The first reads the intros, after which every song can be proposed; the second reads the
whole files, and again those of which an older livedj has found less.
"""

import contextlib
import functools
import itertools
import os
import queue
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from pathlib import Path

from livedj import bundled
from livedj.ear.encoder import read_card
from livedj.errors import DecodeError, ScanError
from livedj.library.analysis import Analysis
from livedj.library.catalogue import FILE_NAME, Catalogue
from livedj.library.files import shown
from livedj.library.identity import Identity
from livedj.library.index import INDEX_FOLDER
from livedj.library.lock import alone
from livedj.library.models import Models
from livedj.library.pool import MakePool, Pool, ProcessExpired, local_pool, outcome
from livedj.library.progress import Progress as Progress
from livedj.library.worker import HearIntro, HearWhole, find_identity, hear_intro, hear_whole
from livedj.library.writer import Failure, Job, Task, Writer, files_in
from livedj.music import Seconds

TIME_LIMIT = Seconds(240.0)
"""A file that takes longer is given up. The first file of the first worker ever takes longest: what librosa needs is
compiled then, 16 s of a whole processor's time, and workers get what the music leaves them."""

_IN_HAND = 2  # files per worker: the next one waits in the pipe while one is read
_KILLED = {sign * number for number in (signal.SIGTERM, 9, 1) for sign in (1, -1)}
# Exit codes of a worker that somebody ended, or a system that shuts down or lacks memory: no fault of the file's.
_MOST_BREAKS = 3
"""A pool of workers that breaks so often in a row will not heal."""
_Future = Future[Analysis | Identity]
_GO_ON = _Future()


class Scanner:
    """Brings the catalogue and the index in `data` up to what the music folders hold."""

    def __init__(
        self,
        data: Path,
        model: Path,
        workers: int = 0,
        progress: Callable[[Progress], None] = lambda _: None,
        *,
        shipped: Path = bundled.MODEL,
        intro: HearIntro = hear_intro,
        whole: HearWhole = hear_whole,
        time_limit: Seconds = TIME_LIMIT,
        pool: MakePool | None = None,
    ) -> None:
        """Prepare a scan with `model`; `progress` is called in the thread that scans.

        `intro` and `whole` are called in the workers: `workers` processes of this machine, or one a core where that is
        0, where no `pool` is given.
        Vectors of `shipped` are kept in any case, so that going back to it is quick.
        """
        self._data = data
        self._model = model
        self._models = Models(data, shipped)
        self._pool = pool or functools.partial(local_pool, workers=workers or os.cpu_count() or 1)
        self._progress = progress
        self._intro = intro
        self._whole = whole
        self._time_limit = time_limit
        self._stopping = threading.Event()
        self._free = threading.Event()
        """The workers may be given files."""
        self._free.set()
        self._finished: queue.SimpleQueue[_Future | None] = queue.SimpleQueue()

    def stop(self) -> None:
        """End the scan, for good: the files in hand are read by the next Scanner. Any thread may call it."""
        self._stopping.set()
        self._free.set()
        self._finished.put(None)

    def give_way(self, yes: bool) -> None:
        """Give the workers no files while the music needs the machine; those in hand are read. For any thread."""
        if yes:
            self._free.clear()
        else:
            self._free.set()
            self._finished.put(_GO_ON)  # a file that takes long may be in hand, while other workers have nothing to do

    def scan(self, folders: Iterable[Path] = ()) -> Progress:
        """Remember these music folders, too, and read what is new or has changed in all; return how it ended.

        Files that have vanished stay in the catalogue: their drive may only be unplugged. Songs that are in none of
        the folders stay, too, but are proposed no more.

        Raises:
            ModelError: the model cannot be used.
            CatalogueError, NeighbourIndexError: the library cannot be written.
            ScanError: another livedj scans already, no worker process can be kept alive, or the model is new and deaf
                to many songs.

        """
        self._models.keep(self._model)
        with alone(self._data), Catalogue(self._data / FILE_NAME) as catalogue:
            for folder in folders:
                catalogue.add_folder(folder)
            every = catalogue.folders()
            writer = Writer(catalogue, self._data / INDEX_FOLDER, read_card(self._model), self._models)
            writer.drop_solved_problems(every)
            found = files_in(writer.reachable(every))
            files = dict(itertools.takewhile(lambda _: not self._stopping.is_set(), found))
            if self._stopping.is_set():
                return Progress(0, 0, 0)
            progress, waiting = writer.survey(files, every)
            self._progress(progress)
            progress, waiting = self._recognise(writer, progress, waiting)
            progress = self._hear_intros(writer, progress, waiting)
            if progress.done == progress.total and not self._stopping.is_set():
                progress = self._hear_whole_songs(writer, progress)
            if not self._stopping.is_set():
                writer.link_versions(self._stopping.is_set)
        progress = replace(progress, file="")
        self._progress(progress)
        return progress

    def _recognise(self, writer: Writer, progress: Progress, waiting: list[Job]) -> tuple[Progress, list[Job]]:
        """Find what was only moved or tagged anew; return how far the scan is then, and what is to be heard."""
        known: set[Path] = set()
        with contextlib.closing(self._outcomes(writer.perhaps_known(waiting), writer)) as outcomes:
            for job, outcome in outcomes:
                if not isinstance(outcome, Analysis) and writer.recognise(outcome):
                    known.add(job.path)
                    progress = replace(progress, done=progress.done + 1, file=shown(job.path))
                    self._progress(progress)
        return progress, [job for job in waiting if job.path not in known]

    def _hear_intros(self, writer: Writer, progress: Progress, waiting: list[Job]) -> Progress:
        """Read the intros of new and changed songs; return how far the scan is then."""
        try:
            with contextlib.closing(self._outcomes(waiting, writer)) as outcomes:
                for job, outcome in outcomes:
                    assert not isinstance(outcome, Identity)
                    indexed = writer.take(job, outcome)
                    skipped = progress.skipped + isinstance(outcome, Failure)
                    progress = replace(
                        progress, done=progress.done + 1, skipped=skipped, file=shown(job.path), indexed=indexed
                    )
                    self._progress(progress)
        finally:
            indexed = writer.finish()
        if not self._stopping.is_set():
            indexed = writer.settle() or indexed
        return replace(progress, indexed=indexed)

    def _hear_whole_songs(self, writer: Writer, intros: Progress) -> Progress:
        """Read to their end the songs of which the intro is known; return how far the scan is then."""
        waiting = writer.unfinished()
        if not waiting:
            return intros
        self._progress(replace(intros, file=""))  # every song can be proposed from here on
        total = intros.total - intros.skipped
        progress = replace(intros, done=total - len(waiting), total=total, whole=True)
        try:
            with contextlib.closing(self._outcomes(waiting, writer)) as outcomes:
                for job, outcome in outcomes:
                    assert not isinstance(outcome, Identity)
                    indexed = writer.take(job, outcome)
                    useless = isinstance(outcome, Failure) and outcome.blames_file
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

    def _outcomes(self, jobs: Iterable[Job], writer: Writer) -> Generator[tuple[Job, Analysis | Identity | Failure]]:
        """Yield each job with what was found, or with the reason why nothing was, as the workers finish them.

        One whose worker was killed from outside, or was late (the computer may have slept), has a second chance.
        """
        waiting = deque(jobs)
        retried: set[Job] = set()
        breaks = 0
        while waiting and not self._stopping.is_set():
            if breaks == _MOST_BREAKS:
                raise ScanError("The processes that read the music files end at once: is there enough memory?")
            breaks += 1
            with contextlib.closing(self._finished_by_one_pool(waiting, writer)) as finished:
                for job, future in finished:
                    breaks = 0
                    if job not in retried and _may_fare_better(future):
                        retried.add(job)
                        waiting.append(job)
                    else:
                        yield job, self._outcome(job.path, future)

    def _finished_by_one_pool(self, waiting: deque[Job], writer: Writer) -> Generator[tuple[Job, _Future]]:
        """Let one pool of workers empty `waiting`; if the pool breaks or is stopped, what was in hand is put back."""
        in_hand: dict[_Future, Job] = {}
        try:
            with self._pool(self._model, self._time_limit, len(waiting)) as pool:
                while waiting or in_hand:
                    self._hand_out(pool, waiting, in_hand, writer)
                    # The pool keeps the time limit; that nothing at all ends for so long means that it lost a file.
                    future = self._finished.get(timeout=(_IN_HAND + 1) * self._time_limit)
                    if future is None:
                        return
                    if future not in in_hand:  # a former pool's last word, or that there may be more to do
                        continue
                    if isinstance(future.exception(), BrokenProcessPool):
                        return
                    yield in_hand.pop(future), future
        except (queue.Empty, OSError, BrokenProcessPool):  # an OSError where there is no room for a process
            return
        finally:
            waiting.extendleft(in_hand.values())

    def _hand_out(self, pool: Pool, waiting: deque[Job], in_hand: dict[_Future, Job], writer: Writer) -> None:
        """Give the workers enough to do, now or as soon as they may work."""
        while waiting and len(in_hand) < _IN_HAND * pool.workers:
            if not self._free.is_set():
                if in_hand:
                    return
                self._free.wait()
            future = self._schedule(pool, waiting[0], writer)
            in_hand[future] = waiting.popleft()
            future.add_done_callback(self._finished.put)

    def _schedule(self, pool: Pool, job: Job, writer: Writer) -> _Future:
        if job.task is Task.IDENTITY:
            return pool.schedule(find_identity, job.path)
        if job.track is None:
            return pool.schedule(self._intro, job.path)
        return pool.schedule(self._whole, job.path, writer.windows(job.track))

    def _outcome(self, path: Path, future: _Future) -> Analysis | Identity | Failure:
        try:
            return outcome(path, future, self._time_limit)
        except DecodeError as error:
            # What a worker has found wrong is the file's fault; what became of the worker may not be.
            return Failure(str(error), error.remedy, blames_file=error is future.exception())


def _may_fare_better(future: _Future) -> bool:
    match future.exception():
        case ProcessExpired() as error:
            return error.exitcode in _KILLED
        case error:
            return isinstance(error, TimeoutError)
