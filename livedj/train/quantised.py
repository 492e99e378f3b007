"""What smaller weights cost: the shipped network exported in every quantisation, side by side."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import keras
import numpy as np

from livedj.ear.encoder import Encoder, MelParams
from livedj.ear.vector import INTRO_WINDOWS
from livedj.music import WINDOW_SAMPLES
from livedj.train.bootstrap import Interval
from livedj.train.export import Quantisation, export
from livedj.train.listening import Take, embed_with, figures_of, listen
from livedj.train.measures import Measure

ROUNDS = 100
PLACEHOLDER = {"within_track_p01": 0.0, "same_track": 0.0, "unrelated": 0.0}


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to store the weights."""

    bytes: int
    milliseconds: float
    """Median of one window on one core, front end included."""
    figures: Mapping[Measure, Interval]


def compare(network: keras.Model, taken: Sequence[Take], condition: str, folder: Path) -> dict[Quantisation, Variant]:
    """Export `network` in every quantisation, into `folder`, and measure each in one condition."""
    models = {quantisation: folder / f"{quantisation}.tflite" for quantisation in Quantisation}
    for quantisation, model in models.items():
        export(network, None, MelParams(), model, PLACEHOLDER, quantisation)
    encoders = {str(quantisation): Encoder(model) for quantisation, model in models.items()}
    speeds = milliseconds(encoders)
    intros = [
        replace(take, samples=take.samples[: INTRO_WINDOWS * WINDOW_SAMPLES], heard={condition: take.heard[condition]})
        for take in taken
    ]
    figures = figures_of(listen({name: embed_with(encoder) for name, encoder in encoders.items()}, intros))
    return {
        quantisation: Variant(model.stat().st_size, speeds[quantisation], figures[quantisation][condition])
        for quantisation, model in models.items()
    }


def milliseconds(encoders: Mapping[str, Encoder]) -> dict[str, float]:
    """Return how long each takes for one window, the median of many taken by turns: a busy moment hits them all."""
    window = (0.1 * np.random.default_rng(1).standard_normal(WINDOW_SAMPLES)).astype(np.float32)
    spent: dict[str, list[float]] = {name: [] for name in encoders}
    for _ in range(ROUNDS):
        for name, encoder in encoders.items():
            began = time.perf_counter()
            encoder.encode(window)
            spent[name].append(time.perf_counter() - began)
    return {name: 1000 * float(np.median(times)) for name, times in spent.items()}
