"""One file -> what the library keeps: its facts (tags, cue points, loudness, beats, key…) and what the model hears.

In two passes: the intro alone, which is all that a proposal needs and takes a tenth of a second; then the whole file.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from livedj.ear.encoder import Encoder
from livedj.ear.vector import INTRO_WINDOWS, intro_vector, track_vector
from livedj.errors import DecodeError, Remedy
from livedj.library import decode, files
from livedj.library.character import find_character
from livedj.library.cues import SILENT_BELOW, find_cues, sounding
from livedj.library.key import find_key
from livedj.library.loudness import decode_with_loudness
from livedj.library.tempo import STRETCH, find_beats
from livedj.music import SAMPLE_RATE, WINDOW_SAMPLES, Beats, CuePoints, Key, Loudness, Samples, Seconds, Vector, Vectors

FACTS_VERSION = 3
"""Of what is found without the model. Raise it when that changes: the next scan then finds it anew for every track."""
INTRO_FACTS = 0
"""The version of what `analyse_intro` finds: what only the whole file tells is missing."""
SHORTEST = Seconds(1.0)
"""What sounds for less than this is no song."""

_MOST_MISSING = 0.5
# Of a download that broke off, this share may be missing.
_INTRO = INTRO_WINDOWS * WINDOW_SAMPLES
_TAIL = Seconds(120.0)
# Where the end of a file longer than decode.LONGEST is looked for: four times the outro, so that it shows a body, too.


Windows = NDArray[np.float16]
"""Embeddings of a file's windows of 5 s without overlap, shape (n ≥ 1, dimensions), unit length; a window of silence is
all zeros, so that row i always begins 5 i seconds after the first sound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """All that the catalogue keeps of one file: facts, and vectors of one model. What is not known is None."""

    path: Path
    mtime_ns: int
    size: int
    """Bytes. With mtime_ns, of the moment before the file was read: tells whether it has changed since."""
    tags: files.Tags
    cover: bytes | None = field(default=None, repr=False)
    """The embedded picture, encoded."""
    content: bytes | None = None
    """Its content key."""
    duration: Seconds
    cues: CuePoints
    loudness: Loudness | None = None
    intro_beats: Beats | None = None
    """Of the first tempo.STRETCH from cues.start on."""
    outro_beats: Beats | None = None
    """Of the last before cues.end."""
    key: Key | None = None
    energy: float | None = None
    brightness: float | None = None
    """Both as in `character.Character`."""
    version: int = FACTS_VERSION
    windows: Windows
    """From cues.start on, where the sound begins, not where a person may have moved that cue to."""
    intro: Vector
    track: Vector
    whole: bool = True
    """Whether all of the file was heard; else `windows` are those of the intro, and `track` is the intro vector."""


def analyse_intro(path: Path, encoder: Encoder) -> Analysis:
    """Read the beginning of one file: the silence before the first sound, and INTRO_WINDOWS.

    Raises:
        DecodeError: as `analyse` does; damage further on is not met.

    """
    mtime_ns, size = _status(path)
    samples, ended = _beginning(path)
    first, last = _song(path, samples)
    duration = _duration(path, samples) if ended else _claimed(path)
    windows = _heard(samples, first, min(last, first + _INTRO), encoder, path)
    return Analysis(
        path=path,
        mtime_ns=mtime_ns,
        size=size,
        tags=files.read_tags(path),
        cover=files.read_cover(path),
        duration=duration,
        cues=CuePoints(Seconds(first / SAMPLE_RATE), Seconds(last / SAMPLE_RATE) if ended else duration),
        version=INTRO_FACTS,
        windows=windows.astype(np.float16),
        intro=intro_vector(windows),
        track=track_vector(windows),
        whole=False,
    )


