"""`livedj blind-test`: chance draws the order, nobody is told which list is heard, and a vote is kept."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livedj.blind_test import VOTES, drawn, tally
from livedj.demo.room import VirtualRoom
from livedj.music import SAMPLE_RATE, Samples
from tests.conftest import PATIENCE, Livedj
from tests.library.sounds import tone, write

LISTS = [Path("a.m3u8"), Path("b.m3u8")]
A, B = map(str, LISTS)
LOUD = 0.02
"""An amplitude that is no rest of a fade."""


def a_vote(lists: list[str], winner: str | None) -> str:
    return json.dumps({"moment": "2026-01-01T20:00:00+00:00", "seed": 1, "lists": lists, "winner": winner})


def test_each_order_is_as_likely_and_a_seed_draws_the_same_again() -> None:
    orders = [drawn(LISTS, seed) for seed in range(1000)]
    assert 450 < orders.count(LISTS) < 550
    assert orders.count(LISTS) + orders.count(LISTS[::-1]) == 1000
    assert orders == [drawn(LISTS, seed) for seed in range(1000)]


@given(st.lists(st.sampled_from([A, B, None])), st.lists(st.booleans()))
def test_votes_are_counted_whichever_list_was_heard_first(winners: list[str | None], turned: list[bool]) -> None:
    orders = [[B, A] if turn else [A, B] for turn in turned] + [[A, B]] * len(winners)
    won = tally([a_vote(*vote) for vote in zip(orders, winners, strict=False)], [A, B])
    assert [won[who] for who in (A, B, None)] == [winners.count(who) for who in (A, B, None)]


def test_votes_for_other_lists_and_damaged_lines_do_not_count() -> None:
    lines = [a_vote([A, "c.m3u8"], A), a_vote([A, B], "c.m3u8"), a_vote([A, B], A)[:-20], "", "[]", "7", '{"lists": 3}']
    assert tally([*lines, a_vote([B, A], A)], [A, B]) == {A: 1}


@pytest.fixture
def lists(tmp_path: Path) -> list[Path]:
    """Return a list of two songs and one of three; every song is a tone of its own, the first of a list the loudest."""
    found = []
    for name, pitches in (("a", (440, 550)), ("b", (880, 1100, 660))):
        songs = [
            write(tmp_path / f"{name} {place}.flac", tone(6.0, pitch, amplitude=0.5 / place))
            for place, pitch in enumerate(pitches, 1)
        ]
        found.append(tmp_path / f"{name}.m3u8")
        found[-1].write_text("\n".join(song.name for song in songs), encoding="utf-8")
    return found


def _begin(room: VirtualRoom, home: dict[str, str], *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen([sys.executable, "-m", "livedj", "blind-test", *arguments], env=home | room.environment,
                            text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            start_new_session=True)  # fmt: skip


def _said(process: "subprocess.Popen[str]", words: str) -> str:
    """Return what it says until these words."""
    assert process.stdout is not None
    said = ""
    while words not in said:
        letter = process.stdout.read(1)
        assert letter, said
        said += letter
    return said


def _heard(sound: Samples) -> list[tuple[int, float]]:
    """Return the tones in their order: the pitch in steps of 110 Hz, and the median level in dB."""
    tenth = SAMPLE_RATE // 10  # of a second: its spectrum has steps of 10 Hz
    pieces = sound[: len(sound) // tenth * tenth].reshape(-1, tenth)
    levels = np.sqrt((pieces**2).mean(axis=1))
    pitches = [round(int(np.argmax(np.abs(np.fft.rfft(piece)))) / 11) for piece in pieces]
    loud = [(pitch, level) for pitch, level in zip(pitches, levels, strict=True) if level > LOUD]
    order = dict.fromkeys(pitch for pitch, _ in loud)
    return [(one, float(20 * np.log10(np.median([level for pitch, level in loud if pitch == one])))) for one in order]


@pytest.mark.room
def test_two_lists_are_heard_and_a_vote_is_kept(
    room: VirtualRoom, home: dict[str, str], lists: list[Path], tmp_path: Path
) -> None:
    seed = next(seed for seed in range(10) if drawn(lists, seed) == lists[::-1])
    _votes(home).parent.mkdir(parents=True)
    _votes(home).write_text('{"moment": "2026')  # a vote that was cut off
    recording = room.record(tmp_path / "room.wav", "dj.monitor")
    process = _begin(room, home, *map(str, lists), "--seconds", "2", "--seed", str(seed))
    said = _said(process, "0 for neither?")
    heard = _heard(recording.stop())
    rest, trouble = process.communicate("x\n1\n", timeout=PATIENCE)

    assert process.returncode == 0, trouble
    assert [pitch for pitch, _ in heard] == [8, 10, 4, 5]
    assert max(level for _, level in heard) - min(level for _, level in heard) < 1.0
    for number in (1, 2):
        assert f"List {number}, song 1 of 2\nList {number}, song 2 of 2\n" in said
    assert not any(told in said for path in lists for told in (path.name, f"{path.stem} 1", f"{path.stem} 2"))
    assert f"List 1 was {lists[1]}:\n  b 1\n  b 2\nList 2 was {lists[0]}:\n  a 1\n  a 2\n" in rest
    assert rest.endswith(f"so far: {lists[0]} 0, {lists[1]} 1, neither 0.\n")
    vote = json.loads(_votes(home).read_text().splitlines()[1])
    assert vote.keys() == {"moment", "seed", "lists", "winner"}
    assert (vote["seed"], vote["lists"], vote["winner"]) == (seed, [str(lists[1]), str(lists[0])], str(lists[1]))


@pytest.mark.room
@pytest.mark.parametrize("way", ["Ctrl-C", "q", "end of input"])
def test_who_stops_has_not_voted(room: VirtualRoom, home: dict[str, str], lists: list[Path], way: str) -> None:
    process = _begin(room, home, *map(str, lists))
    _said(process, "List 1, song 1 of 2\n")
    assert process.stdin is not None
    process.stdin.write("n\n")
    process.stdin.flush()
    _said(process, "List 1, song 2 of 2\n")
    if way == "Ctrl-C":
        os.killpg(process.pid, signal.SIGINT)
    rest, trouble = process.communicate("q\n" if way == "q" else None, timeout=PATIENCE)
    assert process.returncode == (130 if way == "Ctrl-C" else 0), trouble
    assert "Traceback" not in trouble
    assert (trouble if way == "Ctrl-C" else rest).endswith("Stopped. There is no vote.\n")
    assert not _votes(home).exists()


@pytest.mark.room
@pytest.mark.parametrize("after", [0.05, 0.1])
def test_who_stops_while_the_player_starts_sees_no_traceback(
    room: VirtualRoom, home: dict[str, str], lists: list[Path], after: float
) -> None:
    process = _begin(room, home, *map(str, lists))
    _said(process, "q and Enter")
    time.sleep(after)  # its processes import what they need meanwhile
    os.killpg(process.pid, signal.SIGINT)
    _, trouble = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert "Traceback" not in trouble


def _votes(home: dict[str, str]) -> Path:
    return Path(home["XDG_DATA_HOME"]) / "livedj" / VOTES


def test_what_cannot_be_played_is_said_in_one_sentence(livedj: Livedj, lists: list[Path], tmp_path: Path) -> None:
    empty, gone = tmp_path / "empty.m3u8", tmp_path / "gone.m3u8"
    empty.write_text("#EXTM3U\n")
    gone.write_text("nowhere.mp3\n")
    (tmp_path / "circle").symlink_to("circle")
    for other, code, sentence in (
        (tmp_path / "no.m3u8", 1, "The playlist no.m3u8 cannot be read: No such file"),
        (empty, 1, "There is no song in empty.m3u8."),
        (tmp_path / "circle" / "a.m3u8", 1, "The playlist a.m3u8 cannot be read: Too many levels"),
        (gone, 1, "A song of gone.m3u8 cannot be played: nowhere.mp3 cannot be read"),
        (lists[0], 2, "name two"),
    ):
        refused = livedj("blind-test", str(lists[0]), str(other))
        assert refused.returncode == code
        assert sentence in refused.stderr
        assert refused.stderr.count("Error: ") == 1
