"""How a night goes on after the program has died, and what it leaves behind."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from livedj.library.catalogue import FILE_NAME, Catalogue
from livedj.memory import LEAST_LEFT, Memory
from livedj.music import Gain, Seconds, TrackId
from livedj.night import state as night
from livedj.night.awake import ALLOWED
from livedj.night.entries import Began, Ended, Fault, Resumed
from livedj.night.log import entries, last_session
from livedj.party.state import PartyState
from tests.library.stand_ins import intro_by_name

DIED = "livedj had died (signal 9) and goes on."
NOW = Seconds(1000.0)


@pytest.fixture
def track(tmp_path: Path) -> TrackId:
    """Return a song of 20 s in the catalogue of tmp_path."""
    from livedj import bundled

    (tmp_path / "song.flac").write_text("a song")
    with Catalogue(tmp_path / FILE_NAME) as catalogue:
        return catalogue.add(intro_by_name(bundled.MODEL, tmp_path / "song.flac"), "a model")


@pytest.fixture
def clerk() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as clerk:
        yield clerk


def resumed(data: Path, clerk: ThreadPoolExecutor) -> PartyState:
    memory = Memory(data, DIED, clerk, lambda sentence: None)
    state = memory.resumed(PartyState(Seconds(6.0)), NOW)
    memory.close(state, NOW)
    return state


def on_air(track: TrackId, position: float, seconds_ago: float) -> night.NightState:
    at = datetime.now(UTC) - timedelta(seconds=seconds_ago)
    playing = night.OnAir(track, Seconds(position), at, Gain(1.0))
    return night.NightState(auto=True, on_air=playing, played=(TrackId(9), track))


def test_the_song_goes_on_where_it_would_be_by_now(tmp_path: Path, track: TrackId, clerk: ThreadPoolExecutor) -> None:
    night.save(on_air(track, 4.0, seconds_ago=3.0), tmp_path)
    state = resumed(tmp_path, clerk)
    assert state.wish is not None
    assert (state.wish.track.id, state.wish.start) == (track, pytest.approx(7.0, abs=1.0))
    assert state.auto
    assert state.played == (9, track)
    assert state.message == DIED


@pytest.mark.parametrize(("position", "seconds_ago"), [(20.0 - LEAST_LEFT + 1, 0.0), (1.0, 60.0)])
def test_a_song_that_is_as_good_as_over_is_left(
    tmp_path: Path, track: TrackId, clerk: ThreadPoolExecutor, position: float, seconds_ago: float
) -> None:
    night.save(on_air(track, position, seconds_ago), tmp_path)
    state = resumed(tmp_path, clerk)
    assert state.wish is None
    assert state.resume, "another one follows at once"


@pytest.mark.usefixtures("track")
def test_without_anything_kept_or_with_a_song_that_is_gone_another_follows(
    tmp_path: Path, clerk: ThreadPoolExecutor
) -> None:
    assert resumed(tmp_path, clerk).resume
    night.save(on_air(TrackId(4711), 1.0, 0.0), tmp_path)
    assert resumed(tmp_path, clerk).wish is None


def test_a_night_is_written_down_and_kept(tmp_path: Path, clerk: ThreadPoolExecutor) -> None:
    memory = Memory(tmp_path, "", clerk, lambda sentence: None)
    before = PartyState(Seconds(6.0))
    assert memory.awake == ALLOWED
    memory.begin(before)
    after = replace(before, auto=True, message="The disk is full.", message_at=NOW)
    memory.follow(before, after, NOW)
    memory.close(after, NOW)
    clerk.shutdown()
    assert night.load(tmp_path).auto
    session = last_session(tmp_path)
    assert session is not None
    assert [type(entry) for entry in entries(session)] == [Began, Fault, Ended]
    again = Memory(tmp_path, DIED, clerk, lambda sentence: None)
    again.begin(after)
    again.close(after, NOW)
    assert last_session(tmp_path) == session, "it is one night"
    assert [type(entry) for entry in entries(session)][3:] == [Resumed, Ended]
