"""A song's cue points as marks that a hand can move, and their order, which it cannot disturb. Pure."""

from dataclasses import replace
from enum import Enum

from livedj.music import CuePoints, Seconds
from ui.text import clock_time

LEAST = Seconds(0.1)
"""What lies between two marks at least, except between the intro's end and the outro's start, which may be one."""


class Mark(Enum):
    """The four marks, in the order in which they stand in a song; the value is the field of CuePoints."""

    START = "start"
    INTRO_END = "intro_end"
    OUTRO_START = "outro_start"
    END = "end"


ORDER = tuple(Mark)
WORDS = {
    Mark.START: "Sound starts",
    Mark.INTRO_END: "Intro ends",
    Mark.OUTRO_START: "Outro starts",
    Mark.END: "Sound ends",
}
_INNER = {Mark.START: Mark.INTRO_END, Mark.END: Mark.OUTRO_START}


def place_of(cues: CuePoints, mark: Mark) -> Seconds | None:
    """Return where a mark stands; None where that is not known."""
    place: Seconds | None = getattr(cues, mark.value)
    return place


def in_words(cues: CuePoints) -> str:
    """Return the marks that are known as a sentence: “Sound starts 0:01, intro ends 0:14, …”."""
    known = ((mark, place_of(cues, mark)) for mark in ORDER)
    words = ", ".join(f"{WORDS[mark]} {clock_time(place)}" for mark, place in known if place is not None)
    return f"{words[0]}{words[1:].lower()}."


def moved(cues: CuePoints, mark: Mark, to: Seconds, duration: Seconds) -> CuePoints:
    """Return `cues` with `mark` at `to`, or as near to it as the song and the other marks allow.

    Afterwards start < intro_end ≤ outro_start < end, as far as it was so before. An intro or outro that has no length
    goes along with its end of the song, which could not be moved at all otherwise.
    """
    others = {other: place for other in ORDER if other is not mark and (place := place_of(cues, other)) is not None}
    along = _goes_along(cues, mark)
    if along is not None:
        del others[along]
    low, high = _room(mark, others, duration)
    if along is Mark.INTRO_END:
        high -= LEAST
    elif along is Mark.OUTRO_START:
        low += LEAST
    if low > high:
        return cues
    new = min(high, max(low, to))
    changed = {mark.value: Seconds(new)}
    if along is not None:
        changed[along.value] = Seconds(new + LEAST if along is Mark.INTRO_END else new - LEAST)
    return replace(cues, **changed)


def _goes_along(cues: CuePoints, mark: Mark) -> Mark | None:
    """Return the mark that stands on the same spot, where `mark` is an end of the song."""
    inner = _INNER.get(mark)
    if inner is None:
        return None
    outer_place, inner_place = place_of(cues, mark), place_of(cues, inner)
    together = outer_place is not None and inner_place is not None and abs(inner_place - outer_place) < LEAST
    return inner if together else None


def _room(mark: Mark, others: dict[Mark, Seconds], duration: Seconds) -> tuple[float, float]:
    """Return between which places `mark` may stand."""
    own = ORDER.index(mark)
    low, high = 0.0, float(duration)
    for other, place in others.items():
        gap = 0.0 if {mark, other} == {Mark.INTRO_END, Mark.OUTRO_START} else LEAST
        if ORDER.index(other) < own:
            low = max(low, place + gap)
        else:
            high = min(high, place - gap)
    return low, high
