"""What the party knows: two decks, what is wished, what was heard. Immutable and pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Self

from livedj.choose.proposals import Proposal, recent
from livedj.choose.rules import APART
from livedj.choose.scene import Neighbour, Opinion, Scene, Taste
from livedj.choose.steering import MOST_KEPT, Steering
from livedj.listen.heard import Heard, ListenState
from livedj.music import Gain, Seconds, Track, TrackId
from livedj.night.entries import Chooser
from livedj.party.guardian import Guardian
from livedj.party.messages import ScanProgressed, Situations
from livedj.party.outside import Outside
from livedj.party.queue import Queue
from livedj.play.crossfade import Ramp
from livedj.play.deck import DeckName, Token
from livedj.play.transition import Kind, Transition

SAID_FOR = Seconds(20.0)
"""How long a message stands."""
FORGIVEN_AFTER = Seconds(600.0)
"""How long a song that could not be played is left alone: its drive may come back."""
LATE_FORGIVEN_AFTER = Seconds(20.0)
"""The same for one that was long in coming: its drive had to wake."""
RESTART_AFTER = Seconds(1.0)
RESTART_WITHIN = Seconds(30.0)
"""A worker that died is started again after RESTART_AFTER, one that dies again and again every RESTART_WITHIN."""
NOTHING = Token(0)
"""The token of a deck on which nothing was ever loaded."""


class Phase(StrEnum):
    """What a deck does, as far as the party knows."""

    EMPTY = "empty"
    LOADING = "loading"
    CUED = "cued"
    PLAYING = "playing"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class DeckState:
    """One deck: its load and where its playhead was last seen."""

    phase: Phase = Phase.EMPTY
    token: Token = NOTHING
    track: Track | None = None
    position: Seconds = Seconds(0.0)
    at: Seconds = Seconds(0.0)
    """The moment of `position`."""
    moved: Seconds = Seconds(0.0)
    """The last moment at which the playhead was seen to move, or was told to."""
    duration: Seconds = Seconds(0.0)
    """As the player measured it; 0 before it is cued."""
    ramp: Ramp | None = None
    """The last ramp that was sent."""
    level: Gain = Gain(1.0)
    """The song's own factor."""
    by: Chooser = Chooser.AUTO_DJ
    why: str = ""
    """Why it was chosen, as the proposal said."""

    @property
    def sounding(self) -> bool:
        """Whether the playhead runs."""
        return self.phase is Phase.PLAYING

    def position_at(self, now: Seconds) -> Seconds:
        """Return the playhead, interpolated since it was last seen."""
        return Seconds(self.position + (max(0.0, now - self.at) if self.sounding else 0.0))

    def gain_at(self, now: Seconds) -> Gain:
        """Return the gain that the last ramp has reached."""
        return self.ramp.gain(now) if self.ramp else Gain(0.0)


@dataclass(frozen=True, slots=True)
class Wish:
    """A song that is to start as soon as it can, and how."""

    track: Track
    start: Seconds
    """Where in the song."""
    fade: Seconds
    """How long the fade into it may take; 0: a cut."""
    by: Chooser
    kind: Kind = Kind.FADE
    due: Seconds | None = None
    """The moment at which it is to be heard; None: as soon as it is cued."""
    paused: bool = False
    """It only takes its place on air: it was paused when its player was lost."""


