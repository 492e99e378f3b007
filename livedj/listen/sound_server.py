"""What the sound server says of the input that this process listens to (PulseAudio and PipeWire, on Linux).

PortAudio cannot tell: when a microphone is pulled out, the server silently moves our stream to another source – on a
machine with no other microphone to the *monitor* of the speakers, and then we would hear nothing but ourselves.
"""

import os
import sys
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class InputFacts:
    """The source behind our recording stream."""

    name: str
    monitor: bool
    """It is the sound of an output, not a microphone."""
    muted: bool


class SoundServer:
    """A lasting connection to the sound server, made when first asked. Used from one thread only."""

    def __init__(self) -> None:
        self._pulse: Any = None

    def our_input(self) -> InputFacts | None:
        """Return the source this process records from; None where there is no server to ask or no stream of ours."""
        if sys.platform != "linux":
            return None
        try:
            import pulsectl  # on Linux only; its library libpulse may be missing
        except (ImportError, OSError):
            return None
        try:
            if self._pulse is None:
                self._pulse = pulsectl.Pulse("livedj", connect=False)
                self._pulse.connect()  # given a timeout, pulsectl 24 always waits for the whole of it
            source = _our_source(self._pulse)
            info = None if source is None else self._pulse.source_info(source)
        except pulsectl.PulseError:
            self.close()
            return None
        return info and InputFacts(info.name, monitor=bool(info.monitor_of_sink_name), muted=bool(info.mute))

    def close(self) -> None:
        """Let go of the connection."""
        if self._pulse is not None:
            self._pulse.close()
            self._pulse = None


def _our_source(pulse: Any) -> int | None:
    streams = pulse.source_output_list()
    return next((s.source for s in streams if s.proplist.get("application.process.id") == str(os.getpid())), None)
