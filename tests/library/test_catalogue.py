from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livedj.library.catalogue import Catalogue, Problem
from livedj.library.files import Tags
from livedj.library.identity import Identity
from livedj.library.loudness import Tagged
from livedj.library.rows import moment_of
from livedj.music import TrackId, unit
from tests.library.analyses import DIMENSIONS, MODEL, an_analysis, rows

OTHER_MODEL = "b" * 64


def test_what_is_added_is_what_is_read(catalogue: Catalogue) -> None:
    analysis = an_analysis()

    track_id = catalogue.add(analysis, MODEL)

    track = catalogue.track(track_id)
    assert track is not None
    assert (track.id, track.path, track.title, track.artist, track.album, track.duration, track.cues) == (
        track_id, analysis.path, "title 0", "artist", "album", 61.5, analysis.cues
    )  # fmt: skip
    ids, intros = catalogue.intro_vectors(MODEL)
    _, tracks = catalogue.track_vectors(MODEL)
    assert ids.tolist() == [track_id]
    np.testing.assert_array_equal(intros, [analysis.intro])
    np.testing.assert_array_equal(tracks, [analysis.track])
    np.testing.assert_array_equal(catalogue.windows([track_id], MODEL)[track_id], analysis.windows.astype(np.float32))
    assert catalogue.size(MODEL) == 1


def test_a_list_that_is_not_read_to_its_end_may_outlive_the_catalogue(path: Path) -> None:
    with Catalogue(path) as catalogue:
        catalogue.add_folder(Path("/music"))
        for seed in range(3):
            catalogue.add(an_analysis(f"/music/{seed}.mp3", seed), MODEL)
        tracks = catalogue.least_recently_played(MODEL)
        next(tracks)
    del tracks  # what is raised here nobody can catch; pytest makes a failure of it


def test_it_is_still_there_when_opened_again(path: Path) -> None:
    with Catalogue(path) as first:
        track_id = first.add(an_analysis(), MODEL)

    with Catalogue(path) as second:
        assert second.track(track_id) is not None


def test_an_empty_catalogue_is_empty(catalogue: Catalogue) -> None:
    ids, vectors = catalogue.intro_vectors(MODEL)

    assert (len(ids), len(vectors), catalogue.size(MODEL)) == (0, 0, 0)
    assert catalogue.track(TrackId(1)) is None
    assert catalogue.cover(TrackId(1)) is None
    assert catalogue.tracks([]) == catalogue.windows([], MODEL) == catalogue.known() == {}
    assert catalogue.problems() == catalogue.folders() == catalogue.history(5) == []
    assert list(catalogue.least_recently_played(MODEL)) == []


@pytest.mark.parametrize(
    "name", ["café.mp3", "cafe\u0301.mp3", "🎧🎹.mp3", "caf\udce9.mp3", "'; DROP TABLE tracks; --.mp3", "a\nb.mp3"]
)
def test_every_name_survives(catalogue: Catalogue, name: str) -> None:
    track_id = catalogue.add(an_analysis(Path("/music") / name), MODEL)
    catalogue.add_problem(Path("/bad") / name, 1, 2, "broken")
    catalogue.add_folder(Path("/folder") / name)

    assert catalogue.tracks([track_id])[track_id].path == Path("/music") / name
    assert set(catalogue.known()) == {Path("/music") / name, Path("/bad") / name}
    assert catalogue.problems() == [Problem(Path("/bad") / name, "broken")]
    assert catalogue.folders() == [Path("/folder") / name]


def test_composed_and_decomposed_names_are_two_files(catalogue: Catalogue) -> None:
    assert catalogue.add(an_analysis("/café.mp3"), MODEL) != catalogue.add(an_analysis("/cafe\u0301.mp3"), MODEL)


@given(name=st.binary(min_size=1, max_size=60).filter(lambda raw: not {0, 47} & set(raw) and raw not in (b".", b"..")))
def test_any_bytes_of_a_name_survive(name: bytes) -> None:
    path = Path("/music") / name.decode("utf-8", "surrogateescape")

    with Catalogue(Path(":memory:")) as catalogue:
        track_id = catalogue.add(an_analysis(path), MODEL)

        assert catalogue.tracks([track_id])[track_id].path == path
        assert list(catalogue.known()) == [path]


def test_a_changed_file_keeps_its_id_and_history_and_gets_all_else_anew(catalogue: Catalogue) -> None:
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    first = catalogue.add(an_analysis(seed=1), MODEL)
    catalogue.add(replace(an_analysis(seed=1)), OTHER_MODEL)
    catalogue.remember(first, moment)

    second = catalogue.add(an_analysis(seed=2, windows=5), MODEL)

    track = catalogue.track(second)
    assert second == first
    assert track is not None
    assert track.title == "title 2"
    assert catalogue.history(5) == [(first, moment)]
    assert len(catalogue.windows([first], MODEL)[first]) == 5
    assert catalogue.size(OTHER_MODEL) == 0


