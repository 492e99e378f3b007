"""What the ear asks of the library, on a small one."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from livedj import bundled
from livedj.choose.scene import Opinion
from livedj.ear.encoder import read_card
from livedj.library.catalogue import FILE_NAME, Catalogue
from livedj.library.index import INDEX_FOLDER
from livedj.library.scanner import Scanner
from livedj.library.songs import Songs
from livedj.music import Vector
from tests.library.stand_ins import intro_by_name

CARD = read_card(bundled.MODEL)


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / "music"
    folder.mkdir()
    for name in ("one", "two", "three"):
        (folder / f"{name}.mp3").write_text(name)
    _scan(tmp_path)
    return folder


@pytest.fixture
def songs(music: Path, tmp_path: Path) -> Iterator[Songs]:
    opened = Songs(tmp_path, CARD)
    yield opened
    opened.close()


def _scan(data: Path) -> None:
    Scanner(data, bundled.MODEL, 2, intro=intro_by_name).scan([data / "music"])


def _vectors(music: Path, name: str) -> tuple[Vector, Vector]:
    analysis = intro_by_name(bundled.MODEL, music / f"{name}.mp3")
    return analysis.intro, analysis.track


def test_the_song_whose_intro_is_heard_is_nearest(songs: Songs, music: Path) -> None:
    intro, _ = _vectors(music, "two")

    found = songs.nearest(intro)

    assert [len(found), found[0].track.title] == [3, "two"]
    assert found[0].cosine == pytest.approx(1.0, abs=1e-4)


def test_banned_songs_leave_their_places_to_those_beyond(
    songs: Songs, music: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("livedj.library.songs.NEIGHBOURS", 1)
    intro, _ = _vectors(music, "two")
    [nearest] = songs.nearest(intro)
    with Catalogue(tmp_path / FILE_NAME) as catalogue:
        catalogue.keep_opinion(nearest.track.id, Opinion.BANNED)

    [next_one] = songs.nearest(intro)

    assert nearest.track.title == "two" != next_one.track.title
    with Catalogue(tmp_path / FILE_NAME) as catalogue:
        catalogue.keep_opinion(nearest.track.id, None)
    assert songs.nearest(intro)[0].track == nearest.track


def test_a_song_comes_with_its_sound_and_the_days_since_it_was_played(
    songs: Songs, music: Path, tmp_path: Path
) -> None:
    intro, track = _vectors(music, "two")
    with Catalogue(tmp_path / FILE_NAME) as catalogue:
        catalogue.remember(songs.nearest(intro)[0].track.id, datetime.now(UTC) - timedelta(days=3, hours=1))

    first, *others = songs.nearest(intro)

    assert first.played_days_ago == 3
    assert [other.played_days_ago for other in others] == [None, None]
    assert first.sound is not None
    np.testing.assert_allclose(first.sound, track, atol=1e-6)


def test_songs_of_a_removed_folder_are_proposed_no_more_at_once(songs: Songs, music: Path, tmp_path: Path) -> None:
    intro, _ = _vectors(music, "two")
    assert songs.nearest(intro)
    with Catalogue(tmp_path / FILE_NAME) as catalogue:
        catalogue.remove_folder(music)
    assert songs.nearest(intro) == ()


def test_a_song_is_found_as_soon_as_its_intro_is_known(songs: Songs, music: Path, tmp_path: Path) -> None:
    (music / "four.mp3").write_text("four")
    analysis = intro_by_name(bundled.MODEL, music / "four.mp3")
    songs.nearest(analysis.intro)
    with Catalogue(tmp_path / FILE_NAME) as catalogue:
        track = catalogue.add(analysis, CARD.sha256)

    assert songs.nearest(analysis.intro)[0].track.id == track
    _scan(tmp_path)
    assert [near.track.id for near in songs.nearest(analysis.intro)].count(track) == 1


def test_a_changed_song_is_found_by_its_new_sound_before_the_index_is_built_again(
    songs: Songs, music: Path, tmp_path: Path
) -> None:
    (music / "two.mp3").write_text("another sound")
    analysis = intro_by_name(bundled.MODEL, music / "two.mp3")
    with Catalogue(tmp_path / FILE_NAME) as catalogue:
        track = catalogue.add(analysis, CARD.sha256)

    found = songs.nearest(analysis.intro)

    assert (found[0].track.id, found[0].cosine) == (track, pytest.approx(1.0, abs=1e-4))
    assert len(found) == 3


def test_before_there_is_an_index_all_songs_are_searched(music: Path, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / INDEX_FOLDER)
    songs = Songs(tmp_path, CARD)

    assert songs.nearest(_vectors(music, "two")[0])[0].track.title == "two"
    songs.close()


def test_windows_of_likely_songs_are_returned(songs: Songs, music: Path) -> None:
    _, track = _vectors(music, "two")

    likely = songs.likely(track)

    assert len(likely) == 3
    assert {windows.shape for windows in likely.values()} == {(3, CARD.dimensions)}


def test_a_song_that_was_moved_is_met_under_its_new_name_only(songs: Songs, music: Path, tmp_path: Path) -> None:
    intro, track = _vectors(music, "two")
    moved = (music / "two.mp3").rename(music / "renamed.mp3")
    _scan(tmp_path)

    assert [near.track.path for near in songs.nearest(intro) if near.track.title == "two"] == [moved]
    paths = {found.path for id_ in songs.likely(track) if (found := songs.track(id_))}
    assert paths == set(music.iterdir())
