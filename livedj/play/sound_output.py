"""What the sound server says of a deck's stream (PulseAudio and PipeWire, on Linux).

libVLC cannot tell: when the server dies or the loudspeaker is pulled out, a player goes on into nothing and reports no
error. Only asking the server whether our stream is still there finds that out.
"""

import os
import sys
from typing import Any

from livedj.errors import PlaybackError

CONNECT_SECONDS = 0.25
"""A local server answers within milliseconds. Well below the time after which a deck's call counts as hung."""


class SoundOutput:
    """A lasting connection to the sound server. Used from one thread only."""

    def __init__(self, application: str) -> None:
        """Look after the streams of this process that carry `application` as their application.id."""
        self._application = application
        self._pulse: Any = None

    def streams(self) -> int | None:
        """Return how many streams of ours the server plays or holds; None where there is no server to ask.

        Raises:
            PlaybackError: this machine has nothing to ask a sound server with, so none will ever answer.

        """
        pulsectl = _pulsectl()
        try:
            if self._pulse is None:
                self._pulse = pulsectl.Pulse("livedj", connect=False)  # holds files open from here on
                self._pulse.connect(timeout=CONNECT_SECONDS)
            streams = self._pulse.sink_input_list()
        except pulsectl.PulseError:
            self.close()
            return None
        return sum(1 for stream in streams if self._is_ours(stream.proplist))

    def close(self) -> None:
        """Let go of the connection."""
        if self._pulse is not None:
            self._pulse.close()
            self._pulse = None

    def _is_ours(self, properties: Any) -> bool:
        ours = {"application.id": self._application, "application.process.id": str(os.getpid())}
        return all(properties.get(name) == value for name, value in ours.items())


def _pulsectl() -> Any:
    if sys.platform != "linux":
        raise PlaybackError("There is no PulseAudio on this system.")
    try:
        import pulsectl  # on Linux only; its library libpulse may be missing
    except (ImportError, OSError) as error:
        raise PlaybackError(f"The sound server cannot be asked: {error}.") from error
    return pulsectl
