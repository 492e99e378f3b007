"""The queue itself: edited, undone, played from."""

from dataclasses import replace
from itertools import groupby
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livedj.music import TrackId
from livedj.party.queue import UNDONE, Like, Queue
from tests.songs import song

LIKE = Like((Path("other.mp3"),), "“Other”")
SONG = st.integers(1, 9)
QUEUED = st.lists(SONG, max_size=8)


def queue_of(*numbers: int) -> Queue:
    return Queue().added(song(n) for n in numbers)


def ids(queue: Queue) -> list[int]:
    return [track.id for track in queue.songs]


@given(first=QUEUED, second=QUEUED)
def test_no_song_is_in_it_twice_and_the_order_is_the_persons(first: list[int], second: list[int]) -> None:
    assert ids(queue_of(*first).added(song(n) for n in second)) == list(dict.fromkeys(first + second))


def test_of_a_song_one_version_is_enough() -> None:
    version = replace(song(2), version_of=TrackId(1))
    assert ids(queue_of(1).added([version, song(3)])) == [1, 3]


@pytest.mark.parametrize(
    ("track", "before", "order"),
    [(3, 1, [3, 1, 2]), (1, 3, [2, 1, 3]), (1, None, [2, 3, 1]), (2, 2, [1, 2, 3]), (1, 7, [2, 3, 1])],
)
def test_a_song_is_moved_before_another_or_to_the_end(track: int, before: int | None, order: list[int]) -> None:
    assert ids(queue_of(1, 2, 3).moved(TrackId(track), None if before is None else TrackId(before))) == order


def test_what_is_not_there_cannot_be_moved_or_taken_out() -> None:
    queue = queue_of(1, 2)
    assert queue.moved(TrackId(7), TrackId(1)) == queue == queue.without(TrackId(7))


def test_every_edit_is_taken_back_one_by_one() -> None:
    edits = [queue_of(1, 2, 3)]
    edits.append(edits[-1].moved(TrackId(3), TrackId(1)))
    edits.append(edits[-1].without(TrackId(1)))
    edits.append(edits[-1].going_on(LIKE))
    edits.append(edits[-1].cleared())
    queue = edits[-1]
    for former in reversed(edits[:-1]):
        queue = queue.undone()
        assert (queue.songs, queue.like) == (former.songs, former.like)
    assert ids(queue.undone()) == []
    assert queue.undone().undone() == queue.undone()


def test_an_undo_brings_back_no_song_that_was_played() -> None:
    assert ids(queue_of(1, 2, 3).cleared().played(TrackId(2)).undone()) == [1, 3]


@given(songs=QUEUED, edits=st.lists(st.tuples(SONG, SONG), max_size=4), heard=SONG)
def test_what_was_played_is_in_no_state_that_an_undo_brings_back(
    songs: list[int], edits: list[tuple[int, int]], heard: int
) -> None:
    queue = queue_of(*songs)
    for track, before in edits:
        queue = queue.moved(TrackId(track), TrackId(before))
    states = [ids(state) for state in (*queue.before, queue)]
    played = queue.played(TrackId(heard))
    without = [[track for track in state if track != heard] for state in states]
    assert [ids(state) for state in (*played.before, played)] == [state for state, _ in groupby(without)]


def test_so_many_edits_can_be_taken_back() -> None:
    queue = queue_of(1, 2)
    for n in range(2 * UNDONE):
        queue = queue.moved(TrackId(1 + n % 2), None)
    assert len(queue.before) == UNDONE


def test_it_is_the_latest_edits_that_are_taken_back() -> None:
    numbers = range(1, UNDONE + 11)
    queue = Queue()
    for n in numbers:
        queue = queue.added([song(n)])
    assert ids(queue.undone()) == list(numbers)[:-1]


def test_what_is_found_is_no_edit() -> None:
    queue = queue_of(1, 2).without(TrackId(2))
    assert queue.found([song(3)]).before == queue.before


def test_another_version_of_what_was_played_leaves_it() -> None:
    version = replace(song(7), version_of=TrackId(1))
    assert ids(Queue().added([version, song(2)]).played(TrackId(1))) == [2]


def test_a_played_song_does_not_take_back_what_the_queue_goes_on_like() -> None:
    queue = queue_of(1, 2).going_on(LIKE).played(TrackId(1))
    assert (queue.undone().like, ids(queue.undone())) == (None, [2])


def test_nothing_is_left_to_undo_once_all_was_played() -> None:
    queue = queue_of(1, 2).without(TrackId(2))
    assert queue.played(TrackId(1)).played(TrackId(2)).before == ()
