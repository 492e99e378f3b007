"""Which tracks are versions of one song: the same recording in another file, or another recording of it. Pure."""

import itertools
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

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
_BLOCK = 64  # tracks that are compared at once

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


@lru_cache(maxsize=4096)
def folded(text: str) -> str:
    """Return text as it is compared: without case and accents."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def plain(title: str) -> str:
    """Return a title without case, accents, punctuation, and what tells one version from another."""
    text = folded(title)
    for said in (_BRACKETS, _AFTER_DASH, _GUESTS):
        text = said.sub(lambda found: " ".join(["", *_PART.findall(found.group()), ""]), text)
    return " ".join(re.findall(r"\w+", text))


@lru_cache(maxsize=4096)
def hand(artist: str) -> str:
    """Return an artist without guests, case and accents; nothing where the tag names nobody."""
    name = plain(artist)
    return "" if _NAMELESS.fullmatch(name) else name


def versions(
    recordings: Sequence[Recording],
    vectors: Vectors,
    fresh: NDArray[np.bool_],
    stopping: Callable[[], bool] = lambda: False,
) -> Iterator[tuple[TrackId, TrackId]]:
    """Yield the pairs of tracks (the lower id first) that are versions of one song; end when `stopping`.

    One of each pair at least is `fresh`; the same pair may come more than once.

    `vectors`: track vectors of unit length, shape (n, dimensions); `fresh`: shape (n,).
    """
    yield from _same_recordings(recordings, vectors, fresh, stopping)
    if stopping():
        return
    names = ((plain(recording.title), plain(recording.artist)) for recording in recordings)
    for group in _groups(None if any(map(_NAMELESS.fullmatch, name)) else name for name in names):
        yield from _pairs(recordings, group, fresh, vectors[group] @ vectors[group].T >= SAME_SONG)
    for group in _groups(recording.content for recording in recordings):
        yield from _pairs(recordings, group, fresh, np.ones((len(group), len(group)), np.bool_))


def _same_recordings(
    recordings: Sequence[Recording], vectors: Vectors, fresh: NDArray[np.bool_], stopping: Callable[[], bool]
) -> Iterator[tuple[TrackId, TrackId]]:
    """Yield the pairs that are alike, as long and not named apart: by duration, such pairs lie near each other."""
    durations = np.array([recording.duration for recording in recordings], np.float64)
    order = np.argsort(durations, kind="stable")
    durations, vectors, ours = durations[order], vectors[order], np.flatnonzero(fresh[order])
    for begin in range(0, len(ours), _BLOCK):
        if stopping():
            return
        rows = ours[begin : begin + _BLOCK]
        first = np.searchsorted(durations, durations[rows[0]] - AS_LONG)
        last = np.searchsorted(durations, durations[rows[-1]] + AS_LONG, side="right")
        same = vectors[rows] @ vectors[first:last].T >= SAME_RECORDING
        same &= np.abs(durations[rows, None] - durations[first:last]) <= AS_LONG
        for row, other in zip(*np.nonzero(same), strict=True):
            one, another = recordings[order[rows[row]]], recordings[order[first + other]]
            if rows[row] != first + other and not _named_apart(one, another):
                yield _pair(one, another)


def _named_apart(one: Recording, other: Recording) -> bool:
    """Return whether the tags make these other songs: the titles share no word, or differ as the artists do.

    Where there is no artist, there are no tags, and the title is but a file's name.
    """
    names = [plain(one.title), plain(other.title), plain(one.artist), plain(other.artist)]
    if any(map(_NAMELESS.fullmatch, names)):
        return False
    title, other_title, artist, other_artist = names
    others = artist != other_artist or not set(title.split()) & set(other_title.split())
    return title != other_title and others


def _groups(values: Iterable[object]) -> Iterator[list[int]]:
    """Yield the places at which the same value stands, where it does more than once; None is no value."""
    places = defaultdict[object, list[int]](list)
    for place, value in enumerate(values):
        if value is not None:
            places[value].append(place)
    return (group for group in places.values() if len(group) > 1)


def _pairs(
    recordings: Sequence[Recording], group: list[int], fresh: NDArray[np.bool_], same: NDArray[np.bool_]
) -> Iterator[tuple[TrackId, TrackId]]:
    """Yield the pairs of a group that are the `same`, shape (len(group), len(group)), and of which one is fresh."""
    for one, other in itertools.combinations(range(len(group)), 2):
        if same[one, other] and (fresh[group[one]] or fresh[group[other]]):
            yield _pair(recordings[group[one]], recordings[group[other]])


def _pair(one: Recording, other: Recording) -> tuple[TrackId, TrackId]:
    return min(one.track, other.track), max(one.track, other.track)
