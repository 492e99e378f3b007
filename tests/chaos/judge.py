"""What the recording says of a night: where it was silent, and which faults it survived. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest

import numpy as np
from numpy.typing import NDArray

from livedj.music import SILENCE, Dbfs, Seconds

RATE = 8_000
"""Hz. Of the recording, mono int16: enough to tell music from silence, 58 MB an hour."""
BLOCK = Seconds(0.05)
QUIET = Dbfs(-50.0)
"""A block below this is silent."""
LIMIT = Seconds(2.0)
"""The longest silence while there is an output, and after its return."""
KILLED_LIMIT = Seconds(5.0)
"""The same where the program itself was killed."""
_HOLE = Seconds(0.1)
# A recorder that brings nothing for longer than this was not just read late.
_BEFORE_LONG = Seconds(1.0)
# A silence that begins within this after a fault comes of it: what the sound server still holds plays on.

Levels = NDArray[np.float64]
"""dBFS of each BLOCK of the night, shape (blocks,); SILENCE where nothing was recorded."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What one connection to the sound server recorded."""

    samples: NDArray[np.int16]
    marks: NDArray[np.float64]
    """After each read: how many samples had come, and the moment on the monotonic clock; shape (reads, 2)."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time on the monotonic clock."""

    begin: Seconds
    end: Seconds

    @property
    def seconds(self) -> Seconds:
        """How long it is."""
        return Seconds(self.end - self.begin)


@dataclass(frozen=True, slots=True)
class Incident:
    """One fault as it was injected."""

    kind: str
    at: Seconds
    until: Seconds
    """When it was undone."""
    detail: str
    kills: bool
    """The program itself was killed meanwhile."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a fault until the next one."""

    incident: Incident
    longest: Seconds
    """The longest silence that began then, or reached into it."""
    survived: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of the night."""

    outcomes: tuple[Outcome, ...]
    silences: tuple[Span, ...]
    """All of them after the first music, while there was an output."""

    @property
    def longest(self) -> Seconds:
        """The longest silence."""
        return max((silence.seconds for silence in self.silences), default=Seconds(0.0))


def levels(pieces: Sequence[Piece], night: Span) -> Levels:
    """Return the level of every block of the night; where several recordings have it, the loudest."""
    found = np.full(round(night.seconds / BLOCK), SILENCE, np.float64)
    size = round(BLOCK * RATE)
    for samples, began in (part for piece in pieces for part in _unbroken(piece)):
        blocks = samples[: len(samples) // size * size].reshape(-1, size).astype(np.float64) / 32768
        power = (blocks**2).mean(axis=1)
        at = round((began - night.begin) / BLOCK) + np.arange(len(power))
        inside = (at >= 0) & (at < len(found))
        np.maximum.at(found, at[inside], 10 * np.log10(power[inside] + 1e-12))
    return found


def _unbroken(piece: Piece) -> Iterator[tuple[NDArray[np.int16], Seconds]]:
    """Yield the parts between which the server brought nothing, each with the moment of its first sample.

    A read that comes late shifts the moment of its samples, and later reads put it right; what was never brought
    shifts all later reads. So the truth is the smallest shift from a read on.
    """
    if len(piece.marks) == 0:
        return
    counts, moments = piece.marks.T
    shifts = np.minimum.accumulate((moments - counts / RATE)[::-1])[::-1]
    breaks = [0, *(np.flatnonzero(np.diff(shifts) > _HOLE) + 1), len(shifts)]
    for first, last in pairwise(breaks):
        begin = 0 if first == 0 else int(counts[first - 1])
        yield piece.samples[begin : int(counts[last - 1])], Seconds(shifts[first] + begin / RATE)


def silences(loudness: Levels, night: Span, absent: Sequence[Span]) -> list[Span]:
    """Return the silent stretches after the first music, cut where there was no output."""
    loud = loudness >= QUIET
    if not loud.any():
        return [night]
    quiet = ~loud
    quiet[: int(np.argmax(loud))] = False
    for span in absent:
        first = int((span.begin - night.begin) / BLOCK)
        quiet[max(0, first) : int(np.ceil((span.end - night.begin) / BLOCK))] = False
    edges = np.flatnonzero(np.diff(np.concatenate([[False], quiet, [False]]).astype(np.int8)))
    moments = night.begin + edges * BLOCK
    return [Span(Seconds(begin), Seconds(end)) for begin, end in moments.reshape(-1, 2).tolist()]


def judge(
    found: Sequence[Span], incidents: Sequence[Incident], night: Span, helped: Sequence[Seconds] = ()
) -> Verdict:
    """Hold every fault against the silences of the night; one after which a hand had to help was not survived."""
    kills = [Span(incident.at, incident.until) for incident in incidents if incident.kills]
    outcomes = []
    for incident, following in zip_longest(incidents, incidents[1:]):
        window = Span(incident.at, following.at if following else night.end)
        met = [(silence, _within(silence, window)) for silence in found]
        lengths = [length for _, length in met]
        survived = all(length <= _limit(silence, kills) for silence, length in met)
        survived = survived and not any(window.begin <= moment < window.end for moment in helped)
        outcomes.append(Outcome(incident, max(lengths, default=Seconds(0.0)), survived))
    return Verdict(tuple(outcomes), tuple(found))


def _within(silence: Span, window: Span) -> Seconds:
    """Return all of a silence that began in the window; of one that began before, what reaches into it."""
    if silence.begin >= window.end or silence.end <= window.begin:
        return Seconds(0.0)
    if silence.begin >= window.begin:
        return silence.seconds
    return Seconds(min(silence.end, window.end) - window.begin)


def _limit(silence: Span, kills: Sequence[Span]) -> Seconds:
    killed = any(kill.begin < silence.end and silence.begin < kill.end + _BEFORE_LONG for kill in kills)
    return KILLED_LIMIT if killed else LIMIT


def growth(life: Sequence[float]) -> tuple[float, float]:
    """Return the medians of a curve's second and last fifth: after warm-up, and at the end."""
    fifth = max(1, len(life) // 5)
    return float(np.median(life[fifth : 2 * fifth] or life)), float(np.median(life[-fifth:]))
