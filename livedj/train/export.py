"""Front end and trained network become one .tflite file with its card."""

import contextlib
import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import keras
import tensorflow as tf

from livedj.ear.encoder import MelParams, card_path
from livedj.train.frontend import FrontEnd


def convert(network: keras.Model, mel: MelParams) -> bytes:
    """Return `network` behind the front end as a .tflite file: samples (1, 110,250) -> embedding, log-mel."""
    samples = keras.Input(batch_shape=(1, mel.window_samples), dtype="float32", name="samples")
    log_mel = FrontEnd(mel)(samples)
    # from_keras_model, not from_concrete_functions: with Keras 3 the latter has dropped all weights without a word.
    converter = tf.lite.TFLiteConverter.from_keras_model(keras.Model(samples, [network(log_mel), log_mel]))
    with contextlib.redirect_stdout(io.StringIO()):  # Keras prints a page about every export
        content: bytes = converter.convert()
    return content


def export(network: keras.Model, mel: MelParams, model: Path, card: Mapping[str, object]) -> str:
    """Write `network` to `model` and its card beside it; return the model's sha256.

    `card` holds what the file itself cannot tell; sizes and checksum are added here. Each file is complete or not
    there at all, but a reader who comes between the two sees a card that does not fit, and is told so.
    """
    content = convert(network, mel)
    sha256 = hashlib.sha256(content).hexdigest()
    model.parent.mkdir(parents=True, exist_ok=True)
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


def write_card(model: Path, card: Mapping[str, object]) -> None:
    """Write the card of `model`."""
    _replace(card_path(model), (json.dumps(card, indent=1, ensure_ascii=False) + "\n").encode())


def _replace(path: Path, content: bytes) -> None:
    fresh = path.with_name(path.name + ".new")
    fresh.write_bytes(content)
    fresh.replace(path)
