"""The auto-DJ, scene by scene. The clock is set, nothing sleeps."""

import itertools
from collections.abc import Sequence
from dataclasses import replace

import pytest

from livedj.listen.heard import Heard, ListenState
from livedj.music import CuePoints, Loudness, Seconds
from livedj.party.messages import (
    AddFolder,
    Cut,
    Fade,
    FadeNow,
    FaultMet,
    HoldVector,
    LibraryChanged,
    Load,
    MakeDemoLibrary,
    ModelChanged,
    Pause,
    Play,
    PlayNext,
    Remember,
    Restart,
    ScanProgressed,
    Seek,
    SeekTo,
    SetAuto,
    SetCrossfade,
    SetSituations,
    Situations,
    Skip,
    StopScan,
    Ticked,
    TogglePause,
    Unload,
    UseModel,
    WorkerDied,
)
from livedj.party.mixing import CUE_AHEAD
from livedj.party.repair import CUED_WITHIN, STALLED_AFTER
from livedj.party.snapshot import snapshot_of
from livedj.party.state import FORGIVEN_AFTER, SAID_FOR, Phase
from livedj.party.turn import TRIED_AGAIN_AFTER
from livedj.play.deck import DeckCued, DeckEnded, DeckFailed, DeckLost, DeckMoved, DeckName, Token
from livedj.play.transition import Kind
from tests.party.night import Night
from tests.songs import song

A, B = DeckName.A, DeckName.B
SILENT_FOR = Situations().fill_after


def kinds(commands: Sequence[object]) -> list[type]:
    return [type(command) for command in commands]


def test_it_starts_by_itself_when_the_room_has_been_silent_for_long_enough() -> None:
    night = Night()
    night.hear(ListenState.TOO_QUIET)
    assert night.wait(SILENT_FOR - 0.2) == []
    assert kinds(night.wait(0.3)) == [Load]
    assert kinds(night.cue()) == [Play, Fade, Remember]
    assert night.on_air == 1


def test_it_does_not_start_over_music_from_outside_nor_when_switched_off() -> None:
    night = Night()
    for _ in range(60):
        night.hear(ListenState.LISTENING)
        assert night.wait(0.5) == []
    night = Night(auto=False)
    night.hear(ListenState.TOO_QUIET)
    assert night.wait(60) == []


def test_guests_who_talk_are_no_music_and_it_starts_over_them() -> None:
    night = Night()
    night.hear(ListenState.TOO_QUIET)
    night.wait(SILENT_FOR / 2)
    night.hear(ListenState.NO_MUSIC)
    assert night.wait(SILENT_FOR / 2 - 0.2) == []
    night.hear(ListenState.NO_MUSIC)
    assert kinds(night.wait(0.3)) == [Load]


def test_it_starts_without_a_microphone_from_the_songs_not_played_for_longest() -> None:
    night = Night()
    night.tell(Heard(night.now, ListenState.NO_MICROPHONE))
    night.wait(SILENT_FOR + 0.1)
    assert night.loads == [1]


def test_it_cues_ahead_and_fades_before_the_end() -> None:
    night = Night()
    night.play_first()
    night.wait(60 - 1.5 - 6 - CUE_AHEAD - 1)
    assert night.loads == [1]
    night.wait(1.2)
    assert night.loads == [1, 2]
    night.cue()
    said = night.wait(CUE_AHEAD)
    fades = [command for command in said if isinstance(command, Fade)]
    assert [(fade.deck, fade.ramp.start, fade.ramp.end) for fade in fades] == [(B, 0.0, 1.0), (A, 1.0, 0.0)]
    assert fades[0].ramp.begin == fades[1].ramp.begin
    assert fades[0].ramp.seconds == pytest.approx(6.0, abs=0.2)
    assert HoldVector(True) in said
    assert kinds(night.wait(6.5)) == [Unload, HoldVector]
    assert (night.on_air, night.state.fading) == (2, False)


def test_a_click_fades_into_that_song_at_once() -> None:
    night = Night(auto=False)
    night.hear()
    night.tell(PlayNext(night.songs[4]))
    night.cue()
    night.wait(10)
    night.tell(PlayNext(night.songs[7]))
    said = night.cue()
    assert kinds(said) == [Play, Fade, Fade, HoldVector, Remember]
    assert night.on_air == 8


def test_a_click_on_what_plays_changes_nothing() -> None:
    night = Night()
    night.play_first()
    assert night.tell(PlayNext(night.songs[0])) == []


