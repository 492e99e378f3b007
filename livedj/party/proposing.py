"""When to choose anew, and how calmly: proposals follow other music at once, and stand while one song plays. Pure."""

from dataclasses import replace

from livedj.choose import proposals
from livedj.choose.proposals import COUNT
from livedj.choose.scene import Neighbour
from livedj.music import Seconds, Track
from livedj.party.messages import Steer
from livedj.party.state import PartyState
from livedj.party.turn import Turn

SETTLES_IN = Seconds(4.5)
"""So long after music began, or changed, its proposals still follow it freely: its first windows tell little of it."""
NEWCOMER_AFTER = Seconds(30.0)
"""Then one song may come in so long after the last one: a person who reads should find what was there a moment ago."""


def steer(turn: Turn) -> None:
    """Tell the ear how to ask for the next songs, where that has changed."""
    wanted = turn.state.wanted_steering
    if wanted != turn.state.steering:
        turn.state = replace(turn.state, steering=wanted)
        turn.commands.append(Steer(wanted))


def propose(turn: Turn) -> None:
    """Choose anew where anything has changed that the choice goes by."""
    state, occasion = turn.state, _occasion(turn.state)
    newcomers = COUNT if occasion != state.chosen_for else _newcomers(state, turn.now)
    among = _among(state, newcomers)
    broken, barred = state.broken(turn.now), state.barred
    fresh = proposals.recent(state.played, state.library_size)
    chosen_from = (among, state.fallback, state.scene, broken, barred, fresh)
    if chosen_from == state.chosen_from:
        return
    if among:
        chosen = proposals.propose(
            among, state.proposals, state.scene, broken=broken, barred=barred, fresh=fresh, newcomers=newcomers
        )
    else:
        chosen = proposals.propose_unheard(state.rested, broken=broken, barred=barred)
    shown = {proposal.track.id for proposal in state.proposals}
    renewed = newcomers == COUNT or any(proposal.track.id not in shown for proposal in chosen)
    turn.state = replace(
        state,
        proposals=chosen,
        chosen_among=among,
        chosen_from=chosen_from,
        chosen_for=occasion,
        renewed_at=turn.now if renewed else state.renewed_at,
    )


def score(state: PartyState, track: Track) -> float:
    """Return how well a song goes with what is heard; the least there is where it sounds like all else."""
    near = next((neighbour for neighbour in state.neighbours if neighbour.track.id == track.id), None)
    return -1.0 if near is None else proposals.score(near, state.scene)


def _occasion(state: PartyState) -> object:
    """Return what calls for another choice at once, beside other music in the room: a song of ours, or the person."""
    on_air = state.playing and state.playing.track and state.playing.track.id
    return on_air, state.taste, state.asked, state.library_size


def _newcomers(state: PartyState, now: Seconds) -> int:
    """Return how many songs may come in that are not shown, beside those that fill a gap."""
    since = state.heard.since
    if since is None or now - since < SETTLES_IN or len(state.proposals) < COUNT or not state.chosen_among:
        return COUNT
    return int(now - state.renewed_at >= NEWCOMER_AFTER)


def _among(state: PartyState, newcomers: int) -> tuple[Neighbour, ...]:
    """Return what is chosen from: what lies nearest now, what is shown too, or the same as before."""
    if newcomers == 0:
        return state.chosen_among
    if newcomers == COUNT:
        return state.neighbours
    near = {neighbour.track.id for neighbour in state.neighbours}
    shown = {proposal.track.id for proposal in state.proposals} - near
    farthest = state.neighbours[-1].cosine
    left = (replace(past, cosine=farthest) for past in state.chosen_among if past.track.id in shown)
    return (*state.neighbours, *left)
