"""Writing tracks: PyAV's encoders, and mutagen's tags with an embedded sleeve."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import av
import numpy as np
from mutagen import MutagenError
from mutagen.flac import FLAC, Picture
from mutagen.id3 import APIC, TALB, TCON, TIT2, TPE1, TRCK
from mutagen.mp3 import MP3
from mutagen.mp4 import MP4, MP4Cover
from mutagen.oggopus import OggOpus
from mutagen.oggvorbis import OggVorbis
from mutagen.wave import WAVE

from livedj.demo import cover
from livedj.demo.synth import RATE, Sound
from livedj.errors import DemoError


@dataclass(frozen=True, slots=True)
class Labels:
    """What a file says about itself."""

    title: str
    artist: str
    album: str
    genre: str
    number: int
    sleeve: bytes
    """JPEG."""


@dataclass(frozen=True, slots=True)
class _Encoder:
    container: str
    codec: str
    sample_format: str
    rate: int = RATE
    options: Mapping[str, str] = field(default_factory=dict)


# The wheel of PyAV carries no libvorbis; FFmpeg's own Vorbis encoder asks to be called experimental.
_ENCODERS = {
    "mp3": _Encoder("mp3", "libmp3lame", "s16p", options={"b": "192k", "compression_level": "7"}),
    "m4a": _Encoder("ipod", "aac", "fltp", options={"b": "192k", "aac_coder": "fast"}),
    "flac": _Encoder("flac", "flac", "s16"),
    "ogg": _Encoder("ogg", "vorbis", "fltp", options={"b": "224k", "strict": "experimental"}),
    "opus": _Encoder("ogg", "libopus", "s16", rate=48_000, options={"b": "144k"}),
    "wav": _Encoder("wav", "pcm_s16le", "s16"),
}


def write(path: Path, kind: str, sound: Sound, labels: Labels) -> None:
    """Encode stereo `sound` (n, 2) at 44.1 kHz as `kind`, whatever the name of `path`, and tag it.

    Raises DemoError where PyAV lacks the encoder or the file cannot be written.
    """
    try:
        _encode(path, _ENCODERS[kind], sound)
        _TAGGERS[kind](path, labels)
    except (av.FFmpegError, MutagenError, OSError, ValueError) as error:
        raise DemoError(f"{path.name} cannot be written as {kind}: {error}.") from error


def jpeg(picture: cover.Picture) -> bytes:
    """Encode an RGB picture as JPEG."""
    height, width, _ = picture.shape
    try:
        codec = av.CodecContext.create("mjpeg", "w")
        codec.width, codec.height = width, height
        codec.pix_fmt = "yuvj420p"
        codec.thread_count = 1
        codec.time_base = Fraction(1, 1)
        codec.options = {"qmin": "2", "qmax": "3"}
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuvj420p")
        return b"".join(bytes(packet) for packet in [*codec.encode(frame), *codec.encode(None)])
    except (av.FFmpegError, ValueError) as error:
        raise DemoError(f"The sleeve cannot be drawn: {error}.") from error


def _encode(path: Path, encoder: _Encoder, sound: Sound) -> None:
    # Bit-exact: no date, version or random serial number, so that equal samples make equal files.
    with av.open(path, "w", format=encoder.container, container_options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream(encoder.codec, rate=encoder.rate, options=dict(encoder.options))
        if not isinstance(stream, av.AudioStream):
            raise DemoError(f"{encoder.codec} is no encoder of sound.")
        stream.layout, stream.format = av.AudioLayout("stereo"), av.AudioFormat(encoder.sample_format)
        for start in range(0, len(sound), RATE):
            block = np.ascontiguousarray(sound[start : start + RATE].T)
            frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
            frame.sample_rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _tag_id3(path: Path, labels: Labels, kind: type[MP3] | type[WAVE]) -> None:
    file: Any = kind(path)
    if file.tags is None:
        file.add_tags()
    file.tags.add(TIT2(text=labels.title))
    file.tags.add(TPE1(text=labels.artist))
    file.tags.add(TALB(text=labels.album))
    file.tags.add(TCON(text=labels.genre))
    file.tags.add(TRCK(text=str(labels.number)))
    file.tags.add(APIC(mime="image/jpeg", type=3, desc="Cover", data=labels.sleeve))
    file.save()


def _tag_mp4(path: Path, labels: Labels) -> None:
    file: Any = MP4(path)
    file["\xa9nam"], file["\xa9ART"], file["\xa9alb"] = labels.title, labels.artist, labels.album
    file["\xa9gen"], file["trkn"] = labels.genre, [(labels.number, 0)]
    file["covr"] = [MP4Cover(labels.sleeve, MP4Cover.FORMAT_JPEG)]
    file.save()


def _tag_vorbis(path: Path, labels: Labels, kind: type[FLAC] | type[OggVorbis] | type[OggOpus]) -> None:
    file: Any = kind(path)
    file.update(
        title=labels.title, artist=labels.artist, album=labels.album, genre=labels.genre, tracknumber=str(labels.number)
    )
    picture = Picture()
    picture.type, picture.mime, picture.desc, picture.data = 3, "image/jpeg", "Cover", labels.sleeve
    picture.width = picture.height = cover.SIZE
    picture.depth = 24
    if isinstance(file, FLAC):
        file.add_picture(picture)
    else:
        file["metadata_block_picture"] = base64.b64encode(picture.write()).decode()
    file.save()


_TAGGERS: Mapping[str, Callable[[Path, Labels], None]] = {
    "mp3": partial(_tag_id3, kind=MP3),
    "wav": partial(_tag_id3, kind=WAVE),
    "m4a": _tag_mp4,
    "flac": partial(_tag_vorbis, kind=FLAC),
    "ogg": partial(_tag_vorbis, kind=OggVorbis),
    "opus": partial(_tag_vorbis, kind=OggOpus),
}
