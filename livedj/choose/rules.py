"""The rules of good taste: what makes a song follow well, beside its sound. Each is a small function. Pure.

A rule returns how well a song follows, from −1 (badly) over 0 (it is all the same) to 1 (well), and words that a guest
understands, which are said only where they speak for the song; None where it knows too little to say anything. What 1
is worth stands in RULES, as a cosine: so much nearer must another song sound to make up for it.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from livedj.choose.scene import Neighbour, Opinion, Scene, Taste, similarity
from livedj.choose.versions import folded, hand
from livedj.music import Beats, Key, Track

APART = 5
"""Songs between two of one artist, where there are others."""
ONE_HAND = 80
"""Percent of similarity from which two songs without tags are taken for ones of one artist."""
SURE = 0.5
"""Least confidence of a beat or a key that is gone by."""
YEAR = 365
"""Days after which a song counts as not played for long."""
EVEN_TEMPO, FAR_TEMPO = 0.04, 0.25
"""Octaves (that is 3 % and 19 %) up to which a change of tempo is none, and from which it is a leap."""
EVEN_ENERGY, FAR_ENERGY = 0.2, 1.0
"""The same for energy, in dB of mean onset strength,"""
EVEN_COLOUR, FAR_COLOUR = 0.25, 1.25
"""and for brightness, in octaves."""


class Verdict(NamedTuple):
    """What one rule says of one song."""

    value: float
    """−1…1."""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule and its weight."""

    weight: float
    """What a value of 1 is worth, as a cosine."""
    judge: Callable[[Neighbour, Scene], Verdict | None]


@dataclass(frozen=True, slots=True)
class Term:
    """What a rule adds to the cosine of a song's sound."""

    worth: float
    words: str


def terms(neighbour: Neighbour, scene: Scene) -> list[Term]:
    """Return what each rule adds to the cosine of a song's sound, those that add most first."""
    share = SHARES[scene.taste]
    verdicts = ((rule.weight * share, rule.judge(neighbour, scene)) for rule in RULES if share > 0)
    found = [Term(weight * verdict.value, verdict.words) for weight, verdict in verdicts if verdict is not None]
    return sorted(found, key=lambda term: -term.worth)


# The rules ------------------------------------------------------------------------------------------------------------


def liked(neighbour: Neighbour, scene: Scene) -> Verdict | None:
    """Prefer songs that carry a heart."""
    return Verdict(1.0, "you like it") if scene.opinions.get(neighbour.track.song) is Opinion.LIKED else None


def rested(neighbour: Neighbour, _: Scene) -> Verdict:
    """Prefer songs that were not played for long."""
    days = neighbour.played_days_ago
    if days is None:
        return Verdict(1.0)
    words = "not played for over a year" if days >= YEAR else f"not played for {days // 30} months"
    return Verdict(2 * math.sqrt(min(1.0, max(0, days) / YEAR)) - 1, words)


def other_artist(neighbour: Neighbour, scene: Scene) -> Verdict | None:
    """Keep songs of one artist apart; by their sound where one of them has no artist."""
    kinships = (_kinship(neighbour, past, scene) for past in scene.lately[:APART])
    near = [(place, kin) for place, kin in enumerate(kinships) if kin > 0]
    return Verdict(-max(kin * (1 - place / APART) for place, kin in near)) if near else None


def other_album(neighbour: Neighbour, scene: Scene) -> Verdict | None:
    """Keep songs of one album apart, unless one is meant to follow the other."""
    lately = [past.track for past in scene.lately[:APART]]
    near = [place for place, past in enumerate(lately) if _one_album(past, neighbour.track)]
    if not near or _next_on_the_album(lately[0], neighbour.track):
        return None
    return Verdict(-(1 - near[0] / APART))


def tempo(neighbour: Neighbour, scene: Scene) -> Verdict | None:
    """Keep the tempo, where both are sure; half and double time count as the same."""
    if scene.now is None:
        return None
    leading, entering = _sure(scene.now.outro_beats or scene.now.intro_beats), _sure(neighbour.track.intro_beats)
    if leading is None or entering is None:
        return None
    octaves = math.log2(entering.tempo / leading.tempo)
    time = "" if round(octaves) == 0 else ", double time" if octaves > 0 else ", half time"
    value = _nearness(octaves - round(octaves), EVEN_TEMPO, FAR_TEMPO)
    return Verdict(value, f"{leading.tempo:.0f} → {entering.tempo:.0f} BPM{time}")


