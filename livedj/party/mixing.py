"""From one song to the next: what is cued when, and how the wish for a song becomes a transition. Pure."""

from dataclasses import replace

from livedj.music import Gain, Seconds, Track
from livedj.night.entries import Chooser
from livedj.party.messages import HoldVector, Play, Remember, Unload
from livedj.party.state import DeckState, PartyState, Phase, Wish
from livedj.party.turn import QUICK_FADE, TOGETHER, Turn
from livedj.play.transition import CUT_FADE, USUAL, Kind, Transition, hurried, planned

CUE_AHEAD = Seconds(10.0)
"""How long before a planned transition the next song is cued."""
LEAD = Seconds(0.4)
"""How long before its moment a transition is ordered, so that both decks are ready for it: some ticks."""
SHORTEST_FADE = Seconds(0.5)
LATE_END = Seconds(1.0)
"""The end of a file comes up to so much later than it is reckoned: a song that ends by itself is not cut off."""


def coming(state: PartyState, track: Track | None) -> Transition | None:
    """Return how the song on air will give way to `track` by itself."""
    deck = state.playing
    if deck is None or deck.track is None or track is None:
        return None
    return planned(deck.track, track, state.crossfade, deck.duration, state.excerpt)


def go_on(turn: Turn) -> None:
    """Cue the next song in time, and start it where the plan says so."""
    state, deck = turn.state, turn.state.playing
    waiting = state.decks[state.idle]
    track = waiting.track or turn.best()
    transition = coming(state, track)
    if deck is None or track is None or transition is None:
        return
    left = transition.begin - deck.position_at(turn.now)
    if waiting.track is None and left <= CUE_AHEAD:
        one_album = transition.kind is Kind.GAPLESS  # its songs are as loud as they are meant to be beside each other
        turn.load(track, transition.start, turn.chooser(track), deck.level if one_album else None)
    elif waiting.phase is Phase.CUED and left <= LEAD:
        remaining = state.remaining(deck, turn.now)
        late = max(SHORTEST_FADE, remaining) if transition.kind is Kind.FADE else Seconds(0.0)
        turn.wish(
            track,
            min(transition.seconds, late),
            waiting.by,
            start=waiting.position,
            kind=transition.kind,
            due=Seconds(turn.now + max(left, TOGETHER)),
        )


def leave(turn: Turn, fade: Seconds, kind: Kind = Kind.FADE) -> None:
    """Wish the next song now."""
    hurry_fade(turn, CUT_FADE if kind is Kind.CUT else QUICK_FADE)
    track = turn.next()
    turn.wish(track, fade, Chooser.PERSON, kind=kind)
    if track is None:
        turn.say("There is no other song to go to. Add a music folder.")


def serve_wish(turn: Turn) -> None:
    """Cue the song that is wished, as soon as a deck is free."""
    wish, waiting = turn.state.wish, turn.state.decks[turn.state.idle]
    if wish is None or turn.state.fading or waiting.phase is Phase.LOADING or _ready(waiting, wish):
        return
    turn.load(wish.track, wish.start, wish.by)


def start_cued(turn: Turn) -> None:
    """Begin the transition into the song that is wished, once it is cued."""
    wish, name, outgoing = turn.state.wish, turn.state.idle, turn.state.playing
    deck = turn.state.decks[name]
    if wish is None or turn.state.fading or not _ready(deck, wish):
        return
    audible = outgoing is not None and outgoing.sounding
    moment = Seconds(max(turn.now + TOGETHER, wish.due or turn.now))
    length = _length(turn.state, wish, turn.now) if audible else QUICK_FADE
    turn.commands += [] if wish.paused else [Play(name, deck.token, wish.due and moment)]
    turn.ramp(name, Gain(1.0), length, moment)
    if audible:
        if length > 0:  # else the outgoing song ends by itself
            turn.ramp(name.other, Gain(0.0), length, moment)
        turn.commands.append(HoldVector(True))
    elif outgoing is not None:  # it was paused: it just makes room
        turn.commands.append(Unload(name.other, outgoing.token))
        turn.state = turn.state.without(name.other)
    phase = Phase.PAUSED if wish.paused else Phase.PLAYING
    turn.state = turn.state.with_changed(name, phase=phase, at=moment, moved=moment, by=wish.by)
    begin = outgoing.position_at(moment) if outgoing is not None else Seconds(0.0)
    turn.state = replace(
        turn.state,
        on_air=name,
        fading=audible,
        transition=Transition(wish.kind, begin, length, wish.start) if audible else None,
        wish=None,
        resume=False,
        without_music_since=None,
    )
    if wish.track != turn.state.loop:
        turn.commands.append(Remember(wish.track))
        turn.count_as_played(wish.track)


def hurry_fade(turn: Turn, seconds: Seconds) -> None:
    """End a fade that runs within `seconds`: a person wants another song."""
    name, deck = turn.state.on_air, turn.state.playing
    if not turn.state.fading or name is None or deck is None or deck.ramp is None:
        return
    if deck.ramp.begin + deck.ramp.seconds > turn.now + seconds:
        turn.ramp(name, Gain(1.0), seconds)
        turn.ramp(name.other, Gain(0.0), seconds)


def finish_fade(turn: Turn) -> None:
    """End a transition that is over."""
    deck, state = turn.state.playing, turn.state
    if not state.fading or deck is None or deck.ramp is None:
        return
    ends_itself = deck.ramp.seconds <= 0
    if deck.ramp.over(Seconds(turn.now - (LATE_END if ends_itself else 0.0))):
        end_fade(turn)


def end_fade(turn: Turn) -> None:
    """Let the song that comes in play alone."""
    if not turn.state.fading or turn.state.on_air is None:
        return
    outgoing = turn.state.on_air.other
    turn.commands += [Unload(outgoing, turn.state.decks[outgoing].token), HoldVector(False)]
    turn.state = replace(turn.state.without(outgoing), fading=False)


def plan(turn: Turn) -> None:
    """Keep the transition that is to come up to date, for the screen."""
    state = turn.state
    if state.fading:
        return
    waits = turn.goes_on and state.playing is not None and state.playing.sounding
    turn.state = replace(state, transition=coming(state, turn.next()) if waits else None)


def _length(state: PartyState, wish: Wish, now: Seconds) -> Seconds:
    """Return how long the fade into the wished song takes; 0 where the song on air ends by itself."""
    deck = state.playing
    if wish.due is not None or deck is None or deck.track is None:
        return wish.fade
    if wish.kind is Kind.CUT:
        return CUT_FADE
    return max(CUT_FADE, hurried(deck.track, wish.track, deck.position_at(now), min(wish.fade, USUAL)).seconds)


def _ready(deck: DeckState, wish: Wish) -> bool:
    return deck.phase is Phase.CUED and deck.track == wish.track and deck.position == wish.start
