"""What the party does with the person's queue: plays it in order, and without end. The clock is set."""

from dataclasses import replace

import pytest

from livedj.choose.scene import Neighbour, Opinion
from livedj.listen.heard import Heard, ListenState
from livedj.music import Dbfs, Track, TrackId
from livedj.night.entries import Chooser
from livedj.party.messages import (
    ClearQueue,
    Enqueue,
    FindSongs,
    KeepPlayingLike,
    Load,
    MoveInQueue,
    PlayNext,
    SetDrunk,
    SetKeepOn,
    SetOpinion,
    Skip,
    SongsFound,
    TogglePause,
    UndoQueue,
    Unload,
    Unqueue,
)
from livedj.party.queueing import AT_ONCE, SHORT
from livedj.party.snapshot import snapshot_of
from livedj.party.state import Phase
from livedj.play.deck import DeckEnded, DeckFailed, DeckLost, DeckName
from tests.party.night import Night
from tests.party.test_queue import LIKE, ids
from tests.songs import song


def queued(night: Night) -> list[int]:
    return ids(snapshot_of(night.state, night.now).queue)


def enqueue(night: Night, *numbers: int) -> None:
    night.tell(Enqueue(tuple(night.songs[n - 1] for n in numbers)))


def finds(night: Night) -> list[FindSongs]:
    return [command for command in night.commands if isinstance(command, FindSongs)]


@pytest.mark.parametrize("auto", [True, False])
def test_the_queue_is_played_in_its_order_before_the_proposals_also_without_auto_dj(auto: bool) -> None:
    night = Night(auto=auto)
    night.play_first(PlayNext(night.songs[0]))
    enqueue(night, 9, 8)
    for expected in (9, 8):
        night.wait(55)
        night.cue()
        night.wait(10)
        assert night.on_air == expected
        assert expected not in queued(night)
    night.wait(55)
    assert (night.loads[-1] != 8) == auto, "with the queue's end only auto-DJ goes on"


def test_to_line_up_songs_starts_none() -> None:
    night = Night(auto=False)
    night.hear(ListenState.TOO_QUIET)
    night.wait(20)
    enqueue(night, 3)
    night.wait(20)
    assert night.loads == []
    night.tell(Skip())
    assert night.loads == [3], "the person does"


def test_what_waits_on_a_deck_gives_way_to_another_order() -> None:
    night = Night()
    night.play_first(PlayNext(night.songs[0]))
    night.wait(46)
    night.cue()
    chosen = night.loads[-1]
    enqueue(night, 9)
    night.wait(0.3)
    assert night.loads[-2:] == [chosen, 9]
    night.cue()
    enqueue(night, 8)
    night.wait(0.3)
    assert night.loads[-1] == 9, "it is still the next"
    night.tell(MoveInQueue(TrackId(8), TrackId(9)))
    night.wait(0.3)
    assert night.loads[-1] == 8
    night.tell(ClearQueue())
    night.wait(0.3)
    assert night.loads[-1] not in (8, 9), "auto-DJ chooses again"


def test_a_song_that_cannot_be_played_is_passed_over() -> None:
    night = Night()
    night.play_first(PlayNext(night.songs[0]))
    enqueue(night, 9, 8)
    night.wait(52)
    name = next(name for name in DeckName if night.state.decks[name].phase is Phase.LOADING)
    night.tell(DeckFailed(name, night.state.decks[name].token, "no music"))
    night.wait(0.3)
    assert isinstance(night.commands[-1], Load)
    assert night.loads[-1] == 8
    assert queued(night) == [9, 8], "its drive may come back"
    night.cue()
    night.wait(10.0)
    assert (night.on_air, queued(night)) == (8, [9])


@pytest.mark.parametrize("banned", [song(3), replace(song(30), version_of=TrackId(3))])
def test_a_banned_song_is_not_lined_up_nor_a_version_of_it(banned: Track) -> None:
    night = Night()
    night.tell(SetOpinion(night.songs[2], Opinion.BANNED))
    night.tell(Enqueue((banned, night.songs[3])))
    assert queued(night) == [4]
    assert banned.title in night.state.message


@pytest.mark.parametrize("journey", [(1, 5, 6), (5, 1, 6)])
def test_of_a_list_the_song_on_air_is_left_out(journey: tuple[int, ...]) -> None:
    night = Night(auto=False)
    night.play_first(PlayNext(night.songs[0]))
    enqueue(night, *journey)
    assert queued(night) == [5, 6]
    night.tell(Skip())
    night.cue()
    night.wait(0.3)
    assert night.state.fading
    enqueue(night, 1, 7)
    assert queued(night) == [6, 7], "the room still hears it fade out"


def test_the_song_on_air_is_left_out_of_a_list_whose_others_are_banned() -> None:
    night = Night(auto=False)
    night.play_first(PlayNext(night.songs[0]))
    night.tell(SetOpinion(night.songs[2], Opinion.BANNED))
    enqueue(night, 3, 1)
    assert queued(night) == []