def key(neighbour: Neighbour, scene: Scene) -> Verdict | None:
    """Go to a key that shares its notes: the same one, its relative, or one a fifth away."""
    former, coming = scene.now.key if scene.now else None, neighbour.track.key
    if former is None or coming is None or min(former.confidence, coming.confidence) < SURE:
        return None
    steps = _fifths_apart(former, coming)
    if steps == 0:
        return Verdict(1.0, "same key" if former.minor == coming.minor else "keys that go together")
    return Verdict(0.5, "keys that go together") if steps == 1 else Verdict(-steps / 6)


def energy(neighbour: Neighbour, scene: Scene) -> Verdict | None:
    """Step gently in energy."""
    former = scene.now.energy if scene.now else None
    words = ("same energy", "a bit calmer", "a bit livelier")
    return _step(former, neighbour.track.energy, EVEN_ENERGY, FAR_ENERGY, words)


def brightness(neighbour: Neighbour, scene: Scene) -> Verdict | None:
    """Step gently from dark to bright."""
    former = scene.now.brightness if scene.now else None
    words = ("", "a bit darker", "a bit brighter")
    return _step(former, neighbour.track.brightness, EVEN_COLOUR, FAR_COLOUR, words)


RULES = (
    Rule(0.15, other_artist),
    Rule(0.05, other_album),
    Rule(0.05, liked),
    Rule(0.04, energy),
    Rule(0.04, tempo),
    Rule(0.02, key),
    Rule(0.02, brightness),
    Rule(0.02, rested),
)
"""Chosen, not fitted: nobody's playlists are at hand to fit them to. The neighbours of one moment lie within a cosine
of 0.2 or so, so that a rule decides between songs that sound about as near and never brings in another music."""
SHARES = {Taste.FREE: 0.0, Taste.BALANCED: 1.0, Taste.STRICT: 3.0}
"""What the weights are multiplied by."""


# What they stand on ---------------------------------------------------------------------------------------------------


def _kinship(neighbour: Neighbour, past: Neighbour, scene: Scene) -> float:
    """Return how sure it is that two songs are by one artist."""
    ours, theirs = hand(neighbour.track.artist), hand(past.track.artist)
    if ours and theirs:
        return float(ours == theirs)
    if neighbour.sound is None or past.sound is None:
        return 0.0
    return 0.5 * (similarity(float(neighbour.sound @ past.sound), scene.unrelated) >= ONE_HAND)


def _one_album(one: Track, other: Track) -> bool:
    """Tell two albums that are both called “Greatest Hits” by artist and folder."""
    if not one.album or folded(one.album) != folded(other.album):
        return False
    return hand(one.artist) == hand(other.artist) or one.path.parent == other.path.parent


def _next_on_the_album(last: Track, coming: Track) -> bool:
    in_order = last.number is not None and coming.number == last.number + 1
    return in_order and last.disc == coming.disc and _one_album(last, coming)


def _sure(beats: Beats | None) -> Beats | None:
    return beats if beats is not None and beats.confidence >= SURE else None


def _fifths_apart(one: Key, other: Key) -> int:
    """Return how many fifths two keys' sets of notes lie apart, 0 to 6; a minor key has those of its relative major."""
    notes = [(key.tonic + 3 * key.minor) * 7 % 12 for key in (one, other)]
    around = (notes[0] - notes[1]) % 12
    return min(around, 12 - around)


def _nearness(difference: float, even: float, far: float) -> float:
    """Return 1 for a difference up to `even`, falling to −1 at `far`."""
    return 1 - 2 * min(1.0, max(0.0, (abs(difference) - even) / (far - even)))


def _step(
    former: float | None, coming: float | None, even: float, far: float, words: tuple[str, str, str]
) -> Verdict | None:
    """Judge a step in a quality; `words` for as much, a bit less and a bit more of it."""
    if former is None or coming is None:
        return None
    step = coming - former
    return Verdict(_nearness(step, even, far), words[0 if abs(step) <= even else 1 if step < 0 else 2])
