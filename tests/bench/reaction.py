"""How soon, and how well, the proposals follow the music in the room: in the virtual room, on the demo library."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from livedj.app import App
from livedj.demo.room import VirtualRoom
from livedj.music import Seconds
from livedj.settings import Settings

LIMIT = Seconds(10.0)
"""The proposals are to follow within this time."""
MIDDLE = Seconds(25.0)
"""Where in a track the other DJ begins."""


@dataclass(frozen=True)
class Followed:
    """One switch of the music in the room."""

    style: str
    """What plays now; it is the name of the track's folder."""
    seconds: float | None
    """Until two of the first three proposals were of that style; None where they were not within `patience`."""


def follow(room: VirtualRoom, data: Path, tracks: Sequence[Path], patience: float = 20.0) -> Iterator[Followed]:
    """Play the middle of one track after another into the room and watch the proposals of a livedj that listens."""
    app = App(Settings(), data, settings_file=data / "settings.toml")
    app.start()
    try:
        for track in tracks:
            player = room.play(track, MIDDLE)
            try:
                yield Followed(track.parent.name, _wait(app, track, patience))
            finally:
                player.stop()
    finally:
        app.stop()


def _wait(app: App, track: Path, patience: float) -> float | None:
    began = time.monotonic()
    while time.monotonic() - began < patience:
        first = [proposal.track.path for proposal in app.snapshot.proposals[:3]]
        fitting = [path for path in first if path.parent == track.parent and path != track]
        if len(fitting) >= 2:
            return time.monotonic() - began
        time.sleep(0.05)
    return None
