"""What is asked for, beside what is heard."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livedj.choose.steering import chance_of, steered
from livedj.music import unit

HEARD, PAST, CHANCE = (unit(row) for row in np.eye(3, 8))


def test_by_default_what_is_heard_is_asked_for() -> None:
    np.testing.assert_allclose(steered(HEARD, [], 0.0, CHANCE), HEARD)


def test_every_song_of_the_past_weighs_as_much_as_what_is_heard() -> None:
    asked = steered(HEARD, [PAST, PAST], 0.0, CHANCE)
    assert asked @ PAST == pytest.approx(2 * asked @ HEARD)


@given(st.floats(0, 1), st.floats(0, 1))
def test_the_more_drunk_the_farther_from_what_is_heard(one: float, other: float) -> None:
    less, more = sorted((one, other))
    assert steered(HEARD, [], less, CHANCE) @ HEARD >= steered(HEARD, [], more, CHANCE) @ HEARD - 1e-6
    assert np.linalg.norm(steered(HEARD, [PAST], more, CHANCE)) == pytest.approx(1.0, abs=1e-5)


def test_who_is_wholly_drunk_asks_for_anything() -> None:
    np.testing.assert_allclose(steered(HEARD, [PAST], 1.0, CHANCE), CHANCE, atol=1e-6)


def test_chance_comes_again_from_its_seed_and_from_no_other() -> None:
    np.testing.assert_array_equal(chance_of(3, 128), chance_of(3, 128))
    assert abs(chance_of(3, 128) @ chance_of(4, 128)) < 0.5
    assert np.linalg.norm(chance_of(3, 128)) == pytest.approx(1.0)
