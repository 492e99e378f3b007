from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livedj.ear import vocabulary
from livedj.ear.vector import track_vector
from livedj.ear.vocabulary import MOST_WORDS, Vocabulary, count_words
from livedj.music import Vectors, unit

DIMENSIONS = 16
MODEL = "a" * 64
SEEDS = st.integers(0, 2**32 - 1)


def axis(number: int) -> Vectors:
    return unit(np.eye(DIMENSIONS)[number])


def library(seed: int, tracks: int = 12, windows: int = 8, sounds: int = 20, spread: float = 0.12) -> list[Vectors]:
    """Tracks made of sounds that they share, some of which are in most of them, each played somewhat differently."""
    random = np.random.default_rng(seed)
    centres = unit(random.standard_normal((sounds, DIMENSIONS)))
    usual = 1 / np.arange(1, sounds + 1)
    drawn = random.choice(sounds, (tracks, windows), p=usual / usual.sum())
    return [unit(centres[some] + spread * random.standard_normal((windows, DIMENSIONS))) for some in drawn]


def counted(tracks: Sequence[Vectors], epsilon: float = 0.3, most: int = MOST_WORDS) -> Vocabulary:
    return count_words(lambda: tracks, MODEL, epsilon, most)


def weights_by_pairs(tracks: Sequence[Vectors], epsilon: float) -> list[list[float]]:
    """The author's definition, window by window; of the logarithm, ours."""
    weights: list[list[float]] = []
    for track in tracks:
        weights.append([])
        for window in track:
            tf = sum(1 - window @ other < epsilon for other in track)
            df = sum(any(1 - window @ other < epsilon for other in others) for others in tracks)
            weights[-1].append(tf * np.log(1 + len(tracks) / df))
    return weights


@settings(deadline=None)
@given(seed=SEEDS, tracks=st.integers(1, 8), epsilon=st.floats(0.05, 0.9))
def test_while_every_window_is_a_word_it_is_the_definition_by_all_pairs(seed: int, tracks: int, epsilon: float) -> None:
    songs = library(seed, tracks, windows=5)
    words = counted(songs, epsilon)
    for song, expected in zip(songs, weights_by_pairs(songs, epsilon), strict=True):
        assert words.weights(song) == pytest.approx(expected, rel=1e-5)
        vector, version = words.mp3tovec(song)
        assert vector == pytest.approx(unit(np.array(expected) @ song), abs=1e-5)
        assert version == words.version


@pytest.mark.parametrize(("most", "error", "correlation"), [(80, 0.1, 0.8), (160, 0.04, 0.95)])
def test_a_vocabulary_of_some_windows_comes_near_to_it(most: int, error: float, correlation: float) -> None:
    songs = library(1, tracks=100)
    words = counted(songs, most=most)
    assert len(words.words) == most, "a tenth of all windows, or a fifth"
    expected = np.array(weights_by_pairs(songs, 0.3))
    found = np.stack([words.weights(song) for song in songs])
    assert np.abs(found / expected - 1).mean() < error
    assert np.corrcoef(found.ravel(), expected.ravel())[0, 1] > correlation
    exact = [unit(weights @ song) for song, weights in zip(songs, expected, strict=True)]
    near = [words.mp3tovec(song).vector @ vector for song, vector in zip(songs, exact, strict=True)]
    plain = [track_vector(song) @ vector for song, vector in zip(songs, exact, strict=True)]
    assert np.median(near) > 0.999 > 0.98 > np.median(plain)


def test_the_cost_grows_as_the_library_does(monkeypatch: pytest.MonkeyPatch) -> None:
    comparisons = []
    cosines = vocabulary._cosines

    def noted(words: Vectors, windows: Vectors) -> np.ndarray:
        comparisons.append(len(words) * len(windows))
        return cosines(words, windows)

    monkeypatch.setattr(vocabulary, "_cosines", noted)
    costs = []
    for tracks in (50, 100, 200, 400):
        songs = library(2, tracks)
        comparisons.clear()
        words = counted(songs, most=100)
        for song in songs:
            words.mp3tovec(song)
        costs.append(sum(comparisons))
    assert [cost / costs[0] for cost in costs] == [1, 2, 4, 8]
    assert costs[-1] < 400**2 * 8**2 / 10, "not all pairs"


