"""Playlists for other programs, and as those write them: m3u, m3u8, pls and xspf.

Read liberally, since hardly a writer keeps to a standard: what an entry says is turned into the path of a file, whether
that file is there or not; streams and other addresses are left out. Written such that players agree on what is meant.
No library knows all four, so this does.
"""

import codecs
import contextlib
import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PureWindowsPath
from typing import Protocol
from urllib.parse import quote, unquote_to_bytes
from urllib.request import url2pathname
from xml.etree import ElementTree

from livedj.errors import PlaylistError
from livedj.library.files import draft_of, shown, why_not_new
from livedj.music import Seconds

SUFFIXES = frozenset({".m3u", ".m3u8", ".pls", ".xspf"})
LARGEST = 16 * 1024 * 1024
"""Bytes. A hundred thousand songs fit; what is larger is no playlist, whatever its name says."""

_BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_ADDRESS = re.compile(r"file:|[A-Za-z][A-Za-z0-9+.-]+://", re.IGNORECASE)  # a colon alone may stand in a name
_PLS_FILE = re.compile(r"file(\d{1,9})\s*=(.*)", re.IGNORECASE)  # int() refuses thousands of digits
_XSPF_LOCATIONS = "{*}trackList/{*}track"
_XSPF = "http://xspf.org/ns/0/"

_PLAIN = re.compile(r"(?!\s)[^\x00-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]+(?<!\s)")
"""A name that a line of UTF-8 can hold: no line breaks or stray bytes, no blanks at its ends, which readers cut off."""
_MISLEADING = re.compile(r"#|[A-Za-z][A-Za-z0-9+.-]*:|[^/]*\\")
"""How a name must not begin, since a line so begun is a comment, an address, or a path of Windows."""


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
    # Not by urlsplit, which raises where a host is none: `file://[1999] Album/song.mp3`.
    scheme, name = (uri.partition(":")[0], _file_part(uri)) if _ADDRESS.match(uri) else ("file", uri)
    if scheme.lower() != "file" or not name or "%00" in name or "\0" in name:
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


class Song(Protocol):
    """What a playlist tells of a song: a track of the library will do, and so will what a session's log keeps of it."""

    @property
    def path(self) -> Path:
        """Its file, absolute."""

    @property
    def title(self) -> str:
        """Its title."""

    @property
    def artist(self) -> str:
        """Empty where nobody is known."""

    @property
    def duration(self) -> Seconds:
        """0 where it is not known."""


def refuse(target: Path) -> None:
    """Raise PlaylistError, saying what to do, where no new playlist can be written to `target`."""
    _writer(target)
    if reason := why_not_new(target):
        raise PlaylistError(reason)


def write_playlist(songs: Iterable[Song], target: Path, *, relative: bool = True) -> None:
    r"""Write `songs` in their order as a playlist of the kind that the suffix says, the whole file or nothing.

    If `relative`, a song that lies on the playlist's drive is named relative to its folder, so that both can move
    together; any other one is named by its absolute path. The file is UTF-8, m3u too. A name that is none, or that no
    line can hold (`\n`), is written as a `file:` address, which gives its bytes one by one.

    Raises:
        PlaylistError: the file cannot be written, or its suffix is not one of SUFFIXES.

    """
    write = _writer(target)
    folder = target.parent.absolute()
    content = write([(song, _place(song.path, folder) if relative else song.path.as_posix()) for song in songs])
    unfinished = draft_of(target)
    try:
        try:
            with unfinished.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())  # a list that is to be taken along is often on a drive about to be pulled
            unfinished.replace(target)
        finally:
            with contextlib.suppress(OSError):
                unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise PlaylistError(f"The playlist {shown(target)} cannot be written: {error.strerror}.") from error


def _writer(target: Path) -> "Callable[[_Placed], bytes]":
    write = _WRITERS.get(target.suffix.lower())
    if write is None:
        raise PlaylistError(f"{shown(target)} is no playlist that livedj writes: {', '.join(sorted(SUFFIXES))}.")
    return write


_Placed = list[tuple[Song, str]]
"""Songs, each with its path as it is to be written: absolute, or relative to the list's folder."""


def _m3u_of(songs: _Placed) -> bytes:
    lines = ["#EXTM3U"]
    for song, place in songs:
        lines += [f"#EXTINF:{_whole_seconds(song)},{_label(song)}", _entry(song, place)]
    return "".join(f"{line}\n" for line in lines).encode()


def _pls_of(songs: _Placed) -> bytes:
    lines = ["[playlist]"]
    for number, (song, place) in enumerate(songs, 1):
        lines += [f"File{number}={_entry(song, place)}", f"Title{number}={_label(song)}"]
        lines += [f"Length{number}={_whole_seconds(song)}"]
    lines += [f"NumberOfEntries={len(songs)}", "Version=2"]
    return "".join(f"{line}\n" for line in lines).encode()


def _xspf_of(songs: _Placed) -> bytes:
    root = ElementTree.Element("playlist", version="1", xmlns=_XSPF)
    tracks = ElementTree.SubElement(root, "trackList")
    for song, place in songs:
        told = {
            "location": song.path.as_uri() if Path(place).is_absolute() else quote(os.fsencode(place)),
            "title": _one_line(song.title),
            "creator": _one_line(song.artist),
            "duration": str(round(1000 * song.duration)) if song.duration else "",
        }
        track = ElementTree.SubElement(tracks, "track")
        for name, text in told.items():
            if text:
                ElementTree.SubElement(track, name).text = text
    ElementTree.indent(root)
    content: bytes = ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return content + b"\n"


_WRITERS: dict[str, Callable[[_Placed], bytes]] = {
    ".m3u": _m3u_of,
    ".m3u8": _m3u_of,
    ".pls": _pls_of,
    ".xspf": _xspf_of,
}


def _whole_seconds(song: Song) -> int:
    return round(song.duration) or -1  # what the formats say where it is not known


def _label(song: Song) -> str:
    """Return `Artist - Title` in one line: that is what players understand, with a hyphen."""
    return _one_line(f"{song.artist} - {song.title}" if song.artist else song.title)


def _one_line(text: str) -> str:
    """Return valid text in one line, without what XML cannot hold."""
    valid = text.encode(errors="replace").decode()
    return " ".join("".join(letter if letter.isprintable() else " " for letter in valid).split())


def _entry(song: Song, place: str) -> str:
    """Return the line that names a song in m3u and pls."""
    if not _PLAIN.fullmatch(place):
        return song.path.as_uri()
    return f"./{place}" if _MISLEADING.match(place) and not Path(place).is_absolute() else place


def _place(path: Path, folder: Path) -> str:
    """Return the way from `folder` to `path`; the absolute path where programs would disagree on the way."""
    if not _same_drive(path, folder):
        return path.as_posix()
    try:
        way = Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:  # another drive of Windows
        return path.as_posix()
    # Behind a symbolic link `..` leads elsewhere for the system than for a program that only counts slashes.
    return path.as_posix() if way.startswith("../") and folder.resolve() != folder else way


def _same_drive(path: Path, folder: Path) -> bool:
    """Tell whether both lie on one drive; what is not there now is not believed to."""
    try:
        return path.stat().st_dev == folder.stat().st_dev
    except OSError:
        return False
