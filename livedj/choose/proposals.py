"""What to propose next, and how calmly: the order of the sound and the rules. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from livedj.choose.rules import Term, terms
from livedj.choose.scene import Neighbour, Scene, similarity
from livedj.music import Track, TrackId

COUNT = 5
"""Proposals a person chooses from."""
NOT_AGAIN = 25
"""Songs that must pass before one is proposed again, where the library is large enough."""
CLEARLY_BETTER = 0.02
"""Score by which a song must beat another to take its place: less is the breathing of one song from bar to bar."""
REASONS = 2
"""Reasons beside the sound that are told."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A song that would go well next."""

    track: Track
    cosine: float | None
    """Of its intro vector to what was asked for: the running vector, and what may join it; None before."""
    similarity: int | None
    """The same in percent that a person can read: 0 = like any two songs, 100 = the same sound."""
    reason: str
    """Why, in words a guest understands, from the actual terms of the choice."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A neighbour and what speaks for it."""

    neighbour: Neighbour
    terms: list[Term]
    score: float
    """Its cosine and all terms."""

    @property
    def track(self) -> TrackId:
        return self.neighbour.track.id

    @property
    def song(self) -> TrackId:
        return self.neighbour.track.song


def recent(played: Sequence[TrackId], library_size: int) -> tuple[TrackId, ...]:
    """Return those of the `played` songs (oldest first) that are too fresh to be heard again, oldest first."""
    count = min(NOT_AGAIN, library_size // 2)
    return tuple(dict.fromkeys(reversed(played)))[:count][::-1]


def propose(
    neighbours: Sequence[Neighbour],
    previous: Sequence[Proposal],
    scene: Scene,
    *,
    broken: Collection[TrackId] = (),
    barred: Collection[TrackId] = (),
    fresh: Sequence[TrackId] = (),
    newcomers: int = COUNT,
) -> tuple[Proposal, ...]:
    """Choose at most COUNT of `neighbours` for what is heard and the `scene`, best first, and of each song one version.

    The best has the highest score: the cosine of its sound and what the rules add. `broken` tracks are never proposed,
    nor is any version of the `barred` songs (on a deck, heard in the room, or banned); those of the `fresh` songs
    (recently played, oldest first) only when nothing else is left, the oldest first. `previous` is what the person
    looks at now: an entry moves only for one that is clearly better, and beside those that fill a gap at most so many
    `newcomers` come in.
    """
    shown = [proposal.track.id for proposal in previous]
    usable = [_candidate(n, scene) for n in neighbours if n.track.id not in broken and n.track.song not in barred]
    usable.sort(key=lambda c: c.score + CLEARLY_BETTER * (c.track in shown))
    known = {c.song: c for c in usable}  # of a song, the best version, unless the one shown is about as good
    rested = [c for c in known.values() if c.song not in fresh]
    best = _calmed(_admitted(rested, shown, newcomers), shown)
    oldest = [known[song] for song in fresh if song in known]
    return tuple(
        [_proposal(c, scene.unrelated, _why(c, scene)) for c in best]
        + [_proposal(c, scene.unrelated, "played before, longest ago") for c in oldest[: COUNT - len(best)]]
    )


def propose_unheard(
    tracks: Sequence[Track], *, broken: Collection[TrackId], barred: Collection[TrackId]
) -> tuple[Proposal, ...]:
    """Choose COUNT of `tracks`, longest not played first, while nothing has been heard that they could go well with."""
    usable = [track for track in tracks if track.id not in broken and track.song not in barred]
    chosen = list({track.song: track for track in reversed(usable)}.values())[::-1][:COUNT]
    return tuple(Proposal(track, None, None, "not played for longest") for track in chosen)


def score(neighbour: Neighbour, scene: Scene) -> float:
    """Return how well a song goes next: the cosine of its sound, and what the rules add."""
    return _candidate(neighbour, scene).score


def _candidate(neighbour: Neighbour, scene: Scene) -> _Candidate:
    found = terms(neighbour, scene)
    return _Candidate(neighbour, found, neighbour.cosine + sum(term.worth for term in found))


def _admitted(candidates: Sequence[_Candidate], shown: Sequence[TrackId], newcomers: int) -> list[_Candidate]:
    """Return what is shown and the first of the others, so many as may come in."""
    stay = [c for c in candidates if c.track in shown]
    others = sorted((c for c in candidates if c.track not in shown), key=lambda c: c.score, reverse=True)
    return stay + others[: max(0, COUNT - len(stay)) + newcomers]


def _calmed(candidates: Sequence[_Candidate], shown: Sequence[TrackId]) -> list[_Candidate]:
    """Return the best, in the order in which they are `shown` wherever none is clearly better than its neighbour."""
    favoured = sorted(candidates, key=lambda c: c.score + CLEARLY_BETTER * (c.track in shown), reverse=True)[:COUNT]
    place = {track: number for number, track in enumerate(shown)}
    order = sorted(favoured, key=lambda c: (place.get(c.track, COUNT), -c.score))
    for end in range(len(order) - 1, 0, -1):
        for i in range(end):
            if order[i + 1].score > order[i].score + CLEARLY_BETTER:
                order[i], order[i + 1] = order[i + 1], order[i]
    return order


def _why(candidate: _Candidate, scene: Scene) -> str:
    """Return how near it sounds, and the rules that speak for it most."""
    told = [term.words for term in candidate.terms if term.words and term.worth > 0]
    return " · ".join([_likeness(candidate.neighbour.cosine, scene), *told[:REASONS]])


def _likeness(cosine: float, scene: Scene) -> str:
    percent = similarity(cosine, scene.unrelated)
    what = "the room"
    if scene.asked.past:
        what += " and the last song" + "s" * (len(scene.asked.past) > 1)
    if scene.asked.drunk:
        what += " and a throw of the dice"
    if percent >= 75:
        return f"begins just like {what}"
    if percent >= 50:
        return f"begins close to {what}"
    if percent >= 25:
        return f"begins somewhat like {what}"
    return "the nearest there is"


def _proposal(candidate: _Candidate, unrelated: float, reason: str) -> Proposal:
    cosine = candidate.neighbour.cosine
    return Proposal(candidate.neighbour.track, cosine, similarity(cosine, unrelated), reason)
