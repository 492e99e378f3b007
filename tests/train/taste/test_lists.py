import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

pytest.importorskip("tensorflow", reason="needs the train extra")

from livedj.errors import TasteError
from livedj.library.catalogue import Catalogue
from livedj.music import Seconds, TrackId
from livedj.train.taste.lists import company, gather, refuse_too_few, sessions_of
from livedj.train.taste.plan import PLAN
from tests.library.analyses import an_analysis

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.fixture
def songs(tmp_path: Path) -> list[Path]:
    """Ten files that are there."""
    files = [tmp_path / "songs" / f"{number}.mp3" for number in range(10)]
    files[0].parent.mkdir()
    for file in files:
        file.touch()
    return files


def write_list(folder: Path, name: str, *entries: object) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text("\n".join(map(str, entries)), encoding="utf-8")


def test_lists_are_what_is_there_each_song_and_each_list_once(tmp_path: Path, songs: list[Path]) -> None:
    lists = tmp_path / "lists"
    write_list(lists, "a.m3u", songs[1], songs[0], songs[1], tmp_path / "gone.mp3")
    write_list(lists, "copy of a.m3u8", songs[1], songs[0])
    write_list(lists, "alone.m3u", songs[3])
    write_list(lists, "film.m3u", songs[2], tmp_path / "film.mkv", "../songs/4.mp3")
    write_list(lists, "broken.xspf", "no xml")
    (tmp_path / "film.mkv").touch()
    found = gather(lists, tmp_path / "no catalogue", PLAN)
    assert sorted(map(tuple, found.lists)) == [(songs[1], songs[0]), (songs[2], songs[4])]
    assert (found.playlists, found.named, found.missing, found.sessions) == (5, 7, 2, 0)
    assert len(found.unreadable) == 1
    assert "broken.xspf" in found.unreadable[0]
    assert not (tmp_path / "no catalogue").exists()


@pytest.mark.skipif(os.name != "posix", reason="makes a link")
def test_the_same_file_by_two_ways_is_one_song(tmp_path: Path, songs: list[Path]) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "songs")
    write_list(tmp_path / "lists", "a.m3u", songs[0], tmp_path / "link" / "0.mp3", songs[1])
    assert gather(tmp_path / "lists", tmp_path / "none", PLAN).lists == [(songs[0], songs[1])]


def test_sessions_end_where_nothing_was_played_for_long() -> None:
    minutes = (0, 4, 8, 67, 128, 300, 301)
    history = [(TrackId(number), NOON + timedelta(minutes=at)) for number, at in enumerate(minutes)]
    assert list(sessions_of(history, Seconds(3600.0))) == [[0, 1, 2, 3], [4], [5, 6]]


def test_the_history_counts_as_lists_of_what_is_still_there(tmp_path: Path, songs: list[Path]) -> None:
    with Catalogue(tmp_path / "catalogue.sqlite3") as catalogue:
        ids = [catalogue.add(an_analysis(song), "model") for song in songs[:4]]
        for number, track in enumerate([*ids, ids[0]]):
            catalogue.remember(track, NOON + timedelta(minutes=4 * number))
        catalogue.remember(ids[2], NOON + timedelta(days=1))
    songs[1].unlink()
    found = gather(tmp_path / "lists", tmp_path / "catalogue.sqlite3", PLAN)
    assert found.lists == [(songs[0], songs[2], songs[3])]
    assert found.sessions == 1


def test_no_playlist_no_file_and_too_little_are_refused_in_one_sentence_each(tmp_path: Path, songs: list[Path]) -> None:
    lists = tmp_path / "lists"
    lists.mkdir()

    def refusal() -> str:
        with pytest.raises(TasteError) as refused:
            refuse_too_few(gather(lists, tmp_path / "none", PLAN), lists, PLAN)
        sentence = str(refused.value)
        assert f"at least {PLAN.least_lists} lists with {PLAN.least_songs} different songs" in sentence
        return sentence

    assert "no playlist (m3u, m3u8, pls, xspf)" in refusal()
    write_list(lists, "a.m3u", "gone.mp3", "lost.mp3")
    assert "None of the 2 files that the 1 playlists" in refusal()
    for number in range(PLAN.least_lists):
        write_list(lists, f"{number}.m3u", *songs[number % 5 :])
    assert "5 lists of two songs or more (0 of them sessions of the history) with 10 different songs" in refusal()


def test_company_is_who_shares_a_list(tmp_path: Path) -> None:
    a, b, c, unknown = (tmp_path / name for name in "abcd")
    assert set(company([[a, b], [unknown, c, b]], [a, b, c])) == {(0, 1), (1, 0), (1, 2), (2, 1)}
