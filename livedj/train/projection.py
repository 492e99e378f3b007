"""The last layer, computed: of all directions in the features, those that tell songs apart and no rooms.

What a room, the noise and the moment of a song do to the features is the spread within songs; the linear discriminant
(Fisher 1936; Rao 1948 for many classes) takes the directions where songs differ most beside it, and brings that spread
to the same size in each.
"""

from collections.abc import Sequence

import keras
import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from livedj.ear.encoder import MelParams
from livedj.train.augment import Room
from livedj.train.batches import CONTEXT
from livedj.train.configuration import Configuration
from livedj.train.data import Heard, Levels, normalised, window_at
from livedj.train.network import EMBEDDING, FEATURES

WINDOWS = 8
"""Windows of each song, the first half of them as in the library, the others as heard in rooms."""
SHRINKAGE = 1.0
"""How much of an even spread is added to the one within songs, in parts of its mean: few songs tell little of it."""
EMPHASIS = 0.25
"""Power of the ratio of both spreads by which a direction counts. 0 is best at telling songs apart; the more, the more
count the few broad differences between songs, which style is made of."""


def project(network: keras.Model, heard: Sequence[Heard], configuration: Configuration, mel: MelParams) -> None:
    """Set the layer between features and embedding of `network` to the linear discriminant of the songs `heard`."""
    rng = np.random.default_rng(configuration.seed)
    room = Room(configuration.augment, mel, rng)
    extract = keras.Model(network.input, network.get_layer(FEATURES).output)
    songs = [_windows(one.levels, room, mel, rng) for one in heard]
    features = np.stack([keras.ops.convert_to_numpy(extract(windows, training=False)) for windows in songs])
    kernel, bias = discriminant(features, network.output_shape[-1])
    network.get_layer(EMBEDDING).set_weights([kernel, bias])


def discriminant(features: NDArray[np.float32], dimensions: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return kernel (n, dimensions) and bias (dimensions,) of the linear discriminant.

    `features`: (songs, windows of each, n). Needs more songs than dimensions to be of use.
    """
    everything = features.reshape(-1, features.shape[-1]).astype(np.float64)
    mean, deviation = everything.mean(axis=0), everything.std(axis=0) + 1e-6
    standard = (features - mean) / deviation
    songs = standard.mean(axis=1)
    within = _covariance((standard - songs[:, np.newaxis]).reshape(len(everything), -1))
    within += SHRINKAGE * np.trace(within) / len(within) * np.eye(len(within))
    ratios, directions = scipy.linalg.eigh(_covariance(songs), within)
    weighed = directions * np.maximum(ratios, 0.0) ** EMPHASIS
    kernel = weighed[:, ::-1][:, :dimensions] / deviation[:, np.newaxis]
    return kernel.astype(np.float32), (-mean @ kernel).astype(np.float32)


def _covariance(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.cov(vectors, rowvar=False))


def _windows(levels: Levels, room: Room, mel: MelParams, rng: np.random.Generator) -> NDArray[np.float32]:
    frames = CONTEXT + mel.frames
    starts = rng.integers(0, max(1, levels.shape[1] - frames), WINDOWS)
    windows = np.stack([window_at(levels, int(start), frames) for start in starts]).astype(np.float32)
    half = WINDOWS // 2
    windows[half:] = room.hear(windows[half:], windows[:half])
    return normalised(windows[:, :, CONTEXT:], mel.top_db)