@pytest.mark.parametrize(("wish", "seconds"), [(None, 1.0), (Skip(), 1.0), (Cut(), 0.03)])
def test_a_wish_during_a_crossfade_shortens_it(wish: Skip | Cut | None, seconds: float) -> None:
    night = Night(auto=False)
    night.tell(PlayNext(night.songs[0]))
    night.cue()
    night.wait(5)
    night.tell(PlayNext(night.songs[1]))
    night.cue()
    night.wait(1)
    said = night.tell(wish or PlayNext(night.songs[2]))
    fades = [command for command in said if isinstance(command, Fade)]
    assert [(fade.deck, fade.ramp.end) for fade in fades] == [(B, 1.0), (A, 0.0)]
    assert {fade.ramp.seconds for fade in fades} == {seconds}
    assert Load in kinds(night.wait(seconds + 0.3))
    night.cue()
    assert night.on_air == 3


def test_a_wish_at_the_end_of_a_crossfade_leaves_it_as_it_is() -> None:
    night = Night(auto=False)
    night.tell(PlayNext(night.songs[0]))
    night.cue()
    night.wait(5)
    night.tell(PlayNext(night.songs[1]))
    night.cue()
    night.wait(5.5)
    assert night.tell(PlayNext(night.songs[2])) == []


def test_a_click_replaces_what_was_cued() -> None:
    night = Night()
    night.play_first()
    night.wait(45)
    night.cue()
    assert night.loads == [1, 2]
    night.tell(PlayNext(night.songs[8]))
    assert night.loads == [1, 2, 9]
    night.cue()
    assert night.on_air == 9


@pytest.mark.parametrize(("wish", "length"), [(Skip(), 1.0), (FadeNow(), 6.0)])
def test_leaving_a_song_takes_the_best_proposal(wish: Skip | FadeNow, length: float) -> None:
    night = Night()
    night.play_first()
    night.wait(5)
    night.tell(wish)
    said = night.cue()
    assert [command.ramp.seconds for command in said if isinstance(command, Fade)] == [length, length]
    assert night.on_air == 2


def test_leaving_with_nothing_to_go_to_says_so_and_plays_on() -> None:
    night = Night(songs=1)
    night.play_first()
    assert night.tell(Skip()) == []
    assert "Add a music folder" in night.state.message
    assert night.on_air == 1


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


def test_a_song_is_not_amputated_and_comes_in_where_the_outro_begins() -> None:
    night = Night()
    cues = CuePoints(Seconds(0.0), Seconds(60.0), None, Seconds(50.0))
    night.songs = (replace(night.songs[0], cues=cues), *night.songs[1:])
    night.tell(LibraryChanged(10, night.songs))
    night.play_first()
    night.wait(44)
    night.cue()
    shown = snapshot_of(night.state, night.now)
    assert shown.transition is not None
    plan = shown.transition
    assert plan.kind is Kind.FADE
    assert 50.0 <= plan.begin <= 54.0
    said = night.wait(10)
    ramps = [command.ramp for command in said if isinstance(command, Fade)]
    assert {ramp.seconds for ramp in ramps} == {6.0}
    deck = night.state.decks[A]
    assert deck.position - (deck.at - ramps[0].begin) == pytest.approx(plan.begin, abs=0.02)
    assert next(command.at for command in said if isinstance(command, Play)) == ramps[0].begin


def test_neighbours_of_one_album_play_without_a_gap() -> None:
    night = Night(songs=2)
    first, second = (replace(one, album="Live", artist="X", disc=1, number=n) for n, one in enumerate(night.songs))
    first = replace(first, loudness=Loudness(-12.0, -1.0))
    night.songs = (first, second)
    night.tell(LibraryChanged(2, night.songs))
    night.play_first()
    night.wait(49)
    night.cue()
    loads = [command for command in night.commands if isinstance(command, Load)]
    assert loads[0].level == loads[1].level != 1.0, "an album is as loud as it is meant to be"
    said = night.wait(9.8)
    assert [command.ramp.end for command in said if isinstance(command, Fade)] == [1.0], "nobody fades out"
    play = next(command for command in said if isinstance(command, Play))
    deck = night.state.decks[A]
    assert snapshot_of(night.state, night.now).fade is None
    assert play.at is not None
    assert deck.position - (deck.at - play.at) == pytest.approx(60.0, abs=0.02)
    night.tell(DeckEnded(A, night.state.decks[A].token))
    assert (night.on_air, night.state.fading) == (2, False)


