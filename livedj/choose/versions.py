"""Which tracks are versions of one song: the same recording in another file, or another recording of it. Pure."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livedj.music import Seconds, TrackId, Vectors

SAME_RECORDING = 0.97
"""Least cosine of the track vectors of one recording in two files: see `python -m tests.bench versions`."""
AS_LONG = Seconds(3.0)
"""So far the durations of such files may differ: by silence at the ends, or a codec's padding."""
SAME_SONG = 0.3
"""Least cosine of two recordings of one title by one artist; two of their songs called “Intro” are
to lie below. Chosen, not measured: the recordings at hand have no live versions."""
_BLOCK = 64  # tracks that are compared with all at once: 0.2 GB for a library of 200,000

_KINDS = (
    r"\b(?:live|remix|re-?mix|mix|re-?master(?:ed)?|edit|version|acoustic|demo|instrumental|extended|radio|mono|stereo"
    r"|unplugged|karaoke|alternate|bonus|reprise|feat|ft|featuring)\b"
)
_BRACKETS = re.compile(rf"[(\[{{][^)\]}}]*{_KINDS}[^)\]}}]*[)\]}}]")
_AFTER_DASH = re.compile(rf"\s[-–—]\s[^-–—]*{_KINDS}.*$")
_PART = re.compile(r"\b(?:part|pt|no|nr|vol|act|chapter|scene)\b\.?\s*\w+|#\s*\d+")
"""What stays of what is left out: it tells one song from another."""
_NAMELESS = re.compile(r"(?:track|audio|title|titel|piste|unknown|untitled|unbekannt|various|artists?|\d|\W)*")
"""What rippers and taggers write where they know nothing."""
_GUESTS = re.compile(r"\s(?:feat|ft|featuring)\b.*$")


@dataclass(frozen=True, slots=True)
class Recording:
    """What a version is told by."""

    track: TrackId
    title: str
    artist: str
    duration: Seconds
    content: bytes | None
    """The content key of its file, where that is known."""
    song: TrackId | None = None
    """The song that it was found to be a version of; None until it was compared."""


def plain(title: str) -> str:
    """Return a title without case, accents, punctuation, and what tells one version from another."""
    text = "".join(c for c in unicodedata.normalize("NFKD", title).casefold() if not unicodedata.combining(c))
    for said in (_BRACKETS, _AFTER_DASH, _GUESTS):
        text = said.sub(lambda found: " ".join(["", *_PART.findall(found.group()), ""]), text)
    return " ".join(re.findall(r"\w+", text))


def versions(
    recordings: Sequence[Recording],
    vectors: Vectors,
    fresh: NDArray[np.bool_],
    stopping: Callable[[], bool] = lambda: False,
) -> Iterator[tuple[TrackId, TrackId]]:
    """Yield the pairs of tracks that are versions of one song, of which one at least is `fresh`; end when `stopping`.

    `vectors`: track vectors of unit length, shape (n, dimensions); `fresh`: shape (n,).
    """
    durations = np.array([recording.duration for recording in recordings], np.float32)
    names = [(plain(recording.title), plain(recording.artist)) for recording in recordings]
    named = _numbered(name for name in names)
    named[np.array([any(map(_NAMELESS.fullmatch, name)) for name in names], bool)] = -1
    contents = _numbered(recording.content for recording in recordings)
    contents[np.array([recording.content is None for recording in recordings], bool)] = -1
    for begin in range(0, int(fresh.sum()), _BLOCK):
        if stopping():
            return
        rows = np.flatnonzero(fresh)[begin : begin + _BLOCK]
        cosines = vectors[rows] @ vectors.T
        as_long = np.abs(durations[rows, None] - durations) <= AS_LONG
        same = (cosines >= SAME_RECORDING) & as_long
        same |= (named[rows, None] == named) & (named[rows, None] >= 0) & (cosines >= SAME_SONG)
        same |= (contents[rows, None] == contents) & (contents[rows, None] >= 0)
        for row, other in zip(*np.nonzero(same), strict=True):
            if rows[row] != other:
                yield recordings[rows[row]].track, recordings[other].track


def _numbered(values: Iterable[object]) -> NDArray[np.int64]:
    """Return a number for each value, the same for the same."""
    numbers: dict[object, int] = {}
    return np.array([numbers.setdefault(value, len(numbers)) for value in values], np.int64)