@dataclass(frozen=True, slots=True)
class PartyState:
    """The night as it stands."""

    crossfade: Seconds
    """The most that a crossfade may take."""
    auto: bool = False
    situations: Situations = Situations()
    unrelated: float = 0.0
    """The cosine of any two songs, from the model's card."""
    excerpt: Seconds | None = None
    """Where set, so much of every song is played and no more."""
    decks: Mapping[DeckName, DeckState] = field(
        default_factory=lambda: {name: DeckState() for name in DeckName}
    )
    on_air: DeckName | None = None
    """The deck the room is meant to hear; during a crossfade the incoming one."""
    fading: bool = False
    """A transition runs, or is about to: the other deck is on its way out."""
    transition: Transition | None = None
    """The one that runs, or the next one as it is planned by now."""
    wish: Wish | None = None
    next_token: Token = Token(1)
    loaded_last: DeckName | None = None
    """Where both decks are empty, the other one takes the next song: this one may be what is broken."""
    output_away: bool = False
    """The sound output went away, and no deck has found it again yet: loads wait for it."""
    resume: bool = False
    """The music broke off by itself: auto-DJ goes on without waiting for the room to fall silent."""
    heard: Heard = Heard(Seconds(0.0), ListenState.STARTING)
    outside: Outside = Outside()
    """What somebody else plays."""
    guardian: Guardian = Guardian()
    without_music_since: Seconds | None = None
    """Since when the room has heard no music, ours or another's; None while it does."""
    neighbours: tuple[Neighbour, ...] = ()
    """As last heard; they stand while nothing is heard."""
    asked: Steering = Steering()
    """How the library was asked for them."""
    queue: Queue = Queue()
    """What the person wants to hear next; before the proposals."""
    proposals: tuple[Proposal, ...] = ()
    chosen_among: tuple[Neighbour, ...] = ()
    """The neighbours that they were chosen from: while one piece of music plays, not the last ones."""
    chosen_from: object = None
    """All that they were chosen from,"""
    chosen_for: object = None
    """and the occasion: what calls for a free choice when it changes."""
    renewed_at: Seconds = Seconds(0.0)
    """The moment at which they were last chosen freely, or a song came in."""
    fallback: tuple[Track, ...] = ()
    loop: Track | None = None
    """What ships with livedj and is played when nothing else can be."""
    library_size: int = 0
    played: tuple[TrackId, ...] = ()
    """Songs (`Track.song`): by us, or by another DJ where the ear knew the song; oldest first."""
    lately: tuple[Neighbour, ...] = ()
    """The last of them, the latest first, as they were proposed."""
    opinions: Mapping[TrackId, Opinion] = field(default_factory=dict)
    """What the person thinks of songs (`Track.song`)."""
    just_said: Mapping[TrackId, Opinion | None] = field(default_factory=dict)
    """What of it the library does not tell yet."""
    taste: Taste = Taste.BALANCED
    keep_on: int = 0
    """How many of the last songs join what is heard."""
    drunk: float = 0.0
    """The share of chance, 0…1."""
    seed: int = 0
    """What chance is drawn from in this night,"""
    heard_songs: int = 0
    """and by how many songs the room has heard: it stays the same while one plays."""
    steering: Steering = Steering()
    """As the ear was told last."""
    failed: Mapping[TrackId, Seconds] = field(default_factory=dict)
    """Songs that could not be played, and when."""
    late: Mapping[TrackId, Seconds] = field(default_factory=dict)
    """Songs that were long in coming while nothing played, and when they were given up."""
    scan: ScanProgressed | None = None
    stepped: Seconds | None = None
    """The moment of the last step."""
    restart: str = ""
    """The worker that is to be started again; empty when none is."""
    restart_at: Seconds = Seconds(0.0)
    patience: Seconds = RESTART_AFTER
    """Until a worker that dies now is started again; it doubles with every death."""
    message: str = ""
    message_at: Seconds = Seconds(0.0)

    def with_deck(self, name: DeckName, deck: DeckState) -> Self:
        """Return the state with one deck replaced."""
        return replace(self, decks={**self.decks, name: deck})

    def with_changed(self, name: DeckName, **changes: Any) -> Self:
        """Return the state with some of a deck's values changed."""
        return self.with_deck(name, replace(self.decks[name], **changes))

    def without(self, name: DeckName) -> Self:
        """Return the state with that deck empty. Its last events come too late and are ignored."""
        return self.with_deck(name, DeckState())

    @property
    def playing(self) -> DeckState | None:
        """The deck on air."""
        return self.decks[self.on_air] if self.on_air else None

    @property
    def idle(self) -> DeckName:
        """The deck that takes, or has taken, the next song: the one that is not on air."""
        if self.on_air:
            return self.on_air.other
        holding = next((name for name, deck in self.decks.items() if deck.track), None)
        return holding or (self.loaded_last.other if self.loaded_last else DeckName.A)

    def remaining(self, deck: DeckState, now: Seconds) -> Seconds:
        """Return the time until a song's sound ends: its end cue, or the file's end where that comes first."""
        if deck.track is None:
            return Seconds(0.0)
        cues = deck.track.cues
        end = min(cues.end, deck.duration or cues.end, cues.end if self.excerpt is None else cues.start + self.excerpt)
        return Seconds(max(0.0, end - deck.position_at(now)))

    def broken(self, now: Seconds, patience: Seconds = FORGIVEN_AFTER) -> set[TrackId]:
        """Return the songs that could not be played within the last seconds; one that was late is forgiven soon."""
        late = {track for track, at in self.late.items() if now - at < LATE_FORGIVEN_AFTER}
        return late | {track for track, at in self.failed.items() if now - at < patience}

    @property
    def rested(self) -> list[Track]:
        """What to fall back on, the songs that were played lately last."""
        lately = recent(self.played, self.library_size)
        return sorted(self.fallback, key=lambda track: track.song in lately)

    @property
    def loaded(self) -> set[TrackId]:
        """The songs on the decks."""
        return {deck.track.song for deck in self.decks.values() if deck.track}

    @property
    def banned(self) -> set[TrackId]:
        """The songs that the person never wants to hear."""
        return {song for song, opinion in self.opinions.items() if opinion is Opinion.BANNED}

    @property
    def scene(self) -> Scene:
        """What the next song is to follow."""
        now = self.playing.track if self.playing else self.heard.itself
        return Scene(now, self.lately, self.opinions, self.unrelated, self.taste, self.asked)

    def with_lately(self, track: Track) -> Self:
        """Return the state with one more song that the room has heard."""
        known = (near for near in (*self.neighbours, *self.lately) if near.track.id == track.id)
        latest = next(known, Neighbour(track, 0.0))
        others = tuple(past for past in self.lately if past.track.song != track.song)
        again = bool(self.lately) and self.lately[0].track.song == track.song
        lately = (latest, *others)[: max(APART, MOST_KEPT)]
        return replace(self, lately=lately, heard_songs=self.heard_songs + (not again))

    @property
    def wanted_steering(self) -> Steering:
        """How the next songs are to be asked for."""
        past = tuple(song.track.id for song in self.lately[: self.keep_on])
        return Steering(past, self.drunk, self.seed + self.heard_songs if self.drunk else 0)

    @property
    def sounding(self) -> bool:
        """Whether any deck plays."""
        return any(deck.sounding for deck in self.decks.values())

    @property
    def barred(self) -> set[TrackId]:
        """The songs that are not to be proposed at all: on a deck, heard in the room, or banned."""
        return self.loaded | self.banned | ({self.heard.itself.song} if self.heard.itself else set())
