"""The silent deck's own: it keeps the time of the clock it was given."""

import pytest

from livedj.music import Gain, Seconds
from livedj.play.crossfade import Ramp
from livedj.play.deck import DeckCued, DeckEnded, DeckMoved, Token
from tests.play.bench import SilentBench
from tests.songs import song

TOKEN = Token(1)


@pytest.fixture
def bench() -> SilentBench:
    bench = SilentBench(lambda _: Seconds(60.0))
    bench.deck.load(TOKEN, song(1).path, Seconds(0.0))
    return bench


def test_nothing_is_reported_before_the_first_tick(bench: SilentBench) -> None:
    assert bench.events == []
    bench.silent.tick()
    assert bench.next() == DeckCued(bench.deck_name, TOKEN, Seconds(60.0))


def test_a_clock_that_leaps_leads_straight_to_the_end(bench: SilentBench) -> None:
    bench.wait(DeckCued, TOKEN)
    bench.deck.play(TOKEN)
    bench.leap(Seconds(100.0))
    bench.silent.tick()
    assert bench.next() == DeckEnded(bench.deck_name, TOKEN)


def test_time_before_play_does_not_count(bench: SilentBench) -> None:
    bench.wait(DeckCued, TOKEN)
    bench.leap(Seconds(100.0))
    bench.deck.play(TOKEN)
    assert bench.wait(DeckMoved, TOKEN).position == pytest.approx(0.0, abs=0.1)


def test_its_gain_follows_the_ramp_and_falls_to_nothing_with_the_song(bench: SilentBench) -> None:
    assert bench.silent.gain == 0.0
    bench.deck.ramp(TOKEN, Ramp(bench.now(), Seconds(4.0), Gain(0.0), Gain(1.0)))
    bench.leap(Seconds(2.0))
    assert bench.silent.gain == pytest.approx(0.5**0.5)
    bench.leap(Seconds(2.0))
    assert bench.silent.gain == 1.0
    bench.deck.unload(TOKEN)
    assert bench.silent.gain == 0.0
