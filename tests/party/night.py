"""A night without sound: two decks that do what the test says, and a clock that the test sets."""

from collections.abc import Sequence

from livedj.choose.scene import Neighbour
from livedj.listen.heard import Heard, ListenState
from livedj.music import Seconds, Track
from livedj.party.autodj import step
from livedj.party.guardian import CheckOutput
from livedj.party.messages import Command, Event, Intent, LibraryChanged, Load, Situations, Ticked
from livedj.party.state import PartyState, Phase
from livedj.play.deck import DeckCued, DeckMoved, DeckName
from tests.songs import song

SILENT_FOR = Situations().fill_after


def kinds(commands: Sequence[object]) -> list[type]:
    """Return what kinds of command there are, in order."""
    return [type(command) for command in commands]


class Night:
    """Feeds `step`, keeps every command, and can play the part of decks that work."""

    def __init__(self, songs: int = 10, duration: float = 60.0, auto: bool = True) -> None:
        self.songs = tuple(song(n, duration) for n in range(1, songs + 1))
        self.state = PartyState(crossfade=Seconds(6.0), auto=auto)
        self.now = Seconds(1000.0)
        self.commands: list[Command] = []
        self.tell(LibraryChanged(songs, self.songs))

    def tell(self, message: Event | Intent) -> list[Command]:
        """Return the orders that follow, but for questions to the sound server, which never answers by itself here."""
        self.state, commands = step(self.state, message, self.now)
        self.commands += commands
        return [command for command in commands if not isinstance(command, CheckOutput)]

    def wait(self, seconds: float) -> list[Command]:
        """Let time pass in ticks of 0.1 s while the decks report their playheads, and the ear nothing."""
        said: list[Command] = []
        end = self.now + seconds
        while self.now < end - 1e-9:
            self.now = Seconds(min(end, self.now + 0.1))
            for name, deck in self.state.decks.items():
                if deck.phase is Phase.PLAYING:
                    said += self.tell(DeckMoved(name, deck.token, deck.position_at(self.now), True, self.now))
            said += self.tell(Ticked())
        return said

    def hear(self, state: ListenState = ListenState.LISTENING, itself: Track | None = None) -> list[Command]:
        near = tuple(Neighbour(track, 0.9 - track.id / 100) for track in self.songs)
        return self.tell(Heard(self.now, state, neighbours=near, itself=itself))

    def cue(self) -> list[Command]:
        """Let the deck that loads succeed."""
        name = next(name for name in DeckName if self.state.decks[name].phase is Phase.LOADING)
        track = self.state.decks[name].track
        assert track is not None
        return self.tell(DeckCued(name, self.state.decks[name].token, track.duration))

    def play_first(self, by: Intent | None = None) -> None:
        """Begin with the room silent for long enough, or by a person's wish."""
        self.hear(ListenState.TOO_QUIET)
        self.wait(8.5)
        self.tell(by or Ticked())
        self.cue()
        self.wait(1.5)

    def ear(self) -> ListenState:
        """What the ear is doing, as far as the party knows."""
        return self.state.heard.state

    @property
    def loads(self) -> list[int]:
        return [command.track.id for command in self.commands if isinstance(command, Load)]

    @property
    def on_air(self) -> int | None:
        playing = self.state.playing
        return playing.track.id if playing and playing.track else None
