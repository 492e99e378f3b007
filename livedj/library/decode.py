"""Any sound file -> float32, mono at 22,050 Hz for the ear or stereo for people, and how loud it is.

Only this file and meter.py read with PyAV.

A native decoder can kill its process or eat gigabytes: files that nobody has vetted belong in the scanner's workers.
"""

import contextlib
import hashlib
import itertools
from collections.abc import Callable, Generator, Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
from av.audio.fifo import AudioFifo
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from numpy.typing import NDArray

from livedj.errors import DecodeError, Remedy
from livedj.library.files import shown
from livedj.library.meter import LoudnessMeter, form_of
from livedj.music import SAMPLE_RATE, Loudness, Samples, Seconds, Stereo

LONGEST = Seconds(20 * 60.0)
"""decode() returns at most this much (106 MB) where no length is asked for; a ten-hour file never lies in memory."""

LOUDEST = 4.0
"""Samples are cut off at ± this, +12 dB above full scale. Peaks of loud masters lie up to 4 dB above it once a lossy
codec has been decoded, and a float file may have some headroom; far beyond are broken files only, whose level would
overflow the front end's powers."""

_DEMUXERS = "aac,aiff,flac,matroska,webm,mov,mp4,m4a,mp3,ogg,wav"
# A name proves nothing, so the content decides, but only among containers of sound. Without this list a text file can
# pose as a playlist (HLS, concat) and make FFmpeg open other files and addresses.
_PRE_ROLL = Seconds(1.0)
# Landing this much before the wanted moment lets codecs settle: mp3 draws on earlier frames (its bit reservoir), opus
# converges within 80 ms.
_MOST_BROKEN = 0.5
# A file in which more than this share of the packets is damaged is not music any more.


def decode(path: Path, start: Seconds = Seconds(0.0), seconds: Seconds | None = None) -> Samples:
    """Decode `seconds` of a file from the moment `start` on; to its end, or LONGEST, where no length is given.

    The first sample lies within a few milliseconds of `start`, counted as a player counts. Fewer samples than asked
    for, or none, are returned where the file ends earlier.

    Raises:
        DecodeError: the file is missing, unreadable, holds no sound or is damaged beyond use.

    """
    return _joined(blocks(path, start), LONGEST if seconds is None else seconds)


def blocks(path: Path, start: Seconds = Seconds(0.0)) -> Generator[Samples]:
    """Yield the same samples as decode(), without a limit, in blocks as the decoder delivers them.

    Raises:
        DecodeError: as decode() does; damage may show only after some blocks.

    """
    for sound in _blocks(path, start, _MONO):
        yield sound[0]


def stereo_blocks(path: Path, start: Seconds, rate: int) -> Generator[Stereo]:
    """Yield what a file sounds like from the moment `start` on, which counts as in decode(), at `rate` Hz.

    The blocks last about a second. A mono sound is the same on both sides; more channels than two are mixed down.

    Raises:
        DecodeError: as decode() does; damage may show only after some blocks.

    """
    for sound in _blocks(path, start, _Form("stereo", rate)):
        yield np.ascontiguousarray(np.broadcast_to(sound, (2, sound.shape[1])).T)


class _Form(NamedTuple):
    """What sound is to become."""

    layout: str
    """Mono stays mono in any case."""
    rate: int
    """Hz."""


_MONO = _Form("mono", SAMPLE_RATE)
_Sound = NDArray[np.float32]
"""Shape (channels, n)."""


def _blocks(
    path: Path,
    start: Seconds,
    form: _Form,
    follow: Callable[[Iterator[AudioFrame]], Iterator[AudioFrame]] = lambda frames: frames,
) -> Generator[_Sound]:
    with _refusing(path), _open(path) as container:
        stream = _sound_stream(container, path)
        frames = follow(_joined_to_seconds(_frames(container, stream, start, path)))
        yield from _cut(_resampled(frames, form), _origin(stream), start, form.rate)


