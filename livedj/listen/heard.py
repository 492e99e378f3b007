"""What the listener reports twice a second. Pure."""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from livedj.choose.scene import Neighbour
from livedj.choose.steering import Steering
from livedj.music import SILENCE, Dbfs, Seconds, Track


class ListenState(StrEnum):
    """What the ear is doing."""

    STARTING = "starting"
    LISTENING = "listening"
    TOO_QUIET = "too quiet"
    NO_MUSIC = "no music"
    """Loud enough, but voices or noise."""
    NO_MICROPHONE = "no microphone"


@dataclass(frozen=True, slots=True)
class InputDevice:
    """A sound input, named as PortAudio names it; its number changes from start to start, so it is not kept."""

    name: str
    host_api: str

    @property
    def label(self) -> str:
        """Name and host API in one line, as the chooser shows it."""
        return f"{self.name} ({self.host_api})" if self.name else "System default"


DEFAULT_INPUT = InputDevice("", "")
"""Whatever input the system calls its default."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One report of the listener: made every stride (0.5 s), also when there is nothing to hear."""

    at: Seconds
    """The moment of the report on the monotonic clock."""
    state: ListenState
    detail: str = ""
    """One sentence on what is wrong, with what to do; empty when all is well."""
    level: Dbfs = SILENCE
    """Of the last stride."""
    music: float | None = None
    """Probability that there was music in the last second, new four times a second (`livedj.ear.gate.goes_on`). 0 where
    it is too quiet to be listened to; None where nothing can be said: before the first window, without a microphone.
    `state` answers for the whole window of 5 s."""
    muted: bool = False
    """The microphone is muted, as far as the sound server knows: that nothing is heard says nothing."""
    log_mel: NDArray[np.float32] | None = None
    """The window as the network saw it: dB below its maximum, −80…0, shape (96, 216); None before the first window and
    where the model does not tell."""
    neighbours: tuple[Neighbour, ...] = ()
    """Songs whose intros lie nearest to the running vector, best first; empty while there is no running vector."""
    asked: Steering = Steering()
    """How they were asked for, beside what is heard."""
    since: Seconds | None = None
    """Since when one piece of music has been heard, as far as the ear can tell; None before any."""
    itself: Track | None = None
    """The library's own song that is heard in the room, when it is sure."""
    inputs: tuple[InputDevice, ...] = field(default=())
    """The inputs that can be chosen, as of the last time the microphone was opened."""
    input: InputDevice = DEFAULT_INPUT
    """The input that is listened to, or tried."""
