"""The network: log-mel of one window -> embedding of unit length."""

from typing import Any

import keras
from keras import ops

from livedj.ear.encoder import MelParams

EDGE_FRAMES = 2
"""Frames at each end of a window that reach into its zero padding; the network does not look at them, so that a window
cut out of a whole track's log-mel (training) and one computed from samples (use) are the same to it."""


class Levels(keras.layers.Layer):  # type: ignore[misc]  # keras is untyped
    """Log-mel (batch, 96, 216) in dB -> two planes of about unit scale, (batch, 96, 212, 2).

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


def _convolve(x: Any, channels: int, stride: int, size: int = 3) -> Any:
    x = keras.layers.Conv2D(channels, size, strides=stride, padding="same", use_bias=False)(x)
    return keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.95)(x))


def build_network(mel: MelParams, dimensions: int) -> keras.Model:
    """Return the untrained network: log-mel (batch, 96, 216) in dB -> unit embedding (batch, dimensions).

    A stem and three strided convolutions bring the picture to 6 bands × 14 time steps; one layer then sees all bands
    of a step, and what remains of time are the statistics of its outputs. About 0.5 million parameters.
    """
    log_mel = keras.Input((mel.n_mels, mel.frames), name="log_mel")
    x = Levels(mel.top_db)(log_mel)
    x = _convolve(x, 24, stride=2, size=5)
    x = _convolve(x, 48, stride=2)
    x = _convolve(x, 96, stride=2)
    x = keras.layers.Add()([x, _convolve(x, 96, stride=1)])
    x = _convolve(x, 160, stride=2)
    x = keras.layers.Permute((2, 1, 3))(x)
    x = keras.layers.Reshape((x.shape[1], x.shape[2] * x.shape[3]))(x)
    x = keras.layers.Dense(192, use_bias=False)(x)
    x = keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.95)(x))
    x = keras.layers.Dense(dimensions)(Statistics(name="features")(x))
    return keras.Model(log_mel, keras.layers.UnitNormalization()(x), name="livedj")
