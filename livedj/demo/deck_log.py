"""What the decks were told to do, and the loudness the room should have by it: the plan to hold a recording against."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from livedj.library.decode import decode
from livedj.music import SAMPLE_RATE, SILENCE, Gain, Samples, Seconds
from livedj.play.crossfade import Ramp
from livedj.play.deck import AS_RECORDED, Deck, DeckName, Token

BLOCK = Seconds(0.25)
"""Length of one value of loudness."""


@dataclass(slots=True)
class Run:
    """One song on one deck: since when it plays, from where in the file, and how its gain moved."""

    deck: DeckName
    path: Path
    start: Seconds
    level: Gain
    began: Seconds | None = None
    ended: Seconds | None = None
    ramps: list[Ramp] = field(default_factory=list)

    def gain(self, now: Seconds) -> float:
        """Return the gain at the moment `now` on the monotonic clock."""
        if self.began is None or now < self.began or (self.ended is not None and now >= self.ended):
            return 0.0
        sent = [ramp for ramp in self.ramps if ramp.begin <= now]
        return sent[-1].gain(now) * self.level if sent else 0.0


class LoggedDeck:
    """A deck that notes what it is told, and does it. Songs that are paused or sought within are not planned for."""

    def __init__(self, name: DeckName, deck: Deck, runs: list[Run], clock: Callable[[], Seconds]) -> None:
        self._name = name
        self._deck = deck
        self._runs = runs
        self._clock = clock
        self._run: Run | None = None

    def _end(self) -> None:
        if self._run and self._run.ended is None:
            self._run.ended = self._clock()

    def load(self, token: Token, path: Path, start: Seconds, level: Gain = AS_RECORDED) -> None:
        """Note the song, and load it."""
        self._end()
        self._run = Run(self._name, path, start, level)
        self._runs.append(self._run)
        self._deck.load(token, path, start, level)

    def play(self, token: Token, at: Seconds | None = None) -> None:
        """Note the moment, and play."""
        if self._run and self._run.began is None:
            self._run.began = at or self._clock()
        self._deck.play(token, at)

    def pause(self, token: Token) -> None:
        """Pause."""
        self._deck.pause(token)

    def seek(self, token: Token, position: Seconds) -> None:
        """Seek."""
        self._deck.seek(token, position)

    def ramp(self, token: Token, ramp: Ramp) -> None:
        """Note the ramp, and follow it."""
        if self._run:
            self._run.ramps.append(ramp)
        self._deck.ramp(token, ramp)

    def unload(self, token: Token) -> None:
        """Note the end, and unload."""
        self._end()
        self._deck.unload(token)

    def close(self) -> None:
        """Note the end, and close."""
        self._end()
        self._deck.close()


def logged(
    decks: Mapping[DeckName, Deck], runs: list[Run], clock: Callable[[], Seconds]
) -> Mapping[DeckName, Deck]:
    """Return decks that note in `runs` what they play."""
    return {name: LoggedDeck(name, deck, runs, clock) for name, deck in decks.items()}


def loudness(samples: Samples) -> NDArray[np.float64]:
    """Return the level of every BLOCK of `samples` (SAMPLE_RATE) in dBFS, shape (blocks,)."""
    length = round(BLOCK * SAMPLE_RATE)
    blocks = samples[: len(samples) // length * length].reshape(-1, length).astype(np.float64)
    return _decibels((blocks**2).mean(axis=1))


def planned_loudness(runs: Iterable[Run], began: Seconds, seconds: Seconds) -> NDArray[np.float64]:
    """Return what `loudness` should be from the moment `began` on: the powers of all songs under their gains, added up.

    Powers add because two songs know nothing of each other.
    """
    times = began + np.arange(int(seconds / BLOCK)) * BLOCK
    power = np.zeros(len(times))
    for run in runs:
        if run.began is None:
            continue
        song = 10 ** (loudness(decode(run.path, run.start)) / 10)
        place = np.round((times - run.began) / BLOCK).astype(int)
        inside = (place >= 0) & (place < len(song))
        gains = np.array([run.gain(Seconds(time + BLOCK / 2)) for time in times[inside]])
        power[inside] += gains**2 * song[place[inside]]
    return _decibels(power)


def _decibels(power: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.maximum(SILENCE, 10 * np.log10(power + 1e-20)), np.float64)
