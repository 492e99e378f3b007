"""What it takes to go on where the night stopped: a small file, replaced at every change.

It is written whole or not at all (a rename), so that a kill at any moment leaves the former state or the new one. It is
not forced to the disk: after a power cut nobody goes on by himself, and that would cost the caller tens of
milliseconds. The parent process reads it as well, so this file imports nothing large.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:  # NumPy would come along
    from livedj.music import Seconds, TrackId

FILE_NAME = "night.json"


@dataclass(frozen=True, slots=True)
class OnAir:
    """The song that the room heard, and where its playhead stood."""

    track: TrackId
    position: Seconds
    at: datetime
    """The moment of `position`, on the wall clock (UTC): the only clock that outlives the program."""
    paused: bool = False

    def position_at(self, now: datetime) -> Seconds:
        """Return where the playhead would stand now, had nothing happened; a clock that was set back is ignored."""
        passed = 0.0 if self.paused else max(0.0, (now - self.at).total_seconds())
        return cast("Seconds", self.position + passed)


@dataclass(frozen=True, slots=True)
class NightState:
    """The night, as far as it must outlive the program."""

    auto: bool = False
    """Whether auto-DJ is on."""
    on_air: OnAir | None = None
    resume: bool = False
    """Whether the music had broken off, and the next song was about to begin."""
    played: tuple[TrackId, ...] = ()
    """Oldest first."""
    session: str = ""
    """Name of the session's log."""
    seed: int = 0
    """What chance is drawn from in this night."""
    queue: tuple[TrackId, ...] = ()
    """The tracks that the person wants to hear next, in their order."""
    like: tuple[str, ...] = ()
    """The files that an endless queue goes on like,"""
    like_words: str = ""
    """and what they are called."""
    lately: tuple[TrackId, ...] = ()
    """The last tracks that the room has heard in it, the latest first: what *keep on* and the rules look back at."""

    @property
    def goes_on(self) -> bool:
        """Whether the program goes on by itself: auto-DJ is on, or songs of the queue follow the one that plays."""
        return self.auto or (self.on_air is not None and bool(self.queue))


def save(state: NightState, data: Path) -> str:
    """Write `state` into the data folder; return a sentence on what went wrong, empty when all is well."""
    file = data / FILE_NAME
    fresh = data / f"{FILE_NAME}.new"
    try:
        data.mkdir(parents=True, exist_ok=True)
        fresh.write_text(json.dumps(_to_json(state)), encoding="utf-8")
        fresh.replace(file)
    except OSError as error:
        return f"Where the night stands cannot be kept in {data} ({error.strerror}). The music goes on."
    return ""


def load(data: Path) -> NightState:
    """Return the state kept in the data folder; an empty one where there is none that can be read."""
    try:
        return _from_json(json.loads((data / FILE_NAME).read_bytes()))
    except (OSError, ValueError, TypeError, KeyError, AttributeError):  # no file, or any other JSON in its place
        return NightState()


def _to_json(state: NightState) -> dict[str, Any]:
    """Return what JSON can hold, for which NumPy's numbers are none."""
    on_air = state.on_air
    return {
        "auto": state.auto,
        "on_air": on_air and {
            "track": int(on_air.track),
            "position": float(on_air.position),
            "at": on_air.at.isoformat(),
            "paused": on_air.paused,
        },
        "resume": state.resume,
        "played": [int(track) for track in state.played],
        "session": state.session,
        "seed": state.seed,
        "queue": [int(track) for track in state.queue],
        "like": list(state.like),
        "like_words": state.like_words,
        "lately": [int(track) for track in state.lately],
    }


def _from_json(values: Mapping[str, Any]) -> NightState:
    kept = values.get("on_air")
    on_air = None
    if kept is not None:
        on_air = OnAir(
            track=cast("TrackId", int(kept["track"])),
            position=cast("Seconds", float(kept["position"])),
            at=datetime.fromisoformat(kept["at"]),
            paused=kept.get("paused", False) is True,
        )
    return NightState(
        values.get("auto") is True,
        on_air,
        values.get("resume") is True,
        _tracks(values, "played"),
        str(values.get("session", "")),
        int(values.get("seed", 0)),
        _tracks(values, "queue"),
        tuple(map(str, values.get("like", ()))),
        str(values.get("like_words", "")),
        _tracks(values, "lately"),
    )


def _tracks(values: Mapping[str, Any], name: str) -> tuple[TrackId, ...]:
    return tuple(cast("TrackId", int(track)) for track in values.get(name, ()))
