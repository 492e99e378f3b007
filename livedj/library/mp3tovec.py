"""Keeps the library's vocabulary, by which Mp3ToVec weighs windows, and the vectors in step with the library.

Each is one file beside the catalogue, replaced as a whole; whatever is wrong with it, it is made again.
"""

import contextlib
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livedj.ear.vocabulary import EPSILON, Vocabulary, count_words
from livedj.errors import CatalogueError
from livedj.library.catalogue import Catalogue
from livedj.music import TrackId, Vectors

FILE_NAME, VECTORS_NAME = "vocabulary.npz", "mp3tovec.npz"
"""The vocabulary in the data folder, and the vectors of the tracks by it."""
_GROWTH = 0.1
"""It is counted again when the library has grown by this share."""
_AT_ONCE = 100  # tracks whose windows are in memory


def renew_vocabulary(
    catalogue: Catalogue, data: Path, model_sha256: str, epsilon: float = EPSILON
) -> Vocabulary | None:
    """Return the vocabulary of the tracks that were heard to their end; None where there are none.

    The one in `data` is good until the library has grown by a tenth, or model or `epsilon` are others; then it is
    counted anew, in a few milliseconds a track.

    Raises:
        CatalogueError: the library cannot be read or the file not be written.

    """
    former = read_vocabulary(data, model_sha256)
    ids = catalogue.heard_whole(model_sha256)
    grown = former is None or former.epsilon != epsilon or len(ids) >= (1 + _GROWTH) * former.tracks
    if not ids or not grown:
        return former
    vocabulary = count_words(
        lambda: (windows for _, windows in _windows(catalogue, ids, model_sha256)), model_sha256, epsilon
    )
    _write(
        data / FILE_NAME,
        words=vocabulary.words,
        frequencies=vocabulary.frequencies,
        tracks=np.array(vocabulary.tracks),
        epsilon=np.array(vocabulary.epsilon),
        model=np.array(vocabulary.model),
        version=np.array(vocabulary.version),
    )
    return vocabulary


def read_vocabulary(data: Path, model_sha256: str) -> Vocabulary | None:
    """Return the vocabulary in the data folder; None where there is none, or a damaged one, or another model's."""
    try:
        with (data / FILE_NAME).open("rb") as file, np.load(file) as kept:
            vocabulary = Vocabulary(
                kept["words"], kept["frequencies"], int(kept["tracks"]), float(kept["epsilon"]), str(kept["model"])
            )
            whole = str(kept["version"]) == vocabulary.version
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile):
        return None
    return vocabulary if whole and vocabulary.model == model_sha256 else None


def mp3tovecs(catalogue: Catalogue, data: Path, vocabulary: Vocabulary) -> tuple[NDArray[np.int64], Vectors]:
    """Return the tracks that were heard to their end, ids ascending, and their vectors, shape (n, dimensions).

    The vectors are kept in a file that names the vocabulary's version; those of tracks that came since, or were heard
    again, are added.

    Raises:
        CatalogueError: the library cannot be read or the file not be written.

    """
    seen, ids, vectors = _read_vectors(data, vocabulary)
    newest, heard_since, _ = catalogue.vectors_since(seen, vocabulary.model)
    whole = np.array(catalogue.heard_whole(vocabulary.model), np.int64)
    kept = np.isin(ids, np.setdiff1d(whole, heard_since))
    known = dict(zip(ids[kept].tolist(), vectors[kept], strict=True))
    missing = [TrackId(track) for track in whole.tolist() if track not in known]
    for track, windows in _windows(catalogue, missing, vocabulary.model):
        known[track] = vocabulary.mp3tovec(windows).vector
    ids = np.array(sorted(known), np.int64)
    vectors = np.array([known[track] for track in ids.tolist()], np.float32).reshape(len(ids), -1)
    if missing or not kept.all():
        numbers = {"seen": np.array(newest), "version": np.array(vocabulary.version)}
        _write(data / VECTORS_NAME, ids=ids, vectors=vectors, **numbers)
    return ids, vectors


def _read_vectors(data: Path, vocabulary: Vocabulary) -> tuple[int, NDArray[np.int64], Vectors]:
    """Return the number up to which vectors were seen (`Catalogue.vectors_since`), and the ids and vectors kept."""
    try:
        with (data / VECTORS_NAME).open("rb") as file, np.load(file) as kept:
            if str(kept["version"]) == vocabulary.version:
                return int(kept["seen"]), kept["ids"], kept["vectors"]
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile):
        pass
    return 0, np.zeros(0, np.int64), np.zeros((0, vocabulary.words.shape[1]), np.float32)


def _windows(catalogue: Catalogue, ids: Sequence[TrackId], model_sha256: str) -> Iterator[tuple[TrackId, Vectors]]:
    for begin in range(0, len(ids), _AT_ONCE):
        yield from catalogue.windows(ids[begin : begin + _AT_ONCE], model_sha256).items()


def _write(path: Path, **content: NDArray[Any]) -> None:
    """Write the file whole or not at all."""
    draft = path.with_suffix(".draft")
    try:
        try:
            with draft.open("wb") as file:
                np.savez(file, **content)  # type: ignore[arg-type]  # its stub knows of one option more
            draft.replace(path)
        finally:
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)
    except OSError as error:
        raise CatalogueError(
            f"{path.name} cannot be written to {path.parent} ({error.strerror}): is there space and permission?"
        ) from error
