"""The emergency loop: what plays when nothing else can. `python -m livedj.demo.loop` makes `resources/loop.opus` anew.

A song of our own for the demo's house band, so that its licence is ours. The same bars are synthesised three times in a
row and the middle ones kept: they begin in the echo of those before, and end where the next ones begin.
"""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from livedj.bundled import RESOURCES
from livedj.demo.mixing import render
from livedj.demo.performance import BEATS
from livedj.demo.score import SCALES, Song, Style, parse_chord, pitch_class, read_scores
from livedj.demo.songs import SCORE
from livedj.demo.synth import RATE, Sound
from livedj.errors import DemoError
from livedj.library.encode import ENCODERS, SoundFile

FILE = RESOURCES / "loop.opus"
_STYLE = "House"
_FORM = ("groove", "lift", "drop")
_SEAM = round(0.02 * RATE)
"""Samples over which the end is blended into what comes before the beginning: two takes of the same beat."""
_SEARCHED = round(0.12 * RATE)
"""Samples before the first beat in which the quietest moment becomes the seam."""
_QUIET = round(0.004 * RATE)
_BITRATE = "88k"
"""For a file below 600 kB."""
_SONG = Song(
    number=1,
    title="Back in a Moment",
    artist="livedj",
    album="livedj",
    format="opus",
    seed=77,
    tempo=122.0,
    tonic=pitch_class("G"),
    scale=SCALES["minor"],
    chords={
        name: tuple((parse_chord(symbol),) for symbol in symbols.split())
        for name, symbols in {"a": "Gm9 Ebmaj9 Cm9 Dm7", "b": "Ebmaj9 Fadd9 Gm9 Dm7"}.items()
    },
    patterns={
        "tune": "5 . . 3 . 4 5 . | 7 . . 5 . 3 . . | 1' . 7 . 5 . 4 . | 3 . 4 . 2 . . .",
        "stab": "x..x..x...x.....",
    },
)


def make_loop(file: Path) -> None:
    """Synthesise the loop and write it to `file`. The same on every run.

    Raises:
        DemoError, EncodeError: it cannot be made, or cannot be written.

    """
    style = next((style for style in read_scores(SCORE) if style.name == _STYLE), None)
    if style is None:
        raise DemoError(f"The demo's score has no {_STYLE}, which the loop is made of.")
    with SoundFile(file, replace(ENCODERS["opus"], options={"b": _BITRATE}), RATE) as loop:
        loop.write(_seamless(style))
        loop.finish()


def _seamless(style: Style) -> Sound:
    """Return the song's bars so that the end leads into the beginning, at the quietest moment before a first beat."""
    count = round(sum(style.sections[name].bars for name in _FORM) * BEATS * 60 / _SONG.tempo * RATE)
    sound = render(replace(style, form=_FORM * 3), _SONG)
    begin = _quietest(sound[count - _SEARCHED : count]) + count - _SEARCHED
    loop = sound[begin : begin + count].copy()
    blend = np.linspace(0, 1, _SEAM, dtype=np.float32)[:, None]
    loop[-_SEAM:] = (1 - blend) * loop[-_SEAM:] + blend * sound[begin - _SEAM : begin]
    return loop


def _quietest(sound: Sound) -> int:
    """Return the sample in the middle of the quietest few milliseconds."""
    power = np.convolve((sound**2).sum(axis=1), np.ones(_QUIET), mode="valid")
    return int(power.argmin()) + _QUIET // 2


if __name__ == "__main__":
    make_loop(FILE)
    sys.stdout.write(f"{FILE}\n")
