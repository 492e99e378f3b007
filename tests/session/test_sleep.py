"""Sleep is told from everything else that clocks do."""

import subprocess
import sys

import pytest

from livedj.music import Seconds
from livedj.night.sleep import SleepWatch, clocks


def _slept(*looks: tuple[float, float]) -> list[float]:
    watch = SleepWatch(Seconds(100.0), Seconds(5000.0))
    return [watch.slept(Seconds(100.0 + awake), Seconds(5000.0 + passed)) for awake, passed in looks]


def test_a_machine_that_is_awake_has_not_slept() -> None:
    assert _slept((1.0, 1.0), (2.0, 2.001), (60.0, 60.0)) == [0.0, 0.0, 0.0]


def test_a_sleep_is_told_once_and_with_its_length() -> None:
    assert _slept((1.0, 1.0), (2.0, 3602.0), (3.0, 3603.0)) == [0.0, 3600.0, 0.0]


def test_a_clock_that_is_disciplined_or_set_back_is_no_sleep() -> None:
    assert _slept((1.0, 1.9), (2.0, -3000.0), (3.0, -2999.0)) == [0.0, 0.0, 0.0]


def test_a_program_that_was_stopped_while_the_machine_was_awake_is_no_sleep() -> None:
    assert _slept((600.0, 600.0)) == [0.0]


def test_the_two_clocks_run_alike_while_we_look() -> None:
    before = clocks()
    watch = SleepWatch(*before)
    subprocess.run([sys.executable, "-c", ""], check=True)
    after = clocks()
    assert after[0] > before[0]
    assert after[1] - before[1] == pytest.approx(after[0] - before[0], abs=1.0)
    assert watch.slept(*after) == 0.0
