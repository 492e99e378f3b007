"""What a night leaves in the log, and what it leaves for the next life of the program."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from livedj.listen.heard import ListenState
from livedj.music import Seconds
from livedj.night.entries import (
    Chooser,
    Chosen,
    Ended,
    Entry,
    Fault,
    Heard,
    OnAir,
    Played,
    Proposed,
    Repair,
    Sound,
    played,
)
from livedj.night.state import NightState
from livedj.party.diary import Diary, kept, worth_keeping
from livedj.party.messages import (
    Command,
    Enqueue,
    Event,
    FadeNow,
    FaultMet,
    Intent,
    KeepPlayingLike,
    SeekTo,
    SetAuto,
    Ticked,
    TogglePause,
)
from livedj.party.queue import Like
from livedj.play.deck import DeckLost, DeckName
from tests.party.night import Night

BEGAN = datetime(2026, 1, 1, 20, tzinfo=UTC)


class Written(Night):
    """A night whose diary is kept."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.diary = Diary(self.entries.append)
        super().__init__()

    def tell(self, message: Event | Intent) -> list[Command]:
        before = self.state
        said = super().tell(message)
        self.diary.follow(before, self.state, self.now, self.wall)
        return said

    @property
    def wall(self) -> datetime:
        return BEGAN + timedelta(seconds=self.now - 1000.0)

    def of(self, kind: type[Entry]) -> list[Entry]:
        return [entry for entry in self.entries if isinstance(entry, kind)]


def test_a_song_is_chosen_is_on_air_and_has_played() -> None:
    night = Written()
    night.play_first()
    night.tell(FadeNow())
    night.cue()
    night.wait(8)
    assert [(entry.song.id, entry.by) for entry in night.of(Chosen)] == [  # type: ignore[union-attr]
        (1, Chooser.AUTO_DJ),
        (2, Chooser.PERSON),
    ]
    assert [entry.song.id for entry in night.of(OnAir)] == [1, 2]  # type: ignore[union-attr]
    [first] = night.of(Played)
    assert isinstance(first, Played)
    assert first.why == "begins just like the room"
    assert (first.start, first.end) == (0.0, pytest.approx(7.5, abs=0.2))
    assert (first.at - first.since).total_seconds() == pytest.approx(7.5, abs=0.2)
    night.diary.close(night.state, night.now, night.wall)
    assert [song.song.id for song in played(night.entries)] == [1, 2]
    assert isinstance(night.entries[-1], Ended)


def test_only_changes_of_what_is_heard_and_proposed_are_told() -> None:
    night = Written()
    for _ in range(3):
        night.hear(ListenState.TOO_QUIET)
    night.hear(ListenState.NO_MUSIC)
    night.hear(ListenState.LISTENING, itself=night.songs[3])
    heard = [(entry.sound, entry.song and entry.song.id) for entry in night.of(Heard)]  # type: ignore[union-attr]
    assert heard == [(Sound.SILENCE, None), (Sound.VOICES, None), (Sound.MUSIC, 4)]
    best = [entry.picks[0].song.id for entry in night.of(Proposed)]  # type: ignore[union-attr]
    assert best == [1]


def test_what_breaks_is_told_and_how_the_music_goes_on() -> None:
    night = Written()
    night.play_first()
    night.tell(DeckLost(DeckName.A, night.state.decks[DeckName.A].token, "it did not answer"))
    night.cue()
    night.tell(FaultMet("The disk is full."))
    faults = [entry.sentence for entry in night.of(Fault)]  # type: ignore[union-attr]
    assert faults == ["A player hung (it did not answer) and was replaced.", "The disk is full."]
    assert len(night.of(Repair)) == 1


def kept_now(night: Written) -> NightState:
    return kept(night.state, night.now, night.wall)


def test_what_must_outlive_the_program_is_known_and_only_changes_are_worth_keeping() -> None:
    night = Written()
    silent = kept_now(night)
    assert silent == NightState(auto=True)
    night.play_first()
    begun = kept_now(night)
    assert begun.on_air is not None
    assert begun.on_air.track == 1
    assert (begun.played, begun.lately) == ((1,), (1,))
    assert worth_keeping(silent, begun)
    assert worth_keeping(replace(begun, lately=()), begun)
    night.wait(10)
    later = kept_now(night)
    assert not worth_keeping(begun, later), "time alone is no change"
    night.tell(SeekTo(Seconds(40.0)))
    sought = kept_now(night)
    assert worth_keeping(later, sought)
    night.tell(TogglePause())
    paused = kept_now(night)
    assert worth_keeping(sought, paused)
    night.wait(5)
    assert not worth_keeping(paused, kept_now(night))
    night.tell(SetAuto(False))
    assert worth_keeping(paused, kept_now(night))


def test_the_queue_is_kept_and_every_edit_of_it_is_worth_that() -> None:
    night = Written()
    empty = kept_now(night)
    night.tell(Enqueue(night.songs[3:5]))
    lined_up = kept_now(night)
    assert lined_up.queue == (4, 5)
    assert worth_keeping(empty, lined_up)
    night.tell(KeepPlayingLike(Like((Path("other.mp3"),), "“Other”")))
    endless = kept_now(night)
    assert (endless.like, endless.like_words) == (("other.mp3",), "“Other”")
    assert worth_keeping(lined_up, endless)


def test_a_song_that_was_given_up_is_worth_keeping() -> None:
    night = Written()
    night.play_first()
    playing = kept_now(night)
    night.tell(DeckLost(DeckName.A, night.state.decks[DeckName.A].token, "gone"))
    night.tell(Ticked())
    assert kept_now(night).on_air is None
    assert worth_keeping(playing, kept_now(night))
