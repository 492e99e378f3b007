"""Playlists as other programs write them: m3u, m3u8, pls and xspf.

Read liberally, since hardly a writer keeps to a standard: what an entry says is turned into the path of a file, whether
that file is there or not; streams and other addresses are left out. No library reads all four, so this does.
"""

import codecs
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PureWindowsPath
from urllib.parse import unquote_to_bytes, urlsplit
from urllib.request import url2pathname
from xml.etree import ElementTree

from livedj.errors import PlaylistError
from livedj.library.files import shown

SUFFIXES = frozenset({".m3u", ".m3u8", ".pls", ".xspf"})
LARGEST = 16 * 1024 * 1024
"""Bytes. A hundred thousand songs fit; what is larger is no playlist, whatever its name says."""

_BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_ADDRESS = re.compile(r"file:|[A-Za-z][A-Za-z0-9+.-]+://", re.IGNORECASE)  # a colon alone may stand in a name
_PLS_FILE = re.compile(r"file(\d+)\s*=(.*)", re.IGNORECASE)
_XSPF_LOCATIONS = "{*}trackList/{*}track"


def find_playlists(folder: Path) -> list[Path]:
    """Return all playlists below `folder`, hidden ones left out, by path."""
    found = []
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        paths = (Path(place, name) for name in names if not name.startswith("."))
        found += [path for path in paths if path.suffix.lower() in SUFFIXES]
    return sorted(found)


def read_playlist(path: Path) -> list[Path]:
    """Return the files that a playlist names, in its order, absolute and without `..`; they need not be there.

    Raises:
        PlaylistError: the file cannot be read, or is no playlist of the kind that its suffix says.

    """
    content = _read(path)
    match path.suffix.lower():
        case ".m3u" | ".m3u8":
            entries: Iterable[Path | None] = map(_path, _m3u(_text(content)))
        case ".pls":
            entries = map(_path, _pls(_text(content)))
        case ".xspf":
            entries = (next(filter(None, map(_path_of_uri, locations)), None) for locations in _xspf(content, path))
        case _:
            raise PlaylistError(f"{shown(path)} is no playlist that livedj reads: {', '.join(sorted(SUFFIXES))}.")
    folder = path.parent.absolute()
    return [Path(os.path.normpath(folder / entry)) for entry in entries if entry is not None]


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise PlaylistError(f"The playlist {shown(path)} cannot be read: {error.strerror}.") from error
    if len(content) > LARGEST:
        raise PlaylistError(f"{shown(path)} is too large for a playlist.")
    return content


def _text(content: bytes) -> str:
    """Decode by the byte order mark, as UTF-8, or in Windows' code page: whatever fits the whole of it first."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, errors="replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")  # Latin-1 but for some quotation marks and dashes


def _lines(text: str) -> list[str]:
    """Return the lines; str.splitlines would cut at characters that may stand in a name."""
    return [line.strip() for line in re.split(r"[\r\n]+", text)]


def _m3u(text: str) -> Iterator[str]:
    """Yield the entries: every line that is neither empty nor a comment (`#EXTINF:…`, too, is one)."""
    for entry in _lines(text):
        if entry and not entry.startswith("#"):
            yield entry


def _pls(text: str) -> Iterator[str]:
    """Yield the entries `FileN=…` by N. Titles, lengths and the section's name tell nothing about files."""
    entries = {int(found[1]): found[2].strip() for found in map(_PLS_FILE.fullmatch, _lines(text)) if found}
    for _, entry in sorted(entries.items()):
        if entry:
            yield entry


class _NoDoctype(ElementTree.TreeBuilder):
    """Refuses a document type: a playlist has none, and the entities it may declare can grow beyond all memory."""

    def doctype(self, _name: str, _public: str | None, _system: str | None) -> None:
        raise ValueError("it declares a document type")


def _xspf(content: bytes, path: Path) -> Iterator[list[str]]:
    """Yield each track's locations, of which the first that can be used counts."""
    try:
        root = ElementTree.fromstring(content, ElementTree.XMLParser(target=_NoDoctype()))
    except (ElementTree.ParseError, ValueError, LookupError) as error:  # LookupError: an encoding nobody knows
        raise PlaylistError(f"The playlist {shown(path)} is damaged: {error}.") from error
    for track in root.iterfind(_XSPF_LOCATIONS):
        yield [(location.text or "").strip() for location in track.iterfind("{*}location")]


def _path(entry: str) -> Path | None:
    """Return the path that a line of m3u or pls means; None for an address that is no file's."""
    if _ADDRESS.match(entry):
        return _path_of_uri(entry)
    if "\0" in entry:
        return None
    # What Windows wrote is understood elsewhere, too; a name with a backslash of its own has a slash before it.
    return Path(PureWindowsPath(entry).as_posix()) if "\\" in entry and "/" not in entry else Path(entry)


def _path_of_uri(uri: str) -> Path | None:
    """Return the path that a URI, absolute or relative, means; None for one that is no file's or is broken."""
    scheme, name = ("file", uri) if not _ADDRESS.match(uri) else (urlsplit(uri).scheme, _file_part(uri))
    if scheme != "file" or not name or "%00" in name:
        return None
    if os.name == "nt":
        return Path(url2pathname(name))
    return Path(os.fsdecode(unquote_to_bytes(name)))  # bytes: a name need not be UTF-8


def _file_part(uri: str) -> str:
    """Return what follows `file:`, without a host that is this machine; `?` and `#` stay, as careless writers mean."""
    rest = uri.partition(":")[2]
    if rest.startswith("//"):
        host, slash, name = rest[2:].partition("/")
        rest = slash + name if host in ("", "localhost") else ""
    return rest
