"""One of every entry, for tests of the log."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from livedj.music import Seconds, TrackId
from livedj.night.entries import (
    Began,
    Chooser,
    Chosen,
    Ended,
    Entry,
    Fault,
    Heard,
    Lost,
    OnAir,
    Pick,
    Played,
    Proposed,
    Repair,
    Resumed,
    Song,
    Sound,
)

NINE = datetime(2026, 11, 21, 21, 0, 0, 250_000, UTC)
"""The evening begins."""


def after(seconds: float) -> datetime:
    """Return a moment of that evening."""
    return NINE + timedelta(seconds=seconds)


def song(number: int, path: str = "") -> Song:
    """Return a song of the library."""
    return Song(TrackId(number), Path(path or f"/music/{number}.mp3"), f"Title {number}", "Ärtist", Seconds(200.5))


ONE, TWO, THREE = song(1), song(2), song(3)
NOT_UTF_8 = song(4, "/music/caf\udce9 \u2028.mp3")

EVENING: tuple[Entry, ...] = (
    Began(after(0), "0.1.0"),
    Heard(after(1), Sound.VOICES),
    Heard(after(2), Sound.MUSIC, ONE),
    Proposed(after(3), (Pick(TWO, "begins just like the room"), Pick(NOT_UTF_8, "not played for longest"))),
    Chosen(after(4), TWO, Chooser.PERSON),
    OnAir(after(5), TWO, Seconds(0.5), "chosen by hand"),
    Fault(after(100), "The sound output went away."),
    Repair(after(101), "The music goes on."),
    OnAir(after(200), NOT_UTF_8, Seconds(0.0)),
    Played(after(205), after(5), TWO, Seconds(0.5), Seconds(199.25), "chosen by hand"),
    Lost(after(210), 7),
    Resumed(after(300), "livedj was ended by SIGKILL."),
    OnAir(after(301), NOT_UTF_8, Seconds(95.0), "goes on"),
    Ended(after(320)),
)
