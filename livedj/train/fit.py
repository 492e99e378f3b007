"""Fit the network: two windows of one song attract each other, songs that go together attract each other too.

Resumable; the network that counts is a moving average of the one that is fitted. Written in Keras alone, it runs on
whichever back end Keras has.
"""

import json
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from livedj.ear.encoder import MelParams
from livedj.errors import TrainingError
from livedj.train.batches import Batch, Batches
from livedj.train.configuration import Configuration
from livedj.train.data import Heard
from livedj.train.losses import alike, contrast, divergence
from livedj.train.measures import Calibration
from livedj.train.network import build_with_head
from livedj.train.validation import Validation

_WEIGHTS = "network.weights.h5"
_FIGURES = "network.json"

Build = Callable[[MelParams, int], keras.Model]
"""Makes an untrained network for a number of dimensions."""
Learner = Callable[[keras.Model, Configuration], keras.Model]
"""Gives a network its loss: returns a model that holds it and has `compute_loss`."""


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


@dataclass(frozen=True, slots=True)
class Stage:
    """What was measured of a run's network when it was last looked at."""

    point: Point
    figures: Calibration


class Pairs(keras.Model):  # type: ignore[misc]  # keras is untyped
    """The network with its losses: learns from log-mels of pairs of windows and what is known of their songs."""

    def __init__(self, network: keras.Model, configuration: Configuration) -> None:
        super().__init__()
        self.network = network
        self._temperature = configuration.fit.temperature
        self._together = configuration.together

    def call(self, log_mel: Any, training: bool = False) -> Any:
        """Return the embeddings of `log_mel`."""
        return self.network(log_mel, training=training)

    def compute_loss(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None, training: bool = True) -> Any:
        """Return the loss of a batch; `y`: collections (n,) and likeness (n, n) of its songs."""
        del x, sample_weight, training
        songs = ops.tile(ops.arange(ops.shape(y["collections"])[0]), [2])
        same_song = alike(songs)
        same_collection = alike(ops.tile(y["collections"], [2]))
        cosines = ops.matmul(y_pred, ops.transpose(y_pred))
        itself = ops.eye(ops.shape(cosines)[0])
        # Other songs of the collection are no strangers: they are left out where a song is told from all others.
        candidates = 1 - itself - (same_collection - same_song)
        loss = contrast(cosines, same_song - itself, candidates, self._temperature)
        likeness = ops.tile(y["likeness"], [2, 2])
        together = self._together
        return loss + together.weight * divergence(
            cosines, likeness, 1 - same_song, self._temperature, together.temperature
        )


