"""A deck under test: sends requests, and waits for the events that follow, in real time or on a clock of its own."""

import multiprocessing
import queue
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from livedj.music import Gain, Seconds
from livedj.play.crossfade import Ramp
from livedj.play.deck import Deck, DeckEvent, DeckName, SilentDeck, Token
from livedj.play.vlc_deck import VlcDeck
from livedj.play.vlc_process import serve

ENOUGH = 15.0
"""Seconds that anything may take on a slow machine."""
E = TypeVar("E", bound=DeckEvent)


class Bench:
    """A deck, and what it has reported."""

    deck: Deck
    deck_name = DeckName.A

    def __init__(self) -> None:
        self.events: list[DeckEvent] = []
        self._inbox: queue.SimpleQueue[DeckEvent] = queue.SimpleQueue()
        self._last = 0

    def token(self) -> Token:
        """Return a fresh token."""
        self._last += 1
        return Token(self._last)

    def load(self, path: Path, start: float = 0.0, level: float = 1.0) -> Token:
        """Ask for a song."""
        token = self.token()
        self.deck.load(token, path, Seconds(start), Gain(level))
        return token

    def wait(self, kind: type[E], token: Token, when: Callable[[E], bool] = lambda _: True) -> E:
        """Return the next event of a kind and token for which `when` holds."""
        deadline = self.now() + ENOUGH
        while self.now() < deadline:
            event = self.next()
            if isinstance(event, kind) and event.token == token and when(event):
                return event
        raise AssertionError(f"no {kind.__name__} of load {token}; there were {self.events[-5:]}")

    def pass_by(self, seconds: float) -> list[DeckEvent]:
        """Let time pass and return what was reported in it."""
        before, deadline = len(self.events), self.now() + seconds
        while self.now() < deadline:
            self.next()
        return self.events[before:]

    def now(self) -> Seconds:
        """Return the moment now on the deck's clock."""
        return Seconds(time.monotonic())

    def next(self) -> DeckEvent | None:
        """Return the next event, or None after a short while without one."""
        try:
            event = self._inbox.get(timeout=0.05)
        except queue.Empty:
            return None
        self.events.append(event)
        return event


class SilentBench(Bench):
    """A silent deck on a clock that moves only while somebody waits."""

    def __init__(self, duration_of: Callable[[Path], Seconds | None]) -> None:
        super().__init__()
        self._now = Seconds(1000.0)
        self.silent = SilentDeck(self.deck_name, self._inbox.put, self.now, duration_of)
        self.deck = self.silent

    def now(self) -> Seconds:
        return self._now

    def leap(self, seconds: Seconds) -> None:
        """Let time pass while nobody looks."""
        self._now = Seconds(self._now + seconds)

    def next(self) -> DeckEvent | None:
        if self._inbox.empty():
            self.leap(Seconds(0.05))
            self.silent.tick()
        if self._inbox.empty():
            return None
        return super().next()


class VlcBench(Bench):
    """A deck on libVLC."""

    def __init__(
        self, name: DeckName = DeckName.A, output: str | None = None, serve: Callable[..., None] = serve
    ) -> None:
        super().__init__()
        self.deck_name = name
        self.deck = VlcDeck(name, self._inbox.put, output, serve)

    def play_in_full(self, token: Token) -> None:
        """Play a cued song with a gain of 1."""
        self.deck.ramp(token, Ramp(self.now(), Seconds(0.0), Gain(1.0), Gain(1.0)))
        self.deck.play(token)

    def processes(self) -> list[int]:
        """Return the ids of the deck's processes that live: one, as a rule."""
        name = f"livedj deck {self.deck_name}"
        return [child.pid or 0 for child in multiprocessing.active_children() if child.name == name]
