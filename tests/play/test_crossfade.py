"""The curves of a crossfade."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livedj.music import Gain, Seconds
from livedj.play.crossfade import Curve, Ramp

gains = st.floats(0.0, 1.0).map(Gain)
moments = st.floats(-10.0, 30.0).map(Seconds)


@given(now=moments)
def test_two_opposite_ramps_of_constant_power_add_up_to_one(now: Seconds) -> None:
    begin, length = Seconds(1.0), Seconds(6.0)
    going = Ramp(begin, length, Gain(1.0), Gain(0.0)).gain(now)
    coming = Ramp(begin, length, Gain(0.0), Gain(1.0)).gain(now)
    assert going**2 + coming**2 == pytest.approx(1.0)


@given(now=moments, start=gains, end=gains, curve=st.sampled_from(Curve))
def test_a_ramp_never_leaves_the_way_between_its_ends(now: Seconds, start: Gain, end: Gain, curve: Curve) -> None:
    gain = Ramp(Seconds(0.0), Seconds(5.0), start, end, curve).gain(now)
    assert min(start, end) - 1e-9 <= gain <= max(start, end) + 1e-9


@given(start=gains, end=gains, curve=st.sampled_from(Curve), length=st.floats(0.0, 10.0).map(Seconds))
def test_it_begins_and_ends_exactly(start: Gain, end: Gain, curve: Curve, length: Seconds) -> None:
    ramp = Ramp(Seconds(3.0), length, start, end, curve)
    assert ramp.gain(Seconds(2.99)) == start
    assert ramp.gain(Seconds(3.0 + length)) == end
    assert ramp.over(Seconds(3.0 + length))
    assert not ramp.over(Seconds(2.99))


def test_half_way_a_linear_ramp_is_at_half_and_one_of_constant_power_at_minus_3_db() -> None:
    begin, length, half = Seconds(0.0), Seconds(2.0), Seconds(1.0)
    assert Ramp(begin, length, Gain(0.0), Gain(1.0), Curve.LINEAR).gain(half) == pytest.approx(0.5)
    assert Ramp(begin, length, Gain(0.0), Gain(1.0)).gain(half) == pytest.approx(0.5**0.5)


@given(start=gains, end=gains, curve=st.sampled_from(Curve), length=st.floats(0.0, 10.0).map(Seconds))
def test_many_moments_are_told_as_each_alone(start: Gain, end: Gain, curve: Curve, length: Seconds) -> None:
    ramp = Ramp(Seconds(3.0), length, start, end, curve)
    moments = np.linspace(2.0, 14.0, 25)
    assert ramp.gains(moments) == pytest.approx([ramp.gain(Seconds(moment)) for moment in moments])
