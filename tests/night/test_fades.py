"""The judge of transitions finds what is wrong with a recording; and real ones find favour with it."""

import itertools
from dataclasses import replace
from pathlib import Path
from statistics import median

import numpy as np
import pytest

from livedj.demo.room import VirtualRoom
from livedj.music import SAMPLE_RATE, Beats, CuePoints, Loudness, Samples, Seconds, Track, TrackId
from livedj.play.transition import planned
from tests.bench.fades import TOLERANCE, Heard, compare, measure, render, two_decks
from tests.play.sounds import write_wav
from tests.tune import BEAT, tune

LENGTH = 30.0
AROUND = Seconds(6.0)
FADE = Seconds(4.0)
SLOW_MACHINE = 3.0
IN_TIME = 0.04 * SLOW_MACHINE
DELAY = 1000
"""Samples that a recording begins too early."""


def make_song(path: Path, root: float, start: float = 0.0, level: float = 0.1) -> Track:
    """Write a tune after `start` seconds of silence; its outro is its last 6 s, its first beat is its first sample."""
    sound = np.concatenate([np.zeros(round(start * SAMPLE_RATE), np.float32), tune(LENGTH, level, root)])
    beats = Beats(60 / BEAT, Seconds(start), 1.0)
    return Track(
        id=TrackId(round(root)),
        path=write_wav(path, np.repeat(sound, 2)),
        title=path.stem,
        artist="",
        album="",
        duration=Seconds(start + LENGTH),
        cues=CuePoints(Seconds(start), Seconds(start + LENGTH), Seconds(start + 6.0), Seconds(start + LENGTH - 6.0)),
        loudness=Loudness(20 * float(np.log10(level)), -3.0),
        intro_beats=beats,
        outro_beats=beats,
    )


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> list[Track]:
    """Return three songs of one tempo; the second begins with silence and is softer."""
    folder = tmp_path_factory.mktemp("songs")
    return [
        make_song(folder / "first.wav", 220.0),
        make_song(folder / "second.wav", 277.2, start=1.1, level=0.04),
        make_song(folder / "third.wav", 329.6),
    ]


def judge(songs: list[Track], late: float = 0.0, quiet: tuple[float, float] | None = None, gain: float = 1.0) -> Heard:
    """Judge a recording made up from the render: `late`, with a hole between two moments, louder or softer."""
    plan = planned(songs[0], songs[1], FADE)
    rendered = render(songs[0], songs[1], plan, AROUND)
    shift = round(late * SAMPLE_RATE)
    incoming = np.roll(rendered.incoming, shift)
    sound: Samples = np.pad(rendered.outgoing + incoming, (DELAY, DELAY)) * np.float32(gain)
    if quiet is not None:
        begin, end = (rendered.begin + round(moment * SAMPLE_RATE) for moment in quiet)
        sound[begin:end] = 0
    return compare(sound, rendered, plan, songs[0])


def test_the_render_itself_is_flawless(songs: list[Track]) -> None:
    heard = judge(songs)
    assert heard.late == 0
    assert heard.worst < 0.01
    assert not heard.cut


@pytest.mark.parametrize("late", [-0.25, 0.08])
def test_an_incoming_song_that_is_late_or_early_is_found(songs: list[Track], late: float) -> None:
    assert judge(songs, late).late == pytest.approx(late, abs=0.001)


def test_a_hole_is_found(songs: list[Track]) -> None:
    assert not judge(songs, quiet=(1.0, 2.0)).kept


def test_a_wrong_level_is_found(songs: list[Track]) -> None:
    assert judge(songs, gain=10 ** (1.5 / 20)).worst == pytest.approx(1.5, abs=0.01)


def test_music_that_was_cut_before_its_outro_is_found(songs: list[Track]) -> None:
    plan, outro = planned(songs[0], songs[1], FADE), songs[0].cues.outro_start
    assert outro is not None
    hasty = replace(plan, begin=Seconds(outro - 0.3))
    rendered = render(songs[0], songs[1], hasty, AROUND)
    heard = compare(rendered.outgoing + rendered.incoming, rendered, hasty, songs[0])
    assert heard.cut
    assert heard.amputated == pytest.approx(0.3, abs=0.001)


@pytest.mark.room
def test_decks_do_as_planned(room: VirtualRoom, songs: list[Track], tmp_path: Path) -> None:
    heard = []
    with two_decks() as decks:
        for outgoing, incoming in itertools.pairwise([*songs, songs[0]]):
            plan = planned(outgoing, incoming, FADE)
            assert plan.on_beat
            heard.append(measure(room, decks, outgoing, incoming, plan, tmp_path / "fade.wav", AROUND))
    # When a busy machine stalls, libVLC synchronises a player anew, with a gap: the middle one is judged.
    assert median(one.worst for one in heard) <= TOLERANCE, heard
    assert median(abs(one.late) for one in heard) < IN_TIME, heard
    assert not any(one.cut for one in heard), heard
