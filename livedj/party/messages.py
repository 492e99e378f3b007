"""What is said in the party: facts (Event), orders (Command), and what a person wants (Intent). Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from livedj.choose.scene import Opinion, Taste
from livedj.choose.steering import Steering
from livedj.listen.heard import Heard, InputDevice
from livedj.music import CuePoints, Gain, Seconds, Track, TrackId
from livedj.party.guardian import CheckOutput, Mend
from livedj.party.queue import Like
from livedj.play.crossfade import Ramp
from livedj.play.deck import DeckEvent, DeckName, Token
from livedj.play.output import OutputFacts


# Events: facts, in the past tense. The deck's own are defined beside the deck, what was heard beside the listener.
@dataclass(frozen=True, slots=True)
class Ticked:
    """Time has passed."""


@dataclass(frozen=True, slots=True)
class LibraryChanged:
    """The library was read again."""

    size: int
    fallback: tuple[Track, ...]
    """Songs to fall back on, longest not played first."""
    played: tuple[TrackId, ...] = ()
    """The last songs of the history, oldest first; they count until the party has played or heard one itself."""
    opinions: Mapping[TrackId, Opinion] = field(default_factory=dict)
    """What the person thinks of songs (`Track.song`)."""


@dataclass(frozen=True, slots=True)
class ScanProgressed:
    """A scan has gone on. `file` is the one in hand, empty when the scan is over."""

    done: int
    total: int
    skipped: int
    file: str = ""
    whole: bool = False
    """All intros are known, and songs are heard to their end."""
    anew: bool = False
    """Songs are heard again, for a new model; the former one serves meanwhile where it can."""


@dataclass(frozen=True, slots=True)
class ModelChanged:
    """Another model has heard the library, and its vectors are those that are asked from now on."""

    path: str
    unrelated: float
    """The cosine of any two songs, from its card."""


@dataclass(frozen=True, slots=True)
class WorkerDied:
    """A thread's loop caught what it should not have met."""

    worker: str
    sentence: str
    """What happened, for the person."""


@dataclass(frozen=True, slots=True)
class FaultMet:
    """Something outside the party went wrong; the sentence is for the person."""

    sentence: str


@dataclass(frozen=True, slots=True)
class SongsFound:
    """The answer to FindSongs."""

    like: Like
    tracks: tuple[Track, ...] | None
    """None where they could not be looked for: a fault has told why."""


@dataclass(frozen=True, slots=True)
class OutputChecked:
    """The sound server has answered CheckOutput; None where there is none to ask."""

    facts: OutputFacts | None


Event = (
    DeckEvent
    | Heard
    | Ticked
    | LibraryChanged
    | ScanProgressed
    | ModelChanged
    | WorkerDied
    | FaultMet
    | SongsFound
    | OutputChecked
)


@dataclass(frozen=True, slots=True)
class Situations:
    """When auto-DJ starts a song by itself; each has a switch of its own."""

    go_on: bool = True
    """Our song nears its end."""
    take_over: bool = True
    """Somebody else's music has ended."""
    fill: bool = True
    """No music has been heard for `fill_after`."""
    fill_after: Seconds = Seconds(8.0)


# Commands: orders, in the imperative, carried out by the conductor without waiting.
@dataclass(frozen=True, slots=True)
class Load:
    """Cue `track` on a deck at `start`."""

    deck: DeckName
    token: Token
    track: Track
    start: Seconds
    level: Gain
    """The song's own factor, which levels it."""


@dataclass(frozen=True, slots=True)
class Play:
    """Let a cued or paused deck run, to be heard from the moment `at` on; None: at once."""

    deck: DeckName
    token: Token
    at: Seconds | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """Hold a deck."""

    deck: DeckName
    token: Token


@dataclass(frozen=True, slots=True)
class Seek:
    """Move a deck's playhead."""

    deck: DeckName
    token: Token
    position: Seconds


@dataclass(frozen=True, slots=True)
class Fade:
    """Let a deck's gain follow a ramp."""

    deck: DeckName
    token: Token
    ramp: Ramp


@dataclass(frozen=True, slots=True)
class Unload:
    """Empty a deck."""

    deck: DeckName
    token: Token


@dataclass(frozen=True, slots=True)
class HoldVector:
    """Freeze the running vector (two songs are mixed), or let it follow the room again."""

    hold: bool


@dataclass(frozen=True, slots=True)
class Steer:
    """Ask for the next songs in this way from now on."""

    steering: Steering


@dataclass(frozen=True, slots=True)
class Remember:
    """Write into the history that `track` began to play."""

    track: Track


