import numpy as np
import pytest

pytest.importorskip("tensorflow", reason="needs the train extra")

import keras
from numpy.typing import NDArray

from livedj.ear.encoder import MelParams
from livedj.music import unit
from livedj.train.configuration import Configuration
from livedj.train.data import cached, read_songs
from livedj.train.network import EMBEDDING, FEATURES, build_network
from livedj.train.projection import discriminant, project

MEL = MelParams()


def test_the_discriminant_looks_past_what_differs_within_songs() -> None:
    rng = np.random.default_rng(0)
    songs = rng.standard_normal((60, 1, 12)) * np.repeat([1.0, 0.0], 6)
    rooms = rng.standard_normal((60, 8, 12)) * np.repeat([0.1, 9.0], 6)
    features = (songs + rooms + 5.0).astype(np.float32)
    kernel, bias = discriminant(features, 6)
    assert found(features @ kernel + bias) > 0.9
    assert found(features) < 0.3


def test_features_are_centred_and_their_spread_within_songs_is_evened_out() -> None:
    rng = np.random.default_rng(1)
    songs, rooms = rng.standard_normal((200, 1, 6)), rng.standard_normal((200, 20, 6))
    features = (songs + rooms @ rng.standard_normal((6, 6))).astype(np.float32)
    kernel, bias = discriminant(features, 6)
    vectors = features @ kernel + bias
    assert np.abs(vectors.mean(axis=(0, 1))).max() < 1e-3
    assert np.linalg.cond(spread_within(vectors)) < 0.2 * np.linalg.cond(spread_within(features))


def found(vectors: NDArray[np.float32]) -> float:
    """Return the share of songs whose first window finds their second one."""
    cosines = unit(vectors[:, 0]) @ unit(vectors[:, 1]).T
    return float(np.mean(cosines.argmax(axis=1) == np.arange(len(cosines))))


def spread_within(vectors: NDArray[np.float32]) -> NDArray[np.float64]:
    apart = vectors - vectors.mean(axis=1, keepdims=True)
    return np.asarray(np.cov(apart.reshape(-1, vectors.shape[-1]), rowvar=False))


def test_only_the_last_layer_changes(configuration: Configuration) -> None:
    heard = list(cached(read_songs(configuration.music), configuration.out / "mels", MEL))
    keras.utils.set_random_seed(1)
    network = build_network(MEL, 8)
    windows = np.random.default_rng(0).uniform(-80, 0, (2, MEL.n_mels, MEL.frames)).astype(np.float32)
    extract = keras.Model(network.input, network.get_layer(FEATURES).output)
    before, kernel = np.asarray(extract(windows)), network.get_layer(EMBEDDING).get_weights()[0]
    project(network, heard, configuration, MEL)
    assert np.array_equal(before, np.asarray(extract(windows)))
    assert not np.allclose(kernel, network.get_layer(EMBEDDING).get_weights()[0])
    assert np.linalg.norm(network(windows), axis=1) == pytest.approx(1.0, abs=1e-5)
