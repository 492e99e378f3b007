"""What the shipped model hears in real songs, as the program uses it."""

import csv
from pathlib import Path

import numpy as np
import pytest

from livedj.ear.encoder import Encoder
from livedj.ear.vector import RunningVector, intro_vector
from livedj.library.decode import decode
from livedj.music import SAMPLE_RATE, WINDOW_SAMPLES, Samples, Seconds, Vectors, unit

MUSIC = Path(__file__).parents[2] / ".." / "shared" / "music"
STRIDE = Seconds(0.5)

pytestmark = [
    pytest.mark.music,
    pytest.mark.skipif(not MUSIC.is_dir(), reason="the real recordings are not on this machine"),
]


@pytest.fixture(scope="module")
def songs() -> list[Samples]:
    """One long validation song of each collection that has one: 45 s from its middle stay unheard in training."""
    chosen: dict[str, Path] = {}
    with (MUSIC / "tracks.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["split"] == "validate" and float(row["kept_seconds"]) >= 75:
                chosen.setdefault(row["collection"], MUSIC / row["file"])
    return [decode(path) for path in chosen.values()]


def embed(encoder: Encoder, samples: Samples, stride: float) -> Vectors:
    starts = range(0, len(samples) - WINDOW_SAMPLES + 1, round(stride * SAMPLE_RATE))
    return np.stack([encoder.encode(samples[start : start + WINDOW_SAMPLES]).embedding for start in starts])


def stretch(samples: Samples, start: float, seconds: float) -> Samples:
    return samples[round(start * SAMPLE_RATE) : round((start + seconds) * SAMPLE_RATE)]


def listen(running: RunningVector, windows: Vectors, start: float = 0.0) -> list[float]:
    """Return the moments of change while the running vector hears the windows."""
    moments = start + STRIDE * np.arange(len(windows))
    return [float(at) for at, window in zip(moments, windows, strict=True) if running.update(window, Seconds(at))]


def test_the_middle_of_a_song_finds_its_own_intro(songs: list[Samples]) -> None:
    encoder = Encoder()
    intros = np.stack([intro_vector(embed(encoder, stretch(song, 0, 30), 5.0)) for song in songs])
    heard = np.stack([embed(encoder, stretch(song, 45, 15), 2.5).mean(axis=0) for song in songs])
    cosines = unit(heard) @ intros.T
    ranks = (cosines > np.diag(cosines)[:, np.newaxis]).sum(axis=1)
    assert np.mean(ranks == 0) >= 0.8


def test_music_changes_between_songs_and_not_within_them(songs: list[Samples]) -> None:
    encoder = Encoder()
    within, between = 0, []
    for song, other in zip(songs, [*songs[1:], songs[0]], strict=True):
        running = RunningVector(encoder.card.within_track_p01)
        within += len(listen(running, embed(encoder, stretch(song, 40, 20), STRIDE)))
        # A hard cut: the windows around it hold some of either song.
        cut = np.concatenate([stretch(song, 55, 5), stretch(other, 40, 15)])
        between.append(listen(running, embed(encoder, cut, STRIDE)[1:], start=15.5))
    assert within <= len(songs) // 7, "some songs change themselves"
    assert sum(len(changes) > 1 for changes in between) <= len(songs) // 7
    assert np.mean([min(changes, default=np.inf) <= 15 + 8 for changes in between]) >= 0.8, "within 8 s of the cut"
