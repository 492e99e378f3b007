"""Songs for an endless queue: it goes on where it was, begins anew at the library's end, and tells what went wrong."""

import queue
import threading
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from livedj import bundled
from livedj.ear.encoder import read_card
from livedj.library import journeys
from livedj.library.analysis import Analysis
from livedj.library.catalogue import FILE_NAME, Catalogue
from livedj.library.composer import Composer, Wanted
from livedj.music import SAMPLE_RATE, Track, TrackId, unit
from tests.library import sounds
from tests.library.analyses import an_analysis
from tests.tune import tune

CARD = read_card(bundled.MODEL)
SONGS = 8
PATIENCE = 60.0

Found = tuple[Track, ...] | None


class Desk:
    """A composer whose answers are waited for."""

    def __init__(self, data: Path, music: Path) -> None:
        self.faults: list[str] = []
        self.music = music
        self.composer = Composer(data, self.faults.append)
        self._answers: queue.SimpleQueue[Found] = queue.SimpleQueue()

    def find(
        self,
        count: int,
        file: str = "0.mp3",
        barred: Collection[TrackId] = (),
        fresh: Sequence[TrackId] = (),
        seed: int = 0,
    ) -> Found:
        wanted = Wanted((self.music / file,), keep_on=1, drunk=0.0, seed=seed)
        self.composer.find(wanted, count, barred, fresh, self._answers.put)
        return self._answers.get(timeout=PATIENCE)


@pytest.fixture
def desk(data: Path, music: Path) -> Iterator[Desk]:
    random = np.random.default_rng(0)
    with Catalogue(data / FILE_NAME) as catalogue:
        catalogue.add_folder(music)
        for number in range(SONGS):
            path = music / f"{number}.mp3"
            path.touch()
            vector = unit(random.standard_normal(CARD.dimensions))
            catalogue.add(replace(an_analysis(path), intro=vector, track=vector), CARD.sha256)
    made = Desk(data, music)
    yield made
    made.composer.close()


def names(found: Found) -> list[str]:
    assert found is not None
    return [track.path.name for track in found]


def test_it_goes_on_where_it_was(desk: Desk) -> None:
    first, second = names(desk.find(3)), names(desk.find(3))
    assert len({*first, *second}) == 6
    assert "0.mp3" not in first + second, "the song itself is known to the person"


def test_at_the_librarys_end_it_begins_anew(desk: Desk) -> None:
    everything = names(desk.find(SONGS - 1))
    assert names(desk.find(2)) == everything[:2]


def test_barred_songs_are_left_out_and_where_there_are_no_more_there_are_fewer(desk: Desk) -> None:
    known = desk.find(SONGS - 1)
    assert known is not None
    barred = frozenset(track.song for track in known[:5])
    assert sorted(names(desk.find(9, barred=barred))) == sorted(track.path.name for track in known[5:])


def test_what_is_asked_for_otherwise_begins_anew(desk: Desk) -> None:
    first = names(desk.find(3))
    assert names(desk.find(3, seed=1)) == first, "there is no chance in it"


def test_a_file_that_is_not_there_is_told_and_the_next_question_is_answered(desk: Desk) -> None:
    assert desk.find(3, "gone.mp3") is None
    assert "gone.mp3" in desk.faults[0]
    assert len(names(desk.find(3))) == 3


def test_fresh_songs_serve_where_there_are_no_others_those_of_longest_ago_first(desk: Desk) -> None:
    known = desk.find(SONGS - 1)
    assert known is not None
    fresh = [track.song for track in reversed(known)]
    assert names(desk.find(3, fresh=fresh[1:])) == [known[-1].path.name], "the one that is not fresh"
    assert names(desk.find(3, fresh=fresh)) == [track.path.name for track in reversed(known)][:3]


def test_once_it_is_closed_nothing_that_waits_is_begun(desk: Desk) -> None:
    held, closed = queue.SimpleQueue[threading.Thread](), threading.Event()
    found: list[Found] = []

    def hold(tracks: Found) -> None:
        found.append(tracks)
        held.put(threading.current_thread())
        closed.wait(PATIENCE)

    wanted = Wanted((desk.music / "0.mp3",), keep_on=1, drunk=0.0, seed=0)
    desk.composer.find(wanted, 1, (), (), hold)
    desk.composer.find(wanted, 1, (), (), found.append)
    thread = held.get(timeout=PATIENCE)
    desk.composer.close()
    closed.set()
    thread.join(PATIENCE)
    assert not thread.is_alive()
    assert len(found) == 1


def test_a_file_outside_the_library_is_heard_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    guest = desk.music.parent / "guest.flac"
    sounds.write(guest, tune(12.0)[None], rate=SAMPLE_RATE)
    heard: list[Sequence[Path]] = []
    hear = journeys._heard

    def counted(files: Sequence[Path], model: Path, dimensions: int) -> list[Analysis]:
        heard.append(files)
        return hear(files, model, dimensions)

    monkeypatch.setattr(journeys, "_heard", counted)
    for _ in range(3):
        assert len(names(desk.find(SONGS, str(guest)))) == SONGS
    assert heard == [[guest]]
