"""The recorder in a room whose sound server and loudspeakers come and go."""

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from livedj.demo.room import DJ, VirtualRoom
from livedj.demo.sound_server import end
from livedj.music import SAMPLE_RATE, Seconds
from tests.chaos.faults import OTHER, clock
from tests.chaos.judge import BLOCK, QUIET, RATE, Levels, Span, levels
from tests.chaos.recorder import Recorder
from tests.tune import tune

pytestmark = [pytest.mark.room, pytest.mark.timeout(180)]

ENOUGH = 20.0
Play = Callable[[], None]


@pytest.fixture
def frail_room() -> Iterator[VirtualRoom]:
    """Yield a room of its own, since it is broken in the test."""
    with VirtualRoom() as room:
        yield room


@pytest.fixture
def play(frail_room: VirtualRoom, tmp_path: Path) -> Iterator[Play]:
    """Return what plays a tune to the default output, as a deck would, until the server goes or the test ends."""
    raw = tmp_path / "tune.raw"
    raw.write_bytes(np.ascontiguousarray(tune(120.0), "<f4").tobytes())
    players = []

    def start() -> None:
        command = ["pacat", "--playback", "--raw", "--format=float32le", "--channels=1", f"--rate={SAMPLE_RATE}"]
        players.append(subprocess.Popen([*command, str(raw)], env=frail_room.environment, stderr=subprocess.DEVNULL))

    yield start
    for player in players:
        end(player)


class Ears:
    """A recorder, and what it has heard."""

    def __init__(self, room: VirtualRoom, folder: Path) -> None:
        self.began = clock()
        self._folder = folder
        self._recorder = Recorder(room.environment, folder)
        self._recorder.start()

    def record(self, seconds: float) -> Seconds:
        """Wait until so much more is on disk, and return the moment."""
        before, deadline = self._bytes(), time.monotonic() + ENOUGH
        while self._bytes() < before + seconds * RATE * 4:
            assert time.monotonic() < deadline
            time.sleep(0.02)  # polls the files as they grow
        return clock()

    def stop(self) -> tuple[Levels, Span]:
        """Return what was heard."""
        span = Span(self.began, clock())
        return levels(self._recorder.stop(), span), span

    def _bytes(self) -> int:
        return sum(file.stat().st_size for file in self._folder.glob("*.wav"))


def sounds(heard: Levels, span: Span, begin: float, end: float) -> float:
    """Return the share of blocks between two moments that are not silent."""
    first, last = (round((moment - span.begin) / BLOCK) for moment in (begin, end))
    return float(np.mean(heard[first:last] >= QUIET))


def test_a_killed_server_leaves_a_hole_and_the_recording_goes_on(
    frail_room: VirtualRoom, play: Play, tmp_path: Path
) -> None:
    ears = Ears(frail_room, tmp_path / "heard")
    play()
    began = ears.record(1.0)
    killed = ears.record(2.0)
    frail_room.kill_server()
    dead = clock()
    frail_room.restart_server()
    back = clock()
    play()
    again = ears.record(1.0)
    over = ears.record(2.0)
    heard, span = ears.stop()
    assert sounds(heard, span, began, killed - 0.1) == 1
    assert sounds(heard, span, dead + 0.2, back - 0.2) == 0
    assert sounds(heard, span, again, over - 0.1) == 1


def test_other_loudspeakers_are_heard_too(frail_room: VirtualRoom, play: Play, tmp_path: Path) -> None:
    ears = Ears(frail_room, tmp_path / "heard")
    play()
    began = ears.record(1.0)
    frail_room.add_speakers(OTHER)
    frail_room.choose_speakers(OTHER)
    frail_room.remove_speakers(DJ)
    ears.record(2.0)
    frail_room.add_speakers(DJ)
    frail_room.choose_speakers(DJ)
    frail_room.remove_speakers(OTHER)
    over = ears.record(2.0)
    heard, span = ears.stop()
    assert sounds(heard, span, began, over - 0.1) > 0.9


def test_without_loudspeakers_nothing_is_heard(frail_room: VirtualRoom, play: Play, tmp_path: Path) -> None:
    ears = Ears(frail_room, tmp_path / "heard")
    play()
    began = ears.record(1.0)
    gone_from = ears.record(1.0)
    frail_room.unplug_speakers()
    gone = clock()
    frail_room.plug_speakers()
    back = clock()
    again = ears.record(1.0)
    over = ears.record(1.0)
    heard, span = ears.stop()
    assert sounds(heard, span, began, gone_from - 0.1) == 1
    assert sounds(heard, span, gone + 0.1, back - 0.1) < 0.5
    assert sounds(heard, span, again, over - 0.1) == 1
