"""A night as a playlist: extended m3u8, which every player reads."""

import contextlib
import os
import re
from collections.abc import Iterable
from pathlib import Path

from livedj.errors import PlaylistError
from livedj.night.entries import Song

_PLAIN = re.compile(r"(?!\s)[^\x00-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]+(?<!\s)")
"""A name that a line of UTF-8 can hold: no line breaks or stray bytes, no blanks at its ends, which readers cut off."""
_MISLEADING = re.compile(r"#|[A-Za-z][A-Za-z0-9+.-]*:|[^/]*\\")
"""How a name must not begin, since a line so begun is a comment, an address, or a path of Windows."""


def write_m3u8(songs: Iterable[Song], target: Path) -> None:
    r"""Write `songs` in their order as a playlist, the whole file or nothing.

    A song that lies on the playlist's drive is named relative to its folder, so that both can move together; another
    one by its absolute path. The file is UTF-8. A name that is none, or that no line can hold (`\n`), is written as a
    `file:` address, which gives its bytes one by one.

    Raises PlaylistError where the file cannot be written.
    """
    folder = target.parent.absolute()
    lines = ["#EXTM3U"]
    for song in songs:
        lines += [f"#EXTINF:{round(song.duration) or -1},{_label(song)}", _entry(song.path, folder)]
    unfinished = target.with_name(f".{target.name}.part")
    try:
        try:
            with unfinished.open("w", encoding="utf-8", newline="\n") as file:
                file.write("\n".join(lines) + "\n")
                file.flush()
                os.fsync(file.fileno())  # a list that is to be taken along is often on a drive about to be pulled
            unfinished.replace(target)
        finally:
            with contextlib.suppress(OSError):
                unfinished.unlink(missing_ok=True)
    except OSError as error:
        name = os.fsencode(target.name).decode(errors="replace")
        raise PlaylistError(f"The playlist {name} cannot be written: {error.strerror}.") from error


def _label(song: Song) -> str:
    """Return `Artist - Title` in one line of valid text: that is what players understand, with a hyphen."""
    label = f"{song.artist} - {song.title}" if song.artist else song.title
    return " ".join(label.encode(errors="replace").decode().split())


def _entry(path: Path, folder: Path) -> str:
    """Return the line that names `path` in a playlist in `folder`."""
    entry = _relative(path, folder) if _same_drive(path, folder) else path.as_posix()
    if not _PLAIN.fullmatch(entry):
        return path.absolute().as_uri()
    return f"./{entry}" if _MISLEADING.match(entry) and not Path(entry).is_absolute() else entry


def _same_drive(path: Path, folder: Path) -> bool:
    """Tell whether both lie on one drive; what is not there now is not believed to."""
    try:
        return path.stat().st_dev == folder.stat().st_dev
    except OSError:
        return False


def _relative(path: Path, folder: Path) -> str:
    """Return the way from `folder` to `path`; the absolute path where programs would disagree on the way."""
    try:
        way = Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:  # another drive of Windows
        return path.as_posix()
    # Behind a symbolic link `..` leads elsewhere for the system than for a program that only counts slashes.
    return path.as_posix() if way.startswith("../") and folder.resolve() != folder else way
