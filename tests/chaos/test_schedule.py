"""The schedule: the same night for the same seed, every kind in every round, and time to recover."""

from collections import Counter
from itertools import pairwise

import pytest

from livedj.music import Seconds
from tests.chaos.__main__ import MINUTES
from tests.chaos.faults import KINDS
from tests.chaos.schedule import FIRST, LAST, REST, schedule

HOLDS = {"short": Seconds(1.0), "long": Seconds(10.0), "deadly": Seconds(5.0)}
HOUR = Seconds(3600.0)


def test_a_seed_makes_one_night() -> None:
    assert schedule(HOLDS, set(), HOUR, 1) == schedule(HOLDS, set(), HOUR, 1)
    assert schedule(HOLDS, set(), HOUR, 1) != schedule(HOLDS, set(), HOUR, 2)


@pytest.mark.parametrize("seed", range(5))
def test_every_fault_leaves_time_to_recover(seed: int) -> None:
    planned = schedule(HOLDS, set(), HOUR, seed)
    assert planned[0].at == FIRST
    for fault, following in pairwise(planned):
        assert REST[0] <= following.at - fault.at - HOLDS[fault.kind] <= REST[1]
    assert planned[-1].at + HOLDS[planned[-1].kind] <= HOUR - LAST


def test_every_kind_comes_once_a_round() -> None:
    kinds = [fault.kind for fault in schedule(HOLDS, set(), HOUR, 3)]
    for begin in range(0, len(kinds) - 2, 3):
        assert set(kinds[begin : begin + 3]) == set(HOLDS)


def test_the_program_is_left_alive_in_the_second_half() -> None:
    planned = schedule(HOLDS, {"deadly"}, HOUR, 3)
    deadly = [fault.at for fault in planned if fault.kind == "deadly"]
    assert len(deadly) > 20
    assert max(deadly) < HOUR / 2 + 60
    assert any(fault.at > HOUR * 0.9 for fault in planned)


def test_a_night_too_short_for_faults_has_none() -> None:
    assert schedule(HOLDS, set(), Seconds(20.0), 1) == []


def test_the_night_of_make_chaos_brings_every_kind_several_times() -> None:
    holds = {kind: fault.holds for kind, fault in KINDS.items()}
    deadly = {kind for kind, fault in KINDS.items() if fault.kills}
    times = Counter(fault.kind for fault in schedule(holds, deadly, Seconds(60 * MINUTES), 4))
    assert len(times) == len(KINDS) >= 20
    assert min(times.values()) >= 3
