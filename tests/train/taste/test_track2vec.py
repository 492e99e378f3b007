import dataclasses
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("gensim", reason="needs the train extra")

from livedj.errors import TasteError
from livedj.train.taste.plan import PLAN
from livedj.train.taste.track2vec import song_vectors

MOODS, SONGS = 6, 15


def moods(each: int, length: int = 10, seed: int = 1) -> list[list[Path]]:
    """Lists, `each` of every mood, of songs of that mood alone."""
    rng = np.random.default_rng(seed)
    return [
        [Path(f"/{mood}/{song}.mp3") for song in rng.choice(SONGS, length, replace=False)]
        for mood in range(MOODS)
        for _ in range(each)
    ]


def test_songs_of_one_mood_lie_together() -> None:
    known = song_vectors(moods(each=6), PLAN)
    cosines = known.vectors @ known.vectors.T
    moods_of = [song.parent.name for song in known.songs]
    same = np.equal.outer(np.array(moods_of), moods_of)
    assert cosines[same].mean() > 0.6
    assert cosines[~same].mean() < 0.1
    assert np.linalg.norm(known.vectors, axis=1) == pytest.approx(np.ones(len(known.songs)), abs=1e-5)
    assert np.linalg.norm(known.vectors.mean(axis=0)) < 0.2, "a constant answer is worth little"


def test_the_same_lists_in_any_order_give_the_same_vectors() -> None:
    lists = moods(each=4)
    one, other = song_vectors(lists, PLAN), song_vectors(lists[::-1], PLAN)
    assert one.songs == other.songs
    assert np.array_equal(one.vectors, other.vectors)


def test_a_song_must_be_on_two_lists_where_that_leaves_enough() -> None:
    rare = Path("/once.mp3")
    lists = moods(each=6)
    known = song_vectors([*lists, [lists[0][0], rare]], PLAN)
    assert known.minimum_count == 2
    assert rare not in known.songs


def test_lists_that_do_not_overlap_still_teach() -> None:
    lists = [[Path(f"/{mood}/{song}.mp3") for song in range(12)] for mood in range(8)]
    known = song_vectors(lists, PLAN)
    assert known.minimum_count == 1
    assert len(known.songs) == 96


def test_of_too_many_songs_those_on_most_lists_count() -> None:
    lists = moods(each=6)
    counts = {song: sum(song in one for one in lists) for one in lists for song in one}
    known = song_vectors(lists, dataclasses.replace(PLAN, most_songs=70))
    assert len(known.songs) == 70
    left_out = set(counts) - set(known.songs)
    assert min(counts[song] for song in known.songs) >= max(counts[song] for song in left_out)


def test_too_few_songs_are_refused() -> None:
    with pytest.raises(TasteError, match="60 are needed"):
        song_vectors(moods(each=6)[:6], PLAN)
