"""Is it music? The network's second output: fitted after it, on its frozen features; and how well it tells.

Music is a window of a song, clean, with people behind it, or heard in a room. The opposite is what a room sounds like
without music (`livedj.train.noises`), clean or heard in the same rooms.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray

from livedj.ear.encoder import Encoder, MelParams
from livedj.ear.gate import MUSIC
from livedj.music import SAMPLE_RATE, WINDOW_SAMPLES, Samples, Seconds
from livedj.train.augment import Room
from livedj.train.batches import CONTEXT
from livedj.train.configuration import Configuration
from livedj.train.data import Heard, Levels, levels_of, normalised, window_at
from livedj.train.network import FEATURES
from livedj.train.noises import KINDS, Noises
from livedj.train.voices import TRAINING, UNSEEN

EXAMPLES = 4000
"""Windows of music, and as many of everything else."""
CLEAN = 0.3
"""Share of examples that no room has changed."""
BEHIND = 0.5
"""Share of music with people or noise behind it."""
SNR = (3.0, 30.0)
"""dB by which the music is louder than those."""
SOUNDS = 160
"""Sounds of each kind that the examples are cut from."""
SOUND = Seconds(6.5)
CAUTION = 2.0
"""How much worse it is to take talk for music, which moves the running vector, than to miss music for a stride."""
_BATCH = 100
_HIDDEN = 64
_EPOCHS = 150
_RATE = 0.01
_WEIGHT_DECAY = 1e-3

MEASURED = 40
"""Sounds of each kind that a model is measured with."""
WARM = Seconds(1.0)
"""Of reverberation before a window that is measured."""


@dataclass(frozen=True, slots=True)
class MusicFigures:
    """How well single windows are told apart."""

    balanced_accuracy: float
    """Mean of the share of music that passes for music and the share of the rest that does not; kinds count equally."""
    recall: Mapping[str, float]
    """By `music` and the names of `noises.KINDS`: the share that is taken for what it is."""


def fit_music(
    network: keras.Model, mel: MelParams, music: Sequence[Heard], configuration: Configuration, seed: int
) -> keras.Model:
    """Return a head for `network`: its features (batch, n) -> probability of music (batch, 1).

    `network` stays as it is. Takes about a minute on two cores.

    Raises:
        TrainingError: espeak-ng, which speaks where there is no music, is missing.

    """
    extract = keras.Model(network.input, network.get_layer(FEATURES).output)
    features, labels = [], []
    for windows, label in _examples(music, configuration, mel, seed):
        features.append(keras.ops.convert_to_numpy(extract(windows, training=False)))
        labels.append(np.full(len(windows), label, np.float32))
    return _fit_head(np.concatenate(features), np.concatenate(labels), seed)


def measure_music(
    encoder: Encoder, music: Iterable[Samples], hear: Callable[[Samples, int], Samples], seed: int = 0
) -> MusicFigures:
    """Measure how well `encoder` tells `music`, stretches of at least 6 s, from sounds with voices it never met.

    `hear`: a sound and a seed -> the sound as it is heard; music and everything else goes through it alike.
    """
    noises = Noises(UNSEEN, seed)
    length = Seconds(WARM + WINDOW_SAMPLES / SAMPLE_RATE)
    sounds = {kind: [noises.draw(kind, length) for _ in range(MEASURED)] for kind in KINDS}
    rooms = iter(range(seed, 2**31))

    def share(heard: Iterable[Samples]) -> float:
        """Return the share of sounds whose windows pass for music."""
        return float(np.mean([_passes(encoder, hear(sound, next(rooms))) for sound in heard]))

    recall = {"music": share(music), **{kind: 1 - share(heard) for kind, heard in sounds.items()}}
    others = float(np.mean([recall[kind] for kind in KINDS]))
    return MusicFigures((recall["music"] + others) / 2, recall)


def _passes(encoder: Encoder, heard: Samples) -> float:
    """Return the share of windows without overlap that pass for music, after the reverberation has built up."""
    starts = range(round(WARM * SAMPLE_RATE), len(heard) - WINDOW_SAMPLES + 1, WINDOW_SAMPLES)
    windows = [heard[start : start + WINDOW_SAMPLES] for start in starts]
    return float(np.mean([encoder.encode(window).music >= MUSIC for window in windows]))


def _examples(
    music: Sequence[Heard], configuration: Configuration, mel: MelParams, seed: int
) -> Iterator[tuple[NDArray[np.float32], float]]:
    """Yield batches of log-mels (batch, 96, 216) of music and of everything else by turns, each with its label."""
    rng = np.random.default_rng(seed)
    room = Room(configuration.augment, mel, rng)
    songs = [one.levels for one in music]
    noises = Noises(TRAINING, seed)
    sounds = [levels_of(noises.draw(kind, SOUND), mel) for kind in KINDS for _ in range(SOUNDS)]
    for _ in range(EXAMPLES // _BATCH):
        playing, behind = _cut(songs, mel, rng), _cut(sounds, mel, rng)
        accompanied = rng.random(_BATCH) < BEHIND
        playing[accompanied] = room.behind(playing[accompanied], behind[accompanied], SNR)
        yield _aired(playing, room, mel, rng), 1.0
        yield _aired(_cut(sounds, mel, rng), room, mel, rng), 0.0


def _cut(sources: Sequence[Levels], mel: MelParams, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return stretches from anywhere in any of `sources`, one window and what reverberates into it each."""
    frames = CONTEXT + mel.frames
    chosen = [sources[index] for index in rng.integers(len(sources), size=_BATCH)]
    starts = [int(rng.integers(max(1, one.shape[1] - frames + 1))) for one in chosen]
    stretches = [window_at(one, start, frames) for one, start in zip(chosen, starts, strict=True)]
    return np.stack(stretches).astype(np.float32)


def _aired(
    stretches: NDArray[np.float32], room: Room, mel: MelParams, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return the windows of `stretches`, most of them as heard in rooms with another of them behind."""
    aired = np.flatnonzero(rng.random(len(stretches)) >= CLEAN)
    stretches[aired] = room.hear(stretches[aired], stretches[rng.permutation(aired)])
    return normalised(stretches[:, :, CONTEXT:], mel.top_db)


def _fit_head(features: NDArray[np.float32], labels: NDArray[np.float32], seed: int) -> keras.Model:
    """Fit one small hidden layer on standardised features, all examples at once: no order that chance decides."""
    scale = keras.layers.Normalization(mean=features.mean(axis=0), variance=features.var(axis=0) + 1e-6)
    hidden = keras.layers.Dense(
        _HIDDEN,
        activation="relu",
        kernel_initializer=keras.initializers.GlorotUniform(seed),
        kernel_regularizer=keras.regularizers.L2(_WEIGHT_DECAY),
    )
    inputs = keras.Input(features.shape[1:], name=FEATURES)
    outputs = keras.layers.Dense(1, activation="sigmoid", kernel_initializer="zeros")(hidden(scale(inputs)))
    fitting = keras.Model(inputs, outputs)
    fitting.compile(keras.optimizers.Adam(_RATE), "binary_crossentropy")
    caution = np.where(labels > 0, 1.0, CAUTION)
    fitting.fit(features, labels, len(labels), _EPOCHS, verbose=0, shuffle=False, sample_weight=caution)
    return keras.Model(inputs, outputs, name="music")  # its weights without the optimizer's
