"""Writing sound files: PyAV's encoders, and mutagen's tags with sleeve and chapters."""

import base64
import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import av
import numpy as np
from mutagen import MutagenError
from mutagen.flac import FLAC, Picture
from mutagen.id3 import APIC, CHAP, CTOC, TALB, TCON, TIT2, TPE1, TRCK, CTOCFlags
from mutagen.mp3 import MP3
from mutagen.mp4 import MP4, MP4Cover
from mutagen.oggopus import OggOpus
from mutagen.oggvorbis import OggVorbis
from mutagen.wave import WAVE
from numpy.typing import NDArray

from livedj.errors import EncodeError
from livedj.library.files import draft_of, shown
from livedj.music import Seconds, Stereo

if TYPE_CHECKING:  # it is in the stubs alone
    from av.container.core import Chapter as AvChapter

_FRONT_COVER = 3
_MOST_LISTED = 255
"""Chapters that the table of contents of ID3 can name."""


@dataclass(frozen=True, slots=True)
class Sleeve:
    """A picture as files carry it."""

    jpeg: bytes
    width: int
    height: int
    """Both in pixels."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """A part of a file that players list and jump to."""

    title: str
    begin: Seconds
    end: Seconds


@dataclass(frozen=True, slots=True)
class Labels:
    """What a file says about itself; what is empty or None is left out."""

    title: str
    artist: str = ""
    album: str = ""
    genre: str = ""
    number: int | None = None
    sleeve: Sleeve | None = None
    chapters: Sequence[Chapter] = ()


@dataclass(frozen=True, slots=True)
class Encoder:
    """How a kind of file is written."""

    container: str
    codec: str
    sample_format: str
    tag: Callable[[Path, Labels], None]
    rate: int = 44_100
    """Hz."""
    options: Mapping[str, str] = field(default_factory=dict)


class SoundFile:
    """A sound file while it is written, block by block: a context manager.

    The whole file is there after `finish`, and nothing without it. Every method raises EncodeError where the encoder is
    missing or the file cannot be written.
    """

    def __init__(self, path: Path, encoder: Encoder, rate: int) -> None:
        """Begin the file, whatever its name, for sound at `rate` Hz."""
        self._path, self._draft, self._encoder, self._rate = path, draft_of(path), encoder, rate
        self._frames = 0
        with self._refusing():
            # `file:` keeps FFmpeg from reading a protocol into a name such as `Party: live.mp3`.
            # Bit-exact: no date, version or random serial number, so that equal samples make equal files.
            self._container = av.open(
                f"file:{self._draft}", "w", format=encoder.container, container_options={"fflags": "+bitexact"}
            )
            stream = self._container.add_stream(encoder.codec, rate=encoder.rate, options=dict(encoder.options))
            assert isinstance(stream, av.AudioStream)
            stream.layout, stream.format = av.AudioLayout("stereo"), av.AudioFormat(encoder.sample_format)
            self._stream = stream

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(av.FFmpegError, OSError):  # told already where it matters
            self._container.close()
        with contextlib.suppress(OSError):
            self._draft.unlink(missing_ok=True)

    @property
    def seconds(self) -> Seconds:
        """How much sound was written."""
        return Seconds(self._frames / self._rate)

    def write(self, sound: Stereo) -> None:
        """Append sound."""
        with self._refusing():
            for first in range(0, len(sound), self._rate):
                block = np.ascontiguousarray(sound[first : first + self._rate].T)
                frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
                frame.sample_rate, frame.pts, frame.time_base = self._rate, self._frames, Fraction(1, self._rate)
                self._container.mux(self._stream.encode(frame))
                self._frames += block.shape[1]

    def finish(self, labels: Labels | None = None) -> None:
        """Write what the encoder still holds, and the labels, and put the file in its place."""
        with self._refusing():
            if labels is not None and self._encoder.tag is _tag_mp4:  # others take chapters before the sound only
                self._container.set_chapters([_av_chapter(*numbered) for numbered in enumerate(labels.chapters)])
            self._container.mux(self._stream.encode(None))
            self._container.close()
            if labels is not None:
                self._encoder.tag(self._draft, labels)
            self._draft.replace(self._path)

    @contextlib.contextmanager
    def _refusing(self) -> Iterator[None]:
        """Turn what PyAV and mutagen raise into an EncodeError."""
        try:
            yield
        except (av.FFmpegError, MutagenError, OSError, ValueError) as error:
            # mutagen wraps the system's error, whose text would name the draft.
            cause = next((wrapped for wrapped in error.args if isinstance(wrapped, OSError)), error)
            reason = getattr(cause, "strerror", None) or cause
            raise EncodeError(f"{shown(self._path)} cannot be written: {reason}.") from error


def write(path: Path, kind: str, sound: Stereo, labels: Labels) -> None:
    """Encode stereo `sound` at 44.1 kHz as `kind`, whatever the name of `path`, and tag it.

    Raises:
        EncodeError: PyAV lacks the encoder, or the file cannot be written.

    """
    with SoundFile(path, ENCODERS[kind], 44_100) as file:
        file.write(sound)
        file.finish(labels)


def jpeg(picture: NDArray[np.uint8]) -> Sleeve:
    """Encode an RGB picture, shape (height, width, 3), as JPEG.

    Raises:
        EncodeError: PyAV lacks the encoder.

    """
    height, width, _ = picture.shape
    try:
        codec = av.CodecContext.create("mjpeg", "w")
        codec.width, codec.height = width, height
        codec.pix_fmt = "yuvj420p"
        codec.thread_count = 1
        codec.time_base = Fraction(1, 1)
        codec.options = {"qmin": "2", "qmax": "3"}
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuvj420p")
        packets = [*codec.encode(frame), *codec.encode(None)]
    except (av.FFmpegError, ValueError) as error:
        raise EncodeError(f"The sleeve cannot be drawn: {error}.") from error
    return Sleeve(b"".join(bytes(packet) for packet in packets), width, height)


def _av_chapter(number: int, chapter: Chapter) -> "AvChapter":
    begin, end = _milliseconds(chapter)
    title = {"title": chapter.title}
    return {"id": number, "start": begin, "end": end, "time_base": Fraction(1, 1000), "metadata": title}


def _milliseconds(chapter: Chapter) -> tuple[int, int]:
    return round(1000 * chapter.begin), round(1000 * chapter.end)


def _texts(labels: Labels, *keys: Any) -> dict[Any, str]:
    """Return title, artist, album, genre and number by their `keys`, without those that are not known."""
    number = "" if labels.number is None else str(labels.number)
    values = (labels.title, labels.artist, labels.album, labels.genre, number)
    return {key: value for key, value in zip(keys, values, strict=False) if value}


def _tag_id3(path: Path, labels: Labels, kind: type[MP3] | type[WAVE]) -> None:
    file: Any = kind(path)
    if file.tags is None:
        file.add_tags()
    for frame, text in _texts(labels, TIT2, TPE1, TALB, TCON, TRCK).items():
        file.tags.add(frame(text=text))
    if labels.sleeve is not None:
        file.tags.add(APIC(mime="image/jpeg", type=_FRONT_COVER, desc="Cover", data=labels.sleeve.jpeg))
    names = [f"chapter {number}" for number in range(1, len(labels.chapters) + 1)]
    for name, chapter in zip(names, labels.chapters, strict=True):
        begin, end = _milliseconds(chapter)
        title = TIT2(text=chapter.title)
        file.tags.add(CHAP(element_id=name, start_time=begin, end_time=end, sub_frames=[title]))
    if names:
        whole = CTOCFlags.TOP_LEVEL | CTOCFlags.ORDERED
        file.tags.add(CTOC(element_id="all", flags=whole, child_element_ids=names[:_MOST_LISTED], sub_frames=[]))
    file.save()


def _tag_mp4(path: Path, labels: Labels) -> None:
    file: Any = MP4(path)
    file.update(_texts(labels, "\xa9nam", "\xa9ART", "\xa9alb", "\xa9gen"))
    if labels.number is not None:
        file["trkn"] = [(labels.number, 0)]
    if labels.sleeve is not None:
        file["covr"] = [MP4Cover(labels.sleeve.jpeg, MP4Cover.FORMAT_JPEG)]
    file.save()


def _tag_vorbis(path: Path, labels: Labels, kind: type[FLAC] | type[OggVorbis] | type[OggOpus]) -> None:
    """Write Vorbis comments; for chapters, those of https://wiki.xiph.org/Chapter_Extension."""
    file: Any = kind(path)
    file.update(_texts(labels, "title", "artist", "album", "genre", "tracknumber"))
    for number, chapter in enumerate(labels.chapters, 1):
        seconds, thousandths = divmod(_milliseconds(chapter)[0], 1000)
        clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{thousandths:03}"
        file[f"chapter{number:03}"], file[f"chapter{number:03}name"] = clock, chapter.title
    if labels.sleeve is not None:
        _add_picture(file, labels.sleeve)
    file.save()


