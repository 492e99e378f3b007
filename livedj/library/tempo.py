"""The beat of a stretch of music, as a regular grid. The only file of the library that imports librosa."""

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
import platformdirs
from filelock import FileLock
from numpy.typing import NDArray

from livedj.music import SAMPLE_RATE, Beats, Samples, Seconds

STRETCH = Seconds(30.0)
"""So much music from a track's beginning, and before its end, is asked for its beat."""

_HOP, _FFT = 256, 1024
_RATE = SAMPLE_RATE / _HOP  # frames a second
_LAG = 1.0
# librosa's onset strength is the rise from one frame to the next, written down at the later one: measured on clicks of
# known place, its peaks come 1.00 hop (11.6 ms) late with frames of this size.
_STARTS = (120.0, 80.0, 170.0)
# Beats a minute. librosa prefers tempi near the first; drum and bass (174) is then tracked at two thirds of its tempo.
_CLEARLY = 0.2
# So much better must another start agree with the onsets to be believed: half and double tempo agree about as well.
_FEWEST = 8  # beats: from fewer no regularity can be told
_SHORTEST = Seconds(12.0)  # less is no song that has an intro and an outro: not worth the seconds librosa takes to load
_REACH = 3  # frames, 35 ms: what lies so near the grid counts as on the beat (the ear's tolerance for one event)
_FAINTEST = 0.1  # dB from frame to frame: the mean rise in any music is some tenths to several; a steady tone's is 0
_CHANCE, _SURE = 0.35, 0.9
# The agreement that noise and speech reach at most, and the one of a steady house beat.

_Envelope = NDArray[np.floating]
"""Onset strength, one value a frame."""


@dataclass(frozen=True, slots=True)
class _Grid:
    """Moments `first` + k · `period`, in frames."""

    period: float
    first: float

    def lines(self, frames: int) -> NDArray[np.floating]:
        """Return the moments within `frames` frames."""
        begin = np.ceil(-self.first / self.period)
        return self.first + np.arange(begin, np.ceil((frames - self.first) / self.period)) * self.period


def find_beats(samples: Samples, begin: Seconds) -> Beats | None:
    """Find the beat of `samples`, which begin at the moment `begin` of their file.

    librosa tracks beats (Ellis, "Beat Tracking by Dynamic Programming", 2007) from several starting tempi; a regular
    grid is laid through them by least squares and drawn onto the onsets near it, and the grid that agrees best with the
    strongest onsets wins. The beat returned is the one nearest to the middle, where the grid is most exact.

    Return None where there is no beat to be found: too little music, no onsets, or none that librosa can read.
    """
    if len(samples) < _SHORTEST * SAMPLE_RATE:
        return None
    try:
        envelope = _onsets(samples)
        grids = [grid for start in _STARTS if (grid := _grid(envelope, start)) is not None]
    except Exception:  # noqa: BLE001 numba, which compiles for librosa, fails in many ways; a track is good without beats
        return None
    if not grids:
        return None
    agreements = [_agreement(grid, envelope) for grid in grids]
    best = int(np.argmax(agreements))
    if agreements[best] < agreements[0] + _CLEARLY:
        best = 0
    lines = grids[best].lines(len(envelope))
    beat = lines[np.abs(lines - len(envelope) / 2).argmin()]
    return Beats(
        tempo=60 * _RATE / grids[best].period,
        beat=Seconds(begin + float(beat - _LAG) / _RATE),
        confidence=float(np.clip((agreements[best] - _CHANCE) / (_SURE - _CHANCE), 0, 1)),
    )


@functools.cache
def _librosa() -> Any:
    """Load librosa, two seconds and 200 MB; the first time ever, it compiles for half a minute and keeps the result.

    One process at a time: numba keeps each compiled function in two files, and two processes that write them at once
    leave a pair that does not fit, with which every later one dies (numba issue 10128).
    """
    with FileLock(platformdirs.user_cache_path("livedj", appauthor=False, ensure_exists=True) / "compiling.lock"):
        import librosa
        import librosa.beat
        import librosa.onset  # both would be loaded when first used, outside the lock
    return librosa


def _onsets(samples: Samples) -> _Envelope:
    """Return how much louder it gets from frame to frame, in dB: the mean over 128 mel bands, falls counting as 0."""
    envelope: _Envelope = _librosa().onset.onset_strength(y=samples, sr=SAMPLE_RATE, hop_length=_HOP, n_fft=_FFT)
    return envelope


def _grid(envelope: _Envelope, start: float) -> _Grid | None:
    """Track beats from the tempo `start` on and lay a grid through them."""
    if envelope.mean() < _FAINTEST:
        return None
    _, beats = _librosa().beat.beat_track(
        onset_envelope=envelope, sr=SAMPLE_RATE, hop_length=_HOP, start_bpm=start, trim=False
    )
    if len(beats) < _FEWEST:
        return None
    grid = _laid_through(np.asarray(beats, np.float64))
    for _ in range(2):
        grid = _drawn_to_onsets(grid, envelope)
    return grid


def _laid_through(beats: NDArray[np.float64]) -> _Grid:
    """Fit a grid to tracked beats; the tracker leaves some out and drifts from one to the next."""
    period = float(np.median(np.diff(beats)))
    for _ in range(2):
        count = np.concatenate([[0.0], np.cumsum(np.round(np.diff(beats) / period))])
        period, first = np.polyfit(count, beats, 1)
    return _Grid(float(period), float(first))


def _drawn_to_onsets(grid: _Grid, envelope: _Envelope) -> _Grid:
    """Fit the grid again, to the peaks of the onsets within _REACH of its lines, strong ones counting more."""
    lines = np.round(grid.lines(len(envelope))).astype(int)
    near = lines[:, None] + np.arange(-_REACH, _REACH + 1)
    near = near[(near[:, 0] >= 1) & (near[:, -1] < len(envelope) - 1)]
    peaks = near[np.arange(len(near)), envelope[near].argmax(axis=1)]
    before, at, after = (envelope[peaks + step] for step in (-1, 0, 1))
    is_peak = (at >= before) & (at >= after) & (at > 0) & (2 * at > before + after)
    if is_peak.sum() < _FEWEST:
        return grid
    peaks, before, at, after = (values[is_peak] for values in (peaks, before, at, after))
    moments = peaks + (before - after) / (2 * (before - 2 * at + after))  # the vertex of the parabola through the three
    count = np.round((moments - grid.first) / grid.period)
    period, first = np.polyfit(count, moments, 1, w=np.sqrt(at))
    return _Grid(float(period), float(first))


def _agreement(grid: _Grid, envelope: _Envelope) -> float:
    """Return how much of what onsets could lie on the grid does: 1 if the strongest do, about 0 by chance."""
    strongest_near = _maximum_around(envelope)
    lines = np.round(grid.lines(len(envelope))).astype(int).clip(0, len(envelope) - 1)
    is_peak = (envelope == strongest_near) & (envelope > 0)
    best = np.sort(envelope[is_peak])[-len(lines) :]
    chance = strongest_near.mean()
    if len(best) == 0 or best.mean() <= chance:
        return 0.0
    return float((strongest_near[lines].mean() - chance) / (best.mean() - chance))


def _maximum_around(envelope: _Envelope) -> _Envelope:
    """Return for each frame the maximum within _REACH of it."""
    padded = np.pad(envelope, _REACH, mode="edge")
    return np.asarray(np.lib.stride_tricks.sliding_window_view(padded, 2 * _REACH + 1).max(axis=1))
