"""A library to play with, and a livedj that lives in the virtual room."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from filelock import FileLock

from livedj import bundled
from livedj.app import App, clock
from livedj.demo.songs import folder_in, make_demo_library
from livedj.library.scanner import Scanner
from livedj.music import Seconds
from livedj.party.snapshot import Snapshot
from livedj.settings import Settings

PATIENCE = 60.0


@pytest.fixture(scope="session")
def demo_songs(request: pytest.FixtureRequest) -> list[Path]:
    """Return the demo library's files, kept from run to run until score or synthesis change."""
    cache = request.config.cache
    assert cache is not None
    folder = Path(cache.mkdir("demo"))
    with FileLock(folder / "lock"):  # another process of the tests may want it, too
        return make_demo_library(folder_in(folder), lambda done, total: None)


@pytest.fixture(scope="session")
def demo_data(demo_songs: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data folder into which the demo library has been scanned."""
    data = tmp_path_factory.mktemp("demo")
    Scanner(data, bundled.MODEL).scan([demo_songs[0].parents[1]])
    return data


@dataclass
class Running:
    """A livedj that runs, and how to wait for what it shows."""

    app: App
    seen: list[Snapshot] = field(default_factory=list)

    def until(self, true: Callable[[Snapshot], bool], patience: float = PATIENCE) -> tuple[Snapshot, Seconds]:
        """Wait until the snapshot is as wished; return it and how long that took."""
        began = clock()
        while True:
            now = self.app.snapshot
            if true(now):
                return now, Seconds(clock() - began)
            if clock() - began > patience:
                raise AssertionError(f"not within {patience} s; at last {now}")
            time.sleep(0.02)  # polls the snapshot as a screen does


@contextmanager
def livedj(data: Path, settings: Settings | None = None, excerpt: float | None = None) -> Iterator[Running]:
    """Run livedj with real microphone and decks on a library."""
    app = App(
        settings or Settings(),
        data,
        settings_file=data / "settings.toml",
        excerpt=None if excerpt is None else Seconds(excerpt),
    )
    app.start()
    try:
        yield Running(app)
    finally:
        app.stop()
