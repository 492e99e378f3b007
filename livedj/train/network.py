"""The network: log-mel of one window -> embedding of unit length."""

from typing import Any

import keras
from keras import ops

from livedj.ear.encoder import MelParams

FEATURES = "features"
"""Name of the layer in every network that embedding and probability of music are computed from."""
EMBEDDING = "embedding"
"""Name of the layer that makes the embedding of them, not yet of unit length."""
MAPS = "maps"
"""Name of the last convolution's output."""
REGIONS = 3
EDGE_FRAMES = 2
"""Frames at each end of a window that reach into its zero padding; the network does not look at them, so that a window
cut out of a whole track's log-mel (training) and one computed from samples (use) are the same to it."""


class Levels(keras.layers.Layer):  # type: ignore[misc]  # keras is untyped
    """Log-mel (batch, 96, frames) in dB -> two planes of about unit scale, (batch, 96, frames − 4, 2).

    The first plane is the log-mel, the second the same less each band's mean over time: what a room, a loudspeaker or
    an equaliser adds to a band in decibels falls out of it (cepstral mean normalisation).
    """

    def __init__(self, top_db: float, **kwargs: Any) -> None:
        super().__init__(trainable=False, **kwargs)
        self.top_db = top_db

    def call(self, log_mel: Any) -> Any:
        """Return the two planes."""
        level = log_mel[:, :, EDGE_FRAMES:-EDGE_FRAMES]
        deviation = level - ops.mean(level, axis=2, keepdims=True)
        return ops.stack([(level + self.top_db / 2) / 20.0, deviation / 10.0], axis=-1)


class Statistics(keras.layers.Layer):  # type: ignore[misc]  # keras is untyped
    """Features over time (batch, time, n) -> their means and standard deviations, (batch, 2·n)."""

    def call(self, features: Any) -> Any:
        """Return means and deviations."""
        mean = ops.mean(features, axis=1)
        variance = ops.mean(ops.square(features - mean[:, None]), axis=1)
        return ops.concatenate([mean, ops.sqrt(variance + 1e-5)], axis=-1)


class RegionStatistics(keras.layers.Layer):  # type: ignore[misc]  # keras is untyped
    """Maps (batch, bands, time, n) -> means and deviations over time in bass, middle and treble, (batch, 3·2·n)."""

    def call(self, maps: Any) -> Any:
        """Return means and deviations."""
        mean = ops.mean(maps, axis=2)
        variance = ops.mean(ops.square(maps - mean[:, :, None]), axis=2)
        bands = ops.concatenate([mean, ops.sqrt(variance + 1e-5)], axis=-1)
        regions = ops.reshape(bands, (-1, REGIONS, bands.shape[1] // REGIONS, bands.shape[2]))
        return ops.reshape(ops.mean(regions, axis=2), (-1, REGIONS * bands.shape[2]))


def _convolve(x: Any, channels: int, stride: int, size: int = 3, name: str | None = None) -> Any:
    x = keras.layers.Conv2D(channels, size, strides=stride, padding="same", use_bias=False)(x)
    return keras.layers.ReLU(name=name)(keras.layers.BatchNormalization(momentum=0.95)(x))


def build_network(mel: MelParams, dimensions: int) -> keras.Model:
    """Return the untrained network: log-mel (batch, 96, frames) in dB -> unit embedding (batch, dimensions).

    Its features are the statistics over time of what the convolutions see in bass, middle and treble; the embedding is
    a linear map of them. It takes windows of any length; in use they have 216 frames.
    """
    log_mel, maps = _trunk(mel)
    return _in_use(log_mel, maps, dimensions)


def build_with_head(mel: MelParams, dimensions: int) -> keras.Model:
    """Return the network as it is fitted: the same convolutions, but another way on to a unit embedding.

    What the losses are computed from forgets whatever they do not ask for, and serves strangers worse than the layer
    before (a projection head, as in SimCLR: Chen et al. 2020, section 4.2). So one layer that sees all bands of a step
    and the statistics of its outputs stand between, and are left behind: see `without_head`.
    """
    log_mel, maps = _trunk(mel)
    x = keras.layers.Permute((2, 1, 3))(maps)
    x = keras.layers.Reshape((-1, x.shape[2] * x.shape[3]))(x)
    x = keras.layers.Dense(192, use_bias=False)(x)
    x = keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.95)(x))
    x = keras.layers.Dense(dimensions)(Statistics()(x))
    return keras.Model(log_mel, keras.layers.UnitNormalization()(x), name="livedj_with_head")


def without_head(fitted: keras.Model, dimensions: int) -> keras.Model:
    """Return the network in use with the convolutions of `fitted`; its last layer is still to be computed."""
    return _in_use(fitted.input, fitted.get_layer(MAPS).output, dimensions)


def _trunk(mel: MelParams) -> tuple[Any, Any]:
    """Return input and maps (batch, 6, frames / 16, 160): a stem and four convolutions, about 0.3 million weights."""
    log_mel = keras.Input((mel.n_mels, None), name="log_mel")
    x = Levels(mel.top_db)(log_mel)
    x = _convolve(x, 24, stride=2, size=5)
    x = _convolve(x, 48, stride=2)
    x = _convolve(x, 96, stride=2)
    x = keras.layers.Add()([x, _convolve(x, 96, stride=1)])
    return log_mel, _convolve(x, 160, stride=2, name=MAPS)


def _in_use(log_mel: Any, maps: Any, dimensions: int) -> keras.Model:
    x = keras.layers.Dense(dimensions, name=EMBEDDING)(RegionStatistics(name=FEATURES)(maps))
    return keras.Model(log_mel, keras.layers.UnitNormalization()(x), name="livedj")
