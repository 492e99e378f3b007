"""Every entry survives its line; a line that is none is passed over; and who played what when."""

import json
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest

from livedj.music import Seconds
from livedj.night.entries import Began, Entry, OnAir, Played, Resumed, Song, from_line, played, to_line
from tests.session.songs import EVENING, NINE, NOT_UTF_8, ONE, TWO, after
from tests.songs import song as library_song


@pytest.mark.parametrize("entry", EVENING, ids=lambda entry: entry.kind)
def test_an_entry_survives_its_line(entry: Entry) -> None:
    line = to_line(entry)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert from_line(line) == entry


def test_every_kind_of_entry_is_tried() -> None:
    assert {entry.kind for entry in EVENING} == {kind.kind for kind in Entry.__args__}


def test_a_line_can_be_read_by_a_person_and_by_any_program() -> None:
    line = to_line(OnAir(NINE, ONE, ONE.duration))
    assert "Ärtist" in line.decode()
    assert json.loads(line)["at"] == "2026-11-21T21:00:00.250+00:00"


def test_numbers_may_be_numpys() -> None:
    half = cast("Any", np.float32(0.5))
    song = replace(ONE, id=cast("Any", np.int64(1)), duration=half)
    assert from_line(to_line(OnAir(NINE, song, half))) == OnAir(NINE, replace(ONE, duration=Seconds(0.5)), Seconds(0.5))


@pytest.mark.parametrize("torn", range(1, len(to_line(EVENING[3])) - 1, 7))
def test_a_torn_line_is_no_entry(torn: int) -> None:
    assert from_line(to_line(EVENING[3])[:torn]) is None


@pytest.mark.parametrize(
    "line",
    [b"", b"[]", b"3", b"null", b'"began"', b"{}", b'{"kind": "danced"}', b'{"kind": []}', b'{"kind": "began"}',
     b'{"kind": "began", "at": "yesterday", "version": "1"}', b'{"kind": "began", "at": 3, "version": "1"}',
     b'{"kind": "on air", "at": "2026-11-21T21:00:00+00:00", "song": 3, "start": 0}', b"\xff\xfe"],
)
def test_what_is_no_entry_is_passed_over(line: bytes) -> None:
    assert from_line(line) is None


def test_a_newer_version_may_tell_more() -> None:
    line = b'{"kind": "began", "at": "2026-11-21T21:00:00.250+00:00", "version": "9.0", "weather": "rain"}'
    assert from_line(line) == Began(NINE, "9.0")


def test_a_song_is_what_the_library_knew() -> None:
    track = library_song(3)
    assert Song.of(track) == Song(track.id, track.path, track.title, track.artist, track.duration)


def test_songs_are_told_in_the_order_they_began_with_those_that_broke_off() -> None:
    two, broken, again = played(EVENING)
    assert two == Played(after(205), after(5), TWO, TWO_START, TWO_END, "chosen by hand")
    assert (broken.song, broken.since, broken.end, broken.at) == (NOT_UTF_8, after(200), None, after(210))
    assert (again.song, again.since, again.end, again.at) == (NOT_UTF_8, after(301), None, after(320))


def test_a_song_that_is_on_air_still_is_told_too() -> None:
    assert [song.end for song in played([OnAir(NINE, ONE, ONE.duration)])] == [None]
    assert played([]) == []
    assert played([Resumed(NINE, "x")]) == []


TWO_PLAYED = next(entry for entry in EVENING if isinstance(entry, Played))
TWO_START, TWO_END = TWO_PLAYED.start, TWO_PLAYED.end
