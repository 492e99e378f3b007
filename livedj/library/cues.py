"""Where a track can be mixed: where its sound begins and ends, has come to its full strength, and leaves it.

"Full" is judged by energy and novelty against the track itself: the level of a moment against the median level of the
body, and how many of the frequency bands that the body fills sound at that moment. An intro of bare drums is as loud as
the song but thin; a solo in the middle is thin for a while only, and counts neither as intro nor as outro.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from livedj.music import SAMPLE_RATE, CuePoints, Samples, Seconds

SILENT_BELOW = 0.001
"""Amplitude, −60 dBFS: where the first sample above it lies, a track's sound begins (Mixxx's AnalyzerSilence too)."""
LAST = Seconds(30.0)
"""An outro begins at most so long before the end, but for a fade-out, which may be longer: two and a half times the
longest crossfade (12 s), and about 16 bars of house, the shortest outro that is made for mixing."""

_HOP = 0.25  # s: cues are told so exactly
_FRAME = 2 * round(_HOP * SAMPLE_RATE)  # samples, 0.5 s: holds a beat of any tempo above 120, as EBU's 0.4 s do
_FFT = 11_250  # samples: 2 · 3² · 5⁴, an even length of small factors that holds a frame
_AT_ONCE = 16  # frames: SciPy takes a quarter of the time for several, and all of a long file's would be large
_SMOOTH = 9
# Hops, 2.25 s: the median of so many keeps edges where they are, and passes over single beats, fills and late crashes.
_BANDS = (40, 120, 250, 500, 1000, 2000, 4000, 8000, 11_025)
# Hz: about an octave each, from the kick to the cymbals, up to half the sample rate.
_FLOOR = -80.0  # dBFS: where there is nothing to speak of
_BODY = (0.2, 0.8)  # of the sounding part: what lies between is neither intro nor outro in nearly every song
_LEVEL_BELOW = 4.0
# dB under the body's median that still count as full: choruses and verses lie about so far apart.
_BAND_BELOW = 10.0  # dB, likewise for one band: from there on it is heard to be missing
_PRESENT = 0.7  # of the body's bands: one or two of eight may be missing
_SHORTEST = Seconds(12.0)  # a shorter sound has no intro, body and outro

_FADE_SMOOTH = 4.0  # s: over a bar or two, so that beats and chords do not count as rises
_FADE_TOLERANCE = 1.0  # dB that the level may rise again within a fade
_FADE_SHORTEST = Seconds(5.0)  # less is the last chord dying away
_FADE_DEPTH = 15.0  # dB from its beginning to its end: songs thin out by less, faders go down to silence
_FADE_HEARD = 30.0  # dB below its beginning: further down a fade that is linear in amplitude falls off a cliff
_FADE_STRAIGHT = -0.85  # correlation of level (dB) and time: exponential fades have −1, linear −0.93, cosines −0.87
_FADE_STALLED = 5.0  # s without having been louder, going backwards: the fade's beginning is passed
_CLEARLY_HEARD = 3.0
# dB: having lost half its power, a fading song is still heard clearly, and nobody misses what follows.

_Levels = NDArray[np.floating]
"""dB, one value a hop."""


def sounding(samples: Samples) -> tuple[int, int]:
    """Return the index of the first sample that sounds, and the one after the last; (0, 0) if none does."""
    loud = np.abs(samples) > SILENT_BELOW
    return (int(loud.argmax()), len(loud) - int(loud[::-1].argmax())) if loud.any() else (0, 0)


def find_cues(samples: Samples) -> CuePoints:
    """Find the cue points of a whole track, shape (n,) at SAMPLE_RATE; silence has start = end = 0.

    `intro_end` and `outro_start` are exact to about half a second. They are None where nothing is known: in a sound of
    less than 12 s, and in a track that never has its full sound, comes to it in its second half or leaves it in its
    first.
    """
    first, last = sounding(samples)
    start, end = Seconds(first / SAMPLE_RATE), Seconds(last / SAMPLE_RATE)
    if end - start < _SHORTEST:
        return CuePoints(start, end)
    powers = _band_powers(samples[first:last])
    level = _decibels(powers.sum(axis=1))
    full = np.flatnonzero(_full(level, _decibels(powers)))
    middle = (end - start) / 2
    intro_end = outro_start = None
    if len(full) and full[0] * _HOP <= middle:
        intro_end = Seconds(start + float(full[0]) * _HOP)
    thins = float(full[-1] + 1) * _HOP if len(full) else 0.0
    fades = _fade(level)
    if thins >= middle or fades is not None:
        # A level that is told for 0.5 s around a moment reaches beyond the end.
        begins = min(max(thins, end - start - LAST), end - start if fades is None else fades, end - start)
        outro_start = Seconds(start + max(begins, middle))
    return CuePoints(start, end, intro_end, outro_start)


def clamped(cues: CuePoints, duration: Seconds) -> CuePoints | None:
    """Return the cues moved into a file of this length and into their order; None where nothing is left between."""
    start, end = Seconds(max(0.0, cues.start)), Seconds(min(cues.end, duration))
    if start >= end:
        return None

    def inside(cue: Seconds | None) -> Seconds | None:
        return None if cue is None else Seconds(min(max(cue, start), end))

    return CuePoints(start, end, inside(cues.intro_end), inside(cues.outro_start))


def _band_powers(samples: Samples) -> NDArray[np.float64]:
    """Return the power in each of _BANDS, of frames centred at the multiples of _HOP, shape (n, bands)."""
    import scipy.fft  # some tenths of a second, which workers that hear intros alone need not wait

    hop = _FRAME // 2
    frames = sliding_window_view(np.pad(samples, hop), _FRAME)[::hop]
    edges = np.searchsorted(np.fft.rfftfreq(_FFT, 1 / SAMPLE_RATE), _BANDS)
    window = np.hanning(_FRAME).astype(np.float32)  # which keeps the transform at single precision: half its time
    scale = 2 / (_FFT * np.sum(window**2))  # Parseval: a band's power is its share of the mean square
    powers = np.empty((len(frames), len(_BANDS) - 1))
    for begin in range(0, len(frames), _AT_ONCE):
        spectra = scipy.fft.rfft(window * frames[begin : begin + _AT_ONCE], _FFT)
        bands = np.add.reduceat(spectra.real**2 + spectra.imag**2, edges, axis=1)
        powers[begin : begin + _AT_ONCE] = bands[:, :-1] * scale
    return powers


def _decibels(powers: NDArray[np.float64]) -> _Levels:
    return 10 * np.log10(np.maximum(powers, 10 ** (_FLOOR / 10)))


def _full(level: _Levels, bands: _Levels) -> NDArray[np.bool_]:
    """Tell for each hop whether the track has its full sound: level and density."""
    body = slice(*(round(share * len(level)) for share in _BODY))
    level, bands = _median_of_neighbours(level), _median_of_neighbours(bands)
    loud = level >= np.median(level[body]) - _LEVEL_BELOW
    usual = np.median(bands[body], axis=0)
    filled = usual > usual.max() - 50  # a band that is empty throughout can neither sound nor be missed
    dense = np.mean(bands[:, filled] >= usual[filled] - _BAND_BELOW, axis=1) >= _PRESENT
    return np.asarray(loud & dense)


def _median_of_neighbours(levels: _Levels) -> _Levels:
    """Return the running median over _SMOOTH hops, along the first axis."""
    reach = _SMOOTH // 2
    padded = np.pad(levels, [(reach, reach), *[(0, 0)] * (levels.ndim - 1)], mode="edge")
    return np.asarray(np.median(sliding_window_view(padded, _SMOOTH, axis=0), axis=-1))


def _fade(level: _Levels) -> float | None:
    """Return the moment at which a fade-out at the end has taken half the power, in seconds; None without a fade.

    Going backwards from the end, a fade is as long as it gets louder and louder. It is one if the level then falls
    deep, and along a line: linear regression of dB over time.
    """
    smooth = _mean_of_neighbours(level)
    loudest = begin = len(smooth) - 1
    for hop in range(len(smooth) - 1, -1, -1):
        if smooth[hop] > smooth[loudest]:
            loudest = hop
            if smooth[hop] > smooth[begin] + _FADE_TOLERANCE / 2:
                begin = hop
        elif smooth[hop] < smooth[loudest] - _FADE_TOLERANCE or (begin - hop) * _HOP > _FADE_STALLED:
            break
    fade = smooth[begin:]
    if len(fade) * _HOP < _FADE_SHORTEST or fade[0] - fade[-1] < _FADE_DEPTH:
        return None
    heard = fade[fade > fade[0] - _FADE_HEARD]
    if np.corrcoef(np.arange(len(heard)), heard)[0, 1] > _FADE_STRAIGHT:
        return None
    still = np.flatnonzero(_median_of_neighbours(level)[begin:] >= smooth[loudest] - _CLEARLY_HEARD)
    return float(begin + still.max(initial=0)) * _HOP


def _mean_of_neighbours(level: _Levels) -> _Levels:
    """Return the running mean of dB over _FADE_SMOOTH: a straight fall stays where it is."""
    count = round(_FADE_SMOOTH / _HOP) + 1
    padded = np.pad(level, count // 2, mode="reflect", reflect_type="odd")
    return np.convolve(padded, np.full(count, 1 / count), "valid")
