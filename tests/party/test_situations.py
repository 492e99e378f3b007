"""What auto-DJ does about other people's music, and about an output that the room does not hear."""

from dataclasses import replace

from livedj.choose.proposals import Neighbour
from livedj.listen.heard import Heard, ListenState
from livedj.music import Dbfs, Seconds, Track
from livedj.party.autodj import FRESH_FOR
from livedj.party.guardian import CheckOutput, Mend
from livedj.party.messages import Load, MoveCues, OutputChecked, Play, SetSituations, Situations, Unload
from livedj.play.deck import DeckName
from livedj.play.output import OutputFacts, SinkFacts, StreamFacts, WakeSink
from tests.party.night import Night

A = DeckName.A
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
        asked = night.tell(replace(night.state.heard, at=night.now))
        if CheckOutput() in asked:
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
