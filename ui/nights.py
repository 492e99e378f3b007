"""What was played in this session and in earlier ones: what the window asks for, and where it comes from. No Qt."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from livedj.library.playlists import write_playlist
from livedj.music import TrackId
from livedj.night import entries as night
from livedj.night import log

_BY = {
    night.Chooser.PERSON: "you",
    night.Chooser.QUEUE: "queue",
    night.Chooser.AUTO_DJ: "auto-DJ",
    night.Chooser.REPAIR: "stand-in",
}


@dataclass(frozen=True, slots=True)
class Session:
    """One session in which something was played."""

    log: Path
    """Its log file."""
    began: datetime
    last: datetime
    """The last moment that is known of it."""
    songs: int
    running: bool = False
    """Whether it is the present one."""


@dataclass(frozen=True, slots=True)
class PlayedSong:
    """One song that was played."""

    at: datetime
    """When it began."""
    title: str
    artist: str
    by: str
    """Who chose it, in a word; empty where nobody knows."""


@dataclass(frozen=True, slots=True)
class History:
    """Where the window reads what was played. Each may take its time, and raise LiveDjError or OSError."""

    sessions: Callable[[], Sequence[Session]]
    """The newest first."""
    songs: Callable[[Session], Sequence[PlayedSong]]
    """In the order in which they were played."""
    export: Callable[[Session, Path], None]
    """Writes a session as a playlist."""


NOTHING_KEPT = History(sessions=tuple, songs=lambda session: (), export=lambda session, path: None)  # noqa: ARG005
"""The history of a program that keeps none."""


def history_in(data: Path) -> History:
    """Return the history that the session logs in the data folder tell."""
    return History(partial(_sessions, data), _songs, _export)


def _sessions(data: Path) -> list[Session]:
    found = log.sessions(data)
    return [
        # A session that has not ended and is not the newest is one in which the program died.
        Session(kept.path, kept.began, kept.last, kept.songs, running=kept is found[0] and not kept.ended)
        for kept in found
        if kept.songs
    ]


def _songs(session: Session) -> list[PlayedSong]:
    told = list(log.entries(session.log))
    choosers = _choosers(told)
    return [
        PlayedSong(song.since, song.song.title, song.song.artist, choosers.get((song.since, song.song.id), ""))
        for song in night.played(told)
    ]


def _choosers(told: Sequence[night.Entry]) -> dict[tuple[datetime, TrackId], str]:
    """Return who chose each song that went on air, by its moment and song: whoever had chosen it last by then."""
    chosen: dict[TrackId, str] = {}
    choosers: dict[tuple[datetime, TrackId], str] = {}
    for entry in told:
        match entry:
            case night.Chosen(song=song, by=by):
                chosen[song.id] = _BY[by]
            case night.OnAir(at=at, song=song):
                choosers[at, song.id] = chosen.pop(song.id, "")
    return choosers


def _export(session: Session, target: Path) -> None:
    write_playlist([song.song for song in night.played(log.entries(session.log))], target)
