"""Other people's music: when it plays, and when it has ended. Reports in a row; then three minutes of sound."""

import itertools
from pathlib import Path

import pytest

from livedj.listen.heard import Heard, ListenState
from livedj.music import Seconds
from livedj.party.outside import CONFIRMED, ENDED_AFTER, Outside, followed
from livedj.train.noises import Noises
from livedj.train.voices import UNSEEN
from tests.bench import hour
from tests.tune import tune


class Room:
    """A room in which music plays, is drowned, and ends; ten reports a second."""

    def __init__(self) -> None:
        self.outside = Outside()
        self.now = Seconds(100.0)

    def plays(self) -> bool:
        return self.outside.playing

    def hears(
        self,
        seconds: float,
        music: float | None,
        *,
        state: ListenState = ListenState.LISTENING,
        ours: bool = False,
        muted: bool = False,
    ) -> None:
        for _ in range(round(10 * seconds)):
            self.now = Seconds(self.now + 0.1)
            heard = Heard(self.now, state, music=music, muted=muted)
            self.outside = followed(self.outside, heard, ours, self.now)


@pytest.fixture
def room() -> Room:
    """Return a room in which somebody else's music has played for half a minute."""
    room = Room()
    room.hears(30.0, 0.9)
    assert room.plays()
    assert room.outside.ended is None
    return room


def test_music_is_believed_after_a_while() -> None:
    room = Room()
    room.hears(CONFIRMED - 0.5, 0.9)
    assert not room.plays()
    room.hears(1.0, 0.9)
    assert room.plays()


def test_a_window_without_music_confirms_none() -> None:
    room = Room()
    room.hears(60.0, 0.9, state=ListenState.NO_MUSIC)
    room.hears(60.0, 0.1)
    assert room.outside == Outside()


def test_it_ends_after_a_while_without_and_stands_until_there_is_music_again(room: Room) -> None:
    ended = room.now + 0.1
    room.hears(ENDED_AFTER - 0.1, 0.1)
    assert room.plays()
    assert room.outside.ended is None
    room.hears(0.3, 0.1)
    assert not room.plays()
    assert room.outside.ended == pytest.approx(ended)
    room.hears(60.0, 0.1)
    assert room.outside.ended == pytest.approx(ended)


def test_breaks_and_words_do_not_end_it(room: Room) -> None:
    for _ in range(3):
        room.hears(1.2, 0.1)
        room.hears(3.0, 0.9)
    assert room.plays()
    assert room.outside.ended is None


def test_music_that_returns_plays_again_after_it_is_confirmed(room: Room) -> None:
    room.hears(5.0, 0.1)
    room.hears(0.1, 0.9)
    assert room.outside.ended is None
    assert not room.plays()
    room.hears(CONFIRMED + 0.1, 0.9)
    assert room.plays()


def test_the_end_of_what_was_not_confirmed_is_no_end() -> None:
    room = Room()
    room.hears(2.0, 0.9)
    room.hears(10.0, 0.1)
    assert room.outside.ended is None


def test_a_cheer_after_the_end_withdraws_it_without_being_music(room: Room) -> None:
    room.hears(5.0, 0.1)
    room.hears(0.5, 0.9, state=ListenState.NO_MUSIC)
    assert room.outside.ended is None
    assert not room.plays()
    room.hears(10.0, 0.1, state=ListenState.NO_MUSIC)
    assert room.outside.ended is None


def test_a_song_that_the_window_doubts_goes_on(room: Room) -> None:
    room.hears(20.0, 0.6, state=ListenState.NO_MUSIC)
    assert room.plays()
    room.hears(3.0, 0.1, state=ListenState.NO_MUSIC)
    assert room.outside.ended is not None


@pytest.mark.parametrize(("music", "ours"), [(0.9, True), (0.1, True)])
def test_while_we_play_nothing_is_known(room: Room, music: float | None, ours: bool) -> None:
    room.hears(0.1, music, ours=ours)
    assert room.outside == Outside()
    room.hears(3.0, 0.1)
    assert room.outside.ended is None


@pytest.mark.parametrize("muted", [False, True])
def test_while_the_ear_can_say_nothing_music_that_played_is_taken_to_play_on(room: Room, muted: bool) -> None:
    room.hears(60.0, 0.0 if muted else None, muted=muted)
    assert room.plays()
    room.hears(ENDED_AFTER + 0.3, 0.1)
    assert room.outside.ended is not None


def test_without_an_ear_no_music_is_confirmed() -> None:
    room = Room()
    room.hears(CONFIRMED - 1.0, 0.9)
    room.hears(0.1, None)
    assert room.outside == Outside()


def test_three_minutes_of_songs_talk_and_applause_in_a_room() -> None:
    """A cut of what `make bench` measures on an hour, with tunes for songs."""
    songs = (tune(50.0, root=root) for root in itertools.cycle((220.0, 165.0, 196.0)))
    acts = hour.hour(songs, Noises(UNSEEN, 5), 5, hour.spoil_of(Path("nowhere")), Seconds(180.0))
    night = hour.judged(*hour.listened(acts))
    assert len(night.delays) >= 2
    assert max(night.delays) <= 3.5
    assert len(night.false) <= 1
