"""A heart, a ban, and how much the rules have to say: what the party makes of them. The clock is set."""

from dataclasses import replace

from livedj.choose.scene import Opinion, Taste
from livedj.music import Seconds, TrackId
from livedj.party.messages import LibraryChanged, PlayNext, SetOpinion, SetTaste, TogglePause, Unload
from livedj.party.snapshot import snapshot_of
from tests.party.night import Night, kinds
from tests.songs import song


def proposed(night: Night) -> list[int]:
    return [proposal.track.id for proposal in night.state.proposals]


def test_a_heart_is_kept_shown_and_speaks_for_the_song() -> None:
    night = Night(auto=False)
    night.hear()
    wish = SetOpinion(night.songs[2], Opinion.LIKED)
    assert night.tell(wish) == [wish]
    assert snapshot_of(night.state, night.now).opinions == {3: Opinion.LIKED}
    assert proposed(night)[0] == 3
    night.tell(SetOpinion(night.songs[2], None))
    assert snapshot_of(night.state, night.now).opinions == {}


def test_a_banned_song_is_proposed_no_more_until_the_ban_is_taken_back() -> None:
    night = Night(auto=False)
    night.hear()
    assert 1 in proposed(night)
    night.tell(SetOpinion(night.songs[0], Opinion.BANNED))
    assert 1 not in proposed(night)
    night.tell(SetOpinion(night.songs[0], None))
    assert 1 in proposed(night)


def test_the_song_that_plays_leaves_when_it_is_banned() -> None:
    night = Night(auto=False)
    night.hear()
    night.play_first(PlayNext(night.songs[2]))
    assert night.on_air == 3
    night.tell(SetOpinion(night.songs[2], Opinion.BANNED))
    night.cue()
    night.wait(2)
    assert night.on_air not in (None, 3)


def test_a_paused_song_stays_where_it_is_when_it_is_banned() -> None:
    night = Night(auto=False)
    night.hear()
    night.play_first(PlayNext(night.songs[2]))
    night.tell(TogglePause())
    wish = SetOpinion(night.songs[2], Opinion.BANNED)
    assert night.tell(wish) == [wish]
    assert night.on_air == 3


def test_a_song_that_is_cued_makes_room_when_it_is_banned() -> None:
    night = Night()
    night.play_first()
    night.wait(45)
    night.cue()
    assert night.loads == [1, 2]
    assert Unload in kinds(night.tell(SetOpinion(night.songs[1], Opinion.BANNED)))
    night.wait(1)
    assert night.loads == [1, 2, 3]


def test_a_song_that_is_wished_for_gives_way_to_another_when_it_is_banned() -> None:
    night = Night(auto=False)
    night.hear()
    night.tell(PlayNext(night.songs[0]))
    night.tell(SetOpinion(night.songs[0], Opinion.BANNED))
    assert night.loads == [1, 2]
    night.cue()
    assert night.on_air == 2


def test_where_nothing_but_banned_songs_is_left_none_is_played() -> None:
    night = Night(songs=2)
    for one in night.songs:
        night.tell(SetOpinion(one, Opinion.BANNED))
    night.hear()
    night.wait(60)
    assert night.loads == []


def test_where_nothing_can_be_proposed_for_the_bans_this_is_known() -> None:
    night = Night(songs=3, auto=False)

    def all_banned() -> bool:
        return snapshot_of(night.state, night.now).all_banned

    assert not all_banned()
    for one in night.songs[:2]:
        night.tell(SetOpinion(one, Opinion.BANNED))
        assert not all_banned()
    night.tell(SetOpinion(night.songs[2], Opinion.BANNED))
    assert all_banned(), "of those to fall back on"
    night.hear()
    assert all_banned(), "of those that sound like the room"
    night.tell(SetOpinion(night.songs[2], None))
    assert not all_banned()
    night.hear(itself=night.songs[2])
    assert all_banned(), "the only other one is heard already"
    for one in night.songs[:2]:
        night.tell(SetOpinion(one, None))
    assert not all_banned()


def test_a_library_of_banned_songs_is_told_before_anything_is_heard() -> None:
    night = Night(songs=0)
    for banned, told in ((1, False), (2, True)):
        opinions = {TrackId(song): Opinion.BANNED for song in range(banned)}
        night.tell(LibraryChanged(2, (), opinions=opinions))
        assert snapshot_of(night.state, night.now).all_banned is told


def test_no_ban_is_blamed_where_there_is_no_song_at_all() -> None:
    assert not snapshot_of(Night(songs=0).state, Seconds(0.0)).all_banned


def test_a_person_may_still_play_a_banned_song() -> None:
    night = Night(auto=False)
    night.tell(SetOpinion(night.songs[0], Opinion.BANNED))
    night.tell(PlayNext(night.songs[0]))
    assert night.loads == [1]


def test_the_library_tells_what_was_thought_on_earlier_nights() -> None:
    night = Night(auto=False)
    night.tell(LibraryChanged(10, night.songs, opinions={night.songs[0].song: Opinion.BANNED}))
    night.hear()
    assert 1 not in proposed(night)


def test_songs_of_the_artist_who_has_just_played_come_later() -> None:
    night = Night(auto=False)
    night.songs = tuple(replace(one, artist="Ann") if one.id in (1, 2) else one for one in night.songs)
    night.hear()
    night.play_first(PlayNext(night.songs[0]))
    night.hear()
    assert proposed(night)[0] == 3
    wish = SetTaste(Taste.FREE)
    assert night.tell(wish) == [wish]
    night.hear()
    assert proposed(night)[0] == 3, "what is shown moves only for one that is clearly better"
    assert 2 in proposed(night)
    assert snapshot_of(night.state, night.now).taste is Taste.FREE


def test_what_was_just_said_stands_while_the_library_does_not_know_it_yet() -> None:
    night = Night(auto=False)
    night.hear()
    night.tell(SetOpinion(night.songs[0], Opinion.BANNED))
    night.tell(LibraryChanged(10, night.songs, opinions={night.songs[1].song: Opinion.LIKED}))
    assert 1 not in proposed(night)
    both = {night.songs[0].song: Opinion.BANNED, night.songs[1].song: Opinion.LIKED}
    night.tell(LibraryChanged(10, night.songs, opinions=both))
    assert night.state.opinions == both
    night.tell(LibraryChanged(10, night.songs, opinions={}))
    assert night.state.opinions == {}, "taken back elsewhere"


def test_a_ban_does_not_take_the_place_of_another_wish() -> None:
    night = Night(auto=False)
    for number in (0, 1):
        night.tell(PlayNext(night.songs[number]))
        night.cue()
        night.wait(2)
    night.tell(PlayNext(night.songs[6]))
    night.tell(SetOpinion(night.songs[1], Opinion.BANNED))
    night.wait(3)
    night.cue()
    assert night.on_air == 7


def test_the_only_song_plays_on_when_it_is_banned_and_that_is_said() -> None:
    night = Night(songs=1)
    night.play_first()
    night.tell(SetOpinion(night.songs[0], Opinion.BANNED))
    assert night.on_air == 1
    assert "plays to its end" in night.state.message


def test_the_loop_that_ships_with_livedj_is_no_song_to_think_of() -> None:
    night = Night()
    loop = song(0)
    night.state = replace(night.state, loop=loop)
    assert night.tell(SetOpinion(loop, Opinion.BANNED)) == []
    assert night.state.opinions == {}
