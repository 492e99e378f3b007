"""Teach the network of a taste to reach a song's vector from 5 s of its sound. Resumable."""

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from livedj.ear.encoder import MelParams
from livedj.music import Vectors
from livedj.train.augment import Room
from livedj.train.batches import CONTEXT
from livedj.train.configuration import Augment
from livedj.train.data import normalised, window_at
from livedj.train.taste.excerpts import Excerpt
from livedj.train.taste.network import TasteNetwork
from livedj.train.taste.plan import Plan

SAVE_EVERY = 30.0
"""Seconds of work that an interruption may cost without Ctrl-C, which costs none."""


class Windows:
    """An endless source of windows of songs, each with its song's vector; the same seed gives the same ones."""

    def __init__(
        self, excerpts: Sequence[Excerpt], vectors: Vectors, plan: Plan, augment: Augment, mel: MelParams, seed: int
    ) -> None:
        self._excerpts = excerpts
        self._vectors = vectors
        self._plan = plan
        self._mel = mel
        self._rng = np.random.default_rng(seed)
        self._room = Room(augment, mel, self._rng)

    def draw(self) -> tuple[NDArray[np.float32], Vectors]:
        """Return windows (batch, 96, 216), a share of them heard in a room, and vectors (batch, dimensions)."""
        chosen = self._rng.permutation(len(self._excerpts))[: self._plan.batch]
        windows = np.stack([self._window(self._excerpts[number]) for number in chosen]).astype(np.float32)
        aired = np.flatnonzero(self._rng.random(len(chosen)) < self._plan.aired)
        if len(aired):
            windows[aired] = self._room.hear(windows[aired], windows[self._rng.permutation(aired)])
        return normalised(windows[:, :, CONTEXT:], self._mel.top_db), self._vectors[chosen]

    def _window(self, song: Excerpt) -> NDArray[np.float16]:
        levels = song.intro if self._rng.random() < 0.5 else song.later
        frames = CONTEXT + self._mel.frames
        start = int(self._rng.integers(0, max(0, levels.shape[1] - frames) + 1))
        window: NDArray[np.float16] = window_at(levels, start, frames)
        return window


class Tuning:
    """A run that can be interrupted and taken up again; `folder` belongs to it alone."""

    def __init__(self, network: TasteNetwork, plan: Plan, folder: Path) -> None:
        """Take up the run that `folder` holds, or begin."""
        self._network = network
        self._plan = plan
        self._head = self._optimizer(network.head.trainable_variables)
        self._late = self._optimizer(network.late.trainable_variables)
        self._step = tf.Variable(0, trainable=False, dtype=tf.int64)
        self._elapsed = tf.Variable(0.0, trainable=False, dtype=tf.float64)
        self._checkpoints = tf.train.CheckpointManager(
            tf.train.Checkpoint(
                head=network.head, late=network.late, head_optimizer=self._head, late_optimizer=self._late,
                step=self._step, elapsed=self._elapsed,
            ),
            str(folder),
            max_to_keep=1,
        )  # fmt: skip
        self._checkpoints.restore_or_initialize()

    @property
    def step(self) -> int:
        """Return how many batches were learned from, in all runs together."""
        return int(self._step)

    def run(self, source: Callable[[int], Windows], progress: Callable[[float, float], None]) -> None:
        """Learn until steps or minutes are used up; `source` makes windows from a seed.

        `progress` is told the share that is done and the mean cosine of the last batches.
        """
        plan, began, spent = self._plan, time.monotonic(), float(self._elapsed)
        saved, cosine = spent, 0.0
        try:
            for log_mel, vectors in self._batches(source(plan.seed + self.step)):
                elapsed = spent + time.monotonic() - began
                done = max(self.step / plan.steps, elapsed / (60 * plan.minutes))
                if done >= 1:
                    return
                self._set_rates(done)
                now = 1 - float(self._train_step(log_mel, vectors))
                cosine += (now - cosine) / min(20, self.step + 1)
                self._step.assign_add(1)
                self._elapsed.assign(elapsed)
                progress(done, cosine)
                if elapsed - saved >= SAVE_EVERY:
                    saved = elapsed
                    self._checkpoints.save()
        finally:
            self._checkpoints.save()

    def _optimizer(self, variables: Sequence[Any]) -> keras.optimizers.Optimizer:
        optimizer = keras.optimizers.AdamW(weight_decay=self._plan.weight_decay, clipnorm=5.0)
        optimizer.exclude_from_weight_decay(var_names=["bias", "beta", "gamma"])
        optimizer.build(variables)
        return optimizer

    def _set_rates(self, done: float) -> None:
        plan = self._plan
        fall = 0.5 * (1 + np.cos(np.pi * done))
        self._head.learning_rate.assign(plan.head_rate * fall)
        self._late.learning_rate.assign(plan.late_rate * fall if done >= plan.head_alone else 0.0)

    def _batches(self, windows: Windows) -> Iterator[Any]:
        """Yield batches that are drawn in another thread."""

        def draw() -> Iterator[Any]:
            while True:
                yield windows.draw()

        shape = self._network.shipped.input_shape[1:]
        signature = (
            tf.TensorSpec((None, *shape), tf.float32),
            tf.TensorSpec((None, self._plan.dimensions), tf.float32),
        )
        return iter(tf.data.Dataset.from_generator(draw, output_signature=signature).prefetch(4))

    @tf.function  # type: ignore[untyped-decorator]  # tensorflow is untyped
    def _train_step(self, log_mel: Any, vectors: Any) -> Any:
        """Return 1 − the mean cosine. Means and deviations of batch normalisation stay as shipped (training=False)."""
        network = self._network
        early = network.early(log_mel, training=False)
        with tf.GradientTape() as tape:
            taste = tf.math.l2_normalize(network.head(network.late(early, training=False)), axis=1)
            loss = 1 - tf.reduce_mean(tf.reduce_sum(taste * vectors, axis=1))
        head, late = network.head.trainable_variables, network.late.trainable_variables
        gradients = tape.gradient(loss, [*head, *late])
        self._head.apply_gradients(zip(gradients[: len(head)], head, strict=True))
        self._late.apply_gradients(zip(gradients[len(head) :], late, strict=True))
        return loss
