"""The listener's thread on a microphone made of memory: what it reports, and how it survives losing it."""

import os
import queue
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from livedj import bundled
from livedj.demo.room import MIC, VirtualRoom
from livedj.ear.encoder import Encoder
from livedj.ear.vector import WINDOW
from livedj.errors import MicrophoneError
from livedj.listen.heard import DEFAULT_INPUT, Heard, InputDevice, ListenState
from livedj.listen.listener import Hearing, Listener
from livedj.listen.microphone import FileMicrophone, Microphone, PortAudioMicrophone
from livedj.listen.window import RollingWindow
from livedj.music import SAMPLE_RATE, Samples, Seconds
from tests.listen.one_song import OneSong
from tests.other_models import another_model
from tests.songs import song
from tests.tune import tune

PATIENCE = 30.0


def clock() -> Seconds:
    return Seconds(time.monotonic())


class Stage:
    """A running listener and what it has reported."""

    def __init__(self, microphone: Microphone, wanted: InputDevice = DEFAULT_INPUT) -> None:
        self.songs = OneSong()
        self.reports: queue.SimpleQueue[Heard] = queue.SimpleQueue()
        self.deaths: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.listener = Listener(
            microphone, bundled.MODEL, lambda: self.songs, wanted, self.reports.put, self.deaths.put, clock
        )
        self.listener.start()

    def until(self, wanted: Callable[[Heard], bool]) -> Heard:
        deadline = time.monotonic() + PATIENCE
        last = None
        while time.monotonic() < deadline:
            last = self.reports.get(timeout=PATIENCE)
            if wanted(last):
                return last
        raise AssertionError(f"not reported; the last report was {last}")


class FrailMicrophone(FileMicrophone):
    """A microphone that can be pulled out."""

    def __init__(self, samples: Samples) -> None:
        super().__init__(samples, SAMPLE_RATE, clock)
        self.there = threading.Event()
        self.there.set()

    def open(self, wanted: InputDevice) -> float:
        if not self.there.is_set():
            raise MicrophoneError("No microphone can be opened. Plug one in.")
        return super().open(wanted)

    def read(self) -> Samples:
        return super().read() if self.there.is_set() else np.zeros(0, np.float32)


@pytest.fixture
def stages() -> Iterator[list[Stage]]:
    running: list[Stage] = []
    yield running
    for stage in running:
        stage.listener.stop()
        assert stage.songs.closed
        assert stage.deaths.empty()


def test_it_reports_level_at_once_and_neighbours_after_the_first_window(stages: list[Stage]) -> None:
    stages.append(stage := Stage(FileMicrophone(tune(20), SAMPLE_RATE, clock)))
    first = stage.until(lambda heard: heard.state is ListenState.LISTENING)
    assert first.level == pytest.approx(-20.0, abs=1.0)
    assert first.neighbours == ()
    heard = stage.until(lambda heard: bool(heard.neighbours))
    assert heard.neighbours[0].track == stage.songs.only
    assert heard.log_mel is not None
    assert heard.log_mel.shape == (96, 216)
    assert heard.inputs == (FileMicrophone.INPUT,)


def test_it_names_a_song_of_ours_once_it_is_sure(stages: list[Stage]) -> None:
    stages.append(stage := Stage(FileMicrophone(tune(1), SAMPLE_RATE, clock)))
    heard = stage.until(lambda heard: heard.itself is not None)
    assert heard.itself == stage.songs.only


def test_silence_is_said_and_moves_nothing(stages: list[Stage]) -> None:
    stages.append(stage := Stage(FileMicrophone(tune(20, level=1e-4), SAMPLE_RATE, clock)))
    heard = stage.until(lambda heard: heard.state is ListenState.TOO_QUIET)
    assert heard.log_mel is None
    assert stage.songs.asked == []
    stages.append(stage := Stage(FileMicrophone(np.zeros(SAMPLE_RATE, np.float32), SAMPLE_RATE, clock)))
    assert "pure silence" in stage.until(lambda heard: heard.state is ListenState.TOO_QUIET).detail


