"""Sound files for the tests, written by PyAV."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from numpy.typing import NDArray

CODECS = {
    ".mp3": "libmp3lame",
    ".m4a": "aac",
    ".flac": "flac",
    ".ogg": "vorbis",
    ".opus": "libopus",
    ".wav": "pcm_s16le",
}


def noise(seconds: float, rate: int = 44_100, channels: int = 1, seed: int = 1) -> NDArray[np.float32]:
    """Smooth noise whose level moves, shape (channels, n): any two moments of it can be told apart."""
    count = round(seconds * rate)
    white = np.random.default_rng(seed).standard_normal((channels, count + 64))
    smooth = np.stack([np.convolve(row, np.hanning(65), "valid") for row in white])
    swell = 1 + 0.8 * np.sin(2 * np.pi * 1.7 * np.arange(count) / rate)
    return np.asarray(0.02 * smooth * swell, np.float32)


def tone(seconds: float, hertz: float = 440.0, rate: int = 44_100, amplitude: float = 0.5) -> NDArray[np.float32]:
    """A sine, shape (1, n)."""
    return np.asarray(amplitude * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate), np.float32)[None]


def silence(seconds: float, rate: int = 44_100) -> NDArray[np.float32]:
    """Digital silence, shape (1, n)."""
    return np.zeros((1, round(seconds * rate)), np.float32)


def write(
    path: Path,
    samples: NDArray[np.float32],
    rate: int = 44_100,
    layout: str | None = None,
    codec: str | None = None,
    form: str | None = None,
    options: dict[str, str] | None = None,
) -> Path:
    """Encode `samples`, shape (channels, n), as the suffix says."""
    name = codec or CODECS[path.suffix]
    if name == "vorbis" and len(samples) == 1:  # all that FFmpeg's own Vorbis encoder knows is stereo
        samples = np.repeat(samples, 2, axis=0)
    layout = layout or {1: "mono", 2: "stereo"}[len(samples)]
    with av.open(str(path), "w", format=form, container_options=options or {}) as container:
        stream = container.add_stream(name, rate=48_000 if name == "libopus" else rate, layout=layout)
        assert isinstance(stream, AudioStream)
        stream.codec_context.options = {"strict": "experimental"}  # Vorbis again
        stream.codec_context.open()
        frame = AudioFrame.from_ndarray(samples.T.reshape(1, -1), format="flt", layout=layout)
        frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
        context = stream.codec_context
        fit = AudioResampler(context.format, layout, context.sample_rate, frame_size=context.frame_size or 4096)
        for piece in [*fit.resample(frame), *fit.resample(None)]:
            if piece is not None:
                container.mux(stream.encode(piece))
        container.mux(stream.encode(None))
    return path
