"""Somebody else's music in the room: does it play, and has it ended? Pure."""

from dataclasses import dataclass

from livedj.listen.heard import Heard
from livedj.music import Dbfs, Seconds

MUSIC = 0.5
CONFIRMED = Seconds(5.0)
GONE = Seconds(1.5)
DROP = 9.0
PACE = 0.02


@dataclass(frozen=True, slots=True)
class Outside:
    """What is known of somebody else's music."""

    since: Seconds | None = None
    """Music has been heard since then, but for short breaks."""
    last: Seconds | None = None
    """The last moment at which it was heard."""
    usual: Dbfs | None = None
    """Its level."""
    playing: bool = False
    """Somebody else's music plays."""
    ended: Seconds | None = None
    """When it ended; None while it plays, and before any was heard."""


def followed(outside: Outside, heard: Heard, ours: bool, now: Seconds) -> Outside:
    """Return what is known after one more report."""
    if ours or heard.music is None:
        return Outside()
    if heard.music >= MUSIC and (outside.usual is None or heard.level > outside.usual - DROP):
        since = now if outside.since is None else outside.since
        usual = heard.level if outside.usual is None else Dbfs(outside.usual + PACE * (heard.level - outside.usual))
        return Outside(since, now, usual, playing=outside.playing or now - since >= CONFIRMED)
    if outside.last is not None and now - outside.last >= GONE:
        return Outside(ended=outside.last if outside.playing else outside.ended)
    return outside