def test_a_song_that_is_paused_is_left_out_of_a_list() -> None:
    night = Night(auto=False)
    night.play_first(PlayNext(night.songs[0]))
    night.tell(TogglePause())
    enqueue(night, 1, 5)
    assert queued(night) == [5]


def test_a_song_that_only_waits_on_a_deck_is_lined_up() -> None:
    night = Night()
    night.play_first()
    night.wait(46)
    night.cue()
    assert night.loads == [1, 2]
    enqueue(night, 2, 5)
    assert queued(night) == [2, 5]


def test_of_a_list_the_song_that_another_dj_plays_is_left_out() -> None:
    night = Night(auto=False)
    night.hear(itself=night.songs[2])
    enqueue(night, 3, 4)
    assert queued(night) == [4]


def test_the_song_on_air_is_lined_up_once_more_where_it_is_asked_for_alone() -> None:
    night = Night()
    night.play_first(PlayNext(night.songs[0]))
    enqueue(night, 1)
    assert queued(night) == [1]


def test_edits_reach_the_queue_and_can_be_undone() -> None:
    night = Night()
    enqueue(night, 1, 2, 3)
    night.tell(MoveInQueue(TrackId(3), TrackId(1)))
    night.tell(Unqueue(TrackId(1)))
    assert queued(night) == [3, 2]
    night.tell(UndoQueue())
    assert queued(night) == [3, 1, 2]


def test_songs_like_some_are_found_played_and_found_again() -> None:
    night = Night(songs=40, auto=False)
    night.hear(ListenState.TOO_QUIET)
    night.tell(KeepPlayingLike(LIKE))
    night.wait(1.0)
    asked = finds(night)[-1]
    assert (asked.like, asked.count, len(finds(night))) == (LIKE, AT_ONCE, 1), "it is asked for once"
    night.tell(SongsFound(LIKE, night.songs[10:20]))
    assert night.loads == [11], "nothing plays: it begins"
    night.cue()
    night.wait(1.0)
    while len(queued(night)) >= SHORT:
        night.tell(Skip())
        night.cue()
        night.wait(2.0)
    again = finds(night)[-1]
    assert len(finds(night)) == 2
    heard = {track.song for track in night.songs[10:20]} - {track.song for track in night.state.queue.songs}
    assert {*queued(night)} <= again.barred
    assert heard <= {*again.fresh, *again.barred}


def test_of_two_kinds_of_songs_the_one_asked_for_last_is_found() -> None:
    night = Night(auto=False)
    another = replace(LIKE, words="“Another”")
    night.tell(KeepPlayingLike(LIKE))
    night.tell(KeepPlayingLike(another))
    assert [command.like for command in finds(night)] == [LIKE, another]
    night.tell(SongsFound(LIKE, night.songs[:3]))
    assert queued(night) == []
    night.tell(SongsFound(another, night.songs[3:6]))
    assert queued(night) == [4, 5, 6]


def test_songs_that_are_found_do_not_replace_the_one_that_the_person_wishes() -> None:
    night = Night(songs=40, auto=False)
    night.tell(KeepPlayingLike(LIKE))
    night.tell(PlayNext(night.songs[4]))
    night.tell(SongsFound(LIKE, night.songs[10:20]))
    assert night.state.wish is not None
    assert night.state.wish.track == night.songs[4]


def test_songs_are_looked_for_as_the_person_wants_them_and_none_that_sounds_waits_or_is_banned() -> None:
    night = Night(auto=False)
    night.state = replace(night.state, seed=7)
    night.tell(SetKeepOn(2))
    night.tell(SetDrunk(0.5))
    night.play_first(PlayNext(night.songs[0]))
    enqueue(night, 2)
    night.tell(SetOpinion(night.songs[2], Opinion.BANNED))
    night.tell(KeepPlayingLike(LIKE))
    barred = frozenset(map(TrackId, (1, 2, 3)))
    assert finds(night) == [FindSongs(LIKE, AT_ONCE, barred, (TrackId(1),), keep_on=2, drunk=0.5, seed=7)]


@pytest.mark.parametrize("tracks", [(), None])
def test_where_there_are_none_it_says_so_and_ends(tracks: tuple[()] | None) -> None:
    night = Night(auto=False)
    night.tell(KeepPlayingLike(LIKE))
    night.tell(SongsFound(LIKE, tracks))
    assert night.state.queue.like is None
    assert bool(night.state.message) == (tracks is not None), "else a fault has told why"


def test_a_small_library_is_asked_again_when_a_song_was_played() -> None:
    night = Night(songs=4)
    night.play_first(PlayNext(night.songs[0]))
    enqueue(night, 2)
    night.tell(KeepPlayingLike(LIKE))
    night.tell(SongsFound(LIKE, ()))
    night.wait(3.0)
    assert len(finds(night)) == 1
    night.tell(Skip())
    night.cue()
    assert len(finds(night)) == 2


def test_songs_that_are_found_wait_while_somebody_else_plays() -> None:
    night = Night(songs=40, auto=False)
    night.state = replace(night.state, outside=replace(night.state.outside, playing=True))
    night.tell(KeepPlayingLike(LIKE))
    night.tell(SongsFound(LIKE, night.songs[10:20]))
    assert night.loads == []


