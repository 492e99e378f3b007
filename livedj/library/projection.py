"""The library as a map: track vectors -> positions in a plane. The only file that imports umap.

What is computed is one file beside the catalogue, replaced as a whole; whatever is wrong with it, it is computed again.
Songs that come later are put beside those that sound like them, and move no other.
"""

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livedj.ear.encoder import read_card
from livedj.errors import LiveDjError, MapError
from livedj.library.catalogue import FILE_NAME as CATALOGUE
from livedj.library.child import become_background
from livedj.library.database import Database
from livedj.library.models import Models
from livedj.library.rows import stacked
from livedj.music import Vectors

FILE_NAME = "projection.npz"
"""The map in the data folder."""
_VERSION = 2
GROWTH = 0.1
"""It is computed again when more by this share is known of the library."""
_NEIGHBOURS = 15
"""Of a song, from which UMAP draws its picture; a library without so many is drawn flat."""
_NEAREST = 5  # songs beside which a new one is put
_AT_ONCE = 256  # new songs that are compared with all others
_AGAIN = {"learning_rate": 0.25, "n_epochs": 100}
"""How a map that has been drawn before is drawn again: by small steps, so that a person finds their way on it."""
_SEED = 2022
_NARROW = 1e-3
"""A map that extends less either way is a line or a place: UMAP, which divides by its extents, finds no way out."""
_NOISE = 1e-2  # what makes such a map a broad one
_ROUNDING = 1e-6  # unit vectors that differ less are the same
_NICENESS = 19  # the lowest there is
_LOOK_EVERY = 0.1  # seconds

_HEARD = (
    "SELECT track, added, whole, heard_whole FROM vectors JOIN tracks ON tracks.id = track WHERE model = ?"
    " ORDER BY track"
)

Positions = NDArray[np.float32]
"""Places on the map, shape (n, 2): both in 0…1, to one scale, the wider extent from 0 to 1."""


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """The tracks of which a library knows what they sound like to one model, n of them, row by row."""

    ids: NDArray[np.int64]
    """Shape (n,), ascending."""
    added: NDArray[np.int64]
    """When they came into the library, as it is written there; shape (n,)."""
    vectors: Vectors
    """Their track vectors, of unit length, shape (n, dimensions); (0, 0) where n is 0."""
    known: int
    """How many they are, and how many of them were heard to their end, in one sum."""


def heard_by(data: Path, model: str) -> Heard:
    """Return what the library in the data folder knows by this model.

    Raises:
        CatalogueError: it cannot be read.

    """
    with contextlib.closing(Database(data / CATALOGUE)) as database:
        rows = database.rows(_HEARD, (model,))
    ids, added = (np.array([row[column] for row in rows], np.int64) for column in (0, 1))
    return Heard(ids, added, stacked(row[2] for row in rows), len(rows) + sum(row[3] for row in rows))


