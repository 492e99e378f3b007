"""The auto-DJ: one pure step from what happened to what is to be done.

`step(state, message, now) -> (state, commands)`. It knows no clock, thread, file or player. Two promises are held by
property tests: *safety* – no deck is told to load while its last load is under way, and no deck but an idle one is
loaded; *liveness* – while music is meant to play, some deck plays or is being loaded.
"""

from collections.abc import Mapping
from dataclasses import replace

from livedj.choose.scene import Opinion
from livedj.listen.heard import Heard, ListenState
from livedj.music import CuePoints, Gain, Seconds, Track, TrackId
from livedj.night.entries import Chooser
from livedj.party import mixing, proposing, queueing, repair
from livedj.party.messages import (
    AddFolder,
    ChooseInput,
    ClearQueue,
    Command,
    Cut,
    Enqueue,
    Event,
    FadeNow,
    FaultMet,
    Intent,
    KeepPlayingLike,
    LibraryChanged,
    MakeDemoLibrary,
    ModelChanged,
    MoveCues,
    MoveInQueue,
    OutputChecked,
    Pause,
    Play,
    PlayNext,
    RemoveFolder,
    ScanProgressed,
    Seek,
    SeekTo,
    SetAuto,
    SetCrossfade,
    SetDrunk,
    SetKeepOn,
    SetOpinion,
    SetSituations,
    SetTaste,
    Skip,
    SongsFound,
    StopScan,
    TogglePause,
    UndoQueue,
    Unload,
    Unqueue,
    UseModel,
    WorkerDied,
)
from livedj.party.outside import followed
from livedj.party.state import RESTART_AFTER, SAID_FOR, PartyState, Phase
from livedj.party.turn import QUICK_FADE, Turn
from livedj.play.deck import DeckCued, DeckEnded, DeckEvent, DeckFailed, DeckLost, DeckMoved
from livedj.play.transition import Kind

WITHOUT_MUSIC = (ListenState.TOO_QUIET, ListenState.NO_MUSIC, ListenState.NO_MICROPHONE)
FRESH_FOR = Seconds(20.0)
"""A song that is kept cued while somebody else plays gives way to a better one after so long,"""
WORTH_CUEING = 0.1
"""if its score is better by so much."""


def step(state: PartyState, message: Event | Intent, now: Seconds) -> tuple[PartyState, tuple[Command, ...]]:
    """Take one message at the moment `now` and return the new state and what is to be done, in this order."""
    turn = Turn(state, now)
    repair.wake(turn)
    _take(turn, message)
    _do_what_is_due(turn)
    return turn.state, tuple(turn.commands)


# What happened, and what a person wants -------------------------------------------------------------------------------


def _take(turn: Turn, message: Event | Intent) -> None:
    match message:
        case DeckCued() | DeckFailed() | DeckMoved() | DeckEnded() | DeckLost():
            if _is_of_this_load(turn.state, message):
                repair.take_deck_event(turn, message)
        case Heard():
            _take_heard(turn, message)
        case LibraryChanged(size, fallback, played, opinions):
            played = turn.state.played or played  # of earlier nights; from then on the party keeps count itself
            turn.state = replace(turn.state, library_size=size, fallback=fallback, played=played)
            _take_opinions(turn, opinions)
        case ScanProgressed():
            turn.state = replace(turn.state, scan=message)
        case ModelChanged(path, unrelated):
            turn.state = replace(turn.state, unrelated=unrelated)
            turn.commands.append(UseModel(path))
        case WorkerDied(worker, sentence):
            repair.worker_died(turn, worker, sentence)
        case FaultMet(sentence):
            turn.say(sentence)
        case OutputChecked(facts):
            repair.take_output(turn, facts)
        case PlayNext(track):
            on_air = turn.state.playing
            if on_air is None or on_air.track is None or on_air.track.id != track.id:
                mixing.hurry_fade(turn, QUICK_FADE)
                turn.wish(track, turn.state.crossfade, Chooser.PERSON)
        case TogglePause():
            _toggle_pause(turn)
        case Skip():
            mixing.leave(turn, QUICK_FADE)
        case Cut():
            mixing.leave(turn, Seconds(0.0), Kind.CUT)
        case FadeNow():
            mixing.leave(turn, turn.state.crossfade)
        case SeekTo(position):
            _seek(turn, position)
        case MoveCues(track, cues):
            _move_cues(turn, track, cues)
            turn.commands.append(message)
        case SetOpinion(track, opinion) if track != turn.state.loop:
            _take_opinion(turn, track, opinion)
            turn.commands.append(message)
        case SetTaste(taste):
            turn.state = replace(turn.state, taste=taste)
            turn.commands.append(message)
        case SetKeepOn(songs):
            turn.state = replace(turn.state, keep_on=songs)
            turn.commands.append(message)
        case SetDrunk(share):
            turn.state = replace(turn.state, drunk=share)
            turn.commands.append(message)
        case SongsFound():
            queueing.take_found(turn, message)
        case Enqueue() | MoveInQueue() | Unqueue() | ClearQueue() | UndoQueue() | KeepPlayingLike():
            queueing.take(turn, message)
        case SetAuto(on):
            repairs = turn.state.wish is not None and turn.state.wish.by is Chooser.REPAIR
            turn.state = replace(turn.state, auto=on, resume=False, wish=None if repairs else turn.state.wish)
            turn.commands.append(message)
        case SetSituations(situations):
            turn.state = replace(turn.state, situations=situations)
            turn.commands.append(message)
        case SetCrossfade(seconds):
            turn.state = replace(turn.state, crossfade=seconds)
            turn.commands.append(message)
        case ChooseInput() | AddFolder() | RemoveFolder() | MakeDemoLibrary() | StopScan():
            turn.commands.append(message)


