"""What a view of the library reads: order, filter, how songs stand, folders."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from livedj import bundled
from livedj.choose.scene import Opinion
from livedj.choose.versions import folded
from livedj.ear.encoder import read_card
from livedj.errors import Remedy
from livedj.library.analysis import Analysis
from livedj.library.catalogue import FILE_NAME, Catalogue, Problem
from livedj.library.files import Tags
from livedj.library.index import INDEX_FOLDER, IntroIndex
from livedj.library.shelf import Column, Folder, Order, Shelf, Standing
from livedj.music import Beats, Key, Loudness, Seconds, TrackId
from tests.library.analyses import an_analysis

CARD = read_card(bundled.MODEL)
SONGS = (
    ("b.mp3", Tags("Ärger", "Die Ärzte", "Debil", number=2), 180.0, 120.0, -9.0),
    ("a.mp3", Tags("Zucker", "Die Ärzte", "Debil", number=1), 200.0, None, None),
    ("c.mp3", Tags("apple", "", ""), 61.5, 90.0, -14.0),
    ("d.mp3", Tags("Banana", "zz top", "Eliminator"), 3700.0, 174.0, -6.5),
)


@pytest.fixture
def shelf(data: Path, music: Path) -> Shelf:
    with Catalogue(data / FILE_NAME) as catalogue:
        catalogue.add_folder(music)
        for number, song in enumerate(SONGS):
            catalogue.add(_analysis(music, number, *song), CARD.sha256)
    return Shelf(data)


def _analysis(
    music: Path, seed: int, name: str, tags: Tags, seconds: float, tempo: float | None, lufs: float | None
) -> Analysis:
    return replace(
        an_analysis(music / name, seed),
        tags=tags,
        duration=Seconds(seconds),
        intro_beats=None if tempo is None else Beats(tempo, Seconds(0.0), 1.0),
        loudness=None if lufs is None else Loudness(lufs, -1.0),
    )


def _titles(shelf: Shelf, column: Column = Column.ARTIST, descending: bool = False, words: str = "") -> list[str]:
    ids = [TrackId(int(song)) for song in shelf.order(Order(column, descending, words))]
    songs = shelf.songs(ids)
    return [songs[song].title for song in ids]


@pytest.mark.parametrize(
    ("column", "descending", "titles"),
    [
        (Column.TITLE, False, ["apple", "Ärger", "Banana", "Zucker"]),
        (Column.TITLE, True, ["Zucker", "Banana", "Ärger", "apple"]),
        (Column.ARTIST, False, ["Zucker", "Ärger", "Banana", "apple"]),
        (Column.ARTIST, True, ["Banana", "Ärger", "Zucker", "apple"]),
        (Column.ALBUM, False, ["Zucker", "Ärger", "Banana", "apple"]),
        (Column.LENGTH, False, ["apple", "Ärger", "Zucker", "Banana"]),
        (Column.TEMPO, True, ["Banana", "Ärger", "apple", "Zucker"]),
        (Column.LOUDNESS, False, ["apple", "Ärger", "Banana", "Zucker"]),
    ],
)
def test_songs_come_in_the_order_that_is_wanted_and_what_is_not_known_last(
    shelf: Shelf, column: Column, descending: bool, titles: Sequence[str]
) -> None:
    assert _titles(shelf, column, descending) == titles


@pytest.mark.parametrize(
    ("words", "titles"),
    [("ARZTE", ["Zucker", "Ärger"]), ("debil arg", ["Ärger"]), ("top banana", ["Banana"]), ("%", []), ("  ", 4)],
)
def test_every_word_must_be_found_in_title_artist_or_album(
    shelf: Shelf, words: str, titles: Sequence[str] | int
) -> None:
    found = _titles(shelf, words=words)
    assert (found if isinstance(titles, list) else len(found)) == titles


def test_case_accents_and_the_forms_of_unicode_do_not_matter() -> None:
    assert folded("É") == folded("E\u0301") == folded("e") == "e"
    assert folded("ﬁ ß Œ") == folded("FI SS œ")


def test_how_a_song_stands(shelf: Shelf, data: Path, music: Path) -> None:
    with Catalogue(data / FILE_NAME) as catalogue:
        ids, vectors = catalogue.intro_vectors(CARD.sha256)
        seen = catalogue.last_vector(CARD.sha256)
        IntroIndex.build(data / INDEX_FOLDER, ids[1:], vectors[1:], CARD.sha256, seen=seen)
        intro = catalogue.add(_half(music / "new.mp3"), CARD.sha256)
        waiting = catalogue.add(an_analysis(music / "other.mp3"), "b" * 64)
        unusable = catalogue.add(an_analysis(music / "bad.mp3"), CARD.sha256)
        catalogue.add_problem(music / "bad.mp3", 1, 2, "bad.mp3 is damaged.")
    every = [*(TrackId(int(song)) for song in ids), intro, waiting, unusable]
    assert [shelf.songs(every)[song].standing for song in every] == [
        Standing.AWAY, Standing.READY, Standing.READY, Standing.READY, Standing.INTRO, Standing.WAITING,
        Standing.UNUSABLE,
    ]  # fmt: skip
    assert list(shelf.order(Order(Column.STANDING)))[-4:] == [intro, waiting, unusable, every[0]]
    assert list(shelf.order(Order(Column.STANDING, descending=True)))[:4] == [every[0], unusable, waiting, intro]


def _half(path: Path) -> Analysis:
    return replace(an_analysis(path), whole=False)


def test_a_swapped_index_is_noticed(shelf: Shelf, data: Path) -> None:
    with Catalogue(data / FILE_NAME) as catalogue:
        ids, vectors = catalogue.intro_vectors(CARD.sha256)
        seen = catalogue.last_vector(CARD.sha256)
    every = [TrackId(int(song)) for song in ids]
    for there in (ids, ids[1:], ids[:0]):
        IntroIndex.build(data / INDEX_FOLDER, there, vectors[np.isin(ids, there)], CARD.sha256, seen=seen)
        standings = [shelf.songs(every)[song].standing for song in every]
        assert standings.count(Standing.READY) == len(there)


def test_a_playlist_may_name_links_and_links_that_lead_in_a_circle(shelf: Shelf, music: Path, tmp_path: Path) -> None:
    (tmp_path / "circle").symlink_to("circle")
    (tmp_path / "link").symlink_to(music, target_is_directory=True)
    playlist = tmp_path / "list.m3u8"
    playlist.write_text("circle/a.mp3\nlink/c.mp3\ncircle\n")
    there, others = shelf.listed(playlist)
    assert ([track.title for track in there], others) == (["apple"], 2)


def test_folders_are_told_with_their_songs_and_whether_they_are_there(shelf: Shelf, data: Path, music: Path) -> None:
    inside, gone = music / "inside", data.parent / "gone"
    with Catalogue(data / FILE_NAME) as catalogue:
        catalogue.add(an_analysis(inside / "e.mp3"), CARD.sha256)
        for folder in (inside, gone):
            catalogue.add_folder(folder)
    assert shelf.folders() == [Folder(music, 5, True), Folder(inside, 1, False), Folder(gone, 0, False)]


def test_songs_of_removed_folders_are_not_shown(shelf: Shelf, data: Path, music: Path) -> None:
    with Catalogue(data / FILE_NAME) as catalogue:
        catalogue.remove_folder(music)
    assert list(shelf.order(Order())) == []
    assert shelf.folders() == []


def test_an_empty_library_can_be_looked_at(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "nothing yet")
    assert (list(shelf.order(Order())), shelf.songs([TrackId(1)]), shelf.track(TrackId(1))) == ([], {}, None)
    assert (shelf.folders(), shelf.problems()) == ([], [])


def test_many_songs_are_read_at_once_in_the_order_that_is_asked_for(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, connect = list[Path](), Catalogue.__init__

    def counted(catalogue: Catalogue, path: Path) -> None:
        opened.append(path)
        connect(catalogue, path)

    monkeypatch.setattr(Catalogue, "__init__", counted)
    wanted = [TrackId(number) for number in (3, 1, 999, 4)]
    assert [track.title for track in shelf.tracks(wanted)] == ["apple", "Ärger", "Banana"]
    assert len(opened) == 1


def test_songs_with_a_heart_come_first_where_that_is_asked_for(shelf: Shelf, data: Path) -> None:
    ids = {title: song for song, title in zip(shelf.order(Order()), _titles(shelf), strict=True)}
    with Catalogue(data / FILE_NAME) as catalogue:
        catalogue.keep_songs({TrackId(int(ids["apple"])): TrackId(int(ids["Ärger"]))})
        catalogue.keep_opinion(TrackId(int(ids["Banana"])), Opinion.BANNED)
        catalogue.keep_opinion(TrackId(int(ids["apple"])), Opinion.LIKED)
        catalogue.keep_opinion(TrackId(int(ids["Zucker"])), Opinion.LIKED)
        catalogue.keep_songs({TrackId(int(ids["Zucker"])): TrackId(int(ids["Ärger"]))})
    assert _titles(shelf, Column.OPINION) == ["apple", "Ärger", "Zucker", "Banana"]
    songs = shelf.songs([TrackId(int(song)) for song in ids.values()])
    assert songs[TrackId(int(ids["apple"]))].song == ids["Ärger"], "one opinion for all versions of a song"


def test_keys_and_moments_are_ordered_too(shelf: Shelf, data: Path, music: Path) -> None:
    moments = [datetime(2026, 11, day, tzinfo=UTC) for day in (3, 1, 2)]
    with Catalogue(data / FILE_NAME, clock=lambda: moments.pop(0)) as catalogue:
        catalogue.remove_folder(music)
        catalogue.add_folder(Path("/more"))
        for name, tonic, minor in (("x", 9, True), ("y", 0, False), ("z", 9, False)):
            key = Key(tonic, minor, 0.5)
            catalogue.add(replace(an_analysis(f"/more/{name}"), tags=Tags(name), key=key), CARD.sha256)
    assert _titles(shelf, Column.KEY) == ["y", "z", "x"]
    assert _titles(shelf, Column.ADDED, descending=True) == ["x", "z", "y"]
    songs = shelf.songs([TrackId(int(song)) for song in shelf.order(Order(Column.ADDED))])
    assert [(song.key and song.key.name, song.added) for song in songs.values()] == [
        ("Am", datetime(2026, 11, 3, tzinfo=UTC)),
        ("C", datetime(2026, 11, 1, tzinfo=UTC)),
        ("A", datetime(2026, 11, 2, tzinfo=UTC)),
    ]


def test_remedies_are_told(shelf: Shelf, data: Path) -> None:
    with Catalogue(data / FILE_NAME) as catalogue:
        catalogue.add_problem(Path("/music/a.mp3"), 1, 2, "a.mp3 is incomplete.", remedy=Remedy.ANEW)
    assert shelf.problems() == [Problem(Path("/music/a.mp3"), "a.mp3 is incomplete.", "Copy or download it again.")]