class Fitting:
    """A training run that can be interrupted and taken up again."""

    def __init__(
        self,
        configuration: Configuration,
        mel: MelParams,
        train: Sequence[Heard],
        build: Build = build_with_head,
        learner: Learner = Pairs,
    ) -> None:
        """Take up the run that was left in `configuration.out`, or begin one.

        Raises:
            TrainingError: the run that was left is of another network.

        """
        self._configuration = configuration
        self._fit = configuration.fit
        self._mel = mel
        self._train = train
        keras.utils.set_random_seed(configuration.seed)
        self.network = build(mel, configuration.dimensions)
        """The moving average."""
        self._fitted = build(mel, configuration.dimensions)
        self._fitted.set_weights(self.network.get_weights())
        self._optimizer = keras.optimizers.AdamW(weight_decay=self._fit.weight_decay, clipnorm=5.0)
        self._optimizer.exclude_from_weight_decay(var_names=["bias", "beta", "gamma"])
        self._learner = learner(self._fitted, configuration)
        self._optimizer.build(self._learner.trainable_variables)
        self._learner.compile(optimizer=self._optimizer, jit_compile=False)  # XLA makes convolutions slow on a CPU
        self._elapsed, self._step = 0.0, 0
        self._state = configuration.out / "state.npz"
        if self._state.is_file():
            self._take_up()

    def run(self, validation: Validation, progress: Callable[[Point], None]) -> None:
        """Train until the run's minutes are used up; look at the network now and then, and keep it (`read_network`)."""
        budget, began, spent = self._fit.minutes * 60, time.monotonic(), self._elapsed
        losses: list[float] = []
        validated = spent
        for batch in self._batches(budget):
            self._elapsed = spent + time.monotonic() - began
            losses.append(self.learn(batch, self._rate(self._elapsed / budget)))
            over = self._elapsed >= budget
            if over or self._elapsed - validated >= self._fit.validate_every:
                self._validate(validation, float(np.mean(losses)), progress)
                losses.clear()
                validated = self._elapsed
            if over:
                return

    def learn(self, batch: Batch, rate: float) -> float:
        """Take one step with a batch; return its loss."""
        self._optimizer.learning_rate.assign(rate)
        known = {"collections": batch.collections, "likeness": batch.likeness}
        loss = float(self._learner.train_on_batch(batch.log_mel, known))
        self._step += 1
        share = max(1 - self._fit.average, 1 / self._step)
        for mean, value in zip(self.network.weights, self._fitted.weights, strict=True):
            mean.assign(mean + share * (value - mean))
        return loss

    def _validate(self, validation: Validation, loss: float, progress: Callable[[Point], None]) -> None:
        clean, aired, figures = validation.measure(self.network)
        point = Point(
            minutes=self._elapsed / 60,
            step=self._step,
            loss=loss,
            own_in_ten_clean=clean.own_in_ten,
            own_in_ten=aired.own_in_ten,
            own_rank=aired.own_rank,
            collection_p10=aired.collection_p10,
        )
        with curve_file(self._configuration.out).open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(point)) + "\n")
        progress(point)
        _keep_network(self._configuration.out, self.network, Stage(point, figures))
        self._keep()

    def _rate(self, progress: float) -> float:
        """Return the learning rate: a linear warm-up, then half a cosine down to zero."""
        warm_up = self._fit.warm_up
        if progress < warm_up:
            return self._fit.rate * (progress + 1e-3) / warm_up
        return self._fit.rate * 0.5 * (1 + float(np.cos(np.pi * min(1.0, (progress - warm_up) / (1 - warm_up)))))

    def _batches(self, budget: float) -> Iterator[Batch]:
        """Yield batches, each drawn in another thread meanwhile; a run taken up again goes on with other ones."""
        source = Batches(self._train, self._configuration, self._mel, self._configuration.seed + self._step)
        with ThreadPoolExecutor(1) as drawing:
            upcoming = drawing.submit(source.draw, self._frames(budget))
            while True:
                batch = upcoming.result()
                upcoming = drawing.submit(source.draw, self._frames(budget))
                yield batch

    def _frames(self, budget: float) -> int:
        """Return how long a window is at this stage of the run."""
        if self._elapsed >= self._fit.whole_from * budget:
            return self._mel.frames
        return round(self._fit.crop * self._mel.frames)

    def _variables(self) -> list[Any]:
        return [*self.network.weights, *self._learner.weights, *self._optimizer.variables]

    def _keep(self) -> None:
        """Write down the state of the run, whole or not at all."""
        arrays = {str(number): value.numpy() for number, value in enumerate(self._variables())}
        fresh = self._state.with_name("state.new.npz")
        np.savez(fresh, elapsed=self._elapsed, step=self._step, **arrays)
        fresh.replace(self._state)

    def _take_up(self) -> None:
        with np.load(self._state) as kept:
            variables = self._variables()
            fits = len(kept.files) == len(variables) + 2 and all(
                kept[str(number)].shape == tuple(value.shape) for number, value in enumerate(variables)
            )
            if not fits:
                raise TrainingError(f"{self._state} is of another network: remove it, or name another folder in `out`.")
            for number, value in enumerate(variables):
                value.assign(kept[str(number)])
            self._elapsed, self._step = float(kept["elapsed"]), int(kept["step"])


def curve_file(out: Path) -> Path:
    """Return where the learning curve is kept, one JSON object a line."""
    return out / "curve.jsonl"


def read_network(out: Path, network: keras.Model) -> Stage:
    """Load what the run in `out` has come to into `network`; return what was measured of it.

    Raises:
        TrainingError: there is none yet, or it is of another network.

    """
    try:
        kept = json.loads((out / _FIGURES).read_text(encoding="utf-8"))
        with warnings.catch_warnings(action="ignore"):  # Keras warns of what it is about to raise
            network.load_weights(out / _WEIGHTS)
    except FileNotFoundError as error:
        raise TrainingError(f"{out} holds no trained network yet: run python -m livedj.train first.") from error
    except ValueError as error:
        raise TrainingError(f"The network in {out} is of another kind than the configuration's.") from error
    return Stage(Point(**kept["point"]), Calibration(**kept["figures"]))


def _keep_network(out: Path, network: keras.Model, stage: Stage) -> None:
    network.save_weights(out / f"new.{_WEIGHTS}")  # Keras insists on how the name ends
    (out / f"new.{_WEIGHTS}").replace(out / _WEIGHTS)
    (out / _FIGURES).write_text(json.dumps(asdict(stage), indent=1) + "\n", encoding="utf-8")
