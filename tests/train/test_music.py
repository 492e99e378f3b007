"""Is it music? A small head on an untrained network, from the songs of these tests."""

import dataclasses
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow", reason="needs the train extra")

import keras
import tensorflow as tf

from livedj.ear.encoder import Encoder, MelParams, card_path
from livedj.errors import ModelError
from livedj.library.decode import decode
from livedj.music import WINDOW_SAMPLES, Samples, Seconds
from livedj.train import music as music_output
from livedj.train.configuration import Configuration, read_configuration
from livedj.train.data import cached, read_songs
from livedj.train.export import export, weights_path
from livedj.train.frontend import FrontEnd
from livedj.train.music import fit_music, measure_music
from livedj.train.network import FEATURES, build_network
from livedj.train.noises import KINDS

pytestmark = pytest.mark.timeout(600)  # the first of them lets 72 voices speak and fits the head

MEL = MelParams()
CARD = {"within_track_p01": 0.5, "same_track": 0.9, "unrelated": 0.1}


@pytest.fixture(scope="module")
def small() -> Iterator[None]:
    """Some hundred examples instead of thousands."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(music_output, "EXAMPLES", 300)
        patch.setattr(music_output, "SOUNDS", 5)
        patch.setattr(music_output, "MEASURED", 6)
        yield


@pytest.fixture(scope="module")
def network() -> keras.Model:
    keras.utils.set_random_seed(3)
    return build_network(MEL, 16)


@pytest.fixture(scope="module")
def setting(music: Path, mels: Path) -> Configuration:
    return dataclasses.replace(read_configuration(), music=music, out=mels)


def fitted(network: keras.Model, setting: Configuration, seed: int) -> keras.Model:
    songs = [song for song in read_songs(setting.music) if song.split == "train"]
    return fit_music(network, MEL, list(cached(songs, setting.out, MEL)), setting, seed)


@pytest.fixture(scope="module")
def head(network: keras.Model, setting: Configuration, small: None) -> keras.Model:
    return fitted(network, setting, seed=1)


@pytest.fixture(scope="module")
def model(network: keras.Model, head: keras.Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "music.tflite"
    export(network, head, MEL, path, CARD)
    return path


def melodies(setting: Configuration) -> list[Samples]:
    songs = [song for song in read_songs(setting.music) if song.collection == "middle"]
    return [decode(song.path, Seconds(start), Seconds(12.0)) for song in songs for start in (5.0, 30.0)]


def some_window(setting: Configuration) -> Samples:
    return melodies(setting)[0][:WINDOW_SAMPLES]


def test_music_is_told_from_voices_and_noise_never_met(model: Path, setting: Configuration, small: None) -> None:
    met: list[int] = []

    def hear(sound: Samples, seed: int) -> Samples:
        met.append(seed)
        return sound

    found = measure_music(Encoder(model), melodies(setting), hear)
    assert found.balanced_accuracy > 0.85
    assert set(found.recall) == {"music", *KINDS}
    assert found.recall["silence"] == 1.0
    others = np.mean([found.recall[kind] for kind in KINDS])
    assert found.balanced_accuracy == pytest.approx((found.recall["music"] + others) / 2)
    assert len(set(met)) == len(met) == 6 + 6 * len(KINDS), "every sound has a room of its own"


def test_exported_is_what_was_fitted(
    network: keras.Model, head: keras.Model, model: Path, setting: Configuration
) -> None:
    extract = keras.Model(network.input, network.get_layer(FEATURES).output)
    encoder = Encoder(model)
    assert encoder.tells_music
    noise = 0.1 * np.random.default_rng(1).standard_normal(WINDOW_SAMPLES).astype(np.float32)
    for samples in (some_window(setting), noise, np.zeros(WINDOW_SAMPLES, np.float32)):
        features = extract(FrontEnd(MEL)(samples[np.newaxis]), training=False)
        assert encoder.encode(samples).music == pytest.approx(float(head(features)[0, 0]), abs=1e-3)


def test_the_head_leaves_the_embedding_as_it_is(
    network: keras.Model, model: Path, setting: Configuration, tmp_path: Path
) -> None:
    export(network, None, MEL, tmp_path / "without.tflite", CARD)
    without = Encoder(tmp_path / "without.tflite")
    assert not without.tells_music
    samples = some_window(setting)
    assert without.encode(samples).music == 1.0
    assert without.encode(samples).embedding == pytest.approx(Encoder(model).encode(samples).embedding, abs=1e-5)


def test_the_same_seed_fits_the_same_head(
    network: keras.Model, head: keras.Model, setting: Configuration, small: None
) -> None:
    before = [weights.copy() for weights in network.get_weights()]
    keras.utils.set_random_seed(99)
    again = fitted(network, setting, seed=1)
    for one, same in zip(head.get_weights(), again.get_weights(), strict=True):
        assert one == pytest.approx(same, abs=1e-4)
    for weights, kept in zip(network.get_weights(), before, strict=True):
        assert np.array_equal(weights, kept)


def test_the_weights_lie_beside_the_model(network: keras.Model, model: Path) -> None:
    keras.utils.set_random_seed(4)
    fresh = build_network(MEL, 16)
    fresh.load_weights(weights_path(model))
    for mine, theirs in zip(fresh.get_weights(), network.get_weights(), strict=True):
        assert np.array_equal(mine, theirs)


def test_a_model_may_know_nothing_but_an_embedding(tmp_path: Path) -> None:
    """As a person may bring one: raw samples in, a vector out."""
    samples = keras.Input(batch_shape=(1, WINDOW_SAMPLES))
    vector = keras.layers.UnitNormalization()(keras.layers.Dense(4)(keras.layers.Reshape((49, 2250))(samples)[:, 0]))
    foreign = write(tmp_path / "foreign.tflite", keras.Model(samples, vector), dimensions=4)
    encoder = Encoder(foreign)
    encoded = encoder.encode(0.1 * np.ones(WINDOW_SAMPLES, np.float32))
    assert encoded.embedding.shape == (4,)
    assert encoded.log_mel is None
    assert encoded.music == 1.0
    assert not encoder.tells_music
    with pytest.raises(ModelError, match="no tensor of shape"):
        Encoder(write(tmp_path / "foreign.tflite", keras.Model(samples, vector), dimensions=5))


def write(path: Path, whole: keras.Model, dimensions: int) -> Path:
    content = tf.lite.TFLiteConverter.from_keras_model(whole).convert()
    path.write_bytes(content)
    card = {**CARD, "dimensions": dimensions, "mel": dataclasses.asdict(MEL)}
    sha256 = hashlib.sha256(content).hexdigest()
    card_path(path).write_text(json.dumps({**card, "sha256": sha256}), encoding="utf-8")
    return path
