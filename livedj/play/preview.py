"""A song heard for a moment beside the party, on a deck that comes when it is wanted and goes again."""

import logging
import threading
import time
from collections.abc import Callable
from enum import Enum, auto
from queue import Empty, SimpleQueue
from typing import TypeAlias

from livedj.errors import LiveDjError
from livedj.music import Seconds
from livedj.play.deck import Deck, DeckCued, DeckEvent, Post
from livedj.play.excerpt import Excerpt, ExcerptOver, ExcerptPlayer

BEGINS_WITHIN = Seconds(5.0)
"""What takes longer to be heard is given up: by then the person looks elsewhere, and music may have begun."""
_KEPT = Seconds(60.0)
"""So long after a preview its deck, a process of some size, waits for another one."""
_log = logging.getLogger(__name__)


class _Word(Enum):
    GO = auto()
    END = auto()
    LATE = auto()


_Message: TypeAlias = Excerpt | DeckEvent | _Word


class Previewer:
    """Plays one preview at a time, on a thread of its own. Close it."""

    def __init__(
        self, make_deck: Callable[[Post], Deck], sounds: Callable[[bool], None], failed: Callable[[str], None]
    ) -> None:
        """`sounds` is told when previews begin and end, `failed` why one cannot be heard; both on that thread.

        `make_deck` raises OSError or LiveDjError where there can be none.
        """
        self._make_deck, self._sounds, self._failed = make_deck, sounds, failed
        self._inbox: SimpleQueue[_Message] = SimpleQueue()
        self._player: ExcerptPlayer | None = None
        self._part: Excerpt | None = None
        self._until: Seconds | None = None
        """The moment at which patience ends: with what plays, or with a deck that nobody needs."""
        self._thread = threading.Thread(target=self._run, name="preview", daemon=True)
        self._thread.start()

    def hear(self, part: Excerpt | None) -> None:
        """Let this be heard in place of what is; None lets that go. Returns at once, from any thread."""
        self._inbox.put(part or _Word.GO)

    def close(self) -> None:
        """Stop the sound for good."""
        self._inbox.put(_Word.END)
        self._thread.join()

    def _run(self) -> None:
        while (message := self._next()) is not _Word.END:
            self._take(message)
        self._close_deck()

    def _next(self) -> _Message:
        try:
            return self._inbox.get(timeout=None if self._until is None else max(0.0, self._until - _clock()))
        except Empty:
            return _Word.LATE

    def _take(self, message: _Message) -> None:
        if isinstance(message, Excerpt):
            self._begin(message)
        elif self._player is None:  # nothing was asked for as yet, or its deck is gone
            return
        elif message is _Word.GO:
            self._follow(self._player.fade_out())
        elif message is _Word.LATE and self._part is None:
            self._close_deck()
        elif isinstance(message, _Word):
            self._follow(self._player.give_up("it does not begin to play"))
        else:
            if isinstance(message, DeckCued) and self._part:
                self._until = Seconds(_clock() + self._part.seconds + BEGINS_WITHIN)
            self._follow(self._player.take(message))

    def _begin(self, part: Excerpt) -> None:
        try:
            self._player = self._player or ExcerptPlayer(self._make_deck(self._inbox.put), _clock)
        except (LiveDjError, OSError) as error:
            _log.exception("no deck for a preview")
            self._failed(str(error))
            return
        self._part, self._until = part, Seconds(_clock() + BEGINS_WITHIN)
        self._sounds(True)
        self._player.play(part)

    def _follow(self, over: ExcerptOver | None) -> None:
        if over is None:
            return
        self._part, self._until = None, Seconds(_clock() + _KEPT)
        self._sounds(False)
        if over.reason:
            self._failed(over.reason)

    def _close_deck(self) -> None:
        if self._player is not None:
            self._player.close()
        self._player, self._until = None, None


def _clock() -> Seconds:
    return Seconds(time.monotonic())
