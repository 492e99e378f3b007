"""`make bench-scale`: the neighbour index and the catalogue at 10,000, 100,000 and a million tracks.

    python -m tests.bench.scale [--tracks N …]

Writes out/scale.json, one row a case. *Realistic* vectors are the mean of two windows of real songs of one style, plus
what a window of some song differs from that song's mean; questions are running vectors of other moments of real songs,
heard through the air at 12 dB. *Isotropic* ones have no neighbourhoods at all: the worst case. Without ../shared the
demo songs stand in for real ones. *Without sound* is what so many songs cost besides hearing them (bookkeeping.py).
"""

import argparse
import csv
import json
import multiprocessing
import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from livedj import bundled
from livedj.demo.room import VirtualRoom
from livedj.demo.songs import folder_in, make_demo_library
from livedj.ear.encoder import Encoder, read_card
from livedj.ear.vector import RunningVector
from livedj.errors import DecodeError
from livedj.library.decode import decode
from livedj.library.index import IntroIndex
from livedj.library.songs import NEIGHBOURS
from livedj.music import SAMPLE_RATE, WINDOW_SAMPLES, Samples, Seconds, Vector, Vectors, unit
from livedj.settings import DATA_FOLDER
from tests.bench.big_library import make_big_library
from tests.bench.bookkeeping import browse, rescan, start
from tests.bench.hour import AIR, Spoil, spoil_of

OUT = Path("out/scale.json")
MUSIC = Path("../shared/music")
SIZES = (10_000, 100_000, 1_000_000)
SONGS, QUESTIONS = 400, 200
INTRO, LATER = Seconds(30.0), Seconds(15.0)
_BLOCK = 50_000


@dataclass(frozen=True, slots=True)
class Material:
    """What vectors are made of."""

    styles: Mapping[str, Vectors]
    """Windows of intros, by style."""
    differences: Vectors
    """Of windows from their song's mean."""
    questions: Vectors
    """Running vectors, unit length."""


def main() -> None:
    """Measure case by case; each is kept as soon as it is known."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.scale", description=__doc__.partition("\n")[0])
    parser.add_argument("--tracks", type=int, nargs="+", default=SIZES)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    rows: list[dict[str, Any]] = []
    for row in measure(parser.parse_args().tracks):
        rows.append(row)
        OUT.parent.mkdir(exist_ok=True)
        OUT.write_text(json.dumps(rows, indent=1), encoding="utf-8")
        print(" ".join(f"{name} {value}" for name, value in row.items()), flush=True)  # noqa: T201


def measure(sizes: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Yield a row for each case."""
    rng = np.random.default_rng(0)
    material = gather(real_songs(), spoil_of(AIR))
    for tracks in sizes:
        for kind in ("realistic", "isotropic"):
            yield case(tracks, kind, material, rng)
        if tracks > SIZES[0]:
            yield without_sound(tracks)


def without_sound(tracks: int) -> dict[str, Any]:
    """What is to be done for so many songs besides hearing them."""
    with tempfile.TemporaryDirectory() as folder, VirtualRoom() as room:
        room.enter_process()
        data, music = Path(folder) / "data", Path(folder) / "music"
        music.mkdir()
        make_big_library(data, tracks, music)
        songs = make_demo_library(folder_in(DATA_FOLDER), lambda done, total: None)
        size = sum(file.stat().st_size for file in data.rglob("*") if file.is_file())
        return {
            "tracks": tracks,
            "kind": "without sound",
            **rescan(data, music),
            **start(room, data, songs[0]),
            **browse(data),
            "mb": round(size / 1e6, 1),
        }


def case(tracks: int, kind: str, material: Material, rng: np.random.Generator) -> dict[str, Any]:
    """Build an index of so many vectors, and ask it in a process of its own."""
    vectors = realistic(material, tracks, rng) if kind == "realistic" else isotropic(tracks, rng)
    questions = material.questions if kind == "realistic" else near(vectors, rng)
    sha256 = read_card(bundled.MODEL).sha256
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        IntroIndex.build(Path(folder), np.arange(tracks), vectors, sha256)
        built = time.perf_counter() - began
        size = sum(file.stat().st_size for file in Path(folder).iterdir())
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            found, seconds, opened, resident = pool.apply(ask, (Path(folder), sha256, questions))
    exact = nearest(vectors, questions, 10)
    recall = np.mean([len(set(ours[:10]) & set(best)) / 10 for ours, best in zip(found, exact.tolist(), strict=True)])
    return {
        "tracks": tracks,
        "kind": kind,
        "recall10": round(float(recall), 4),
        "p50_ms": round(1000 * float(np.median(seconds)), 2),
        "p99_ms": round(1000 * float(np.quantile(seconds, 0.99)), 2),
        "build_s": round(built, 1),
        "mb": round(size / 1e6, 1),
        "open_s": round(opened, 2),
        "resident_mb": round(resident / 1e6, 1),
    }


