"""The training music: what tracks.csv says of it, and every track's log-mel, computed once and kept."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from livedj.ear.encoder import MelParams
from livedj.errors import TrainingError
from livedj.library.decode import decode
from livedj.music import Samples
from livedj.train.frontend import decibels, mel_power

Levels = NDArray[np.floating]
"""Mel power in dB (not yet relative to a maximum), shape (…, 96, frames)."""

QUIET = 60.0
"""dB below the track's loudest frame: what lies below at either end is silence."""


@dataclass(frozen=True, slots=True)
class Song:
    """One line of tracks.csv."""

    path: Path
    split: str
    collection: str
    style: str
    """One coarse word, empty where nobody gave one."""
    artist: str
    licence: str
    repository: str


@dataclass(frozen=True, slots=True)
class Heard:
    """A song with its log-mel, leading and trailing silence removed."""

    song: Song
    levels: NDArray[np.float16]
    """dB, not relative to a maximum, shape (96, frames)."""


def read_songs(music: Path) -> list[Song]:
    """Read `tracks.csv` of the folder `music`.

    Raises:
        TrainingError: there is none.

    """
    if not (music / "tracks.csv").is_file():
        raise TrainingError(f"{music} holds no tracks.csv to train from: name another folder in the configuration.")
    with (music / "tracks.csv").open(encoding="utf-8", newline="") as file:
        return [
            Song(
                path=music / row["file"],
                split=row["split"],
                collection=row["collection"],
                style=row["style"],
                artist=row["artist"],
                licence=row["licence"],
                repository=row["repo"],
            )
            for row in csv.DictReader(file)
        ]


def cached(songs: Sequence[Song], folder: Path, mel: MelParams) -> Iterator[Heard]:
    """Yield every song with its log-mel, from `folder` where it was kept by an earlier run."""
    for song in songs:
        kept = folder / song.path.parent.name / f"{song.path.stem}.npy"
        if not kept.is_file():
            kept.parent.mkdir(parents=True, exist_ok=True)
            fresh = kept.with_suffix(".new.npy")
            np.save(fresh, trimmed(levels_of(decode(song.path), mel)).astype(np.float16))
            fresh.replace(kept)
        yield Heard(song, np.load(kept))


def levels_of(samples: Samples, mel: MelParams) -> Levels:
    """Return the mel power of a whole track in dB, shape (96, frames)."""
    levels: Levels = decibels(mel_power(tf.constant(samples), mel)).numpy().T
    return levels


def trimmed(levels: Levels) -> Levels:
    """Return `levels` without the silent frames at either end."""
    loudness = levels.max(axis=0)
    sounding = np.flatnonzero(loudness > loudness.max() - QUIET)
    return levels[:, sounding[0] : sounding[-1] + 1]


def window_at(levels: Levels, start: int, frames: int) -> Levels:
    """Return `frames` frames from `start` on; a track that is too short is repeated."""
    return np.take(levels, np.arange(start, start + frames), axis=1, mode="wrap")


def normalised(levels: Levels, top_db: float) -> NDArray[np.float32]:
    """Return windows (…, 96, frames) in dB below each one's own maximum, as the front end delivers them."""
    below = levels - levels.max(axis=(-2, -1), keepdims=True)
    log_mel: NDArray[np.float32] = np.maximum(below, -top_db).astype(np.float32)
    return log_mel
