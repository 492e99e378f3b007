"""When which fault comes: drawn from a seed, so that a night can be had again. Pure."""

import random
from collections.abc import Mapping, Set
from dataclasses import dataclass

from livedj.music import Seconds

FIRST = Seconds(15.0)
"""After the first music: songs have been heard and one is proposed."""
REST = (Seconds(8.0), Seconds(14.0))
"""Between the end of a fault and the next one: long enough to see whether the music goes on."""
LAST = Seconds(20.0)
"""What follows the last fault."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A fault and its moment, counted from the first music."""

    at: Seconds
    kind: str


def schedule(holds: Mapping[str, Seconds], deadly: Set[str], length: Seconds, seed: int) -> list[Planned]:
    """Return faults for a night of `length`: round after round of all kinds, each round in another order.

    `holds` tells for each kind how long it lasts. The `deadly` kinds, which end the program, come in the first half
    only: in the second one program lives long enough to show what it leaks.
    """
    chance = random.Random(seed)
    planned: list[Planned] = []
    at = FIRST
    while at < length - LAST:
        kinds = [kind for kind in holds if at < length / 2 or kind not in deadly]
        for kind in chance.sample(kinds, len(kinds)):
            if at + holds[kind] > length - LAST:
                return planned
            planned.append(Planned(at, kind))
            at = Seconds(at + holds[kind] + chance.uniform(*REST))
    return planned