def test_a_song_that_is_banned_while_it_waits_is_not_played() -> None:
    night = Night()
    night.play_first(PlayNext(night.songs[0]))
    enqueue(night, 9)
    night.wait(46)
    night.cue()
    night.tell(SetOpinion(night.songs[8], Opinion.BANNED))
    night.wait(1.0)
    night.cue()
    night.wait(15)
    assert night.on_air not in (1, 9)
    assert night.loads.count(9) == 1


@pytest.mark.parametrize("lined_up", ["itself", "a broken one"])
def test_without_auto_dj_nothing_is_played_that_nobody_chose(lined_up: str) -> None:
    night = Night(auto=False)
    night.play_first(PlayNext(night.songs[0]))
    enqueue(night, 1 if lined_up == "itself" else 9)
    night.wait(52)
    if lined_up != "itself":
        name = next(name for name in DeckName if night.state.decks[name].phase is Phase.LOADING)
        night.tell(DeckFailed(name, night.state.decks[name].token, "no music"))
    night.wait(1.0)
    assert set(night.loads) <= {1, 9}
    assert night.on_air == 1


def test_a_queue_goes_on_after_a_song_that_broke_off_without_auto_dj() -> None:
    night = Night(auto=False)
    night.play_first(PlayNext(night.songs[0]))
    enqueue(night, 5)
    night.tell(DeckEnded(DeckName.A, night.state.decks[DeckName.A].token))
    assert night.loads[-1] == 5


def test_what_broke_off_before_does_not_begin_a_queue() -> None:
    night = Night(auto=False)
    night.play_first(PlayNext(night.songs[0]))
    night.tell(DeckEnded(DeckName.A, night.state.decks[DeckName.A].token))
    enqueue(night, 5)
    night.wait(1.0)
    assert night.loads == [1]


def test_a_queue_does_not_begin_where_a_player_was_lost_before() -> None:
    night = Night(auto=False)
    night.play_first(PlayNext(night.songs[0]))
    night.wait(57.5)
    night.tell(DeckLost(DeckName.A, night.state.decks[DeckName.A].token, "it hung"))
    assert night.on_air is None
    enqueue(night, 5)
    night.wait(1.0)
    assert night.loads == [1]


def test_while_somebody_else_plays_the_queues_song_stays_cued() -> None:
    night = Night(songs=20)
    enqueue(night, 9)
    for _ in range(900):
        night.wait(0.1)
        near = tuple(Neighbour(track, 0.9 - track.id / 100) for track in night.songs)
        night.tell(Heard(night.now, ListenState.LISTENING, level=Dbfs(-25.0), music=1.0, neighbours=near))
        if any(deck.phase is Phase.LOADING for deck in night.state.decks.values()):
            night.cue()
    assert night.loads == [9]


@pytest.mark.parametrize("by", [Chooser.AUTO_DJ, Chooser.QUEUE])
def test_a_song_that_fades_out_is_not_taken_for_the_waiting_one(by: Chooser) -> None:
    night = Night()
    night.play_first()
    night.state = night.state.with_changed(DeckName.A, by=by)
    night.tell(Skip())
    night.cue()
    night.wait(0.3)
    assert night.state.fading
    enqueue(night, 8, 9)
    night.wait(0.3)
    assert not [command for command in night.commands if isinstance(command, Unload)]


def test_the_song_on_air_asked_for_once_more_does_not_keep_the_next_from_its_deck() -> None:
    night = Night()
    night.play_first()
    enqueue(night, 1)
    enqueue(night, 9)
    night.wait(46)
    night.cue()
    night.wait(4)
    assert night.loads == [1, 9]


def test_what_auto_dj_begins_in_silence_is_not_loaded_again_and_again_for_a_queue() -> None:
    night = Night()
    night.hear(ListenState.TOO_QUIET)
    night.wait(8.1)
    assert night.loads == [1]
    enqueue(night, 9)
    night.wait(0.5)
    assert night.loads == [1]


def test_a_fault_does_not_end_an_endless_queue_that_still_holds_songs() -> None:
    night = Night(auto=False)
    enqueue(night, 2)
    night.tell(KeepPlayingLike(LIKE))
    night.tell(SongsFound(LIKE, None))
    assert night.state.queue.like == LIKE


def test_songs_that_are_banned_or_on_air_are_not_lined_up_when_found() -> None:
    night = Night(songs=20, auto=False)
    night.play_first(PlayNext(night.songs[0]))
    night.tell(KeepPlayingLike(LIKE))
    night.tell(SetOpinion(night.songs[2], Opinion.BANNED))
    night.tell(SongsFound(LIKE, night.songs[:5]))
    assert queued(night) == [2, 4, 5]
    assert night.loads == [1], "something plays: nothing begins"


def test_an_undo_asks_again_for_an_endless_queue() -> None:
    night = Night(songs=20, auto=False)
    night.tell(KeepPlayingLike(LIKE))
    night.tell(ClearQueue())
    night.tell(UndoQueue())
    assert len(finds(night)) == 2
