"""Validation while training: the program's task on cached log-mels, with rooms drawn once."""

from collections.abc import Sequence

import keras
import numpy as np
from numpy.typing import NDArray

from livedj.ear.encoder import MelParams
from livedj.ear.vector import WINDOW
from livedj.music import Seconds, Vectors
from livedj.train.augment import Room
from livedj.train.batches import CONTEXT
from livedj.train.configuration import Augment
from livedj.train.data import Heard, Levels, normalised, window_at
from livedj.train.measures import Calibration, Listening, Retrieval, calibration, retrieval

STRIDE = Seconds(2.5)
STRETCH = Seconds(15.0)
MIDDLE = 0.55
"""Where in a song the stretch begins that is heard."""
LEAST = Seconds(75.0)
"""Shorter songs are left out: their middle would lie in their intro."""
CLEAN, AIRED = "clean", "aired"


class Validation:
    """The windows of the validation songs, ready to be embedded."""

    def __init__(self, heard: Sequence[Heard], augment: Augment, mel: MelParams, seed: int) -> None:
        self._mel = mel
        long_enough = [one for one in heard if one.levels.shape[1] >= LEAST * mel.sample_rate / mel.hop_length]
        self._collections = [one.song.collection for one in long_enough]
        stretches = np.stack([self._stretch(one.levels) for one in long_enough]).astype(np.float32)
        # The next song, softly, where a room has a second one in it.
        aired = Room(augment, mel, np.random.default_rng(seed)).hear(stretches, np.roll(stretches, 1, axis=0))
        self._windows: list[NDArray[np.float16]] = []
        self._shapes: list[tuple[int, int]] = []
        for song, clean, air in zip(long_enough, stretches, aired, strict=True):
            stored = range(0, song.levels.shape[1] - mel.frames, mel.frames - 1)
            moments = np.arange(0.0, STRETCH - WINDOW + STRIDE / 2, STRIDE)
            live = [CONTEXT + round(at * mel.sample_rate / mel.hop_length) for at in moments]
            self._shapes.append((len(stored), len(live)))
            self._windows += [self._window(song.levels, at) for at in stored]
            self._windows += [self._window(clean, at) for at in live] + [self._window(air, at) for at in live]

    def measure(self, network: keras.Model) -> tuple[Retrieval, Retrieval, Calibration]:
        """Return retrieval with clean stretches and through the air, and the card's figures."""
        vectors = np.asarray(network.predict(np.stack(self._windows), batch_size=96, verbose=0), np.float32)
        listenings = self._listenings(vectors)
        return (
            retrieval(listenings, CLEAN, STRIDE),
            retrieval(listenings, AIRED, STRIDE),
            calibration(listenings, (CLEAN, AIRED), STRIDE),
        )

    def _listenings(self, vectors: Vectors) -> list[Listening]:
        listenings, at = [], 0
        for collection, (stored, live) in zip(self._collections, self._shapes, strict=True):
            parts = np.split(vectors[at : at + stored + 2 * live], [stored, stored + live])
            listenings.append(Listening(collection, parts[0], {CLEAN: parts[1], AIRED: parts[2]}))
            at += stored + 2 * live
        return listenings

    def _stretch(self, levels: Levels) -> Levels:
        start = round(MIDDLE * levels.shape[1]) - CONTEXT
        frames = CONTEXT + round(STRETCH * self._mel.sample_rate / self._mel.hop_length) + 2
        return window_at(levels, start, frames)

    def _window(self, levels: Levels, start: int) -> NDArray[np.float16]:
        window = window_at(levels, start, self._mel.frames)
        return normalised(window, self._mel.top_db).astype(np.float16)
