import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow", reason="needs the train extra")

import keras
import tensorflow as tf

from livedj.ear.encoder import Encoder, MelParams, card_path
from livedj.library.decode import decode
from livedj.music import Vectors, unit
from livedj.train.batches import Batches
from livedj.train.configuration import Configuration
from livedj.train.data import Heard, cached, read_songs
from livedj.train.export import export
from livedj.train.fit import Fitting, Point, alike, contrast, curve_file
from livedj.train.frontend import FrontEnd
from livedj.train.measures import Calibration
from livedj.train.network import build_network
from livedj.train.validation import Validation

MEL = MelParams()
CARD = {"within_track_p01": 0.5, "same_track": 0.9, "unrelated": 0.1}


def heard_of(configuration: Configuration, split: str) -> list[Heard]:
    songs = [song for song in read_songs(configuration.music) if song.split == split]
    return list(cached(songs, configuration.out / "mels", MEL))


def nt_xent(vectors: Vectors, temperature: float) -> float:
    """Chen et al. 2020, eq. 1, word for word."""
    count = len(vectors) // 2
    losses = []
    for i in range(2 * count):
        similarity = np.exp(vectors @ vectors[i] / temperature)
        positive = similarity[(i + count) % (2 * count)]
        losses.append(-np.log(positive / (similarity.sum() - similarity[i])))
    return float(np.mean(losses))


def test_contrast_by_track_is_nt_xent() -> None:
    vectors = unit(np.random.default_rng(1).standard_normal((16, 8)))
    labels = tf.tile(tf.range(8), [2])
    assert float(contrast(tf.constant(vectors), alike(labels), 0.1)) == pytest.approx(nt_xent(vectors, 0.1), rel=1e-4)


def test_contrast_leaves_out_what_has_no_positive() -> None:
    vectors = unit(np.random.default_rng(1).standard_normal((6, 8)))
    nobody = contrast(tf.constant(vectors), alike(tf.constant([-1] * 6)), 0.1)
    assert float(nobody) == 0.0


def test_alike_knows_no_unlabelled_pairs() -> None:
    assert alike(tf.constant([0, -1, 0, -1, 2])).numpy()[1].tolist() == [0, 0, 0, 0, 0]
    assert alike(tf.constant([0, -1, 0, -1, 2])).numpy()[0].tolist() == [1, 0, 1, 0, 0]


def test_exported_is_what_was_trained(configuration: Configuration, tmp_path: Path) -> None:
    fitting = Fitting(configuration, MEL, heard_of(configuration, "train"))
    kept: list[keras.Model] = []
    validation = Validation(heard_of(configuration, "validate"), configuration.augment, MEL, seed=1)
    fitting.run(validation, lambda network, _point, _figures: kept.append(network), lambda _point: None)
    assert kept, "the first network measured is the best so far"
    model = tmp_path / "trained.tflite"
    export(fitting.network, MEL, model, CARD)
    encoder = Encoder(model)
    front_end = FrontEnd(MEL)
    for song in read_songs(configuration.music)[::4]:
        samples = decode(song.path)[: MEL.window_samples]
        trained = fitting.network(front_end(samples[np.newaxis]), training=False).numpy()[0]
        assert np.abs(encoder.encode(samples).embedding - trained).max() < 1e-3


def test_a_run_can_be_taken_up_again(configuration: Configuration) -> None:
    train, points = heard_of(configuration, "train"), list[Point]()
    validation = Validation(heard_of(configuration, "validate"), configuration.augment, MEL, seed=1)

    def better(_network: keras.Model, _point: Point, figures: Calibration) -> None:
        assert -1 <= figures.unrelated <= 1

    first = Fitting(configuration, MEL, train)
    first.run(validation, better, points.append)
    longer = dataclasses.replace(configuration.fit, minutes=2 * configuration.fit.minutes)
    second = Fitting(dataclasses.replace(configuration, fit=longer), MEL, train)
    for mine, theirs in zip(first.network.get_weights(), second.network.get_weights(), strict=True):
        assert np.array_equal(mine, theirs)
    taken_up = len(points)
    second.run(validation, better, points.append)
    assert points[taken_up].step > points[taken_up - 1].step
    assert points[taken_up].minutes > points[taken_up - 1].minutes
    curve = [json.loads(line) for line in curve_file(configuration.out).read_text(encoding="utf-8").splitlines()]
    assert [point["step"] for point in curve] == [point.step for point in points]


def test_songs_learn_to_attract_themselves(configuration: Configuration) -> None:
    heard = heard_of(configuration, "train")
    batch = Batches(heard, configuration, MEL, seed=1).draw()
    fitting = Fitting(configuration, MEL, heard)
    fitting._optimizer.learning_rate.assign(2e-3)
    losses = [float(fitting._train_step(batch.log_mel, batch.collections, batch.styles)) for _ in range(12)]
    assert losses[-1] < losses[0] - 0.1


def test_the_card_tells_sizes_and_checksum(tmp_path: Path) -> None:
    model = tmp_path / "untrained.tflite"
    sha256 = export(build_network(MEL, 100), MEL, model, CARD)
    card = json.loads(card_path(model).read_text(encoding="utf-8"))
    assert card["sha256"] == sha256
    assert card["dimensions"] == 100
    assert card["bytes"] == model.stat().st_size
    assert card["parameters"] > 400_000
    assert sorted(path.name for path in tmp_path.iterdir()) == ["untrained.json", "untrained.tflite"]
