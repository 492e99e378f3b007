"""Folders of sound files, their tags and covers. The only file that reads with mutagen."""

import base64
import os
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

_ID3_KEYS = ("TIT2", "TPE1", "TALB")
_MP4_KEYS = ("\xa9nam", "\xa9ART", "\xa9alb")
_VORBIS_KEYS = ("title", "artist", "album")
_FRONT_COVER = 3  # the picture type of ID3's APIC, used by FLAC and Vorbis comments too


@dataclass(frozen=True, slots=True)
class Tags:
    """What a file says about itself; artist and album are empty where it says nothing."""

    title: str
    artist: str = ""
    album: str = ""


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


def shown(path: Path) -> str:
    """Return the file's name as it can be shown: bytes that are no UTF-8 become replacement characters."""
    return os.fsencode(path.name).decode(errors="replace")


def read_tags(path: Path) -> Tags:
    """Read title, artist and album; without readable tags, the title is the file's name without its suffix."""
    tags = getattr(_opened(path), "tags", None)
    match tags:
        case ID3():
            keys = _ID3_KEYS
        case MP4Tags():
            keys = _MP4_KEYS
        case _:
            keys = _VORBIS_KEYS
    title, artist, album = ("" if tags is None else _text(tags.get(key)) for key in keys)
    return Tags(title or Path(shown(path)).stem, artist, album)


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


def _text(value: object) -> str:
    """Join what a tag holds (an ID3 frame, or a list of strings) to one clean line."""
    parts = getattr(value, "text", value)
    if not isinstance(parts, list):
        return ""
    # Tags may hold NULs, line breaks and, from broken UTF-16, lone surrogates that no database and no screen takes.
    lines = (str(part).encode(errors="replace").decode() for part in parts)
    return ", ".join(" ".join("".join(c if c.isprintable() else " " for c in line).split()) for line in lines).strip()


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
