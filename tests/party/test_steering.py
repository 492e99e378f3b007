"""Keep on and drunk: what the ear is told of how to ask for the next songs. The clock is set."""

from dataclasses import replace

from livedj.choose.steering import Steering
from livedj.party.messages import Command, PlayNext, SetDrunk, SetKeepOn, Steer, WorkerDied
from livedj.party.snapshot import snapshot_of
from tests.party.night import Night


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
    assert steered(said) == [Steering((3, 2))]
    assert steered(play(night, 4)) == [Steering((4, 3))]
    assert snapshot_of(night.state, night.now).keep_on == 2
    assert steered(night.tell(SetKeepOn(0))) == [Steering()]


def test_a_song_that_others_play_joins_too() -> None:
    night = Night(auto=False)
    night.tell(SetKeepOn(1))
    assert steered(night.hear(itself=night.songs[6])) == [Steering((7,))]


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


def test_reasons_tell_what_is_gone_by() -> None:
    night = Night(auto=False)
    night.hear()
    assert "the room" in night.state.proposals[0].reason
    play(night, 1)
    night.tell(SetKeepOn(3))
    assert "the last songs" in night.state.proposals[0].reason
