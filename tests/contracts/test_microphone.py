"""The microphone's contract, held against PortAudio in the virtual room and against the file that plays its part."""

import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from livedj.errors import MicrophoneError
from livedj.listen.heard import DEFAULT_INPUT, InputDevice
from livedj.listen.microphone import FileMicrophone, Microphone, PortAudioMicrophone
from livedj.music import SAMPLE_RATE, Samples, Seconds

HERTZ = 700.0
PATIENCE = 30.0


def tone(seconds: float) -> Samples:
    return np.asarray(0.3 * np.sin(2 * np.pi * HERTZ * np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE), np.float32)


@pytest.fixture(params=["file", pytest.param("PortAudio", marks=pytest.mark.room)])
def microphone(request: pytest.FixtureRequest) -> Iterator[Microphone]:
    """Yield a microphone in a room where a tone sounds."""
    if request.param == "file":
        yield FileMicrophone(tone(10), SAMPLE_RATE, lambda: Seconds(time.monotonic()))
        return
    room = request.getfixturevalue("room")
    player = room.play(tone(60))
    real = PortAudioMicrophone()
    yield real
    real.close()
    player.stop()


def collect(microphone: Microphone, enough: Callable[[Samples], bool]) -> Samples:
    heard = np.zeros(0, np.float32)
    deadline = time.monotonic() + PATIENCE
    while not enough(heard):
        assert time.monotonic() < deadline, f"only {len(heard)} samples, loudest {np.abs(heard).max(initial=0)}"
        heard = np.concatenate([heard, microphone.read()])
    return heard


def test_it_hears_the_room_at_the_right_pitch(microphone: Microphone) -> None:
    rate = microphone.open(DEFAULT_INPUT)
    heard = collect(microphone, lambda heard: int(np.count_nonzero(np.abs(heard) > 0.01)) > rate)
    heard = heard[-int(rate / 2) :]
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard))))
    assert heard.dtype == np.float32
    assert np.argmax(spectrum) * rate / len(heard) == pytest.approx(HERTZ, abs=4)


def test_reading_never_waits(microphone: Microphone) -> None:
    microphone.open(DEFAULT_INPUT)
    collect(microphone, lambda heard: len(heard) > 0)
    lengths = [len(microphone.read()) for _ in range(50)]
    assert 0 in lengths  # nobody waited for the next block


def test_it_can_be_opened_again_and_lists_what_can_be_chosen(microphone: Microphone) -> None:
    for _ in range(2):
        microphone.open(DEFAULT_INPUT)
        collect(microphone, lambda heard: len(heard) > SAMPLE_RATE / 10)
    assert microphone.inputs()
    for device in microphone.inputs():
        assert device.name
        assert device.host_api


def test_a_listed_input_can_be_chosen_by_name(microphone: Microphone) -> None:
    microphone.open(DEFAULT_INPUT)
    chosen = next(d for d in microphone.inputs() if d.name in ("pulse", "default", FileMicrophone.INPUT.name))
    rate = microphone.open(chosen)
    collect(microphone, lambda heard: len(heard) > rate / 10)


def test_an_input_that_is_not_there_is_refused_with_its_name(microphone: Microphone) -> None:
    with pytest.raises(MicrophoneError, match="Nobody"):
        microphone.open(InputDevice("Nobody", "ALSA"))


def test_unopened_it_brings_nothing(microphone: Microphone) -> None:
    assert len(microphone.read()) == 0


def test_closed_it_brings_nothing_and_may_be_closed_twice(microphone: Microphone) -> None:
    microphone.open(DEFAULT_INPUT)
    collect(microphone, lambda heard: len(heard) > 0)
    microphone.close()
    microphone.close()
    microphone.read()
    assert len(microphone.read()) == 0
