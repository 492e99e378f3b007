import numpy as np
import pytest

pytest.importorskip("keras", reason="needs the train extra")

from livedj.music import Vectors, unit
from livedj.train.losses import alike, contrast, divergence

SONGS = 8
VECTORS = unit(np.random.default_rng(1).standard_normal((2 * SONGS, 8))).astype(np.float32)
COSINES = VECTORS @ VECTORS.T
ITSELF = np.eye(2 * SONGS, dtype=np.float32)
SAME_SONG = np.asarray(alike(np.tile(np.arange(SONGS), 2)))


def nt_xent(vectors: Vectors, temperature: float) -> float:
    """Chen et al. 2020, eq. 1, word for word."""
    count = len(vectors) // 2
    losses = []
    for i in range(2 * count):
        similarity = np.exp(vectors @ vectors[i] / temperature)
        positive = similarity[(i + count) % (2 * count)]
        losses.append(-np.log(positive / (similarity.sum() - similarity[i])))
    return float(np.mean(losses))


def test_contrast_is_nt_xent() -> None:
    found = contrast(COSINES, SAME_SONG - ITSELF, 1 - ITSELF, 0.1)
    assert float(found) == pytest.approx(nt_xent(VECTORS, 0.1), rel=1e-4)


def test_who_is_no_candidate_repels_nobody() -> None:
    candidates = 1 - ITSELF
    without = candidates.copy()
    without[0, 1] = without[1, 0] = 0
    closer = COSINES.copy()
    closer[0, 1] = closer[1, 0] = 1.0
    positives = SAME_SONG - ITSELF
    assert float(contrast(closer, positives, candidates, 0.1)) > float(contrast(COSINES, positives, candidates, 0.1))
    assert float(contrast(closer, positives, without, 0.1)) == float(contrast(COSINES, positives, without, 0.1))


def test_cosines_that_are_as_wanted_do_not_diverge() -> None:
    others = 1 - SAME_SONG
    assert float(divergence(COSINES, 7 * COSINES, others, 0.1, 0.7)) == pytest.approx(0.0, abs=1e-5)
    assert float(divergence(COSINES, -7 * COSINES, others, 0.1, 0.7)) > 0.1


def test_divergence_is_kullback_leibler_of_each_row() -> None:
    likeness = np.random.default_rng(2).standard_normal(COSINES.shape).astype(np.float32)
    others = (1 - SAME_SONG).astype(bool)
    rows = []
    for cosines, alikes, taking_part in zip(COSINES, likeness, others, strict=True):
        wanted = np.exp(alikes[taking_part] / 0.7)
        found = np.exp(cosines[taking_part] / 0.1)
        wanted, found = wanted / wanted.sum(), found / found.sum()
        rows.append(np.sum(wanted * np.log(wanted / found)))
    found_by_ours = divergence(COSINES, likeness, others.astype(np.float32), 0.1, 0.7)
    assert float(found_by_ours) == pytest.approx(float(np.mean(rows)), rel=1e-4)


def test_alike_is_the_matrix_of_equal_labels() -> None:
    assert np.asarray(alike(np.array([0, 1, 0]))).tolist() == [[1, 0, 1], [0, 1, 0], [1, 0, 1]]
