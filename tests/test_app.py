"""livedj put together: what the party orders reaches who carries it out."""

from pathlib import Path

import numpy as np
import pytest

from livedj.app import App, clock
from livedj.library.librarian import Librarian
from livedj.listen.listener import Listener
from livedj.listen.microphone import FileMicrophone
from livedj.music import SAMPLE_RATE, Seconds
from livedj.party.messages import AddFolder, HoldVector, RemoveFolder
from livedj.play.deck import DeckName, SilentDeck
from livedj.settings import Settings


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