@dataclass(frozen=True, slots=True, eq=False)
class Projection:
    """Where the songs of a library lie."""

    model: str
    """sha256 of the model whose track vectors they are."""
    ids: NDArray[np.int64]
    """Of the tracks, shape (n,), ascending."""
    added: NDArray[np.int64]
    """When they came into the library, shape (n,): in another catalogue another track has the same id."""
    positions: Positions
    """Shape (n, 2)."""
    known: int
    """What it was computed from, as `Heard.known`, less its share of tracks that are gone."""

    def rows_of(self, ids: NDArray[np.int64], added: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the row of each of these tracks, in any order, shape (n,); -1 for one that is not on the map."""
        rows = np.searchsorted(self.ids, ids)
        there = (np.append(self.ids, -1)[rows] == ids) & (np.append(self.added, -1)[rows] == added)
        return np.where(there, rows, -1)

    def serves(self, model: str, known: int) -> bool:
        """Tell whether the map still is one of a library of which so much is `known`, as this `model` hears it."""
        return self.model == model and known - self.known < GROWTH * self.known


def read_projection(data: Path) -> Projection | None:
    """Return the map in the data folder; None where there is none, or a damaged one."""
    try:
        with (data / FILE_NAME).open("rb") as file, np.load(file) as kept:
            if int(kept["version"]) != _VERSION:
                return None
            found = Projection(str(kept["model"]), kept["ids"], kept["added"], kept["positions"], int(kept["known"]))
            whole = found.positions.shape == (len(found.ids), 2) and found.added.shape == found.ids.shape
            return found if whole and bool(np.isfinite(found.positions).all()) else None
    except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
        return None


def write_projection(data: Path, projection: Projection) -> None:
    """Write the map whole or not at all.

    Raises:
        MapError: the file cannot be written.

    """
    draft = data / f"{FILE_NAME}.{os.getpid()}"
    try:
        with draft.open("wb") as file:
            np.savez(
                file,
                version=np.array(_VERSION),
                model=np.array(projection.model),
                ids=projection.ids,
                added=projection.added,
                positions=projection.positions,
                known=np.array(projection.known),
            )
        draft.replace(data / FILE_NAME)
    except OSError as error:
        with contextlib.suppress(OSError):  # where nothing can be written, nothing can be removed
            draft.unlink()
        sentence = f"The map cannot be kept in {data} ({error.strerror}): is there space and permission?"
        raise MapError(sentence) from error


def placed(former: Projection, heard: Heard) -> Projection:
    """Return a map with all these tracks on it: the known ones where they were, the others amid those that sound so.

    Where none is known, all lie in the middle.
    """
    positions = np.full((len(heard.ids), 2), 0.5, np.float32)
    rows = former.rows_of(heard.ids, heard.added)
    known = rows >= 0
    left = former.known * int(known.sum()) // max(len(former.ids), 1)
    grown = Projection(former.model, heard.ids, heard.added, positions, left)
    if not known.any():
        return grown
    positions[known] = former.positions[rows[known]]
    there, new = heard.vectors[known], np.flatnonzero(~known)
    nearest = min(_NEAREST, len(there))
    for begin in range(0, len(new), _AT_ONCE):
        part = new[begin : begin + _AT_ONCE]
        beside = np.argpartition(-(heard.vectors[part] @ there.T), nearest - 1, axis=1)[:, :nearest]
        positions[part] = positions[known][beside].mean(axis=1)
    return grown


def project(vectors: Vectors, start: Positions | None, told: Callable[[float], None]) -> Positions:
    """Return where songs lie that sound so, finite whatever they are. The same arguments give the same map.

    Imports UMAP, which takes seconds and is meant for a process of its own.

    Args:
        vectors: of unit length, shape (n, dimensions), n ≥ 0.
        start: where they lay before, near which they stay as far as the music lets them; None where they lay nowhere.
            One of fewer places than UMAP looks at around a song, or without a breadth, is none.
        told: is called with the share that is done, 0…1, now and then.

    """
    if len(vectors) <= _NEIGHBOURS:
        return _scaled(_flat(vectors))
    if start is not None and (len(np.unique(start, axis=0)) <= _NEIGHBOURS or _is_narrow(start)):
        start = None
    begin = _broad(_scaled(_flat(vectors))) if start is None else start
    umap = _umap()
    drawn = umap.UMAP(
        n_neighbors=_NEIGHBOURS,
        metric="cosine",
        init=begin.astype(np.float64),
        random_state=_SEED,
        n_jobs=1,
        tqdm_kwds={"disable": False, "file": _Listener(told), "bar_format": "{percentage}", "mininterval": 0.5},
        **({} if start is None else _AGAIN),
    ).fit_transform(vectors)
    if not np.isfinite(drawn).all():  # a map that cannot be read would be drawn again and again
        drawn = begin
    return _scaled(drawn if start is None else _laid_over(drawn, start))


class _Listener:
    """What UMAP writes its progress to, in percent."""

    def __init__(self, told: Callable[[float], None]) -> None:
        self._told = told

    def write(self, text: str) -> None:
        with contextlib.suppress(ValueError):  # what clears the line
            self._told(float(text) / 100)

    def flush(self) -> None:
        """Do nothing: all has been told."""


def _umap() -> Any:
    """Import UMAP without what it would bring along for another purpose: TensorFlow."""
    sys.modules.setdefault("tensorflow", None)  # type: ignore[arg-type]  # Python's way to say that it is not there
    import tqdm
    import umap  # seconds

    tqdm.tqdm.set_lock(threading.RLock())  # its own is the system's, and a process that is killed would leave it behind
    return umap


def _flat(vectors: Vectors) -> NDArray[np.float64]:
    """Return the plane in which the songs differ most, by singular values."""
    if len(vectors) == 0:
        return np.zeros((0, 2))
    centred = vectors.astype(np.float64) - vectors.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    plane = axes[:, :-3:-1]
    signs = np.sign(plane[np.abs(plane).argmax(axis=0), range(plane.shape[1])])
    return np.asarray(centred @ (plane * signs))  # else which way is up would be anybody's guess


def _is_narrow(positions: Positions) -> bool:
    """Tell whether a map lies on a line or in one place."""
    return float(np.ptp(positions, axis=0).min()) < _NARROW


def _broad(positions: Positions) -> Positions:
    """Return a map that is not narrow: itself, or with a little noise, always the same."""
    if not _is_narrow(positions):
        return positions
    return positions + np.random.default_rng(_SEED).normal(0, _NOISE, positions.shape).astype(np.float32)


def _laid_over(drawn: NDArray[np.floating], before: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return a map turned, mirrored, sized and moved so that it covers the former one best (Procrustes)."""
    new, old = drawn - drawn.mean(axis=0), before - before.mean(axis=0)
    left, lengths, right = np.linalg.svd(new.T @ old)
    size = lengths.sum() / max(float(np.square(new).sum()), 1e-12)
    return np.asarray(new @ (left @ right) * size + before.mean(axis=0))


def _scaled(positions: NDArray[np.floating]) -> Positions:
    if len(positions) == 0:
        return np.zeros((0, 2), np.float32)
    low, high = positions.min(axis=0), positions.max(axis=0)
    extent = float((high - low).max())
    if extent < _ROUNDING:
        return np.full(positions.shape, 0.5, np.float32)
    return np.asarray(np.clip(0.5 + (positions - (low + high) / 2) / extent, 0, 1), np.float32)


# In a process of its own ----------------------------------------------------------------------------------------------


def draw(data: Path, shipped: Path, told: Callable[[float], None], given_up: Callable[[], bool]) -> None:
    """Have the library's map computed and kept by a process of its own, of the lowest priority.

    Returns when it is there, or once it is `given_up`; tells the share that is done, 0…1, as far as it is known.

    Raises:
        MapError, CatalogueError, ModelError: it cannot be computed or kept.

    """
    spawn = multiprocessing.get_context("spawn")  # a fork would inherit the locks of every thread that runs here
    receiver, sender = spawn.Pipe(duplex=False)
    process = spawn.Process(target=_run, args=(data, shipped, sender), daemon=True)
    process.start()
    sender.close()
    try:
        while not given_up():
            if not receiver.poll(_LOOK_EVERY):
                continue
            news: float | LiveDjError | None = receiver.recv()
            if news is None:
                return
            if isinstance(news, LiveDjError):
                raise news
            told(news)
    except EOFError as error:
        raise MapError("The map cannot be drawn: what computes it was ended. Is there enough memory?") from error
    finally:
        process.kill()
        process.join()
        receiver.close()


def _run(data: Path, shipped: Path, sender: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends Ctrl-C to every process; the parent ends this one
    become_background(_NICENESS)
    with contextlib.closing(sender):
        try:
            renew(data, shipped, sender.send)
            sender.send(None)
        except LiveDjError as error:
            sender.send(error)
        except Exception as error:  # noqa: BLE001 the one handler of this process: whatever a foreign library brings about
            sender.send(MapError(f"The map cannot be drawn ({type(error).__name__}: {error})."))


def renew(data: Path, shipped: Path, told: Callable[[float], None]) -> None:
    """Compute the library's map from where it was, and keep it. Raises as `draw` does."""
    model = read_card(Models(data, shipped).serving()).sha256
    heard = heard_by(data, model)
    if not np.isfinite(heard.vectors).all():
        raise MapError("The map cannot be drawn: some songs' vectors are broken. livedj library repair removes them.")
    former = read_projection(data)
    start = None if former is None else placed(former, heard).positions
    positions = project(heard.vectors, start, told)
    write_projection(data, Projection(model, heard.ids, heard.added, positions, heard.known))
