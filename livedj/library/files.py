"""Folders of sound files, their tags and covers. The only file that reads with mutagen."""

import base64
import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mutagen
from mutagen.flac import Picture
from mutagen.id3 import ID3
from mutagen.mp4 import MP4Tags

AUDIO_SUFFIXES = frozenset({".mp3", ".m4a", ".flac", ".ogg", ".opus", ".wav"})
MOST_COVER_BYTES = 2 * 1024 * 1024
"""A larger picture is left out: it would cost more disk and time than a thumbnail is worth."""

_ID3_KEYS = ("TIT2", "TPE1", "TALB", "TCON", "TRCK", "TPOS")
_MP4_KEYS = ("\xa9nam", "\xa9ART", "\xa9alb", "\xa9gen", "trkn", "disk")
_VORBIS_KEYS = ("title", "artist", "album", "genre", "tracknumber", "discnumber")
_OWN_KEYS = ("TXXX:", "----:com.apple.itunes:")  # how ID3 and MP4 begin the names of tags that they do not know
_FRONT_COVER = 3  # the picture type of ID3's APIC, used by FLAC and Vorbis comments too


@dataclass(frozen=True, slots=True)
class Tags:
    """What a file says about itself; artist, album and genre are empty where it says nothing."""

    title: str
    artist: str = ""
    album: str = ""
    disc: int | None = None
    number: int | None = None
    """The track's place on its disc."""
    genre: str = ""
    """The first one, where there are several."""


@dataclass(frozen=True, slots=True)
class Gains:
    """What a file's tags say of its loudness, as they say it; None where they say nothing that can be understood."""

    replay_gain: float | None = None
    """dB that would bring the track to −18 LUFS (ReplayGain 2)."""
    replay_peak: float | None = None
    """The highest amplitude, 1 is full scale."""
    r128_gain: float | None = None
    """dB that would bring it to −23 LUFS (Opus)."""


def walk(folders: Iterable[Path]) -> Iterator[Path]:
    """Yield the absolute paths of all sound files below the folders, each file once, in a steady order.

    Links to folders are followed, each folder is entered once; hidden files and folders (among them macOS's `._`
    shadows of songs) and folders that may not be read are passed over.
    """
    entered: set[tuple[int, int]] = set()
    for folder in folders:
        yield from _walk(folder.absolute(), entered)


def _walk(folder: Path, entered: set[tuple[int, int]]) -> Iterator[Path]:
    try:
        status = folder.stat()
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    if (status.st_dev, status.st_ino) in entered:
        return
    entered.add((status.st_dev, status.st_ino))
    for entry in entries:
        if entry.name.startswith("."):
            continue
        path = Path(entry.path)
        if _tells(entry.is_dir):
            yield from _walk(path, entered)
        elif path.suffix.lower() in AUDIO_SUFFIXES and _tells(entry.is_file):
            yield path


def _tells(question: Callable[[], bool]) -> bool:
    try:
        return question()
    except OSError:  # a link to itself, or to where we may not look
        return False


def is_there(path: Path) -> bool:
    """Tell whether a file is there and can be reached; never raises, as Path.is_file does on a drive that is gone."""
    return os.path.isfile(path)  # noqa: PTH113 see above


def is_folder(path: Path) -> bool:
    """Tell the same of a folder."""
    return os.path.isdir(path)  # noqa: PTH112


def real_path(path: Path) -> Path:
    """Return where `path` leads to, as Path.resolve does, which raises where links lead in a circle (Python 3.11)."""
    return Path(os.path.realpath(path))


def is_below(path: Path, folders: Iterable[Path]) -> bool:
    """Tell whether a path is, by its name, one of these folders or in one of them."""
    return any(path.is_relative_to(folder) for folder in folders)


def shown(path: Path) -> str:
    """Return the file's name as it can be shown: bytes that are no UTF-8 become replacement characters."""
    return shown_path(Path(path.name))


def shown_path(path: Path) -> str:
    """Return the whole path as `shown` does the name."""
    return os.fsencode(path).decode(errors="replace")


def draft_of(target: Path) -> Path:
    """Return the hidden file beside `target` in which it is written until it is whole."""
    return target.with_name(f".{target.name}.part")


def why_not_new(target: Path) -> str:
    """Return why no new file can be written to `target`, in a sentence that says what to do; empty where it can."""
    try:
        draft_of(target).stat()  # the longer one of the two names
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError as error:
        return f"{shown(target)} cannot be written ({error.strerror}): choose another name or folder."
    if os.path.lexists(target):
        return f"{shown(target)} exists already: choose another name."
    if not is_folder(target.parent):
        return f"There is no folder {shown_path(target.parent)}: make it, or choose another one."
    return ""


