"""Analyses that no sound was needed for, and a look into a catalogue's file."""

import contextlib
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np

from livedj.library.analysis import Analysis
from livedj.library.files import Tags
from livedj.music import CuePoints, Seconds, unit

MODEL = "a" * 64
DIMENSIONS = 8


def an_analysis(path: str | Path = "/music/song.mp3", seed: int = 0, windows: int = 3) -> Analysis:
    rng = np.random.default_rng(seed)
    vectors = unit(rng.standard_normal((windows + 2, DIMENSIONS)))
    return Analysis(
        path=Path(path),
        mtime_ns=1_700_000_000_123_456_789 + seed,
        size=1000 + seed,
        tags=Tags(f"title {seed}", "artist", "album"),
        duration=Seconds(61.5),
        cues=CuePoints(Seconds(0.25), Seconds(60.125)),
        windows=vectors[2:].astype(np.float16),
        intro=vectors[0],
        track=vectors[1],
    )


def rows(path: Path, sql: str) -> list[Any]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()
