"""What a person has put together: playlists, and what was played in one session. A song is its file."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from livedj.errors import PlaylistError, TasteError
from livedj.library.catalogue import Catalogue
from livedj.library.files import AUDIO_SUFFIXES, is_there
from livedj.library.playlists import SUFFIXES, find_playlists, read_playlist
from livedj.music import Seconds, TrackId
from livedj.train.taste.plan import Plan

_ALL = 1_000_000  # of the history: a hundred songs a night for decades
_FEWEST = 2  # songs that are a list: a single one keeps no company


@dataclass(frozen=True, slots=True)
class Lists:
    """All that is known of what belongs together."""

    lists: Sequence[Sequence[Path]]
    """Of two songs or more, each once, in order; files that are there."""
    playlists: int
    """Files found in the folder, usable or not."""
    named: int
    """Different files that playlists name."""
    missing: int
    """Those of them that are not there."""
    sessions: int
    """Sessions of the history among the lists."""
    unreadable: Sequence[str]
    """A sentence for each playlist that cannot be read."""


def gather(folder: Path, catalogue: Path, plan: Plan) -> Lists:
    """Read the playlists below `folder` and the history of the library, where there is one."""
    playlists, unreadable = find_playlists(folder), []
    named: list[list[Path]] = []
    for playlist in playlists:
        try:
            named.append(read_playlist(playlist))
        except PlaylistError as error:
            unreadable.append(str(error))
    different = {path for paths in named for path in paths}
    # The same file by two ways is one song; what is no sound file, such as a video, is none.
    there = {path: path.resolve() for path in different if is_there(path) and path.suffix.lower() in AUDIO_SUFFIXES}
    sessions = list(_usable(_sessions(catalogue, plan.session_gap)))
    lists = list(_usable([there[path] for path in paths if path in there] for paths in named))
    return Lists(
        lists=[*lists, *sessions],
        playlists=len(playlists),
        named=len(different),
        missing=len(different) - len(there),
        sessions=len(sessions),
        unreadable=unreadable,
    )


def refuse_too_few(found: Lists, folder: Path, plan: Plan) -> None:
    """Raise TasteError, saying what was found and what is needed, where no taste can be learned from it."""
    needed = f"livedj needs at least {plan.least_lists} lists with {plan.least_songs} different songs that are there"
    if not found.playlists and not found.lists:
        kinds = ", ".join(sorted(suffix[1:] for suffix in SUFFIXES))
        raise TasteError(f"There is no playlist ({kinds}) in {folder}, and no session in the history: {needed}.")
    if found.named == found.missing and not found.lists:
        raise TasteError(
            f"None of the {found.named} files that the {found.playlists} playlists in {folder} name is there: {needed}."
        )
    songs = len({song for one in found.lists for song in one})
    if len(found.lists) < plan.least_lists or songs < plan.least_songs:
        raise TasteError(
            f"That is too little to learn a taste from: {len(found.lists)} lists of two songs or more "
            f"({found.sessions} of them sessions of the history) with {songs} different songs; {needed}."
        )


def sessions_of(history: Iterable[tuple[TrackId, datetime]], gap: Seconds) -> Iterator[list[TrackId]]:
    """Yield what was played in one go, given what began when, the earliest first."""
    session: list[TrackId] = []
    before: datetime | None = None
    for track, at in history:
        if before is not None and at - before > timedelta(seconds=gap):
            yield session
            session = []
        session.append(track)
        before = at
    yield session


def _sessions(file: Path, gap: Seconds) -> Iterator[list[Path]]:
    if not is_there(file):
        return
    with Catalogue(file) as catalogue:
        history = catalogue.history(_ALL)[::-1]
        tracks = catalogue.tracks(sorted({track for track, _ in history}))
    files = {track.id: track.path.resolve() for track in tracks.values() if is_there(track.path)}
    for session in sessions_of(history, gap):
        yield [files[track] for track in session if track in files]


def _usable(lists: Iterable[Sequence[Path]]) -> Iterator[Sequence[Path]]:
    """Yield the lists of two songs or more, each song once; the same list, kept under two names, counts once."""
    seen = set()
    for one in lists:
        songs = tuple(dict.fromkeys(one))
        if len(songs) >= _FEWEST and songs not in seen:
            seen.add(songs)
            yield songs


def company(lists: Sequence[Sequence[Path]], songs: Sequence[Path]) -> Iterator[tuple[int, int]]:
    """Yield the pairs of numbers of `songs` that share a list, in both orders."""
    numbers = {song: number for number, song in enumerate(songs)}
    for one in lists:
        yield from itertools.permutations([numbers[song] for song in one if song in numbers], 2)