def test_what_is_frequent_in_the_track_and_rare_elsewhere_counts_most() -> None:
    everywhere, once, often = axis(0), axis(1), axis(2)
    song = np.stack([everywhere, everywhere, once, often, often])
    words = counted([song, *(np.stack([everywhere, axis(number)]) for number in range(3, 12))])
    tracks = 10
    expected = [2 * np.log(2), 2 * np.log(2), np.log(1 + tracks), 2 * np.log(1 + tracks), 2 * np.log(1 + tracks)]
    assert words.weights(song) == pytest.approx(expected)
    assert words.document_frequencies(song).tolist() == [10, 10, 1, 1, 1]


@given(seed=SEEDS, count=st.integers(1, 8))
def test_a_library_of_one_track_has_a_vector(seed: int, count: int) -> None:
    song = library(seed, tracks=1, windows=count)[0]
    vector = counted([song]).mp3tovec(song).vector
    assert vector.dtype == np.float32
    assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-5)


def test_what_all_tracks_share_keeps_some_weight() -> None:
    songs = [np.stack([axis(0)])] * 5
    assert counted(songs).mp3tovec(songs[0]).vector == pytest.approx(axis(0))


@given(seed=SEEDS, epsilon=st.sampled_from([1e-4, 2.1]))
def test_where_no_two_windows_are_the_same_or_all_are_it_is_the_plain_mean(seed: int, epsilon: float) -> None:
    # Far apart, so that no two are the same by chance.
    random = np.random.default_rng(seed)
    songs = [unit(random.standard_normal((6, DIMENSIONS))) for _ in range(4)]
    words = counted(songs, epsilon)
    for song in songs:
        assert words.mp3tovec(song).vector == pytest.approx(track_vector(song), abs=1e-5)


@given(seed=SEEDS, order=st.permutations(range(12)), most=st.sampled_from([10, MOST_WORDS]))
def test_the_order_of_the_tracks_means_nothing(seed: int, order: list[int], most: int) -> None:
    songs = library(seed)
    one, other = counted(songs, most=most), counted([songs[number] for number in order], most=most)
    assert one.version == other.version
    assert np.array_equal(one.words, other.words)
    assert np.array_equal(one.frequencies, other.frequencies)


def test_the_version_names_all_that_the_vectors_depend_on() -> None:
    songs = library(3)
    versions = {
        counted(songs).version,
        counted(songs[1:]).version,
        counted([*songs, songs[0]]).version,
        counted(songs, epsilon=0.2).version,
        counted(songs, most=7).version,
        count_words(lambda: songs, "b" * 64, 0.3).version,
    }
    assert len(versions) == 6
    assert counted(songs).version in versions


def test_a_file_that_is_there_twice_has_its_words_once() -> None:
    song = library(4, tracks=1)[0]
    words = counted([song, song])
    assert len(words.words) == len(song)
    assert words.frequencies.tolist() == [2] * len(song)


def test_a_track_that_was_not_counted_has_a_vector_too() -> None:
    words = counted([np.stack([axis(0), axis(1)]), np.stack([axis(0)])])
    other = np.stack([axis(0), axis(5)])
    assert words.document_frequencies(other).tolist() == [2, 1]
    assert words.weights(other) == pytest.approx([np.log(2), np.log(3)])


def test_silence_weighs_nothing() -> None:
    silence = np.zeros(DIMENSIONS, np.float32)
    songs = [np.stack([axis(0), silence, silence]), np.stack([silence, silence])]
    words = counted(songs)
    assert words.weights(songs[0]) == pytest.approx([np.log(3), 0, 0])
    assert words.mp3tovec(songs[0]).vector == pytest.approx(axis(0))
    assert not words.mp3tovec(songs[1]).vector.any()


def test_windows_as_the_catalogue_keeps_them_count_as_those_they_were() -> None:
    songs = library(5)
    kept = [song.astype(np.float16).astype(np.float32) for song in songs]
    words, again = counted(songs), counted(kept)
    for song, rounded in zip(songs, kept, strict=True):
        assert again.mp3tovec(rounded).vector @ words.mp3tovec(song).vector > 0.999


def test_without_a_window_there_is_neither_a_vocabulary_nor_a_vector() -> None:
    with pytest.raises(ValueError, match="library"):
        counted([])
    with pytest.raises(ValueError, match="song"):
        counted([axis(0)[np.newaxis]]).mp3tovec(np.zeros((0, DIMENSIONS), np.float32))
