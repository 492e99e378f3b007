"""A sample of songs by real sound: played into the virtual room, recorded from its microphone."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import librosa
import numpy as np
from tqdm import tqdm

from livedj.demo.room import MIC, VirtualRoom
from livedj.errors import RoomError
from livedj.music import Samples, Seconds
from livedj.train.data import QUIET

SAMPLE = 20
_LATE = Seconds(30.0)
"""A stretch of 15 s that still plays after this time hangs."""


def sample(count: int) -> list[int]:
    """Return which of `count` songs are played: SAMPLE of them, spread evenly over the collections."""
    return sorted({int(place) for place in np.linspace(0, count - 1, SAMPLE)})


def record(stretches: Sequence[Samples]) -> list[Samples]:
    """Play each stretch into the virtual room and return what its microphone delivers, in real time.

    Raises:
        RoomError: the room cannot be set up, or loses the sound.

    """
    with VirtualRoom() as room, TemporaryDirectory() as folder:
        return [_pass(room, stretch, Path(folder) / "heard.wav") for stretch in tqdm(stretches, "real passes")]


def _pass(room: VirtualRoom, stretch: Samples, path: Path) -> Samples:
    recording = room.record(path, MIC)
    # Headroom: what is above full scale would be clipped on the way, and the model does not hear loudness.
    player = room.play(0.5 * stretch / np.abs(stretch).max())
    ended = player.wait(_LATE)
    heard: Samples = librosa.effects.trim(recording.stop(), top_db=QUIET)[0]
    if not ended or len(heard) < 0.9 * len(stretch):
        raise RoomError("The virtual room lost the sound: try again on a machine that is less busy.")
    return heard[: len(stretch)]
