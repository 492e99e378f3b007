"""Recall against time for numbers of trees and of nodes searched: what the neighbour index's two numbers come from.

    python -m tests.bench.curve [--tracks N] [--trees N …] [--search N …]

Prints a line for each pair, of realistic vectors (tests.bench.scale), and writes out/curve.json.
"""

import argparse
import json
import multiprocessing
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from annoy import AnnoyIndex

from livedj.library.index import neighbourly
from livedj.library.songs import NEIGHBOURS
from livedj.music import Vectors
from tests.bench.hour import AIR, spoil_of
from tests.bench.scale import gather, nearest, real_songs, realistic

OUT = Path("out/curve.json")
TREES = (30, 60, 100)
SEARCH = (5_000, 10_000, 20_000, 40_000)


def main() -> None:
    """Measure pair by pair."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.curve", description=__doc__.partition("\n")[0])
    parser.add_argument("--tracks", type=int, default=1_000_000)
    parser.add_argument("--trees", type=int, nargs="+", default=TREES)
    parser.add_argument("--search", type=int, nargs="+", default=SEARCH)
    options = parser.parse_args()
    rows = []
    for row in curve(options.tracks, options.trees, options.search):
        rows.append(row)
        OUT.parent.mkdir(exist_ok=True)
        OUT.write_text(json.dumps(rows, indent=1), encoding="utf-8")
        print(" ".join(f"{name} {value}" for name, value in row.items()), flush=True)  # noqa: T201


def curve(tracks: int, trees: Sequence[int], search: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Yield recall@10, the milliseconds of a question and the size of the file for each pair."""
    material = gather(real_songs(), spoil_of(AIR))
    vectors, questions = realistic(material, tracks, np.random.default_rng(0)), material.questions
    vectors = vectors[neighbourly(vectors)]
    exact = nearest(vectors, questions, 10).tolist()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index.annoy"
        for count in trees:
            seconds = _build(path, vectors, count)
            with multiprocessing.get_context("spawn").Pool(1) as pool:  # a process that has none of the vectors
                for nodes, found, times in pool.apply(_ask, (path, questions, search)):
                    shared = [len(set(ours) & set(best)) / 10 for ours, best in zip(found, exact, strict=True)]
                    yield {
                        "tracks": tracks,
                        "trees": count,
                        "search_k": nodes,
                        "recall10": round(float(np.mean(shared)), 4),
                        "p50_ms": round(1000 * float(np.median(times)), 2),
                        "p99_ms": round(1000 * float(np.quantile(times, 0.99)), 2),
                        "build_s": round(seconds, 1),
                        "mb": round(path.stat().st_size / 1e6, 1),
                    }


def _build(path: Path, vectors: Vectors, trees: int) -> float:
    began = time.perf_counter()
    index = AnnoyIndex(vectors.shape[1], "angular")
    index.set_seed(0)
    for item, vector in enumerate(vectors):
        index.add_item(item, vector)
    index.build(trees, n_jobs=1)
    index.save(str(path))
    return time.perf_counter() - began


def _ask(path: Path, questions: Vectors, search: Sequence[int]) -> list[tuple[int, list[list[int]], list[float]]]:
    """Return for each number of nodes the ten found for each question, and the seconds each took."""
    index = AnnoyIndex(questions.shape[1], "angular")
    index.load(str(path), True)  # prefault, as livedj does
    told = []
    for nodes in search:
        found, seconds = [], []
        for question in [*questions[:20], *questions]:  # the first ones bring the file into memory
            began = time.perf_counter()
            found.append(index.get_nns_by_vector(question, NEIGHBOURS, nodes)[:10])
            seconds.append(time.perf_counter() - began)
        told.append((nodes, found[20:], seconds[20:]))
    return told


if __name__ == "__main__":
    main()
