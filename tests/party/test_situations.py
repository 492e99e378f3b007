"""What auto-DJ does about other people's music, and about an output that the room does not hear."""

from dataclasses import replace

import pytest

from livedj.choose.scene import Neighbour
from livedj.listen.heard import Heard, ListenState
from livedj.music import Dbfs, Seconds, Track, TrackId
from livedj.party.autodj import FRESH_FOR
from livedj.party.guardian import Mend
from livedj.party.messages import (
    Load,
    MoveCues,
    OutputChecked,
    Play,
    PlayNext,
    SetAuto,
    SetSituations,
    Situations,
    TogglePause,
    Unload,
)
from livedj.party.state import Phase
from livedj.play.deck import DeckEnded, DeckFailed, DeckLost, DeckName
from livedj.play.output import OutputFacts, SinkFacts, StreamFacts, WakeSink
from tests.party.night import Night

A, B = DeckName.A, DeckName.B
SPEAKERS = SinkFacts(1, "speakers", "Speakers")


def outside_plays(night: Night, seconds: float, first: Track | None = None) -> None:
    """Let the ear report somebody else's music; `first` is what goes well with it."""
    order = [first, *night.songs] if first else night.songs
    near = tuple(Neighbour(track, 0.9 - place / 10) for place, track in enumerate(order))
    for _ in range(round(seconds * 10)):
        night.wait(0.1)
        night.tell(Heard(night.now, ListenState.LISTENING, level=Dbfs(-25.0), music=1.0, neighbours=near))


def falls_silent(night: Night, seconds: float) -> None:
    for _ in range(round(seconds * 10)):
        night.wait(0.1)
        night.tell(Heard(night.now, ListenState.TOO_QUIET, level=Dbfs(-70.0), music=0.0))


def test_it_takes_over_as_soon_as_somebody_elses_music_has_ended_with_a_song_that_was_ready() -> None:
    night = Night()
    outside_plays(night, 20)
    assert night.loads == [1], "one is kept ready"
    night.cue()
    outside_plays(night, 20)
    assert not night.state.sounding, "nothing is faded in over other music"
    falls_silent(night, 3)
    assert night.on_air == 1
    assert night.loads == [1]


def test_with_its_switch_off_it_lets_others_begin() -> None:
    night = Night()
    night.tell(SetSituations(Situations(take_over=False, fill=False)))
    outside_plays(night, 20)
    falls_silent(night, 30)
    assert night.loads == []


@pytest.mark.parametrize("lost", [ListenState.NO_MICROPHONE, None])
def test_it_does_not_play_over_others_because_its_ear_is_lost(lost: ListenState | None) -> None:
    night = Night()
    outside_plays(night, 20)
    for _ in range(600):
        night.wait(0.1)
        if lost is not None:
            night.tell(Heard(night.now, lost))
    assert not any(isinstance(command, Play) for command in night.commands)
    night.cue()
    falls_silent(night, 4)
    assert night.on_air == 1, "once it hears again that they have ended"


def test_a_muted_ear_does_not_hear_that_others_have_ended() -> None:
    night = Night()
    outside_plays(night, 20)
    for _ in range(600):
        night.wait(0.1)
        night.tell(Heard(night.now, ListenState.TOO_QUIET, music=0.0, muted=True))
    assert not any(isinstance(command, Play) for command in night.commands)


def test_where_others_have_begun_meanwhile_our_music_does_not_come_back_by_itself() -> None:
    night = Night()
    night.play_first()
    night.tell(DeckLost(A, night.state.decks[A].token, "no server", output_gone=True))
    outside_plays(night, 20)
    assert night.state.wish is None
    if any(deck.phase is Phase.LOADING for deck in night.state.decks.values()):
        night.cue()
    outside_plays(night, 5)
    assert not night.state.sounding


def test_an_ear_that_never_reports_is_missed_and_silence_is_filled() -> None:
    night = Night()
    night.wait(19)
    assert night.loads == []
    night.wait(9.5)
    assert night.loads == [1]
    assert "microphone does not answer" in night.state.heard.detail


def test_where_nothing_at_all_can_be_played_it_tries_at_a_pace() -> None:
    night = Night(songs=2)
    night.state = replace(night.state, loop=replace(night.songs[0], id=TrackId(0)))
    night.tell(PlayNext(night.songs[0]))
    for _ in range(300):
        for name, deck in night.state.decks.items():
            if deck.phase is Phase.LOADING:
                night.tell(DeckFailed(name, deck.token, "no libVLC"))
        night.wait(0.1)
    assert 5 <= len(night.loads) <= 25


