"""Fit the network: two windows of one song attract each other, others repel. Resumable; keeps the best so far."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from livedj.ear.encoder import MelParams
from livedj.train.batches import Batches
from livedj.train.configuration import Configuration
from livedj.train.data import Heard
from livedj.train.measures import Calibration
from livedj.train.network import build_network
from livedj.train.validation import Validation


@dataclass(frozen=True, slots=True)
class Point:
    """One point of the learning curve."""

    minutes: float
    step: int
    loss: float
    own_in_ten_clean: float
    own_in_ten: float
    own_rank: float
    collection_p10: float

    @property
    def score(self) -> float:
        """What the best network is chosen by: both aims of retrieval, through the air."""
        return (self.own_rank + self.collection_p10) / 2


def contrast(embeddings: Any, positives: Any, temperature: float) -> Any:
    """Return the supervised contrastive loss (Khosla et al. 2020, eq. 2); with one positive each it is NT-Xent.

    `positives`: (n, n), 1 where row and column should attract; rows without any are left out, the diagonal is ignored.
    """
    logits = tf.matmul(embeddings, embeddings, transpose_b=True) / temperature
    itself = tf.eye(tf.shape(logits)[0])
    log_share = logits - tf.reduce_logsumexp(logits - 1e9 * itself, axis=1, keepdims=True)
    positives = positives * (1 - itself)
    count = tf.reduce_sum(positives, axis=1)
    each = -tf.reduce_sum(positives * log_share, axis=1) / tf.maximum(count, 1.0)
    return tf.reduce_sum(each) / tf.maximum(tf.reduce_sum(tf.cast(count > 0, tf.float32)), 1.0)


def alike(labels: Any) -> Any:
    """Return the matrix of pairs with the same label, (n, n); a negative label is like none."""
    same = (labels[:, None] == labels[None, :]) & (labels[:, None] >= 0)
    return tf.cast(same, tf.float32)


class Fitting:
    """A training run that can be interrupted and taken up again."""

    def __init__(self, configuration: Configuration, mel: MelParams, train: Sequence[Heard]) -> None:
        self._configuration = configuration
        self._fit = configuration.fit
        self._mel = mel
        self._train = train
        keras.utils.set_random_seed(configuration.seed)
        self.network = build_network(mel, configuration.dimensions)
        self._optimizer = keras.optimizers.AdamW(weight_decay=self._fit.weight_decay, clipnorm=5.0)
        self._optimizer.exclude_from_weight_decay(var_names=["bias", "beta", "gamma"])
        self._optimizer.build(self.network.trainable_variables)
        self._elapsed = tf.Variable(0.0, trainable=False, dtype=tf.float64)
        self._step = tf.Variable(0, trainable=False, dtype=tf.int64)
        self._best = tf.Variable(-1.0, trainable=False, dtype=tf.float64)
        self._checkpoints = tf.train.CheckpointManager(
            tf.train.Checkpoint(
                network=self.network, optimizer=self._optimizer, elapsed=self._elapsed, step=self._step, best=self._best
            ),
            str(configuration.out / "checkpoints"),
            max_to_keep=2,
        )
        self._checkpoints.restore_or_initialize()

    def run(
        self,
        validation: Validation,
        better: Callable[[keras.Model, Point, Calibration], None],
        progress: Callable[[Point], None],
    ) -> None:
        """Train until the run's minutes are used up; call `better` with every network that beats those before."""
        budget, began, spent = self._fit.minutes * 60, time.monotonic(), float(self._elapsed)
        losses: list[float] = []
        validated = spent
        for log_mel, collections, styles in self._batches():
            elapsed = spent + time.monotonic() - began
            self._optimizer.learning_rate.assign(self._rate(elapsed / budget))
            losses.append(float(self._train_step(log_mel, collections, styles)))
            self._step.assign_add(1)
            self._elapsed.assign(elapsed)
            if elapsed - validated >= self._fit.validate_every or elapsed >= budget:
                validated = elapsed
                self._validate(validation, float(np.mean(losses)), better, progress)
                losses.clear()
            if elapsed >= budget:
                return

    def _validate(
        self,
        validation: Validation,
        loss: float,
        better: Callable[[keras.Model, Point, Calibration], None],
        progress: Callable[[Point], None],
    ) -> None:
        clean, aired, figures = validation.measure(self.network)
        point = Point(
            minutes=float(self._elapsed) / 60,
            step=int(self._step),
            loss=loss,
            own_in_ten_clean=clean.own_in_ten,
            own_in_ten=aired.own_in_ten,
            own_rank=aired.own_rank,
            collection_p10=aired.collection_p10,
        )
        with curve_file(self._configuration.out).open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(point)) + "\n")
        progress(point)
        if point.score > float(self._best):
            self._best.assign(point.score)
            better(self.network, point, figures)
        self._checkpoints.save()

    def _rate(self, progress: float) -> float:
        """Return the learning rate: a linear warm-up, then half a cosine down to zero."""
        warm_up = self._fit.warm_up
        if progress < warm_up:
            return self._fit.rate * (progress + 1e-3) / warm_up
        return self._fit.rate * 0.5 * (1 + float(np.cos(np.pi * min(1.0, (progress - warm_up) / (1 - warm_up)))))

    def _batches(self) -> Iterator[Any]:
        """Yield batches that are drawn in another thread; a run taken up again goes on with other ones."""
        mel, count = self._mel, self._fit.tracks
        source = Batches(self._train, self._configuration, mel, self._configuration.seed + int(self._step))

        def draw() -> Iterator[Any]:
            while True:
                batch = source.draw()
                yield batch.log_mel, batch.collections, batch.styles

        signature = (
            tf.TensorSpec((2 * count, mel.n_mels, mel.frames), tf.float32),
            tf.TensorSpec((count,), tf.int32),
            tf.TensorSpec((count,), tf.int32),
        )
        return iter(tf.data.Dataset.from_generator(draw, output_signature=signature).prefetch(4))

    @tf.function  # type: ignore[untyped-decorator]  # tensorflow is untyped
    def _train_step(self, log_mel: Any, collections: Any, styles: Any) -> Any:
        with tf.GradientTape() as tape:
            embeddings = self.network(log_mel, training=True)
            loss = self._loss(embeddings, collections, styles)
        variables = self.network.trainable_variables
        self._optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        return loss

    def _loss(self, embeddings: Any, collections: Any, styles: Any) -> Any:
        fit = self._fit
        tracks = tf.tile(tf.range(tf.shape(collections)[0]), [2])
        same_track = alike(tracks)
        loss = contrast(embeddings, same_track, fit.temperature)
        for labels, weight in ((collections, fit.collection_weight), (styles, fit.style_weight)):
            loss += weight * contrast(embeddings, alike(tf.tile(labels, [2])) * (1 - same_track), fit.temperature)
        return loss


def curve_file(out: Path) -> Path:
    """Return where the learning curve is kept, one JSON object a line."""
    return out / "curve.jsonl"
