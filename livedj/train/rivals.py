"""Other networks, and an auto-encoder's way to learn, for comparison. They take windows of 216 frames only."""

from typing import Any

import keras
from keras import ops

from livedj.ear.encoder import MelParams
from livedj.train.configuration import Configuration
from livedj.train.network import Levels, Statistics

_SIZE = 4
"""Bands and frames that an auto-encoder sees as one: it is to remember the picture, not every speck."""


def separable(mel: MelParams, dimensions: int) -> keras.Model:
    """Return the network of the idea's author: three separable convolutions, pooled; all of it into 1,024, then 100.

    After `AudioEncoder` of Deej-AI (github.com/teticio/Deej-AI); `dimensions` outputs in place of his 100.
    """
    log_mel, x = _input(mel)
    for channels in (32, 64, 128):
        x = keras.layers.SeparableConv2D(channels, 3, padding="same")(x)
        x = keras.layers.LeakyReLU(0.2)(keras.layers.BatchNormalization(momentum=0.95)(x))
        x = keras.layers.Dropout(0.2)(keras.layers.MaxPooling2D(2)(x))
    x = keras.layers.BatchNormalization(momentum=0.95)(keras.layers.Flatten()(x))
    return _model(log_mel, keras.layers.Dense(1024, activation="relu")(x), dimensions, "separable")


def one_dimensional(mel: MelParams, dimensions: int) -> keras.Model:
    """Return convolutions over time alone: the bands of a frame are its channels."""
    log_mel, x = _input(mel)
    x = keras.layers.Permute((2, 1, 3))(x)
    x = keras.layers.Reshape((x.shape[1], x.shape[2] * x.shape[3]))(x)
    for channels, size in ((192, 5), (224, 3), (256, 3)):
        x = keras.layers.Conv1D(channels, size, strides=2, padding="same", use_bias=False)(x)
        x = keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.95)(x))
    return _model(log_mel, Statistics()(x), dimensions, "one_dimensional")


def two_dimensional(mel: MelParams, dimensions: int) -> keras.Model:
    """Return convolutions over bands and time that end in one mean and one maximum of each channel."""
    log_mel, x = _input(mel)
    for channels in (24, 48, 96, 192, 256):
        x = keras.layers.Conv2D(channels, 3, strides=2, padding="same", use_bias=False)(x)
        x = keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.95)(x))
    pooled = [keras.layers.GlobalAveragePooling2D()(x), keras.layers.GlobalMaxPooling2D()(x)]
    return _model(log_mel, keras.layers.Concatenate()(pooled), dimensions, "two_dimensional")


class Reconstruction(keras.Model):  # type: ignore[misc]  # keras is untyped
    """Learns by drawing the log-mel, coarsely, from its embedding again: no pairs, no labels."""

    def __init__(self, network: keras.Model, _configuration: Configuration) -> None:
        super().__init__()
        self.network = network
        self.decoder = _decoder(network.output_shape[-1])

    def call(self, log_mel: Any, training: bool = False) -> Any:
        """Return the pictures drawn from the embeddings of `log_mel`."""
        return self.decoder(self.network(log_mel, training=training), training=training)

    def compute_loss(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None, training: bool = True) -> Any:
        """Return the mean square of what was drawn wrongly."""
        del y, sample_weight, training
        coarse = ops.average_pool(x[..., None], _SIZE, _SIZE)
        return ops.mean(ops.square((coarse + 40.0) / 20.0 - y_pred))


def _decoder(dimensions: int) -> keras.Model:
    embedding = keras.Input((dimensions,))
    x = keras.layers.Dense(6 * 14 * 64, activation="relu")(embedding)
    x = keras.layers.Reshape((6, 14, 64))(x)
    for channels in (48, 24):
        x = keras.layers.Conv2DTranspose(channels, 3, strides=2, padding="same", use_bias=False)(x)
        x = keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.95)(x))
    x = keras.layers.Cropping2D(((0, 0), (1, 1)))(x)
    return keras.Model(embedding, keras.layers.Conv2D(1, 3, padding="same")(x))


def _input(mel: MelParams) -> tuple[Any, Any]:
    log_mel = keras.Input((mel.n_mels, mel.frames), name="log_mel")
    return log_mel, Levels(mel.top_db)(log_mel)


def _model(log_mel: Any, features: Any, dimensions: int, name: str) -> keras.Model:
    embedding = keras.layers.UnitNormalization()(keras.layers.Dense(dimensions)(features))
    return keras.Model(log_mel, embedding, name=name)
