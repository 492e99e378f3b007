"""Everything a screen may show, immutable. Pure.

The conductor publishes a new Snapshot at every step; screens pull the newest and never ask back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from livedj.choose.proposals import Proposal
from livedj.choose.scene import Opinion, Taste
from livedj.listen.heard import Heard, ListenState
from livedj.music import Seconds, Track, TrackId
from livedj.party.messages import ScanProgressed, Situations
from livedj.party.queue import Queue
from livedj.party.state import DeckState, PartyState, Phase
from livedj.play.transition import Transition


@dataclass(frozen=True, slots=True)
class Playing:
    """A song on a deck, and where its playhead stood at the Snapshot's moment."""

    track: Track
    position: Seconds
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is heard, what plays, what comes next."""

    at: Seconds = Seconds(0.0)
    """The moment on the monotonic clock; a screen adds the time since to the playheads."""
    heard: Heard = Heard(Seconds(0.0), ListenState.STARTING)
    playing: Playing | None = None
    """What the room hears from us: during a crossfade, the song that comes in."""
    leaving: Playing | None = None
    """During a crossfade, the song that goes out."""
    fade: float | None = None
    """During a crossfade, how much of it is done, 0…1."""
    cued: Track | None = None
    """The song that waits on the other deck, or that a person has clicked and that is being loaded."""
    transition: Transition | None = None
    """The one that runs, or that is planned; None where the song will simply end."""
    fades_in: Seconds | None = None
    """Time until the planned transition; None where none is planned."""
    queue: Queue = Queue()
    """What the person wants to hear next."""
    proposals: tuple[Proposal, ...] = ()
    """At most five, best first."""
    all_banned: bool = False
    """There is none, since the person has banned all that could come next."""
    opinions: Mapping[TrackId, Opinion] = field(default_factory=dict)
    """What the person thinks of songs (`Track.song`)."""
    taste: Taste = Taste.BALANCED
    keep_on: int = 0
    drunk: float = 0.0
    auto: bool = False
    situations: Situations = Situations()
    crossfade: Seconds = Seconds(12.0)
    library_size: int = 0
    scan: ScanProgressed | None = None
    """How far the scan is, or how the last one ended (its `file` is empty then); None before the first."""
    message: str = ""
    """The truth in one sentence about what went wrong last; empty when all is well."""
    awake: str = ""
    """One sentence: how the computer is kept awake, or why it cannot be. The party does not know: App adds it."""


def snapshot_of(state: PartyState, now: Seconds) -> Snapshot:
    """Return what a screen may show of `state` at the moment `now`."""
    on_air, other = state.playing, state.decks[state.idle]
    return Snapshot(
        at=now,
        heard=state.heard,
        playing=_playing(on_air, now),
        leaving=_playing(other, now) if state.fading else None,
        fade=_progress(on_air, now) if state.fading else None,
        cued=state.wish.track if state.wish else None if state.fading else other.track,
        transition=state.transition,
        fades_in=_fades_in(state, now),
        queue=state.queue,
        proposals=state.proposals,
        all_banned=not state.proposals and _all_banned(state),
        opinions=state.opinions,
        taste=state.taste,
        keep_on=state.keep_on,
        drunk=state.drunk,
        auto=state.auto,
        situations=state.situations,
        crossfade=state.crossfade,
        library_size=state.library_size,
        scan=state.scan,
        message=state.message,
    )


def _all_banned(state: PartyState) -> bool:
    near = [neighbour.track for neighbour in state.neighbours] or state.fallback
    if not near:  # neither the ear nor the library names banned songs
        return 0 < state.library_size <= len(state.banned)
    others = {track.song for track in near} - (state.barred - state.banned)
    return bool(others) and others <= state.banned


def _playing(deck: DeckState | None, now: Seconds) -> Playing | None:
    if deck is None or deck.track is None:
        return None
    return Playing(deck.track, deck.position_at(now), paused=deck.phase is Phase.PAUSED)


def _progress(deck: DeckState | None, now: Seconds) -> float | None:
    if deck is None or deck.ramp is None or deck.ramp.seconds <= 0:
        return None
    return min(1.0, max(0.0, (now - deck.ramp.begin) / deck.ramp.seconds))


def _fades_in(state: PartyState, now: Seconds) -> Seconds | None:
    if state.fading or state.transition is None or state.playing is None:
        return None
    return Seconds(max(0.0, state.transition.begin - state.playing.position_at(now)))
