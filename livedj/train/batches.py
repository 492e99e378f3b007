"""Batches of pairs: two windows of one song each, some of them heard in a room."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livedj.ear.encoder import MelParams
from livedj.train.augment import Room
from livedj.train.configuration import Configuration
from livedj.train.data import Heard, Levels, normalised, window_at

INTRO_SECONDS = 30.0
CONTEXT = 22
"""Frames before a window (0.5 s) whose reverberation reaches into it."""


@dataclass(frozen=True, slots=True)
class Batch:
    """First windows of `n` songs, then second windows of the same songs."""

    log_mel: NDArray[np.float32]
    """(2·n, 96, 216), dB below each window's maximum."""
    collections: NDArray[np.int32]
    """Number of each song's collection, (n,)."""
    styles: NDArray[np.int32]
    """Number of each song's style, −1 where nobody gave one, (n,)."""


class Batches:
    """An endless source of batches; the same seed gives the same ones."""

    def __init__(self, heard: Sequence[Heard], configuration: Configuration, mel: MelParams, seed: int) -> None:
        self._heard = heard
        self._configuration = configuration
        self._mel = mel
        self._rng = np.random.default_rng(seed)
        self._room = Room(configuration.augment, mel, self._rng)
        self._collections = _numbered([one.song.collection for one in heard])
        self._styles = _numbered([one.song.style for one in heard])
        self._members = defaultdict(list)
        for index, collection in enumerate(self._collections):
            self._members[int(collection)].append(index)
        self._large = [collection for collection, members in self._members.items() if len(members) > 1]

    def draw(self) -> Batch:
        """Return the next batch."""
        chosen = self._choose()
        pairs = [self._pair(self._heard[index].levels) for index in chosen]
        windows = np.stack([first for first, _ in pairs] + [second for _, second in pairs]).astype(np.float32)
        augment, count = self._configuration.augment, len(chosen)
        clean = np.repeat([augment.clean_first, augment.clean_second], count)
        aired = np.flatnonzero(self._rng.random(2 * count) >= clean)
        if len(aired):
            windows[aired] = self._room.hear(windows[aired], windows[self._rng.permutation(aired)])
        return Batch(
            log_mel=normalised(windows[:, :, CONTEXT:], self._mel.top_db),
            collections=self._collections[chosen],
            styles=self._styles[chosen],
        )

    def _choose(self) -> NDArray[np.int64]:
        """Return different songs, a share of them two by two from one collection."""
        fit = self._configuration.fit
        pairs = round(fit.tracks * fit.collection_pairs / 2)
        collections = self._rng.choice(self._large, min(pairs, len(self._large)), replace=False)
        chosen = [index for one in collections for index in self._rng.choice(self._members[int(one)], 2, replace=False)]
        rest = np.setdiff1d(np.arange(len(self._heard)), chosen)
        return np.concatenate([chosen, self._rng.choice(rest, fit.tracks - len(chosen), replace=False)]).astype(int)

    def _pair(self, levels: Levels) -> tuple[Levels, Levels]:
        frames = CONTEXT + self._mel.frames
        last = max(0, levels.shape[1] - frames)
        intro = min(last, round(INTRO_SECONDS * self._mel.sample_rate / self._mel.hop_length) - frames)
        if last > intro and self._rng.random() < self._configuration.fit.intro_pairs:
            starts = self._rng.integers(0, intro + 1), self._rng.integers(intro, last + 1)
        else:
            starts = self._rng.integers(0, last + 1), self._rng.integers(0, last + 1)
        return window_at(levels, int(starts[0]), frames), window_at(levels, int(starts[1]), frames)


def _numbered(names: Sequence[str]) -> NDArray[np.int32]:
    numbers = {name: number for number, name in enumerate(sorted(set(names) - {""}))}
    return np.array([numbers.get(name, -1) for name in names], np.int32)
