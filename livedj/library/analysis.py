"""One file -> what the library keeps of it: tags, cue points, windows, intro and track vector."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from livedj.ear.encoder import Encoder
from livedj.ear.vector import intro_vector, track_vector
from livedj.errors import DecodeError
from livedj.library import decode, files
from livedj.music import SAMPLE_RATE, WINDOW_SAMPLES, CuePoints, Samples, Seconds, Vector

SILENT_BELOW = 0.001
"""Amplitude, −60 dBFS: where the first sample above it lies, a track's sound begins (Mixxx's AnalyzerSilence too)."""
SHORTEST = Seconds(1.0)
"""What sounds for less than this is no song."""

_MOST_MISSING = 0.5
# Of a download that broke off, this share may be missing.
_TAIL = Seconds(60.0)
# Where the end of a file longer than decode.LONGEST is looked for.


@dataclass(frozen=True, slots=True)
class Analysis:
    """All that the catalogue keeps of one file."""

    path: Path
    mtime_ns: int
    size: int
    """Bytes. With mtime_ns, of the moment before the file was read: tells whether it has changed since."""
    tags: files.Tags
    duration: Seconds
    cues: CuePoints
    windows: NDArray[np.float16]
    """Embeddings of the windows of 5 s without overlap from cues.start on, shape (n ≥ 1, dimensions), unit length;
    a window of silence is all zeros, so that row i always begins at cues.start + 5 i seconds."""
    intro: Vector
    track: Vector
    cover: bytes | None = field(default=None, repr=False)
    """The embedded picture, encoded."""


def analyse(path: Path, encoder: Encoder) -> Analysis:
    """Read one file; of a very long one, the vectors describe the first decode.LONGEST seconds.

    Raises:
        DecodeError: the file is missing, holds no song, is damaged or incomplete beyond use, or the model makes of it
            what is no vector.

    """
    try:
        status = path.stat()
    except OSError as error:
        raise DecodeError(f"{files.shown(path)} cannot be read: {error.strerror}.") from error
    samples = decode.decode(path)
    duration = _duration(path, samples)
    first, last = _sounding(samples)
    if last - first < SHORTEST * SAMPLE_RATE:
        raise DecodeError(f"{files.shown(path)} holds less than a second of sound.")
    windows = np.stack([_embedding(window, encoder) for window in _windows(samples, first, last)])
    if not np.isfinite(windows).all():  # would stand in the index as a neighbour of everything or nothing
        raise DecodeError(f"{files.shown(path)} cannot be analysed: the model finds no finite vector for it.")
    return Analysis(
        path=path,
        mtime_ns=status.st_mtime_ns,
        size=status.st_size,
        tags=files.read_tags(path),
        duration=duration,
        cues=CuePoints(Seconds(first / SAMPLE_RATE), _end(path, last, duration)),
        windows=windows.astype(np.float16),
        intro=intro_vector(windows),
        track=track_vector(windows),
        cover=files.read_cover(path),
    )


def _duration(path: Path, samples: Samples) -> Seconds:
    """Return how long the file is: what was decoded; of a longer one, what it says."""
    read = Seconds(len(samples) / SAMPLE_RATE)
    claimed = decode.claimed_duration(path) or read
    if read >= decode.LONGEST:
        return max(claimed, read)
    if read < claimed * _MOST_MISSING:
        raise DecodeError(f"{files.shown(path)} is incomplete: {read:.0f} of {claimed:.0f} seconds are there.")
    return read


def _sounding(samples: Samples) -> tuple[int, int]:
    """Return the index of the first sample that sounds, and the one after the last; (0, 0) if none does."""
    loud = np.flatnonzero(np.abs(samples) > SILENT_BELOW)
    return (int(loud[0]), int(loud[-1]) + 1) if loud.size else (0, 0)


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


def _end(path: Path, last: int, duration: Seconds) -> Seconds:
    """Return the moment after the last sound, which of a very long file lies in a part that was not decoded yet."""
    if duration <= decode.LONGEST:
        return Seconds(last / SAMPLE_RATE)
    begin = Seconds(duration - _TAIL)
    _, last = _sounding(decode.decode(path, begin, _TAIL))
    return Seconds(begin + last / SAMPLE_RATE)