def test_a_song_that_ends_cold_is_left_to_end() -> None:
    night = Night(songs=2)
    cold = CuePoints(Seconds(0.0), Seconds(60.0), Seconds(4.0), Seconds(60.0))
    night.songs = (replace(night.songs[0], cues=cold), night.songs[1])
    night.tell(LibraryChanged(2, night.songs))
    night.play_first()
    night.wait(49)
    night.cue()
    said = night.wait(9.8)
    assert [command.ramp.end for command in said if isinstance(command, Fade)] == [1.0], "nobody fades out"
    assert night.state.transition is not None
    assert night.state.transition.kind is Kind.CUT
    night.wait(1.5)
    assert (night.on_air, night.state.fading) == (2, False)


def test_a_cut_leaves_on_the_spot() -> None:
    night = Night()
    night.play_first()
    night.tell(Cut())
    said = night.cue()
    assert {command.ramp.seconds for command in said if isinstance(command, Fade)} == {0.03}
    night.wait(0.2)
    assert (night.on_air, night.state.fading) == (2, False)


def test_a_song_is_levelled() -> None:
    night = Night(songs=1)
    night.songs = (replace(night.songs[0], loudness=Loudness(-12.0, -1.0)),)
    night.tell(LibraryChanged(1, night.songs))
    night.play_first()
    load = next(command for command in night.commands if isinstance(command, Load))
    assert load.level == pytest.approx(0.501, abs=0.001)


@pytest.mark.parametrize(("switch", "loads"), [(True, [1, 2]), (False, [1])])
def test_going_on_has_a_switch_of_its_own(switch: bool, loads: list[int]) -> None:
    night = Night()
    night.tell(SetSituations(Situations(go_on=switch, fill=False)))
    night.play_first(by=PlayNext(night.songs[0]))
    night.wait(55)
    assert night.loads == loads
    if not switch:
        night.tell(DeckEnded(A, night.state.decks[A].token))
        night.wait(20)
        assert night.loads == loads, "nor when it has ended"


def test_filling_silence_has_a_switch_and_a_length_of_its_own() -> None:
    night = Night()
    night.tell(SetSituations(Situations(fill=False)))
    night.hear(ListenState.TOO_QUIET)
    night.wait(60)
    assert night.loads == []
    night.tell(SetSituations(Situations(fill_after=Seconds(90.0))))
    night.wait(29)
    assert night.loads == []
    night.wait(2)
    assert night.loads == [1]


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


def test_the_end_of_a_song_is_followed_at_once_without_waiting_for_silence() -> None:
    night = Night()
    night.play_first()
    night.hear()
    night.tell(DeckEnded(A, night.state.decks[A].token))
    assert night.loads == [1, 2]


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


def test_pause_holds_the_night_and_play_goes_on() -> None:
    night = Night()
    night.play_first()
    night.wait(10)
    assert Pause in kinds(night.tell(TogglePause()))
    position = night.state.decks[A].position
    assert night.wait(120) == []
    assert snapshot_of(night.state, night.now).playing.paused  # type: ignore[union-attr]
    assert kinds(night.tell(TogglePause())) == [Play]
    night.wait(1)
    assert night.state.decks[A].position_at(night.now) == pytest.approx(position + 1, abs=0.2)


def test_pause_during_a_crossfade_ends_it_first() -> None:
    night = Night()
    night.play_first()
    night.tell(FadeNow())
    night.cue()
    night.wait(1)
    assert kinds(night.tell(TogglePause())) == [Unload, HoldVector, Fade, Pause]
    assert night.state.decks[A].phase is Phase.EMPTY


def test_a_click_while_paused_just_changes_the_song() -> None:
    night = Night(auto=False)
    night.tell(PlayNext(night.songs[0]))
    night.cue()
    night.tell(TogglePause())
    night.tell(PlayNext(night.songs[1]))
    assert kinds(night.cue()) == [Play, Fade, Unload, Remember]
    assert night.on_air == 2


def test_play_on_an_idle_night_starts_the_best() -> None:
    night = Night(auto=False)
    night.hear()
    night.tell(TogglePause())
    assert night.loads == [1]


