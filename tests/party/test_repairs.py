"""What breaks, scene by scene: songs, players, outputs, workers, and a computer that slept. The clock is set."""

import itertools
from dataclasses import replace

import pytest

from livedj.listen.heard import ListenState
from livedj.music import Seconds
from livedj.party.guardian import CheckOutput
from livedj.party.messages import (
    Fade,
    FadeNow,
    HoldVector,
    Load,
    OutputChecked,
    Play,
    PlayNext,
    Restart,
    Skip,
    Ticked,
    TogglePause,
    Unload,
    WorkerDied,
)
from livedj.party.repair import CUED_WITHIN, LATE, MOST_LATE, STALLED_AFTER
from livedj.party.state import FORGIVEN_AFTER, SAID_FOR, Phase
from livedj.party.turn import TRIED_AGAIN_AFTER
from livedj.play.deck import DeckCued, DeckEnded, DeckFailed, DeckLost, DeckMoved, DeckName, Token
from tests.party.night import SILENT_FOR, Night, kinds
from tests.songs import song

A, B = DeckName.A, DeckName.B


def test_a_broken_file_is_passed_over() -> None:
    night = Night()
    night.play_first()
    night.wait(45)
    night.tell(DeckFailed(B, night.state.decks[B].token, "it is empty"))
    assert night.loads == [1, 2, 3]
    assert "it is empty" in night.state.message
    night.wait(SAID_FOR + 1)
    assert night.state.message == ""


def test_a_clicked_song_that_fails_gives_way_to_the_best_proposal() -> None:
    night = Night(auto=False)
    night.hear()
    night.tell(PlayNext(night.songs[4]))
    night.tell(DeckFailed(A, night.state.decks[A].token, "it is missing"))
    assert night.loads == [5, 1]
    night.cue()
    assert night.on_air == 1


def test_a_song_that_failed_is_forgiven_after_a_while() -> None:
    night = Night()
    night.hear()
    night.play_first()
    night.wait(45)
    night.tell(DeckFailed(B, night.state.decks[B].token, "the drive is away"))
    assert 2 in night.state.broken(night.now)
    assert 2 not in [proposal.track.id for proposal in night.state.proposals]
    night.now = Seconds(night.now + FORGIVEN_AFTER)
    night.tell(Ticked())
    assert 2 in [proposal.track.id for proposal in night.state.proposals]


def test_where_nothing_else_is_left_it_is_tried_again_soon() -> None:
    night = Night(songs=1)
    night.play_first()
    night.tell(DeckFailed(A, night.state.decks[A].token, "the drive is away"))
    night.wait(TRIED_AGAIN_AFTER - 1)
    assert night.loads == [1]
    night.wait(2)
    assert night.loads == [1, 1]


def test_when_no_song_can_be_played_the_loop_is_until_one_can() -> None:
    night = Night(songs=2)
    night.state = replace(night.state, loop=song(0, 40.0))
    night.hear(ListenState.TOO_QUIET)
    night.wait(SILENT_FOR)
    for _ in range(2):
        name = next(name for name, deck in night.state.decks.items() if deck.phase is Phase.LOADING)
        night.tell(DeckFailed(name, night.state.decks[name].token, "the drive is away"))
    assert night.loads == [1, 2, 0]
    assert kinds(night.cue()) == [Play, Fade], "it is no part of the history"
    night.wait(40)
    assert night.loads[3] in (1, 2)
    night.cue()
    night.wait(3)
    assert night.on_air in (1, 2)


def test_a_computer_that_slept_goes_on_where_it_was() -> None:
    night = Night()
    night.play_first()
    night.wait(10)
    deck = night.state.decks[A]
    position = deck.position_at(night.now)
    night.now = Seconds(night.now + 3600.0)
    assert night.tell(Ticked()) == []
    assert night.state.decks[A].position_at(night.now) == pytest.approx(position)
    assert night.wait(5) == []


def test_a_song_that_ends_while_it_fades_in_leaves_the_old_one_playing() -> None:
    night = Night()
    night.play_first()
    night.tell(Skip())
    night.cue()
    night.wait(0.3)
    said = night.tell(DeckEnded(B, night.state.decks[B].token))
    up = next(command for command in said if isinstance(command, Fade))
    assert (night.on_air, up.deck, up.ramp.end) == (1, A, 1.0)
    assert 0 < up.ramp.start < 1


def test_the_old_song_may_end_within_the_crossfade() -> None:
    night = Night()
    night.play_first()
    night.tell(FadeNow())
    night.cue()
    assert HoldVector(False) in night.tell(DeckEnded(A, night.state.decks[A].token))
    assert (night.on_air, night.state.fading) == (2, False)


def test_events_of_an_old_load_are_ignored() -> None:
    night = Night()
    night.play_first()
    before = night.state
    old = Token(night.state.decks[A].token - 1)
    for event in (DeckEnded(A, old), DeckFailed(A, old, "x"), DeckLost(A, old, "x"), DeckCued(A, old, Seconds(1.0))):
        assert night.tell(event) == []
    assert night.state.decks == before.decks


def test_a_lost_player_goes_on_where_it_was_and_is_given_up_the_second_time() -> None:
    night = Night()
    night.play_first()
    night.wait(20)
    night.tell(DeckLost(A, night.state.decks[A].token, "stop() hung"))
    load = night.commands[-1]
    assert isinstance(load, Load)
    assert (load.track.id, load.start) == (1, pytest.approx(21.5, abs=0.3))
    assert load.deck is B, "it can sound before a fresh process is there"
    night.cue()
    night.tell(DeckLost(B, night.state.decks[B].token, "stop() hung"))
    assert night.loads == [1, 1, 2]


