"""Who finds songs for an endless queue, in a thread of its own: files that are not in the library are heard first."""

import logging
import queue
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from livedj.errors import LiveDjError
from livedj.music import Track, TrackId

if TYPE_CHECKING:
    from livedj.library.journeys import Heard

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What songs are to be like: see `journeys.songs_like`."""

    files: tuple[Path, ...]
    keep_on: int
    drunk: float
    seed: int


class Composer:
    """Goes on where it was for as long as the same is wanted; at the library's end it begins anew."""

    def __init__(self, data: Path, on_fault: Callable[[str], None]) -> None:
        """`on_fault` is told what went wrong in a sentence, in the thread."""
        self._data = data
        self._on_fault = on_fault
        self._wanted: Wanted | None = None
        self._songs: Iterator[Track] = iter(())
        self._heard: Heard = {}
        self._closed = False
        self._inbox: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        # A daemon: the program's end does not wait for a file that is being heard.
        threading.Thread(target=self._run, name="composer", daemon=True).start()

    def find(
        self,
        wanted: Wanted,
        count: int,
        barred: Collection[TrackId],
        fresh: Sequence[TrackId],
        found: Callable[[tuple[Track, ...] | None], None],
    ) -> None:
        """Tell `found` of so many songs, none of the `barred` ones; of fewer where there are no more.

        Songs that are `fresh` (oldest first) are found only where there are no others, those of longest ago. Returns at
        once; `found` is called in the thread, with None where `on_fault` was told why.
        """
        self._inbox.put(lambda: found(self._guarded(wanted, count, barred, fresh)))

    def close(self) -> None:
        """Begin nothing more; what is in hand is not waited for."""
        self._closed = True
        self._inbox.put(None)

    # In the thread ------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while (work := self._inbox.get()) is not None and not self._closed:
            work()

    def _guarded(
        self, wanted: Wanted, count: int, barred: Collection[TrackId], fresh: Sequence[TrackId]
    ) -> tuple[Track, ...] | None:
        try:
            tracks = self._find(wanted, count, {*barred, *fresh})
            if not tracks:
                played = {track.song: track for track in self._find(wanted, len(fresh), barred)}
                tracks = [played[song] for song in fresh if song in played][:count]
            return tuple(tracks)
        except LiveDjError as error:
            self._on_fault(str(error))
        except Exception as error:  # noqa: BLE001 the one handler of this thread: the music does not depend on it
            _log.exception("finding songs failed")
            self._on_fault(f"Finding songs met an unexpected fault ({type(error).__name__}).")
        return None

    def _find(self, wanted: Wanted, count: int, barred: Collection[TrackId]) -> list[Track]:
        anew = wanted != self._wanted
        if anew:
            self._songs = self._begin(wanted)
        tracks = self._take(count, barred)
        if len(tracks) < count and not anew:
            self._songs = self._begin(wanted)
            tracks += self._take(count - len(tracks), {*barred, *(track.song for track in tracks)})
        return tracks

    def _begin(self, wanted: Wanted) -> Iterator[Track]:
        from livedj.library import journeys  # with the decoder behind it, it would cost a start of the program 0.1 s

        listed = journeys.songs_like(
            self._data,
            wanted.files,
            keep_on=wanted.keep_on,
            drunk=wanted.drunk,
            seed=wanted.seed,
            heard=self._heard,
        )
        self._wanted = wanted
        return (one.track for one in listed)

    def _take(self, count: int, barred: Collection[TrackId]) -> list[Track]:
        tracks: list[Track] = []
        while len(tracks) < count and (track := next(self._songs, None)) is not None:
            if track.song not in barred:
                tracks.append(track)
        return tracks
