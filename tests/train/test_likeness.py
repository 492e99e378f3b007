import numpy as np
import pytest

pytest.importorskip("tensorflow", reason="needs the train extra")

from livedj.ear.encoder import MelParams
from livedj.train.configuration import Configuration, Together
from livedj.train.data import Heard, Levels, cached, read_songs
from livedj.train.likeness import likeness_of, same, timbre_similarity


def gaussian_levels(mean: float, spread: float, seed: int) -> Levels:
    """Log-mel whose spectrum is tilted by `mean` dB a band, restless by `spread` dB."""
    rng = np.random.default_rng(seed)
    tilt = mean * np.arange(96)[:, np.newaxis]
    return np.asarray(tilt + spread * rng.standard_normal((96, 2000)), np.float32)


def test_equal_songs_are_most_similar_and_similarity_falls_with_the_difference() -> None:
    songs = [gaussian_levels(tilt, 3.0, seed) for seed, tilt in enumerate((-0.1, -0.1, -0.2, -0.6))]
    similarity = timbre_similarity(songs)
    assert np.allclose(similarity, similarity.T)
    assert np.allclose(np.diag(similarity), 0.0, atol=1e-9)
    assert 0 > similarity[0, 1] > similarity[0, 2] > similarity[0, 3]


def test_loudness_is_no_timbre() -> None:
    song = gaussian_levels(-0.2, 3.0, 0)
    assert timbre_similarity([song, song - 20.0])[0, 1] == pytest.approx(0.0, abs=1e-6)


def test_an_empty_label_is_like_none() -> None:
    assert same(["a", "", "a", ""]).tolist() == [
        [True, False, True, False],
        [False, False, False, False],
        [True, False, True, False],
        [False, False, False, False],
    ]


def test_each_part_counts_by_its_weight(configuration: Configuration) -> None:
    heard: list[Heard] = list(cached(read_songs(configuration.music), configuration.out / "mels", MelParams()))
    alone = {
        part: likeness_of(heard, Together(weight=1.0, temperature=1.0, **{**NOTHING, part: 1.0})) for part in NOTHING
    }
    both = likeness_of(heard, Together(weight=1.0, timbre=0.5, collection=2.0, style=0.0, temperature=1.0))
    assert np.allclose(both, 0.5 * alone["timbre"] + 2.0 * alone["collection"], atol=1e-5)
    assert not np.diag(both).any()
    assert not alone["style"].any(), "none of these songs has a style"
    assert alone["collection"].sum() == len(heard) * 2, "each has two others in its collection"


NOTHING = {"timbre": 0.0, "collection": 0.0, "style": 0.0}