def claimed_duration(path: Path) -> Seconds | None:
    """Return how long the file says it is, without decoding; None where it says nothing.

    Raises:
        DecodeError: the file cannot be opened.

    """
    with _refusing(path), _open(path) as container:
        return None if container.duration is None else Seconds(container.duration / av.time_base)


def content_key(path: Path) -> bytes:
    """Return 16 bytes that name the sound in a file, as it is encoded: renamed, moved or tagged anew it keeps them.

    They are a hash of the packets that a decoder would be given, of a long file within LONGEST; nothing is decoded.

    Raises:
        DecodeError: the file is missing, unreadable or holds no sound.

    """
    with _refusing(path), _open(path) as container:
        stream = _sound_stream(container, path)
        digest = hashlib.blake2b(f"{stream.codec_context.name} {stream.rate}".encode(), digest_size=16)
        end = (_origin(stream) + Fraction(LONGEST)) / _time_base(stream)
        for packet in _packets(container, stream):
            if packet.pts is not None and packet.pts >= end:
                break
            digest.update(bytes(packet))
    return digest.digest()


def decode_and_measure(path: Path) -> tuple[Samples, Loudness | None]:
    """Return the same as decode() of a file from its beginning, and how loud that is; None where that has no answer.

    Raises:
        DecodeError: as decode() does.

    """
    meter = LoudnessMeter()
    sounds = _blocks(path, Seconds(0.0), _MONO, meter.follow)
    samples = _joined((sound[0] for sound in sounds), LONGEST)
    return samples, meter.loudness()


@contextlib.contextmanager
def _refusing(path: Path) -> Iterator[None]:
    """Turn what PyAV raises into a DecodeError."""
    try:
        yield
    except (av.error.FFmpegError, OSError, ValueError, MemoryError) as error:
        # ValueError: PyAV's own refusal of parameters that make no sense, such as a sample rate of 0.
        raise DecodeError(f"{shown(path)} cannot be decoded: {_reason(error)}.", _remedy(error)) from error


def _joined(blocks: Iterable[Samples], seconds: Seconds) -> Samples:
    """Return the first `seconds` of the blocks in one piece."""
    wanted = round(seconds * SAMPLE_RATE)
    parts: list[Samples] = []
    for block in blocks:
        parts.append(block[:wanted])
        wanted -= len(parts[-1])
        if wanted <= 0:
            break
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)


def _open(path: Path) -> InputContainer:
    # `file:` keeps FFmpeg from reading a protocol into a name such as `concat:x.mp3`.
    return av.open(
        f"file:{path}",
        container_options={"format_whitelist": _DEMUXERS, "protocol_whitelist": "file"},
        metadata_errors="replace",
    )


def _sound_stream(container: InputContainer, path: Path) -> AudioStream:
    if not container.streams.audio:
        raise DecodeError(f"{shown(path)} holds no sound.", Remedy.NOTHING)
    return container.streams.audio[0]


def _frames(container: InputContainer, stream: AudioStream, start: Seconds, path: Path) -> Iterator[AudioFrame]:
    """Yield decoded frames from a moment before `start` on, leaving out damaged packets, as players do."""
    if start > _PRE_ROLL:
        target = _origin(stream) + Fraction(start - _PRE_ROLL)
        container.seek(int(target / _time_base(stream)), stream=stream)
    good = broken = 0
    for packet in _packets(container, stream):
        try:
            frames = stream.decode(packet)
        except av.error.FFmpegError:  # decoders report damage with whatever code comes to hand
            broken += 1
            continue
        good += bool(frames)
        yield from frames
    if broken and broken >= (good + broken) * _MOST_BROKEN:
        pieces = f"{broken} of {good + broken} pieces cannot be decoded"
        raise DecodeError(f"{shown(path)} is damaged: {pieces}.", Remedy.ANEW)
    if not good and start <= _PRE_ROLL:
        raise DecodeError(f"{shown(path)} holds no sound.", Remedy.ANEW)


def _packets(container: InputContainer, stream: AudioStream) -> Iterator["Packet[AudioStream]"]:
    """Yield packets; damage between them ends the file there, as it does for a player."""
    with contextlib.suppress(av.error.InvalidDataError):
        yield from container.demux(stream)


