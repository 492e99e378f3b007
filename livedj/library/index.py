"""The neighbour index: intro vectors -> songs that begin alike. The only file that imports Annoy.

Annoy loads an index of a wrong dimension, or a damaged one, without a word and crashes later. So an index is one file
named after its own content and a manifest that tells its model, dimensions, count, track ids and file; the manifest is
swapped last and checked first.
"""

import contextlib
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, NamedTuple, Self

import numpy as np
from annoy import AnnoyIndex
from numpy.typing import NDArray

from livedj.errors import NeighbourIndexError
from livedj.music import TrackId, Vector, Vectors

INDEX_FOLDER = "index"
"""Where the library keeps it, beside the catalogue."""
_MANIFEST = "manifest.json"
_SUFFIX = ".annoy"
_METRIC: Final = "angular"  # the distance d of unit vectors, d² = 2 − 2 cosine
_SEED = 2022
_TOGETHER = 32  # vectors that need no order among themselves


_MANY = 200_000  # tracks, beyond which more trees are worth their space and the time to build them


class _Effort(NamedTuple):
    """Annoy's two numbers, from the curve of recall against time that `python -m tests.bench.curve` draws."""

    trees: int
    search: int
    """Nodes that a question looks at."""


def _effort(tracks: int) -> _Effort:
    return _Effort(30, 10_000) if tracks <= _MANY else _Effort(100, 14_000)


@dataclass(frozen=True, slots=True)
class _Manifest:
    """What an index is made of; the JSON file beside it."""

    model: str
    """sha256 of the model the vectors come from."""
    dimensions: int
    ids: list[TrackId]
    """Position in the Annoy file -> track."""
    file: str
    """Name of the Annoy file; empty where there is no track, since Annoy cannot load an empty index."""
    sha256: str
    """Of the Annoy file."""
    seen: int = 0
    """The catalogue's last vector when it was built: see `Catalogue.vectors_since`."""


