"""What a session's log holds: one typed entry for everything worth telling, and how each is a line of JSON. Pure.

Every entry says when (`at`, UTC); the caller stamps it. A line is an object whose `kind` names the entry. Values that
are None are left out, and names that this version does not know are ignored: logs of other versions can be read.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar, Self

from livedj.music import Seconds, Track, TrackId

GOES_ON_WITHIN = timedelta(seconds=90)
"""A song that begins in its middle so soon after it broke off has gone on."""


class Sound(StrEnum):
    """What the room sounds like."""

    MUSIC = "music"
    VOICES = "voices"
    """Loud enough, but no music."""
    SILENCE = "silence"
    UNKNOWN = "unknown"
    """There is no microphone to tell."""


class Chooser(StrEnum):
    """Who decided what plays."""

    PERSON = "person"
    AUTO_DJ = "auto-DJ"
    QUEUE = "queue"
    """It stood in the person's queue."""
    REPAIR = "repair"
    """What was chosen could not be played."""


@dataclass(frozen=True, slots=True)
class Song:
    """A song of the library as it was on that night; its file may have moved since."""

    id: TrackId
    path: Path
    title: str
    artist: str = ""
    duration: Seconds = Seconds(0.0)

    @classmethod
    def of(cls, track: Track) -> Self:
        """Return what the log keeps of `track`."""
        return cls(track.id, track.path, track.title, track.artist, track.duration)


@dataclass(frozen=True, slots=True)
class Pick:
    """A song that was proposed, and why."""

    song: Song
    reason: str


@dataclass(frozen=True, slots=True)
class Began:
    """The session began."""

    kind: ClassVar[str] = "began"
    at: datetime
    version: str
    """Of livedj."""
    seed: int = 0
    """What chance is drawn from in this night: `livedj run --seed`."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """The program had died, and goes on with the same session."""

    kind: ClassVar[str] = "resumed"
    at: datetime
    sentence: str
    """What happened to it."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The session ended as it should."""

    kind: ClassVar[str] = "ended"
    at: datetime


@dataclass(frozen=True, slots=True)
class Heard:
    """The room sounds different from before."""

    kind: ClassVar[str] = "heard"
    at: datetime
    sound: Sound
    song: Song | None = None
    """The song of the library that was recognised."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """Another song is now the best that could be played next."""

    kind: ClassVar[str] = "proposed"
    at: datetime
    picks: tuple[Pick, ...]
    """Best first."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """It was decided what plays next."""

    kind: ClassVar[str] = "chosen"
    at: datetime
    song: Song
    by: Chooser


@dataclass(frozen=True, slots=True)
class OnAir:
    """A song began to play. Its Played follows when it is over, unless the program dies before."""

    kind: ClassVar[str] = "on air"
    at: datetime
    song: Song
    start: Seconds
    """The playhead."""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Played:
    """A song has played."""

    kind: ClassVar[str] = "played"
    at: datetime
    """When it ended."""
    since: datetime
    """The `at` of its OnAir."""
    song: Song
    start: Seconds
    end: Seconds | None = None
    """The playhead when it ended; None where the program died meanwhile, or where it plays still."""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something went wrong."""

    kind: ClassVar[str] = "fault"
    at: datetime
    sentence: str


@dataclass(frozen=True, slots=True)
class Repair:
    """The program put something right by itself."""

    kind: ClassVar[str] = "repair"
    at: datetime
    sentence: str


@dataclass(frozen=True, slots=True)
class Lost:
    """So many entries are missing here: they could not be written in time."""

    kind: ClassVar[str] = "lost"
    at: datetime
    count: int


Entry = Began | Resumed | Ended | Heard | Proposed | Chosen | OnAir | Played | Fault | Repair | Lost
_KINDS: Mapping[str, type[Entry]] = {
    kind.kind: kind
    for kind in (Began, Resumed, Ended, Heard, Proposed, Chosen, OnAir, Played, Fault, Repair, Lost)
}


def to_line(entry: Entry) -> bytes:
    """Return `entry` as one line, its end included; `from_line` gives it back (moments to the millisecond)."""
    values = {"kind": entry.kind} | _object(entry)
    try:
        return _dumped(values, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # a file's name that is no UTF-8: escaped, it can be kept all the same
        return _dumped(values, ensure_ascii=True).encode()


def from_line(line: bytes) -> Entry | None:
    """Return the entry of a line; None where the line is torn, or of a kind that this version does not know."""
    try:
        values = json.loads(line)
        entry: Entry = _read(_KINDS[values["kind"]], values)
    except (ValueError, TypeError, KeyError, AttributeError):  # whatever else a line of JSON may hold
        return None
    return entry


def played(entries: Iterable[Entry]) -> list[Played]:
    """Return the songs that were played, in the order they began.

    A song that was on air when the program died, or is on air still, has no `end`, and its `at` is the last moment that
    the log knows.
    """
    over: list[Played] = []
    on_air: dict[tuple[datetime, TrackId], Played] = {}
    for entry in entries:
        match entry:
            case OnAir(at, song, start, why):
                on_air[at, song.id] = Played(at, at, song, start, why=why)
            case Played(_, since, song):
                on_air.pop((since, song.id), None)
                over.append(entry)
            case Resumed():
                over += on_air.values()
                on_air.clear()
        on_air = {key: replace(song, at=entry.at) for key, song in on_air.items()}
    return _joined(sorted([*over, *on_air.values()], key=lambda song: song.since))


def _joined(songs: Iterable[Played]) -> list[Played]:
    """Return the songs, one that went on after its player or the program had died as one."""
    joined: list[Played] = []
    for song in songs:
        former = joined[-1] if joined else None
        goes_on = former is not None and former.song.id == song.song.id and song.start > former.start
        if former is not None and goes_on and song.since - former.at <= GOES_ON_WITHIN:
            joined[-1] = replace(song, since=former.since, start=former.start, why=former.why)
        else:
            joined.append(song)
    return joined


# Between values and JSON ----------------------------------------------------------------------------------------------


def _object(value: Any) -> dict[str, Any]:
    pairs = ((item.name, getattr(value, item.name)) for item in fields(value))
    return {name: _json(held) for name, held in pairs if held is not None}


def _dumped(values: Mapping[str, Any], *, ensure_ascii: bool) -> str:
    return json.dumps(values, ensure_ascii=ensure_ascii, default=float) + "\n"  # float: NumPy's numbers


def _json(value: Any) -> Any:
    match value:
        case datetime():
            return value.isoformat(timespec="milliseconds")
        case Path():
            return str(value)
        case Song() | Pick():
            return _object(value)
        case tuple():
            return [_json(item) for item in value]
        case _:
            return value


def _read(kind: type[Any], values: Mapping[str, Any]) -> Any:
    """Return a `kind` of those `values` that it knows.

    Raises ValueError, TypeError, KeyError or AttributeError where a value is missing or not what its name says.
    """
    known = {item.name for item in fields(kind)}
    return kind(**{name: _READERS[name](value) for name, value in values.items() if name in known})


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "at": datetime.fromisoformat,
    "since": datetime.fromisoformat,
    "id": int,
    "path": Path,
    "title": str,
    "artist": str,
    "duration": float,
    "start": float,
    "end": float,
    "count": int,
    "seed": int,
    "song": lambda value: _read(Song, value),
    "picks": lambda value: tuple(_read(Pick, pick) for pick in value),
    "sound": Sound,
    "by": Chooser,
    "version": str,
    "reason": str,
    "why": str,
    "sentence": str,
}
"""How a value is read; a name means the same in every entry."""