def test_a_deck_whose_playhead_stands_still_is_replaced() -> None:
    night = Night()
    night.play_first()
    deck = night.state.decks[A]
    for _ in range(int(STALLED_AFTER / 0.25) + 2):
        night.now = Seconds(night.now + 0.25)
        night.tell(DeckMoved(A, deck.token, deck.position, True, night.now))
    assert Unload(A, deck.token) in night.commands
    assert night.loads == [1, 1]


def test_a_worker_that_dies_again_and_again_is_started_ever_less_often() -> None:
    night = Night(auto=False)
    starts: list[float] = []
    for _ in range(8):
        night.tell(WorkerDied("listener", "The catalogue is damaged."))
        while Restart("listener") not in night.wait(0.1):
            assert night.state.message == "The catalogue is damaged."
        starts.append(night.now)
    gaps = [later - earlier for earlier, later in itertools.pairwise(starts)]
    assert gaps == pytest.approx([2, 4, 8, 16, 30, 30, 30], abs=0.3)
    night.hear()
    night.tell(WorkerDied("listener", "x"))
    assert Restart("listener") in night.wait(1.1)


def test_a_listener_that_hangs_is_missed() -> None:
    night = Night(auto=False)
    night.hear()
    night.wait(1.5)
    assert night.ear() is ListenState.LISTENING
    night.wait(0.5)
    assert night.ear() is ListenState.NO_MICROPHONE
    assert "does not answer" in night.state.heard.detail
    night.hear()
    assert night.ear() is ListenState.LISTENING


def test_a_sound_output_that_goes_away_blames_no_song_and_a_paused_one_comes_back_paused() -> None:
    night = Night(auto=False)
    night.tell(PlayNext(night.songs[0]))
    night.cue()
    night.wait(10)
    for name in (A, B, A):
        night.tell(DeckLost(name, night.state.decks[name].token, "no server", output_gone=True))
        assert night.loads[-1] == 1
        night.cue()
    assert night.state.failed == {}
    night.tell(TogglePause())
    night.tell(DeckLost(B, night.state.decks[B].token, "no server", output_gone=True))
    assert Play not in kinds(night.cue())
    assert night.state.decks[A].phase is Phase.PAUSED
    assert Play in kinds(night.tell(TogglePause()))


def test_a_cued_deck_that_is_lost_is_no_news() -> None:
    night = Night()
    night.play_first()
    night.wait(45)
    night.cue()
    night.tell(DeckLost(B, night.state.decks[B].token, "it hung"))
    assert night.state.message == ""
    assert len(night.loads) == 3
    assert night.state.failed == {}


def test_a_load_without_an_answer_is_asked_for_again() -> None:
    night = Night(auto=False)
    night.tell(PlayNext(night.songs[2]))
    night.wait(CUED_WITHIN - 0.5)
    assert night.loads == [3]
    night.wait(1)
    assert night.loads == [3, 3]
    night.cue()
    assert night.on_air == 3


def test_while_the_room_waits_for_a_song_that_is_long_in_coming_another_is_tried() -> None:
    night = Night()
    night.hear(ListenState.TOO_QUIET)
    night.wait(SILENT_FOR + LATE)
    assert night.loads == [1]
    said = night.wait(0.3)
    assert [kind for kind in kinds(said) if kind in (Unload, Load)] == [Unload, Load]
    assert (night.loads, "long in coming" in night.state.message) == ([1, 2], True)
    night.cue()
    assert night.on_air == 2


def test_where_song_after_song_is_long_in_coming_the_drive_is_slow_and_is_waited_for() -> None:
    night = Night()
    night.hear(ListenState.TOO_QUIET)
    night.wait(SILENT_FOR + 10)
    assert len(night.loads) == MOST_LATE + 1
    night.cue()
    assert night.on_air == night.loads[-1]


def test_a_song_that_a_person_chose_or_that_goes_on_may_be_long_in_coming() -> None:
    night = Night()
    night.tell(PlayNext(night.songs[4]))
    night.wait(5)
    assert night.loads == [5]
    night.cue()
    night.wait(20)
    night.tell(DeckLost(A, night.state.decks[A].token, "it hung"))
    night.wait(5)
    assert night.loads == [5, 5]


def test_while_the_sound_output_is_away_no_song_is_long_in_coming() -> None:
    night = Night()
    night.play_first()
    night.tell(DeckMoved(A, night.state.decks[A].token, Seconds(59.0), True, night.now))
    night.tell(DeckLost(A, night.state.decks[A].token, "no server", output_gone=True))
    assert night.state.on_air is None
    night.wait(5)
    assert night.loads == [1, 2]
    night.cue()
    assert not night.state.output_away


def test_the_sound_server_is_asked_on_while_the_listener_hangs() -> None:
    night = Night()
    night.play_first()
    night.hear()
    night.wait(5.0)
    before = len(night.commands)
    for _ in range(20):
        night.wait(0.5)
        night.tell(OutputChecked(None))
    asked = [command for command in night.commands[before:] if isinstance(command, CheckOutput)]
    assert 15 <= len(asked) <= 21, "twice a second"
