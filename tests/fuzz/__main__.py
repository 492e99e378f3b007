"""Damaged sound files through the real scan: none may crash it, hang it, eat the memory or be lost.

    python -m tests.fuzz [--files N] [--seed S]

Prints what became of them, and leaves out/fuzz.json. Exit code 1 where one crashed a worker, was given up, or is not
accounted for. A file that did stays in out/fuzz/.
"""

import argparse
import json
import shutil
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from livedj import bundled
from livedj.ear.encoder import read_card
from livedj.library.catalogue import FILE_NAME, Catalogue
from livedj.library.scanner import Scanner
from livedj.music import Seconds
from tests.fuzz.mutate import make_mutants

OUT = Path("out/fuzz")
TIME_LIMIT = Seconds(30.0)
"""For one file of some seconds; the first one waits for the compilation of what librosa needs."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of the files."""

    files: int
    songs: int
    refused: int
    """With a reason."""
    crashed: list[str]
    given_up: list[str]
    lost: list[str]
    """In neither list."""
    workers_mb: float
    """The most memory that one of the processes that ended had."""


def main() -> int:
    """Mutate, scan, count."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.partition("\n")[0])
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = scan_mutants(Path(folder), options.files, options.seed)
        shutil.rmtree(OUT, ignore_errors=True)
        OUT.mkdir(parents=True)
        for name in (*result.crashed, *result.given_up, *result.lost):
            shutil.copy(Path(folder) / "mutants" / name, OUT)
    OUT.with_suffix(".json").write_text(json.dumps(asdict(result), indent=1), encoding="utf-8")
    print(json.dumps(asdict(result), indent=1))  # noqa: T201
    return 1 if result.crashed or result.given_up or result.lost else 0


def scan_mutants(folder: Path, count: int, seed: int) -> Result:
    """Scan `count` damaged files, which are made in the folder."""
    files = {path.name for path in make_mutants(folder, count, seed)}
    Scanner(folder / "data", bundled.MODEL, time_limit=TIME_LIMIT).scan([folder / "mutants"])
    with Catalogue(folder / "data" / FILE_NAME) as catalogue:
        songs = {path.name for path in catalogue.paths(read_card(bundled.MODEL).sha256).values()}
        problems = {problem.path.name: problem.reason for problem in catalogue.problems()}
    return Result(
        files=len(files),
        songs=len(songs),
        refused=len(problems),
        crashed=sorted(name for name, reason in problems.items() if "crash" in reason),
        given_up=sorted(name for name, reason in problems.items() if "given up" in reason),
        lost=sorted(files - songs - problems.keys()),
        workers_mb=_most_memory(),
    )


def _most_memory() -> float:
    try:
        import resource
    except ImportError:  # Windows does not tell
        return 0.0
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


if __name__ == "__main__":
    sys.exit(main())
