"""How a night goes on after the program has died, and what it leaves behind."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from livedj import bundled
from livedj.library.catalogue import FILE_NAME, Catalogue
from livedj.memory import LEAST_LEFT, Memory
from livedj.music import Seconds, TrackId
from livedj.night import state as night
from livedj.night.awake import ALLOWED
from livedj.night.entries import Began, Ended, Fault, Resumed
from livedj.night.log import entries, sessions
from livedj.party.diary import kept
from livedj.party.queue import Like
from livedj.party.state import PartyState
from tests.library.stand_ins import intro_by_name

DIED = "livedj had died (signal 9) and goes on."
NOW = Seconds(1000.0)


@pytest.fixture
def track(tmp_path: Path) -> TrackId:
    """Return a song of 20 s in the catalogue of tmp_path."""
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
    playing = night.OnAir(track, Seconds(position), at)
    return night.NightState(auto=True, on_air=playing, played=(TrackId(9), track), lately=(track, TrackId(9)))


def test_the_song_goes_on_where_it_would_be_by_now(tmp_path: Path, track: TrackId, clerk: ThreadPoolExecutor) -> None:
    night.save(on_air(track, 4.0, seconds_ago=3.0), tmp_path)
    state = resumed(tmp_path, clerk)
    assert state.wish is not None
    assert (state.wish.track.id, state.wish.start) == (track, pytest.approx(7.0, abs=1.0))
    assert state.auto
    assert state.played == (9, track)
    assert [past.track.id for past in state.lately] == [track], "the other one is in the catalogue no more"
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
def test_in_place_of_a_song_that_is_gone_or_was_about_to_begin_another_follows(
    tmp_path: Path, clerk: ThreadPoolExecutor
) -> None:
    night.save(on_air(TrackId(4711), 1.0, 0.0), tmp_path)
    state = resumed(tmp_path, clerk)
    assert state.wish is None
    assert state.resume
    night.save(night.NightState(auto=True, resume=True), tmp_path)
    assert resumed(tmp_path, clerk).resume


def test_the_queue_outlives_the_program_but_for_songs_that_are_gone(
    tmp_path: Path, track: TrackId, clerk: ThreadPoolExecutor
) -> None:
    gone = TrackId(track + 1)
    night.save(night.NightState(auto=True, queue=(gone, track), like=("other.mp3",), like_words="“Other”"), tmp_path)
    queue = resumed(tmp_path, clerk).queue
    assert [song.id for song in queue.songs] == [track]
    assert queue.like == Like((Path("other.mp3"),), "“Other”")


def test_where_nothing_of_ours_played_nothing_begins_by_itself(tmp_path: Path, clerk: ThreadPoolExecutor) -> None:
    night.save(night.NightState(auto=True), tmp_path)
    assert not resumed(tmp_path, clerk).resume, "another DJ may play"
    paused = on_air(TrackId(4711), 1.0, 0.0)
    assert paused.on_air is not None
    night.save(replace(paused, on_air=replace(paused.on_air, paused=True)), tmp_path)
    assert not resumed(tmp_path, clerk).resume, "somebody may speak"


def test_the_last_songs_count_on_in_asking_for_the_next(
    tmp_path: Path, track: TrackId, clerk: ThreadPoolExecutor
) -> None:
    (tmp_path / "before.flac").write_text("the song before")
    with Catalogue(tmp_path / FILE_NAME) as catalogue:
        before = catalogue.add(intro_by_name(bundled.MODEL, tmp_path / "before.flac"), "a model")
        tracks = catalogue.tracks([track, before])
    state = PartyState(Seconds(6.0)).with_lately(tracks[before]).with_lately(tracks[track])
    night.save(kept(state, NOW, datetime.now(UTC)), tmp_path)
    after = replace(resumed(tmp_path, clerk), keep_on=2)
    assert after.wanted_steering.past == (track, before)
    assert after.scene.lately == state.scene.lately


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
    [summary] = sessions(tmp_path)
    session = summary.path
    assert night.load(tmp_path).session == session.name
    assert [type(entry) for entry in entries(session)] == [Began, Fault, Ended]
    again = Memory(tmp_path, DIED, clerk, lambda sentence: None)
    again.begin(after)
    again.close(after, NOW)
    assert [one.path for one in sessions(tmp_path)] == [session], "it is one night"
    assert [type(entry) for entry in entries(session)][3:] == [Resumed, Ended]
