"""Which sound a file holds, whatever its name, place and tags: what was moved or tagged anew is not heard again."""

from dataclasses import dataclass, field
from pathlib import Path

from livedj.errors import DecodeError, Remedy
from livedj.library.decode import content_key
from livedj.library.files import Tags, read_cover, read_tags, shown
from livedj.library.loudness import Tagged, read_tagged


@dataclass(frozen=True, slots=True)
class Identity:
    """What is found of a file without decoding it."""

    path: Path
    mtime_ns: int
    size: int
    """Bytes; with mtime_ns, of the moment before the file was read."""
    content: bytes
    """See `content_key`."""
    tags: Tags
    cover: bytes | None = field(repr=False)
    loudness: Tagged
    """As far as the tags tell."""


def identify(path: Path) -> Identity:
    """Read a file's content key and what can be tagged anew.

    Raises:
        DecodeError: the file is missing, unreadable or holds no sound.

    """
    try:
        status = path.stat()
    except OSError as error:
        raise DecodeError(f"{shown(path)} cannot be read: {error.strerror}.", Remedy.DRIVE) from error
    return Identity(
        path=path,
        mtime_ns=status.st_mtime_ns,
        size=status.st_size,
        content=content_key(path),
        tags=read_tags(path),
        cover=read_cover(path),
        loudness=read_tagged(path),
    )
