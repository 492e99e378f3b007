"""Which tracks are versions of one song."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livedj.choose.versions import AS_LONG, SAME_RECORDING, SAME_SONG, Recording, plain, versions
from livedj.music import Seconds, TrackId

FIRST = Recording(TrackId(1), "A Song", "Somebody", Seconds(200.0), b"first")


def are_versions(other: Recording, cosine: float, first: Recording = FIRST) -> bool:
    vectors = np.array([[1.0, 0.0], [cosine, np.sqrt(1 - cosine**2)]], np.float32)
    found = set(versions([first, other], vectors, np.array([False, True])))
    assert found <= {(1, 2)}
    return bool(found)


def another(title: str = "01", artist: str = "", seconds: float = 200.0, content: bytes | None = None) -> Recording:
    return Recording(TrackId(2), title, artist, Seconds(seconds), content)


@pytest.mark.parametrize(
    "title",
    [
        "A Song",
        "a song (Live)",
        "A Song [2011 Remaster]",
        "A Song - Radio Edit",
        "A Song - Remastered 2009",
        "A SONG (Somebody Else Remix)",
        "A Song (feat. A Friend)",
        "A Song feat. A Friend",
        "Á Song!",
        "A Song (Acoustic Version) [Bonus]",
    ],
)
def test_what_tells_versions_apart_is_left_out_of_a_title(title: str) -> None:
    assert plain(title) == plain("A Song")


@pytest.mark.parametrize(
    "title",
    ["A Song (Part 2)", "A Song 2", "A Song of Love", "Another Song", "A Song - Night", "A Song (Part 2, live)"],
)
def test_what_tells_songs_apart_stays(title: str) -> None:
    assert plain(title) != plain("A Song")


@pytest.mark.parametrize("title", ["Live and Let Die", "Remix", "Demo", "(Live)", "Live"])
def test_a_title_may_be_such_a_word(title: str) -> None:
    assert plain("Live and Let Die") == "live and let die"
    assert plain(title) == plain(title.upper())


@pytest.mark.parametrize(
    ("title", "artist"),
    [
        ("01", ""),
        ("rip", ""),
        ("Song A", "Somebody"),
        ("A Song (Live)", "Another"),
        ("Track 3", "Another"),
        ("Else", "Unknown"),
    ],
)
def test_the_same_recording_in_another_file_is_one_where_its_names_may_be_wrong(title: str, artist: str) -> None:
    assert are_versions(another(title, artist), SAME_RECORDING + 0.01)
    assert not are_versions(another(title, artist), SAME_RECORDING - 0.01)


@pytest.mark.parametrize(("title", "artist"), [("Another Song", "Another"), ("Something Else", "Somebody")])
def test_songs_that_sound_alike_are_two_where_their_names_say_so(title: str, artist: str) -> None:
    assert not are_versions(another(title, artist), SAME_RECORDING + 0.02)
    assert are_versions(another(title, artist, content=b"first"), SAME_RECORDING + 0.02)


def test_the_same_recording_in_another_file_is_one_of_the_same_length() -> None:
    assert are_versions(another(seconds=200 + AS_LONG - 0.1), SAME_RECORDING + 0.01)
    assert not are_versions(another(seconds=200 + AS_LONG + 0.1), SAME_RECORDING + 0.01)
    assert not are_versions(another(), SAME_RECORDING - 0.01)


def test_another_recording_of_a_title_by_the_same_artist_is_one_of_any_length() -> None:
    live = another("A Song (Live at Home)", "somebody", 431.0)
    assert are_versions(live, SAME_SONG + 0.01)
    assert not are_versions(live, SAME_SONG - 0.01)
    assert not are_versions(another("A Song (Live)", "Another", 431.0), SAME_RECORDING + 0.01)
    assert not are_versions(another("A Song", "", 431.0), 0.9, first=another("A Song", "", 200.0))


@pytest.mark.parametrize(
    ("title", "artist"),
    [("Track 01", "Me"), ("01", "Me"), ("A Song", "Unknown Artist"), ("Untitled", "Me"), ("A Song", "Various Artists")],
)
def test_what_stands_for_no_name_makes_no_versions(title: str, artist: str) -> None:
    one = Recording(TrackId(1), title, artist, Seconds(200.0), None)
    assert not are_versions(another(title, artist, 300.0), 0.9, first=one)


def test_the_same_sound_is_one() -> None:
    assert are_versions(another(seconds=999.0, content=b"first"), -0.5)
    assert not are_versions(another(seconds=999.0), -0.5, first=another())


def test_tracks_that_were_compared_already_are_not_compared_again() -> None:
    vectors = np.ones((2, 1), np.float32)
    assert not set(versions([FIRST, another()], vectors, np.array([False, False])))
    assert set(versions([], np.zeros((0, 0), np.float32), np.zeros(0, bool))) == set()


def test_many_tracks_are_compared_in_blocks() -> None:
    count = 600
    recordings = [Recording(TrackId(n), "", "", Seconds(10.0 * (n % 300)), None) for n in range(count)]
    found = set(versions(recordings, np.ones((count, 1), np.float32), np.ones(count, bool)))
    assert found == {(n, n + 300) for n in range(300)}


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 3), st.booleans()), min_size=1, max_size=150),
    st.integers(0, 2**32 - 1),
)
def test_in_blocks_by_duration_no_pair_is_missed(songs: list[tuple[int, int, bool]], seed: int) -> None:
    recordings = [Recording(TrackId(n), "", "", Seconds(0.5 * halves), None) for n, (halves, _, _) in enumerate(songs)]
    rng = np.random.default_rng(seed)
    vectors = rng.permutation(np.eye(4, dtype=np.float32))[[kind for _, kind, _ in songs]]
    fresh = np.array([new for _, _, new in songs], bool)
    assert set(versions(recordings, vectors, fresh)) == {
        (a, b)
        for a, b in itertools.combinations(range(len(songs)), 2)
        if (fresh[a] or fresh[b]) and songs[a][1] == songs[b][1] and abs(songs[a][0] - songs[b][0]) <= 2 * AS_LONG
    }


def test_a_comparison_that_is_to_stop_ends() -> None:
    vectors = np.ones((2, 1), np.float32)
    assert not set(versions([FIRST, FIRST], vectors, np.ones(2, bool), stopping=lambda: True))
