"""A snapshot brought forward to the moment it is looked at. Pure."""

from dataclasses import replace

from livedj.music import Seconds
from livedj.party.snapshot import Playing, Snapshot


def brought_forward(snapshot: Snapshot, now: Seconds) -> Snapshot:
    """Return `snapshot` as of `now`: running playheads moved on, the planned crossfade nearer."""
    ahead = max(0.0, now - snapshot.at)
    running = snapshot.playing is not None and not snapshot.playing.paused
    fades_in = snapshot.fades_in
    if fades_in is not None and running:
        fades_in = Seconds(max(0.0, fades_in - ahead))
    return replace(
        snapshot,
        at=now,
        playing=_moved(snapshot.playing, ahead),
        leaving=_moved(snapshot.leaving, ahead),
        fades_in=fades_in,
    )


def _moved(playing: Playing | None, ahead: float) -> Playing | None:
    if playing is None or playing.paused:
        return playing
    end = playing.track.duration if playing.track.duration > 0 else float("inf")
    return replace(playing, position=Seconds(max(playing.position, min(end, playing.position + ahead))))