def read_tags(path: Path) -> Tags:
    """Read what the tags say; without readable ones, the title is the file's name without its suffix."""
    tags = getattr(_opened(path), "tags", None)
    match tags:
        case ID3():
            keys = _ID3_KEYS
        case MP4Tags():
            keys = _MP4_KEYS
        case _:
            keys = _VORBIS_KEYS
    title, artist, album, genres = ([] if tags is None else _lines(tags.get(key)) for key in keys[:4])
    number, disc = (None if tags is None else _place(tags.get(key)) for key in keys[4:])
    stem = Path(shown(path)).stem
    return Tags(", ".join(title) or stem, ", ".join(artist), ", ".join(album), disc, number, next(iter(genres), ""))


def read_gains(path: Path) -> Gains:
    """Read ReplayGain and R128 tags: ID3's TXXX, Vorbis comments, MP4's freeform atoms."""
    tags = getattr(_opened(path), "tags", None)
    values = {} if tags is None else {_own_name(key): value for key, value in _entries(tags)}
    r128 = _amount(values.get("R128_TRACK_GAIN"))
    return Gains(
        _amount(values.get("REPLAYGAIN_TRACK_GAIN")),
        _amount(values.get("REPLAYGAIN_TRACK_PEAK")),
        None if r128 is None else r128 / 256,  # Q7.8: a whole number of 1/256 dB (RFC 7845)
    )


def read_cover(path: Path) -> bytes | None:
    """Return the encoded picture (JPEG, PNG…) embedded in a file, the front cover where it has several.

    None where there is none, or where it is larger than MOST_COVER_BYTES.
    """
    pictures = sorted(_pictures(path), key=lambda typed: typed[0] != _FRONT_COVER)
    return next((data for _, data in pictures if 0 < len(data) <= MOST_COVER_BYTES), None)


def _opened(path: Path) -> Any:
    """Return mutagen's file object (mutagen has no types), None for a file it does not know."""
    try:
        return mutagen.File(path)
    except (mutagen.MutagenError, OSError):
        return None


def _entries(tags: Any) -> Iterator[tuple[str, object]]:
    """Yield what a file's tags hold; of Vorbis comments of the same name, all in one list."""
    for key in set(tags.keys()):  # mutagen's Vorbis comments count a name as often as it stands there
        yield str(key), tags[key]


def _own_name(key: str) -> str:
    """Return the name of a tag that a format has no key of its own for, in capitals: their case varies."""
    for prefix in _OWN_KEYS:
        if key.lower().startswith(prefix.lower()):
            return key[len(prefix) :].upper()
    return key.upper()


def _amount(value: object) -> float | None:
    """Return the number that a tag such as `-6.70 dB` begins with."""
    first = next(iter(getattr(value, "text", value if isinstance(value, list) else [])), "")
    text = first.decode(errors="replace") if isinstance(first, bytes) else str(first)
    number = re.match(r"\s*[+-]?\d{1,9}(?:[.,]\d{1,9})?", text)
    return float(number[0].replace(",", ".")) if number else None


def _place(value: object) -> int | None:
    """Return the first number of `3`, `3/12` or MP4's (3, 12); None where there is none above 0."""
    first = next(iter(getattr(value, "text", value if isinstance(value, list) else [])), "")
    number = re.match(r"\s*\d{1,6}", str(first[0] if isinstance(first, tuple) and first else first))
    return int(number[0]) or None if number else None


def _lines(value: object) -> list[str]:
    """Return what a tag holds (an ID3 frame, or a list of strings), each a clean line."""
    # ID3 may number a genre; mutagen knows their names.
    parts = getattr(value, "genres", getattr(value, "text", value))
    if not isinstance(parts, list):
        return []
    # Tags may hold NULs, line breaks and, from broken UTF-16, lone surrogates that no database and no screen takes.
    lines = (str(part).encode(errors="replace").decode() for part in parts)
    return [" ".join("".join(c if c.isprintable() else " " for c in line).split()) for line in lines]


def _pictures(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield (picture type, encoded picture) of every picture in a file."""
    file = _opened(path)
    tags: Any = getattr(file, "tags", None)
    kind = type(tags)
    if tags is None:
        return
    if issubclass(kind, ID3):
        yield from ((int(frame.type), bytes(frame.data)) for frame in tags.getall("APIC"))
    elif issubclass(kind, MP4Tags):
        yield from ((_FRONT_COVER, bytes(cover)) for cover in tags.get("covr", []))
    else:
        yield from ((picture.type, picture.data) for picture in getattr(file, "pictures", []))
        yield from _vorbis_pictures(tags.get("metadata_block_picture", []))


def _vorbis_pictures(blocks: Iterable[str]) -> Iterator[tuple[int, bytes]]:
    """Decode the FLAC picture blocks that Ogg files carry as base64 comments."""
    for block in blocks:
        try:
            picture: Any = Picture(base64.b64decode(block))
        except (mutagen.MutagenError, ValueError):
            continue
        yield picture.type, picture.data
