"""Safety and liveness of the auto-DJ under any order of events (hypothesis)."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase as Phases
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from livedj.choose.scene import Opinion
from livedj.listen.heard import ListenState
from livedj.music import CuePoints, Gain, Seconds
from livedj.party import autodj, mixing, repair
from livedj.party.messages import (
    ClearQueue,
    Command,
    Cut,
    Enqueue,
    Fade,
    FadeNow,
    KeepPlayingLike,
    LibraryChanged,
    Load,
    MoveCues,
    MoveInQueue,
    Play,
    PlayNext,
    SeekTo,
    SetAuto,
    SetCrossfade,
    SetOpinion,
    SetSituations,
    Situations,
    Skip,
    SongsFound,
    Ticked,
    TogglePause,
    UndoQueue,
    Unload,
    Unqueue,
    WorkerDied,
)
from livedj.party.queue import Like
from livedj.party.state import PartyState, Phase
from livedj.party.turn import Turn
from livedj.play.deck import DeckCued, DeckEnded, DeckEvent, DeckFailed, DeckLost, DeckName, Token
from tests.party.night import Night

WISHES = [
    Skip(),
    Cut(),
    FadeNow(),
    TogglePause(),
    SeekTo(Seconds(29.0)),
    SetAuto(True),
    SetAuto(False),
    SetCrossfade(Seconds(2.0)),
    SetSituations(Situations()),
    SetSituations(Situations(go_on=False, take_over=False, fill=False)),
]
LIKE = Like((Path("other.mp3"),), "“Other”")
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
                    assert token == tokens[deck]
                    phases[deck] = Phase.PLAYING
                case Fade(deck, token, ramp):
                    assert 0 <= ramp.start <= 1, "a factor that is none"
                    assert 0 <= ramp.end <= 1, "a factor that is none"
                    assert token == tokens[deck], "a fade of a song that is not there"
                    assert ramp.end == 1 or phases[deck] is Phase.PLAYING, "a fade from a deck that does not play"
                case Unload(deck):
                    phases[deck] = Phase.EMPTY
                case _:
                    pass

    @rule(seconds=st.floats(0.1, 12.0))
    def time_passes(self, seconds: float) -> None:
        self.night.wait(seconds)

    @rule(seconds=st.floats(3.0, 10_000.0))
    def computer_sleeps(self, seconds: float) -> None:
        self.night.now = Seconds(self.night.now + seconds)
        self.tell(Ticked())

    @rule()
    def listener_dies(self) -> None:
        self.tell(WorkerDied("listener", "It broke off."))

    @rule(number=st.integers(0, SONGS - 1), outro=st.floats(15.0, 30.0))
    def person_moves_cues(self, number: int, outro: float) -> None:
        cues = CuePoints(Seconds(0.0), Seconds(30.0), Seconds(3.0), Seconds(outro))
        self.tell(MoveCues(self.night.songs[number].id, cues))

    @rule(number=st.integers(0, 9), opinion=st.sampled_from([*Opinion, None]))
    def person_thinks_of_a_song(self, number: int, opinion: Opinion | None) -> None:
        self.tell(SetOpinion(self.night.songs[number], opinion))

    @rule(number=st.integers(0, 9))
    def library_is_read(self, number: int) -> None:
        opinions = {self.night.songs[number].song: Opinion.BANNED}
        self.tell(LibraryChanged(SONGS, self.night.songs, opinions=opinions))

    @rule(state=st.sampled_from(ListenState))
    def room_is_heard(self, state: ListenState) -> None:
        self.tell(replace(self.night.state.heard, state=state))

    @precondition(lambda self: any(d.phase is Phase.LOADING for d in self.night.state.decks.values()))
    @rule()
    def load_succeeds(self) -> None:
        name = next(name for name, deck in self.night.state.decks.items() if deck.phase is Phase.LOADING)
        self.tell(DeckCued(name, self.night.state.decks[name].token, Seconds(30.0)), cued=name)

    @rule(deck=DECKS, kind=st.sampled_from(["failed", "lost", "output gone", "ended"]), late=st.booleans())
    def deck_reports(self, deck: DeckName, kind: str, late: bool) -> None:
        state = self.night.state.decks[deck]
        if kind == "ended" and state.phase is Phase.LOADING:
            return  # a deck does not end before it is cued
        token = Token(state.token - 1) if late else state.token
        events: dict[str, DeckEvent] = {
            "failed": DeckFailed(deck, token, "broken"),
            "lost": DeckLost(deck, token, "hung"),
            "output gone": DeckLost(deck, token, "no server", output_gone=True),
            "ended": DeckEnded(deck, token),
        }
        self.tell(events[kind], gone=None if late else deck)

    @rule(number=st.integers(0, SONGS - 1))
    def person_clicks(self, number: int) -> None:
        self.tell(PlayNext(self.night.songs[number]))

    @rule(first=st.integers(0, SONGS - 1), second=st.integers(0, SONGS - 1), like=st.booleans())
    def person_lines_songs_up(self, first: int, second: int, like: bool) -> None:
        songs = (self.night.songs[first], self.night.songs[second])
        self.tell(KeepPlayingLike(LIKE) if like else Enqueue(songs))
        if like:
            self.tell(SongsFound(LIKE, songs))

    @rule(number=st.integers(0, 5), edit=st.sampled_from([MoveInQueue, Unqueue, ClearQueue, UndoQueue]))
    def person_edits_the_queue(self, number: int, edit: Any) -> None:
        queue = self.night.state.queue.songs
        if edit in (ClearQueue, UndoQueue):
            self.tell(edit())
        elif number < len(queue):
            self.tell(Unqueue(queue[number].id) if edit is Unqueue else MoveInQueue(queue[number].id, queue[0].id))

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
    def no_transition_outlasts_its_plan(self) -> None:
        playing = self.night.state.playing
        if self.night.state.fading:
            assert playing is not None
            assert playing.ramp is not None
            assert self.night.now < playing.ramp.begin + playing.ramp.seconds + 1.5

    @invariant()
    def one_deck_heads_for_full_gain(self) -> None:
        playing = self.night.state.playing
        if playing and playing.phase is Phase.PLAYING:
            assert playing.ramp is not None
            assert playing.ramp.end == 1.0

    @invariant()
    def music_that_is_meant_to_play_plays_or_is_on_its_way(self) -> None:
        state = self.night.state
        queued = Turn(state, self.night.now).queued()
        meant = (state.auto and state.on_air is not None) or (state.resume and (state.auto or queued))
        if meant and len(state.broken(self.night.now)) < SONGS - 2:
            phases = {deck.phase for deck in state.decks.values()}
            assert phases & {Phase.PLAYING, Phase.PAUSED, Phase.LOADING}


AnyNight.TestCase.settings = settings(max_examples=80, stateful_step_count=60, deadline=None)
TestAnyNight = AnyNight.TestCase

# Planted faults: the machine must find each of them, or it guards nothing ---------------------------------------------


def load_twice(plant: pytest.MonkeyPatch) -> None:
    """Forget that a load is under way."""

    def serve(turn: Turn) -> None:
        if turn.state.wish is not None and not turn.state.fading:
            turn.load(turn.state.wish.track, turn.state.wish.start, turn.state.wish.by)

    plant.setattr(mixing, "serve_wish", serve)


def load_what_is_heard(plant: pytest.MonkeyPatch) -> None:
    """Load into the deck on air."""
    plant.setattr(PartyState, "idle", property(lambda state: state.on_air or DeckName.A))


def exceed_full_gain(plant: pytest.MonkeyPatch) -> None:
    """Let a ramp end at more than 1."""
    ramp = Turn.ramp

    def louder(turn: Turn, name: DeckName, end: Gain, seconds: Seconds, begin: Seconds | None = None) -> None:
        ramp(turn, name, Gain(1.2 * end), seconds, begin)

    plant.setattr(Turn, "ramp", louder)


def fade_what_does_not_play(plant: pytest.MonkeyPatch) -> None:
    """Fade the other deck out whatever it does."""
    finish = mixing.finish_fade

    def fade(turn: Turn) -> None:
        finish(turn)
        if turn.state.on_air is not None and not turn.state.fading:
            turn.ramp(turn.state.on_air.other, Gain(0.0), Seconds(1.0))

    plant.setattr(mixing, "finish_fade", fade)


def believe_old_tokens(plant: pytest.MonkeyPatch) -> None:
    """Take what a deck says of a former load for news."""
    plant.setattr(autodj, "_is_of_this_load", lambda state, event: True)


def forget_to_go_on(plant: pytest.MonkeyPatch) -> None:
    """Let the night end with a song that ends."""
    gone = repair.deck_gone

    def end(turn: Turn, name: DeckName) -> None:
        gone(turn, name)
        turn.state = replace(turn.state, resume=False, on_air=turn.state.on_air or name)

    plant.setattr(repair, "deck_gone", end)


def never_end_a_transition(plant: pytest.MonkeyPatch) -> None:
    """Leave the outgoing song on its deck."""
    plant.setattr(mixing, "finish_fade", lambda turn: None)


@pytest.mark.parametrize(
    "fault",
    [
        load_twice,
        load_what_is_heard,
        exceed_full_gain,
        fade_what_does_not_play,
        believe_old_tokens,
        forget_to_go_on,
        never_end_a_transition,
    ],
)
def test_a_planted_fault_is_found(fault: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch) -> None:
    fault(monkeypatch)
    often = settings(AnyNight.TestCase.settings, max_examples=300, derandomize=True, phases=[Phases.generate])
    with pytest.raises(AssertionError):
        run_state_machine_as_test(AnyNight, settings=often)
