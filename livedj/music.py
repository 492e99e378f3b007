"""The words every room shares: tracks, their cue points, and the units sound is measured in."""

from dataclasses import dataclass
from pathlib import Path
from typing import NewType

import numpy as np
from numpy.typing import NDArray

Seconds = NewType("Seconds", float)
"""A length of time, or a moment on a monotonic clock."""
Gain = NewType("Gain", float)
"""A linear amplitude factor, 0 (silent) to 1 (as recorded); a levelled song's may be above 1."""
Dbfs = NewType("Dbfs", float)
"""A level in decibels below full scale: RMS of a full-scale square wave is 0."""
TrackId = NewType("TrackId", int)
NO_SONG = TrackId(0)
"""Of the loop that ships with livedj, which is in no library."""

Samples = NDArray[np.float32]
"""Mono samples in −1…1, shape (n,)."""
Stereo = NDArray[np.float32]
"""Stereo samples in −1…1, shape (n, 2)."""
Vector = NDArray[np.float32]
"""One embedding of unit length, shape (dimensions,)."""
Vectors = NDArray[np.float32]
"""Embeddings, shape (n, dimensions)."""

SAMPLE_RATE = 22_050
"""Hz. What the ear hears, live and offline."""
WINDOW_SAMPLES = 110_250
"""One window: 5 s at SAMPLE_RATE, 216 centred frames of hop 512."""
SILENCE = Dbfs(-120.0)
"""The level reported for digital silence."""

_MAJOR_KEYS = ("C", "D♭", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")
_MINOR_KEYS = ("Cm", "C♯m", "Dm", "E♭m", "Em", "Fm", "F♯m", "Gm", "G♯m", "Am", "B♭m", "Bm")


@dataclass(frozen=True, slots=True)
class CuePoints:
    """Where a track's sound begins and ends, and what is there to mix over, in seconds from the start of the file."""

    start: Seconds
    end: Seconds
    intro_end: Seconds | None = None
    """Where the track has come to its full sound; None where it is not known."""
    outro_start: Seconds | None = None
    """From here on another song may come in: the track thins out, or fades; None where it is not known."""


@dataclass(frozen=True, slots=True)
class Loudness:
    """How loud a track is as a whole, after EBU R128."""

    lufs: float
    """Integrated loudness."""
    true_peak: float
    """dB above full scale (dBTP)."""


@dataclass(frozen=True, slots=True)
class Beats:
    """The beat of a stretch of music, as far as it is steady."""

    tempo: float
    """Beats a minute."""
    beat: Seconds
    """The moment of one beat, in seconds from the start of the file; the others lie 60 / tempo apart."""
    confidence: float
    """0 (a guess) to 1 (sure)."""


@dataclass(frozen=True, slots=True)
class Key:
    """The key of a song."""

    tonic: int
    """Pitch class: 0 (C) to 11 (B)."""
    minor: bool
    confidence: float
    """0 (a guess) to 1 (sure, but for the relative key, which has the same notes)."""

    @property
    def name(self) -> str:
        """As chords are written, in the spelling with the fewest accidentals: `C`, `F♯m`, `B♭`."""
        return _MINOR_KEYS[self.tonic] if self.minor else _MAJOR_KEYS[self.tonic]


@dataclass(frozen=True, slots=True)
class Track:
    """One song of the person's library, as read from the catalogue."""

    id: TrackId
    path: Path
    title: str
    artist: str
    album: str
    duration: Seconds
    cues: CuePoints
    loudness: Loudness | None = None
    """None where it was not measured, as the next three."""
    intro_beats: Beats | None = None
    """Of the 30 s from `cues.start` on."""
    outro_beats: Beats | None = None
    """Of the 30 s before `cues.end`."""
    disc: int | None = None
    number: int | None = None
    """The track's place on its disc, from the tags."""
    version_of: TrackId | None = None
    """The first of the tracks that are versions of one song; None where this is the only one."""
    key: Key | None = None
    """None where it was not found, as the next two."""
    energy: float | None = None
    """Mean onset strength in dB, whatever the level: about 1 in ambient music, 2 and more in dance music."""
    brightness: float | None = None
    """Octaves from 1 kHz up to the spectral centroid: negative is dark."""

    @property
    def song(self) -> TrackId:
        """What all versions of the song have in common."""
        return self.id if self.version_of is None else self.version_of

    @property
    def label(self) -> str:
        """`Artist – Title`, or the title alone where no artist is known."""
        return f"{self.artist} – {self.title}" if self.artist else self.title


def level_of(samples: Samples) -> Dbfs:
    """Return the RMS level of `samples` in dBFS, never below SILENCE."""
    if samples.size == 0:
        return SILENCE
    mean_square = float(np.mean(np.square(samples, dtype=np.float64)))
    return Dbfs(max(SILENCE, 10 * np.log10(mean_square + 1e-20)))


def unit(vector: NDArray[np.floating]) -> Vector:
    """Return `vector` at length 1 (along the last axis); a zero vector stays zero."""
    length = np.linalg.norm(vector, axis=-1, keepdims=True)
    return np.asarray(vector / np.maximum(length, 1e-12), np.float32)
