"""What a fault is, and the scene it comes upon."""

import random
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from livedj.demo.room import VirtualRoom
from livedj.music import Seconds
from tests.chaos.judge import Span
from tests.chaos.program import Program

OTHER = "other"
"""The loudspeakers that some faults bring along."""
_LOOK = 0.05


class NotPossibleError(Exception):
    """The fault cannot come now: there is nothing it could strike."""


@dataclass
class Scene:
    """All that a fault may break."""

    room: VirtualRoom
    program: Program
    music: Path
    songs: Mapping[Path, Path]
    """The whole copy of every song in the music folder."""
    scratch: Path
    chance: random.Random
    absent: list[Span] = field(default_factory=list)
    """When there was no output."""
    struck: Seconds = Seconds(0.0)
    """The moment of the last fault."""

    def strike(self) -> None:
        """Note that the fault comes now; a fault that waits for its moment says so itself."""
        self.struck = clock()

    def add_songs(self, chance: random.Random, count: int) -> None:
        """Put copies of some songs, under new names, into the music folder."""
        for song in chance.sample(sorted(self.songs.values()), count):
            shutil.copy(song, self.music / f"{time.monotonic_ns()} {song.name}")

    @contextmanager
    def no_output(self) -> Iterator[None]:
        """Note that nothing can sound inside."""
        began = clock()
        try:
            yield
        finally:
            self.absent.append(Span(began, clock()))

    def wait_for(self, true: Callable[[], bool], seconds: float, what: str) -> None:
        """Wait for the moment of the fault. Raises NotPossibleError where it does not come."""
        deadline = time.monotonic() + seconds
        while not true():
            if time.monotonic() > deadline:
                raise NotPossibleError(f"{what} within {seconds:.0f} s")
            time.sleep(_LOOK)
        self.strike()


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault. What it did is undone when its context ends."""

    kind: str
    meet: Callable[[Scene], AbstractContextManager[str]]
    """Lets it happen; yields what was struck. Raises NotPossibleError."""
    holds: Seconds
    """How long it stays."""
    kills: bool
    """Whether the program itself ends."""


KINDS: dict[str, Fault] = {}
"""All kinds, by name."""
_Meeting = Callable[[Scene], Iterator[str]]


def fault(kind: str, holds: float, *, kills: bool = False) -> Callable[[_Meeting], _Meeting]:
    """Make a fault of a generator that does the damage, yields what it struck, and undoes the damage."""

    def add(meeting: _Meeting) -> _Meeting:
        KINDS[kind] = Fault(kind, contextmanager(meeting), Seconds(holds), kills)
        return meeting

    return add


def clock() -> Seconds:
    """Return the moment now on the monotonic clock."""
    return Seconds(time.monotonic())
