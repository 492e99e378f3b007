"""What a person wishes of the auto-DJ, scene by scene: this song, another one, a pause. The clock is set."""

import pytest

from livedj.music import Seconds
from livedj.party.messages import (
    Cut,
    Fade,
    FadeNow,
    HoldVector,
    Load,
    Pause,
    Play,
    PlayNext,
    Remember,
    Seek,
    SeekTo,
    Skip,
    TogglePause,
    Unload,
)
from livedj.party.snapshot import snapshot_of
from livedj.party.state import Phase
from livedj.play.deck import DeckName
from tests.party.night import Night, kinds

A, B = DeckName.A, DeckName.B


def test_a_click_fades_into_that_song_at_once() -> None:
    night = Night(auto=False)
    night.hear()
    night.tell(PlayNext(night.songs[4]))
    night.cue()
    night.wait(10)
    night.tell(PlayNext(night.songs[7]))
    said = night.cue()
    assert kinds(said) == [Play, Fade, Fade, HoldVector, Remember]
    assert night.on_air == 8


def test_a_click_on_what_plays_changes_nothing() -> None:
    night = Night()
    night.play_first()
    assert night.tell(PlayNext(night.songs[0])) == []


@pytest.mark.parametrize(("wish", "seconds"), [(None, 1.0), (Skip(), 1.0), (Cut(), 0.03)])
def test_a_wish_during_a_crossfade_shortens_it(wish: Skip | Cut | None, seconds: float) -> None:
    night = Night(auto=False)
    night.tell(PlayNext(night.songs[0]))
    night.cue()
    night.wait(5)
    night.tell(PlayNext(night.songs[1]))
    night.cue()
    night.wait(1)
    said = night.tell(wish or PlayNext(night.songs[2]))
    fades = [command for command in said if isinstance(command, Fade)]
    assert [(fade.deck, fade.ramp.end) for fade in fades] == [(B, 1.0), (A, 0.0)]
    assert {fade.ramp.seconds for fade in fades} == {seconds}
    assert Load in kinds(night.wait(seconds + 0.3))
    night.cue()
    assert night.on_air == 3


def test_a_wish_at_the_end_of_a_crossfade_leaves_it_as_it_is() -> None:
    night = Night(auto=False)
    night.tell(PlayNext(night.songs[0]))
    night.cue()
    night.wait(5)
    night.tell(PlayNext(night.songs[1]))
    night.cue()
    night.wait(5.5)
    assert night.tell(PlayNext(night.songs[2])) == []


def test_a_click_replaces_what_was_cued() -> None:
    night = Night()
    night.play_first()
    night.wait(45)
    night.cue()
    assert night.loads == [1, 2]
    night.tell(PlayNext(night.songs[8]))
    assert night.loads == [1, 2, 9]
    night.cue()
    assert night.on_air == 9


@pytest.mark.parametrize(("wish", "length"), [(Skip(), 1.0), (FadeNow(), 6.0)])
def test_leaving_a_song_takes_the_best_proposal(wish: Skip | FadeNow, length: float) -> None:
    night = Night()
    night.play_first()
    night.wait(5)
    night.tell(wish)
    said = night.cue()
    assert [command.ramp.seconds for command in said if isinstance(command, Fade)] == [length, length]
    assert night.on_air == 2


def test_leaving_with_nothing_to_go_to_says_so_and_plays_on() -> None:
    night = Night(songs=1)
    night.play_first()
    assert night.tell(Skip()) == []
    assert "Add a music folder" in night.state.message
    assert night.on_air == 1


def test_a_cut_leaves_on_the_spot() -> None:
    night = Night()
    night.play_first()
    night.tell(Cut())
    said = night.cue()
    assert {command.ramp.seconds for command in said if isinstance(command, Fade)} == {0.03}
    night.wait(0.2)
    assert (night.on_air, night.state.fading) == (2, False)


def test_pause_holds_the_night_and_play_goes_on() -> None:
    night = Night()
    night.play_first()
    night.wait(10)
    assert Pause in kinds(night.tell(TogglePause()))
    position = night.state.decks[A].position
    assert night.wait(120) == []
    assert snapshot_of(night.state, night.now).playing.paused  # type: ignore[union-attr]
    assert kinds(night.tell(TogglePause())) == [Play]
    night.wait(1)
    assert night.state.decks[A].position_at(night.now) == pytest.approx(position + 1, abs=0.2)


def test_pause_during_a_crossfade_ends_it_first() -> None:
    night = Night()
    night.play_first()
    night.tell(FadeNow())
    night.cue()
    night.wait(1)
    assert kinds(night.tell(TogglePause())) == [Unload, HoldVector, Fade, Pause]
    assert night.state.decks[A].phase is Phase.EMPTY


def test_a_click_while_paused_just_changes_the_song() -> None:
    night = Night(auto=False)
    night.tell(PlayNext(night.songs[0]))
    night.cue()
    night.tell(TogglePause())
    night.tell(PlayNext(night.songs[1]))
    assert kinds(night.cue()) == [Play, Fade, Unload, Remember]
    assert night.on_air == 2


def test_play_on_an_idle_night_starts_the_best() -> None:
    night = Night(auto=False)
    night.hear()
    night.tell(TogglePause())
    assert night.loads == [1]


def test_seeking_moves_the_playhead_within_the_song() -> None:
    night = Night()
    assert night.tell(SeekTo(Seconds(5.0))) == []
    night.play_first()
    assert night.tell(SeekTo(Seconds(500.0)))[0] == Seek(A, night.state.decks[A].token, Seconds(60.0))


def test_leaving_during_a_crossfade_does_not_go_back_to_the_song_just_left() -> None:
    night = Night()
    night.hear()
    night.play_first()
    night.tell(PlayNext(night.songs[4]))
    night.cue()
    night.wait(2)
    night.tell(Skip())
    night.wait(8)
    assert night.loads[-1] not in (1, 5)
