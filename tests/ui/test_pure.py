"""What needs no window: wishes on their way, moments, words for times and levels."""

import itertools
import re

import pytest

from livedj.music import Dbfs, Seconds
from tests.ui.night import NOW, PAUSED, PLANNED, later
from ui import theme
from ui.meter import FALL, HOLD, PeakHold
from ui.moment import brought_forward
from ui.pending import Pending
from ui.text import clock_time, plain_tip, remaining_time


def test_a_wish_is_shown_until_it_is_taken_up() -> None:
    pending: Pending[int] = Pending()
    assert pending.shown(6, NOW) == 6
    pending.ask(9)
    assert pending.shown(6, NOW) == 9
    assert pending.shown(9, NOW) == 9
    assert pending.shown(4, NOW) == 4, "once taken up, the truth may change again"


def test_a_wish_that_nobody_takes_up_gives_way_to_the_truth() -> None:
    pending: Pending[int] = Pending(Seconds(1.5))
    pending.ask(9)
    assert pending.shown(6, NOW) == 9
    assert pending.shown(6, later(1.4)) == 9
    assert pending.shown(6, later(1.5)) == 6
    assert pending.shown(6, later(0.1)) == 6


def test_a_forgotten_wish_is_not_shown() -> None:
    pending: Pending[int] = Pending()
    pending.ask(9)
    pending.forget()
    assert pending.shown(6, NOW) == 6


def test_playheads_run_on_between_snapshots() -> None:
    current = brought_forward(PLANNED, later(2.0))
    assert current.playing is not None
    assert current.playing.position == 85.0
    assert current.fades_in == 40.0
    assert current.at == later(2.0)


def test_a_paused_playhead_stands_still() -> None:
    assert brought_forward(PAUSED, later(2.0)).playing == PAUSED.playing


def test_a_playhead_stops_at_the_end_of_its_song() -> None:
    current = brought_forward(PLANNED, later(1000.0))
    assert current.playing is not None
    assert current.playing.position == current.playing.track.duration
    assert current.fades_in == 0.0


def test_a_snapshot_of_the_future_moves_nothing_back() -> None:
    assert brought_forward(PLANNED, later(-5.0)).playing == PLANNED.playing


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-1, "0:00"), (0, "0:00"), (59.9, "0:59"), (83, "1:23"), (3600, "1:00:00"), (36005, "10:00:05")],
)
def test_times_are_read_as_on_a_clock(seconds: float, text: str) -> None:
    assert clock_time(seconds) == text


def test_elapsed_and_remaining_change_together_and_add_up() -> None:
    assert remaining_time(Seconds(83.9), Seconds(240.2)) == "−2:37"
    assert remaining_time(Seconds(84.0), Seconds(240.2)) == "−2:36"
    assert remaining_time(Seconds(241.0), Seconds(240.2)) == "−0:00"


def test_a_tip_shows_tags_as_they_are() -> None:
    assert plain_tip("<b>Love & Co</b>") == "<span>&lt;b&gt;Love &amp; Co&lt;/b&gt;</span>"


def test_the_peak_is_held_and_then_falls() -> None:
    peak = PeakHold()
    assert peak.update(Dbfs(-10.0), NOW) == -10.0
    assert peak.update(Dbfs(-50.0), later(HOLD)) == -10.0
    assert peak.update(Dbfs(-50.0), later(HOLD + 1.0)) == pytest.approx(-10.0 - FALL)
    assert peak.update(Dbfs(-5.0), later(HOLD + 1.1)) == -5.0


def test_loudness_reads_as_brightness() -> None:
    shades = [(c >> 16 & 255) * 0.299 + (c >> 8 & 255) * 0.587 + (c & 255) * 0.114 for c in theme.mel_colours()]
    assert len(shades) == 256
    assert all(one <= next_one + 1 for one, next_one in itertools.pairwise(shades))


@pytest.mark.parametrize("scale", [0.76, 1.0, 2.4])
def test_the_style_sheet_leaves_no_unit_and_no_name_unfilled(scale: float) -> None:
    rules = re.sub(r"/\*.*?\*/", "", theme.stylesheet(scale), flags=re.DOTALL)
    assert "px" in rules
    assert re.findall(r"@\w+|\b\d+u\b", rules) == []


def _luminance(name: str) -> float:
    colour = theme.colour(name)
    channels = (colour.redF(), colour.greenF(), colour.blueF())
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(
    ("ink", "ground", "least"),
    [
        ("text", "panel", 12),
        ("text", "raised", 10),
        ("dim", "panel", 7),
        ("dim", "background", 7),
        ("dim", "glow", 7),
        ("accent", "panel", 7),
        ("accent", "glow", 7),
        ("on_accent", "accent", 7),
        ("alarm", "panel", 6),
    ],
)
def test_words_stand_out_from_their_ground(ink: str, ground: str, least: float) -> None:
    """WCAG 2.2 asks for a contrast of 7 of small text at its strictest level (AAA, 1.4.6); large type needs less."""
    lighter, darker = sorted((_luminance(ink), _luminance(ground)), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= least
