"""What a person has just asked for, shown until the program has taken it up. Pure."""

from collections.abc import Callable
from typing import Generic, TypeVar

from livedj.music import Seconds

Value = TypeVar("Value")

PATIENCE = Seconds(1.5)
"""After this a wish that was not taken up is no longer shown: the truth is."""


class Pending(Generic[Value]):
    """Keeps a control where the person put it while the answer is on its way, so that it does not flicker back."""

    def __init__(
        self, patience: Seconds = PATIENCE, taken_up: Callable[[Value, Value], bool] = lambda wish, truth: wish == truth
    ) -> None:
        self._patience = patience
        self._taken_up = taken_up
        self._wish: Value | None = None
        self._until: Seconds | None = None

    @property
    def wish(self) -> Value | None:
        """What is still asked for."""
        return self._wish

    def ask(self, wish: Value) -> None:
        """Remember what the person wants; patience is counted from the next look on."""
        self._wish = wish
        self._until = None

    def forget(self) -> None:
        """Show the truth from now on."""
        self._wish = None

    def shown(self, truth: Value, now: Seconds) -> Value:
        """Return what to show at the moment `now`: the wish while it is fresh and not taken up, else the truth."""
        if self._wish is None:
            return truth
        if self._until is None:
            self._until = Seconds(now + self._patience)
        if self._taken_up(self._wish, truth) or now >= self._until:
            self._wish = None
            return truth
        return self._wish
