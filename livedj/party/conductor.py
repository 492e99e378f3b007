"""The thread that owns the party: it takes messages one by one and hands out commands. It never waits for anybody.

Decks, the listener and the window only ever put a message into its inbox (tell, don't ask: asking upward deadlocks).
What a command means outside the party is the business of `errands`, functions that return at once.
"""

import logging
import queue
import threading
from collections.abc import Callable, Mapping
from typing import Any

from livedj.music import Seconds
from livedj.party import autodj
from livedj.party.messages import (
    Command,
    Event,
    Fade,
    Intent,
    Load,
    Pause,
    Play,
    Seek,
    Ticked,
    Unload,
)
from livedj.party.snapshot import Snapshot, snapshot_of
from livedj.party.state import PartyState
from livedj.play.deck import Deck, DeckName

TICK = Seconds(0.1)
"""The longest time between two looks at the clock."""
_log = logging.getLogger(__name__)


def _unobserved(before: PartyState, after: PartyState, now: Seconds) -> None:
    """Do nothing."""


class Conductor:
    """Runs `autodj.step` on every message and at least every TICK.

    `decks` carry out deck commands, `errand` every other one; `clock` is monotonic. `observe` is shown the state before
    and after every step, and the step's moment.
    """

    def __init__(
        self,
        state: PartyState,
        decks: Mapping[DeckName, Deck],
        errand: Callable[[Command], None],
        clock: Callable[[], Seconds],
        observe: Callable[[PartyState, PartyState, Seconds], None] = _unobserved,
    ) -> None:
        self._state = state
        self._decks = decks
        self._errand = errand
        self._clock = clock
        self._observe = observe
        self._inbox: queue.SimpleQueue[Event | Intent | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="conductor", daemon=True)
        self.snapshot: Snapshot = snapshot_of(state, clock())
        """The newest; replaced at every step, so any thread may read it."""

    def start(self) -> None:
        """Begin to conduct."""
        self._thread.start()

    def tell(self, message: Event | Intent) -> None:
        """Put a message into the inbox; from any thread."""
        self._inbox.put(message)

    def stop(self) -> None:
        """Finish with the messages that wait, and stop."""
        self._inbox.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (message := self._next()) is not None:
            self._guarded(self.take, message)

    def _guarded(self, work: Callable[[Any], None], subject: Event | Intent | Command) -> None:
        try:
            work(subject)
        except Exception:  # noqa: BLE001 the one handler of this thread: a fault in one step must not end the night
            _log.exception("failed on %r", subject)

    def _next(self) -> Event | Intent | None:
        try:
            return self._inbox.get(timeout=TICK)
        except queue.Empty:
            return Ticked()

    def take(self, message: Event | Intent) -> None:
        """Do one step. The thread calls this; so do tests that set the clock."""
        now, before = self._clock(), self._state
        self._state, commands = autodj.step(before, message, now)
        self.snapshot = snapshot_of(self._state, now)
        for command in commands:
            self._guarded(self._carry_out, command)
        self._observe(before, self._state, now)

    @property
    def state(self) -> PartyState:
        """The party as it stands; for others than this thread once it has stopped."""
        return self._state

    def _carry_out(self, command: Command) -> None:
        match command:
            case Load(deck, token, track, start, level):
                self._decks[deck].load(token, track.path, start, level)
            case Play(deck, token, at):
                self._decks[deck].play(token, at)
            case Pause(deck, token):
                self._decks[deck].pause(token)
            case Seek(deck, token, position):
                self._decks[deck].seek(token, position)
            case Fade(deck, token, ramp):
                self._decks[deck].ramp(token, ramp)
            case Unload(deck, token):
                self._decks[deck].unload(token)
            case _:
                self._errand(command)
