"""A part of a song, heard alone."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livedj.music import CuePoints, Gain, Seconds, Track, TrackId
from livedj.play.deck import DeckEvent, DeckLost, DeckName, SilentDeck, Token
from livedj.play.excerpt import FADE, INTO, Excerpt, ExcerptOver, ExcerptPlayer, excerpt
from livedj.play.transition import level_of

BROKEN = Path("broken.mp3")


def a_track(start: float, end: float, path: Path = Path("song.mp3")) -> Track:
    cues = CuePoints(Seconds(start), Seconds(end))
    return Track(TrackId(1), path, "Song", "", "", Seconds(end + 1), cues)


def a_part(start: float = 30.0, seconds: float = 10.0, path: Path = Path("song.mp3")) -> Excerpt:
    return Excerpt(a_track(0.0, 100.0, path), Seconds(start), Seconds(seconds))


@dataclass
class Stage:
    """A player on a silent deck, and a clock that a test moves."""

    now: Seconds = Seconds(0.0)
    over: list[ExcerptOver] = field(default_factory=list)
    heard: list[tuple[Seconds, Gain]] = field(default_factory=list)
    """Moment and gain, ten times a second."""

    def __post_init__(self) -> None:
        length = {BROKEN: None}
        self.deck = SilentDeck(DeckName.A, self.post, lambda: self.now, lambda path: length.get(path, Seconds(100.0)))
        self.player = ExcerptPlayer(self.deck, lambda: self.now)

    def post(self, event: DeckEvent) -> None:
        self.over += [over for over in [self.player.take(event)] if over]

    def fade_out(self) -> None:
        self.over += [over for over in [self.player.fade_out()] if over]

    def pass_time(self, seconds: float) -> None:
        for _ in range(round(10 * seconds)):
            self.deck.tick()
            self.heard.append((self.now, self.deck.gain))
            self.now = Seconds(self.now + 0.1)

    @property
    def loud(self) -> list[Seconds]:
        """The moments at which something is heard."""
        return [moment for moment, gain in self.heard if gain > 0]


@given(st.floats(0, 100), st.floats(0, 1000), st.floats(2, 60))
def test_an_excerpt_lies_within_the_song(start: float, length: float, seconds: float) -> None:
    part = excerpt(a_track(start, start + length), Seconds(seconds))
    assert start <= part.start <= start + INTO
    assert part.start + part.seconds <= start + length + 1e-9
    assert part.seconds == pytest.approx(min(seconds, length))


def test_a_long_song_is_heard_from_a_little_into_it() -> None:
    part = excerpt(a_track(1.0, 200.0), Seconds(20.0))
    assert (part.start, part.seconds) == (31.0, 20.0)


def test_an_excerpt_fades_in_and_out_and_is_then_over() -> None:
    stage = Stage()
    stage.player.play(a_part(seconds=10.0))
    stage.pass_time(8.0)
    assert stage.over == []
    stage.pass_time(8.0)
    assert stage.over == [ExcerptOver()]
    assert stage.loud[-1] - stage.loud[0] == pytest.approx(10.0, abs=0.6)  # a deck reports four times a second
    gains = [gain for _, gain in stage.heard]
    assert max(gains) == level_of(a_part().track)
    assert 0 < sum(0 < gain < max(gains) for gain in gains) <= 2 * 10 * FADE


def test_at_the_end_of_its_song_it_is_over_too() -> None:
    stage = Stage()
    stage.player.play(a_part(start=95.0, seconds=50.0))
    stage.pass_time(10.0)
    assert stage.over == [ExcerptOver()]


def test_one_that_is_to_go_fades_out_at_once() -> None:
    stage = Stage()
    stage.player.play(a_part())
    stage.pass_time(3.0)
    stage.fade_out()
    stage.pass_time(0.2)
    stage.fade_out()  # pressed again: it fades no longer for that
    stage.pass_time(1.0)
    assert stage.over == [ExcerptOver()]
    assert stage.loud[-1] == pytest.approx(3.0 + FADE, abs=0.11)
    stage.fade_out()
    assert stage.over == [ExcerptOver()]


def test_one_that_is_to_go_before_it_is_heard_is_not_heard() -> None:
    stage = Stage()
    stage.player.play(a_part())
    stage.fade_out()
    stage.pass_time(3.0)
    assert (stage.over, stage.loud) == ([ExcerptOver()], [])


def test_one_that_is_to_go_before_its_fade_has_begun_is_over_soon() -> None:
    stage = Stage()
    stage.player.play(a_part())
    stage.deck.tick()  # cued: it begins in a moment
    stage.fade_out()
    stage.pass_time(3.0)
    assert (stage.over, stage.loud) == ([ExcerptOver()], [])


def test_one_that_is_given_up_is_heard_no_more() -> None:
    stage = Stage()
    stage.player.play(a_part())
    stage.pass_time(3.0)
    assert stage.player.give_up("too late") == ExcerptOver("too late")
    assert stage.deck.gain == 0
    assert stage.player.give_up("too late") is None


def test_another_one_takes_its_place_from_silence_on() -> None:
    stage = Stage()
    stage.player.play(a_part())
    stage.pass_time(3.0)
    stage.player.play(a_part(seconds=4.0))
    stage.pass_time(0.1)
    assert stage.heard[-1][1] == 0
    stage.pass_time(10.0)
    assert stage.over == [ExcerptOver()]


def test_one_that_cannot_be_played_says_why_and_the_next_one_is_heard() -> None:
    stage = Stage()
    stage.player.play(a_part(path=BROKEN))
    stage.pass_time(1.0)
    assert stage.over == [ExcerptOver("it cannot be played")]
    stage.player.play(a_part())
    stage.post(DeckLost(DeckName.A, Token(1), "of the former one"))
    stage.pass_time(2.0)
    stage.post(DeckLost(DeckName.A, Token(2), "its process ended"))
    assert stage.over[1:] == [ExcerptOver("its process ended")]
