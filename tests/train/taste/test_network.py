import shutil
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow", reason="needs the train extra")

import keras

from livedj.errors import ModelError
from livedj.music import Vectors, unit
from livedj.train.network import FEATURES, build_network
from livedj.train.taste.network import TasteNetwork, grow, shipped_music_head, shipped_network
from livedj.train.taste.plan import PLAN
from tests.train.taste.conftest import MEL


def windows(count: int = 3) -> np.ndarray:
    rng = np.random.default_rng(1)
    return rng.uniform(-80, 0, (count, MEL.n_mels, MEL.frames)).astype(np.float32)


def outputs(network: keras.Model) -> Vectors:
    vectors: Vectors = keras.ops.convert_to_numpy(network(windows(), training=False))
    return vectors


@pytest.fixture
def grown(untrained: Path) -> TasteNetwork:
    return grow(shipped_network(untrained), shipped_network(untrained), PLAN)


def test_a_cosine_is_that_of_sound_and_that_of_taste_by_their_weights(grown: TasteNetwork) -> None:
    joined = outputs(grown.joined(weight=0.3))
    shipped, taste = outputs(grown.shipped), unit(joined[:, grown.taste])
    assert joined.shape == (3, 16 + PLAN.dimensions)
    assert taste.shape == (3, PLAN.dimensions)
    assert np.linalg.norm(joined, axis=1) == pytest.approx(np.ones(3), abs=1e-5)
    expected = 0.7 * shipped @ shipped.T + 0.3 * taste @ taste.T
    assert joined @ joined.T == pytest.approx(expected, abs=1e-5)


def test_the_copy_begins_as_what_was_shipped_and_changes_nothing_of_it(grown: TasteNetwork) -> None:
    features = keras.Model(grown.shipped.input, grown.joined(weight=0.3).get_layer(FEATURES).output)
    before = outputs(grown.shipped), outputs(features)
    copied = keras.ops.convert_to_numpy(grown.late(grown.early(windows(), training=False), training=False))
    assert copied == pytest.approx(before[1], abs=1e-4)
    for variable in grown.late.trainable_variables:
        variable.assign_add(keras.ops.ones_like(variable))
    assert np.array_equal(outputs(grown.shipped), before[0])
    assert np.array_equal(outputs(features), before[1])


def test_the_early_layers_are_frozen_and_the_late_ones_are_the_larger_part(grown: TasteNetwork) -> None:
    assert grown.early.trainable_variables == []
    early, late = grown.early.count_params(), grown.late.count_params()
    assert late >= PLAN.late * (early + late)
    assert early > 0


def test_weights_that_are_missing_or_do_not_fit_are_refused(untrained: Path, tmp_path: Path) -> None:
    model = tmp_path / "model.tflite"
    shutil.copy(untrained.with_suffix(".json"), tmp_path / "model.json")
    with pytest.raises(ModelError, match="missing"):
        shipped_network(model)
    build_network(MEL, 8).save_weights(tmp_path / "model.weights.h5")
    with pytest.raises(ModelError, match="do not fit"):
        shipped_network(model)
    (tmp_path / "model.weights.h5").write_text("no weights")
    with pytest.raises(ModelError, match="do not fit"):
        shipped_network(model)


def test_a_model_without_a_music_head_has_none_and_a_damaged_one_is_refused(untrained: Path, tmp_path: Path) -> None:
    assert shipped_music_head(untrained) is None
    (tmp_path / "model.music.keras").write_text("no model")
    with pytest.raises(ModelError, match="cannot be read"):
        shipped_music_head(tmp_path / "model.tflite")