def _is_of_this_load(state: PartyState, event: DeckEvent) -> bool:
    return event.token == state.decks[event.deck].token


def _take_heard(turn: Turn, heard: Heard) -> None:
    state = turn.state
    outside = followed(state.outside, heard, state.sounding, turn.now)
    since = state.without_music_since if state.without_music_since is not None else turn.now
    if heard.itself and heard.itself != state.heard.itself:
        turn.count_as_played(heard.itself)  # whoever played it: the room has just heard it
    turn.state = replace(
        turn.state,
        heard=heard,
        outside=outside,
        # An ear that was lost while others played tells nothing of them: they are not to be played over.
        without_music_since=since if heard.state in WITHOUT_MUSIC and not outside.playing else None,
        neighbours=heard.neighbours or state.neighbours,
        asked=heard.asked if heard.neighbours else state.asked,
        patience=RESTART_AFTER,
    )
    repair.watch_output(turn)


def _toggle_pause(turn: Turn) -> None:
    name, deck, wish = turn.state.on_air, turn.state.playing, turn.state.wish
    if wish is not None and wish.by is Chooser.REPAIR and deck is None:  # it waits for its player, or for an output
        turn.state = replace(turn.state, wish=replace(wish, paused=not wish.paused))
    elif name is None or deck is None:
        mixing.leave(turn, QUICK_FADE)
    elif deck.phase is Phase.PAUSED:
        turn.state = turn.state.with_changed(name, phase=Phase.PLAYING, at=turn.now, moved=turn.now)
        turn.commands.append(Play(name, deck.token))
    else:
        mixing.end_fade(turn)
        turn.ramp(name, Gain(1.0), QUICK_FADE)
        position = deck.position_at(turn.now)
        turn.state = turn.state.with_changed(name, phase=Phase.PAUSED, position=position, at=turn.now)
        turn.commands.append(Pause(name, deck.token))


def _seek(turn: Turn, position: Seconds) -> None:
    name, deck = turn.state.on_air, turn.state.playing
    if name is None or deck is None or deck.track is None or deck.phase not in (Phase.PLAYING, Phase.PAUSED):
        return
    position = Seconds(min(max(0.0, position), deck.track.duration))
    turn.state = turn.state.with_changed(name, position=position, at=turn.now, moved=turn.now)
    turn.commands.append(Seek(name, deck.token, position))


def _move_cues(turn: Turn, track: TrackId, cues: CuePoints) -> None:
    for name, deck in turn.state.decks.items():
        if deck.track is not None and deck.track.id == track:
            turn.state = turn.state.with_changed(name, track=replace(deck.track, cues=cues))