class IntroIndex:
    """Intro vectors of the library, for reading; any number of threads may share it."""

    def __init__(self, folder: Path, manifest: _Manifest, version: int | None) -> None:
        """Load what `manifest` names; callers use `open` or `build`."""
        self._folder = folder
        self._manifest = manifest
        self._version = version
        self._trees = _load(folder / manifest.file, manifest) if manifest.ids else None

    @classmethod
    def open(cls, folder: Path, model_sha256: str, dimensions: int) -> Self:
        """Open the newest index in `folder`.

        Raises:
            NeighbourIndexError: there is none, it is damaged, or it belongs to another model.

        """
        manifest, version = _read_manifest(folder)
        if (manifest.model, manifest.dimensions) != (model_sha256, dimensions):
            raise NeighbourIndexError("The neighbour index belongs to another model: scan the music folders again.")
        try:
            return cls(folder, manifest, version)
        except NeighbourIndexError:
            if _version(folder) == version:
                raise
            return cls.open(folder, model_sha256, dimensions)  # it was swapped while we opened it

    @classmethod
    def build(
        cls,
        folder: Path,
        ids: Sequence[int] | NDArray[np.int64],
        vectors: Vectors,
        model_sha256: str,
        *,
        seen: int = 0,
    ) -> Self:
        """Build an index beside the present one, swap the manifest, remove the old file, and open the new one.

        `vectors`: unit length, shape (n, dimensions), n ≥ 0, row i belonging to ids[i]; `seen`: the last one that the
        catalogue had. The same input gives the same index.

        Raises:
            NeighbourIndexError: the folder cannot be written.

        """
        if len(ids) != len(vectors):
            raise ValueError(f"{len(ids)} ids do not name {len(vectors)} vectors")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            order = neighbourly(vectors)
            file, digest = _write_trees(folder, vectors[order]) if len(vectors) else ("", "")
            listed = [TrackId(int(ids[row])) for row in order]
            manifest = _Manifest(model_sha256, vectors.shape[1], listed, file, digest, seen)
            _write_atomically(folder / _MANIFEST, json.dumps(asdict(manifest)))
            _remove_others(folder, file)
        except OSError as error:
            raise NeighbourIndexError(
                f"The neighbour index cannot be written to {folder} ({error.strerror}): is there space and permission?"
            ) from error
        return cls(folder, manifest, _version(folder))

    @property
    def size(self) -> int:
        """Count of tracks."""
        return len(self._manifest.ids)

    @property
    def seen(self) -> int:
        """The catalogue's last vector when it was built."""
        return self._manifest.seen

    @property
    def ids(self) -> Sequence[TrackId]:
        """The tracks it lists, in no order that means anything."""
        return self._manifest.ids

    def superseded(self) -> bool:
        """Tell whether its folder holds a newer index by now (costs a stat)."""
        return _version(self._folder) not in (self._version, None)

    def neighbours(self, vector: Vector, count: int) -> list[tuple[TrackId, float]]:
        """Return the `count` tracks nearest to `vector` (unit length) with their cosines, best first."""
        if vector.shape != (self._manifest.dimensions,):  # Annoy would read beyond its end
            raise ValueError(f"a vector of this index has {self._manifest.dimensions} dimensions, not {vector.shape}")
        if self._trees is None:
            return []
        nodes = _effort(self.size).search
        items, distances = self._trees.get_nns_by_vector(vector, count, nodes, include_distances=True)
        return [
            (self._manifest.ids[item], 1 - distance**2 / 2) for item, distance in zip(items, distances, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class Listing:
    """What an index lists, without its vectors."""

    folder: Path
    version: int | None
    ids: NDArray[np.int64]
    seen: int
    """See `IntroIndex.seen`."""

    def is_newest(self) -> bool:
        """Tell whether no other index has been built since (costs a stat)."""
        return _version(self.folder) == self.version


def listing(folder: Path) -> Listing | None:
    """Return what the newest index in `folder` lists; None where there is no whole manifest."""
    try:
        manifest, version = _read_manifest(folder)
    except NeighbourIndexError:
        return None
    return Listing(folder, version, np.array(manifest.ids, np.int64), manifest.seen)


def indexed_model(folder: Path) -> str | None:
    """Return the sha256 of the model that the index in `folder` belongs to; None where there is no whole manifest."""
    try:
        return _read_manifest(folder)[0].model
    except NeighbourIndexError:
        return None


def _version(folder: Path) -> int | None:
    """Return a number that changes with every swap of the manifest; None where there is none."""
    try:
        return (folder / _MANIFEST).stat().st_mtime_ns
    except OSError:
        return None


def _read_manifest(folder: Path) -> tuple[_Manifest, int | None]:
    version = _version(folder)
    try:
        manifest = _Manifest(**json.loads((folder / _MANIFEST).read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise NeighbourIndexError("There is no neighbour index yet: scan a music folder.") from error
    except (OSError, ValueError, TypeError) as error:
        raise NeighbourIndexError(f"The neighbour index is damaged ({error}): scan the music folders again.") from error
    return manifest, version


def _load(path: Path, manifest: _Manifest) -> AnnoyIndex:
    try:
        whole = _sha256(path) == manifest.sha256
        trees = AnnoyIndex(manifest.dimensions, _METRIC)
        # Brought into memory now (it is read for its digest anyway), or the first questions would wait for it.
        whole = whole and trees.load(str(path), True) and trees.get_n_items() == len(manifest.ids)
    except OSError as error:
        raise NeighbourIndexError(
            f"The neighbour index cannot be read ({error.strerror}): scan the music folders again."
        ) from error
    if not whole:
        raise NeighbourIndexError("The neighbour index is damaged: scan the music folders again.")
    return trees


def neighbourly(vectors: Vectors) -> NDArray[np.int64]:
    """Return the rows in an order in which vectors that are alike stand near each other.

    A question then reads fewer places of the file. They are halved again and again across the line through two of them,
    as Annoy does itself; the same vectors give the same order.
    """
    random = np.random.default_rng(_SEED)
    waiting, done = [np.arange(len(vectors))], list[NDArray[np.int64]]()
    while waiting:
        rows = waiting.pop()
        if len(rows) <= _TOGETHER:
            done.append(rows)
            continue
        one, other = random.choice(len(rows), 2, replace=False)
        across = vectors[rows] @ (vectors[rows[one]] - vectors[rows[other]])
        halves = np.argpartition(across, len(rows) // 2)
        waiting += [rows[halves[: len(rows) // 2]], rows[halves[len(rows) // 2 :]]]
    return np.concatenate(done) if done else np.zeros(0, np.int64)


def _write_trees(folder: Path, vectors: Vectors) -> tuple[str, str]:
    """Write the Annoy file for `vectors`; return its name and sha256."""
    trees = AnnoyIndex(vectors.shape[1], _METRIC)
    trees.set_seed(_SEED)
    for item, vector in enumerate(vectors):
        trees.add_item(item, vector)
    trees.build(_effort(len(vectors)).trees, n_jobs=1)  # more jobs would make the outcome depend on their timing
    draft = folder / f"draft{_SUFFIX}"
    trees.save(str(draft))
    trees.unload()
    digest = _sha256(draft)
    name = f"intros-{digest[:16]}{_SUFFIX}"
    draft.replace(folder / name)
    return name, digest


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_atomically(path: Path, text: str) -> None:
    draft = path.with_suffix(".draft")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def _remove_others(folder: Path, keep: str) -> None:
    for file in folder.glob(f"*{_SUFFIX}"):
        if file.name != keep:
            with contextlib.suppress(PermissionError):  # Windows: a reader still maps it; the next build removes it
                file.unlink()
