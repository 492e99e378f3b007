"""What is proposed, what is not, and how calmly."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livedj.choose.proposals import CLEARLY_BETTER, COUNT, NOT_AGAIN, Proposal, propose, recent
from livedj.choose.scene import Neighbour, Opinion, Scene, Taste, similarity
from livedj.music import TrackId
from tests.songs import song

IDS = [TrackId(n) for n in range(100)]
NONE: Mapping[int, int] = {}
HEARD = Scene(unrelated=0.2)


def near(cosines: dict[int, float]) -> list[Neighbour]:
    return sorted((Neighbour(song(n), c) for n, c in cosines.items()), key=lambda n: -n.cosine)


def ask(
    cosines: dict[int, float],
    previous: tuple[Proposal, ...] = (),
    barred: Collection[int] = (),
    fresh: Sequence[int] = (),
    broken: Collection[int] = (),
    versions: Mapping[int, int] = NONE,
    scene: Scene = HEARD,
    newcomers: int = COUNT,
) -> tuple[Proposal, ...]:
    """Return the proposals; `versions`: track -> the song of which it is one."""
    songs = {TrackId(track): TrackId(song) for track, song in versions.items()}
    return propose(
        [Neighbour(replace(n.track, version_of=songs.get(n.track.id)), n.cosine) for n in near(cosines)],
        previous,
        scene,
        broken={TrackId(n) for n in broken},
        barred={TrackId(n) for n in barred},
        fresh=[TrackId(n) for n in fresh],
        newcomers=newcomers,
    )


def numbers(proposals: tuple[Proposal, ...]) -> list[int]:
    return [proposal.track.id for proposal in proposals]


def test_the_five_nearest_come_best_first() -> None:
    assert numbers(ask({n: 1 - n / 10 for n in range(8)})) == [0, 1, 2, 3, 4]


def test_barred_songs_are_never_proposed_even_when_nothing_else_is_left() -> None:
    assert numbers(ask({1: 0.9, 2: 0.8}, barred={1})) == [2]


def test_a_broken_track_is_never_proposed_but_other_versions_of_the_song_are() -> None:
    assert numbers(ask({1: 0.9, 2: 0.8}, broken={1}, versions={1: 1, 2: 1})) == [2]


def test_of_a_song_one_version_is_proposed_the_nearest_unless_the_one_shown_is_about_as_near() -> None:
    versions = {2: 1, 3: 1}
    first = ask({1: 0.7, 2: 0.8, 3: 0.6, 4: 0.5}, versions=versions)
    assert numbers(first) == [2, 4]
    assert numbers(ask({1: 0.81, 2: 0.8, 3: 0.6, 4: 0.5}, previous=first, versions=versions)) == [2, 4]
    assert numbers(ask({1: 0.9, 2: 0.8, 3: 0.6, 4: 0.5}, previous=first, versions=versions)) == [1, 4]


def test_no_version_of_a_song_is_proposed_that_plays_and_those_of_a_fresh_one_come_last() -> None:
    versions = {2: 1, 3: 1, 5: 4}
    assert numbers(ask({2: 0.9, 3: 0.8, 5: 0.7}, barred={1}, versions=versions)) == [5]
    assert numbers(ask({2: 0.9, 5: 0.7}, fresh=[1], versions=versions)) == [5, 2]


def test_fresh_songs_come_last_and_the_oldest_of_them_first() -> None:
    assert numbers(ask({1: 0.9, 2: 0.8, 3: 0.1}, fresh=[2, 1])) == [3, 2, 1]


def test_an_entry_moves_only_for_one_that_is_clearly_better() -> None:
    first = ask({1: 0.80, 2: 0.79, 3: 0.5})
    slightly = ask({1: 0.79, 2: 0.80, 3: 0.5}, previous=first)
    clearly = ask({1: 0.70, 2: 0.80, 3: 0.5}, previous=slightly)
    assert (numbers(first), numbers(slightly), numbers(clearly)) == ([1, 2, 3], [1, 2, 3], [2, 1, 3])


def test_a_sixth_song_enters_only_when_clearly_better_than_the_last() -> None:
    five = {n: 0.9 - n / 100 for n in range(5)}
    first = ask(five)
    assert numbers(ask({**five, 9: 0.87}, previous=first)) == [0, 1, 2, 3, 4]
    assert 9 in numbers(ask({**five, 9: 0.95}, previous=first))


@given(
    st.dictionaries(st.integers(0, 30), st.floats(-1, 1), max_size=20),
    st.dictionaries(st.integers(0, 30), st.floats(-1, 1), max_size=20),
    st.sets(st.integers(0, 30), max_size=5),
)
def test_what_is_shown_is_never_far_from_the_best(
    before: dict[int, float], now: dict[int, float], barred: set[int]
) -> None:
    shown = ask(now, previous=ask(before), barred=barred)
    allowed = sorted((c for n, c in now.items() if n not in barred), reverse=True)
    assert len(shown) == min(COUNT, len(allowed))
    assert len(set(numbers(shown))) == len(shown)
    for proposal, best in zip(shown, allowed, strict=False):
        assert proposal.track.id not in barred
        assert proposal.cosine is not None
        assert proposal.cosine >= best - COUNT * CLEARLY_BETTER


def test_recent_takes_the_last_25_or_half_a_small_library_oldest_first() -> None:
    assert recent(IDS[:40], 1000) == tuple(IDS[40 - NOT_AGAIN : 40])
    assert recent(IDS[:40], 10) == tuple(IDS[35:40])
    assert recent([IDS[3], IDS[4], IDS[3]], 100) == (IDS[4], IDS[3])
    assert recent(IDS[:5], 1) == ()


@pytest.mark.parametrize(("cosine", "percent"), [(1.0, 100), (0.2, 0), (-0.5, 0), (0.6, 50)])
def test_similarity_runs_from_any_two_songs_to_the_same_sound(cosine: float, percent: int) -> None:
    assert similarity(cosine, 0.2) == percent


def test_the_rules_decide_between_songs_that_sound_about_as_near() -> None:
    scene = replace(HEARD, opinions={TrackId(2): Opinion.LIKED})
    assert numbers(ask({1: 0.70, 2: 0.68}, scene=scene)) == [2, 1]
    assert numbers(ask({1: 0.80, 2: 0.68}, scene=scene)) == [1, 2]
    assert numbers(ask({1: 0.70, 2: 0.68}, scene=replace(scene, taste=Taste.FREE))) == [1, 2]


def test_the_reason_tells_how_near_it_sounds_and_what_speaks_for_it() -> None:
    scene = replace(HEARD, now=replace(song(9), energy=1.5), opinions={TrackId(1): Opinion.LIKED})
    [proposal] = propose([Neighbour(replace(song(1), energy=1.6), 0.9, played_days_ago=400)], (), scene)
    assert proposal.reason == "begins just like the room · you like it · same energy"
    [alone] = propose([Neighbour(song(1), 0.9)], (), HEARD)
    assert alone.reason == "begins just like the room"


def test_what_speaks_against_a_song_is_no_reason_for_it() -> None:
    scene = replace(HEARD, now=replace(song(9), energy=0.5))
    [proposal] = propose([Neighbour(replace(song(1), energy=2.5), 0.9)], (), scene)
    assert proposal.reason == "begins just like the room"


@pytest.mark.parametrize(("newcomers", "expected"), [(0, [0, 1, 2, 3, 4]), (1, [9, 0, 1, 2, 3]), (2, [9, 8, 0, 1, 2])])
def test_of_better_songs_so_many_come_in_as_may(newcomers: int, expected: list[int]) -> None:
    shown = ask({n: 0.5 - n / 20 for n in range(5)})
    later = {n: 0.5 - n / 20 for n in range(5)} | {9: 0.9, 8: 0.8, 7: 0.7}
    assert numbers(ask(later, shown, newcomers=newcomers)) == expected


def test_a_gap_is_filled_though_nobody_may_come_in() -> None:
    shown = ask({n: 0.5 - n / 20 for n in range(5)})
    later = {n: 0.5 - n / 20 for n in range(5)} | {9: 0.9, 8: 0.8}
    assert numbers(ask(later, shown, newcomers=0, barred={2})) == [9, 0, 1, 3, 4]
