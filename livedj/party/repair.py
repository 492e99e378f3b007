"""What broke, and how the music goes on: decks that fail, hang, stall or end, workers that die. Pure."""

from dataclasses import replace

from livedj.choose.steering import Steering
from livedj.listen.heard import ListenState
from livedj.music import SILENCE, Gain, Seconds, Track
from livedj.night.entries import Chooser
from livedj.party.guardian import Mend, ReplaceDeck, Say, Sounding, checked, watched
from livedj.party.messages import HoldVector, Restart, Steer, Unload
from livedj.party.state import RESTART_WITHIN, Phase
from livedj.party.turn import QUICK_FADE, Turn
from livedj.play.deck import DeckCued, DeckEnded, DeckFailed, DeckLost, DeckMoved, DeckName
from livedj.play.output import OutputFacts

OUTPUT_GONE = "The sound output went away. The music goes on as soon as it is back."
CUED_WITHIN = Seconds(15.0)
"""A load that has got no answer for so long, because the sound output is away or for no reason, is asked for again."""
LATE = Seconds(0.8)
"""While nothing plays, a song that takes longer to be cued gives way to another: libVLC takes seconds to refuse a file
that is no music. A whole one is cued within 0.3 s, from a slow drive perhaps not:"""
MOST_LATE = 3
"""so many songs may be late within CUED_WITHIN before the next one is waited for."""
STALLED_AFTER = Seconds(4.0)
"""A playing deck whose playhead has not moved for so long plays nothing."""
REPORTS_WITHIN = Seconds(1.8)
"""The listener reports ten times a second; when it has been silent for so long, the window says so."""
FIRST_REPORT_WITHIN = Seconds(20.0)
"""The same for a listener that has just been started, and opens songs, model and microphone first."""
WORTH_RESCUING = Seconds(2.0)
"""Of a song of which less is left, libVLC may never become ready."""
SLEPT = Seconds(2.0)
"""Steps are 0.1 s apart. After a longer pause the computer slept, or the program was stopped: nothing has stalled."""


def take_deck_event(turn: Turn, event: DeckCued | DeckFailed | DeckMoved | DeckEnded | DeckLost) -> None:
    """Follow what a deck says of its present load."""
    deck = turn.state.decks[event.deck]
    match event:
        case DeckCued(name, _, duration) if deck.phase is Phase.LOADING:
            turn.state = replace(turn.state, output_away=False)
            turn.state = turn.state.with_changed(name, phase=Phase.CUED, duration=duration)
        case DeckMoved(name, _, position, playing, at) if deck.phase in (Phase.PLAYING, Phase.PAUSED):
            moved = turn.now if position != deck.position or not playing else deck.moved
            turn.state = turn.state.with_changed(name, position=position, at=at, moved=max(moved, deck.moved))
        case DeckEnded(name) if deck.phase is not Phase.EMPTY:
            deck_gone(turn, name)
            turn.state = replace(turn.state, resume=turn.state.resume and turn.goes_on)
        case DeckFailed(name, _, reason) if deck.track:
            give_up(turn, deck.track, f"“{deck.track.title}” cannot be played: {reason}")
            deck_gone(turn, name)
        case DeckLost(name, _, reason, output_gone) if deck.track:
            turn.state = replace(turn.state, output_away=output_gone)
            hung = f"A player hung ({reason}) and was replaced."
            rescue(turn, name, OUTPUT_GONE if output_gone else hung, blame=not output_gone)


def give_up(turn: Turn, track: Track, message: str) -> None:
    """Leave a song alone for a while; where it was wished, the next candidate takes its place."""
    turn.say(message)
    turn.state = replace(turn.state, failed={**turn.state.failed, track.id: turn.now})
    if turn.state.wish and turn.state.wish.track == track:
        turn.wish(turn.best(), turn.state.wish.fade, Chooser.REPAIR, paused=turn.state.wish.paused)


def deck_gone(turn: Turn, name: DeckName) -> None:
    """Take note that a deck has become empty by itself. Whatever is left of the music carries on."""
    was_fading, was_playing = turn.state.fading, turn.state.decks[name].sounding
    turn.state = replace(turn.state.without(name), fading=False)
    if was_fading:
        turn.commands.append(HoldVector(False))
    if name is not turn.state.on_air:
        return
    if was_fading:  # the song on its way out is all there is: bring it back until another is ready
        turn.state = replace(turn.state, on_air=name.other)
        turn.ramp(name.other, Gain(1.0), QUICK_FADE)
    else:
        turn.state = replace(turn.state, on_air=None, resume=was_playing)


def rescue(turn: Turn, name: DeckName, sentence: str, *, blame: bool) -> None:
    """Replace a player that was lost. On air its song goes on where it was, unless it is to `blame` once more."""
    deck, on_air = turn.state.decks[name], name is turn.state.on_air
    assert deck.track is not None
    again = on_air and turn.state.remaining(deck, turn.now) > WORTH_RESCUING
    again = again and not (blame and deck.track.id in turn.state.broken(turn.now))
    if not blame:
        turn.say(sentence)
    elif on_air or deck.phase is Phase.LOADING:
        give_up(turn, deck.track, sentence)
    deck_gone(turn, name)
    if again and turn.state.wish is None:
        position, paused = deck.position_at(turn.now), deck.phase is Phase.PAUSED
        turn.wish(deck.track, QUICK_FADE, Chooser.REPAIR, start=position, paused=paused)


