"""The map of a real catalogue: drawn by a process of its own, read with what has come since; journeys through it."""

import multiprocessing
import os
import threading
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pytest

from livedj import bundled
from livedj.choose.scene import Opinion
from livedj.ear.encoder import read_card
from livedj.errors import ChoiceError, MapError, ModelError
from livedj.library import projection
from livedj.library.atlas import Atlas, Points
from livedj.library.catalogue import FILE_NAME, Catalogue
from livedj.library.files import Tags
from livedj.library.index import INDEX_FOLDER, IntroIndex
from livedj.library.projection import FILE_NAME as MAP
from livedj.library.projection import Heard, Projection, heard_by, placed, read_projection, write_projection
from livedj.music import Beats, Seconds, TrackId
from tests.library.analyses import an_analysis

MODEL = read_card(bundled.MODEL).sha256
SONGS = 12
Add = Callable[[int], TrackId]


@pytest.fixture
def atlas(data: Path) -> Atlas:
    return Atlas(data, bundled.MODEL)


@pytest.fixture
def add(data: Path, music: Path) -> Add:
    """Return a function that takes a song into the library: those of one remainder by 3 are in one folder."""

    def add(number: int) -> TrackId:
        song = replace(
            an_analysis(music / "ABC"[number % 3] / f"{number}.mp3", number),
            tags=Tags(f"Title {number}", f"Artist {number}", genre=f"Genre {number}"),
            intro_beats=Beats(100.0 + number, Seconds(0.0), 1.0) if number else None,
        )
        with Catalogue(data / FILE_NAME) as catalogue:
            return catalogue.add(song, MODEL)

    return add


@pytest.fixture
def filled(data: Path, music: Path, add: Add) -> list[TrackId]:
    with Catalogue(data / FILE_NAME) as catalogue:
        catalogue.add_folder(music)
    return [add(number) for number in range(SONGS)]


def _draw(atlas: Atlas) -> Points:
    atlas.draw(lambda share: None, lambda: False)
    return atlas.points()


def test_an_empty_library_has_an_empty_map(atlas: Atlas) -> None:
    points = atlas.points()
    assert (points.songs, len(points.ids), points.positions.shape, points.outgrown) == (0, 0, (0, 2), False)


def test_a_library_without_a_map_wants_one(atlas: Atlas, filled: list[TrackId]) -> None:
    points = atlas.points()
    assert (points.songs, len(points.ids), points.outgrown) == (SONGS, 0, True)
    drawn = _draw(atlas)
    assert (drawn.songs, drawn.ids.tolist(), drawn.outgrown) == (SONGS, filled, False)
    assert drawn.positions.shape == (SONGS, 2)


def test_songs_are_told_with_what_they_can_be_coloured_by(atlas: Atlas, filled: list[TrackId]) -> None:
    points = _draw(atlas)
    assert points.titles[:2] == ["Title 0", "Title 1"]
    assert points.artists[:2] == ["Artist 0", "Artist 1"]
    assert points.genres[:2] == ["Genre 0", "Genre 1"]
    assert points.folders[:4] == ["A", "B", "C", "A"]
    assert np.isnan(points.tempos[0])
    assert points.tempos[1:].tolist() == [100.0 + number for number in range(1, SONGS)]
    assert points.row_of(filled[3]) == 3
    assert points.row_of(TrackId(999)) is None


def test_of_several_music_folders_their_own_names_are_told(
    atlas: Atlas, data: Path, filled: list[TrackId]
) -> None:
    with Catalogue(data / FILE_NAME) as catalogue:
        catalogue.add_folder(Path("/elsewhere"))
        catalogue.add(an_analysis("/elsewhere/rock/song.mp3", 50), MODEL)
    assert set(_draw(atlas).folders) == {"music", "elsewhere"}


def test_new_songs_take_their_places_for_good_and_move_no_other(
    atlas: Atlas, filled: list[TrackId], add: Add
) -> None:
    before = _draw(atlas)
    new = add(SONGS)
    after = atlas.points()
    assert after.ids.tolist() == [*filled, new]
    np.testing.assert_array_equal(after.positions[:-1], before.positions)
    assert not after.outgrown, "less than a tenth more"
    np.testing.assert_array_equal(atlas.points().positions, after.positions)


