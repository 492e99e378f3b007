"""Safety and liveness of the auto-DJ under any order of events (hypothesis)."""

from dataclasses import replace
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from livedj.listen.heard import ListenState
from livedj.music import Seconds
from livedj.party.messages import (
    Command,
    Fade,
    FadeNow,
    Load,
    Play,
    PlayNext,
    SeekTo,
    SetAuto,
    Skip,
    TogglePause,
    Unload,
)
from livedj.party.state import Phase
from livedj.play.deck import DeckCued, DeckEnded, DeckEvent, DeckFailed, DeckLost, DeckName, Token
from tests.party.night import Night

WISHES = [Skip(), FadeNow(), TogglePause(), SeekTo(Seconds(29.0)), SetAuto(True), SetAuto(False)]
DECKS = st.sampled_from(DeckName)
SONGS = 60
"""So many that they cannot all fail within one run."""


class AnyNight(RuleBasedStateMachine):
    """Decks succeed, fail, end, hang and report late; a person clicks; time passes."""

    def __init__(self) -> None:
        super().__init__()
        self.night = Night(songs=SONGS, duration=30.0)
        self.night.hear()

    def tell(self, message: Any, gone: DeckName | None = None, cued: DeckName | None = None) -> None:
        """Tell the party, then hold what it orders against the decks as they really are, order by order."""
        phases = {name: deck.phase for name, deck in self.night.state.decks.items()}
        tokens = {name: deck.token for name, deck in self.night.state.decks.items()}
        if gone:
            phases[gone] = Phase.EMPTY
        if cued:
            phases[cued] = Phase.CUED
        commands: list[Command] = self.night.tell(message)
        for command in commands:
            match command:
                case Load(deck, token):
                    assert phases[deck] is not Phase.LOADING, "a second load while the first is under way"
                    assert phases[deck] not in (Phase.PLAYING, Phase.PAUSED), "a load into a deck that is heard"
                    assert token > max(tokens.values()), "a token used again"
                    phases[deck], tokens[deck] = Phase.LOADING, token
                case Play(deck, token):
                    assert phases[deck] in (Phase.CUED, Phase.PAUSED), "play on a deck that is not ready"
                    assert token == self.night.state.decks[deck].token
                case Fade(_, _, ramp):
                    assert 0 <= ramp.start <= 1
                    assert 0 <= ramp.end <= 1
                case Unload(deck):
                    phases[deck] = Phase.EMPTY

    @rule(seconds=st.floats(0.1, 12.0))
    def time_passes(self, seconds: float) -> None:
        self.night.wait(seconds)

    @rule(state=st.sampled_from(ListenState))
    def room_is_heard(self, state: ListenState) -> None:
        self.tell(replace(self.night.state.heard, state=state))

    @precondition(lambda self: any(d.phase is Phase.LOADING for d in self.night.state.decks.values()))
    @rule()
    def load_succeeds(self) -> None:
        name = next(name for name, deck in self.night.state.decks.items() if deck.phase is Phase.LOADING)
        self.tell(DeckCued(name, self.night.state.decks[name].token, Seconds(30.0)), cued=name)

    @rule(deck=DECKS, kind=st.sampled_from(["failed", "lost", "ended"]), late=st.booleans())
    def deck_reports(self, deck: DeckName, kind: str, late: bool) -> None:
        state = self.night.state.decks[deck]
        if kind == "ended" and state.phase is Phase.LOADING:
            return  # a deck does not end before it is cued
        token = Token(state.token - 1) if late else state.token
        events: dict[str, DeckEvent] = {
            "failed": DeckFailed(deck, token, "broken"),
            "lost": DeckLost(deck, token, "hung"),
            "ended": DeckEnded(deck, token),
        }
        self.tell(events[kind], gone=None if late else deck)

    @rule(number=st.integers(0, SONGS - 1))
    def person_clicks(self, number: int) -> None:
        self.tell(PlayNext(self.night.songs[number]))

    @rule(wish=st.sampled_from(WISHES))
    def person_wishes(self, wish: Any) -> None:
        self.tell(wish)

    @invariant()
    def at_most_one_deck_is_heard_unless_two_are_mixed(self) -> None:
        heard = [name for name, deck in self.night.state.decks.items() if deck.phase in (Phase.PLAYING, Phase.PAUSED)]
        if self.night.state.fading:
            assert len(heard) == 2
        else:
            assert heard == ([self.night.state.on_air] if self.night.state.on_air else [])

    @invariant()
    def one_deck_heads_for_full_gain(self) -> None:
        playing = self.night.state.playing
        if playing and playing.phase is Phase.PLAYING:
            assert playing.ramp is not None
            assert playing.ramp.end == 1.0

    @invariant()
    def music_that_is_meant_to_play_plays_or_is_on_its_way(self) -> None:
        state = self.night.state
        meant = state.auto and (state.on_air is not None or state.resume)
        if meant and len(state.broken(self.night.now)) < SONGS - 2:
            phases = {deck.phase for deck in state.decks.values()}
            assert phases & {Phase.PLAYING, Phase.PAUSED, Phase.LOADING}


AnyNight.TestCase.settings = settings(max_examples=80, stateful_step_count=60, deadline=None)
TestAnyNight = AnyNight.TestCase
