"""The one who writes: keeps what the workers of a scan found, and the index in step with it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

import numpy as np

from livedj.ear.encoder import ModelCard, read_card
from livedj.errors import NeighbourIndexError, Remedy, ScanError
from livedj.library.analysis import FACTS_VERSION, Analysis, Windows
from livedj.library.catalogue import Catalogue
from livedj.library.files import is_below, is_folder, is_there, shown, walk
from livedj.library.identity import Identity
from livedj.library.index import IntroIndex, indexed_model
from livedj.library.linking import link_versions
from livedj.library.models import Models
from livedj.library.progress import Progress
from livedj.music import TrackId

_REBUILD_FIRST, _REBUILD_SHARE = 10, 0.1
# The index is built again whenever the library has grown by a tenth, and by ten tracks. Meanwhile `Songs` finds what is
# new by an exact search.
_DEAF_SHARE = 0.1
"""A new model that cannot hear more than this share of the songs that the serving one knows does not take over."""


class Task(Enum):
    """What is to be found of a file."""

    IDENTITY = auto()
    INTRO = auto()
    WHOLE = auto()


@dataclass(frozen=True, slots=True)
class Job:
    """A file to read."""

    path: Path
    task: Task = Task.INTRO
    track: TrackId | None = None
    """Whose intro is known, and whose whole is to be heard."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why nothing was found."""

    reason: str
    remedy: Remedy
    blames_file: bool
    """Whether the file cannot be used; else what reads it has crashed or hung, and a player may fare better."""


