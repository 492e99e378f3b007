"""A song heard for a moment beside the party."""

import time
from collections.abc import Callable, Iterator

import pytest

from livedj.errors import PlaybackError
from livedj.music import Seconds
from livedj.play.deck import Deck, DeckName, Post, SilentDeck
from livedj.play.excerpt import excerpt
from livedj.play.preview import Previewer
from tests.conftest import PATIENCE
from tests.songs import song

GOOD, BROKEN = (excerpt(song(number, 60.0), Seconds(1.0)) for number in (1, 2))


class Closable(SilentDeck):
    """A silent deck that knows whether it was closed."""

    closed = False

    def close(self) -> None:
        """Be closed."""
        super().close()
        self.closed = True


class Stage:
    """A previewer on silent decks, which keep the time of the clock, and what it tells."""

    def __init__(self) -> None:
        self.told: list[bool | str] = []
        self.decks: list[Closable] = []
        self.previewer = Previewer(self._make_deck, self.told.append, self.told.append)

    def _make_deck(self, post: Post) -> Deck:
        plays = {GOOD.track.path: Seconds(60.0)}
        deck = Closable(DeckName.A, post, lambda: Seconds(time.monotonic()), plays.get)
        self.decks.append(deck)
        return deck

    def wait(self, done: Callable[[], bool], *, ticking: bool = True) -> None:
        until = time.monotonic() + PATIENCE
        while not done():
            assert time.monotonic() < until, self.told
            for deck in self.decks if ticking else []:
                deck.tick()
            time.sleep(0.01)


@pytest.fixture
def stage() -> Iterator[Stage]:
    stage = Stage()
    yield stage
    stage.previewer.close()


def test_a_preview_is_heard_to_its_end(stage: Stage) -> None:
    stage.previewer.hear(GOOD)
    stage.wait(lambda: bool(stage.decks) and stage.decks[0].gain > 0)
    assert stage.told == [True]
    stage.wait(lambda: stage.told == [True, False])
    assert stage.decks[0].gain == 0


def test_one_that_is_let_go_ends_and_the_next_one_is_heard_on_the_same_deck(stage: Stage) -> None:
    stage.previewer.hear(None)
    for _ in range(2):
        stage.told.clear()
        stage.previewer.hear(GOOD)
        stage.wait(lambda: bool(stage.decks) and stage.decks[0].gain > 0)
        stage.previewer.hear(None)
        stage.wait(lambda: stage.told == [True, False])
    assert len(stage.decks) == 1


def test_one_that_cannot_be_played_says_why(stage: Stage) -> None:
    stage.previewer.hear(BROKEN)
    stage.wait(lambda: stage.told == [True, False, "it cannot be played"])


def test_a_deck_that_never_answers_holds_nobody_up(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("livedj.play.preview.BEGINS_WITHIN", Seconds(0.1))
    stage.previewer.hear(GOOD)
    stage.wait(lambda: stage.told == [True, False, "it does not begin to play"], ticking=False)


def test_a_deck_that_nobody_needs_any_more_goes_and_the_next_one_comes(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("livedj.play.preview._KEPT", Seconds(0.1))
    stage.previewer.hear(BROKEN)
    stage.wait(lambda: [deck.closed for deck in stage.decks] == [True])
    stage.previewer.hear(BROKEN)
    stage.wait(lambda: [deck.closed for deck in stage.decks] == [True, True])


def test_where_there_can_be_no_deck_it_says_so() -> None:
    def no_deck(post: Post) -> Deck:
        raise PlaybackError("libVLC is missing")

    told: list[bool | str] = []
    previewer = Previewer(no_deck, told.append, told.append)
    previewer.hear(GOOD)
    previewer.close()
    assert told == ["libVLC is missing"]


def test_what_is_heard_when_it_is_closed_stops_at_once() -> None:
    stage = Stage()
    stage.previewer.hear(GOOD)
    stage.wait(lambda: bool(stage.decks) and stage.decks[0].gain > 0)
    stage.previewer.close()
    assert stage.decks[0].gain == 0
    assert stage.decks[0].closed
