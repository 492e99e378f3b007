"""What the program writes down of a night, and how it goes on after it has died."""

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from livedj import __version__
from livedj.choose.scene import Neighbour
from livedj.library.catalogue import FILE_NAME, Catalogue
from livedj.music import Seconds
from livedj.night import state as night
from livedj.night.awake import Awake
from livedj.night.entries import Began, Chooser, Resumed
from livedj.night.log import SessionLog, new_session, session_called
from livedj.party.diary import Diary, kept, worth_keeping
from livedj.party.queue import Like, Queue
from livedj.party.state import PartyState, Wish
from livedj.party.turn import QUICK_FADE

LEAST_LEFT = Seconds(10.0)
"""A song of which less than this would be left is not taken up again."""


class Memory:
    """Follows the party: the session's log, the state that outlives the program, the computer that must not sleep."""

    def __init__(self, data: Path, resume: str, clerk: Executor, fault: Callable[[str], None]) -> None:
        """`resume` says how the program died, or nothing; `clerk` writes files, `fault` is told what went wrong."""
        self._data = data
        self._resume = resume
        self._clerk = clerk
        self._fault = fault
        former = session_called(night.load(data).session, data) if resume else None
        self._log = SessionLog(former or new_session(data, _now()), fault)
        self._diary = Diary(self._log.write)
        self._awake = Awake()
        self._kept = night.NightState()

    @property
    def awake(self) -> str:
        """One sentence: how the computer is kept awake, or why it cannot be and what to do."""
        return self._awake.how

    def resumed(self, state: PartyState, now: Seconds) -> PartyState:
        """Return `state` with what is known of the night that broke off: its song goes on where it would be by now."""
        former = night.load(self._data)
        played_on = former.on_air is not None and not former.on_air.paused
        with Catalogue(self._data / FILE_NAME) as catalogue:
            known = catalogue.tracks([*former.lately, *former.queue])
            track = None if former.on_air is None else catalogue.track(former.on_air.track)
        like = Like(tuple(map(Path, former.like)), former.like_words) if former.like else None
        state = replace(
            state,
            auto=former.auto,
            resume=former.resume or played_on,
            played=former.played,
            lately=tuple(Neighbour(known[past], 0.0) for past in former.lately if past in known),
            queue=Queue(tuple(known[waiting] for waiting in former.queue if waiting in known), like),
            seed=former.seed or state.seed,
            message=self._resume,
            message_at=now,
        )
        if former.on_air is None or track is None:
            return state
        position = former.on_air.position_at(_now())
        if position > track.cues.end - LEAST_LEFT:
            return state
        return replace(state, wish=Wish(track, position, QUICK_FADE, Chooser.REPAIR, paused=former.on_air.paused))

    def begin(self, state: PartyState) -> None:
        """Take note that the night begins, or goes on."""
        at = _now()
        self._log.write(Resumed(at, self._resume) if self._resume else Began(at, __version__, state.seed))
        if _stays_awake(state):
            self._awake.on()

    def follow(self, before: PartyState, after: PartyState, now: Seconds) -> None:
        """Write down what a step has changed; returns at once."""
        at = _now()
        self._diary.follow(before, after, now, at)
        if _stays_awake(after) != _stays_awake(before):
            (self._awake.on if _stays_awake(after) else self._awake.off)()
        fresh = replace(kept(after, now, at), session=self._log.path.name)
        if worth_keeping(self._kept, fresh):
            self._kept = fresh
            self._clerk.submit(self._keep, fresh)

    def close(self, state: PartyState, now: Seconds) -> None:
        """Take note that the night has ended, and stop."""
        self._diary.close(state, now, _now())
        self._log.close()
        self._awake.close()

    def _keep(self, fresh: night.NightState) -> None:
        if sentence := night.save(fresh, self._data):
            self._fault(sentence)


def _stays_awake(state: PartyState) -> bool:
    """Tell whether the computer must not sleep: auto-DJ is on, or songs of the queue follow the one that plays."""
    return state.auto or (state.sounding and bool(state.queue.songs))


def _now() -> datetime:
    return datetime.now(UTC)
