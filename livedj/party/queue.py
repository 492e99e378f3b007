"""The songs that a person wants to hear next, in their order; it can be edited, and every edit taken back. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from livedj.music import Track, TrackId

UNDONE = 50
"""Edits that can be taken back."""


@dataclass(frozen=True, slots=True)
class Like:
    """What the queue goes on like when it runs short."""

    files: tuple[Path, ...]
    """In the library or not."""
    words: str
    """What they are called, for the screen."""


@dataclass(frozen=True, slots=True)
class Queue:
    """No song is in it twice, nor two versions of one."""

    songs: tuple[Track, ...] = ()
    like: Like | None = None
    """Where set, it never ends."""
    looking: bool = False
    """More songs are being looked for; where there were none, until another one was played."""
    before: tuple["Queue", ...] = ()
    """As it was before each edit, the latest last."""

    def added(self, tracks: Iterable[Track]) -> "Queue":
        """Return it with these songs at its end, but for those that it holds."""
        songs = {track.song: track for track in self.songs}
        for track in tracks:
            songs.setdefault(track.song, track)
        return self._edited(tuple(songs.values()), self.like)

    def moved(self, track: TrackId, before: TrackId | None) -> "Queue":
        """Return it with a song moved before another one, or to the end; the same where it holds no such song."""
        if track == before:
            return self
        others = [song for song in self.songs if song.id != track]
        moved = [song for song in self.songs if song.id == track]
        place = next((place for place, song in enumerate(others) if song.id == before), len(others))
        return self._edited((*others[:place], *moved, *others[place:]), self.like)

    def without(self, track: TrackId) -> "Queue":
        """Return it without a song that the person has taken out."""
        return self._edited(tuple(song for song in self.songs if song.id != track), self.like)

    def cleared(self) -> "Queue":
        """Return it empty; it ends here."""
        return self._edited((), None)

    def going_on(self, like: Like) -> "Queue":
        """Return it with songs like these to follow what it holds."""
        return self._edited(self.songs, like)

    def undone(self) -> "Queue":
        """Return it as it was before the last edit, but for songs that were played since."""
        if not self.before:
            return self
        last = self.before[-1]
        return replace(self, songs=last.songs, like=last.like, looking=False, before=self.before[:-1])

    def found(self, tracks: Iterable[Track]) -> "Queue":
        """Return it with the songs that were looked for; that is no edit of the person's."""
        grown = self.added(tracks)
        return replace(grown, before=self.before, looking=grown.songs == self.songs)

    def ended(self) -> "Queue":
        """Return it without songs to follow what it holds: none are to be found."""
        return replace(self, looking=False, like=None)

    def played(self, song: TrackId) -> "Queue":
        """Return it without a song (`Track.song`) that the room has heard: an undo does not bring it back."""
        states = [queue._less(song) for queue in (*self.before, self)]
        before = (one for one, then in pairwise(states) if (one.songs, one.like) != (then.songs, then.like))
        return replace(states[-1], looking=False, before=tuple(before))

    def _less(self, song: TrackId) -> "Queue":
        # What is played stands first, or nearly so: of thousands of songs few are looked at.
        place = next((place for place, track in enumerate(self.songs) if track.song == song), None)
        return self if place is None else replace(self, songs=self.songs[:place] + self.songs[place + 1 :])

    def _edited(self, songs: tuple[Track, ...], like: Like | None) -> "Queue":
        edited = replace(self, songs=songs, like=like)
        if (edited.songs, edited.like) == (self.songs, self.like):
            return self
        return replace(edited, before=(*self.before, replace(self, before=()))[-UNDONE:])
