"""Somebody else's music in the room: does it play, and has it ended? Pure.

The end of music cannot be told from a break within it, or between two songs, until the break has become too long.
Auto-DJ is to start within 3 s of the end, and breaks last up to 2 s: the decision falls in between. Some 0.3–1.0 s
after the last of the music the ear's glances at the last second hear none any more, and from then on time is counted.
"""

from dataclasses import dataclass, replace

from livedj.ear.gate import MUSIC
from livedj.listen.heard import Heard, ListenState
from livedj.music import Seconds

CONFIRMED = Seconds(8.0)
"""Music that was heard for so long, in the last second and in the window of 5 s alike, plays. Applause, a crowd or a
sung toast pass for music for a moment now and then; of those, nobody waits for the end."""
ENDED_AFTER = Seconds(1.75)
"""After so long without music it has ended; not a multiple of 0.1 s, the pace of reports, so that rounding decides
nothing. Longer misses the 3 s more often, shorter takes more breaks for ends: `python -m tests.bench ends`."""


@dataclass(frozen=True, slots=True)
class Outside:
    """What is known of somebody else's music."""

    playing: bool = False
    """It plays; short breaks belong to it."""
    ended: Seconds | None = None
    """When it ended; None before any was heard, and from the moment at which there is music again."""
    since: Seconds | None = None
    """Since when there has been music, but for short breaks."""
    doubted: Seconds | None = None
    """Since when there has been none."""


def followed(outside: Outside, heard: Heard, ours: bool, now: Seconds) -> Outside:
    """Return what is known after one more report of the ear.

    While one of our decks sounds (`ours`) nothing is known; after that, music has to be confirmed anew. While the ear
    can say nothing, or is muted, music that played is taken to play on.
    """
    if ours:
        return Outside()
    if heard.music is None or heard.muted:
        return replace(outside, doubted=None) if outside.playing else Outside()
    if heard.music >= MUSIC:
        return _with_music(outside, heard.state, now)
    if outside.since is None:
        return outside
    doubted = now if outside.doubted is None else outside.doubted
    if now - doubted < ENDED_AFTER:
        return replace(outside, doubted=doubted)
    return Outside(ended=doubted if outside.playing else outside.ended)


def _with_music(outside: Outside, state: ListenState, now: Seconds) -> Outside:
    if state is not ListenState.LISTENING:  # a second that passes for music, in a window that does not
        return replace(outside, ended=None, doubted=None)
    since = now if outside.since is None else outside.since
    return Outside(playing=outside.playing or now - since >= CONFIRMED, since=since)
