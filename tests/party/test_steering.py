"""Keep on and drunk: what the ear is told of how to ask for the next songs. The clock is set."""

from dataclasses import replace

from livedj.choose.scene import Neighbour
from livedj.choose.steering import Steering
from livedj.listen.heard import Heard, ListenState
from livedj.music import TrackId
from livedj.party.messages import Command, PlayNext, SetDrunk, SetKeepOn, Steer, WorkerDied
from livedj.party.snapshot import snapshot_of
from tests.party.night import Night


def past(*numbers: int) -> Steering:
    return Steering(tuple(map(TrackId, numbers)))


def steered(commands: list[Command]) -> list[Steering]:
    return [command.steering for command in commands if isinstance(command, Steer)]


def play(night: Night, number: int) -> list[Command]:
    said = night.tell(PlayNext(night.songs[number - 1]))
    said += night.cue()
    return said + night.wait(8)


def test_by_default_the_ear_is_told_nothing() -> None:
    night = Night(auto=False)
    assert steered(play(night, 1) + play(night, 2)) == []


def test_the_last_songs_join_what_is_heard_the_latest_first() -> None:
    night = Night(auto=False)
    for number in (1, 2, 3):
        play(night, number)
    said = night.tell(SetKeepOn(2))
    assert SetKeepOn(2) in said
    assert steered(said) == [past(3, 2)]
    assert steered(play(night, 4)) == [past(4, 3)]
    assert snapshot_of(night.state, night.now).keep_on == 2
    assert steered(night.tell(SetKeepOn(0))) == [Steering()]


def test_a_song_that_others_play_joins_too() -> None:
    night = Night(auto=False)
    night.tell(SetKeepOn(1))
    assert steered(night.hear(itself=night.songs[6])) == [past(7)]


def test_chance_stays_the_same_while_a_song_plays_and_comes_again_with_its_seed() -> None:
    nights = []
    for seed in (5, 5, 6):
        night = Night(auto=False)
        night.state = replace(night.state, seed=seed)
        told = steered(night.tell(SetDrunk(0.25)))
        assert steered(night.wait(5)) == []
        nights.append(told + steered(play(night, 1)) + steered(play(night, 2)))
    assert len({steering.seed for steering in nights[0]}) == 3
    assert all(steering.drunk == 0.25 for steering in nights[0])
    assert nights[0] == nights[1] != nights[2]


def test_an_ear_that_begins_again_is_told_again() -> None:
    night = Night(auto=False)
    night.tell(SetDrunk(0.5))
    night.tell(WorkerDied("listener", "It broke."))
    assert steered(night.wait(3)) == [night.state.steering]


def test_reasons_tell_how_the_songs_that_are_proposed_were_asked_for() -> None:
    night = Night(auto=False)
    near = (Neighbour(night.songs[0], 0.9),)
    for asked, words in (
        (Steering(), "the room"),
        (past(3), "the room and the last song"),
        (past(3, 2), "the room and the last songs"),
        (Steering(drunk=0.4, seed=1), "the room and a throw of the dice"),
    ):
        night.tell(Heard(night.now, ListenState.LISTENING, neighbours=near, asked=asked))
        assert night.state.proposals[0].reason == f"begins just like {words}"
    night.tell(SetKeepOn(3))
    assert "dice" in night.state.proposals[0].reason, "nothing was asked anew yet"
