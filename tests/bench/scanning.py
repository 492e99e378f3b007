"""What a scan costs, song by song beside what decoding and bliss cost, on the same files and one core.

The files: recordings of ../shared/music, repeated to 200 s, as stereo mp3 of 44.1 kHz. bliss comes with the extra
`bench`; without it, its lines say so.
"""

import csv
import importlib.util
import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from unittest import mock

import av
import numpy as np
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from livedj.ear.encoder import Encoder
from livedj.library import analysis
from livedj.library.analysis import analyse, analyse_intro
from livedj.library.decode import decode
from livedj.music import WINDOW_SAMPLES, Seconds
from tests.library.sounds import write

SONGS, SECONDS, RATE = 12, 200, 44_100
WINDOWS = SECONDS // 5
INTRO_WINDOWS = 6
Figures = Iterator[tuple[str, float | None, str, str]]
T = TypeVar("T")


def scanning(songs: Sequence[Path], folder: Path) -> Figures:
    """Yield name, value, unit and target of each figure: medians over the songs of what each took, and their ratios."""
    files = [make_long(song, folder / f"{number}.mp3") for number, song in enumerate(songs[:: len(songs) // SONGS])]
    with one_core():
        took = {name: 1000 * float(np.median(seconds)) for name, seconds in measured(files).items()}
    for name, milliseconds in took.items():
        yield f"{name}, a song of {SECONDS} s", milliseconds, "ms", "–"
    bliss = took.get("bliss")
    decoding, window = took["decoding"], took["one window"]
    intro, whole = took["intro pass"], took["whole pass, without tempo and key"]
    yield "intro_x_bliss: intro pass, times as fast as bliss", bliss and bliss / intro, "×", "≥ 4"
    yield "whole_x_bliss: whole pass without tempo and key, likewise", bliss and bliss / whole, "×", "≥ 0.7"
    yield "full_x_decode: whole pass with tempo and key, times decoding", took["whole pass"] / decoding, "×", "–"
    intro_least = took["decoding 30 s"] + INTRO_WINDOWS * window
    whole_least = decoding + (WINDOWS - INTRO_WINDOWS) * window
    yield "intro pass, times decoding and its windows", intro / intro_least, "×", "≤ 1.3"
    yield "whole pass without tempo and key, times decoding and its windows", whole / whole_least, "×", "≤ 1.3"
    if bliss is None:
        yield "bliss beside it: needs .venv/bin/pip install -e .[bench]", None, "", "–"


def measured(files: Sequence[Path]) -> dict[str, list[float]]:
    """Return the seconds that each step took for each file, all steps of one file in a row."""
    encoder, took = Encoder(), defaultdict[str, list[float]](list)
    analyse(files[0], encoder)  # loads and compiles what the first song ever waits for
    for path in files:
        if importlib.util.find_spec("bliss_audio"):
            import bliss_audio

            took["bliss"].append(timed(bliss_audio.Song, str(path))[0])
        seconds, samples = timed(decode, path)
        took["decoding"].append(seconds)
        took["decoding 30 s"].append(timed(decode, path, Seconds(0.0), Seconds(30.0))[0])
        windows = samples[: WINDOWS * WINDOW_SAMPLES].reshape(-1, WINDOW_SAMPLES)
        took["one window"].append(timed(lambda windows: [*map(encoder.encode, windows)], windows)[0] / len(windows))
        seconds, intro = timed(analyse_intro, path, encoder)
        took["intro pass"].append(seconds)
        beats, key = (mock.patch.object(analysis, name, return_value=None) for name in ("find_beats", "find_key"))
        with beats, key:
            took["whole pass, without tempo and key"].append(timed(analyse, path, encoder, intro.windows)[0])
        took["whole pass"].append(timed(analyse, path, encoder, intro.windows)[0])
    return dict(took)


def timed(step: Callable[..., T], *arguments: Any) -> tuple[float, T]:
    """Return how many seconds a step took, and what it returned."""
    began = time.perf_counter()
    done = step(*arguments)
    return time.perf_counter() - began, done


def make_long(song: Path, path: Path) -> Path:
    """Write SECONDS of a song, over and over, as stereo mp3."""
    sound = stereo(song)
    times = -(-SECONDS * RATE // sound.shape[1])
    return write(path, np.ascontiguousarray(np.tile(sound, (1, times))[:, : SECONDS * RATE]))


def stereo(song: Path) -> NDArray[np.float32]:
    """Return a song's sound, shape (2, n), at RATE."""
    fit = AudioResampler(format="fltp", layout="stereo", rate=RATE)
    with av.open(str(song)) as container:
        blocks = [block.to_ndarray() for frame in container.decode(audio=0) for block in fit.resample(frame)]
    return np.concatenate(blocks, axis=1).astype(np.float32)


@contextmanager
def one_core() -> Iterator[None]:
    """Keep this process, and the threads that it starts, on one core, where the system can."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def recordings(music: Path) -> list[Path]:
    """Return the recordings of a minute and more."""
    with (music / "tracks.csv").open(encoding="utf-8", newline="") as lines:
        return [music / row["file"] for row in csv.DictReader(lines) if float(row["kept_seconds"]) >= 60]
