"""Files that somebody names, as tracks: those that the library does not know are heard, and not kept."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from pathlib import Path

from livedj import bundled
from livedj.errors import DecodeError, Remedy
from livedj.library.catalogue import FILE_NAME, Catalogue, Problem
from livedj.library.files import shown
from livedj.library.pool import local_pool, outcome
from livedj.library.scanner import TIME_LIMIT
from livedj.library.worker import hear_track
from livedj.music import Track


def tracks_of(data: Path, files: Sequence[Path]) -> Iterator[Track | Problem]:
    """Yield each file as a track, in their order, or what is wrong with it; the library is the one in `data`.

    Files that are not in it, or have changed since they were read, are heard in processes of their own: nobody has
    vetted them.

    Raises:
        CatalogueError: the library cannot be read.
        OSError, BrokenProcessPool: there is no room for a process.

    """
    with Catalogue(data / FILE_NAME) as catalogue:
        known = {file: _known(catalogue, file) for file in dict.fromkeys(files)}
    unknown = [file for file, track in known.items() if track is None]
    with ExitStack() as stack:
        heard: dict[Path, Future[Track]] = {}
        if unknown:
            pool = stack.enter_context(local_pool(bundled.MODEL, TIME_LIMIT, len(unknown)))
            heard = {file: pool.schedule(hear_track, file.absolute()) for file in unknown}
        for file in files:
            yield known[file] or _heard(file, heard[file])


def _known(catalogue: Catalogue, file: Path) -> Track | Problem | None:
    try:
        status = file.stat()
    except OSError as error:
        return Problem(file, f"{shown(file)} cannot be read: {error.strerror}.", Remedy.DRIVE)
    places = dict.fromkeys((file.absolute(), file.resolve()))
    tracks = (catalogue.track_in(place, status.st_mtime_ns, status.st_size) for place in places)
    return next(filter(None, tracks), None)


def _heard(file: Path, future: Future[Track]) -> Track | Problem:
    try:
        return outcome(file, future, TIME_LIMIT)
    except DecodeError as error:
        return Problem(file, str(error), error.remedy)
