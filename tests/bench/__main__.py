"""`make bench`: what one window costs, how soon the proposals follow, start-up, frames and memory, and what is heard.

    python -m tests.bench [NAME …]

Prints a table and writes out/bench.json; with names, only those measurements are made, and the others stay as they
were. Real PortAudio, libVLC, TFLite, Annoy and Qt, in the virtual room.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from livedj import bundled
from livedj.demo.room import VirtualRoom
from livedj.demo.songs import STYLES, folder_in, make_demo_library
from livedj.ear.encoder import Encoder
from livedj.library.scanner import Scanner
from livedj.library.songs import Songs
from livedj.music import WINDOW_SAMPLES, Seconds
from livedj.settings import DATA_FOLDER
from tests.bench.big_library import make_big_library
from tests.bench.decks import decks
from tests.bench.fades import beats, fades, seams
from tests.bench.hour import ends, unheard
from tests.bench.journeys import journeys
from tests.bench.mapping import mapping
from tests.bench.reaction import LIMIT, follow
from tests.bench.scanning import recordings, scanning
from tests.bench.start import child
from tests.bench.styles import Song, baselines, followed, in_turn, largest_groups, shipped, unseen
from tests.bench.unplugging import unplug
from tests.bench.versions import linking
from tests.play.law import make_noises, measure

OUT = Path("out/bench.json")
MUSIC = Path("../shared/music")
TRACKS = 10_000
REPEATS = 200


Measures = dict[str, Callable[[], Iterator[dict[str, Any]]]]
"""Measurements by name, each yielding the lines of its table."""


def main() -> None:
    """Run the measurements in turn."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure livedj.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="measure this alone")
    names = parser.parse_args().names
    with tempfile.TemporaryDirectory() as folder, VirtualRoom() as room:
        room.enter_process()
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        big, demo = Path(folder) / "big", Path(folder) / "demo"
        make_big_library(big, TRACKS)
        songs = make_demo_library(folder_in(DATA_FOLDER), lambda done, total: None)
        Scanner(demo, bundled.MODEL).scan([songs[0].parents[1]])
        measures: Measures = {
            "window": lambda: window_cost(big),
            "reaction": lambda: reactions(room, demo, songs),
            "program": lambda: windows_and_memory(room, big, songs),
            "unplugging": lambda: unplugged(demo),
            "decks": lambda: (row(*figure) for figure in decks(room, Path(folder))),
            "crossfade": lambda: crossfades(room, Path(folder)),
            "transitions": lambda: (row(*figure) for figure in fades(room, songs, Path(folder) / "fades")),
            "beats": lambda: (row(*figure) for figure in beats(room, songs, Path(folder) / "beats")),
            "seams": lambda: (row(*figure) for figure in seams(room, songs[0], Path(folder) / "seams")),
            "ends": lambda: (row(*figure) for figure in ends(unheard(MUSIC) if MUSIC.is_dir() else songs)),
            "scanning": lambda: (row(*figure) for figure in scanning(_real_or(songs), Path(folder))),
            "versions": lambda: (row(*figure) for figure in linking(_real_or(songs), Path(folder) / "versions")),
            "journeys": lambda: (row(*figure) for figure in journeys(_real_or(songs))),
            "map": lambda: (row(*figure) for figure in mapping(big, TRACKS)),
            "styles": lambda: styles(songs, Path(folder)),
        }
        if unknown := set(names) - measures.keys():
            parser.error(f"there is no {', '.join(sorted(unknown))}; known are {', '.join(measures)}")
        for name in names or measures:
            _keep(name, [_shown(line) for line in measures[name]()])


def _keep(name: str, table: list[dict[str, Any]]) -> None:
    """Put one measurement's table in place of the former one."""
    OUT.parent.mkdir(exist_ok=True)
    kept = json.loads(OUT.read_text(encoding="utf-8")) if OUT.exists() else {}
    OUT.write_text(json.dumps({**kept, name: table}, indent=1), encoding="utf-8")


def _shown(line: dict[str, Any]) -> dict[str, Any]:
    print(f"{line['name']:<62} {line['value']!s:>9} {line['unit']:<8} target {line['target']}", flush=True)  # noqa: T201
    return line


def row(name: str, value: float | None, unit: str, target: str) -> dict[str, Any]:
    """Return one line of the table."""
    return {"name": name, "value": None if value is None else round(value, 2), "unit": unit, "target": target}


