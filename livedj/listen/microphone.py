"""The microphone: its port, PortAudio's implementation, and a file that plays the microphone's part.

PortAudio knows no hot-plug: the list of devices is made when it starts, and a device that dies may raise nothing. So
the listener watches whether blocks keep coming, and opens anew, which makes the list anew.
"""

import sys
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from livedj.errors import MicrophoneError
from livedj.listen.heard import DEFAULT_INPUT, InputDevice
from livedj.listen.ring import BlockRing
from livedj.music import Samples, Seconds

RING_SECONDS = 10
"""What the listener may be late without losing sound."""


class Microphone(Protocol):
    """Where sound comes in. Used from one thread only."""

    def open(self, wanted: InputDevice) -> float:
        """Open this input (again) and return its sample rate in Hz. Raises MicrophoneError."""

    def inputs(self) -> tuple[InputDevice, ...]:
        """Return the inputs known since the last `open`."""

    def read(self) -> Samples:
        """Return what has come in since the last call, mono, without waiting; empty when there is nothing."""

    def close(self) -> None:
        """Let go of the input."""


class PortAudioMicrophone:
    """A sound card's input through PortAudio, at its native rate, mixed to mono."""

    def __init__(self) -> None:
        self._stream: Any = None
        self._ring = BlockRing(1)
        self._inputs: tuple[InputDevice, ...] = ()

    def open(self, wanted: InputDevice) -> float:
        """Open `wanted` as PortAudio, started afresh, finds it: its list of devices is made when it starts."""
        self.close()
        sounddevice = _fresh_portaudio()
        try:
            self._inputs, numbers = _list_inputs(sounddevice)
            number = None if wanted == DEFAULT_INPUT else numbers.get(wanted, -1)
            if number == -1:
                raise MicrophoneError(f"The microphone {wanted.label} is not there. Plug it in or choose another.")
            device = sounddevice.query_devices(number, kind="input")
            rate = float(device["default_samplerate"])
            channels = min(2, int(device["max_input_channels"]))
            self._ring = BlockRing(int(RING_SECONDS * rate))
            self._stream = sounddevice.InputStream(
                device=number, samplerate=rate, channels=channels, dtype="float32", callback=_copy_into(self._ring)
            )
            self._stream.start()
        except (sounddevice.PortAudioError, ValueError) as error:
            self.close()
            raise MicrophoneError("No microphone can be opened. Plug one in or allow its use.") from error
        return rate

    def inputs(self) -> tuple[InputDevice, ...]:
        """Return the inputs PortAudio found when it last started."""
        return self._inputs

    def read(self) -> Samples:
        """Drain the ring that the callback fills."""
        return self._ring.drain()

    def close(self) -> None:
        """Close the stream; a stream whose device is gone is given up."""
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close(ignore_errors=True)


def _fresh_portaudio() -> Any:
    """Return sounddevice with PortAudio just started. Raises MicrophoneError where it is missing or cannot start."""
    loaded = "sounddevice" in sys.modules
    try:
        import sounddevice  # starts PortAudio: a machine without it still gets a window and a sentence
    except OSError as error:
        raise MicrophoneError("PortAudio is missing. Install it (Debian: libportaudio2).") from error
    # At import its error class does not exist yet for us to name
    except Exception as error:
        raise MicrophoneError("PortAudio cannot start. Is a sound system there?") from error
    if loaded:
        try:
            if sounddevice._initialized:
                sounddevice._terminate()
            sounddevice._initialize()
        except sounddevice.PortAudioError as error:
            raise MicrophoneError("PortAudio cannot start. Is a sound system there?") from error
    return sounddevice


def _list_inputs(sounddevice: Any) -> tuple[tuple[InputDevice, ...], dict[InputDevice, int]]:
    host_apis = sounddevice.query_hostapis()
    numbers: dict[InputDevice, int] = {}
    for number, device in enumerate(sounddevice.query_devices()):
        if device["max_input_channels"] > 0:
            numbers.setdefault(InputDevice(device["name"], host_apis[device["hostapi"]]["name"]), number)
    return tuple(numbers), numbers


def _copy_into(ring: BlockRing) -> Callable[..., None]:
    def callback(block: Samples, frames: int, time: Any, status: Any) -> None:  # noqa: ARG001 (PortAudio's signature)
        ring.write(block[:, 0] if block.shape[1] == 1 else block.mean(axis=1))

    return callback


class FileMicrophone:
    """Sound from memory that plays the microphone's part, paced by a clock: for a machine without a sound card.

    `samples` are mono at `rate` Hz and repeat without end.
    """

    INPUT = InputDevice("File", "livedj")

    def __init__(self, samples: Samples, rate: float, clock: Callable[[], Seconds]) -> None:
        self._samples, self._rate, self._clock = samples, rate, clock
        self._opened: Seconds | None = None
        self._read = 0

    def open(self, wanted: InputDevice) -> float:
        """Start from the beginning; any input but this one or the default is refused."""
        if wanted not in (DEFAULT_INPUT, self.INPUT):
            raise MicrophoneError(f"The microphone {wanted.label} is not there. Plug it in or choose another.")
        self._opened, self._read = self._clock(), 0
        return self._rate

    def inputs(self) -> tuple[InputDevice, ...]:
        """Return the one input there is."""
        return (self.INPUT,)

    def read(self) -> Samples:
        """Return the samples that time has brought since the last call."""
        if self._opened is None:
            return np.zeros(0, np.float32)
        due = int((self._clock() - self._opened) * self._rate)
        block = np.take(self._samples, np.arange(self._read, due), mode="wrap")
        self._read = due
        return block

    def close(self) -> None:
        """Bring no more samples until opened again."""
        self._opened = None
