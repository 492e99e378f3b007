"""The auto-DJ: one pure step from what happened to what is to be done.

`step(state, message, now) -> (state, commands)`. It knows no clock, thread, file or player. Two promises are held by
property tests: *safety* – no deck is told to load while its last load is under way, and no deck but an idle one is
loaded; *liveness* – while music is meant to play, some deck plays or is being loaded.
"""

from dataclasses import replace

from livedj.choose import proposals
from livedj.listen.heard import Heard, ListenState
from livedj.music import SILENCE, Gain, Seconds, Track
from livedj.party.messages import (
    AddFolder,
    ChooseInput,
    Command,
    Event,
    Fade,
    FadeNow,
    FaultMet,
    HoldVector,
    Intent,
    LibraryChanged,
    Load,
    MakeDemoLibrary,
    ModelChanged,
    Pause,
    Play,
    PlayNext,
    Remember,
    Restart,
    ScanProgressed,
    Seek,
    SeekTo,
    SetAuto,
    SetCrossfade,
    Skip,
    StopScan,
    TogglePause,
    Unload,
    UseModel,
    WorkerDied,
)
from livedj.party.state import RESTART_AFTER, RESTART_WITHIN, SAID_FOR, DeckState, PartyState, Phase, Wish
from livedj.play.crossfade import Ramp
from livedj.play.deck import DeckCued, DeckEnded, DeckFailed, DeckLost, DeckMoved, DeckName, Token

SILENT_FOR = Seconds(8.0)
"""How long the room must have been silent before auto-DJ starts by itself."""
CUE_AHEAD = Seconds(10.0)
"""How long before a planned crossfade the next song is cued."""
QUICK_FADE = Seconds(1.0)
"""A fade out of a skipped song, or in from silence."""
CUED_WITHIN = Seconds(15.0)
"""A load that has got no answer for so long, because the sound output is away or for no reason, is asked for again."""
REPORTS_WITHIN = Seconds(1.8)
"""The listener reports ten times a second; when it has been silent for so long, the window says so."""
SHORTEST_FADE = Seconds(0.5)
TOGETHER = Seconds(0.05)
"""Ramps of two decks begin this much later than they are sent, so that they begin together."""
STALLED_AFTER = Seconds(4.0)
"""A playing deck whose playhead has not moved for so long plays nothing."""


def step(state: PartyState, message: Event | Intent, now: Seconds) -> tuple[PartyState, tuple[Command, ...]]:
    """Take one message at the moment `now` and return the new state and what is to be done, in this order."""
    turn = _Turn(state, now)
    turn.take(message)
    turn.go_on()
    return turn.state, tuple(turn.commands)


def plan(state: PartyState) -> Seconds:
    """Return the length of the next crossfade: as set, but at most a third of the shorter song."""
    lengths = [deck.track.duration for deck in state.decks.values() if deck.track]
    lengths += [] if state.excerpt is None else [state.excerpt]
    return Seconds(min([state.crossfade, *(length / 3 for length in lengths)]))


def _ready(deck: DeckState, wish: Wish) -> bool:
    return deck.phase is Phase.CUED and deck.track == wish.track and deck.position == wish.start


