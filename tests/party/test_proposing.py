"""How calm the proposals are while one piece of music plays, and how soon they follow another. The clock is set."""

from collections.abc import Sequence

import pytest

from livedj.choose.proposals import COUNT
from livedj.choose.scene import Neighbour, Opinion, Taste
from livedj.choose.steering import Steering
from livedj.listen.heard import Heard, ListenState
from livedj.music import Seconds
from livedj.party.messages import LibraryChanged, PlayNext, SetOpinion, SetTaste
from livedj.party.proposing import NEWCOMER_AFTER, SETTLES_IN
from tests.party.night import Night

FIRST, OTHERS = [1, 2, 3, 4, 5, 6, 7], [20, 19, 18, 17, 16, 15, 14]


class Evening(Night):
    """Somebody else's music is heard, and some songs lie near to it."""

    def __init__(self) -> None:
        super().__init__(songs=60, auto=False)
        self.hear_like(FIRST, since=self.now)
        self.began = self.now

    def hear_like(self, near: Sequence[int], since: float, asked: Steering = Steering()) -> list[int]:
        """Hear a stride of music that began at the moment `since`; return what is proposed then."""
        neighbours = tuple(Neighbour(self.songs[n - 1], 0.9 - 0.03 * place) for place, n in enumerate(near))
        heard = Heard(self.now, ListenState.LISTENING, neighbours=neighbours, asked=asked, since=Seconds(since))
        self.tell(heard)
        return self.proposed

    @property
    def proposed(self) -> list[int]:
        return [proposal.track.id for proposal in self.state.proposals]


@pytest.fixture
def night() -> Evening:
    evening = Evening()
    evening.wait(SETTLES_IN + 0.1)
    return evening


def test_the_first_windows_of_music_are_followed_freely() -> None:
    night = Evening()
    night.wait(SETTLES_IN - 0.2)
    assert night.hear_like(OTHERS, night.began) == OTHERS[:COUNT]


def test_while_one_piece_of_music_plays_one_song_may_come_in_every_half_minute(night: Evening) -> None:
    assert night.hear_like(OTHERS, night.began) == FIRST[:COUNT]
    entered = []
    for _ in range(int(2.1 * NEWCOMER_AFTER)):
        before = set(night.proposed)
        night.wait(1.0)
        entered += sorted(set(night.hear_like(OTHERS, night.began)) - before)
    assert entered == OTHERS[:2]
    assert night.proposed == [*OTHERS[:2], *FIRST[:3]]


def test_a_heart_does_not_put_the_next_song_off(night: Evening) -> None:
    night.wait(20.0 - SETTLES_IN)
    night.tell(SetOpinion(night.songs[0], Opinion.LIKED))
    night.wait(NEWCOMER_AFTER - 20.0)
    assert OTHERS[0] in night.hear_like(OTHERS, night.began)


def test_a_free_choice_puts_the_next_song_off_even_where_it_changes_nothing(night: Evening) -> None:
    night.wait(20.0 - SETTLES_IN)
    night.tell(SetTaste(Taste.FREE))
    assert night.proposed == FIRST[:COUNT]
    night.wait(NEWCOMER_AFTER - 0.2)
    assert night.hear_like(OTHERS, night.began) == FIRST[:COUNT]
    night.wait(0.3)
    assert OTHERS[0] in night.hear_like(OTHERS, night.began)


def test_other_music_is_followed_at_once(night: Evening) -> None:
    night.wait(5.0)
    assert night.hear_like(OTHERS, night.now - 1.0) == OTHERS[:COUNT]


def test_a_song_that_leaves_is_replaced_by_one_of_those_that_were_near_then(night: Evening) -> None:
    night.hear_like(OTHERS, night.began)
    night.tell(SetOpinion(night.songs[1], Opinion.BANNED))
    assert night.proposed == [1, 3, 4, 5, 6]


def test_a_song_that_a_deck_takes_leaves_the_proposals(night: Evening) -> None:
    night.tell(PlayNext(night.songs[1]))
    assert night.loads == [2]
    assert night.proposed == [1, 3, 4, 5, 6]


@pytest.mark.parametrize("occasion", ["song", "taste", "steering", "library"])
def test_what_the_person_does_is_followed_at_once(night: Evening, occasion: str) -> None:
    assert night.hear_like(OTHERS, night.began) == FIRST[:COUNT]
    if occasion == "song":
        night.tell(PlayNext(night.songs[40]))
        night.cue()
        night.wait(0.5)
    elif occasion == "taste":
        night.tell(SetTaste(Taste.FREE))
    elif occasion == "library":
        night.tell(LibraryChanged(61, night.songs))
    else:
        night.hear_like(OTHERS, night.began, Steering(drunk=0.5, seed=1))
    assert night.proposed == OTHERS[:COUNT]


def test_a_list_with_gaps_is_filled() -> None:
    night = Evening()
    night.hear_like(FIRST[:2], night.began)
    night.wait(10.0)
    assert night.hear_like([*FIRST[:2], *OTHERS], night.began) == [*FIRST[:2], *OTHERS[:3]]


def test_the_first_neighbours_replace_what_was_proposed_without_any() -> None:
    night = Night(songs=60, auto=False)
    night.tell(Heard(night.now, ListenState.LISTENING, since=night.now))
    night.wait(10.0)
    near = tuple(Neighbour(night.songs[n - 1], 0.9 - 0.03 * place) for place, n in enumerate(OTHERS))
    night.tell(Heard(night.now, ListenState.LISTENING, neighbours=near, since=Seconds(night.now - 10.0)))
    assert [proposal.track.id for proposal in night.state.proposals] == OTHERS[:COUNT]


def test_before_anything_is_heard_what_was_just_played_is_proposed_last() -> None:
    night = Night(songs=4, auto=False)
    for number in (1, 2):
        night.tell(PlayNext(night.songs[number - 1]))
        night.cue()
        night.wait(8.0)
    assert [proposal.track.id for proposal in night.state.proposals] == [3, 4, 1]


def test_before_anything_is_heard_the_proposals_follow_the_library() -> None:
    night = Night(songs=4, auto=False)
    night.tell(LibraryChanged(4, night.songs[::-1]))
    assert [proposal.track.id for proposal in night.state.proposals] == [4, 3, 2, 1]
