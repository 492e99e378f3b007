"""The emergency loop as it ships: it can be decoded, is long enough, has no seam, and comes from its source."""

from pathlib import Path

import av
import numpy as np
import pytest

from livedj.demo.loop import FILE, make_loop
from livedj.demo.mixing import LOUDNESS, loudness
from livedj.demo.synth import RATE, Sound

MOMENT = RATE // 100
"""10 ms."""


def _decoded(path: Path) -> Sound:
    with av.open(path) as container:
        resampler = av.AudioResampler(format="fltp", layout="stereo", rate=RATE)
        blocks = [block for frame in container.decode(audio=0) for block in resampler.resample(frame)]
        return np.concatenate([block.to_ndarray() for block in blocks], axis=1).T.astype(np.float32)


@pytest.fixture(scope="module")
def loop() -> Sound:
    return _decoded(FILE)


def test_it_ships_and_is_small() -> None:
    assert 100_000 < FILE.stat().st_size < 600_000


def test_it_is_long_enough_and_as_loud_as_a_song(loop: Sound) -> None:
    assert 40.0 <= len(loop) / RATE <= 60.0
    assert loudness(loop) == pytest.approx(LOUDNESS, abs=0.5)
    assert np.abs(loop).max() < 1.0


def test_its_seam_is_no_click(loop: Sound) -> None:
    """From the last sample to the first is no greater a step than the music makes all the time."""
    steps = np.abs(np.diff(loop, axis=0)).max(axis=1)
    seam = float(np.abs(loop[0] - loop[-1]).max())
    assert seam < np.quantile(steps, 0.9)


def test_its_seam_is_no_gap(loop: Sound) -> None:
    """Around the seam it is as loud as around the other bar lines, all of them about as loud as each other."""
    turned = np.concatenate([loop[-RATE:], loop[:RATE]])
    power = np.sqrt((turned**2).mean(axis=1))
    levels = power[: len(power) // MOMENT * MOMENT].reshape(-1, MOMENT).mean(axis=1)
    middle = len(levels) // 2
    assert levels[middle - 3 : middle + 3].min() > 0.3 * np.median(levels)


def test_it_is_what_its_source_makes(loop: Sound, tmp_path: Path) -> None:
    make_loop(tmp_path / "loop.opus")
    made = _decoded(tmp_path / "loop.opus")
    assert made.shape == loop.shape
    assert np.corrcoef(made.ravel(), loop.ravel())[0, 1] > 0.99
