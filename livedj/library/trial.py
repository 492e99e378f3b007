"""A model that a person brings is tried out before anything is changed, in a process of its own that it may harm."""

import contextlib
import math
import multiprocessing
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from livedj.ear.encoder import Encoder, ModelCard, card_path
from livedj.errors import ModelError
from livedj.library.worker import prepare
from livedj.music import SAMPLE_RATE, WINDOW_SAMPLES, Samples, Seconds, Vectors

TIME_LIMIT = Seconds(120.0)
"""A model that takes longer to load and to hear a few windows is given up."""
SLOWEST = Seconds(0.25)
"""Twice a second a window is heard live: a model that takes half of that keeps up on a machine that is busy."""

_UNIT_WITHIN = 0.01
# The length of an embedding may differ from 1 by so much: float16 weights, and no more.
_SAME_ABOVE = 0.9999
# Cosine above which two vectors are the same vector.


@dataclass(frozen=True, slots=True)
class Trial:
    """What the trial has found."""

    card: ModelCard
    seconds: Seconds
    """The model took for a window, median."""
    lacks: tuple[str, ...]
    """What livedj can do without, in sentences."""


def try_out(model: Path) -> Trial:
    """Check that livedj can hear with this model: its card, what goes in and comes out, and that it keeps up.

    Raises:
        ModelError: it cannot, for a reason that the sentence tells.

    """
    spawn = multiprocessing.get_context("spawn")
    receiver, sender = spawn.Pipe(duplex=False)
    process = spawn.Process(target=_run, args=(model, sender), daemon=True)
    process.start()
    sender.close()
    try:
        if not receiver.poll(TIME_LIMIT):
            raise ModelError(f"{model} was given up: a few windows took it longer than {TIME_LIMIT:.0f} s.")
        found: Trial | ModelError = receiver.recv()
    except EOFError as error:
        raise ModelError(f"{model} makes TensorFlow Lite crash: export it again, or choose another model.") from error
    finally:
        process.kill()
        process.join()
        receiver.close()
    if isinstance(found, ModelError):
        raise found
    return found


def _run(model: Path, sender: Connection) -> None:
    """Try the model out in this process, which is a worker's like a scanner's, with its limits."""
    prepare()
    with contextlib.closing(sender):
        try:
            sender.send(examine(model))
        except ModelError as error:
            sender.send(error)
        except Exception as error:  # noqa: BLE001 the one handler of this process: whatever a foreign model brings about
            sender.send(ModelError(f"{model} cannot be run ({type(error).__name__}: {error}): choose another model."))


def examine(model: Path) -> Trial:
    """Try a model out in this process. Raises ModelError as `try_out` does."""
    encoder = Encoder(model)
    _check_card(model, encoder.card)
    answers, seconds = [], []
    for sound in _sounds():
        began = time.perf_counter()
        answers.append(encoder.encode(sound))
        seconds.append(time.perf_counter() - began)
    _check_embeddings(model, np.stack([answer.embedding for answer in answers]))
    median = Seconds(float(np.median(seconds)))
    if median > SLOWEST:
        raise ModelError(
            f"{model} takes {median:.1f} s for a window, and livedj hears two in a second: choose a smaller model."
        )
    lacks = {
        "It has no log-mel output, so the window shows no picture.": answers[0].log_mel is None,
        "It has no music output, so speech counts as music.": not encoder.tells_music,
    }
    return Trial(encoder.card, median, tuple(sentence for sentence, true in lacks.items() if true))


def _sounds() -> list[Samples]:
    """Return windows that no ear takes for each other: noise, a deep and a high tone, beats; and the noise again."""
    time_axis = np.arange(WINDOW_SAMPLES) / SAMPLE_RATE
    noise = 0.1 * np.random.default_rng(0).standard_normal(WINDOW_SAMPLES)
    deep, high = (0.5 * np.sin(2 * math.pi * hertz * time_axis) for hertz in (110.0, 3520.0))
    beats = noise * (time_axis % 0.5 < 0.05)
    return [np.asarray(sound, np.float32) for sound in (noise, deep, high, beats, noise)]


def _check_card(model: Path, card: ModelCard) -> None:
    cosines = {name: getattr(card, name) for name in ("within_track_p01", "same_track", "unrelated")}
    for name, cosine in cosines.items():
        if not -1 <= cosine < 1:  # also where it is no number
            raise ModelError(
                f"The card {card_path(model).name} says {name} = {cosine}, which is no cosine below 1: measure anew."
            )


def _check_embeddings(model: Path, embeddings: Vectors) -> None:
    """Check the vectors of `_sounds`."""
    if not np.isfinite(embeddings).all():
        raise ModelError(f"{model} answers a sound with numbers that are not finite: train or export it again.")
    lengths = np.linalg.norm(embeddings, axis=1)
    if np.abs(lengths - 1).max() > _UNIT_WITHIN:
        raise ModelError(
            f"{model} answers with vectors of length {lengths.min():.2f} to {lengths.max():.2f} where livedj needs 1: "
            "end the network with a unit normalisation."
        )
    *different, again = embeddings
    cosines = np.stack(different) @ np.stack(different).T
    if cosines.min() > _SAME_ABOVE:
        raise ModelError(f"{model} answers noise and tones with one and the same vector: train it anew.")
    if different[0] @ again < _SAME_ABOVE:
        raise ModelError(
            f"{model} answers the same sound with another vector each time: export it for inference, without dropout."
        )