def test_when_a_track_was_added_stays_whatever_becomes_of_its_file(path: Path) -> None:
    first = datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)
    with Catalogue(path, lambda: first) as catalogue:
        track_id = catalogue.add(an_analysis("/a.mp3", 1), MODEL)
    with Catalogue(path, lambda: first + timedelta(days=1)) as catalogue:
        catalogue.add(an_analysis("/a.mp3", 1), MODEL)  # heard once more
        catalogue.add(an_analysis("/a.mp3", 2), MODEL)  # changed
        tagged = Identity(Path("/a.mp3"), 1, 2, b"content", Tags("new", "", ""), None, Tagged(None, None))
        catalogue.recognise(track_id, tagged)
        catalogue.recognise(track_id, replace(tagged, path=Path("/elsewhere/b.mp3")))
        catalogue.add(an_analysis("/c.mp3", 3), MODEL)

    assert {name: moment_of(added) for name, added in rows(path, "SELECT path, added FROM tracks")} == {
        "/elsewhere/b.mp3": first, "/c.mp3": first + timedelta(days=1)
    }  # fmt: skip


def test_vectors_of_two_models_stand_side_by_side(catalogue: Catalogue) -> None:
    track_id = catalogue.add(an_analysis(), MODEL)
    wider = replace(an_analysis(), intro=unit(np.ones(12)), track=unit(np.ones(12)), windows=np.ones((2, 12), "f2"))

    assert catalogue.add(wider, OTHER_MODEL) == track_id

    assert catalogue.intro_vectors(MODEL)[1].shape == (1, DIMENSIONS)
    assert catalogue.intro_vectors(OTHER_MODEL)[1].shape == (1, 12)
    assert catalogue.windows([track_id], OTHER_MODEL)[track_id].shape == (2, 12)


def test_known_tells_when_each_file_was_read(catalogue: Catalogue) -> None:
    analysis = an_analysis()
    catalogue.add(analysis, MODEL)
    catalogue.add_problem(Path("/music/broken.mp3"), 5, 6, "broken")

    assert (
        catalogue.known(MODEL)
        == catalogue.known()
        == {
            analysis.path: (analysis.mtime_ns, analysis.size),
            Path("/music/broken.mp3"): (5, 6),
        }
    )
    assert catalogue.known(OTHER_MODEL) == {Path("/music/broken.mp3"): (5, 6)}


def test_a_track_that_breaks_is_a_problem_and_no_longer_proposed(catalogue: Catalogue) -> None:
    analysis = an_analysis()
    track_id = catalogue.add(analysis, MODEL)
    catalogue.remember(track_id, datetime(2026, 1, 2, tzinfo=UTC))

    catalogue.add_problem(analysis.path, 9, 10, "broken now")

    assert catalogue.size(MODEL) == 0
    assert list(catalogue.least_recently_played(MODEL)) == []
    assert catalogue.track(track_id) is not None
    assert len(catalogue.history(5)) == 1
    assert catalogue.known() == {analysis.path: (9, 10)}


def test_a_file_that_another_model_cannot_hear_keeps_its_vectors_until_it_changes(catalogue: Catalogue) -> None:
    analysis = an_analysis()
    catalogue.add(analysis, MODEL)

    catalogue.add_problem(analysis.path, analysis.mtime_ns, analysis.size, "deaf to it", OTHER_MODEL)
    assert (catalogue.size(MODEL), len(catalogue.problems())) == (1, 1)

    catalogue.add_problem(analysis.path, analysis.mtime_ns + 1, analysis.size, "deaf to it", OTHER_MODEL)
    assert catalogue.size(MODEL) == 0


def test_what_other_models_could_not_hear_is_taken_off_the_list(catalogue: Catalogue) -> None:
    for name, model in (("a", MODEL), ("b", OTHER_MODEL), ("c", "")):
        catalogue.add_problem(Path(f"/{name}.mp3"), 1, 2, "broken", model)

    catalogue.remove_problems_of_others(MODEL)

    assert [problem.path.stem for problem in catalogue.problems()] == ["a", "c"]


def test_files_that_only_other_models_have_heard_are_told(catalogue: Catalogue) -> None:
    a, b = an_analysis("/a.mp3", 1), an_analysis("/b.mp3", 2)
    catalogue.add(a, MODEL)
    catalogue.add(b, OTHER_MODEL)
    catalogue.add(b, MODEL)

    assert catalogue.heard_by_others(OTHER_MODEL) == {a.path: (a.mtime_ns, a.size)}
    assert catalogue.heard_by_others(MODEL) == {}


def test_vectors_of_models_that_are_not_kept_are_removed(catalogue: Catalogue) -> None:
    track_id = catalogue.add(an_analysis(), MODEL)
    catalogue.add(an_analysis(), OTHER_MODEL)
    catalogue.add(an_analysis(), "c" * 64)

    catalogue.forget_other_models({MODEL, "d" * 64})

    assert [catalogue.size(model) for model in (MODEL, OTHER_MODEL, "c" * 64)] == [1, 0, 0]
    assert catalogue.windows([track_id], OTHER_MODEL) == {}
    assert catalogue.track(track_id) is not None


