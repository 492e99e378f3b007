"""The front end as a layer of the graph: raw samples in, log-mel out, the same live, offline and in training.

The definition is librosa's (`melspectrogram` and `power_to_db(ref=np.max)`): centred frames padded with zeros, a
periodic Hann window, power spectrum, Slaney mel filters of unit area, decibels below the window's maximum, clipped.
"""

from typing import Any

import keras
import librosa
import numpy as np
import tensorflow as tf

from livedj.ear.encoder import MelParams

POWER_FLOOR = 1e-10
"""Least mel power, as in librosa: digital silence becomes an even 0 dB instead of NaN."""


def mel_power(samples: Any, mel: MelParams) -> Any:
    """Return the mel power spectrogram of `samples`, a tensor of shape (…, n): (…, 1 + n // hop, n_mels), linear."""
    half = mel.n_fft // 2
    centred = tf.pad(samples, [[0, 0]] * (len(samples.shape) - 1) + [[half, half]])
    spectrum = tf.signal.stft(centred, mel.n_fft, mel.hop_length, mel.n_fft, tf.signal.hann_window)
    filters = librosa.filters.mel(sr=mel.sample_rate, n_fft=mel.n_fft, n_mels=mel.n_mels)
    return tf.tensordot(tf.square(tf.abs(spectrum)), tf.constant(filters.T, tf.float32), 1)


def decibels(power: Any) -> Any:
    """Return 10·log10 of a power tensor, held above POWER_FLOOR."""
    return tf.math.log(tf.maximum(power, POWER_FLOOR)) * np.float32(10 / np.log(10))


class FrontEnd(keras.layers.Layer):  # type: ignore[misc]  # keras is untyped
    """Samples (batch, 110,250) -> log-mel (batch, 96, 216), in dB below each window's maximum, −80…0."""

    def __init__(self, mel: MelParams, **kwargs: Any) -> None:
        super().__init__(trainable=False, **kwargs)
        self.mel = mel

    def call(self, samples: Any) -> Any:
        """Return the log-mel of `samples`."""
        level = tf.transpose(decibels(mel_power(samples, self.mel)), [0, 2, 1])
        below = level - tf.reduce_max(level, axis=[1, 2], keepdims=True)
        return tf.maximum(below, -self.mel.top_db)
