"""livedj put together: what the party orders reaches who carries it out."""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from livedj.app import App, clock, vlc_deck
from livedj.library.librarian import Librarian
from livedj.listen.heard import Heard, ListenState
from livedj.listen.listener import Listener
from livedj.listen.microphone import FileMicrophone
from livedj.music import SAMPLE_RATE, Seconds, Track
from livedj.party.conductor import Conductor
from livedj.party.messages import AddFolder, FaultMet, HoldVector, RemoveFolder
from livedj.play.deck import Deck, DeckName, Post, SilentDeck
from livedj.play.excerpt import excerpt
from livedj.settings import Settings
from tests.conftest import PATIENCE
from tests.songs import song


def an_app(tmp_path: Path, make_preview: Callable[[Post], Deck] = vlc_deck) -> App:
    return App(
        Settings(),
        tmp_path,
        settings_file=tmp_path / "settings.toml",
        microphone=FileMicrophone(np.zeros(SAMPLE_RATE, np.float32), SAMPLE_RATE, clock),
        make_decks=lambda post: {
            name: SilentDeck(name, post, clock, lambda _: Seconds(6.0)) for name in DeckName
        },
        make_preview=make_preview,
    )


@pytest.fixture
def app(tmp_path: Path) -> App:
    return an_app(tmp_path)


def test_while_two_songs_are_mixed_the_ear_holds_and_the_scan_gives_way(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, bool]] = []
    monkeypatch.setattr(Listener, "hold", lambda self, yes: told.append(("ear", yes)))
    monkeypatch.setattr(Librarian, "give_way", lambda self, yes: told.append(("scan", yes)))
    app._run_errand(HoldVector(True))
    app._run_errand(HoldVector(False))
    assert told == [("ear", True), ("scan", True), ("ear", False), ("scan", False)]


def test_folders_are_added_and_removed_by_the_librarian(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, Path]] = []
    monkeypatch.setattr(Librarian, "scan", lambda self, folder: told.append(("add", folder)))
    monkeypatch.setattr(Librarian, "remove", lambda self, folder: told.append(("remove", folder)))
    app._run_errand(AddFolder("/music"))
    app._run_errand(RemoveFolder("/music"))
    assert told == [("add", Path("/music")), ("remove", Path("/music"))]


class Listening:
    """A deck's excerpts as they reach the party: what the ear is told, and what the party hears of it."""

    def __init__(self, app: App, monkeypatch: pytest.MonkeyPatch) -> None:
        self.held: list[bool] = []
        self.told: list[object] = []
        monkeypatch.setattr(Listener, "hold", lambda _, yes: self.held.append(yes))
        monkeypatch.setattr(Conductor, "tell", lambda _, message: self.told.append(message))
        self._app = app

    def hears(self, song: Track) -> Track | None:
        """Return what the party hears of a song that the ear hears now."""
        self._app._heard(Heard(clock(), ListenState.LISTENING, itself=song))
        heard = self.told.pop()
        assert isinstance(heard, Heard)
        return heard.itself


def test_a_preview_is_heard_beside_the_party_which_neither_follows_nor_counts_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decks: list[SilentDeck] = []

    def make_deck(post: Post) -> Deck:
        decks.append(SilentDeck(DeckName.A, post, clock, lambda path: None if path == broken.path else Seconds(60.0)))
        return decks[0]

    good, broken = song(1, 60.0), song(2, 60.0)
    app = an_app(tmp_path, make_preview=make_deck)
    listening = Listening(app, monkeypatch)
    assert listening.hears(good) is good
    app.preview(None)
    app.preview(excerpt(good, Seconds(10.0)))
    _settle(app, lambda: listening.held == [True])
    assert listening.hears(good) is None
    _settle(app, lambda: decks[0].gain > 0, decks[0])
    app.preview(None)
    _settle(app, lambda: listening.held == [True, False], decks[0])
    assert decks[0].gain == 0
    assert listening.hears(good) is None, "the ear's window still holds some of it"
    app.preview(excerpt(broken, Seconds(10.0)))
    _settle(app, lambda: listening.held == [True, False, True, False], decks[0])
    assert listening.told == [FaultMet("That song cannot be heard: it cannot be played.")]
    assert len(decks) == 1
    app._clerk.shutdown()


def _settle(app: App, done: Callable[[], bool], deck: SilentDeck | None = None) -> None:
    """Wait until it is so."""
    until = clock() + PATIENCE
    while not done():
        assert clock() < until
        if deck:
            app._clerk.submit(deck.tick)
        time.sleep(0.02)
