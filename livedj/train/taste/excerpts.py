"""The sound of a song, as much of it as is learned from: log-mels of its intro and of a later stretch."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from livedj.ear.encoder import MelParams
from livedj.errors import DecodeError, Remedy
from livedj.library.decode import claimed_duration, decode
from livedj.library.files import shown
from livedj.music import SAMPLE_RATE, Seconds
from livedj.train.batches import INTRO_SECONDS
from livedj.train.data import levels_of, trimmed
from livedj.train.validation import LEAST, MIDDLE

LATER = Seconds(30.0)
"""Length of the stretch from the middle on."""
SHORTEST = Seconds(5.0)
_SILENCE = Seconds(5.0)
# Room for silence before the first sound.


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What is kept of one song; of a short one, the two parts overlap or are the same."""

    intro: NDArray[np.float16]
    """Log-mel of the first 30 s, dB, not relative to a maximum, (96, frames)."""
    later: NDArray[np.float16]
    """Log-mel of 30 s from 55 % on, likewise."""
    apart: bool
    """Whether the song is long enough for the two to be apart, so that one may look for the other."""


def excerpt(path: Path, mel: MelParams, folder: Path) -> Excerpt:
    """Return the excerpt of a song, from `folder` where an earlier run kept it.

    Raises:
        DecodeError: the file cannot be decoded, or holds too little sound.

    """
    try:
        status = path.stat()
    except OSError as error:
        raise DecodeError(f"{shown(path)} cannot be read: {error.strerror}.", Remedy.DRIVE) from error
    key = b"%s %d %d" % (os.fsencode(path), status.st_mtime_ns, status.st_size)
    kept = folder / f"{hashlib.sha256(key).hexdigest()[:20]}.npz"
    if kept.is_file():
        with np.load(kept) as parts:
            return Excerpt(parts["intro"], parts["later"], bool(parts["apart"]))
    fresh = _read(path, mel)
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = kept.with_suffix(".new.npz")
    np.savez(unfinished, intro=fresh.intro, later=fresh.later, apart=np.array(fresh.apart))
    unfinished.replace(kept)
    return fresh


def _read(path: Path, mel: MelParams) -> Excerpt:
    intro = decode(path, Seconds(0.0), Seconds(INTRO_SECONDS + _SILENCE))
    if len(intro) < SHORTEST * SAMPLE_RATE or not np.any(intro):
        raise DecodeError(f"{shown(path)} holds too little sound to learn from.", Remedy.NOTHING)
    duration = claimed_duration(path) or Seconds(0.0)
    later = decode(path, Seconds(min(MIDDLE * duration, max(0.0, duration - LATER))), LATER)
    if len(later) < SHORTEST * SAMPLE_RATE or not np.any(later):  # the claim was wrong, or only silence follows
        duration, later = Seconds(0.0), intro
    frames = round(INTRO_SECONDS * mel.sample_rate / mel.hop_length)
    return Excerpt(
        intro=trimmed(levels_of(intro, mel))[:, :frames].astype(np.float16),
        later=trimmed(levels_of(later, mel)).astype(np.float16),
        apart=duration >= LEAST,
    )
