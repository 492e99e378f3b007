"""What a sound server knows of the way from our decks to the loudspeakers, and what can be mended there. Pure."""

from dataclasses import dataclass

DECKS = "livedj.deck."
"""What the application.id of a deck's stream begins with; the deck's name follows."""
DUMMY = "auto_null"
"""The sink that PulseAudio and PipeWire make up where there is no other: nobody hears it."""


@dataclass(frozen=True, slots=True)
class SinkFacts:
    """An output of this machine."""

    number: int
    """The server's; loudspeakers that are pulled out and plugged in again get another one."""
    name: str
    label: str
    """What a person knows it by."""
    muted: bool = False
    volume: float = 1.0
    """As the person's slider shows it: 1 is 100 %."""
    suspended: bool = False
    plugged: bool = True
    """Whether something is known to be plugged into it, or nobody knows."""

    @property
    def heard_by_nobody(self) -> bool:
        """Whether there is no loudspeaker behind it."""
        return self.name == DUMMY or not self.plugged


@dataclass(frozen=True, slots=True)
class StreamFacts:
    """The sound of one deck on its way to a sink."""

    number: int
    deck: str
    sink: int
    """The number of the sink that it goes to."""
    muted: bool = False
    volume: float = 1.0
    """As the person's slider shows it; a deck's gain moves it, too."""
    corked: bool = False
    """It is held at its source."""


@dataclass(frozen=True, slots=True)
class OutputFacts:
    """All outputs, and our streams."""

    sinks: tuple[SinkFacts, ...]
    default: str
    """The name of the sink that new streams go to."""
    streams: tuple[StreamFacts, ...]

    def sink(self, number: int) -> SinkFacts | None:
        """Return a sink by its number."""
        return next((sink for sink in self.sinks if sink.number == number), None)

    @property
    def default_sink(self) -> SinkFacts | None:
        """The sink that new streams go to."""
        return next((sink for sink in self.sinks if sink.name == self.default), None)

    def stream(self, deck: str) -> StreamFacts | None:
        """Return the stream of a deck."""
        return next((stream for stream in self.streams if stream.deck == deck), None)


@dataclass(frozen=True, slots=True)
class WakeSink:
    """Let a suspended sink play again."""

    sink: int


@dataclass(frozen=True, slots=True)
class MoveStreams:
    """Let all our streams go to this sink."""

    sink: int


Repair = WakeSink | MoveStreams