def window_cost(big: Path) -> Iterator[dict[str, Any]]:
    """Front end and network, and the questions to a library of TRACKS songs, one thread."""
    encoder = Encoder()
    songs = Songs(big, encoder.card)
    samples = np.random.default_rng(0).normal(0, 0.1, (20, WINDOW_SAMPLES)).astype(np.float32)
    encode, ask, recognise = [], [], []
    for number in range(REPEATS):
        began = time.perf_counter()
        embedding = encoder.encode(samples[number % len(samples)]).embedding
        encoded = time.perf_counter()
        songs.nearest(embedding)
        asked = time.perf_counter()
        songs.likely(embedding)
        recognise.append(time.perf_counter() - asked)
        ask.append(asked - encoded)
        encode.append(encoded - began)
    songs.close()
    network, neighbours, likely = (1000 * float(np.median(seconds)) for seconds in (encode, ask, recognise))
    yield row("front end and network, median", network, "ms", "–")
    yield row(f"64 neighbours of {TRACKS} songs, median", neighbours, "ms", "–")
    yield row("one window: front end, network, neighbours", network + neighbours, "ms", "≤ 15")
    yield row("windows of 20 songs, to recognise ours, median", likely, "ms", "–")


def reactions(room: VirtualRoom, demo: Path, songs: list[Path]) -> Iterator[dict[str, Any]]:
    """The first song of every style, then the second, and so on: every switch is one of style.

    Each round meets a livedj that has heard nothing yet: songs that it has just heard would be left out as repeats.
    """
    order = [song.path for song in in_turn([Song(path, path.parent.name) for path in songs])]
    rounds = [order[start : start + len(STYLES)] for start in range(0, len(order), len(STYLES))]
    seconds = [followed.seconds for tracks in rounds for followed in follow(room, demo, tracks)]
    met = sorted(s for s in seconds if s is not None)
    in_time = sum(s <= LIMIT for s in met)
    yield row("switches that 2 of the first 3 proposals follow in 10 s", 100 * in_time / len(seconds), "%", "≥ 83")
    yield row("seconds until they do, median", float(np.median(met)) if met else None, "s", "≤ 10")


def crossfades(room: VirtualRoom, folder: Path) -> Iterator[dict[str, Any]]:
    """Two decks of noise against the plan of their crossfade, ten times."""
    noises = make_noises(folder)
    runs = [measure(room, noises, folder / "fade.wav", Seconds(6.0)) for _ in range(10)]
    yield row("crossfades within ±1 dB and without a gap, of 10", sum(run.kept for run in runs), "runs", "10")
    yield row("worst distance from the plan, median of 10", float(np.median([r.worst for r in runs])), "dB", "≤ 1")
    yield row("worst distance from the plan, of all 10", max(run.worst for run in runs), "dB", "≤ 1")
    yield row("longest gap, of all 10", 1000 * max(run.gap for run in runs), "ms", "≤ 50")


def _real_or(songs: list[Path]) -> list[Path]:
    """Return real recordings where there are some."""
    return recordings(MUSIC) if MUSIC.is_dir() else songs


def styles(songs: list[Path], folder: Path) -> Iterator[dict[str, Any]]:
    """From samples, without a room: the network beside what it must be better than, on two sets of songs."""
    sets = {"demo library": [Song(path, path.parent.name) for path in songs]}
    if MUSIC.is_dir():
        sets["5 unseen collections"] = largest_groups(unseen(MUSIC), 5)
    encoder = Encoder()
    methods = {"network": (shipped(encoder), encoder.card.within_track_p01, False)} | baselines(folder)
    if len(methods) == 1:
        yield row("the same for random weights and MFCC: needs .venv/bin/pip install -e .[train]", None, "", "–")
    for name, members in sets.items():
        for method, (embed, change_below, standardise) in methods.items():
            share = followed(members, embed, change_below, standardise=standardise)
            yield row(f"2 of 3 follow in 10 s, {name}, {method}", 100 * share, "%", "–")


def unplugged(demo: Path) -> Iterator[dict[str, Any]]:
    """The room's microphone and its sound server go away and come back."""
    for fault, said, back in unplug(demo):
        yield row(f"{fault}: until it is said", said, "s", "≤ 2")
        yield row(f"{fault}: from its return until it listens", back, "s", "≤ 5")


def windows_and_memory(room: VirtualRoom, big: Path, songs: list[Path]) -> Iterator[dict[str, Any]]:
    """Start-up, frames and memory of a program of its own, with a song in the room."""
    with tempfile.TemporaryDirectory() as fresh:
        cold = child(room, big, 1, songs[0], bytecode=Path(fresh))
    yield row("start to listening, cold (no bytecode)", cold["listening_s"], "s", "–")
    warm = [child(room, big, 1, songs[0])["listening_s"] for _ in range(5)]
    yield row("start to listening, warm, median of 5", float(np.median(warm)), "s", "≤ 2")
    listening = child(room, big, 30, songs[0])
    yield row(f"resident memory, listening, {TRACKS} songs", listening["resident_mb"], "MB", "≤ 350")
    with tempfile.TemporaryDirectory() as fresh:
        busy = child(room, Path(fresh), 30, songs[0], scan=songs[0].parents[1])
    for name, run in (("listening", listening), ("listening and scanning", busy)):
        yield row(f"frame interval p50, {name}", run["frame_p50_ms"], "ms", "–")
        yield row(f"frame interval p99, {name}", run["frame_p99_ms"], "ms", "≤ 40")


if __name__ == "__main__":
    main()