@dataclass(frozen=True, slots=True)
class FindSongs:
    """Find songs that go on like some files, none of the `barred` ones (`Track.song`)."""

    like: Like
    count: int
    barred: frozenset[TrackId]
    fresh: tuple[TrackId, ...]
    """Songs that were played recently, oldest first: they serve where there is nothing else."""
    keep_on: int
    drunk: float
    seed: int


@dataclass(frozen=True, slots=True)
class UseModel:
    """Hear with this model."""

    path: str


@dataclass(frozen=True, slots=True)
class Restart:
    """Start a worker that died."""

    worker: str


DeckCommand = Load | Play | Pause | Seek | Fade | Unload


# Intents: a person's wishes, from the window or the terminal. Those that are none of the party's business (ChooseInput,
# AddFolder, RemoveFolder, MakeDemoLibrary, StopScan) it hands on as they are, and the settings it keeps (SetAuto,
# SetCrossfade) too.
@dataclass(frozen=True, slots=True)
class PlayNext:
    """Crossfade into this song now (a click on a proposal)."""

    track: Track


@dataclass(frozen=True, slots=True)
class TogglePause:
    """Pause what plays, or go on."""


@dataclass(frozen=True, slots=True)
class Skip:
    """Leave this song at once with a short fade for the best proposal."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Leave this song on the spot, without a fade, for the best proposal."""


@dataclass(frozen=True, slots=True)
class FadeNow:
    """Begin the crossfade into the best proposal now."""


@dataclass(frozen=True, slots=True)
class SeekTo:
    """Move within the song that plays."""

    position: Seconds


@dataclass(frozen=True, slots=True)
class MoveCues:
    """Keep other cue points for a song; they are the person's own from then on."""

    track: TrackId
    cues: CuePoints


@dataclass(frozen=True, slots=True)
class SetOpinion:
    """Think so of a song; None takes back what was thought."""

    track: Track
    opinion: Opinion | None


@dataclass(frozen=True, slots=True)
class SetTaste:
    """Let the rules have so much to say in what comes next."""

    taste: Taste


@dataclass(frozen=True, slots=True)
class SetKeepOn:
    """Let so many of the last songs join what is heard."""

    songs: int


@dataclass(frozen=True, slots=True)
class SetDrunk:
    """Leave so much of the choice to chance, 0…1."""

    share: float


@dataclass(frozen=True, slots=True)
class Enqueue:
    """Play these songs after those of the queue."""

    tracks: tuple[Track, ...]


@dataclass(frozen=True, slots=True)
class MoveInQueue:
    """Play a song of the queue before another one of it; None: last."""

    track: TrackId
    before: TrackId | None


@dataclass(frozen=True, slots=True)
class Unqueue:
    """Take a song out of the queue."""

    track: TrackId


@dataclass(frozen=True, slots=True)
class ClearQueue:
    """Empty the queue, and let it end."""


@dataclass(frozen=True, slots=True)
class UndoQueue:
    """Take the last edit of the queue back."""


@dataclass(frozen=True, slots=True)
class KeepPlayingLike:
    """After the songs of the queue, go on with songs like these without end."""

    like: Like


@dataclass(frozen=True, slots=True)
class SetAuto:
    """Switch auto-DJ."""

    on: bool


@dataclass(frozen=True, slots=True)
class SetSituations:
    """Choose when auto-DJ starts a song."""

    situations: Situations


@dataclass(frozen=True, slots=True)
class SetCrossfade:
    """Set the most that a crossfade may take."""

    seconds: Seconds


@dataclass(frozen=True, slots=True)
class ChooseInput:
    """Listen to this input."""

    input: InputDevice


@dataclass(frozen=True, slots=True)
class AddFolder:
    """Scan a music folder into the library, and remember it."""

    path: str


@dataclass(frozen=True, slots=True)
class RemoveFolder:
    """Take a music folder from the library. Its songs stay on disk, and what is known of them in the catalogue."""

    path: str


@dataclass(frozen=True, slots=True)
class MakeDemoLibrary:
    """Make the demo library and scan it."""


@dataclass(frozen=True, slots=True)
class StopScan:
    """Stop the scan; the next one goes on where it was."""


LibraryErrand = AddFolder | RemoveFolder | MakeDemoLibrary | StopScan
Choice = SetOpinion | SetTaste | SetKeepOn | SetDrunk
Errand = MoveCues | Choice | SetAuto | SetSituations | SetCrossfade | ChooseInput | LibraryErrand
QueueIntent = Enqueue | MoveInQueue | Unqueue | ClearQueue | UndoQueue | KeepPlayingLike
Intent = QueueIntent | PlayNext | TogglePause | Skip | Cut | FadeNow | SeekTo | Errand
Command = DeckCommand | HoldVector | Steer | Remember | FindSongs | UseModel | Restart | CheckOutput | Mend | Errand