class _Turn:
    """One step in the making. It lives for the length of `step` only."""

    def __init__(self, state: PartyState, now: Seconds) -> None:
        self.state = state
        self.now = now
        self.commands: list[Command] = []

    # What happened ------------------------------------------------------------------------------------------------

    def take(self, message: Event | Intent) -> None:
        match message:
            case DeckCued() | DeckFailed() | DeckMoved() | DeckEnded() | DeckLost():
                if message.token == self.state.decks[message.deck].token:
                    self._take_deck_event(message)
            case Heard():
                self._take_heard(message)
            case LibraryChanged(size, fallback, played):
                played = self.state.played or played  # of earlier nights; from then on the party keeps count itself
                self.state = replace(self.state, library_size=size, fallback=fallback, played=played)
            case ScanProgressed():
                self.state = replace(self.state, scan=message)
            case ModelChanged(path, unrelated):
                self.state = replace(self.state, unrelated=unrelated)
                self.commands.append(UseModel(path))
            case WorkerDied(worker, sentence):
                self._say(sentence)
                patience = Seconds(min(2 * self.state.patience, RESTART_WITHIN))
                due = Seconds(self.now + self.state.patience)
                self.state = replace(self.state, restart=worker, restart_at=due, patience=patience)
            case FaultMet(sentence):
                self._say(sentence)
            case PlayNext(track):
                if self.state.playing is None or self.state.playing.track != track:
                    self._wish(track, self.state.crossfade)
            case TogglePause():
                self._toggle_pause()
            case Skip():
                self._leave(QUICK_FADE)
            case FadeNow():
                self._leave(self.state.crossfade)
            case SeekTo(position):
                self._seek(position)
            case SetAuto(on):
                self.state = replace(self.state, auto=on, resume=False)
                self.commands.append(message)
            case SetCrossfade(seconds):
                self.state = replace(self.state, crossfade=seconds)
                self.commands.append(message)
            case ChooseInput() | AddFolder() | MakeDemoLibrary() | StopScan():
                self.commands.append(message)

    def _take_deck_event(self, event: DeckCued | DeckFailed | DeckMoved | DeckEnded | DeckLost) -> None:
        deck = self.state.decks[event.deck]
        match event:
            case DeckCued(name, _, duration) if deck.phase is Phase.LOADING:
                self.state = self.state.with_changed(name, phase=Phase.CUED, duration=duration)
            case DeckMoved(name, _, position, playing, at) if deck.phase in (Phase.PLAYING, Phase.PAUSED):
                moved = self.now if position != deck.position or not playing else deck.moved
                self.state = self.state.with_changed(name, position=position, at=at, moved=moved)
            case DeckEnded(name) if deck.phase is not Phase.EMPTY:
                self._deck_gone(name)
            case DeckFailed(name, _, reason) if deck.track:
                self._give_up(deck.track, f"“{deck.track.title}” cannot be played: {reason}")
                self._deck_gone(name)
            case DeckLost(name, _, reason, output_gone) if deck.track:
                self._rescue(name, reason, output_gone=output_gone)

    def _take_heard(self, heard: Heard) -> None:
        silent = heard.state in (ListenState.TOO_QUIET, ListenState.NO_MICROPHONE)
        since = self.state.silent_since if self.state.silent_since is not None else self.now
        if heard.itself and heard.itself != self.state.heard.itself:
            self._count_as_played(heard.itself)  # whoever played it: the room has just heard it
        self.state = replace(
            self.state,
            heard=heard,
            silent_since=since if silent else None,
            neighbours=heard.neighbours or self.state.neighbours,
            patience=RESTART_AFTER,
        )

    def _give_up(self, track: Track, message: str) -> None:
        """Leave a song alone for a while; where it was wished, the next candidate takes its place."""
        self._say(message)
        self.state = replace(self.state, failed={**self.state.failed, track.id: self.now})
        if self.state.wish and self.state.wish.track == track:
            self._wish(self._best(), self.state.wish.fade)

    def _deck_gone(self, name: DeckName) -> None:
        """Take note that a deck has become empty by itself. Whatever is left of the music carries on."""
        was_fading, was_playing = self.state.fading, self.state.decks[name].sounding
        self.state = replace(self.state.without(name), fading=False)
        if was_fading:
            self.commands.append(HoldVector(False))
        if name is not self.state.on_air:
            return
        if was_fading:  # the song on its way out is all there is: bring it back until another is ready
            self.state = replace(self.state, on_air=name.other)
            self._ramp(name.other, Gain(1.0), QUICK_FADE)
        else:
            self.state = replace(self.state, on_air=None, resume=was_playing)

    def _rescue(self, name: DeckName, reason: str, *, output_gone: bool = False) -> None:
        """Replace a player that was lost. On air its song goes on where it was, unless it has hung before."""
        deck, on_air = self.state.decks[name], name is self.state.on_air
        assert deck.track is not None
        again = on_air and (output_gone or deck.track.id not in self.state.broken(self.now))
        if output_gone:
            self._say("The sound output went away. The music goes on as soon as it is back.")
        elif on_air or deck.phase is Phase.LOADING:
            self._give_up(deck.track, f"A player hung ({reason}) and was replaced.")
        self._deck_gone(name)
        if again and self.state.wish is None:
            paused = deck.phase is Phase.PAUSED
            self.state = replace(
                self.state, wish=Wish(deck.track, QUICK_FADE, deck.position_at(self.now), paused=paused)
            )

    def _count_as_played(self, track: Track) -> None:
        self.state = replace(self.state, played=(*self.state.played, track.id)[-2 * proposals.NOT_AGAIN :])

    def _say(self, message: str) -> None:
        self.state = replace(self.state, message=message, message_at=self.now)

    # What a person wants ------------------------------------------------------------------------------------------

    def _wish(self, track: Track | None, fade: Seconds) -> None:
        self.state = replace(self.state, wish=Wish(track, fade, track.cues.start) if track else None)

    def _leave(self, fade: Seconds) -> None:
        track = self._next()
        self._wish(track, fade)
        if track is None:
            self._say("There is no other song to go to. Add a music folder.")

    def _toggle_pause(self) -> None:
        name, deck = self.state.on_air, self.state.playing
        if name is None or deck is None:
            self._leave(QUICK_FADE)
        elif deck.phase is Phase.PAUSED:
            self.state = self.state.with_changed(name, phase=Phase.PLAYING, at=self.now, moved=self.now)
            self.commands.append(Play(name, deck.token))
        elif deck.phase is Phase.PLAYING:
            self._end_fade()
            self._ramp(name, Gain(1.0), QUICK_FADE)
            position = deck.position_at(self.now)
            self.state = self.state.with_changed(name, phase=Phase.PAUSED, position=position, at=self.now)
            self.commands.append(Pause(name, deck.token))

    def _seek(self, position: Seconds) -> None:
        name, deck = self.state.on_air, self.state.playing
        if name is None or deck is None or deck.track is None or deck.phase not in (Phase.PLAYING, Phase.PAUSED):
            return
        position = Seconds(min(max(0.0, position), deck.track.duration))
        self.state = self.state.with_changed(name, position=position, at=self.now, moved=self.now)
        self.commands.append(Seek(name, deck.token, position))

    # What follows by itself ---------------------------------------------------------------------------------------

    def go_on(self) -> None:
        """Do what is due."""
        self._restart_worker()
        self._miss_listener()
        self._finish_fade()
        self._drop_stalled()
        self._serve_wish()
        if self.state.auto:
            self._keep_playing()
        self._start_cued()
        self._propose()

    def _restart_worker(self) -> None:
        if self.state.restart and self.now >= self.state.restart_at:
            self.commands.append(Restart(self.state.restart))
            self.commands += [HoldVector(True)] if self.state.fading else []
            self.state = replace(self.state, restart="")

    def _miss_listener(self) -> None:
        """Say so when no report comes any more: the listener hangs in a call that nobody can interrupt."""
        heard = self.state.heard
        mute = heard.state in (ListenState.STARTING, ListenState.NO_MICROPHONE)
        if not mute and self.now - heard.at > REPORTS_WITHIN:
            detail = "The microphone does not answer. Unplug it and plug it in again, or choose another."
            lost = replace(heard, state=ListenState.NO_MICROPHONE, detail=detail, level=SILENCE)
            since = self.now if self.state.silent_since is None else self.state.silent_since
            self.state = replace(self.state, heard=lost, silent_since=since)

    def _finish_fade(self) -> None:
        deck = self.state.playing
        if self.state.fading and deck and deck.ramp and deck.ramp.over(self.now):
            self._end_fade()

    def _end_fade(self) -> None:
        if not self.state.fading or self.state.on_air is None:
            return
        outgoing = self.state.on_air.other
        self.commands += [Unload(outgoing, self.state.decks[outgoing].token), HoldVector(False)]
        self.state = replace(self.state.without(outgoing), fading=False)

    def _drop_stalled(self) -> None:
        for name, deck in self.state.decks.items():
            if deck.sounding and self.now - deck.moved > STALLED_AFTER:
                self.commands.append(Unload(name, deck.token))
                self._rescue(name, "it stood still")
            elif deck.phase is Phase.LOADING and self.now - deck.at > CUED_WITHIN:
                self.commands.append(Unload(name, deck.token))  # what was to be loaded is asked for again
                self.state = self.state.without(name)

    def _serve_wish(self) -> None:
        wish, waiting = self.state.wish, self.state.decks[self.state.idle]
        if wish is None or self.state.fading or waiting.phase is Phase.LOADING or _ready(waiting, wish):
            return
        self._load(wish.track, wish.start)

    def _keep_playing(self) -> None:
        state, deck, waiting = self.state, self.state.playing, self.state.decks[self.state.idle]
        if state.wish or state.fading:
            return
        if deck is None:
            silent = state.silent_since is not None and self.now - state.silent_since >= SILENT_FOR
            if state.resume or silent:
                self._wish(self._next(), QUICK_FADE)
                self._serve_wish()
        elif deck.sounding:
            length, remaining, best = plan(state), self.state.remaining(deck, self.now), self._best()
            if waiting.track is None and best and remaining <= length + CUE_AHEAD:
                self._load(best, best.cues.start)
            elif waiting.phase is Phase.CUED and remaining <= length:
                self._wish(waiting.track, Seconds(max(SHORTEST_FADE, remaining)))

    def _start_cued(self) -> None:
        wish, name, outgoing = self.state.wish, self.state.idle, self.state.playing
        deck = self.state.decks[name]
        if wish is None or self.state.fading or not _ready(deck, wish):
            return
        audible = outgoing is not None and outgoing.sounding
        length = Seconds(min(wish.fade, plan(self.state) if audible else QUICK_FADE))
        self.commands += [] if wish.paused else [Play(name, deck.token)]
        self._ramp(name, Gain(1.0), length)
        if audible:
            self._ramp(name.other, Gain(0.0), length)
            self.commands.append(HoldVector(True))
        elif outgoing is not None:  # it was paused: it just makes room
            self.commands.append(Unload(name.other, outgoing.token))
            self.state = self.state.without(name.other)
        phase = Phase.PAUSED if wish.paused else Phase.PLAYING
        self.state = self.state.with_changed(name, phase=phase, at=self.now, moved=self.now)
        self.commands.append(Remember(wish.track))
        self.state = replace(
            self.state,
            on_air=name,
            fading=audible,
            wish=None,
            resume=False,
            silent_since=None,
        )
        self._count_as_played(wish.track)

    def _propose(self) -> None:
        state, barred = self.state, self.state.barred(self.now)
        if state.neighbours:
            fresh = proposals.recent(state.played, state.library_size)
            chosen = proposals.propose(
                state.neighbours, state.proposals, barred=barred, fresh=fresh, unrelated=state.unrelated
            )
        else:
            chosen = proposals.propose_unheard(state.fallback, barred=barred)
        silenced = self.now - state.message_at > SAID_FOR and not state.restart
        self.state = replace(state, proposals=chosen, message="" if silenced else state.message)

    # Small orders -------------------------------------------------------------------------------------------------

    def _next(self) -> Track | None:
        """Return the song that waits on the idle deck, or else the best."""
        waiting = None if self.state.fading else self.state.decks[self.state.idle].track
        return waiting or self._best()

    def _best(self) -> Track | None:
        """Return the best proposal, or else the song not played for longest."""
        barred = self.state.barred(self.now)
        candidates = [p.track for p in self.state.proposals] + list(self.state.fallback)
        return next((track for track in candidates if track.id not in barred), None)

    def _load(self, track: Track, start: Seconds) -> None:
        name, token = self.state.idle, self.state.next_token
        self.state = replace(self.state, next_token=Token(token + 1)).with_deck(
            name, DeckState(Phase.LOADING, token, track, start, self.now)
        )
        self.commands.append(Load(name, token, track, start))

    def _ramp(self, name: DeckName, end: Gain, seconds: Seconds) -> None:
        deck = self.state.decks[name]
        ramp = Ramp(Seconds(self.now + TOGETHER), seconds, deck.gain_at(self.now), end)
        self.state = self.state.with_changed(name, ramp=ramp)
        self.commands.append(Fade(name, deck.token, ramp))
