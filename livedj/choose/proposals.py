"""What to propose next, and how calmly. Pure; the rules of good taste stand here."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from livedj.music import Track, TrackId

COUNT = 5
"""Proposals a person chooses from."""
NOT_AGAIN = 25
"""Songs that must pass before one is proposed again, where the library is large enough."""
CLEARLY_BETTER = 0.02
"""Cosine by which a song must beat another to take its place: less is the breathing of one song from bar to bar."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A song of the library and the cosine of its intro vector to the running vector."""

    track: Track
    cosine: float


@dataclass(frozen=True, slots=True)
class Proposal:
    """A song that would go well next."""

    track: Track
    cosine: float | None
    """Of its intro vector to the running vector; None where nothing was heard yet."""
    similarity: int | None
    """The same in percent that a person can read: 0 = like any two songs, 100 = the same sound."""
    reason: str
    """Why, in words a guest understands, from the actual terms of the choice."""


def recent(played: Sequence[TrackId], library_size: int) -> tuple[TrackId, ...]:
    """Return those of the `played` songs (oldest first) that are too fresh to be heard again, oldest first."""
    count = min(NOT_AGAIN, library_size // 2)
    return tuple(dict.fromkeys(reversed(played)))[:count][::-1]


def propose(
    neighbours: Sequence[Neighbour],
    previous: Sequence[Proposal],
    *,
    broken: Collection[TrackId],
    barred: Collection[TrackId],
    fresh: Sequence[TrackId],
    unrelated: float,
) -> tuple[Proposal, ...]:
    """Choose at most COUNT of `neighbours` for the running vector, best first, and of each song one version.

    `broken` tracks are never proposed, nor is any version of the `barred` songs (on a deck, or heard in the room);
    those of the `fresh` songs (recently played, oldest first) only when nothing else is left, the oldest first.
    `previous` is what the person looks at now: an entry moves only for one that is clearly better. `unrelated` is the
    cosine of any two songs, from the model's card.
    """
    shown = [proposal.track.id for proposal in previous]
    usable = [n for n in neighbours if n.track.id not in broken and n.track.song not in barred]
    usable.sort(key=lambda n: n.cosine + CLEARLY_BETTER * (n.track.id in shown))
    known = {n.track.song: n for n in usable}  # of a song, the nearest version, unless the one shown is about as near
    best = _calmed([n for n in known.values() if n.track.song not in fresh], shown)
    oldest = [known[song] for song in fresh if song in known]
    return tuple(
        [_proposal(n, unrelated, _likeness(n.cosine, unrelated)) for n in best]
        + [_proposal(n, unrelated, "played before, longest ago") for n in oldest[: COUNT - len(best)]]
    )


def propose_unheard(
    tracks: Sequence[Track], *, broken: Collection[TrackId], barred: Collection[TrackId]
) -> tuple[Proposal, ...]:
    """Choose COUNT of `tracks`, longest not played first, while nothing has been heard that they could go well with."""
    usable = [track for track in tracks if track.id not in broken and track.song not in barred]
    chosen = list({track.song: track for track in reversed(usable)}.values())[::-1][:COUNT]
    return tuple(Proposal(track, None, None, "not played for longest") for track in chosen)


def _calmed(neighbours: Sequence[Neighbour], shown: Sequence[TrackId]) -> list[Neighbour]:
    """Return the best, in the order in which they are `shown` wherever none is clearly better than its neighbour."""
    favoured = sorted(neighbours, key=lambda n: n.cosine + CLEARLY_BETTER * (n.track.id in shown), reverse=True)[:COUNT]
    place = {track: number for number, track in enumerate(shown)}
    order = sorted(favoured, key=lambda n: (place.get(n.track.id, COUNT), -n.cosine))
    for end in range(len(order) - 1, 0, -1):
        for i in range(end):
            if order[i + 1].cosine > order[i].cosine + CLEARLY_BETTER:
                order[i], order[i + 1] = order[i + 1], order[i]
    return order


def similarity(cosine: float, unrelated: float) -> int:
    """Return percent: 0 for the cosine that any two songs have (or less), 100 for the same sound."""
    return round(100 * min(1.0, max(0.0, (cosine - unrelated) / (1 - unrelated))))


def _likeness(cosine: float, unrelated: float) -> str:
    percent = similarity(cosine, unrelated)
    if percent >= 75:
        return "begins just as the room sounds now"
    if percent >= 50:
        return "begins close to what the room hears"
    if percent >= 25:
        return "begins somewhat like what the room hears"
    return "the nearest there is, though not close"


def _proposal(neighbour: Neighbour, unrelated: float, reason: str) -> Proposal:
    return Proposal(neighbour.track, neighbour.cosine, similarity(neighbour.cosine, unrelated), reason)
