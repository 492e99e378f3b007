"""The auto-DJ, scene by scene. The clock is set, nothing sleeps."""

from dataclasses import replace

import pytest

from livedj.listen.heard import Heard, ListenState
from livedj.music import CuePoints, Loudness, Seconds
from livedj.party.messages import (
    AddFolder,
    Fade,
    FadeNow,
    FaultMet,
    HoldVector,
    LibraryChanged,
    Load,
    MakeDemoLibrary,
    ModelChanged,
    Play,
    PlayNext,
    Remember,
    RemoveFolder,
    ScanProgressed,
    SetAuto,
    SetCrossfade,
    SetSituations,
    Situations,
    Skip,
    StopScan,
    Unload,
    UseModel,
)
from livedj.party.mixing import CUE_AHEAD
from livedj.party.snapshot import snapshot_of
from livedj.play.deck import DeckEnded, DeckName
from livedj.play.transition import Kind
from tests.party.night import SILENT_FOR, Night, kinds

A, B = DeckName.A, DeckName.B


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
    night.wait(1.5)
    assert night.loads == [1]


def test_the_end_of_a_song_is_followed_at_once_without_waiting_for_silence() -> None:
    night = Night()
    night.play_first()
    night.hear()
    night.tell(DeckEnded(A, night.state.decks[A].token))
    assert night.loads == [1, 2]












def test_settings_and_restarts_are_handed_on() -> None:
    night = Night()
    assert night.tell(SetCrossfade(Seconds(3.0))) == [SetCrossfade(Seconds(3.0))]
    assert night.tell(SetAuto(False)) == [SetAuto(False)]
    for errand in (StopScan(), MakeDemoLibrary(), AddFolder("/music"), RemoveFolder("/music")):
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




def test_before_anything_was_heard_the_songs_not_played_for_longest_are_proposed() -> None:
    night = Night()
    assert [p.track.id for p in night.state.proposals] == [1, 2, 3, 4, 5]
    assert {p.similarity for p in night.state.proposals} == {None}
    night.hear()
    assert None not in {p.similarity for p in night.state.proposals}


def test_a_song_that_another_dj_has_played_is_not_played_again_soon() -> None:
    night = Night(auto=False)
    night.hear(itself=night.songs[0])
    night.hear()
    assert [p.track.id for p in night.state.proposals] == [2, 3, 4, 5, 6]


def test_another_model_is_handed_on_and_its_measure_of_likeness_taken_over() -> None:
    night = Night()
    assert night.tell(ModelChanged("/data/taste.tflite", 0.4)) == [UseModel("/data/taste.tflite")]
    assert night.state.unrelated == 0.4


def test_no_version_of_a_song_follows_it() -> None:
    night = Night(songs=6)
    one, two, *others = night.songs
    night.songs = (one, replace(two, version_of=one.id), *others)
    night.tell(LibraryChanged(6, night.songs))
    night.hear()
    assert two.id not in {proposal.track.id for proposal in night.state.proposals}, "one version of a song is enough"
    night.play_first()
    night.wait(300)
    assert night.loads[:2] == [1, 3]
    night.hear()
    assert two.id not in night.loads[:4]
