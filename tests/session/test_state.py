"""Where the night stands survives on disk, and whatever lies in its place is survived."""

import json
import os
import statistics
import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from livedj.music import Seconds, TrackId
from livedj.night.state import FILE_NAME, NightState, OnAir, load, save

NINE = datetime(2026, 11, 21, 21, 0, 0, 123_456, UTC)
ON_AIR = OnAir(TrackId(7), Seconds(61.5), NINE, paused=True)
NIGHT = NightState(
    True, ON_AIR, True, (TrackId(3), TrackId(7)), "20261121T210000Z.jsonl", 5, (TrackId(9),), ("other.mp3",), "“Other”",
    (TrackId(7), TrackId(3)),
)  # fmt: skip


@pytest.mark.parametrize("state", [NIGHT, NightState(), NightState(auto=True)])
def test_what_is_saved_is_loaded_again(tmp_path: Path, state: NightState) -> None:
    data = tmp_path / "deep" / "data"
    assert save(NIGHT, data) == ""
    assert save(state, data) == ""
    assert load(data) == state
    assert [path.name for path in data.iterdir()] == [FILE_NAME]


def test_numbers_may_be_numpys(tmp_path: Path) -> None:
    seven, half = cast("TrackId", np.int64(7)), cast("Any", np.float32(0.5))
    assert save(NightState(True, OnAir(seven, half, NINE), played=(seven,)), tmp_path) == ""
    on_air = OnAir(TrackId(7), Seconds(0.5), NINE)
    assert load(tmp_path) == NightState(True, on_air, played=(TrackId(7),))


def test_a_missing_file_is_a_night_that_has_not_begun(tmp_path: Path) -> None:
    assert load(tmp_path / "nowhere") == NightState()


def test_a_torn_file_is_a_night_that_has_not_begun(tmp_path: Path) -> None:
    save(NIGHT, tmp_path)
    file = tmp_path / FILE_NAME
    whole = file.read_bytes()
    for torn in range(len(whole)):
        file.write_bytes(whole[:torn])
        assert load(tmp_path) == NightState()


@pytest.mark.parametrize(
    "text",
    ["[]", "3", "null", '"auto"', '{"auto": true, "on_air": 3}', '{"auto": true, "on_air": {"track": "x"}}',
     '{"auto": true, "lately": ["x"]}', '{"auto": true, "played": 3}',
     '{"auto": true, "played": ["x"]}', "[" * 100, "\x00" * 200],
)
def test_whatever_else_lies_there_is_a_night_that_has_not_begun(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE_NAME).write_text(text)
    assert load(tmp_path) == NightState()


def test_an_older_or_newer_file_gives_what_it_has(tmp_path: Path) -> None:
    on_air = {"track": 7, "position": 61, "at": "2026-11-21T22:00:00+01:00"}
    (tmp_path / FILE_NAME).write_text(json.dumps({"auto": True, "on_air": on_air, "mood": "good"}))
    an_hour_east = timezone(timedelta(hours=1))
    at = datetime(2026, 11, 21, 22, tzinfo=an_hour_east)
    assert load(tmp_path) == NightState(True, OnAir(TrackId(7), Seconds(61.0), at))


def test_a_folder_that_cannot_be_written_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "music goes on" in save(NIGHT, tmp_path / "file")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux only")
def test_a_full_disk_leaves_the_former_state(tmp_path: Path) -> None:
    save(NIGHT, tmp_path)
    (tmp_path / f"{FILE_NAME}.new").symlink_to("/dev/full")
    assert "No space left on device" in save(NightState(), tmp_path)
    os.unlink(tmp_path / f"{FILE_NAME}.new")  # noqa: PTH108 the link, not the device
    assert load(tmp_path) == NIGHT


def test_the_playhead_goes_on_with_the_clock_but_not_back() -> None:
    playing = OnAir(TrackId(7), Seconds(61.5), NINE)
    assert playing.position_at(NINE + timedelta(seconds=3)) == 64.5
    assert playing.position_at(NINE - timedelta(hours=1)) == 61.5
    assert ON_AIR.position_at(NINE + timedelta(seconds=3)) == 61.5


def test_saving_is_quick(tmp_path: Path) -> None:
    """About 0.3 ms; the promise is 5."""
    long_night = NightState(True, ON_AIR, played=tuple(map(TrackId, range(200))))
    taken = []
    for _ in range(51):
        began = time.perf_counter()
        assert save(long_night, tmp_path) == ""
        taken.append(time.perf_counter() - began)
    assert statistics.median(taken) < 0.015