def analyse(path: Path, encoder: Encoder, known: Windows | None = None) -> Analysis:
    """Read one file; of a very long one, vectors, key and character describe the first decode.LONGEST seconds.

    `known`: its first windows, as this model has heard them before.

    Raises:
        DecodeError: the file is missing, holds no song, is damaged or incomplete beyond use, or the model makes of it
            what is no vector.

    """
    mtime_ns, size = _status(path)
    content = decode.content_key(path)  # first: of a file that changes meanwhile, it is that of its former sound
    samples, loudness = decode_with_loudness(path)
    duration = _duration(path, samples)
    first, last = _song(path, samples)
    windows = _heard(samples, first, last, encoder, path, known)
    character = find_character(samples[first:last])
    head = find_cues(samples)
    begin, tail = _tail(path, samples, duration)
    end = head if tail is samples else find_cues(tail)
    return Analysis(
        path=path,
        mtime_ns=mtime_ns,
        size=size,
        tags=files.read_tags(path),
        cover=files.read_cover(path),
        content=content,
        duration=duration,
        cues=CuePoints(
            head.start,
            Seconds(begin + end.end),
            head.intro_end,
            None if end.outro_start is None else Seconds(begin + end.outro_start),
        ),
        loudness=loudness,
        intro_beats=find_beats(_between(samples, head.start, Seconds(head.start + STRETCH)), head.start),
        outro_beats=_last_beats(tail, begin, end),
        key=find_key(samples[first:last]),
        energy=character and character.energy,
        brightness=character and character.brightness,
        windows=windows.astype(np.float16),
        intro=intro_vector(windows),
        track=track_vector(windows),
    )


def _status(path: Path) -> tuple[int, int]:
    """Return mtime_ns and size of a file, before it is read."""
    try:
        status = path.stat()
    except OSError as error:
        raise DecodeError(f"{files.shown(path)} cannot be read: {error.strerror}.", Remedy.DRIVE) from error
    return status.st_mtime_ns, status.st_size


def _beginning(path: Path) -> tuple[Samples, bool]:
    """Return the silence before the first sound and _INTRO samples after it or more, and whether that is the file."""
    parts: list[Samples] = []
    read, wanted = 0, round(decode.LONGEST * SAMPLE_RATE)
    with contextlib.closing(decode.blocks(path)) as blocks:
        for block in blocks:
            first, last = sounding(block)
            if last:
                wanted = min(wanted, read + first + _INTRO)
            parts.append(block)
            read += len(block)
            if read >= wanted:
                return np.concatenate(parts), False
    return np.concatenate(parts) if parts else np.zeros(0, np.float32), True


def _song(path: Path, samples: Samples) -> tuple[int, int]:
    """Return where the sound begins and ends, as `sounding` does. Raises DecodeError where there is too little."""
    first, last = sounding(samples)
    if last - first < SHORTEST * SAMPLE_RATE:
        raise DecodeError(f"{files.shown(path)} holds less than a second of sound.", Remedy.NOTHING)
    return first, last


def _claimed(path: Path) -> Seconds:
    """Return how long the file says it is; where it does not say, it is read."""
    claimed = decode.claimed_duration(path)
    return Seconds(len(decode.decode(path)) / SAMPLE_RATE) if claimed is None else claimed


def _heard(
    samples: Samples, first: int, last: int, encoder: Encoder, path: Path, known: Windows | None = None
) -> Vectors:
    """Return the embeddings of all windows that begin between these samples; the first ones may be `known`."""
    windows = list(_windows(samples, first, last))
    begun = [] if known is None else list(known[: len(windows)].astype(np.float32))
    heard = np.stack([*begun, *(_embedding(window, encoder) for window in windows[len(begun) :])])
    if not np.isfinite(heard).all():  # would stand in the index as a neighbour of everything or nothing
        name = files.shown(path)
        raise DecodeError(f"{name} cannot be analysed: the model finds no finite vector for it.", Remedy.CONVERT)
    return heard


def _duration(path: Path, samples: Samples) -> Seconds:
    """Return how long the file is: what was decoded; of a longer one, what it says."""
    read = Seconds(len(samples) / SAMPLE_RATE)
    claimed = decode.claimed_duration(path) or read
    if read >= decode.LONGEST:
        return max(claimed, read)
    if read < claimed * _MOST_MISSING:
        name = files.shown(path)
        raise DecodeError(f"{name} is incomplete: {read:.0f} of {claimed:.0f} seconds are there.", Remedy.ANEW)
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
