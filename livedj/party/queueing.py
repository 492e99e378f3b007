"""What the party does with the person's queue: it is played in order, and found more songs for. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from livedj.choose.proposals import recent
from livedj.music import Track
from livedj.night.entries import Chooser
from livedj.party.messages import (
    ClearQueue,
    Enqueue,
    FindSongs,
    MoveInQueue,
    QueueIntent,
    SongsFound,
    UndoQueue,
    Unload,
    Unqueue,
)
from livedj.party.state import PartyState, Phase
from livedj.party.turn import QUICK_FADE, Turn

SHORT = 5
"""Songs of an endless queue, below which more are looked for,"""
AT_ONCE = 10
"""and so many of them."""
_SOUNDING = (Phase.PLAYING, Phase.PAUSED)


def take(turn: Turn, intent: QueueIntent) -> None:
    """Edit the queue as the person wishes."""
    queue = turn.state.queue
    match intent:
        case Enqueue(tracks):
            queue = queue.added(_allowed(turn, _not_sounding(turn.state, tracks)))
        case MoveInQueue(track, before):
            queue = queue.moved(track, before)
        case Unqueue(track):
            queue = queue.without(track)
        case ClearQueue():
            queue = queue.cleared()
        case UndoQueue():
            queue = queue.undone()
        case _:
            queue = replace(queue.going_on(intent.like), looking=False)
    # What broke off before there was a queue does not begin now: the person asked for a song to wait.
    resume = turn.state.resume and (turn.state.auto or bool(turn.state.queue.songs))
    turn.state = replace(turn.state, queue=queue, resume=resume)


def take_found(turn: Turn, found: SongsFound) -> None:
    """Line up what was found. Where nothing plays, the first of it begins: the person asked for music."""
    queue = turn.state.queue
    if found.like != queue.like:  # meanwhile the person wants others
        return
    first = not queue.songs
    tracks = [track for track in found.tracks or () if track.song not in turn.state.barred]
    turn.state = replace(turn.state, queue=queue.found(tracks))
    if first and not tracks:
        turn.state = replace(turn.state, queue=queue.ended())
        if found.tracks is not None:
            turn.say(f"There are no other songs like {found.like.words}.")
    elif first and turn.state.on_air is None and turn.state.wish is None:
        turn.wish(tracks[0], QUICK_FADE, Chooser.QUEUE)


def look_for_more(turn: Turn) -> None:
    """Have songs found for an endless queue that runs short."""
    state, queue = turn.state, turn.state.queue
    if queue.like is None or queue.looking or len(queue.songs) >= SHORT:
        return
    turn.state = replace(state, queue=replace(queue, looking=True))
    barred = frozenset(state.barred | {track.song for track in queue.songs})
    fresh = recent(state.played, state.library_size)
    turn.commands.append(FindSongs(queue.like, AT_ONCE, barred, fresh, state.keep_on, state.drunk, state.seed))


def keep_in_order(turn: Turn) -> None:
    """Take another song than the queue's next from the deck on which it waits."""
    state = turn.state
    waiting = state.decks[state.idle]
    if state.fading or state.wish or waiting.track is None:
        return
    on_air = state.playing.track if state.playing else None
    wanted = next((track for track in turn.queued() if on_air is None or track.song != on_air.song), None)
    replaced = waiting.by is Chooser.AUTO_DJ and wanted is not None
    if waiting.track != wanted and (replaced or waiting.by is Chooser.QUEUE):
        turn.commands.append(Unload(state.idle, waiting.token))
        turn.state = state.without(state.idle)


def _allowed(turn: Turn, tracks: Collection[Track]) -> list[Track]:
    """Return those that are not banned, and say so of the others."""
    banned = turn.state.banned
    left_out = next((track for track in tracks if track.song in banned), None)
    if left_out is not None:
        turn.say(f"“{left_out.title}” is banned and was left out. Take that back first.")
    return [track for track in tracks if track.song not in banned]


def _not_sounding(state: PartyState, tracks: Sequence[Track]) -> Sequence[Track]:
    """Return those that the room does not hear now, for nobody wants them twice; one alone is asked for once more."""
    heard = {deck.track.song for deck in state.decks.values() if deck.track and deck.phase in _SOUNDING}
    heard |= {state.heard.itself.song} if state.heard.itself else set()
    others = [track for track in tracks if track.song not in heard]
    return others if len(tracks) > 1 else tracks