def _add_picture(file: Any, sleeve: Sleeve) -> None:
    picture = Picture()
    picture.type, picture.mime, picture.desc, picture.data = _FRONT_COVER, "image/jpeg", "Cover", sleeve.jpeg
    picture.width, picture.height, picture.depth = sleeve.width, sleeve.height, 24
    if isinstance(file, FLAC):
        file.add_picture(picture)
    else:
        file["metadata_block_picture"] = base64.b64encode(picture.write()).decode()


# The wheel of PyAV carries no libvorbis; FFmpeg's own Vorbis encoder asks to be called experimental.
ENCODERS: Mapping[str, Encoder] = {
    "mp3": Encoder(
        "mp3", "libmp3lame", "s16p", partial(_tag_id3, kind=MP3), options={"b": "192k", "compression_level": "7"}
    ),
    "m4a": Encoder("ipod", "aac", "fltp", _tag_mp4, options={"b": "192k", "aac_coder": "fast"}),
    "flac": Encoder("flac", "flac", "s16", partial(_tag_vorbis, kind=FLAC)),
    "ogg": Encoder(
        "ogg", "vorbis", "fltp", partial(_tag_vorbis, kind=OggVorbis), options={"b": "224k", "strict": "experimental"}
    ),
    "opus": Encoder(
        "ogg", "libopus", "s16", partial(_tag_vorbis, kind=OggOpus), rate=48_000, options={"b": "144k"}
    ),
    "wav": Encoder("wav", "pcm_s16le", "s16", partial(_tag_id3, kind=WAVE)),
}
"""By the suffix of their files."""
