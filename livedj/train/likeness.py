"""What goes together, as far as the training music can tell: how strongly each pair of songs should attract each other.

Nobody has said which songs go together. Three things hint at it, and are added up: a similar timbre, the same
collection (an album, a game's soundtrack), the same style. Timbre alone is defined for every pair, so that songs of
different collections are not all equally unlike.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dct

from livedj.train.configuration import Together
from livedj.train.data import Heard, Levels, normalised

COEFFICIENTS = 25
"""MFCCs of a song's Gaussian, as in Musly."""
_RANGE = 80.0  # dB below a song's loudest band that count
_THINNED = 2  # every other frame says as much

Likeness = NDArray[np.float32]
"""How strongly each pair of songs should attract each other, (n, n), symmetric, about unit scale; 0 on the diagonal."""


def likeness_of(heard: Sequence[Heard], together: Together) -> Likeness:
    """Return the likeness of all pairs of songs."""
    alike = together.timbre * _standardised(timbre_similarity([one.levels for one in heard]))
    alike += together.collection * same([one.song.collection for one in heard])
    alike += together.style * same([one.song.style for one in heard])
    np.fill_diagonal(alike, 0.0)
    return alike.astype(np.float32)


def same(labels: Sequence[str]) -> NDArray[np.bool_]:
    """Return which pairs have the same label, (n, n); an empty label is like none."""
    names = np.array(labels)
    return np.asarray((names[:, np.newaxis] == names) & (names != ""))


def timbre_similarity(songs: Sequence[Levels]) -> NDArray[np.float64]:
    """Return how similar the timbres of all pairs of songs are, (n, n), 0 for equal ones and negative for others.

    A song is one Gaussian of its MFCCs (Mandel and Ellis, ISMIR 2005). Two Gaussians are compared by the Jensen-Shannon
    divergence, the mixture of both taken for a Gaussian as well (Schnitzer 2011, as in Musly).
    """
    gaussians = [_gaussian(levels) for levels in songs]
    means = np.stack([mean for mean, _ in gaussians])
    covariances = np.stack([covariance for _, covariance in gaussians])
    entropies = np.linalg.slogdet(covariances)[1]
    rows = []
    for mean, covariance, entropy in zip(means, covariances, entropies, strict=True):
        apart = means - mean
        mixture = (covariances + covariance) / 2 + np.einsum("ni,nj->nij", apart, apart) / 4
        rows.append((entropies + entropy) / 2 - np.linalg.slogdet(mixture)[1])
    return np.stack(rows) / 2


def _gaussian(levels: Levels) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    log_mel = normalised(levels[:, ::_THINNED], _RANGE)
    mfcc = dct(log_mel.astype(np.float64), axis=0, norm="ortho")[:COEFFICIENTS]
    # A trifle on the diagonal: a song of pure tones may leave a coefficient still.
    return mfcc.mean(axis=1), np.cov(mfcc) + 0.01 * np.eye(COEFFICIENTS)


def _standardised(similarity: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return similarities with mean 0 and deviation 1 for each song, seen from both sides.

    Otherwise some songs are near to everything (hubs); mutual proximity, in its simplest form, takes that away
    (Schnitzer et al., JMLR 2012).
    """
    others = ~np.eye(len(similarity), dtype=bool)
    mean = np.array([row[other].mean() for row, other in zip(similarity, others, strict=True)])
    deviation = np.array([row[other].std() for row, other in zip(similarity, others, strict=True)]) + 1e-9
    standard = (similarity - mean[:, np.newaxis]) / deviation[:, np.newaxis]
    return np.asarray((standard + standard.T) / 2)
