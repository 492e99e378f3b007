"""`make chaos`: a night of faults in the virtual room, judged by what was heard.

    python -m tests.chaos [--minutes N] [--seed S]

Prints a table, and leaves out/chaos.json and the recording in out/chaos/. Exit code 1 where a fault was not survived,
or one that was planned could never be brought about.
"""

import argparse
import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from livedj.music import Seconds
from tests.chaos.faults import KINDS
from tests.chaos.judge import Outcome, Verdict, growth
from tests.chaos.library import make_songs
from tests.chaos.night import Night, holds, spend, stage
from tests.chaos.program import Cost, Role
from tests.chaos.schedule import schedule

OUT = Path("out/chaos")
SONGS = 36
MINUTES = 52.0
"""Enough for 120 songs, some of them cut short by faults, and for every kind of fault several times."""


def main() -> int:
    """Spend the night, judge it, tell."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=MINUTES, help="length of the night (default %(default)g)")
    parser.add_argument("--seed", type=int, default=4, help="another seed, another order of faults")
    options = parser.parse_args()
    length = Seconds(60 * options.minutes)
    deadly = {kind for kind, fault in KINDS.items() if fault.kills}
    planned = schedule(holds(), deadly, length, options.seed)
    shutil.rmtree(OUT, ignore_errors=True)
    songs = make_songs(OUT.with_name("chaos songs"), SONGS, seed=0)
    with stage(songs, OUT, options.seed) as set_up:
        night = spend(set_up, planned, length, _say)
        shutil.copytree(set_up.scene.program.home, OUT / "home", ignore=shutil.ignore_patterns("triggers"))
    verdict = night.verdict
    result = report(night, verdict)
    OUT.with_suffix(".json").write_text(json.dumps(result, indent=1), encoding="utf-8")
    for line in table(night, verdict, result):
        _say(line)
    met = {outcome.incident.kind for outcome in verdict.outcomes}
    return 0 if result["survived"] == result["faults"] and met == {plan.kind for plan in planned} else 1


def report(night: Night, verdict: Verdict) -> dict[str, Any]:
    """Return what goes into chaos.json."""
    outcomes = verdict.outcomes
    first, last = (_at_work(night.costs, part) for part in (0, 1))
    return {
        "minutes": round(night.span.seconds / 60, 1),
        "tracks": night.tracks,
        "fault_kinds": len({outcome.incident.kind for outcome in outcomes}),
        "faults": len(outcomes),
        "survived": sum(outcome.survived for outcome in outcomes),
        "refused": len(night.refused),
        "longest_silence_s": round(verdict.longest, 2),
        "silences_over_1s": sum(silence.seconds > 1.0 for silence in verdict.silences),
        "rss_growth": round(last["resident"] / max(1.0, first["resident"]) - 1, 4),
        "thread_growth": round(last["threads"] - first["threads"]),
        "fd_growth": round(last["files"] - first["files"]),
        "resident_mb": {role: [round(cost.resident[role] / 1e6) for cost in night.costs[::30]]  # once a minute
                        for role in (Role.PARENT, Role.PROGRAM, Role.DECK)},
        "log": [_entry(outcome, night.span.begin) for outcome in outcomes],
    }


def table(night: Night, verdict: Verdict, result: Mapping[str, Any]) -> list[str]:
    """Return the night as lines for the terminal: one a kind of fault, then the figures."""
    kinds = sorted({outcome.incident.kind for outcome in verdict.outcomes})
    lines = ["", f"{'fault':<34}{'times':>6}{'survived':>10}{'longest silence':>17}"]
    for kind in kinds:
        its = [outcome for outcome in verdict.outcomes if outcome.incident.kind == kind]
        survived, longest = sum(outcome.survived for outcome in its), max(outcome.longest for outcome in its)
        lines.append(f"{kind:<34}{len(its):>6}{survived:>10}{longest:>15.2f} s")
    lines += ["", *(f"{name:<20}{value:>10}" for name, value in result.items() if not isinstance(value, list | dict))]
    if night.helped:
        lines.append(f"The program had to be started by hand {len(night.helped)} times: nothing of it was left.")
    return lines


def _entry(outcome: Outcome, began: Seconds) -> dict[str, Any]:
    incident = outcome.incident
    return {
        "kind": incident.kind,
        "at": round(incident.at - began, 1),
        "detail": incident.detail,
        "longest_silence_s": round(outcome.longest, 2),
        "survived": outcome.survived,
    }


def _at_work(costs: Sequence[Cost], part: int) -> dict[str, float]:
    """Return medians of the program that lived longest, after warm-up (part 0) or at its end (1)."""
    programs = [cost.program for cost in costs if cost.program]
    longest = max(set(programs), key=programs.count, default=0)  # one that has just begun is small
    life = [cost for cost in costs if cost.program == longest]
    curves = {
        "resident": [float(sum(cost.resident.values())) for cost in life],
        "threads": [float(cost.threads) for cost in life],
        "files": [float(cost.files) for cost in life],
    }
    return {name: growth(curve)[part] for name, curve in curves.items()}


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
