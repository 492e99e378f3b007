import dataclasses
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow", reason="needs the train extra")

import keras

from livedj.music import Vectors, unit
from livedj.train.configuration import read_configuration
from livedj.train.taste.excerpts import Excerpt
from livedj.train.taste.network import TasteNetwork, grow, shipped_network
from livedj.train.taste.plan import PLAN, Plan
from livedj.train.taste.tune import Tuning, Windows
from tests.train.taste.conftest import MEL

MOODS = 4
SHORT = dataclasses.replace(PLAN, batch=8, steps=30, dimensions=8)


def songs(each: int = 4) -> tuple[list[Excerpt], Vectors]:
    """Excerpts of songs that sound in bands of their mood, and their vectors: those of the mood."""
    rng = np.random.default_rng(1)
    moods = unit(rng.standard_normal((MOODS, SHORT.dimensions)))
    excerpts = []
    for number in range(MOODS * each):
        levels = rng.normal(-60, 5, (MEL.n_mels, 600))
        levels[24 * (number % MOODS) :][:24] += 50
        part = levels.astype(np.float16)
        excerpts.append(Excerpt(part, part, apart=False))
    return excerpts, moods[np.arange(MOODS * each) % MOODS]


def grown(untrained: Path, plan: Plan) -> TasteNetwork:
    keras.utils.set_random_seed(1)
    return grow(shipped_network(untrained), shipped_network(untrained), plan)


def source(plan: Plan, seed: int) -> Windows:
    excerpts, vectors = songs()
    return Windows(excerpts, vectors, plan, read_configuration().augment, MEL, seed)


def test_windows_come_from_different_songs_and_the_same_seed_gives_the_same(untrained: Path) -> None:
    one, other = source(SHORT, 1), source(SHORT, 1)
    for _ in range(3):
        log_mel, vectors = one.draw()
        again, _ = other.draw()
        assert log_mel.shape == (8, MEL.n_mels, MEL.frames)
        assert vectors.shape == (8, SHORT.dimensions)
        assert np.array_equal(log_mel, again)
    assert not np.array_equal(source(SHORT, 2).draw()[0], source(SHORT, 1).draw()[0])


def test_songs_are_told_by_their_sound(untrained: Path, tmp_path: Path) -> None:
    cosines: list[float] = []
    Tuning(grown(untrained, SHORT), SHORT, tmp_path / "run").run(
        lambda seed: source(SHORT, seed), lambda _done, cosine: cosines.append(cosine)
    )
    assert len(cosines) == SHORT.steps
    assert cosines[-1] > cosines[0] + 0.25


def test_a_run_that_was_interrupted_goes_on_where_it_was(untrained: Path, tmp_path: Path) -> None:
    tuning = Tuning(grown(untrained, SHORT), SHORT, tmp_path / "run")

    def interrupt(_done: float, _cosine: float) -> None:
        if tuning.step == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tuning.run(lambda seed: source(SHORT, seed), interrupt)
    network = grown(untrained, SHORT)
    later = Tuning(network, SHORT, tmp_path / "run")
    assert later.step == 5
    done: list[float] = []
    later.run(lambda seed: source(SHORT, seed), lambda share, _cosine: done.append(share))
    assert len(done) == SHORT.steps - 5
    assert Tuning(network, SHORT, tmp_path / "run").step == SHORT.steps


def test_the_minutes_end_it_sooner(untrained: Path, tmp_path: Path) -> None:
    plan = dataclasses.replace(SHORT, steps=100_000, minutes=0.05)
    tuning = Tuning(grown(untrained, plan), plan, tmp_path / "run")
    tuning.run(lambda seed: source(plan, seed), lambda _done, _cosine: None)
    assert tuning.step < plan.steps
