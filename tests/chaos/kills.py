"""The program is killed again and again: what it keeps on disk stays whole, and the night goes on.

    python -m tests.chaos.kills [--times N] [--seed S]

Prints a line a kill. Exit code 1 where something was lost, or the room was silent for too long.
"""

import argparse
import random
import shutil
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from livedj import settings
from livedj.errors import LiveDjError
from livedj.library.catalogue import FILE_NAME
from tests.chaos.faults import KINDS, NotPossibleError
from tests.chaos.judge import Verdict
from tests.chaos.library import make_songs
from tests.chaos.night import Stage, stage
from tests.chaos.program import Program

OUT = Path("out/kills")
APART = (4.0, 14.0)
"""Seconds from the return of the music to the next kill: in the middle of a song, or of a crossfade, or of a scan."""
BACK_WITHIN = 60.0
"""Seconds for which the music is waited for: the recording tells whether it came in time."""
SKIP_BEFORE = 1.5
"""Before every third kill the song is skipped so much earlier, so that the kill falls on a crossfade;"""
SCAN_BEFORE = 2.0
"""before every third one, new songs are being scanned."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a kill left on disk."""

    number: int
    wrong: Sequence[str]
    """Sentences on what was damaged; empty where all is well."""


def main() -> int:
    """Kill, look, tell."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.kills", description=__doc__.partition("\n")[0])
    parser.add_argument("--times", type=int, default=50, help="how many kills (default %(default)s)")
    parser.add_argument("--seed", type=int, default=4)
    options = parser.parse_args()
    shutil.rmtree(OUT, ignore_errors=True)
    songs = make_songs(Path("out/chaos songs"), 36, seed=0)
    with stage(songs, OUT, options.seed) as set_up:
        wrong = 0
        for found in kill(set_up, options.times, random.Random(options.seed)):
            wrong += bool(found.wrong)
            _say(f"kill {found.number}: {'; '.join(found.wrong) or 'all is whole'}")
        verdict = set_up.end().verdict
    for line in table(verdict):
        _say(line)
    return 1 if wrong or not all(outcome.survived for outcome in verdict.outcomes) else 0


def kill(stage: Stage, times: int, chance: random.Random) -> Iterator[Found]:
    """Kill the program at seeded moments, and yield what each kill left on disk."""
    program = stage.scene.program
    kept = settings.load(program.settings)
    history = 0
    for number in range(1, times + 1):
        try:
            stage.scene.wait_for(lambda: bool(program.held()), BACK_WITHIN, "the music did not come back")
        except NotPossibleError as error:
            yield Found(number, [str(error)])
            return
        stage.rest(chance.uniform(*APART))
        if number % 3 == 1:
            program.skip()
            stage.rest(SKIP_BEFORE)
        elif number % 3 == 2:
            _add_songs(stage, chance)
            stage.rest(SCAN_BEFORE)
        history = max(history, program.history())
        met = stage.meet(KINDS["program killed"])
        wrong = [met] if isinstance(met, str) else list(_damage(program, kept, history))
        yield Found(number, wrong)
    stage.rest(APART[1])


def table(verdict: Verdict) -> list[str]:
    """Return the figures as lines for the terminal."""
    survived = sum(outcome.survived for outcome in verdict.outcomes)
    lengths = sorted(outcome.longest for outcome in verdict.outcomes)
    return [
        f"kills survived             {survived} of {len(lengths)}",
        f"silence after a kill, median {lengths[len(lengths) // 2]:.2f} s",
        f"silence after a kill, longest {lengths[-1]:.2f} s",
    ]


def _damage(program: Program, kept: settings.Settings, history: int) -> Iterator[str]:
    """Yield a sentence for everything on disk that a kill has damaged."""
    with closing(sqlite3.connect(program.data / FILE_NAME, timeout=10.0)) as connection:
        [(answer,)] = connection.execute("PRAGMA integrity_check").fetchall()[:1]
    if answer != "ok":
        yield f"the catalogue is damaged: {answer}"
    if program.history() < history:
        yield "the history has become shorter"
    try:
        now = settings.load(program.settings)
    except LiveDjError as error:
        yield str(error)
    else:
        if now != kept:
            yield "the settings have changed"


def _add_songs(stage: Stage, chance: random.Random) -> None:
    stage.scene.add_songs(chance, 2)
    stage.scene.program.scan(stage.scene.music)


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
