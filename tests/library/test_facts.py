"""What the catalogue keeps of a track beside its vectors: old files brought up to date, and cues moved by hand."""

import contextlib
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from livedj.library.analysis import FACTS_VERSION, INTRO_FACTS, Analysis
from livedj.library.catalogue import Catalogue, Problem
from livedj.library.files import Tags
from livedj.library.schema import UPDATES, VERSION
from livedj.music import Beats, CuePoints, Key, Loudness, Seconds, Track, TrackId, unit

MODEL, OTHER_MODEL = "a" * 64, "b" * 64
SONG = Path("/music/song.mp3")
CUES = CuePoints(Seconds(0.25), Seconds(60.125), Seconds(8.5), Seconds(50.0))
BY_HAND = CuePoints(Seconds(2.0), Seconds(58.0), None, Seconds(40.0))

VERSION_2 = """
    CREATE TABLE covers (hash BLOB PRIMARY KEY, data BLOB NOT NULL);
    CREATE TABLE tracks (
        id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, mtime_ns INTEGER NOT NULL, size INTEGER NOT NULL,
        title TEXT NOT NULL, artist TEXT NOT NULL, album TEXT NOT NULL, duration REAL NOT NULL,
        cue_start REAL NOT NULL, cue_end REAL NOT NULL, cover BLOB REFERENCES covers (hash)
    );
    CREATE INDEX tracks_by_cover ON tracks (cover);
    CREATE TABLE vectors (
        track INTEGER NOT NULL REFERENCES tracks (id), model TEXT NOT NULL, intro BLOB NOT NULL, whole BLOB NOT NULL,
        PRIMARY KEY (track, model)
    );
    CREATE TABLE windows (
        track INTEGER NOT NULL REFERENCES tracks (id), model TEXT NOT NULL, data BLOB NOT NULL,
        dimensions INTEGER NOT NULL, PRIMARY KEY (track, model)
    );
    CREATE TABLE problems (
        path TEXT PRIMARY KEY, mtime_ns INTEGER NOT NULL, size INTEGER NOT NULL, reason TEXT NOT NULL,
        model TEXT NOT NULL DEFAULT ''
    );
    CREATE TABLE history (
        id INTEGER PRIMARY KEY, track INTEGER NOT NULL REFERENCES tracks (id), at INTEGER NOT NULL
    );
    CREATE INDEX history_by_track ON history (track, at);
    CREATE TABLE folders (id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE);
    INSERT INTO covers VALUES (x'01', x'AB');
    INSERT INTO tracks VALUES (7, '/music/song.mp3', 5, 6, 'Title', 'Artist', 'Album', 61.5, 0.25, 60.125, x'01');
    INSERT INTO vectors VALUES (7, 'aaaa', x'0000803F00000000', x'000000000000803F');
    INSERT INTO windows VALUES (7, 'aaaa', x'003C0000', 2);
    INSERT INTO history VALUES (1, 7, 1000000);
    INSERT INTO folders VALUES (1, '/music');
    INSERT INTO problems (path, mtime_ns, size, reason) VALUES ('/music/bad.mp3', 1, 2, 'broken');
"""


