import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow", reason="needs the train extra")

from livedj.ear.encoder import Encoder, MelParams, card_path
from livedj.errors import TrainingError
from livedj.library.decode import decode
from livedj.train.batches import Batches
from livedj.train.configuration import Configuration
from livedj.train.data import Heard, cached, read_songs
from livedj.train.export import export
from livedj.train.fit import Fitting, Point, curve_file, read_network
from livedj.train.frontend import FrontEnd
from livedj.train.network import build_network, build_with_head, without_head
from livedj.train.validation import Validation

MEL = MelParams()
CARD = {"within_track_p01": 0.5, "same_track": 0.9, "unrelated": 0.1}


def heard_of(configuration: Configuration, split: str) -> list[Heard]:
    songs = [song for song in read_songs(configuration.music) if song.split == split]
    return list(cached(songs, configuration.out / "mels", MEL))


def ignore(_point: Point) -> None:
    pass


def test_exported_is_what_was_trained(configuration: Configuration, tmp_path: Path) -> None:
    fitting = Fitting(configuration, MEL, heard_of(configuration, "train"))
    fitting.run(Validation(heard_of(configuration, "validate"), configuration.augment, MEL, seed=1), ignore)
    best = build_with_head(MEL, configuration.dimensions)
    assert -1 <= read_network(configuration.out, best).figures.unrelated <= 1
    best = without_head(best, configuration.dimensions)
    model = tmp_path / "trained.tflite"
    export(best, None, MEL, model, CARD)
    encoder = Encoder(model)
    front_end = FrontEnd(MEL)
    for song in read_songs(configuration.music)[::4]:
        samples = decode(song.path)[: MEL.window_samples]
        trained = best(front_end(samples[np.newaxis]), training=False).numpy()[0]
        assert np.abs(encoder.encode(samples).embedding - trained).max() < 1e-3


def test_a_run_can_be_taken_up_again(configuration: Configuration) -> None:
    train, points = heard_of(configuration, "train"), list[Point]()
    validation = Validation(heard_of(configuration, "validate"), configuration.augment, MEL, seed=1)
    first = Fitting(configuration, MEL, train)
    first.run(validation, points.append)
    longer = dataclasses.replace(configuration.fit, minutes=2 * configuration.fit.minutes)
    second = Fitting(dataclasses.replace(configuration, fit=longer), MEL, train)
    for mine, theirs in zip(first.network.get_weights(), second.network.get_weights(), strict=True):
        assert np.array_equal(mine, theirs)
    taken_up = len(points)
    second.run(validation, points.append)
    assert points[taken_up].step > points[taken_up - 1].step
    assert points[taken_up].minutes > points[taken_up - 1].minutes
    curve = [json.loads(line) for line in curve_file(configuration.out).read_text(encoding="utf-8").splitlines()]
    assert [point["step"] for point in curve] == [point.step for point in points]


def test_a_run_of_another_network_is_not_taken_up(configuration: Configuration) -> None:
    train = heard_of(configuration, "train")
    Fitting(configuration, MEL, train).run(
        Validation(heard_of(configuration, "validate"), configuration.augment, MEL, seed=1), ignore
    )
    with pytest.raises(TrainingError, match="of another network"):
        Fitting(dataclasses.replace(configuration, dimensions=100), MEL, train)
    with pytest.raises(TrainingError, match="of another kind"):
        read_network(configuration.out, build_with_head(MEL, 100))


def test_without_a_run_there_is_no_network(configuration: Configuration) -> None:
    with pytest.raises(TrainingError, match=r"run python -m livedj\.train first"):
        read_network(configuration.out, build_with_head(MEL, configuration.dimensions))


def test_songs_learn_to_attract_themselves(configuration: Configuration) -> None:
    heard = heard_of(configuration, "train")
    batch = Batches(heard, configuration, MEL, seed=1).draw(MEL.frames)
    fitting = Fitting(configuration, MEL, heard)
    losses = [fitting.learn(batch, 2e-3) for _ in range(12)]
    assert losses[-1] < losses[0] - 0.1


def test_the_average_follows_slowly(configuration: Configuration) -> None:
    heard = heard_of(configuration, "train")
    fitting = Fitting(configuration, MEL, heard)
    source = Batches(heard, configuration, MEL, seed=1)
    kernels = [fitting.network.trainable_variables[0].numpy()]
    for _ in range(8):
        fitting.learn(source.draw(108), 2e-3)
        kernels.append(fitting.network.trainable_variables[0].numpy())
    fitted = fitting._fitted.trainable_variables[0].numpy()
    assert np.abs(fitted - kernels[1]).mean() > np.abs(kernels[-1] - kernels[1]).mean() > 0


def test_the_card_tells_sizes_and_checksum(tmp_path: Path) -> None:
    model = tmp_path / "untrained.tflite"
    sha256 = export(build_network(MEL, 100), None, MEL, model, CARD)
    card = json.loads(card_path(model).read_text(encoding="utf-8"))
    assert card["sha256"] == sha256
    assert card["dimensions"] == 100
    assert card["bytes"] == model.stat().st_size
    assert card["parameters"] > 300_000
    names = ["untrained.json", "untrained.tflite", "untrained.weights.h5"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