def _joined_to_seconds(frames: Iterator[AudioFrame]) -> Iterator[AudioFrame]:
    """Join a codec's short frames to ones of about a second; the first of each format keeps its time stamp.

    Each frame costs its way through Python, and short ones (26 ms) would cost more than to decode them.
    """
    for _, run in itertools.groupby(frames, form_of):  # streams glued together change their form midway
        queue, moment = AudioFifo(), None
        for frame in run:
            moment = moment or (frame.pts, frame.time_base)
            frame.pts = None  # which the queue would hold against its own count
            queue.write(frame)
            if queue.samples >= frame.sample_rate:
                yield _stamped(queue, *moment)
                moment = None, None
        if moment and queue.samples:
            yield _stamped(queue, *moment)


def _stamped(queue: AudioFifo, pts: int | None, time_base: Fraction | None) -> AudioFrame:
    frame = queue.read()
    assert frame is not None
    frame.pts = pts
    if time_base is not None:
        frame.time_base = time_base
    return frame


def _resampled(frames: Iterator[AudioFrame], form: _Form) -> Iterator[tuple[Fraction | None, _Sound]]:
    """Yield (moment, sound); the moment is known for the first block only."""
    for (_, layout, _), run in itertools.groupby(frames, form_of):  # each has a resampler of its own
        # rematrix_maxval: the channels' weights add up to 1, as if they were averaged; FFmpeg's own choice for float
        # samples would make a stereo file 3 dB louder than the same sound in mono. Mono would lose 3 dB on both sides.
        resampler = AudioResampler(
            format="fltp",
            layout="mono" if layout == "mono" else form.layout,
            rate=form.rate,
            options={"rematrix_maxval": "1.0"},
        )
        for frame in run:
            moment = None if frame.pts is None or frame.time_base is None else frame.pts * frame.time_base
            for block in resampler.resample(frame):
                yield moment, _sound(block)
        for block in resampler.resample(None):
            if block is not None:  # a resampler with nothing to do hands the flush itself back
                yield None, _sound(block)


def _sound(frame: AudioFrame) -> _Sound:
    samples: _Sound = np.clip(frame.to_ndarray(), -LOUDEST, LOUDEST)
    # A float file may hold anything: NaN would poison every sum it meets.
    return np.nan_to_num(samples, copy=False) if np.isnan(samples).any() else samples


def _cut(
    timed: Iterator[tuple[Fraction | None, _Sound]], origin: Fraction, start: Seconds, rate: int
) -> Iterator[_Sound]:
    """Drop what lies before `start`, by the moment of the first block."""
    ahead: int | None = None
    for moment, sound in timed:
        length = sound.shape[1]
        if ahead is None:
            begins = 0.0 if moment is None else float(moment - origin)
            ahead = max(0, round((start - begins) * rate))
        if ahead < length:
            yield sound[:, ahead:]
        ahead = max(0, ahead - length)


def _time_base(stream: AudioStream) -> Fraction:
    return stream.time_base or Fraction(1, 1_000_000)


def _origin(stream: AudioStream) -> Fraction:
    """Return the time stamp of the first sample: encoders' padding makes it differ from 0."""
    return (stream.start_time or 0) * _time_base(stream)


def _remedy(error: Exception) -> Remedy:
    match error:
        case av.error.InvalidDataError() | av.error.EOFError():
            return Remedy.ANEW
        case PermissionError():
            return Remedy.PERMIT
        case OSError():
            return Remedy.DRIVE
        case _:
            return Remedy.CONVERT


def _reason(error: Exception) -> str:
    match error:
        case av.error.InvalidDataError() | av.error.EOFError() | ValueError():
            return "it is no sound file that livedj knows, or it is damaged"
        case FileNotFoundError():
            return "it is not there"
        case PermissionError():
            return "it may not be read"
        case MemoryError():
            return "there is not enough memory"
        case OSError(strerror=str(text)):
            return text
        case _:
            return str(error) or type(error).__name__