class Writer:
    """Keeps what was found; used from the thread that opened the catalogue."""

    def __init__(self, catalogue: Catalogue, index: Path, card: ModelCard, models: Models) -> None:
        self._catalogue = catalogue
        self._index = index
        self._card = card
        self._models = models
        self._serving = self._find_serving()
        self._read_at: dict[Path, tuple[int, int]] = {}
        self._gone: set[TrackId] = set()
        """Tracks that cannot be played, or are in no music folder any more."""
        self._lost: set[TrackId] = set()
        """Those of them whose files are not where they were: they may have moved."""
        self._owners: Mapping[bytes, Sequence[tuple[TrackId, Path]]] = {}
        """The tracks and their files by what they hold: see `Identity.content`."""
        self._taken: Set[Path] = frozenset()
        self._unindexed = 0
        self._rebuild_after = _REBUILD_FIRST

    def _find_serving(self) -> ModelCard:
        """Return the card of the model that has the index: another one only while it can serve and knows songs."""
        indexed = indexed_model(self._index)
        if indexed in (None, self._card.sha256) or not self._catalogue.size(indexed):
            return self._card
        model = self._models.find(indexed)
        return self._card if model is None else read_card(model)

    def survey(self, files: dict[Path, tuple[int, int]], folders: Sequence[Path]) -> tuple[Progress, list[Job]]:
        """Bring what a glance can tell up to date; return how far the scan is by that, and what is to be read.

        `files`: all that are there, with the (mtime_ns, size) of each; `folders`: all music folders, also those that
        are not there.
        """
        self._read_at = files
        known = self._catalogue.known(self._card.sha256)
        waiting = [path for path, status in self._read_at.items() if known.get(path) != status]
        unusable = {problem.path for problem in self._catalogue.problems()} & self._read_at.keys()
        listed = self._catalogue.paths(self._serving.sha256)
        paths = listed | self._catalogue.paths(self._card.sha256)
        away = {track: path for track, path in paths.items() if path not in self._read_at}
        self._lost = {track for track, path in away.items() if not is_there(path)}
        self._gone = self._lost | {track for track, path in away.items() if not is_below(path, folders)}
        indexed = not self._lists(listed.keys() - self._gone)
        if indexed:
            self._rebuild()
        total = len(self._read_at)
        heard = self._catalogue.heard_by_others(self._card.sha256)
        anew = any(heard.get(path) == self._read_at[path] for path in waiting)
        skipped = len(unusable.difference(waiting))
        return Progress(total - len(waiting), total, skipped, indexed=indexed, anew=anew), [*map(Job, waiting)]

    def unfinished(self) -> list[Job]:
        """Return what is to be read to its end: unchanged files of which not all is known."""
        known = self._catalogue.known(self._card.sha256)
        unfinished = self._catalogue.unfinished(FACTS_VERSION, self._card.sha256)
        unchanged = (path for path, status in self._read_at.items() if known.get(path) == status)
        return [Job(path, Task.WHOLE, unfinished[path]) for path in unchanged if path in unfinished]

    def perhaps_known(self, waiting: Iterable[Job]) -> list[Job]:
        """Return which of the new and changed files may hold sound that is known, and are to be identified first.

        A changed file may only have been tagged anew; a new one may be one of those that are gone, from elsewhere.
        """
        self._owners = self._catalogue.contents(self._card.sha256)
        self._taken = self._catalogue.known().keys()
        owned = {path: track for owners in self._owners.values() for track, path in owners}
        moved = not self._lost.isdisjoint(owned.values())
        return [Job(job.path, Task.IDENTITY) for job in waiting if moved or job.path in owned]

    def recognise(self, outcome: Identity | Failure) -> bool:
        """Take a file that was identified for the track whose sound it holds, if it is one; tell whether it is."""
        if isinstance(outcome, Failure) or (outcome.mtime_ns, outcome.size) != self._read_at[outcome.path]:
            return False
        owners = self._owners.get(outcome.content, [])
        # Of several copies that are gone, the one that had this name:
        owners = sorted(owners, key=lambda owner: owner[1].name != outcome.path.name)
        if outcome.path in self._taken:
            tracks = [track for track, path in owners if path == outcome.path]  # tagged anew
        else:
            tracks = [track for track, _ in owners if track in self._lost]  # moved
        if not tracks:
            return False
        self._catalogue.recognise(tracks[0], outcome)
        self._unindexed += tracks[0] in self._gone
        self._gone.discard(tracks[0])
        self._lost.discard(tracks[0])
        return True

    def windows(self, track: TrackId) -> Windows:
        """Return the windows of a track that the model has heard."""
        return self._catalogue.windows([track], self._card.sha256)[track].astype(np.float16)

    def drop_solved_problems(self, folders: Sequence[Path]) -> None:
        """Take off the list of problems what is not there any more, and what another model could not hear."""
        self._catalogue.remove_problems_of_others(self._card.sha256)
        for problem in self._catalogue.problems():
            if not (is_below(problem.path, folders) and is_there(problem.path)):
                self._catalogue.remove_problem(problem.path)

    def reachable(self, folders: Iterable[Path]) -> Iterator[Path]:
        """Yield the folders that are there; the others become problems."""
        for folder in folders:
            if is_folder(folder):
                yield folder
            else:
                reason = f"The music folder {shown(folder)} is not there."
                self._catalogue.add_problem(folder.absolute(), 0, 0, reason, remedy=Remedy.CONNECT)

    def take(self, job: Job, outcome: Analysis | Failure) -> bool:
        """Write down what became of a file; tell whether the index was built again."""
        match outcome:
            case Analysis() if job.track is not None and (outcome.mtime_ns, outcome.size) != self._read_at[job.path]:
                return False  # it has changed since its intro was heard: the next scan hears both
            case Analysis():
                self._catalogue.add(outcome, self._card.sha256)
            case Failure() if _status(job.path) != self._read_at[job.path]:
                return False  # its drive is gone, or it has changed: the next scan finds it as it is then
            case Failure(blames_file=False) if job.track is not None:  # known by its intro: better than not at all
                self._catalogue.finish_without(job.track, FACTS_VERSION, self._card.sha256)
            case failure:
                status = self._read_at[job.path]
                self._catalogue.add_problem(
                    job.path, *status, failure.reason, self._card.sha256, failure.remedy
                )
        if self._serving != self._card:
            return False
        if job.task is Task.INTRO:
            self._unindexed += 1
        elif isinstance(outcome, Failure) and outcome.blames_file:  # it is indexed, and not to be proposed any more
            self._gone.add(job.track or TrackId(0))
            self._unindexed += 1
        if self._unindexed < self._rebuild_after:
            return False
        self._rebuild()
        return True

    def finish(self) -> bool:
        """Index what is not indexed yet; tell whether there was any."""
        if not self._unindexed:
            return False
        self._rebuild()
        return True

    def link_versions(self, stopping: Callable[[], bool]) -> None:
        """Find out which of the tracks are versions of one song."""
        link_versions(self._catalogue, self._card.sha256, stopping)

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
        """Tell whether the index lists just these tracks, and has seen all vectors."""
        try:
            index = IntroIndex.open(self._index, self._serving.sha256, self._serving.dimensions)
        except NeighbourIndexError:
            return False
        return tracks == set(index.ids) and index.seen >= self._catalogue.last_vector(self._serving.sha256)

    def _rebuild(self) -> None:
        """Index all tracks but those whose files are gone, which keep their vectors for when they are back."""
        seen, ids, vectors = self._catalogue.vectors_since(0, self._serving.sha256)
        self._rebuild_after = max(_REBUILD_FIRST, round(len(ids) * _REBUILD_SHARE))
        there = ~np.isin(ids, list(self._gone))
        vectors = vectors.reshape(-1, self._serving.dimensions)
        IntroIndex.build(self._index, ids[there], vectors[there], self._serving.sha256, seen=seen)
        self._unindexed = 0


def files_in(folders: Iterable[Path]) -> Iterator[tuple[Path, tuple[int, int]]]:
    """Yield every sound file below the folders with its (mtime_ns, size)."""
    for path in walk(folders):
        if (status := _status(path)) is not None:  # else it is gone since the folder was read
            yield path, status


def _status(path: Path) -> tuple[int, int] | None:
    """Return the (mtime_ns, size) of a file; None where it cannot be reached."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
