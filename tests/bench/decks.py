"""How soon a deck sounds, and how soon one that was killed is ready again."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from livedj.demo.room import VirtualRoom
from livedj.music import SAMPLE_RATE, Gain, Seconds
from livedj.play.crossfade import Ramp
from livedj.play.deck import DeckCued, DeckLost
from tests.play.bench import VlcBench
from tests.play.sounds import tone, write_wav

STARTS, KILLS = 40, 20
HEARD = 0.01
"""An amplitude that is no rest of a resampler."""
AT_ONCE = Seconds(0.0)
FULL = Gain(1.0)


def decks(room: VirtualRoom, folder: Path) -> Iterator[tuple[str, float | None, str, str]]:
    """Yield name, value, unit and target of each figure."""
    song = write_wav(folder / "deck.wav", tone(440, 60.0))
    sounding = np.sort(starts(room, song, folder / "starts.wav"))
    yield f"play() to sound, median of {STARTS} (clock ±30 ms)", 1000 * float(np.median(sounding)), "ms", "–"
    yield f"play() to sound, p95 of {STARTS} (clock ±30 ms)", 1000 * float(np.quantile(sounding, 0.95)), "ms", "< 60"
    ready = kills(song)
    yield f"deck killed: until the song is cued again, median of {KILLS}", 1000 * float(np.median(ready)), "ms", "–"
    yield f"deck killed: until the song is cued again, worst of {KILLS}", 1000 * max(ready), "ms", "≤ 2000"


def starts(room: VirtualRoom, song: Path, path: Path) -> list[Seconds]:
    """Return how long after play() each cued song was first heard, by the recording."""
    with a_deck() as bench:
        recording = room.record(path, "dj.monitor")
        asked = [start(bench, song) for _ in range(STARTS)]
        sound = recording.stop()
    heard = recording.began + np.flatnonzero(np.abs(sound) > HEARD) / SAMPLE_RATE
    return [Seconds(float(heard[heard > moment][0]) - moment) for moment in asked]


def start(bench: VlcBench, song: Path) -> Seconds:
    """Cue the song, let it sound for a moment and be gone; return when it was asked to play."""
    token = bench.load(song)
    bench.wait(DeckCued, token)
    bench.deck.ramp(token, Ramp(bench.now(), AT_ONCE, FULL, FULL))
    bench.pass_by(0.3)
    asked = bench.now()
    bench.deck.play(token)
    bench.pass_by(0.5)
    bench.deck.unload(token)
    bench.pass_by(0.5)
    return asked


def kills(song: Path) -> list[Seconds]:
    """Kill a deck's process again and again; return how long it took until the song was cued once more."""
    taken = []
    with a_deck() as bench:
        for _ in range(KILLS):
            token = bench.load(song)
            bench.wait(DeckCued, token)
            bench.pass_by(6.0)  # one that dies young rests
            [process] = bench.processes()
            killed = bench.now()
            os.kill(process, signal.SIGKILL)
            bench.wait(DeckLost, token)
            bench.wait(DeckCued, bench.load(song))
            taken.append(Seconds(bench.now() - killed))
    return taken


@contextmanager
def a_deck() -> Iterator[VlcBench]:
    """Give one deck, and close it."""
    bench = VlcBench()
    try:
        yield bench
    finally:
        bench.deck.close()