def _take_opinions(turn: Turn, told: Mapping[TrackId, Opinion]) -> None:
    """Take what the library tells, but where the person has just said something else: that is still being written."""
    said = {song: opinion for song, opinion in turn.state.just_said.items() if told.get(song) is not opinion}
    opinions = {song: opinion for song, opinion in {**told, **said}.items() if opinion is not None}
    turn.state = replace(turn.state, opinions=opinions, just_said=said)


def _take_opinion(turn: Turn, track: Track, opinion: Opinion | None) -> None:
    """Take note of what the person thinks of a song. One that is banned leaves the decks at once."""
    said = {**turn.state.just_said, track.song: opinion}
    others = {song: former for song, former in turn.state.opinions.items() if song != track.song}
    opinions = others if opinion is None else {**others, track.song: opinion}
    turn.state = replace(turn.state, opinions=opinions, just_said=said)
    if opinion is not Opinion.BANNED:
        return
    waiting, on_air, wish = turn.state.decks[turn.state.idle], turn.state.playing, turn.state.wish
    if waiting.track is not None and waiting.track.song == track.song and not turn.state.fading:
        turn.commands.append(Unload(turn.state.idle, waiting.token))
        turn.state = turn.state.without(turn.state.idle)
    if wish is not None and wish.track.song == track.song:
        turn.wish(turn.best(), wish.fade, wish.by, paused=wish.paused)
    if on_air is not None and on_air.sounding and on_air.track is not None and on_air.track.song == track.song:
        _leave_banned(turn, on_air.track)


def _leave_banned(turn: Turn, track: Track) -> None:
    if turn.state.wish is not None:  # another song is on its way already
        mixing.hurry_fade(turn, QUICK_FADE)
    elif turn.next() is None:
        turn.say(f"There is no other song to go to: “{track.title}” plays to its end, and then never again.")
    else:
        mixing.leave(turn, QUICK_FADE)


# What follows by itself -----------------------------------------------------------------------------------------------


def _do_what_is_due(turn: Turn) -> None:
    repair.restart_worker(turn)
    repair.miss_listener(turn)
    repair.give_way(turn)
    mixing.finish_fade(turn)
    repair.drop_stalled(turn)
    repair.pass_over_late(turn)
    mixing.serve_wish(turn)
    queueing.keep_in_order(turn)
    if not turn.state.wish and not turn.state.fading:
        _keep_playing(turn)
    mixing.start_cued(turn)
    queueing.look_for_more(turn)
    proposing.steer(turn)
    proposing.propose(turn)
    mixing.plan(turn)
    silenced = turn.now - turn.state.message_at > SAID_FOR and not turn.state.restart
    turn.state = replace(turn.state, message="" if silenced else turn.state.message)


def _keep_playing(turn: Turn) -> None:
    """Start a song in one of the situations that call for one."""
    state, deck = turn.state, turn.state.playing
    if deck is not None:
        if deck.sounding and turn.goes_on:
            mixing.go_on(turn)
    elif (state.resume and (state.auto or turn.queued())) or _is_called_for(state, turn.now):
        turn.wish(turn.next(), QUICK_FADE, Chooser.REPAIR if state.resume else Chooser.AUTO_DJ)
        mixing.serve_wish(turn)
    elif state.auto and state.outside.playing and state.situations.take_over:
        _keep_cued(turn)


def _is_called_for(state: PartyState, now: Seconds) -> bool:
    return state.auto and (_outside_has_ended(state) or _nothing_plays(state, now))


def _outside_has_ended(state: PartyState) -> bool:
    return state.situations.take_over and state.outside.ended is not None


def _nothing_plays(state: PartyState, now: Seconds) -> bool:
    since, situations = state.without_music_since, state.situations
    return situations.fill and since is not None and now - since >= situations.fill_after


def _keep_cued(turn: Turn) -> None:
    """While somebody else plays, have a song ready that goes well with what is heard now."""
    waiting, best = turn.state.decks[turn.state.idle], turn.best()
    if best is None or waiting.phase is Phase.LOADING or waiting.by is Chooser.QUEUE:
        return
    if waiting.track is not None:
        gain = proposing.score(turn.state, best) - proposing.score(turn.state, waiting.track)
        if turn.now - waiting.at <= FRESH_FOR or gain < WORTH_CUEING:
            return
    turn.load(best, best.cues.start, turn.chooser(best))
