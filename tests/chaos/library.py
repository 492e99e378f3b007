"""The songs of a chaos night: short, each a little different, in every format that people have."""

import random
import shutil
from pathlib import Path

import numpy as np
import soxr

from livedj.demo.cover import SIZE
from livedj.demo.synth import RATE, Sound
from livedj.library.encode import Labels, jpeg, write
from livedj.music import SAMPLE_RATE
from tests.tune import tune

SHORTEST, LONGEST = 30.0, 60.0
"""Seconds."""
_FORMATS = ("mp3", "flac", "m4a", "ogg", "opus", "wav")
_ALBUM = 4
_MARGIN = 1.5
# Seconds of silence before and after every fourth song.


def make_songs(folder: Path, count: int, seed: int) -> list[Path]:
    """Make `count` songs in `folder` and return their files; those that are there already are kept."""
    folder.mkdir(parents=True, exist_ok=True)
    chance = random.Random(seed)
    return [_make_song(folder, number, random.Random(chance.random())) for number in range(count)]


def copy_songs(songs: list[Path], folder: Path) -> list[Path]:
    """Copy the songs into `folder`, with their times, and return the copies: those may be damaged."""
    folder.mkdir(parents=True, exist_ok=True)
    return [Path(shutil.copy2(song, folder / song.name)) for song in songs]


def _make_song(folder: Path, number: int, chance: random.Random) -> Path:
    kind = _FORMATS[number % len(_FORMATS)]
    path = folder / f"{number:03} Song.{kind}"
    if not path.exists():
        unfinished = path.with_suffix(".part")
        write(unfinished, kind, _sound(number, chance), _labels(number))
        unfinished.replace(path)
    return path


def _sound(number: int, chance: random.Random) -> Sound:
    """Draw a song's length, key, tempo and level."""
    seconds, speed = chance.uniform(SHORTEST, LONGEST), chance.uniform(0.8, 1.25)
    root, level = 110.0 * 2 ** (chance.randrange(24) / 12), chance.uniform(0.06, 0.15)
    played = soxr.resample(tune(seconds * speed, level, root / speed), SAMPLE_RATE * speed, RATE)
    margin = np.zeros(round(_MARGIN * RATE) if number % 4 == 0 else 0, np.float32)
    sound = np.concatenate([margin, np.clip(played, -0.98, 0.98), margin])
    return np.asarray(np.stack([sound, sound], axis=1), np.float32)


def _labels(number: int) -> Labels:
    album, place = divmod(number, _ALBUM)
    colour = [40 * album % 256, 90, 255 - 40 * album % 256]
    sleeve = jpeg(np.broadcast_to(np.array(colour, np.uint8), (SIZE, SIZE, 3)).copy())
    return Labels(f"Song {number}", f"Band {album}", f"Album {album}", "Chaos", place + 1, sleeve)
