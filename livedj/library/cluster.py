"""The workers of a scan over several machines: those of a Dask cluster. The only file that imports distributed.

Every worker of the cluster keeps processes of its own that read the files, the very pool of a scan on one machine: a
file that crashes, hangs or eats memory costs one of these, never the worker. Dask shares the files out, and gives those
of a worker that is lost to another one. What a worker needs for a scan, the model above all, reaches it as a plugin, as
it does workers that come later or are started again.
"""

import asyncio
import multiprocessing
import os
import platform
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from distributed import Client, KilledWorker, Worker, WorkerPlugin, get_worker
from distributed.comm.addressing import get_address_host_port

from livedj import __version__
from livedj.ear.encoder import card_path
from livedj.errors import DecodeError, Remedy, ScanError
from livedj.library.analysis import FACTS_VERSION
from livedj.library.files import shown
from livedj.library.pool import Pool, ProcessExpired, local_pool
from livedj.library.worker import Found
from livedj.music import Seconds

_PATIENCE = 10.0
# Seconds to wait for the scheduler and for a first worker, and from one look at how many there are to the next.
_LIVEDJ = f"livedj {__version__} (facts of version {FACTS_VERSION})"
# All must have the same one for what they find to stand in one catalogue.
_KILLED = -9  # the exit code of a process that was killed


@contextmanager
def cluster_pool(address: str, library: Path, model: Path, time_limit: Seconds, files: int) -> Iterator[Pool]:
    """Yield the workers of the Dask scheduler at `address`, to read files for the library in the folder `library`.

    Its futures raise ScanError where a worker cannot see the music or do the work.

    Raises:
        ScanError: nobody answers, there are no workers, or they have another livedj.
        OSError: the scheduler is lost at this moment.

    """
    # One scan at a time works on a library: by this name it replaces what one that was killed has left behind.
    name = f"livedj for {library} on {platform.node()}"
    with _connect(address) as client:
        try:
            _equip(client, address, _Readers(model, time_limit, files), name)
            with _ClusterPool(client, name) as pool:
                yield pool
        finally:
            if client.status == "running":  # else the scheduler is lost
                with suppress(OSError, ValueError, KeyError):  # so is a worker; none, or not all, have the plugin
                    client.unregister_worker_plugin(name)


def _connect(address: str) -> Client:
    try:
        get_address_host_port(address)  # a client that fails at this hangs when it goes
        return Client(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError, OverflowError) as error:
        raise ScanError(
            f"No Dask scheduler answers at {address}: start one (dask scheduler), or name its address as it tells it."
        ) from error


def _equip(client: Client, address: str, readers: "_Readers", name: str) -> None:
    try:
        client.wait_for_workers(1, timeout=_PATIENCE)
        client.register_plugin(readers, name)
    except TimeoutError as error:
        raise ScanError(
            f"The Dask scheduler at {address} has no workers: start one on every machine (dask worker {address})."
        ) from error
    except (ImportError, AttributeError) as error:
        raise _unable(error) from error


def _unable(error: Exception) -> ScanError:
    return ScanError(
        f"A worker cannot read music ({error}): install livedj {__version__} with its extra cluster on every machine."
    )


