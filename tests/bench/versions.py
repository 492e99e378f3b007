"""Are files of one recording told from files of two, by sound alone? Encoded again, softer, with silence before."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from unittest import mock

import numpy as np

from livedj.choose.versions import AS_LONG, SAME_RECORDING
from livedj.ear.encoder import Encoder
from livedj.library import analysis
from livedj.library.analysis import Analysis
from livedj.music import Seconds
from tests.bench.scanning import RATE, stereo
from tests.library.sounds import write

SONGS, COPIED = 400, 40
"""Songs that are compared with one another, and songs of which copies are made."""
SOFTER = 10 ** (-6 / 20)
SILENCE = Seconds(1.0)


def linking(songs: Sequence[Path], folder: Path) -> Iterator[tuple[str, float | None, str, str]]:
    """Yield name, value, unit and target of each figure."""
    encoder = Encoder()
    folder.mkdir()
    chosen = songs[:: max(1, len(songs) // SONGS)][:SONGS]
    with mock.patch.object(analysis, "find_beats", return_value=None):
        heard = [analysis.analyse(song, encoder) for song in chosen]
        copies = [[analysis.analyse(copy, encoder) for copy in copied(song, folder)] for song in chosen[:COPIED]]
    kept = np.array([[_cosine(song, copy) for copy in of] for song, of in zip(heard, copies, strict=False)])
    cosines = np.array([[_cosine(song, other) for other in heard] for song in heard])
    durations = np.array([song.duration for song in heard])
    alike = np.triu(cosines >= SAME_RECORDING, 1)
    taken = alike & (np.abs(durations[:, None] - durations) <= AS_LONG)
    pairs = len(heard) * (len(heard) - 1) // 2
    yield f"copies of {COPIED} songs told as the same recording", 100 * float((kept >= SAME_RECORDING).mean()), "%", "–"
    yield "cosine of the least alike of them", float(kept.min()), "", "–"
    yield f"of {pairs} pairs of other songs sound as much alike", int(alike.sum()), "pairs", "–"
    yield "of these are as long, and taken for one recording, but for their names", int(taken.sum()), "pairs", "–"


def copied(song: Path, folder: Path) -> Iterator[Path]:
    """Yield copies of a song in other formats, softer and after some silence."""
    sound = np.pad(SOFTER * stereo(song), [(0, 0), (round(SILENCE * RATE), 0)])
    for suffix in (".mp3", ".m4a", ".opus"):
        yield write(folder / f"copy{suffix}", np.asarray(sound, np.float32), RATE)


def _cosine(one: Analysis, other: Analysis) -> float:
    return float(one.track @ other.track)
