"""The deck: what plays one song. Its port, what it reports, and a silent deck that obeys a clock.

A deck answers no question and raises nothing. Every request carries the token of the load it is meant for and returns
at once; what became of it arrives later, from another thread, as a DeckEvent. A request or event with an old token is
ignored.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import NewType, Protocol

from livedj.music import Gain, Seconds
from livedj.play.crossfade import Ramp

Token = NewType("Token", int)
"""Names one load of one song into a deck; grows by one from load to load over all decks."""


class DeckName(StrEnum):
    """The two decks."""

    A = "A"
    B = "B"

    @property
    def other(self) -> "DeckName":
        """The deck that is not this one."""
        return DeckName.B if self is DeckName.A else DeckName.A


@dataclass(frozen=True, slots=True)
class DeckCued:
    """The song is loaded: paused at its start position, silent (gain 0), able to play at once."""

    deck: DeckName
    token: Token
    duration: Seconds


@dataclass(frozen=True, slots=True)
class DeckFailed:
    """The song cannot be played, or stopped being playable: missing, broken, refused. The deck is empty."""

    deck: DeckName
    token: Token
    reason: str


@dataclass(frozen=True, slots=True)
class DeckMoved:
    """The playhead as it was at the moment `at` (monotonic clock); sent about four times a second while loaded."""

    deck: DeckName
    token: Token
    position: Seconds
    playing: bool
    at: Seconds


@dataclass(frozen=True, slots=True)
class DeckEnded:
    """The song has been played to its end. The deck is empty."""

    deck: DeckName
    token: Token


@dataclass(frozen=True, slots=True)
class DeckLost:
    """The deck's player hung or died and was replaced by a fresh one; what it played is gone. The deck is empty."""

    deck: DeckName
    token: Token
    reason: str
    output_gone: bool = False
    """The sound output went away or does not answer: the song is not to blame, and a load waits for the output."""


DeckEvent = DeckCued | DeckFailed | DeckMoved | DeckEnded | DeckLost
Post = Callable[[DeckEvent], None]
REPORT_EVERY = Seconds(0.25)
"""Between two DeckMoved."""
AS_RECORDED = Gain(1.0)


class Deck(Protocol):
    """What plays one song. Every method returns at once and never raises."""

    def load(self, token: Token, path: Path, start: Seconds, level: Gain = AS_RECORDED) -> None:
        """Replace what is loaded by `path`, cued at `start`: later DeckCued or DeckFailed.

        The gain that ramps set is multiplied by `level`, the song's own factor (levelling), which may be above 1.
        """

    def play(self, token: Token, at: Seconds | None = None) -> None:
        """Let the playhead run, at the gain the ramps have set (a cued song starts at gain 0).

        The song is heard from the moment `at` of the monotonic clock on; at once where that has passed, or is None.
        """

    def pause(self, token: Token) -> None:
        """Hold the playhead; the gain stays."""

    def seek(self, token: Token, position: Seconds) -> None:
        """Move the playhead, playing or not."""

    def ramp(self, token: Token, ramp: Ramp) -> None:
        """Let the gain follow `ramp`, in place of any earlier ramp."""

    def unload(self, token: Token) -> None:
        """Stop and forget the song; no event follows."""

    def close(self) -> None:
        """Stop for good and give the player back; waits at most half a second."""


@dataclass(slots=True)
class _Loaded:
    """What is in a silent deck."""

    token: Token
    path: Path
    position: Seconds
    at: Seconds
    """The moment of `position`; it may lie ahead where the song is to begin then."""
    level: Gain
    duration: Seconds | None = None
    """None until it was cued."""
    playing: bool = False
    ramp: Ramp | None = None
    reported: Seconds | None = None
    """When DeckMoved was last sent; None: it is due at once."""

    def position_at(self, now: Seconds) -> Seconds:
        """Return the playhead, which never passes the end."""
        position = self.position + (max(0.0, now - self.at) if self.playing else 0.0)
        return Seconds(position if self.duration is None else min(position, self.duration))

    def move(self, position: Seconds, now: Seconds) -> None:
        """Set the playhead."""
        self.position, self.at, self.reported = position, now, None


class SilentDeck:
    """A deck that plays nothing and keeps time by a clock that is given: for tests, and for a night without sound.

    It reports the same events in the same order as a deck that sounds, from within `tick()`, which somebody has to call
    a few times a second.
    """

    def __init__(
        self,
        name: DeckName,
        post: Post,
        clock: Callable[[], Seconds],
        duration_of: Callable[[Path], Seconds | None],
    ) -> None:
        """`duration_of` answers how long a song is, or None where it cannot be played."""
        self._name = name
        self._post = post
        self._clock = clock
        self._duration_of = duration_of
        self._loaded: _Loaded | None = None

    @property
    def gain(self) -> Gain:
        """The gain as it is now; 0 where nothing is loaded."""
        loaded = self._loaded
        if loaded is None or loaded.ramp is None:
            return Gain(0.0)
        return Gain(loaded.ramp.gain(self._clock()) * loaded.level)

    def load(self, token: Token, path: Path, start: Seconds, level: Gain = AS_RECORDED) -> None:
        """Replace what is loaded by `path`, cued at `start`: DeckCued or DeckFailed at the next tick."""
        self._loaded = _Loaded(token, path, start, self._clock(), level)

    def play(self, token: Token, at: Seconds | None = None) -> None:
        """Let the playhead run from the moment `at` on; before the song is cued, from then on."""
        self._run_or_hold(token, playing=True, at=at)

    def pause(self, token: Token) -> None:
        """Hold the playhead."""
        self._run_or_hold(token, playing=False)

    def seek(self, token: Token, position: Seconds) -> None:
        """Move the playhead, playing or not."""
        if loaded := self._of(token):
            loaded.move(Seconds(max(0.0, position)), self._clock())

    def ramp(self, token: Token, ramp: Ramp) -> None:
        """Let the gain follow `ramp`."""
        if loaded := self._of(token):
            loaded.ramp = ramp

    def unload(self, token: Token) -> None:
        """Forget the song; no event follows."""
        if self._of(token):
            self._loaded = None

    def close(self) -> None:
        """Forget the song."""
        self._loaded = None

    def tick(self) -> None:
        """Report what has become of the song by now."""
        loaded, now = self._loaded, self._clock()
        if loaded is None:
            return
        if loaded.duration is None:
            self._cue(loaded, now)
        elif loaded.playing and loaded.position_at(now) >= loaded.duration:
            self._loaded = None
            self._post(DeckEnded(self._name, loaded.token))
        elif loaded.reported is None or now - loaded.reported >= REPORT_EVERY:
            loaded.reported = now
            self._post(DeckMoved(self._name, loaded.token, loaded.position_at(now), loaded.playing, now))

    def _cue(self, loaded: _Loaded, now: Seconds) -> None:
        duration = self._duration_of(loaded.path)
        if duration is None:
            self._loaded = None
            self._post(DeckFailed(self._name, loaded.token, "it cannot be played"))
        else:
            loaded.duration, loaded.at = duration, max(now, loaded.at)
            self._post(DeckCued(self._name, loaded.token, duration))

    def _run_or_hold(self, token: Token, *, playing: bool, at: Seconds | None = None) -> None:
        if (loaded := self._of(token)) and loaded.playing is not playing:
            now = self._clock()
            loaded.move(loaded.position_at(now), max(now, at or now))
            loaded.playing = playing

    def _of(self, token: Token) -> _Loaded | None:
        return self._loaded if self._loaded and self._loaded.token == token else None