def watch_output(turn: Turn) -> None:
    """Let the guardian follow what is heard of what plays."""
    name, deck = turn.state.on_air, turn.state.playing
    ours = None
    if name is not None and deck is not None and deck.track is not None and deck.sounding:
        ours = Sounding(name, deck.track, deck.gain_at(turn.now))
    guardian, question = watched(turn.state.guardian, turn.state.heard, ours, turn.now)
    turn.state = replace(turn.state, guardian=guardian)
    turn.commands += [] if question is None else [question]


def take_output(turn: Turn, facts: OutputFacts | None) -> None:
    """Do what the guardian asks for, now that it knows what the sound server sees."""
    guardian, request = checked(turn.state.guardian, facts, turn.now)
    turn.state = replace(turn.state, guardian=guardian)
    match request:
        case Say(sentence):
            turn.say(sentence)
        case Mend(_, why):
            turn.say(why)
            turn.commands.append(request)
        case ReplaceDeck(name, why) if turn.state.decks[name].track is not None:
            turn.commands.append(Unload(name, turn.state.decks[name].token))
            rescue(turn, name, why, blame=False)


def drop_stalled(turn: Turn) -> None:
    """Replace a deck that plays nothing, and ask again for a song that is not cued."""
    for name, deck in turn.state.decks.items():
        if deck.sounding and turn.now - deck.moved > STALLED_AFTER:
            turn.commands.append(Unload(name, deck.token))
            rescue(turn, name, "A player hung (it stood still) and was replaced.", blame=True)
        elif deck.phase is Phase.LOADING and turn.now - deck.at > CUED_WITHIN:
            turn.commands.append(Unload(name, deck.token))  # what was to be loaded is asked for again
            turn.state = turn.state.without(name)


def pass_over_late(turn: Turn) -> None:
    """Where a song is long in coming and nothing plays, try another: none that goes on, or that a person chose."""
    state, wish, name = turn.state, turn.state.wish, turn.state.idle
    deck = state.decks[name]
    if wish is None or state.on_air or deck.phase is not Phase.LOADING or turn.now - deck.at <= LATE:
        return
    patient = state.output_away or sum(turn.now - at < CUED_WITHIN for at in state.late.values()) >= MOST_LATE
    if patient or wish.by is Chooser.PERSON or wish.start != wish.track.cues.start:
        return
    other = turn.best()
    if other is None or other == state.loop:
        return
    turn.say(f"“{wish.track.title}” is long in coming: another song is played first.")
    turn.commands.append(Unload(name, deck.token))
    turn.state = replace(turn.state.without(name), late={**state.late, wish.track.id: turn.now})
    turn.wish(other, wish.fade, Chooser.REPAIR, paused=wish.paused)


def wake(turn: Turn) -> None:
    """After a sleep, give everybody time anew: decks and listener slept, too."""
    first = turn.state.stepped is None
    last = turn.now if turn.state.stepped is None else turn.state.stepped
    turn.state = replace(turn.state, stepped=turn.now)
    if first:
        turn.state = replace(turn.state, heard=replace(turn.state.heard, at=turn.now))
    if turn.now - last <= SLEPT:
        return
    for name, deck in turn.state.decks.items():
        turn.state = turn.state.with_changed(name, position=deck.position_at(last), at=turn.now, moved=turn.now)
    turn.state = replace(turn.state, heard=replace(turn.state.heard, at=turn.now))


def restart_worker(turn: Turn) -> None:
    """Start a worker that died, after a while."""
    if turn.state.restart and turn.now >= turn.state.restart_at:
        turn.commands.append(Restart(turn.state.restart))
        turn.commands += [HoldVector(True)] if turn.state.fading else []
        turn.commands += [Steer(turn.state.steering)] if turn.state.steering != Steering() else []
        turn.state = replace(turn.state, restart="")


def worker_died(turn: Turn, worker: str, sentence: str) -> None:
    """Let a worker be started again, the later the more often it dies."""
    turn.say(sentence)
    patience = Seconds(min(2 * turn.state.patience, RESTART_WITHIN))
    due = Seconds(turn.now + turn.state.patience)
    turn.state = replace(turn.state, restart=worker, restart_at=due, patience=patience)


def miss_listener(turn: Turn) -> None:
    """Say so when no report comes any more: the listener hangs in a call that nobody can interrupt."""
    heard = turn.state.heard
    patience = FIRST_REPORT_WITHIN if heard.state is ListenState.STARTING else REPORTS_WITHIN
    if turn.now - heard.at <= patience:
        return
    if heard.state is not ListenState.NO_MICROPHONE:
        detail = "The microphone does not answer. Unplug it and plug it in again, or choose another."
        lost = replace(
            heard, state=ListenState.NO_MICROPHONE, detail=detail, level=SILENCE, music=None, itself=None
        )
        quiet = turn.now if turn.state.without_music_since is None else turn.state.without_music_since
        turn.state = replace(
            turn.state, heard=lost, without_music_since=None if turn.state.outside.playing else quiet
        )
    watch_output(turn)  # which else goes by the listener's reports


def give_way(turn: Turn) -> None:
    """Give up what was to carry our music on, where somebody else has begun to play meanwhile."""
    state = turn.state
    repairs = state.resume or (state.wish is not None and state.wish.by is not Chooser.PERSON)
    if repairs and state.on_air is None and state.outside.playing:
        turn.state = replace(state, resume=False, wish=None)

