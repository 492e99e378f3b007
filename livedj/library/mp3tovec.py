"""Keeps the library's vocabulary, by which Mp3ToVec weighs windows, in step with the library.

It is one file beside the catalogue, replaced as a whole; whatever is wrong with it, it is counted again.
"""

import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from livedj.ear.vocabulary import EPSILON, Mp3ToVec, Vocabulary, count_words
from livedj.errors import CatalogueError
from livedj.library.catalogue import Catalogue
from livedj.music import TrackId, Vectors

FILE_NAME = "vocabulary.npz"
"""The vocabulary in the data folder."""
_GROWTH = 0.1
"""It is counted again when the library has grown by this share."""
_AT_ONCE = 100  # tracks whose windows are in memory


class _StoppedError(Exception):
    """Somebody wants the scan to end."""


def renew_vocabulary(
    catalogue: Catalogue,
    data: Path,
    model_sha256: str,
    epsilon: float = EPSILON,
    stopping: Callable[[], bool] = lambda: False,
) -> Vocabulary | None:
    """Return the vocabulary of the tracks that were heard to their end; None where there are none.

    The one in `data` is good until the library has grown by a tenth, or model or `epsilon` are others; then it is
    counted anew, in a few milliseconds a track. Where it is `stopping`, the former one stays.

    Raises:
        CatalogueError: the library cannot be read or the file not be written.

    """
    former = read_vocabulary(data, model_sha256)
    ids = catalogue.heard_whole(model_sha256)
    grown = former is None or former.epsilon != epsilon or len(ids) >= (1 + _GROWTH) * former.tracks
    if not ids or not grown:
        return former

    def read() -> Iterator[Vectors]:
        for _, windows in _windows(catalogue, ids, model_sha256):
            if stopping():
                raise _StoppedError
            yield windows

    try:
        vocabulary = count_words(read, model_sha256, epsilon)
    except _StoppedError:
        return former
    _write(data / FILE_NAME, vocabulary)
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


def mp3tovecs(
    catalogue: Catalogue, vocabulary: Vocabulary, ids: Sequence[TrackId]
) -> Iterator[tuple[TrackId, Mp3ToVec]]:
    """Yield those of these tracks that the vocabulary's model has heard, each with its vector.

    Raises:
        CatalogueError: the library cannot be read.

    """
    for track, windows in _windows(catalogue, ids, vocabulary.model):
        yield track, vocabulary.mp3tovec(windows)


def _windows(catalogue: Catalogue, ids: Sequence[TrackId], model_sha256: str) -> Iterator[tuple[TrackId, Vectors]]:
    for begin in range(0, len(ids), _AT_ONCE):
        yield from catalogue.windows(ids[begin : begin + _AT_ONCE], model_sha256).items()


def _write(path: Path, vocabulary: Vocabulary) -> None:
    """Write the file whole or not at all."""
    draft = path.with_suffix(".draft")
    try:
        with draft.open("wb") as file:
            np.savez(
                file,
                words=vocabulary.words,
                frequencies=vocabulary.frequencies,
                tracks=np.array(vocabulary.tracks),
                epsilon=np.array(vocabulary.epsilon),
                model=np.array(vocabulary.model),
                version=np.array(vocabulary.version),
            )
        draft.replace(path)
    except OSError as error:
        raise CatalogueError(
            f"The vocabulary cannot be written to {path.parent} ({error.strerror}): is there space and permission?"
        ) from error
