"""What the sound server says of our decks' streams, and what it can be told to do (PulseAudio and PipeWire, on Linux).

libVLC cannot tell: when the server dies or the loudspeaker is pulled out, a player goes on into nothing and reports no
error. Only asking the server whether our stream is still there, and where it goes, finds that out.
"""

import contextlib
import os
import sys
from collections.abc import Callable, Collection
from typing import Any, TypeVar

from livedj.errors import PlaybackError
from livedj.play.output import DECKS, MoveStreams, OutputFacts, Repair, SinkFacts, StreamFacts, WakeSink

CONNECT_SECONDS = (0.02, 0.08, 0.2)
"""Of three attempts. A local server answers within milliseconds, yet pulsectl 24 takes the whole time it is given; all
three stay well below the time after which a deck's call counts as hung."""

T = TypeVar("T")


class SoundOutput:
    """A lasting connection to the sound server. Used from one thread only."""

    def __init__(self, application: str = DECKS) -> None:
        """Look after the streams whose application.id begins with `application`."""
        self._application = application
        self._pulse: Any = None

    def streams(self) -> int | None:
        """Return how many streams of this process the server plays or holds; None where there is no server to ask.

        Raises:
            PlaybackError: this machine has nothing to ask a sound server with, so none will ever answer.

        """
        return self._ask(lambda pulse: len(self._ours(pulse, {os.getpid()})))

    def facts(self, processes: Collection[int]) -> OutputFacts | None:
        """Return all outputs, and the streams of these processes (their ids); None where there is no server to ask.

        Raises:
            PlaybackError: as for `streams`.

        """
        return self._ask(lambda pulse: self._facts(pulse, processes))

    def mend(self, repair: Repair, processes: Collection[int]) -> None:
        """Do what mends the way of these processes' streams; what cannot be done is left.

        Raises:
            PlaybackError: as for `streams`.

        """
        self._ask(lambda pulse: self._mend(pulse, repair, processes))

    def close(self) -> None:
        """Let go of the connection."""
        if self._pulse is not None:
            self._pulse.close()
            self._pulse = None

    def _ask(self, question: Callable[[Any], T]) -> T | None:
        """Return the server's answer; None, and a fresh connection next time, where there is none."""
        pulsectl = _pulsectl()
        try:
            if self._pulse is None:
                self._pulse = pulsectl.Pulse("livedj", connect=False)  # holds files open from here on
                self._connect()
            return question(self._pulse)
        except pulsectl.PulseError:
            self.close()
            return None

    def _connect(self) -> None:
        """Connect. Raises PulseError where no server answers."""
        *attempts, last = CONNECT_SECONDS
        for seconds in attempts:
            with contextlib.suppress(_pulsectl().PulseError):
                self._pulse.connect(timeout=seconds)
                return
        self._pulse.connect(timeout=last)

    def _ours(self, pulse: Any, processes: Collection[int]) -> list[Any]:
        """Return our streams, as pulsectl knows them."""
        accepted = {str(process) for process in processes}
        return [
            stream
            for stream in pulse.sink_input_list()
            if stream.proplist.get("application.id", "").startswith(self._application)
            and stream.proplist.get("application.process.id") in accepted
        ]

    def _facts(self, pulse: Any, processes: Collection[int]) -> OutputFacts:
        sinks = tuple(
            SinkFacts(
                number=sink.index,
                name=sink.name,
                label=sink.description or sink.name,
                muted=bool(sink.mute),
                volume=float(sink.volume.value_flat),
                suspended=sink.state == "suspended",
                plugged=sink.port_active is None or sink.port_active.available_state != "no",
            )
            for sink in pulse.sink_list()
        )
        streams = tuple(
            StreamFacts(
                number=stream.index,
                deck=stream.proplist["application.id"].removeprefix(DECKS),
                sink=stream.sink,
                muted=bool(stream.mute),
                volume=float(stream.volume.value_flat),
                corked=bool(stream.corked),
            )
            for stream in self._ours(pulse, processes)
        )
        return OutputFacts(sinks, pulse.server_info().default_sink_name or "", streams)

    def _mend(self, pulse: Any, repair: Repair, processes: Collection[int]) -> None:
        match repair:
            case WakeSink(sink):
                pulse.sink_suspend(sink, False)
            case MoveStreams(sink):
                for stream in self._ours(pulse, processes):
                    pulse.sink_input_move(stream.index, sink)


def _pulsectl() -> Any:
    if sys.platform != "linux":
        raise PlaybackError("There is no PulseAudio on this system.")
    try:
        import pulsectl  # on Linux only; its library libpulse may be missing
    except (ImportError, OSError) as error:
        raise PlaybackError(f"The sound server cannot be asked: {error}.") from error
    return pulsectl
