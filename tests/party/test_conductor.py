"""The conductor with two silent decks and a clock that the test sets: a whole night in a second."""

import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from livedj.choose.scene import Neighbour
from livedj.listen.heard import Heard, ListenState
from livedj.music import Seconds, TrackId
from livedj.party.conductor import Conductor
from livedj.party.messages import Command, HoldVector, LibraryChanged, Remember, SetCrossfade, Ticked
from livedj.party.snapshot import Snapshot
from livedj.party.state import PartyState
from livedj.play.deck import Deck, DeckName, SilentDeck
from tests.songs import song

STEP = 0.1
LENGTH = 200.0
NIGHT = 5400.0


class Clock:
    """Time that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = Seconds(0.0)

    def __call__(self) -> Seconds:
        return self.now


class Stage:
    """A conductor whose decks and clock the test drives."""

    def __init__(self, songs: int, broken: frozenset[int] = frozenset()) -> None:
        self.clock = Clock()
        self.songs = tuple(song(number, LENGTH) for number in range(1, songs + 1))
        self.errands: list[Command] = []
        lengths: dict[Path, Seconds | None] = {
            track.path: None if track.id in broken else track.duration for track in self.songs
        }
        self.silent = {
            name: SilentDeck(name, lambda event: self.conductor.take(event), self.clock, lengths.__getitem__)
            for name in DeckName
        }
        decks: Mapping[DeckName, Deck] = self.silent
        self.conductor = Conductor(PartyState(Seconds(6.0), auto=True), decks, self.errands.append, self.clock)
        self.conductor.take(LibraryChanged(songs, self.songs))

    def run(self, seconds: float) -> list[Snapshot]:
        """Let time pass: decks tick, the room is heard twice a second; return a snapshot for every step."""
        seen = []
        for number in range(round(seconds / STEP)):
            self.clock.now = Seconds(self.clock.now + STEP)
            for deck in self.silent.values():
                deck.tick()
            if number % 5 == 0:
                self.conductor.take(self.heard())
            self.conductor.take(Ticked())
            seen.append(self.conductor.snapshot)
        return seen

    def heard(self) -> Heard:
        playing = self.conductor.snapshot.playing
        near = sorted(self.songs, key=lambda track: abs(track.id - (playing.track.id if playing else 0)))
        return Heard(
            self.clock.now,
            ListenState.LISTENING if playing else ListenState.TOO_QUIET,
            neighbours=tuple(Neighbour(track, 1 - place / 100) for place, track in enumerate(near)),
        )


def test_a_night_of_an_hour_and_a_half_plays_without_a_break_a_repeat_or_a_gap() -> None:
    stage = Stage(songs=60, broken=frozenset({7, 23}))
    stage.run(20)  # silence, then the first song
    seen = stage.run(NIGHT)
    assert all(snapshot.playing for snapshot in seen)
    started = [command.track.id for command in stage.errands if isinstance(command, Remember)]
    assert len(started) > NIGHT / LENGTH
    assert not {7, 23} & set(started)
    assert len(set(started[:26])) == 26
    held = [command.hold for command in stage.errands if isinstance(command, HoldVector)]
    assert held == [True, False] * (len(held) // 2) + [True] * (len(held) % 2)


def test_the_powers_of_both_decks_add_up_to_one_throughout_a_crossfade() -> None:
    stage = Stage(songs=5)
    stage.run(20)
    powers = []
    for snapshot in stage.run(LENGTH):
        if snapshot.fade is not None:
            powers.append(sum(deck.gain**2 for deck in stage.silent.values()))
    assert len(powers) >= 55  # 6 s
    assert powers == pytest.approx([1.0] * len(powers), abs=1e-6)


def test_a_fault_in_one_step_does_not_end_the_night(caplog: pytest.LogCaptureFixture) -> None:
    stage = Stage(songs=3)

    def fails(command: Command) -> None:
        raise RuntimeError("the disk is full")

    conductor = Conductor(PartyState(Seconds(6.0)), stage.silent, fails, stage.clock)
    conductor.start()
    conductor.tell(SetCrossfade(Seconds(3.0)))
    conductor.tell(LibraryChanged(42, ()))
    deadline = time.monotonic() + 30
    while conductor.snapshot.library_size != 42:
        assert time.monotonic() < deadline
    conductor.stop()
    assert "the disk is full" in caplog.text


def test_history_of_earlier_nights_is_respected() -> None:
    stage = Stage(songs=10)
    stage.conductor.take(LibraryChanged(10, stage.songs, played=(TrackId(1), TrackId(2))))
    stage.conductor.take(stage.heard())
    assert [p.track.id for p in stage.conductor.snapshot.proposals][:2] == [3, 4]
