"""A library of many songs that exist only as vectors."""

from pathlib import Path

import numpy as np

from livedj import bundled
from livedj.ear.encoder import read_card
from livedj.ear.vector import intro_vector, track_vector
from livedj.library.analysis import Analysis
from livedj.library.catalogue import FILE_NAME, Catalogue
from livedj.library.files import Tags
from livedj.library.index import INDEX_FOLDER, IntroIndex
from livedj.music import CuePoints, Seconds, Vectors, unit

WINDOWS = 40


def make_big_library(data: Path, tracks: int) -> None:
    """Fill a catalogue with `tracks` songs of WINDOWS windows each, scattered about random directions, and index it."""
    data.mkdir(parents=True)
    card, random = read_card(bundled.MODEL), np.random.default_rng(0)
    with Catalogue(data / FILE_NAME) as catalogue:
        for number in range(tracks):
            middle = random.normal(size=card.dimensions)
            windows = unit(middle + 0.5 * random.normal(size=(WINDOWS, card.dimensions)))
            catalogue.add(_song(number, windows), card.sha256)
        ids, intros = catalogue.intro_vectors(card.sha256)
    IntroIndex.build(data / INDEX_FOLDER, ids, intros, card.sha256)


def _song(number: int, windows: Vectors) -> Analysis:
    return Analysis(
        path=Path(f"/music/{number}.ogg"),
        mtime_ns=0,
        size=0,
        tags=Tags(f"Title {number}", f"Artist {number % 1000}", f"Album {number % 500}"),
        duration=Seconds(5.0 * WINDOWS),
        cues=CuePoints(Seconds(0.0), Seconds(5.0 * WINDOWS)),
        windows=windows.astype(np.float16),
        intro=intro_vector(windows),
        track=track_vector(windows),
    )
