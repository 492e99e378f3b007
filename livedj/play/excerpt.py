"""A part of a song, heard alone: faded in and out on a deck that is no part of the party."""

from collections.abc import Callable
from dataclasses import dataclass

from livedj.music import Gain, Seconds, Track
from livedj.play.crossfade import Ramp
from livedj.play.deck import Deck, DeckCued, DeckEnded, DeckEvent, DeckFailed, DeckLost, DeckMoved, Token
from livedj.play.transition import level_of

INTO = Seconds(30.0)
"""So far into a song an excerpt begins: by then it has come to its full sound. Less far into one that is short."""
FADE = Seconds(0.5)
"""Into an excerpt, and out of it."""
_SILENT = Ramp(Seconds(0.0), Seconds(0.0), Gain(0.0), Gain(0.0))
_AHEAD = Seconds(0.1)
"""So long after it was asked for, a song and its fade begin together."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The part of a song that is heard."""

    track: Track
    start: Seconds
    """Where in the song."""
    seconds: Seconds


@dataclass(frozen=True, slots=True)
class ExcerptOver:
    """An excerpt is not heard any more: it was played, faded out, or could not be played for that `reason`."""

    reason: str = ""


def excerpt(track: Track, seconds: Seconds) -> Excerpt:
    """Return what is heard of `track`: so many seconds from a little into it, or all of a song that is shorter."""
    sound = max(0.0, track.cues.end - track.cues.start)
    heard = min(seconds, sound)
    return Excerpt(track, Seconds(track.cues.start + min(INTO, (sound - heard) / 2)), Seconds(heard))


class ExcerptPlayer:
    """Plays one excerpt at a time on a deck whose events its owner hands to `take`; all calls from one thread."""

    def __init__(self, deck: Deck, clock: Callable[[], Seconds]) -> None:
        self._deck, self._clock = deck, clock
        self._token = Token(0)
        self._part: Excerpt | None = None
        self._ramp = _SILENT
        self._leaving = False

    def play(self, part: Excerpt) -> None:
        """Play this, in place of what is heard."""
        self._token, self._part, self._ramp, self._leaving = Token(self._token + 1), part, _SILENT, False
        self._deck.load(self._token, part.track.path, part.start, level_of(part.track))

    def fade_out(self) -> ExcerptOver | None:
        """Let what is heard go; what has not begun is over at once."""
        if self._ramp is _SILENT:
            return self._end()
        if not self._leaving:
            self._leave()
        return None

    def give_up(self, reason: str) -> ExcerptOver | None:
        """Stop what is heard, or is to be, for this reason."""
        return self._end(reason)

    def take(self, event: DeckEvent) -> ExcerptOver | None:
        """Follow what the deck reports; return that the excerpt is over, once it is."""
        if event.token != self._token or self._part is None:
            return None
        match event:
            case DeckCued():
                begin = Seconds(self._clock() + _AHEAD)
                self._fade(Gain(1.0), begin)
                self._deck.play(self._token, begin)
            case DeckMoved(position=position, playing=True):
                return self._moved(self._part, position)
            case DeckEnded():
                return self._end()
            case DeckFailed(reason=reason) | DeckLost(reason=reason):
                return self._end(reason)
        return None

    def close(self) -> None:
        """Stop the music for good."""
        self._deck.close()

    def _moved(self, part: Excerpt, position: Seconds) -> ExcerptOver | None:
        if self._leaving and self._ramp.over(self._clock()):
            return self._end()
        if not self._leaving and position >= part.start + part.seconds - FADE:
            self._leave()
        return None

    def _leave(self) -> None:
        self._leaving = True
        self._fade(Gain(0.0), self._clock())

    def _fade(self, end: Gain, begin: Seconds) -> None:
        self._ramp = Ramp(begin, FADE, self._ramp.gain(self._clock()), end)
        self._deck.ramp(self._token, self._ramp)

    def _end(self, reason: str = "") -> ExcerptOver | None:
        if self._part is None:
            return None
        self._part, self._ramp = None, _SILENT
        self._deck.unload(self._token)
        return ExcerptOver(reason)
