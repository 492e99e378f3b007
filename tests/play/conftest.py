"""A song and a deck on libVLC."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from livedj.demo.room import VirtualRoom
from tests.play.bench import VlcBench
from tests.play.sounds import tone, write_wav


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_wav(tmp_path_factory.mktemp("songs") / "song.wav", tone(440, 60.0))


@pytest.fixture
def bench(room: VirtualRoom) -> Iterator[VlcBench]:
    bench = VlcBench()
    yield bench
    bench.deck.close()
