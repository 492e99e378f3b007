"""Two minutes of `make chaos`, and a few kills: the whole harness, and the program's most important promises."""

import random
from pathlib import Path

import pytest

from livedj.music import Seconds
from tests.chaos.__main__ import report, table
from tests.chaos.kills import kill
from tests.chaos.library import make_songs
from tests.chaos.night import holds, spend, stage
from tests.chaos.schedule import schedule

pytestmark = [pytest.mark.room, pytest.mark.timeout(600)]

LENGTH = Seconds(120.0)
CUT = ("sound server killed", "speakers removed, others left", "deck killed", "songs deleted", "stop() hangs")
SLOW_MACHINE = 3.0
"""Tests give three times as long as `make chaos` does."""


@pytest.fixture(scope="module")
def songs(request: pytest.FixtureRequest) -> list[Path]:
    """Return some songs, kept from run to run."""
    cache = request.config.cache
    assert cache is not None
    return make_songs(Path(cache.mkdir("chaos")), 12, seed=0)


def test_two_minutes_of_faults(songs: list[Path], tmp_path: Path) -> None:
    said: list[str] = []
    planned = schedule(holds(CUT), set(), LENGTH, seed=4)
    with stage(songs, tmp_path, seed=4) as set_up:
        night = spend(set_up, planned, LENGTH, said.append)
    verdict = night.verdict
    result = report(night, verdict)
    told = "\n".join([*said, *table(night, verdict, result)])
    assert result["faults"] == len(planned), told
    assert result["tracks"] >= 2, told
    assert not night.helped, told
    assert result["longest_silence_s"] <= 2.0 * SLOW_MACHINE, told


def test_a_killed_program_goes_on_with_all_it_knew(songs: list[Path], tmp_path: Path) -> None:
    with stage(songs, tmp_path, seed=4) as set_up:
        found = list(kill(set_up, 3, random.Random(4)))
        verdict = set_up.end().verdict
    assert [each.wrong for each in found] == [[], [], []]
    assert verdict.longest <= 5.0 * SLOW_MACHINE
