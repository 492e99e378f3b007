"""Front end, trained network and its music head become one .tflite file with its card; the weights lie beside them."""

import contextlib
import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path

import keras
import tensorflow as tf

from livedj.ear.encoder import MelParams, card_path
from livedj.train.frontend import FrontEnd
from livedj.train.network import FEATURES


class Quantisation(StrEnum):
    """How a model's weights are stored."""

    FLOAT32 = "float32"
    FLOAT16 = "float16"
    """Halved; widened again when the model is loaded."""
    DYNAMIC_RANGE = "dynamic_range"
    """As 8 bit integers; large products are computed with integers."""


def convert(
    network: keras.Model,
    music_head: keras.Model | None,
    mel: MelParams,
    quantisation: Quantisation = Quantisation.FLOAT32,
) -> bytes:
    """Return `network` behind the front end as a .tflite file: samples (1, 110,250) -> embedding, log-mel, music.

    `music_head`: its features -> probability of music (see `livedj.train.music`); without it that output is absent.
    """
    samples = keras.Input(batch_shape=(1, mel.window_samples), dtype="float32", name="samples")
    log_mel = FrontEnd(mel)(samples)
    known = keras.Model(network.input, [network.output, network.get_layer(FEATURES).output])
    embedding, features = known(log_mel)
    music = [] if music_head is None else [music_head(features)]
    # from_keras_model, not from_concrete_functions: with Keras 3 the latter has dropped all weights without a word.
    converter = tf.lite.TFLiteConverter.from_keras_model(keras.Model(samples, [embedding, log_mel, *music]))
    if quantisation is not Quantisation.FLOAT32:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if quantisation is Quantisation.FLOAT16:
        converter.target_spec.supported_types = [tf.float16]
    with contextlib.redirect_stdout(io.StringIO()):  # Keras prints a page about every export
        content: bytes = converter.convert()
    return content


def export(
    network: keras.Model,
    music_head: keras.Model | None,
    mel: MelParams,
    model: Path,
    card: Mapping[str, object],
    quantisation: Quantisation = Quantisation.FLOAT32,
) -> str:
    """Write `network` with its head to `model`, card and weights beside it; return the model's sha256.

    The weights are those of `network` alone, to go on training from. `card` holds what the file itself cannot tell;
    sizes and checksum are added here. Each file is complete or not there at all, but a reader who comes between two
    sees a card that does not fit, and is told so.
    """
    content = convert(network, music_head, mel, quantisation)
    sha256 = hashlib.sha256(content).hexdigest()
    model.parent.mkdir(parents=True, exist_ok=True)
    weights = weights_path(model)
    fresh = weights.with_name(f"new.{weights.name}")  # Keras insists on how the name ends
    network.save_weights(fresh)
    fresh.replace(weights)
    if music_head is not None:
        music_head.save(music_path(model))
    _replace(model, content)
    write_card(model, {
        **card,
        "sha256": sha256,
        "dimensions": int(network.output_shape[-1]),
        "parameters": int(network.count_params()),
        "bytes": len(content),
        "mel": asdict(mel),
    })
    return sha256


def weights_path(model: Path) -> Path:
    """Return where the weights of `model`'s network lie."""
    return model.with_suffix(".weights.h5")


def music_path(model: Path) -> Path:
    """Return where the music head of `model` lies, to be joined to networks that are made from it."""
    return model.with_suffix(".music.keras")


def write_card(model: Path, card: Mapping[str, object]) -> None:
    """Write the card of `model`."""
    _replace(card_path(model), (json.dumps(card, indent=1, ensure_ascii=False) + "\n").encode())


def _replace(path: Path, content: bytes) -> None:
    fresh = path.with_name(path.name + ".new")
    fresh.write_bytes(content)
    fresh.replace(path)
