"""A livedj that runs while another model is chosen: it goes on proposing, and changes over by itself."""

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest

from livedj import bundled
from livedj.app import App, clock
from livedj.ear.encoder import read_card
from livedj.library.catalogue import FILE_NAME, Catalogue
from livedj.library.models import Models
from livedj.library.scanner import Scanner
from livedj.listen.microphone import FileMicrophone
from livedj.music import SAMPLE_RATE, Seconds
from livedj.party.snapshot import Snapshot
from livedj.play.deck import Deck, DeckName, Post, SilentDeck
from livedj.settings import Settings
from tests.library import sounds
from tests.other_models import another_model
from tests.tune import tune

PATIENCE = 90.0
SONGS = 24


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return a data folder with some songs that the shipped model has heard."""
    folder, music = tmp_path / "data", tmp_path / "music"
    music.mkdir()
    for number in range(SONGS):
        sounds.write(music / f"{number}.flac", tune(6.0, root=110.0 + 20 * number)[None], rate=SAMPLE_RATE)
    with Catalogue(folder / FILE_NAME) as catalogue:
        catalogue.add_folder(music)
    Scanner(folder, bundled.MODEL).scan([music])
    return folder


def _silent_decks(post: Post) -> Mapping[DeckName, Deck]:
    return {name: SilentDeck(name, post, clock, lambda _: Seconds(6.0)) for name in DeckName}


@pytest.fixture
def app(data: Path) -> Iterator[App]:
    running = App(
        Settings(),
        data,
        settings_file=data / "settings.toml",
        microphone=FileMicrophone(tune(6.0, root=700.0), SAMPLE_RATE, clock),  # higher than any of the songs
        make_decks=_silent_decks,
    )
    running.start()
    yield running
    running.stop()


def _watch(app: App, until: Callable[[Snapshot], bool]) -> list[Snapshot]:
    """Return all that a screen saw until it was as wished."""
    seen = [app.snapshot]
    deadline = time.monotonic() + PATIENCE
    while not until(seen[-1]):
        assert time.monotonic() < deadline, seen[-1]
        time.sleep(0.02)  # polls the snapshot as a screen does
        seen.append(app.snapshot)
    return seen


def test_it_proposes_on_and_changes_over(app: App, data: Path, tmp_path: Path) -> None:
    _watch(app, lambda now: bool(now.heard.neighbours) and now.scan is not None and not now.scan.file)
    taste = another_model(tmp_path / "taste.tflite", unrelated=-0.9)
    unrelated = read_card(bundled.MODEL).unrelated

    def share(now: Snapshot, unrelated: float) -> bool:
        """Tell whether the proposals say how similar they are by this measure."""
        best = now.proposals[0]
        assert best.cosine is not None
        assert best.cosine < 0.95, "by any measure it is 100 % similar"
        return best.similarity == round(100 * max(0.0, (best.cosine - unrelated) / (1 - unrelated)))

    assert share(app.snapshot, unrelated)
    Models(data).use(taste)
    seen = _watch(app, lambda now: share(now, -0.9) and bool(now.heard.neighbours) and not now.message)

    assert all(now.proposals and now.proposals[0].cosine is not None for now in seen)
    assert {now.library_size for now in seen} == {SONGS}
    assert all(now.heard.state is seen[0].heard.state for now in seen)
    during = [now for now in seen if now.scan and now.scan.anew and now.scan.file]
    assert during
    assert all(share(now, unrelated) for now in during[:-1])
    assert read_card(Models(data).serving()).sha256 == read_card(taste).sha256


def test_the_next_start_hears_with_the_model_that_serves(data: Path, tmp_path: Path) -> None:
    taste = another_model(tmp_path / "taste.tflite", unrelated=-0.9)
    models = Models(data)
    models.use(taste)
    Scanner(data, models.wanted()).scan([tmp_path / "music"])

    app = App(Settings(), data, settings_file=data / "settings.toml", make_decks=_silent_decks,
              microphone=FileMicrophone(np.zeros(SAMPLE_RATE, np.float32), SAMPLE_RATE, clock))  # fmt: skip
    app.start()
    try:
        seen = _watch(app, lambda now: now.library_size == SONGS and now.scan is not None and not now.scan.file)
    finally:
        app.stop()
    assert not any(now.scan and now.scan.anew for now in seen)
