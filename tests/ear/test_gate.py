import numpy as np
import pytest

from livedj.ear.gate import THRESHOLD, is_loud_enough
from livedj.music import SILENCE, Dbfs, level_of


@pytest.mark.parametrize("level", [SILENCE, Dbfs(-80), Dbfs(-60), Dbfs(THRESHOLD - 0.01)])
def test_a_quiet_room_stays_outside(level: Dbfs) -> None:
    assert not is_loud_enough(level)


@pytest.mark.parametrize("level", [THRESHOLD, Dbfs(-40), Dbfs(-20), Dbfs(0)])
def test_music_comes_in(level: Dbfs) -> None:
    assert is_loud_enough(level)


def test_level_of_samples_decides() -> None:
    samples = np.random.default_rng(1).standard_normal(22_050).astype(np.float32)
    assert is_loud_enough(level_of(samples * np.float32(0.01)))  # -40 dBFS
    assert not is_loud_enough(level_of(samples * np.float32(0.001)))  # -60 dBFS
    assert not is_loud_enough(level_of(samples * np.float32(0)))