def test_a_problem_that_is_solved_is_listed_no_more(catalogue: Catalogue) -> None:
    for name in ("a.mp3", "b.mp3"):
        catalogue.add_problem(Path("/music") / name, 1, 2, "broken")

    catalogue.add(an_analysis("/music/a.mp3"), MODEL)
    catalogue.remove_problem(Path("/music/b.mp3"))

    assert catalogue.problems() == []


def test_covers_are_kept_once_and_go_with_their_last_track(catalogue: Catalogue, path: Path) -> None:
    first = catalogue.add(replace(an_analysis("/a.mp3", 1), cover=b"front"), MODEL)
    second = catalogue.add(replace(an_analysis("/b.mp3", 2), cover=b"front"), MODEL)
    assert (catalogue.cover(first), catalogue.cover(second), _covers(path)) == (b"front", b"front", 1)

    catalogue.add(replace(an_analysis("/a.mp3", 3), cover=b"new"), MODEL)
    assert (catalogue.cover(first), catalogue.cover(second), _covers(path)) == (b"new", b"front", 2)

    catalogue.add(an_analysis("/b.mp3", 4), MODEL)
    assert (catalogue.cover(second), _covers(path)) == (None, 1)


def _covers(path: Path) -> int:
    return len(rows(path, "SELECT * FROM covers"))


def test_history_is_latest_first_and_exact_in_any_time_zone(catalogue: Catalogue) -> None:
    a, b = (catalogue.add(an_analysis(f"/{name}.mp3"), MODEL) for name in "ab")
    morning = datetime(2026, 11, 22, 9, 0, 0, 123_456, tzinfo=UTC)
    catalogue.remember(a, morning)
    catalogue.remember(b, (morning + timedelta(hours=1)).astimezone(timezone(timedelta(hours=5))))

    assert catalogue.history(10) == [(b, morning + timedelta(hours=1)), (a, morning)]
    assert catalogue.history(1) == [(b, morning + timedelta(hours=1))]


def test_a_moment_without_time_zone_is_our_mistake(catalogue: Catalogue) -> None:
    track_id = catalogue.add(an_analysis(), MODEL)

    with pytest.raises(ValueError, match="time zone"):
        catalogue.remember(track_id, datetime(2026, 1, 2))


def test_songs_never_played_come_before_those_played_longest_ago(catalogue: Catalogue) -> None:
    catalogue.add_folder(Path("/"))
    a, b, c, d = (catalogue.add(an_analysis(f"/{name}.mp3"), MODEL) for name in "abcd")
    for track_id, hour in ((a, 1), (c, 2), (a, 3)):
        catalogue.remember(track_id, datetime(2026, 1, 2, hour, tzinfo=UTC))

    assert [track.id for track in catalogue.least_recently_played(MODEL)] == [b, d, c, a]


@pytest.mark.parametrize("name", ["rock", "caf\udce9", "🎧", "100% _it's_"])
def test_only_songs_in_music_folders_are_counted_and_played(catalogue: Catalogue, name: str) -> None:
    folder = Path("/music") / name
    for path in (folder / "a.mp3", folder / "deep" / "b.mp3", Path(f"{folder}er") / "c.mp3", Path("/other/d.mp3")):
        catalogue.add(an_analysis(path), MODEL)
    assert catalogue.in_folders(MODEL) == 0
    catalogue.add_folder(folder)
    played = [track.path.name for track in catalogue.least_recently_played(MODEL)]
    assert (catalogue.in_folders(MODEL), catalogue.size(MODEL), played) == (2, 4, ["a.mp3", "b.mp3"])
    catalogue.remove_folder(folder)
    assert (catalogue.in_folders(MODEL), catalogue.folders()) == (0, [])


def test_songs_without_vectors_of_the_model_are_not_among_those_to_play(catalogue: Catalogue) -> None:
    catalogue.add_folder(Path("/"))
    catalogue.add(an_analysis("/a.mp3"), OTHER_MODEL)
    b = catalogue.add(an_analysis("/b.mp3"), MODEL)

    assert [track.id for track in catalogue.least_recently_played(MODEL)] == [b]
    assert catalogue.paths(MODEL) == {b: Path("/b.mp3")}


def test_folders_are_remembered_once_in_order(catalogue: Catalogue, tmp_path: Path) -> None:
    for name in ("b", "a", "b"):
        catalogue.add_folder(tmp_path / name)

    assert catalogue.folders() == [tmp_path / "b", tmp_path / "a"]


def test_thousands_of_ids_fit_into_one_question(catalogue: Catalogue) -> None:
    track_id = catalogue.add(an_analysis(), MODEL)
    many = [TrackId(i) for i in range(50_000)]

    assert list(catalogue.tracks(many)) == list(catalogue.windows(many, MODEL)) == [track_id]