def test_seeking_moves_the_playhead_within_the_song() -> None:
    night = Night()
    assert night.tell(SeekTo(Seconds(5.0))) == []
    night.play_first()
    assert night.tell(SeekTo(Seconds(500.0)))[0] == Seek(A, night.state.decks[A].token, Seconds(60.0))


def test_settings_and_restarts_are_handed_on() -> None:
    night = Night()
    assert night.tell(SetCrossfade(Seconds(3.0))) == [SetCrossfade(Seconds(3.0))]
    assert night.tell(SetAuto(False)) == [SetAuto(False)]
    for errand in (StopScan(), MakeDemoLibrary(), AddFolder("/music")):
        assert night.tell(errand) == [errand]
    night.tell(ScanProgressed(3, 10, 0, "a.mp3"))
    assert night.state.scan == ScanProgressed(3, 10, 0, "a.mp3")
    night.tell(FaultMet("The disk is full."))
    assert night.state.message == "The disk is full."
    assert (night.state.crossfade, night.state.auto) == (3.0, False)


def test_a_song_heard_in_the_room_is_not_proposed() -> None:
    night = Night()
    night.hear(itself=night.songs[0])
    assert night.songs[0] not in [proposal.track for proposal in night.state.proposals]


def test_no_song_comes_again_within_half_a_small_library() -> None:
    night = Night(songs=10, duration=20.0)
    night.play_first()
    order = [night.on_air]
    for _ in range(20):
        night.hear()
        night.tell(Skip())
        night.cue()
        night.wait(2)
        order.append(night.on_air)
    assert all(len(set(order[i : i + 6])) == 6 for i in range(15))


def test_an_empty_deck_has_nothing_left() -> None:
    night = Night()
    assert night.state.remaining(night.state.decks[A], night.now) == 0.0


def test_an_excerpt_is_left_after_its_length() -> None:
    night = Night(duration=600.0)
    night.state = type(night.state)(Seconds(6.0), True, excerpt=Seconds(30.0))
    night.tell(LibraryChanged(10, night.songs))
    night.play_first()
    night.wait(20)
    night.cue()
    night.wait(10)
    assert night.on_air == 2


def test_the_snapshot_tells_what_plays_and_when_it_fades() -> None:
    night = Night()
    night.play_first()
    night.wait(10)
    shown = snapshot_of(night.state, night.now)
    assert shown.playing is not None
    assert shown.playing.position == pytest.approx(11.5, abs=0.3)
    assert shown.fades_in == pytest.approx(60 - 6 - 11.5, abs=0.3)
    night.tell(FadeNow())
    night.cue()
    night.wait(3)
    shown = snapshot_of(night.state, night.now)
    assert shown.leaving is not None
    assert shown.fade == pytest.approx(0.5, abs=0.05)
    assert (shown.leaving.track.id, shown.fades_in) == (1, None)


def test_leaving_during_a_crossfade_does_not_go_back_to_the_song_just_left() -> None:
    night = Night()
    night.hear()
    night.play_first()
    night.tell(PlayNext(night.songs[4]))
    night.cue()
    night.wait(2)
    night.tell(Skip())
    night.wait(8)
    assert night.loads[-1] not in (1, 5)


def test_a_worker_that_dies_again_and_again_is_started_ever_less_often() -> None:
    night = Night()
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


def test_before_anything_was_heard_the_songs_not_played_for_longest_are_proposed() -> None:
    night = Night()
    assert [p.track.id for p in night.state.proposals] == [1, 2, 3, 4, 5]
    assert {p.similarity for p in night.state.proposals} == {None}
    night.hear()
    assert None not in {p.similarity for p in night.state.proposals}


def test_a_load_without_an_answer_is_asked_for_again() -> None:
    night = Night(auto=False)
    night.tell(PlayNext(night.songs[2]))
    night.wait(CUED_WITHIN - 0.5)
    assert night.loads == [3]
    night.wait(1)
    assert night.loads == [3, 3]
    night.cue()
    assert night.on_air == 3


def test_a_song_that_another_dj_has_played_is_not_played_again_soon() -> None:
    night = Night(auto=False)
    night.hear(itself=night.songs[0])
    night.hear()
    assert [p.track.id for p in night.state.proposals] == [2, 3, 4, 5, 6]


def test_another_model_is_handed_on_and_its_measure_of_likeness_taken_over() -> None:
    night = Night()
    assert night.tell(ModelChanged("/data/taste.tflite", 0.4)) == [UseModel("/data/taste.tflite")]
    assert night.state.unrelated == 0.4
