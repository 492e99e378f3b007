"""One step of the party in the making: the state as it becomes, and the orders so far. Pure."""

from dataclasses import replace

from livedj.choose import proposals
from livedj.music import Gain, Seconds, Track
from livedj.night.entries import Chooser
from livedj.party.messages import Command, Fade, Load
from livedj.party.state import DeckState, PartyState, Phase, Wish
from livedj.play.crossfade import Ramp
from livedj.play.deck import DeckName, Token
from livedj.play.transition import Kind, level_of

QUICK_FADE = Seconds(1.0)
"""A fade out of a skipped song, or in from silence."""
TRIED_AGAIN_AFTER = Seconds(20.0)
"""Where nothing but songs that could not be played is left, they are tried again this soon."""
LOOP_TRIED_AGAIN_AFTER = Seconds(2.0)
"""The same for the loop."""
TOGETHER = Seconds(0.05)
"""Ramps of two decks begin at least this much later than they are sent, so that they begin together."""


class Turn:
    """The state and the orders while `step` works on them. It lives for the length of `step` only."""

    def __init__(self, state: PartyState, now: Seconds) -> None:
        self.state = state
        self.now = now
        self.commands: list[Command] = []

    def say(self, message: str) -> None:
        """Let the person read a sentence."""
        self.state = replace(self.state, message=message, message_at=self.now)

    def queued(self) -> list[Track]:
        """Return the songs of the queue that can and may be played, as far as is known."""
        broken, banned = self.state.broken(self.now), self.state.banned
        return [track for track in self.state.queue.songs if track.id not in broken and track.song not in banned]

    @property
    def goes_on(self) -> bool:
        """Whether another song follows the one that plays."""
        on_air = self.state.playing.track if self.state.playing else None
        waits = any(on_air is None or track.song != on_air.song for track in self.queued())
        return waits or (self.state.auto and self.state.situations.go_on)

    def best(self) -> Track | None:
        """Return the next of the queue, or else the best proposal, or else what rested longest, or else the loop."""
        state = self.state
        for track in self.queued():
            if track.song not in state.loaded:
                return track
        candidates = [p.track for p in state.proposals] + state.rested
        lately_broken = state.broken(self.now, TRIED_AGAIN_AFTER)
        for broken, barred in (
            (state.broken(self.now), state.barred),
            (lately_broken, state.barred),
            (lately_broken, state.loaded | state.banned),
        ):
            for track in candidates:
                if track.id not in broken and track.song not in barred:
                    return track
        if state.loop is None or state.loop.id in state.broken(self.now, LOOP_TRIED_AGAIN_AFTER):
            return None
        return state.loop if state.broken(self.now) else None  # it is not for want of songs

    def next(self) -> Track | None:
        """Return the song that waits on the idle deck, or else the best."""
        waiting = None if self.state.fading else self.state.decks[self.state.idle].track
        return waiting or self.best()

    def wish(
        self,
        track: Track | None,
        fade: Seconds,
        by: Chooser,
        *,
        start: Seconds | None = None,
        kind: Kind = Kind.FADE,
        due: Seconds | None = None,
        paused: bool = False,
    ) -> None:
        """Let a song start as soon as it can, from its first sound on where no start is given; None: wish nothing."""
        if track is None:
            self.state = replace(self.state, wish=None)
            return
        begin = track.cues.start if start is None else start
        self.state = replace(self.state, wish=Wish(track, begin, fade, by, kind, due, paused))

    def chooser(self, track: Track) -> Chooser:
        """Return who chose a song that comes by itself."""
        return Chooser.QUEUE if track in self.state.queue.songs else Chooser.AUTO_DJ

    def load(self, track: Track, start: Seconds, by: Chooser, level: Gain | None = None) -> None:
        """Cue a song on the deck that is not on air, at the level that suits it where none is given."""
        level = level_of(track) if level is None else level
        name, token = self.state.idle, self.state.next_token
        why = next((proposal.reason for proposal in self.state.proposals if proposal.track.id == track.id), "")
        self.state = replace(self.state, next_token=Token(token + 1), loaded_last=name).with_deck(
            name, DeckState(Phase.LOADING, token, track, start, self.now, level=level, by=by, why=why)
        )
        self.commands.append(Load(name, token, track, start, level))

    def ramp(self, name: DeckName, end: Gain, seconds: Seconds, begin: Seconds | None = None) -> None:
        """Move a deck's gain from where it is to `end`."""
        deck = self.state.decks[name]
        begin = max(Seconds(self.now + TOGETHER), begin or self.now)
        ramp = Ramp(begin, seconds, deck.gain_at(self.now), end)
        self.state = self.state.with_changed(name, ramp=ramp)
        self.commands.append(Fade(name, deck.token, ramp))

    def count_as_played(self, track: Track) -> None:
        """Take note that the room hears a song, so that it does not come again soon."""
        others = (played for played in self.state.played if played != track.song)
        played = (*others, track.song)[-2 * proposals.NOT_AGAIN :]
        self.state = replace(self.state, played=played, queue=self.state.queue.played(track.song)).with_lately(track)
