import csv
import dataclasses
import wave
from pathlib import Path

import numpy as np
import pytest

from livedj.music import SAMPLE_RATE, Samples
from livedj.train.configuration import Configuration, read_configuration

COLLECTIONS = {"train": ("low", "high"), "validate": ("middle", "hiss")}
SONGS = 3
SECONDS = 80


def song(collection: str, number: int) -> Samples:
    """80 s of a melody in the collection's register, or of coloured noise, different for every number."""
    rng = np.random.default_rng([number, len(collection)])
    count = SECONDS * SAMPLE_RATE
    if collection == "hiss":
        return np.asarray(rng.standard_normal(count) * 0.05 * (1 + number), np.float32)
    base = {"low": 110.0, "middle": 330.0, "high": 880.0}[collection]
    notes = base * 2 ** (rng.integers(0, 12, 4 * SECONDS) / 12)
    phase = 2 * np.pi * np.cumsum(np.repeat(notes, SAMPLE_RATE // 4 + 1)[:count]) / SAMPLE_RATE
    return np.asarray(0.2 * np.sin(phase) + 0.1 * np.sin((2 + number) * phase), np.float32)


@pytest.fixture(scope="session")
def music(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 12 songs with their tracks.csv, as the real music has it."""
    folder = tmp_path_factory.mktemp("music")
    with (folder / "tracks.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["file", "split", "collection", "style", "artist", "licence", "repo"])
        for split, collections in COLLECTIONS.items():
            for collection in collections:
                (folder / collection).mkdir()
                for number in range(SONGS):
                    name = f"{collection}/{number}.wav"
                    _write(folder / name, song(collection, number))
                    rows.writerow([name, split, collection, "", f"artist {number}", "CC0", f"somebody/{collection}"])
    return folder


@pytest.fixture
def configuration(music: Path, tmp_path: Path, mels: Path) -> Configuration:
    """A training run of seconds."""
    shipped = read_configuration()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mels").symlink_to(mels)
    fit = dataclasses.replace(shipped.fit, minutes=0.05, tracks=4, group=2, grouped=1.0, validate_every=1.0)
    return dataclasses.replace(shipped, music=music, out=tmp_path / "out", fit=fit)


@pytest.fixture(scope="session")
def mels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Log-mels are computed once for all tests."""
    return tmp_path_factory.mktemp("mels")


def _write(path: Path, samples: Samples) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes((samples * 32767).astype("<i2").tobytes())
