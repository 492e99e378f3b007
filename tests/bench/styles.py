"""Do the proposals follow the style that is heard? The shipped network against random weights and MFCC, from samples.

The program's own way without its sound card: windows every 0.5 s, the running vector, the nearest intros. 10 s of one
song after another, each of another group than the one before.
"""

import csv
import importlib.util
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from livedj import bundled
from livedj.ear.encoder import Encoder, read_card
from livedj.ear.vector import RunningVector, intro_vector
from livedj.library.decode import decode
from livedj.listen.window import STRIDE_SAMPLES
from livedj.music import SAMPLE_RATE, WINDOW_SAMPLES, Samples, Seconds, unit

HEARD = Seconds(10.0)
STRIDE = STRIDE_SAMPLES / SAMPLE_RATE
INTRO = Seconds(30.0)
NEVER = -2.0
"""No cosine lies below it: a method that knows no threshold has no sudden changes, its mean just moves on."""

Embed = Callable[[Samples], NDArray[np.float32]]


@dataclass(frozen=True)
class Song:
    """A song, and the group whose songs go together with it."""

    path: Path
    group: str


def followed(songs: Sequence[Song], embed: Embed, change_below: float, *, standardise: bool) -> float:
    """Return the share of songs after 10 s of which two of the first three proposals are of their group."""
    order = list(in_turn(songs))
    intros = [_embed_all(embed, decode(song.path, seconds=INTRO), WINDOW_SAMPLES) for song in order]
    heard = _embed_all(embed, np.concatenate([_middle(song.path) for song in order]), STRIDE_SAMPLES)
    if standardise:
        library = np.concatenate(intros)
        mean, deviation = library.mean(axis=0), library.std(axis=0) + 1e-9
        intros = [unit((rows - mean) / deviation) for rows in intros]
        heard = unit((heard - mean) / deviation)
    index = np.stack([intro_vector(rows) for rows in intros])
    running, hits = RunningVector(change_below), 0
    for stride, row in enumerate(heard):
        now = (WINDOW_SAMPLES + stride * STRIDE_SAMPLES) / SAMPLE_RATE
        running.update(row, Seconds(now))
        number, rest = divmod(round(now / STRIDE), round(HEARD / STRIDE))
        if rest == 0 and running.value is not None:  # song number − 1 has been heard for 10 s
            nearest = [i for i in np.argsort(-(index @ running.value)) if i != number - 1][:3]
            hits += sum(order[i].group == order[number - 1].group for i in nearest) >= 2
    return hits / len(order)


def shipped(encoder: Encoder) -> Embed:
    """Return the shipped network's embedding."""
    return lambda samples: encoder.encode(samples).embedding


def baselines(folder: Path) -> dict[str, tuple[Embed, float, bool]]:
    """Return what the network must be better than, as arguments of `followed`; nothing without the train extra."""
    if importlib.util.find_spec("keras") is None:
        return {}
    from livedj.train.baselines import mfccs, random_encoder
    from livedj.train.listening import Windows

    untrained = random_encoder(folder, read_card(bundled.MODEL).dimensions)
    return {
        "random weights": (shipped(untrained), NEVER, False),
        "MFCC": (lambda samples: mfccs(Windows(samples[np.newaxis]))[0], NEVER, True),
    }


def unseen(music: Path) -> list[Song]:
    """Return the songs of the real recordings that the network was not trained on."""
    with (music / "tracks.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["split"] == "validate"]
    return [Song(music / row["file"], row["collection"]) for row in rows if float(row["kept_seconds"]) >= INTRO]


def largest_groups(songs: Sequence[Song], count: int) -> list[Song]:
    """Return the songs of the `count` largest groups, at most eight of each."""
    sizes = Counter(song.group for song in songs).most_common(count)
    return [song for group, _ in sizes for song in [s for s in songs if s.group == group][:8]]


def in_turn(songs: Sequence[Song]) -> Iterator[Song]:
    """Yield one song of each group, then the next of each."""
    places: Counter[str] = Counter()
    ranked = []
    for song in songs:
        ranked.append((places[song.group], song))
        places[song.group] += 1
    return (song for _, song in sorted(ranked, key=lambda item: item[0]))


def _middle(path: Path) -> Samples:
    """Return the 10 s of a song that are heard, from 40 % of it on; a shorter song is repeated."""
    samples = decode(path)
    length = round(HEARD * SAMPLE_RATE)
    start = max(0, min(round(0.4 * len(samples)), len(samples) - length))
    return np.resize(samples[start : start + length], length)


def _embed_all(embed: Embed, samples: Samples, stride: int) -> NDArray[np.float32]:
    filled = np.resize(samples, max(len(samples), WINDOW_SAMPLES))
    starts = range(0, len(filled) - WINDOW_SAMPLES + 1, stride)
    return np.stack([embed(filled[start : start + WINDOW_SAMPLES]) for start in starts])
