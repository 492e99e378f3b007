"""The network of a taste: the shipped one, and beside its last layers a copy of them that learns.

    log-mel -> early layers -+-> late layers, as shipped -> embedding as shipped  -+
                             |                                                     +-> embedding with taste
                             +-> late layers, tuned -> vector of the song's taste -+

The two unit vectors are joined at lengths √(1 − w) and √w. The cosine of two joined vectors is then (1 − w) · how alike
they sound + w · how well they go together by the person's lists: what the shipped network knows of rooms and of telling
songs apart cannot be forgotten, only outweighed, and everything else that is computed from its features stays exact.
"""

import warnings
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from typing import Any

import keras

from livedj import bundled
from livedj.ear.encoder import MelParams, read_card
from livedj.errors import ModelError
from livedj.train.export import music_path, weights_path
from livedj.train.network import FEATURES, build_network
from livedj.train.taste.plan import Plan


def shipped_network(model: Path = bundled.MODEL) -> keras.Model:
    """Return the network of a model that livedj trained, from the weights beside it.

    Raises:
        ModelError: the weights are missing, or are not of this network.

    """
    weights = weights_path(model)
    if not weights.is_file():
        raise ModelError(f"The weights {weights} to learn from are missing: put them beside {model.name}.")
    network = build_network(MelParams(), read_card(model).dimensions)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)  # Keras' word for weights that were not found
            network.load_weights(weights)
    except (OSError, ValueError, UserWarning) as error:
        raise ModelError(f"The weights {weights} do not fit the network: install the model again.") from error
    return network


def shipped_music_head(model: Path = bundled.MODEL) -> keras.Model | None:
    """Return what tells music from everything else by the network's features; None where the model has none.

    Raises:
        ModelError: its file is damaged.

    """
    file = music_path(model)
    if not file.is_file():
        return None
    try:
        return keras.saving.load_model(file, compile=False)
    except (OSError, ValueError) as error:
        raise ModelError(f"{file} cannot be read: install the model again.") from error


@dataclass(frozen=True, slots=True)
class TasteNetwork:
    """The parts that are trained and used; they share their layers."""

    shipped: keras.Model
    """Log-mel -> unit embedding as shipped; frozen."""
    early: keras.Model
    """Log-mel -> what both branches begin with; frozen."""
    late: keras.Model
    """That -> features."""
    head: keras.layers.Layer
    """Features -> vector of taste, of any length."""

    @property
    def taste(self) -> slice:
        """Return where in the joined embedding the taste lies."""
        return slice(self.shipped.output_shape[-1], None)

    def joined(self, weight: float) -> keras.Model:
        """Return log-mel -> unit embedding, (batch, shipped dimensions + dimensions of taste); `weight` is taste's."""
        taste = keras.layers.UnitNormalization()(self.head(self.late(self.early.output)))
        parts = [
            keras.layers.Rescaling(sqrt(1 - weight))(self.shipped.output),
            keras.layers.Rescaling(sqrt(weight))(taste),
        ]
        return keras.Model(self.shipped.input, keras.layers.Concatenate()(parts), name="livedj_taste")


def grow(shipped: keras.Model, twin: keras.Model, plan: Plan) -> TasteNetwork:
    """Return the network of a taste, not yet trained; of `twin`, loaded a second time, the late layers are taken."""
    cut = _cut(shipped, plan.late)
    shipped.trainable = False
    early = keras.Model(shipped.input, shipped.layers[cut].output)
    late = keras.Model(twin.layers[cut].output, twin.get_layer(FEATURES).output)
    head = keras.layers.Dense(plan.dimensions, name="taste")
    head.build(late.output_shape)
    return TasteNetwork(shipped, early, late, head)


def _cut(network: keras.Model, share: float) -> int:
    """Return the number of the last layer that all paths go through and that has this share of weights behind it."""
    features = network.get_layer(FEATURES)
    whole = keras.Model(network.input, features.output).count_params()
    behind = [_behind(layer, features) for layer in network.layers]
    return max(number for number, count in enumerate(behind) if count >= share * whole)


def _behind(layer: Any, features: Any) -> int:
    """Return how many weights lie between two layers; −1 where some path goes around the first, or none through it."""
    try:
        count: int = keras.Model(layer.output, features.output).count_params()
    except ValueError:  # Keras' word for: not connected
        return -1
    return count
