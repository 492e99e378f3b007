"""livedj put together: what the party orders reaches who carries it out."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from livedj.app import App, _music_left, clock
from livedj.ear.vector import WINDOW
from livedj.library.librarian import Librarian
from livedj.listen.heard import Heard, ListenState
from livedj.listen.listener import Listener
from livedj.listen.microphone import FileMicrophone
from livedj.memory import Memory
from livedj.music import SAMPLE_RATE, Seconds
from livedj.party.conductor import Conductor
from livedj.party.messages import AddFolder, FaultMet, HoldVector, RemoveFolder, Restart
from livedj.party.state import DeckState, Phase
from livedj.play.deck import DeckName, SilentDeck
from livedj.play.excerpt import Excerpt
from livedj.play.preview import Previewer
from livedj.settings import Settings
from tests.songs import song


@pytest.fixture
def app(tmp_path: Path) -> App:
    return App(
        Settings(),
        tmp_path,
        settings_file=tmp_path / "settings.toml",
        microphone=FileMicrophone(np.zeros(SAMPLE_RATE, np.float32), SAMPLE_RATE, clock),
        make_decks=lambda post: {
            name: SilentDeck(name, post, clock, lambda _: Seconds(6.0)) for name in DeckName
        },
    )


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


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What the party is told."""
    heard: list[object] = []
    monkeypatch.setattr(Conductor, "tell", lambda _, message: heard.append(message))
    return heard


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """What the ear is told."""
    orders: list[bool] = []
    monkeypatch.setattr(Listener, "hold", lambda _, yes: orders.append(yes))
    return orders


def test_a_preview_is_heard_beside_the_party_which_neither_follows_nor_counts_it(
    app: App, told: list[object], held: list[bool]
) -> None:
    heard = Heard(clock(), ListenState.LISTENING, music=0.9, itself=song(1))
    app._heard(heard)
    app._previews(True)
    app._heard(heard)
    app._previews(False)
    app._heard(replace(heard, at=Seconds(clock() + WINDOW - 0.5)))  # the ear's window still holds some of it
    app._heard(replace(heard, at=Seconds(clock() + WINDOW + 0.5)))
    assert [(one.itself, one.music) for one in told if isinstance(one, Heard)] == [
        (heard.itself, 0.9), (None, None), (None, None), (heard.itself, 0.9)
    ]  # fmt: skip
    assert held == [True, False]


def test_the_ear_holds_as_long_as_a_preview_or_the_party_wants_it(app: App, held: list[bool]) -> None:
    app._previews(True)
    app._run_errand(HoldVector(True))
    app._previews(False)
    assert held == [True] * 3
    app._run_errand(HoldVector(False))
    assert held[3:] == [False]


def test_a_listener_that_is_started_again_in_a_preview_holds_too(
    app: App, held: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Listener, "start", lambda _: None)
    app._run_errand(Restart("listener"))
    assert held == []
    app._previews(True)
    app._run_errand(Restart("listener"))
    assert held == [True, True]


def test_a_preview_ends_where_a_song_of_ours_begins(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[Excerpt | None] = []
    monkeypatch.setattr(Previewer, "hear", lambda _, part: ended.append(part))
    monkeypatch.setattr(Memory, "follow", lambda *_: None)
    silent = app._conductor.state
    plays = replace(silent, on_air=DeckName.A)
    for before, after in ((silent, silent), (silent, plays), (plays, plays), (plays, silent)):
        app._observe(before, after, clock())
    assert ended == [None]


def test_the_parent_is_told_how_long_the_music_lasts_without_the_conductor(app: App) -> None:
    plays = DeckState(Phase.PLAYING, track=song(1, 60.0), position=Seconds(50.0), at=Seconds(100.0))
    silent = app._conductor.state

    def left(deck: DeckState, now: float) -> Seconds | None:
        state = replace(silent, on_air=DeckName.A, decks={**silent.decks, DeckName.A: deck})
        return _music_left(state, Seconds(now))

    assert [left(plays, 103.0), left(plays, 200.0)] == [7.0, 0.0]
    assert left(replace(plays, phase=Phase.PAUSED), 103.0) is None
    assert _music_left(silent, Seconds(103.0)) is None


def test_why_a_preview_cannot_be_heard_is_told(app: App, told: list[object]) -> None:
    app._preview_failed("it cannot be played")
    assert told == [FaultMet("That song cannot be heard: it cannot be played.")]