def test_the_last_song_is_played_again_though_the_ear_still_names_it() -> None:
    night = Night(songs=1)
    night.play_first()
    night.hear(itself=night.songs[0])
    night.tell(DeckEnded(A, night.state.decks[A].token))
    assert night.loads == [1, 1]


def test_without_an_ear_and_without_a_history_the_songs_do_not_alternate() -> None:
    night = Night(songs=6)
    night.play_first()
    for _ in range(3):
        night.wait(0.1)
        name = night.state.on_air
        assert name is not None
        night.tell(DeckEnded(name, night.state.decks[name].token))
        night.wait(0.2)
        night.cue()
        night.wait(1.5)
    assert night.loads == [1, 2, 3, 4]


def test_a_song_of_which_next_to_nothing_is_left_is_not_rescued() -> None:
    night = Night()
    night.tell(SetSituations(Situations(go_on=False)))
    night.play_first()
    night.wait(56.8)
    night.tell(DeckLost(A, night.state.decks[A].token, "it hung"))
    night.wait(0.2)
    assert night.loads == [1, 2]


def test_a_paused_song_that_cannot_be_brought_back_starts_no_other() -> None:
    night = Night()
    night.play_first()
    night.tell(TogglePause())
    night.tell(DeckLost(A, night.state.decks[A].token, "it hung"))
    night.tell(DeckFailed(B, night.state.decks[B].token, "it is gone"))
    night.cue()
    assert Play not in {type(command) for command in night.commands[-6:]}
    assert not night.state.sounding


def test_pause_and_off_reach_a_song_that_waits_for_its_output() -> None:
    night = Night()
    night.play_first()
    night.tell(DeckLost(A, night.state.decks[A].token, "no server", output_gone=True))
    paused = []
    for _ in range(2):
        night.tell(TogglePause())
        assert night.state.wish is not None
        paused.append(night.state.wish.paused)
    assert paused == [True, False]
    night.tell(SetAuto(False))
    assert night.state.wish is None


def test_a_song_that_is_recognised_again_and_again_counts_once() -> None:
    night = Night()
    for _ in range(4):
        night.hear(itself=night.songs[3])
        night.hear()
    assert night.state.played == (4,)


def test_a_song_that_is_kept_ready_gives_way_to_what_goes_better_after_a_while() -> None:
    night = Night(songs=20)
    outside_plays(night, 10)
    night.cue()
    other = night.songs[9:]
    near = tuple(Neighbour(track, 0.9 - place / 100) for place, track in enumerate(other))
    for _ in range(round(FRESH_FOR * 10) + 20):
        night.wait(0.1)
        night.tell(Heard(night.now, ListenState.LISTENING, level=Dbfs(-25.0), music=1.0, neighbours=near))
    assert night.loads == [1, 10]


def hears_nothing_of_it(night: Night, facts: OutputFacts) -> None:
    """Let the sound server answer the guardian's questions, while the ear says nothing."""
    for _ in range(40):
        night.wait(0.1)
        night.tell(replace(night.state.heard, at=night.now))
        if night.state.guardian.waiting:
            night.tell(OutputChecked(facts))


def test_a_suspended_output_is_woken() -> None:
    night = Night()
    night.play_first()
    stream = StreamFacts(7, "A", sink=1)
    hears_nothing_of_it(night, OutputFacts((replace(SPEAKERS, suspended=True),), "speakers", (stream,)))
    assert WakeSink(1) in [command.repair for command in night.commands if isinstance(command, Mend)]
    assert "was suspended" in night.state.message


def test_a_deck_that_the_sound_server_knows_nothing_of_is_replaced_and_goes_on_without_blame() -> None:
    night = Night()
    night.play_first()
    token = night.state.decks[A].token
    hears_nothing_of_it(night, OutputFacts((SPEAKERS,), "speakers", ()))
    assert Unload(A, token) in night.commands
    assert night.loads == [1, 1]
    assert night.state.failed == {}


def test_what_only_a_person_may_change_is_said() -> None:
    night = Night()
    night.play_first()
    hears_nothing_of_it(night, OutputFacts((), "", (StreamFacts(7, "A", sink=1),)))
    assert "no loudspeaker" in night.state.message


def test_cue_points_that_a_person_moves_count_at_once() -> None:
    night = Night()
    night.play_first()
    moved = replace(night.songs[0].cues, outro_start=Seconds(20.0), end=Seconds(30.0))
    order = MoveCues(night.songs[0].id, moved)
    assert night.tell(order) == [order]
    night.wait(15)
    assert [type(command) for command in night.commands if isinstance(command, Load | Play)].count(Load) == 2
    night.cue()
    night.wait(12)
    assert night.on_air == 2
