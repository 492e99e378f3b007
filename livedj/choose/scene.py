"""What the choice of the next song goes by: the songs that sound like the room, and what is known beside that. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from livedj.choose.steering import Steering
from livedj.music import Track, TrackId, Vector


class Taste(StrEnum):
    """How much the rules have to say beside the sound."""

    FREE = "free"
    """Sound alone."""
    BALANCED = "balanced"
    """Of songs that sound about as near, the one that follows better."""
    STRICT = "strict"
    """Rather another sound than the same artist, a leap in tempo or a clash of keys."""


class Opinion(StrEnum):
    """What the person thinks of a song."""

    LIKED = "liked"
    """It carries a heart."""
    BANNED = "banned"
    """It is never to be played, but where the person asks for it."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A song of the library whose intro sounds like what is heard."""

    track: Track
    cosine: float
    """Of its intro vector to the running vector."""
    played_days_ago: int | None = None
    """Whole days since it was played last; None where it never was, as far as the history knows."""
    sound: Vector | None = field(default=None, compare=False, repr=False)
    """Its track vector; None where that is not known."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What the next song is to follow."""

    now: Track | None = None
    """The song that plays, where it is ours or one that the ear knows."""
    lately: tuple[Neighbour, ...] = ()
    """The last songs, the latest first, that which plays among them."""
    opinions: Mapping[TrackId, Opinion] = field(default_factory=dict)
    """What the person thinks of songs (`Track.song`)."""
    unrelated: float = 0.0
    """The cosine of any two songs, from the model's card."""
    taste: Taste = Taste.BALANCED
    asked: Steering = Steering()
    """How the neighbours were asked for: what their cosines are to."""


def similarity(cosine: float, unrelated: float) -> int:
    """Return percent: 0 for the cosine that any two songs have (or less), 100 for the same sound."""
    return round(100 * min(1.0, max(0.0, (cosine - unrelated) / (1 - unrelated))))