def test_new_songs_are_shown_where_the_map_cannot_be_written(
    atlas: Atlas, data: Path, filled: list[TrackId], add: Add, caplog: pytest.LogCaptureFixture
) -> None:
    before = _draw(atlas)
    new = add(SONGS)
    (data / f"{MAP}.{os.getpid()}").mkdir()  # in the way of what is written
    for _ in range(2):
        points = atlas.points()
        assert points.ids.tolist() == [*filled, new]
        np.testing.assert_array_equal(points.positions[:-1], before.positions)
    assert "cannot be kept" in caplog.text


def test_a_map_that_was_drawn_while_new_songs_took_their_places_stays(
    atlas: Atlas, data: Path, filled: list[TrackId], add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    _draw(atlas)
    add(SONGS)
    heard = heard_by(data, MODEL)
    places = np.linspace(0, 1, 2 * len(heard.ids), dtype=np.float32).reshape(-1, 2)

    def slowly(former: Projection, tracks: Heard) -> Projection:
        write_projection(data, Projection(MODEL, heard.ids, heard.added, places, heard.known))
        return placed(former, tracks)

    monkeypatch.setattr("livedj.library.atlas.placed", slowly)
    atlas.points()
    np.testing.assert_array_equal(atlas.points().positions, places)


def test_a_library_that_has_grown_by_a_tenth_wants_another_map(
    atlas: Atlas, filled: list[TrackId], add: Add
) -> None:
    _draw(atlas)
    for number in range(SONGS, SONGS + 2):
        add(number)
    assert atlas.points().outgrown
    assert not _draw(atlas).outgrown


def test_a_song_that_was_heard_to_its_end_counts_as_growth(atlas: Atlas, data: Path, filled: list[TrackId]) -> None:
    with Catalogue(data / FILE_NAME) as catalogue:
        for number in range(20, 23):
            catalogue.add(replace(an_analysis(f"/music/{number}.mp3", number), whole=False), MODEL)
    assert not _draw(atlas).outgrown
    with Catalogue(data / FILE_NAME) as catalogue:
        for number in range(20, 23):
            catalogue.add(an_analysis(f"/music/{number}.mp3", number), MODEL)
    assert atlas.points().outgrown


def test_the_map_of_another_model_is_shown_until_there_is_a_new_one(
    atlas: Atlas, data: Path, filled: list[TrackId]
) -> None:
    places = np.tile(np.array([[0.25, 0.75]], np.float32), (SONGS, 1))
    heard = heard_by(data, MODEL)
    write_projection(data, Projection("b" * 64, heard.ids, heard.added, places, heard.known))
    points = atlas.points()
    assert points.outgrown
    np.testing.assert_array_equal(points.positions, places)
    _draw(atlas)
    kept = read_projection(data)
    assert kept is not None
    assert kept.model == MODEL


def test_a_damaged_map_is_drawn_anew(atlas: Atlas, data: Path, filled: list[TrackId]) -> None:
    before = _draw(atlas)
    (data / MAP).write_bytes(b"PK\x03\x04 nothing more")
    assert atlas.points().outgrown
    np.testing.assert_array_equal(_draw(atlas).positions, before.positions)


def test_the_map_of_a_catalogue_that_is_gone_is_none_of_its_successors(
    atlas: Atlas, data: Path, music: Path, filled: list[TrackId], add: Add
) -> None:
    _draw(atlas)
    (data / FILE_NAME).unlink()
    with Catalogue(data / FILE_NAME) as catalogue:
        catalogue.add_folder(music)
    assert [add(number) for number in reversed(range(SONGS))] == filled, "the same ids, but other songs"
    points = atlas.points()
    assert (len(points.ids), points.outgrown) == (0, True)
    assert len(_draw(atlas).ids) == SONGS


def test_a_catalogue_that_lost_most_songs_and_found_others_wants_another_map(
    atlas: Atlas, data: Path, filled: list[TrackId]
) -> None:
    before = _draw(atlas)
    kept = read_projection(data)
    assert kept is not None
    write_projection(data, replace(kept, added=kept.added - np.where(np.arange(SONGS) < 3, 0, 1)))
    for _ in range(2):  # placed, and read again
        points = atlas.points()
        assert points.outgrown
        np.testing.assert_array_equal(points.positions[:3], before.positions[:3])
        assert not np.isclose(points.positions[3:], before.positions[3:]).all(axis=1).any()


def test_a_song_that_is_heard_anew_keeps_its_place(
    atlas: Atlas, data: Path, music: Path, filled: list[TrackId]
) -> None:
    before = _draw(atlas)
    with Catalogue(data / FILE_NAME) as catalogue:
        assert catalogue.add(an_analysis(music / "A" / "0.mp3", 77), MODEL) == filled[0]
    points = atlas.points()
    np.testing.assert_array_equal(points.positions, before.positions)
    assert not points.outgrown


def test_songs_of_removed_folders_are_not_on_the_map_and_keep_their_places(
    atlas: Atlas, data: Path, music: Path, filled: list[TrackId]
) -> None:
    before = _draw(atlas)
    with Catalogue(data / FILE_NAME) as catalogue:
        catalogue.remove_folder(music)
        assert len(atlas.points().ids) == 0
        catalogue.add_folder(music)
    np.testing.assert_array_equal(atlas.points().positions, before.positions)


def _linger(data: Path, shipped: Path, sender: Connection) -> None:
    sender.send(0.5)
    threading.Event().wait()


def test_a_drawing_that_is_given_up_leaves_no_process(
    atlas: Atlas, data: Path, filled: list[TrackId], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projection, "_run", _linger)
    told: list[float] = []
    running: list[int] = []

    def given_up() -> bool:
        running.append(len(multiprocessing.active_children()))
        return bool(told)

    atlas.draw(told.append, given_up)
    assert (told, running[-1]) == ([0.5], 1)
    assert multiprocessing.active_children() == []
    assert read_projection(data) is None


def test_what_cannot_be_drawn_says_why(data: Path, filled: list[TrackId], tmp_path: Path) -> None:
    with pytest.raises(ModelError):
        Atlas(data, tmp_path / "no model.tflite").draw(lambda share: None, lambda: False)


def test_broken_vectors_are_told_and_make_no_map(atlas: Atlas, data: Path, filled: list[TrackId]) -> None:
    with Catalogue(data / FILE_NAME) as catalogue:
        song = an_analysis("/music/broken.mp3", 50)
        catalogue.add(replace(song, track=np.full_like(song.track, np.nan)), MODEL)
    with pytest.raises(MapError, match="livedj library repair"):
        atlas.draw(lambda share: None, lambda: False)
    assert read_projection(data) is None


def _die(*arguments: object) -> None:
    os._exit(1)


def test_a_drawing_whose_process_dies_says_so(
    atlas: Atlas, filled: list[TrackId], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projection, "_run", _die)
    with pytest.raises(MapError, match="was ended"):
        atlas.draw(lambda share: None, lambda: False)


def test_a_journey_leads_through_songs_of_the_map(atlas: Atlas, data: Path, filled: list[TrackId]) -> None:
    with Catalogue(data / FILE_NAME) as catalogue:
        catalogue.keep_opinion(filled[3], Opinion.BANNED)  # chosen by hand, it may be a waypoint
    way = atlas.journey([filled[3], filled[5], filled[0]], 2)
    assert [way[place].track.id for place in (0, 3, 6)] == [filled[3], filled[5], filled[0]]
    assert len({listed.track.id for listed in way}) == 7


def test_a_journey_through_a_song_that_is_gone_says_so(atlas: Atlas, filled: list[TrackId]) -> None:
    with pytest.raises(ChoiceError, match="not there any more"):
        atlas.journey([filled[0], TrackId(999)], 1)


def test_a_journey_through_a_song_whose_file_is_away_says_so(atlas: Atlas, data: Path, filled: list[TrackId]) -> None:
    with Catalogue(data / FILE_NAME) as catalogue:
        seen, ids, vectors = catalogue.vectors_since(0, MODEL)
    there = ids != filled[5]
    IntroIndex.build(data / INDEX_FOLDER, ids[there], vectors[there], MODEL, seen=seen)
    assert len(atlas.journey([filled[0], filled[1]], 1)) == 3
    with pytest.raises(ChoiceError, match="not there any more"):
        atlas.journey([filled[0], filled[5]], 1)


def test_a_journey_of_more_songs_than_there_are_says_so(atlas: Atlas, filled: list[TrackId]) -> None:
    with pytest.raises(ChoiceError, match="too few songs for a journey with 12") as told:
        atlas.journey([filled[0], filled[1]], SONGS)
    assert "choose fewer between, take the last waypoint back" in str(told.value)


def test_a_journey_with_one_song_between_is_not_told_to_have_fewer(atlas: Atlas, filled: list[TrackId]) -> None:
    with pytest.raises(ChoiceError, match="to the next: take the last waypoint back"):
        atlas.journey(filled, 1)
