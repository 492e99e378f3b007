"""What a step of the party means for the session's log, and for going on after the program has died. Pure."""

from collections.abc import Callable
from datetime import datetime

from livedj.listen.heard import ListenState
from livedj.music import Seconds
from livedj.night import entries
from livedj.night.entries import Chooser, Entry, Pick, Song, Sound
from livedj.night.state import NightState, OnAir
from livedj.party.state import DeckState, PartyState, Phase
from livedj.play.deck import Token

_SOUNDS = {
    ListenState.LISTENING: Sound.MUSIC,
    ListenState.NO_MUSIC: Sound.VOICES,
    ListenState.TOO_QUIET: Sound.SILENCE,
}
_JUMP = Seconds(1.0)
"""A playhead that moved by more than this against the clock was sought."""


class Diary:
    """Follows the party step by step, and writes down what changes."""

    def __init__(self, write: Callable[[Entry], None]) -> None:
        """`write` takes every entry and returns at once."""
        self._write = write
        self._on_air: dict[Token, tuple[DeckState, datetime]] = {}

    def follow(self, before: PartyState, after: PartyState, now: Seconds, at: datetime) -> None:
        """Write what changed from `before` to `after` at the moment `now`, which is `at` on the wall clock."""
        self._follow_room(before, after, at)
        if after.proposals and after.proposals[0].track != (before.proposals[0].track if before.proposals else None):
            picks = tuple(Pick(Song.of(one.track), one.reason) for one in after.proposals)
            self._write(entries.Proposed(at, picks))
        if after.wish is not None and after.wish is not before.wish:
            self._write(entries.Chosen(at, Song.of(after.wish.track), after.wish.by))
        if after.message and (after.message, after.message_at) != (before.message, before.message_at):
            self._write(entries.Fault(at, after.message))
        self._follow_decks(before, after, now, at)

    def close(self, state: PartyState, now: Seconds, at: datetime) -> None:
        """Write that what plays has ended, and the session with it."""
        for token in list(self._on_air):
            self._end(token, state, now, at)
        self._write(entries.Ended(at))

    def _follow_room(self, before: PartyState, after: PartyState, at: datetime) -> None:
        sounds = [_SOUNDS.get(state.heard.state, Sound.UNKNOWN) for state in (before, after)]
        songs = [state.heard.itself for state in (before, after)]
        if sounds[0] is not sounds[1] or songs[0] != songs[1]:
            self._write(entries.Heard(at, sounds[1], Song.of(songs[1]) if songs[1] else None))

    def _follow_decks(self, before: PartyState, after: PartyState, now: Seconds, at: datetime) -> None:
        playing = {deck.token: deck for deck in after.decks.values() if deck.phase in (Phase.PLAYING, Phase.PAUSED)}
        for token in [token for token in self._on_air if token not in playing]:
            self._end(token, before, now, at)
        for token, deck in playing.items():
            if token not in self._on_air and deck.track is not None:
                self._on_air[token] = (deck, at)
                self._write(entries.OnAir(at, Song.of(deck.track), deck.position, deck.why))
                if deck.by is Chooser.REPAIR:
                    self._write(entries.Repair(at, f"The music goes on with “{deck.track.title}”."))

    def _end(self, token: Token, last: PartyState, now: Seconds, at: datetime) -> None:
        began, since = self._on_air.pop(token)
        assert began.track is not None
        deck = next((deck for deck in last.decks.values() if deck.token == token), began)
        song, end = Song.of(began.track), deck.position_at(now)
        self._write(entries.Played(at, since, song, began.position, end, began.why))


def kept(state: PartyState, now: Seconds, at: datetime) -> NightState:
    """Return what must outlive the program."""
    deck = state.playing
    on_air = None
    if deck is not None and deck.track is not None and deck.track != state.loop:
        paused = deck.phase is Phase.PAUSED
        on_air = OnAir(deck.track.id, deck.position_at(now), at, paused)
    broken_off = state.resume or state.wish is not None or (deck is not None and on_air is None)
    like = state.queue.like
    return NightState(
        state.auto,
        on_air,
        broken_off,
        state.played,
        seed=state.seed + state.heard_songs,
        queue=tuple(track.id for track in state.queue.songs),
        like=() if like is None else tuple(map(str, like.files)),
        like_words="" if like is None else like.words,
        lately=tuple(past.track.id for past in state.lately),
    )


def worth_keeping(former: NightState, latter: NightState) -> bool:
    """Tell whether the night has changed in more than the time that passed."""
    known = [(one.auto, one.resume, one.played, one.lately, one.queue, one.like) for one in (former, latter)]
    if known[0] != known[1]:
        return True
    if former.on_air is None or latter.on_air is None:
        return former.on_air is not latter.on_air
    expected = former.on_air.position_at(latter.on_air.at)
    changed = (former.on_air.track, former.on_air.paused) != (latter.on_air.track, latter.on_air.paused)
    return changed or abs(expected - latter.on_air.position) > _JUMP