class _ClusterPool:
    """The workers as a scanner sees them. All that waits does so in the client's event loop."""

    def __init__(self, client: Client, name: str) -> None:
        self._client = client
        self._name = name

    def __enter__(self) -> "_ClusterPool":
        self._client.sync(self._begin)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._watching.cancel)

    async def _begin(self) -> None:
        self._loop = asyncio.get_running_loop()
        await self._count()
        self._watching = asyncio.create_task(self._watch())

    async def _count(self) -> None:
        workers = sum((await self._client.nthreads()).values())
        if not workers:
            raise BrokenProcessPool
        self.workers = workers

    async def _watch(self) -> None:
        """Follow how many files the workers read at a time; when there are none, give up what is in hand."""
        try:
            while True:
                await asyncio.sleep(_PATIENCE)
                await self._count()
        except (BrokenProcessPool, OSError):  # the latter where the scheduler is lost
            await self._client.close()

    def schedule(self, work: Callable[..., Found], path: Path, *known: object) -> Future[Found]:
        return asyncio.run_coroutine_threadsafe(self._read(work, path, *known), self._loop)

    async def _read(self, work: Callable[..., Found], path: Path, *known: object) -> Found:
        if self._client.status != "running":
            raise BrokenProcessPool
        try:
            outcome = await self._client.submit(_read_here, self._name, work, path, *known, pure=False)
        except ScanError as error:
            if os.access(path, os.R_OK):
                raise
            raise DecodeError(f"{shown(path)} cannot be read.", Remedy.DRIVE) from error  # we do not see it either
        except KilledWorker as error:  # several workers were lost one after the other while they had this file
            raise ProcessExpired(str(error), _KILLED) from error
        except (CancelledError, asyncio.CancelledError, BrokenProcessPool, OSError) as error:
            raise BrokenProcessPool(str(error)) from error
        except Exception as error:
            raise _unable(error) from error
        if isinstance(outcome, BaseException):
            raise outcome
        found: Found = outcome
        return found


class _Readers(WorkerPlugin):
    """What a worker needs for a scan: a copy of the model, and processes that read files with it."""

    def __init__(self, model: Path, time_limit: Seconds, files: int) -> None:
        self._wanted = _LIVEDJ
        self._model = model.read_bytes()
        self._card = card_path(model).read_bytes()
        self._time_limit = time_limit
        self._files = files
        self._open = ExitStack()
        self._pool: Pool | None = None

    def setup(self, worker: Worker) -> None:
        if self._wanted != _LIVEDJ:
            raise ScanError(
                f"The worker at {worker.address} has {_LIVEDJ}, and this computer has {self._wanted}: "
                "install the same one on every machine."
            )
        # A worker with a nanny is a daemon, and may have no children; ours see by themselves that it has gone.
        multiprocessing.current_process().daemon = False
        folder = self._open.enter_context(TemporaryDirectory(prefix="livedj-", dir=worker.local_directory))
        model = Path(folder) / "model.tflite"
        model.write_bytes(self._model)
        card_path(model).write_bytes(self._card)
        pool = local_pool(model, self._time_limit, self._files, workers=worker.state.nthreads)
        self._pool = self._open.enter_context(pool)

    def teardown(self, worker: Worker) -> None:  # noqa: ARG002  it is called by this name
        self._pool = None
        self._open.close()

    def read(self, work: Callable[..., Found], path: Path, *known: object) -> Found | BaseException:
        """Return what was found of a file, or what is wrong with it.

        Raises:
            BrokenProcessPool: there are no processes to read it.

        """
        pool = self._pool
        if pool is None:
            raise BrokenProcessPool
        reading = pool.schedule(work, path, *known)
        while not wait([reading], timeout=1.0).done:
            if self._pool is not pool:  # Pebble leaves the futures of a pool that was stopped as they are
                raise BrokenProcessPool
        return reading.exception() or reading.result()


def _read_here(name: str, work: Callable[..., Found], path: Path, *known: object) -> Found | BaseException:
    """Read a file on the worker that runs this.

    Raises:
        ScanError: it does not see the file.
        BrokenProcessPool: it has nothing to read it with, such as one that came later, with another livedj.

    """
    worker = get_worker()
    readers = worker.plugins.get(name)
    if not isinstance(readers, _Readers):
        raise BrokenProcessPool
    outcome = readers.read(work, path, *known)
    if isinstance(outcome, DecodeError) and not os.access(path, os.R_OK):
        hidden = next((place for place in reversed(path.parents) if not os.access(place, os.R_OK)), path)
        raise ScanError(
            f"The worker at {worker.address} does not see {hidden}, which this computer sees: "
            "let it have the same storage at the same place, and scan again."
        )
    return outcome