def _analysis(seed: int = 0, cues: CuePoints = CUES, duration: float = 61.5) -> Analysis:
    vectors = unit(np.random.default_rng(seed).standard_normal((4, 8)))
    return Analysis(
        path=SONG,
        mtime_ns=5 + seed,
        size=6,
        tags=Tags("Title", "Artist", "Album", 2, 11),
        duration=Seconds(duration),
        cues=cues,
        loudness=Loudness(-9.5, -0.25),
        intro_beats=Beats(124.0, Seconds(15.5), 0.75),
        outro_beats=Beats(124.5, Seconds(45.25), 0.5),
        key=Key(9, True, 0.625),
        energy=1.75,
        brightness=-0.5,
        windows=vectors[2:].astype(np.float16),
        intro=vectors[0],
        track=vectors[1],
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "catalogue.sqlite3"


def _write_old(path: Path, version: int) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript(VERSION_2)
        if version == 1:
            connection.execute("ALTER TABLE problems DROP COLUMN model")
        for older in range(2, version):
            connection.executescript(UPDATES[older])
        connection.execute(f"PRAGMA user_version = {version}")
        connection.commit()


def _tables(path: Path) -> set[tuple[object, ...]]:
    """Return (table, column, type, must be there, default, key) of every column of a database."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {(name, *row[1:]) for name in names for row in connection.execute(f"PRAGMA table_info({name})")}


@pytest.mark.parametrize("version", UPDATES)
def test_a_catalogue_of_an_older_version_is_brought_up_to_date_and_keeps_all(path: Path, version: int) -> None:
    _write_old(path, version)

    with Catalogue(path) as catalogue:
        assert catalogue.track(TrackId(7)) == Track(
            TrackId(7), SONG, "Title", "Artist", "Album", Seconds(61.5), CuePoints(Seconds(0.25), Seconds(60.125))
        )
        assert catalogue.cover(TrackId(7)) == b"\xab"
        assert catalogue.intro_vectors("aaaa")[1].tolist() == [[1.0, 0.0]]
        assert catalogue.windows([TrackId(7)], "aaaa")[TrackId(7)].tolist() == [[1.0, 0.0]]
        assert catalogue.history(5) == [(TrackId(7), datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC))]
        assert catalogue.folders() == [Path("/music")]
        assert catalogue.problems() == [Problem(Path("/music/bad.mp3"), "broken")]
        assert catalogue.known("aaaa")[SONG] == (0, 6), "its tags are read again"
        assert catalogue.unfinished(FACTS_VERSION, "aaaa") == {SONG: TrackId(7)}


@pytest.mark.parametrize("version", UPDATES)
def test_before_it_is_brought_up_to_date_a_copy_is_kept(path: Path, version: int) -> None:
    _write_old(path, version)
    old = _tables(path)
    Catalogue(path).close()

    copy = path.with_name(f"{path.name}.version-{version}")
    assert _tables(copy) == old
    with contextlib.closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("PRAGMA user_version").fetchall() == [(version,)]
        assert connection.execute("SELECT title FROM tracks").fetchall() == [("Title",)]


@pytest.mark.parametrize("version", UPDATES)
def test_it_then_has_the_tables_of_a_new_one(path: Path, tmp_path: Path, version: int) -> None:
    _write_old(path, version)
    Catalogue(path).close()
    Catalogue(tmp_path / "new.sqlite3").close()

    assert _tables(path) == _tables(tmp_path / "new.sqlite3")
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchall() == [(VERSION,)]


@pytest.mark.parametrize("version", UPDATES)
def test_when_the_songs_of_an_older_one_were_added_is_not_known(path: Path, version: int) -> None:
    _write_old(path, version)
    with Catalogue(path) as catalogue:
        catalogue.add(_analysis(), MODEL)

    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT added FROM tracks").fetchall() == [(0,)]


def test_all_facts_come_back_as_they_were_stored(path: Path) -> None:
    analysis = _analysis()

    with Catalogue(path) as catalogue:
        track_id = catalogue.add(analysis, MODEL)
        track = catalogue.track(track_id)
        assert catalogue.unfinished(FACTS_VERSION, MODEL) == {}

    assert track == Track(
        track_id, SONG, "Title", "Artist", "Album", Seconds(61.5), CUES, analysis.loudness, analysis.intro_beats,
        analysis.outro_beats, 2, 11, key=analysis.key, energy=1.75, brightness=-0.5,
    )  # fmt: skip


def test_a_track_is_unfinished_until_its_newest_facts_are_found_or_given_up(path: Path) -> None:
    with Catalogue(path) as catalogue:
        track_id = catalogue.add(replace(_analysis(), version=3), MODEL)
        assert catalogue.unfinished(3, MODEL) == {}
        assert catalogue.unfinished(4, MODEL) == {SONG: track_id}
        assert catalogue.unfinished(4, OTHER_MODEL) == {}

        catalogue.finish_without(track_id, 4, MODEL)

        assert catalogue.unfinished(4, MODEL) == {}


def test_a_track_is_unfinished_for_the_model_that_has_heard_its_intro_alone(path: Path) -> None:
    analysis = _analysis()
    with Catalogue(path) as catalogue:
        track_id = catalogue.add(analysis, MODEL)
        catalogue.add(replace(analysis, whole=False, version=INTRO_FACTS, loudness=None), OTHER_MODEL)
        track = catalogue.track(track_id)
        assert track is not None
        assert track.loudness == analysis.loudness, "the better known facts stay"
        assert catalogue.unfinished(FACTS_VERSION, MODEL) == {}
        assert catalogue.unfinished(FACTS_VERSION, OTHER_MODEL) == {SONG: track_id}

        catalogue.add(analysis, OTHER_MODEL)

        assert catalogue.unfinished(FACTS_VERSION, OTHER_MODEL) == {}


@pytest.mark.parametrize("changed", [False, True])
def test_cues_moved_by_hand_are_kept(path: Path, changed: bool) -> None:
    with Catalogue(path) as catalogue:
        track_id = catalogue.add(_analysis(), MODEL)
        catalogue.move_cues(track_id, BY_HAND)

        catalogue.add(_analysis(seed=int(changed)), MODEL)

        track = catalogue.track(track_id)
        assert track is not None
        assert track.cues == BY_HAND


def test_cues_moved_by_hand_are_clamped_to_a_file_that_is_shorter_now(path: Path) -> None:
    with Catalogue(path) as catalogue:
        track_id = catalogue.add(_analysis(), MODEL)
        catalogue.move_cues(track_id, BY_HAND)

        catalogue.add(_analysis(1, duration=30.0), MODEL)

        track = catalogue.track(track_id)
        assert track is not None
        assert track.cues == CuePoints(Seconds(2.0), Seconds(30.0), None, Seconds(30.0))


def test_cues_moved_by_hand_give_way_where_the_file_ends_before_them(path: Path) -> None:
    short = CuePoints(Seconds(0.0), Seconds(1.5))
    with Catalogue(path) as catalogue:
        track_id = catalogue.add(_analysis(), MODEL)
        catalogue.move_cues(track_id, BY_HAND)

        catalogue.add(_analysis(1, short, 1.5), MODEL)
        catalogue.add(_analysis(2), MODEL)

        track = catalogue.track(track_id)
        assert track is not None
        assert track.cues == CUES


def test_cues_moved_beyond_the_track_are_clamped_or_refused(path: Path) -> None:
    with Catalogue(path) as catalogue:
        track_id = catalogue.add(_analysis(), MODEL)

        catalogue.move_cues(track_id, CuePoints(Seconds(-3.0), Seconds(99.0)))
        track = catalogue.track(track_id)
        assert track is not None
        assert track.cues == CuePoints(Seconds(0.0), Seconds(61.5))

        with pytest.raises(ValueError, match="nothing"):
            catalogue.move_cues(track_id, CuePoints(Seconds(20.0), Seconds(10.0)))
        catalogue.move_cues(TrackId(99), BY_HAND)  # a track that is not there has no cues to move
