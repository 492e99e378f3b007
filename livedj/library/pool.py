"""The workers of a scan: the port, processes on this machine behind it, and what became of a file in one of them.

The only file that imports pebble.
"""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from multiprocessing import resource_tracker
from pathlib import Path
from typing import Protocol

from pebble import ProcessExpired as ProcessExpired
from pebble import ProcessPool

from livedj.errors import DecodeError, Remedy
from livedj.library.files import shown
from livedj.library.worker import Found, prepare, run
from livedj.music import Seconds


class Pool(Protocol):
    """Workers that read files, each with the model."""

    @property
    def workers(self) -> int:
        """Return how many files they read at a time."""

    def schedule(self, work: Callable[..., Found], path: Path, *known: object) -> Future[Found]:
        """Let a worker call `work` with its model, `path` and what is known.

        The future raises what `work` raises, TimeoutError for a file that takes too long, ProcessExpired where its
        worker has ended, and BrokenProcessPool where the pool has.

        Raises:
            BrokenProcessPool: it takes no files any more.

        """


MakePool = Callable[[Path, Seconds, int], AbstractContextManager[Pool]]
"""(model, time limit of a file, how many files wait) -> a pool, which ends at the end of the context."""


def outcome(path: Path, future: Future[Found], time_limit: Seconds) -> Found:
    """Return what a worker has found in a file; waits for it.

    Raises:
        DecodeError: the file cannot be used, as the worker itself says (the very error is the future's), or because it
            took longer than `time_limit` or ended its worker.

    """
    try:
        return future.result()
    except TimeoutError as error:
        sentence = f"{shown(path)} was given up: reading it took longer than {time_limit:.0f} seconds."
        raise DecodeError(sentence, Remedy.CONVERT) from error
    except ProcessExpired as error:
        sentence = f"{shown(path)} makes the decoder crash (exit code {error.exitcode})."
        raise DecodeError(sentence, Remedy.CONVERT) from error


@dataclass(frozen=True, slots=True)
class _LocalPool:
    _pool: ProcessPool
    _model: Path
    _time_limit: Seconds
    workers: int

    def schedule(self, work: Callable[..., Found], path: Path, *known: object) -> Future[Found]:
        try:
            return self._pool.schedule(run, args=(work, self._model, path, *known), timeout=self._time_limit)
        except RuntimeError as error:  # Pebble's word for a pool that has broken meanwhile
            raise BrokenProcessPool(str(error)) from error


@contextmanager
def local_pool(
    model: Path, time_limit: Seconds, files: int, *, workers: int = os.cpu_count() or 1
) -> Iterator[Pool]:
    """Yield `workers` processes on this machine, or as many as there are files.

    Raises:
        OSError, BrokenProcessPool: there is no room for a process.

    """
    workers = min(workers, files)
    # spawn: a fork would inherit the locks of every thread that runs here.
    spawn = multiprocessing.get_context("spawn")
    pool = ProcessPool(max_workers=workers, initializer=prepare, context=spawn)
    try:
        _start(pool)
        yield _LocalPool(pool, model, time_limit, workers)
    finally:
        pool.stop()
        pool.join()


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
