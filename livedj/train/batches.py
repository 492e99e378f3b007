"""Batches of pairs: two windows of one song each, some of them heard in a room, in groups that go together."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livedj.ear.encoder import MelParams
from livedj.train.augment import Room
from livedj.train.configuration import Configuration
from livedj.train.data import Heard, Levels, normalised
from livedj.train.likeness import Likeness, likeness_of

INTRO_SECONDS = 30.0
CONTEXT = 22
"""Frames before a window (0.5 s) whose reverberation reaches into it."""
_BANDS_A_SEMITONE = 1.2  # above 1 kHz, where the mel scale is logarithmic


@dataclass(frozen=True, slots=True)
class Batch:
    """First windows of `n` songs, then second windows of the same songs."""

    log_mel: NDArray[np.float32]
    """(2·n, 96, frames), dB below each window's maximum."""
    collections: NDArray[np.int32]
    """Number of each song's collection, (n,)."""
    likeness: Likeness
    """How strongly each pair of these songs should attract each other, (n, n)."""


class Batches:
    """An endless source of batches; the same seed gives the same ones."""

    def __init__(self, heard: Sequence[Heard], configuration: Configuration, mel: MelParams, seed: int) -> None:
        self._heard = heard
        self._fit = configuration.fit
        self._augment = configuration.augment
        self._mel = mel
        self._rng = np.random.default_rng(seed)
        self._room = Room(configuration.augment, mel, self._rng)
        self._likeness = likeness_of(heard, configuration.together)
        names = sorted({one.song.collection for one in heard})
        self._collections = np.array([names.index(one.song.collection) for one in heard], np.int32)
        members = defaultdict(list)
        for index, collection in enumerate(self._collections):
            members[int(collection)].append(index)
        self._groups = [group for group in members.values() if len(group) > 1]
        # Between equal chances for each collection and for each song: large ones vary more, small ones are many.
        chances = np.sqrt([len(group) for group in self._groups])
        self._chances = chances / chances.sum()

    def draw(self, frames: int) -> Batch:
        """Return the next batch, of windows of so many frames."""
        chosen = self._choose()
        pairs = [self._pair(self._heard[index].levels, CONTEXT + frames) for index in chosen]
        windows = np.stack([first for first, _ in pairs] + [second for _, second in pairs]).astype(np.float32)
        clean = np.repeat([self._augment.clean_first, self._augment.clean_second], len(chosen))
        aired = np.flatnonzero(self._rng.random(len(windows)) >= clean)
        if len(aired):
            windows[aired] = self._room.hear(windows[aired], windows[self._rng.permutation(aired)])
        return Batch(
            log_mel=normalised(windows[:, :, CONTEXT:], self._mel.top_db),
            collections=self._collections[chosen],
            likeness=self._likeness[np.ix_(chosen, chosen)],
        )

    def _choose(self) -> NDArray[np.int64]:
        """Return different songs, a share of them in groups of one collection."""
        fit = self._fit
        count = min(round(fit.tracks * fit.grouped / fit.group), len(self._groups))
        chosen: list[int] = []
        for number in self._rng.choice(len(self._groups), count, replace=False, p=self._chances):
            group = self._groups[number]
            chosen += list(self._rng.choice(group, min(fit.group, len(group)), replace=False))
        rest = np.setdiff1d(np.arange(len(self._heard)), chosen)
        return np.concatenate([chosen, self._rng.choice(rest, fit.tracks - len(chosen), replace=False)]).astype(int)

    def _pair(self, levels: Levels, frames: int) -> tuple[Levels, Levels]:
        last = max(0, levels.shape[1] - frames)
        intro = min(last, round(INTRO_SECONDS * self._mel.sample_rate / self._mel.hop_length) - frames)
        if last > intro and self._rng.random() < self._fit.intro_pairs:
            starts = self._rng.integers(0, intro + 1), self._rng.integers(intro, last + 1)
        else:
            starts = self._rng.integers(0, last + 1), self._rng.integers(0, last + 1)
        return self._at_some_speed(levels, int(starts[0]), frames), self._at_some_speed(levels, int(starts[1]), frames)

    def _at_some_speed(self, levels: Levels, start: int, frames: int) -> Levels:
        """Return a window of a song played a little faster or slower: the nearest frames, the nearest bands."""
        speed = 1 + self._rng.uniform(-self._augment.speed, self._augment.speed)
        times = start + np.rint(np.arange(frames) * speed).astype(int)
        higher = round(_BANDS_A_SEMITONE * 12 * float(np.log2(speed)))
        bands = np.clip(np.arange(len(levels)) - higher, 0, len(levels) - 1)
        window: Levels = np.take(levels, times, axis=1, mode="wrap")[bands]
        return window
