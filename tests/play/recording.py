"""What is heard of a deck in the room."""

from pathlib import Path

import numpy as np

from livedj.demo.room import VirtualRoom
from livedj.music import Samples
from tests.play.bench import VlcBench


def peak(sound: Samples) -> float:
    return float(np.max(np.abs(sound), initial=0.0))


def recorded(room: VirtualRoom, bench: VlcBench, path: Path, seconds: float = 1.0) -> Samples:
    recording = room.record(path, "dj.monitor")
    bench.pass_by(seconds)
    return recording.stop()
