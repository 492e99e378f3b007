"""How loud a sound is, measured while it is decoded: integrated loudness and true peak after EBU R128."""

import contextlib
import heapq
import math
from collections.abc import Iterable, Iterator
from typing import Any

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.filter import Graph
from numpy.typing import NDArray

from livedj.music import Loudness

_QUIETEST = -70.0
# LUFS: the absolute gate of EBU R128; FFmpeg tells this where no block was louder.
_TRUE_RATE = 176_400  # Hz to which ITU-R BS.1770 oversamples at least, to see the peaks between samples
_EDGE = 32  # samples on either side of a piece, over which it is faded out
_PIECE = 4096  # samples
_LOUDEST = 32
# Pieces that are oversampled, those with the highest samples: all of them would cost as much as the rest of a scan. A
# song in which more pieces are that loud is limited, and so loud that it is never boosted up to its peak.


class LoudnessMeter:
    """Measures what passes by, with its own channels at its own rate.

    A mono sound is measured as it is played, from two loudspeakers: 3 dB louder than the standard's single one. A
    stream glued to one of another rate or layout ends the measurement: two cannot be added up.
    """

    def __init__(self) -> None:
        self._form: tuple[str, str, int] | None = None
        self._graph: Graph | None = None
        self._ended = False
        self._last: AudioFrame | None = None
        """With what FFmpeg knows of the whole sound so far."""
        self._rest: NDArray[np.float32] | None = None
        self._loudest: list[tuple[float, int, NDArray[np.float32]]] = []
        """A heap: highest sample, number, and the piece with _EDGE more samples on either side, shape (channels, n)."""
        self._pieces = 0

    def follow(self, frames: Iterable[AudioFrame]) -> Iterator[AudioFrame]:
        """Yield the frames as they come, and measure them. What FFmpeg cannot measure has no loudness."""
        for frame in frames:
            self._ended = self._ended or self._form not in (None, form_of(frame))
            self._form = self._form or form_of(frame)
            if not self._ended:
                self._push(frame)
            yield frame

    def loudness(self) -> Loudness | None:
        """Return what was measured, once all has passed; None where nothing was louder than the gate of −70 LUFS."""
        if self._graph is not None:
            self._push(None)
        told = {} if self._last is None else self._last.metadata
        lufs, peak = float(told.get("lavfi.r128.I", "nan")), self._true_peak()
        if not (math.isfinite(lufs) and lufs > _QUIETEST and peak > 0):
            return None
        return Loudness(lufs, 20 * math.log10(peak))

    def _push(self, frame: AudioFrame | None) -> None:
        try:
            if frame is not None:
                self._keep(_sound(frame))
                self._graph = self._graph or _meter(frame)
            assert self._graph is not None
            self._graph.push(frame)
            for measured in _pulled(self._graph):
                if frame is not None or measured.metadata:  # a last piece of less than 0.1 s tells nothing
                    self._last = measured
        except (av.error.FFmpegError, ValueError):
            self._ended, self._graph, self._last = True, None, None

    def _keep(self, sound: NDArray[np.float32]) -> None:
        """Keep the pieces that are among the loudest, each with the end of what came before it."""
        if self._rest is not None:
            sound = np.concatenate([self._rest, sound], axis=1)
        self._rest = sound[:, -2 * _EDGE :]
        levels = np.abs(sound[:, _EDGE:-_EDGE]).max(axis=0, initial=0.0)
        if not len(levels):
            return
        begins = range(0, len(levels), _PIECE)
        for begin, highest in zip(begins, np.maximum.reduceat(levels, begins), strict=True):
            self._pieces += 1
            if math.isfinite(highest) and (len(self._loudest) < _LOUDEST or highest > self._loudest[0][0]):
                keep = heapq.heappush if len(self._loudest) < _LOUDEST else heapq.heapreplace
                keep(self._loudest, (float(highest), self._pieces, sound[:, begin : begin + _PIECE + 2 * _EDGE].copy()))

    def _true_peak(self) -> float:
        """Return the highest amplitude between the samples of the loudest pieces, or at them."""
        peak, rate = 0.0, self._form[2] if self._form else _TRUE_RATE
        times = math.ceil(_TRUE_RATE / rate)
        for highest, _, piece in self._loudest:
            between = _oversampled(piece, times)[:, _EDGE * times : -_EDGE * times]
            peak = max(peak, highest, float(np.abs(between).max(initial=0.0)))
        return peak


def form_of(frame: AudioFrame) -> tuple[str, str, int]:
    """Return what all frames of one sound have in common: sample format, layout and rate."""
    return frame.format.name, frame.layout.name, frame.sample_rate


def _sound(frame: AudioFrame) -> NDArray[np.float32]:
    """Return the samples of a frame, shape (channels, n), full scale being 1."""
    samples: NDArray[Any] = frame.to_ndarray()
    if not frame.format.is_planar:
        samples = samples.reshape(frame.samples, -1).T
    if samples.dtype.kind == "u":  # 8 bits, centred at 128
        return np.asarray((samples.astype(np.float32) - 128) / 128, np.float32)
    full = 1.0 if samples.dtype.kind == "f" else float(np.iinfo(samples.dtype).max) + 1
    return np.asarray(samples / np.float32(full), np.float32)


def _oversampled(piece: NDArray[np.float32], times: int) -> NDArray[np.floating]:
    """Return the sound, shape (channels, n), at `times` its rate; _EDGE samples at its ends are faded out."""
    length = piece.shape[1]
    fade = np.minimum(1.0, (np.arange(length) + 0.5) / _EDGE).astype(np.float32)
    size = 1 << length.bit_length()
    spectrum = np.fft.rfft(piece * fade * fade[::-1], size)
    return np.asarray(times * np.fft.irfft(spectrum, times * size)[:, : times * length])


def _meter(frame: AudioFrame) -> Graph:
    """Return FFmpeg's ebur128, which tells after every 0.1 s what it knows of the whole sound so far."""
    graph = Graph()
    source = graph.add_abuffer(
        sample_rate=frame.sample_rate,
        format=frame.format.name,
        layout=frame.layout.name,
        time_base=frame.time_base,
    )
    meter = graph.add("ebur128", "dualmono=true:metadata=1:framelog=quiet")
    sink = graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    return graph


def _pulled(graph: Graph) -> Iterator[AudioFrame]:
    with contextlib.suppress(av.error.BlockingIOError, av.error.EOFError):  # wants more; has had all
        while True:
            frame = graph.pull()
            assert isinstance(frame, AudioFrame)
            yield frame