def ask(folder: Path, sha256: str, questions: Vectors) -> tuple[list[list[int]], list[float], float, int]:
    """Return the tracks found for each question, the seconds each took, those to open, and the bytes of memory."""
    before = _resident()
    began = time.perf_counter()
    index = IntroIndex.open(folder, sha256, questions.shape[1])
    opened = time.perf_counter() - began
    found, seconds = [], []
    for question in [*questions[:20], *questions]:  # the first ones bring the file into memory
        began = time.perf_counter()
        found.append([int(track) for track, _ in index.neighbours(question, NEIGHBOURS)])
        seconds.append(time.perf_counter() - began)
    return found[20:], seconds[20:], opened, _resident() - before


def nearest(vectors: Vectors, questions: Vectors, count: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return the rows of the nearest vectors to each question, by exact search."""
    best = np.zeros((len(questions), 0), np.int64)
    cosines = np.zeros((len(questions), 0), np.float32)
    for begin in range(0, len(vectors), _BLOCK):
        block = questions @ vectors[begin : begin + _BLOCK].T
        cosines = np.concatenate([cosines, block], axis=1)
        best = np.concatenate([best, np.broadcast_to(np.arange(begin, begin + block.shape[1]), block.shape)], axis=1)
        kept = np.argsort(-cosines, axis=1)[:, :count]
        cosines, best = np.take_along_axis(cosines, kept, axis=1), np.take_along_axis(best, kept, axis=1)
    return best


def realistic(material: Material, count: int, rng: np.random.Generator) -> Vectors:
    """Draw `count` vectors, shape (count, dimensions), unit length; styles as often as they have windows."""
    sizes = np.array([len(windows) for windows in material.styles.values()])
    drawn = rng.choice(len(sizes), count, p=sizes / sizes.sum())
    vectors = np.empty((count, material.questions.shape[1]), np.float32)
    for number, windows in enumerate(material.styles.values()):
        rows = np.flatnonzero(drawn == number)
        pairs = windows[rng.integers(0, len(windows), (len(rows), 2))].mean(axis=1)
        spread = material.differences[rng.integers(0, len(material.differences), len(rows))]
        vectors[rows] = unit(pairs + spread)
    return vectors


def isotropic(count: int, rng: np.random.Generator) -> Vectors:
    """Draw vectors in all directions."""
    return unit(rng.standard_normal((count, read_card(bundled.MODEL).dimensions), np.float32))


def near(vectors: Vectors, rng: np.random.Generator) -> Vectors:
    """Draw questions that lie some way off one of the vectors each: a cosine of 0.7."""
    chosen = vectors[rng.integers(0, len(vectors), QUESTIONS)]
    return unit(chosen + isotropic(QUESTIONS, rng))


def gather(songs: Sequence[tuple[Path, str]], spoil: Spoil) -> Material:
    """Hear some songs: their intros clean, a later moment through the air."""
    encoder = Encoder()
    styles, differences = defaultdict[str, list[Vectors]](list), list[Vectors]()
    questions = list[Vector]()
    for number, (path, style) in enumerate(songs):
        try:
            samples = decode(path, seconds=Seconds(INTRO + LATER))
        except DecodeError:
            continue
        if len(samples) < (INTRO + LATER) * SAMPLE_RATE:
            continue
        intro = samples[: round(INTRO * SAMPLE_RATE)]
        windows = np.stack([_embedding(intro[at : at + WINDOW_SAMPLES], encoder)
                            for at in range(0, len(intro) - WINDOW_SAMPLES + 1, WINDOW_SAMPLES)])  # fmt: skip
        styles[style].append(windows)
        differences.append(windows - windows.mean(axis=0))
        if len(questions) < QUESTIONS:
            questions.append(_running(spoil(samples[len(intro) :], number), encoder))
    return Material(
        {style: np.concatenate(windows) for style, windows in styles.items()},
        np.concatenate(differences),
        np.stack(questions),
    )


def real_songs() -> list[tuple[Path, str]]:
    """Return songs with their styles, or collections where they have none; demo songs where there are no others."""
    if MUSIC.is_dir():
        with (MUSIC / "tracks.csv").open(encoding="utf-8", newline="") as lines:
            rows = [row for row in csv.DictReader(lines) if float(row["kept_seconds"]) >= INTRO + LATER]
        songs = [(MUSIC / row["file"], row["style"] or row["collection"]) for row in rows]
        return songs[:: max(1, len(songs) // SONGS)]
    demo = make_demo_library(folder_in(DATA_FOLDER), lambda done, total: None)
    return [(path, path.parent.name) for path in demo]


def _running(samples: Samples, encoder: Encoder) -> Vector:
    """Return the running vector after the sound was heard, twice a second."""
    running = RunningVector(encoder.card.within_track_p01)
    for at in range(0, len(samples) - WINDOW_SAMPLES + 1, SAMPLE_RATE // 2):
        running.update(_embedding(samples[at : at + WINDOW_SAMPLES], encoder), Seconds(at / SAMPLE_RATE))
    assert running.value is not None
    return running.value


def _embedding(window: Samples, encoder: Encoder) -> Vector:
    return encoder.encode(window).embedding


def _resident() -> int:
    fields = Path("/proc/self/statm").read_text(encoding="ascii").split()
    return int(fields[1]) * 4096


if __name__ == "__main__":
    main()
