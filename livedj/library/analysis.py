"""One file -> what the library keeps of it: its facts (tags, cue points, loudness, beats) and what the model hears."""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from livedj.ear.encoder import Encoder
from livedj.ear.vector import intro_vector, track_vector
from livedj.errors import DecodeError
from livedj.library import decode, files
from livedj.library.cues import SILENT_BELOW, find_cues, sounding
from livedj.library.loudness import find_loudness
from livedj.library.tempo import STRETCH, find_beats
from livedj.music import SAMPLE_RATE, WINDOW_SAMPLES, Beats, CuePoints, Loudness, Samples, Seconds, Vector

FACTS_VERSION = 1
"""Of what is found without the model. Raise it when that changes: the next scan then finds it anew for every track."""
FIRST_FACTS = 0
"""The version of what `analyse` finds: what takes long and only mixing needs is left for later."""
SHORTEST = Seconds(1.0)
"""What sounds for less than this is no song."""

_MOST_MISSING = 0.5
# Of a download that broke off, this share may be missing.
_TAIL = Seconds(120.0)
# Where the end of a file longer than decode.LONGEST is looked for: four times the outro, so that it shows a body, too.


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a file tells without the model; what it does not tell is None."""

    path: Path
    mtime_ns: int
    size: int
    """Bytes. With mtime_ns, of the moment before the file was read: tells whether it has changed since."""
    tags: files.Tags
    duration: Seconds
    cues: CuePoints
    loudness: Loudness | None = None
    intro_beats: Beats | None = None
    """Of the first tempo.STRETCH from cues.start on."""
    outro_beats: Beats | None = None
    """Of the last before cues.end."""
    cover: bytes | None = field(default=None, repr=False)
    """The embedded picture, encoded."""
    version: int = FACTS_VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis(Facts):
    """All that the catalogue keeps of one file: its facts, and its vectors of one model."""

    windows: NDArray[np.float16]
    """Embeddings of the windows of 5 s without overlap from cues.start on, shape (n ≥ 1, dimensions), unit length;
    a window of silence is all zeros, so that row i always begins at cues.start + 5 i seconds: where the sound begins,
    not where a person may have moved that cue to."""
    intro: Vector
    track: Vector


def analyse(path: Path, encoder: Encoder) -> Analysis:
    """Read one file; of a very long one, the vectors describe the first decode.LONGEST seconds.

    Raises:
        DecodeError: the file is missing, holds no song, is damaged or incomplete beyond use, or the model makes of it
            what is no vector.

    """
    facts, samples = _read(path, for_mixing=False)
    first, last = sounding(samples)
    windows = np.stack([_embedding(window, encoder) for window in _windows(samples, first, last)])
    if not np.isfinite(windows).all():  # would stand in the index as a neighbour of everything or nothing
        raise DecodeError(f"{files.shown(path)} cannot be analysed: the model finds no finite vector for it.")
    return Analysis(
        **{each.name: getattr(facts, each.name) for each in fields(facts)},
        windows=windows.astype(np.float16),
        intro=intro_vector(windows),
        track=track_vector(windows),
    )


def find_facts(path: Path) -> Facts:
    """Read one file for its facts alone, loudness and beats among them.

    Raises:
        DecodeError: the file is missing, holds no song, or is damaged or incomplete beyond use.

    """
    return _read(path, for_mixing=True)[0]


def _read(path: Path, *, for_mixing: bool) -> tuple[Facts, Samples]:
    """Return a file's facts, with loudness and beats or without, and its first decode.LONGEST seconds."""
    try:
        status = path.stat()
    except OSError as error:
        raise DecodeError(f"{files.shown(path)} cannot be read: {error.strerror}.") from error
    samples = decode.decode(path)
    duration = _duration(path, samples)
    head = find_cues(samples)
    if head.end - head.start < SHORTEST:
        raise DecodeError(f"{files.shown(path)} holds less than a second of sound.")
    begin, tail = _tail(path, samples, duration)
    end = head if tail is samples else find_cues(tail)
    facts = Facts(
        path=path,
        mtime_ns=status.st_mtime_ns,
        size=status.st_size,
        tags=files.read_tags(path),
        duration=duration,
        cues=CuePoints(
            head.start,
            Seconds(begin + end.end),
            head.intro_end,
            None if end.outro_start is None else Seconds(begin + end.outro_start),
        ),
        cover=files.read_cover(path),
        version=FIRST_FACTS,
    )
    if for_mixing:
        facts = replace(
            facts,
            loudness=find_loudness(path),
            intro_beats=find_beats(_between(samples, head.start, Seconds(head.start + STRETCH)), head.start),
            outro_beats=_last_beats(tail, begin, end),
            version=FACTS_VERSION,
        )
    return facts, samples


def _duration(path: Path, samples: Samples) -> Seconds:
    """Return how long the file is: what was decoded; of a longer one, what it says."""
    read = Seconds(len(samples) / SAMPLE_RATE)
    claimed = decode.claimed_duration(path) or read
    if read >= decode.LONGEST:
        return max(claimed, read)
    if read < claimed * _MOST_MISSING:
        raise DecodeError(f"{files.shown(path)} is incomplete: {read:.0f} of {claimed:.0f} seconds are there.")
    return read


def _tail(path: Path, samples: Samples, duration: Seconds) -> tuple[Seconds, Samples]:
    """Return what holds the end of the sound, and where it begins: in a very long file it was not decoded yet."""
    if duration <= decode.LONGEST:
        return Seconds(0.0), samples
    begin = Seconds(duration - _TAIL)
    return begin, decode.decode(path, begin, _TAIL)


def _last_beats(tail: Samples, begin: Seconds, cues: CuePoints) -> Beats | None:
    """Find the beat of the last stretch; `cues` are those of `tail`, which begins at the moment `begin`."""
    start = Seconds(max(cues.start, cues.end - STRETCH))
    return find_beats(_between(tail, start, cues.end), Seconds(begin + start))


def _between(samples: Samples, start: Seconds, end: Seconds) -> Samples:
    return samples[round(start * SAMPLE_RATE) : round(end * SAMPLE_RATE)]


def _windows(samples: Samples, first: int, last: int) -> Iterator[Samples]:
    """Yield the whole windows that begin between `first` and `last`; of a shorter sound one, filled by repetition."""
    starts = range(first, min(last, len(samples) - WINDOW_SAMPLES + 1), WINDOW_SAMPLES)
    for start in starts:
        yield samples[start : start + WINDOW_SAMPLES]
    if not starts:
        yield np.resize(samples[first:last], WINDOW_SAMPLES)


def _embedding(window: Samples, encoder: Encoder) -> Vector:
    embedding = encoder.encode(window).embedding
    # The front end scales to the window's own maximum: silence would come out as texture, and match other silences.
    return embedding if np.abs(window).max() > SILENT_BELOW else np.zeros_like(embedding)