def test_a_held_vector_stays_where_it_is(stages: list[Stage]) -> None:
    stages.append(stage := Stage(FileMicrophone(tune(60), SAMPLE_RATE, clock)))
    stage.until(lambda heard: bool(heard.neighbours))
    stage.listener.hold(True)
    for _ in range(20):  # the order is obeyed within a look or two; then at least two strides pass
        stage.until(lambda heard: True)
    first = stage.songs.asked[-1]
    count = len(stage.songs.asked)
    stage.until(lambda heard: len(stage.songs.asked) > count + 1)
    np.testing.assert_array_equal(stage.songs.asked[-1], first)
    stage.listener.hold(False)  # it is free once the window holds nothing of the mix, 5 s later
    stage.until(lambda heard: not np.array_equal(stage.songs.asked[-1], first))


def test_a_microphone_that_falls_silent_is_missed_and_listening_comes_back(stages: list[Stage]) -> None:
    microphone = FrailMicrophone(tune(20))
    stages.append(stage := Stage(microphone))
    stage.until(lambda heard: heard.state is ListenState.LISTENING)
    microphone.there.clear()
    lost = stage.until(lambda heard: heard.state is ListenState.NO_MICROPHONE)
    assert "Plug it in again" in lost.detail
    assert lost.music is None
    microphone.there.set()
    stage.until(lambda heard: heard.state is ListenState.LISTENING)


@pytest.mark.room
def test_a_muted_microphone_is_told_from_a_silent_room(room: VirtualRoom, stages: list[Stage]) -> None:
    stages.append(stage := Stage(PortAudioMicrophone()))
    assert not stage.until(lambda heard: heard.state is ListenState.TOO_QUIET).muted
    mute = ["pactl", "set-source-mute", MIC]
    subprocess.run([*mute, "1"], env={**os.environ, **room.environment}, check=True)
    try:
        stage.until(lambda heard: heard.muted and "Unmute it" in heard.detail)
    finally:
        subprocess.run([*mute, "0"], env={**os.environ, **room.environment}, check=True)
    stage.until(lambda heard: not heard.muted)


def test_an_input_that_is_not_there_is_said_while_the_default_serves(stages: list[Stage]) -> None:
    stages.append(stage := Stage(FileMicrophone(tune(20), SAMPLE_RATE, clock)))
    stage.until(lambda heard: heard.state is ListenState.LISTENING)
    stage.listener.listen_to(InputDevice("Gone", "ALSA"))
    meanwhile = stage.until(lambda heard: "Gone" in heard.detail)
    assert meanwhile.state is ListenState.LISTENING  # to the default
    assert meanwhile.inputs == (FileMicrophone.INPUT,)
    stage.listener.listen_to(FileMicrophone.INPUT)
    stage.until(lambda heard: heard.input == FileMicrophone.INPUT and not heard.detail)


def test_a_broken_model_is_reported_as_the_listeners_end(tmp_path: Path) -> None:
    deaths: queue.SimpleQueue[str] = queue.SimpleQueue()
    songs = OneSong()
    listener = Listener(
        FileMicrophone(tune(1), SAMPLE_RATE, clock),
        tmp_path / "none.tflite",
        lambda: songs,
        DEFAULT_INPUT,
        lambda heard: None,
        deaths.put,
        clock,
    )
    listener.start()
    assert "none" in deaths.get(timeout=PATIENCE)
    listener.stop()


def test_another_model_hears_on_without_a_break(stages: list[Stage], tmp_path: Path) -> None:
    stages.append(stage := Stage(FileMicrophone(tune(20), SAMPLE_RATE, clock)))
    stage.until(lambda heard: bool(heard.neighbours))
    former, stage.songs = stage.songs, OneSong()
    stage.songs.only = song(2)

    stage.listener.use(another_model(tmp_path / "taste.tflite"), lambda: stage.songs)

    states = set()

    def changed_over(heard: Heard) -> bool:
        states.add(heard.state)
        return bool(heard.neighbours) and heard.neighbours[0].track == stage.songs.only

    changed = stage.until(changed_over)
    assert states == {ListenState.LISTENING}
    assert changed.log_mel is not None
    assert former.closed


def test_a_hold_outlasts_a_change_of_model() -> None:
    window = RollingWindow(SAMPLE_RATE)
    window.add(tune(6))
    hearing = Hearing(Encoder(), OneSong())
    hearing.hold(True)

    hearing.use(Encoder(), songs := OneSong())

    assert hearing.hear(window, clock()).neighbours == ()
    hearing.hold(False)
    began = clock()
    hearing.hear(window, began)
    assert hearing.hear(window, Seconds(began + WINDOW)).neighbours[0].track == songs.only
