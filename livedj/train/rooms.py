"""Rooms that training never saw: `air.py` beside the music, the judge's; or, where it is absent, our own."""

import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from livedj.errors import LiveDjError
from livedj.music import SAMPLE_RATE, Samples
from livedj.train.configuration import Augment
from livedj.train.hearing import hear
from livedj.train.validation import CLEAN, MIDDLE, STRETCH

ROOM = "room"
"""The condition that, with the clean one, sets the card's thresholds: our own room, of any loudness in ROOM_SNR."""
ROOM_SNR = (6.0, 30.0)
"""dB; music that can be heard over its noise."""

Hear = Callable[[Samples, int], Mapping[str, Samples]]
"""A whole song without silence at its ends, and a seed -> a stretch of 15 s from its middle, by condition."""


@dataclass(frozen=True, slots=True)
class Rooms:
    """Where songs are heard for the table."""

    words: str
    """What they are, for a person."""
    noisy: str
    """Name of the condition with music 12 dB above the noise."""
    noisier: str
    """Name of the condition with music 6 dB above the noise."""
    hear: Hear
    spoil: Callable[[Samples, int], Samples]
    """Any sound and a seed -> the sound in a room, 12 dB above the noise."""

    @property
    def table(self) -> tuple[str, str, str]:
        """The conditions of the table."""
        return CLEAN, self.noisy, self.noisier


def rooms_of(augment: Augment, air: Path) -> Rooms:
    """Return the rooms of `air`, the judge's file, or our own where it is absent.

    Raises:
        LiveDjError: the file cannot be loaded.

    """

    def ours(samples: Samples, snr: float, seed: int) -> Samples:
        return hear(samples, augment, np.random.default_rng(seed), snr)

    def calibrating(samples: Samples, seed: int) -> Samples:
        return ours(samples, np.random.default_rng(seed).uniform(*ROOM_SNR), seed)

    def hear_here(track: Samples, seed: int) -> dict[str, Samples]:
        clean = middle(track)
        heard = {CLEAN: clean, "room12": ours(clean, 12.0, seed), "room6": ours(clean, 6.0, seed + 1)}
        return {**heard, ROOM: calibrating(clean, seed + 2)}

    if not air.is_file():
        words = f"{air} is not there: heard in our own room, which training resembles"
        return Rooms(words, "room12", "room6", hear_here, lambda sound, seed: ours(sound, 12.0, seed))
    judge = _load(air)

    def hear_there(track: Samples, seed: int) -> dict[str, Samples]:
        cut = judge.queries(track, seed)
        heard = {name: np.asarray(cut[name], np.float32) for name in (CLEAN, "air12", "air6")}
        return {**heard, ROOM: calibrating(heard[CLEAN], seed + 2)}

    def spoil(sound: Samples, seed: int) -> Samples:
        return np.asarray(judge.air(sound, 12, seed), np.float32)

    return Rooms(f"heard through {air}, which training never saw", "air12", "air6", hear_there, spoil)


def middle(samples: Samples) -> Samples:
    """Return the stretch of a song that is heard."""
    length = round(STRETCH * SAMPLE_RATE)
    start = min(int(MIDDLE * len(samples)), len(samples) - length)
    return samples[start : start + length]


def _load(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location("air", path)
    if spec is None or spec.loader is None:
        raise LiveDjError(f"{path} cannot be loaded: it must be a Python file.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
