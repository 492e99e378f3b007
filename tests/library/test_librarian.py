"""The librarian's threads: scan, stop, remember, and tell what the library holds."""

import contextlib
import queue
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from livedj import bundled
from livedj.choose.scene import Opinion
from livedj.ear.encoder import read_card
from livedj.errors import DemoError
from livedj.library.catalogue import FILE_NAME, Catalogue
from livedj.library.index import INDEX_FOLDER, IntroIndex
from livedj.library.librarian import LOOK_AGAIN, Holdings, Librarian
from livedj.library.lock import alone, in_use
from livedj.library.models import Models
from livedj.library.progress import Progress
from livedj.library.scanner import Scanner
from livedj.music import TrackId
from tests.library import sounds
from tests.library.analyses import an_analysis
from tests.other_models import another_model

PATIENCE = 90.0
CARD = read_card(bundled.MODEL)


class Desk:
    """A librarian and what it says."""

    def __init__(self, data: Path, shipped: Path = bundled.MODEL) -> None:
        self.progress: queue.SimpleQueue[Progress] = queue.SimpleQueue()
        self.holdings: queue.SimpleQueue[Holdings] = queue.SimpleQueue()
        self.faults: queue.SimpleQueue[str] = queue.SimpleQueue()
        data.mkdir(exist_ok=True)
        self.librarian = Librarian(data, shipped, self.progress.put, self.holdings.put, self.faults.put)

    def until(self, true: Callable[[Holdings], bool]) -> Holdings:
        while not true(holdings := self.holdings.get(timeout=PATIENCE)):
            pass
        return holdings

    def until_over(self) -> Progress:
        while (progress := self.progress.get(timeout=PATIENCE)).file:
            pass
        return progress


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    opened = Desk(tmp_path / "data")
    yield opened
    opened.librarian.close()


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / "music"
    folder.mkdir()
    for number in range(3):
        sounds.write(folder / f"{number}.flac", sounds.noise(6.0, seed=number))
    return folder


def test_a_folder_is_scanned_and_what_it_holds_is_told(desk: Desk, music: Path) -> None:
    desk.librarian.open()
    assert desk.until(lambda holdings: True).size == 0
    desk.librarian.scan(music)
    assert desk.progress.get(timeout=PATIENCE).file  # a scan shows from its first moment
    assert desk.until_over().done == 3
    assert len(desk.until(lambda holdings: holdings.size == 3).fallback) == 3
    assert desk.faults.empty()


def test_a_folder_scanned_before_is_looked_through_at_the_next_start(desk: Desk, music: Path, tmp_path: Path) -> None:
    desk.librarian.scan(music)
    desk.until_over()
    desk.librarian.close()
    sounds.write(music / "new.flac", sounds.noise(6.0, seed=9))
    again = Desk(tmp_path / "data")
    again.librarian.open()
    again.until(lambda holdings: holdings.size == 4)
    again.librarian.close()


def test_songs_that_come_while_it_is_open_are_scanned(desk: Desk, music: Path, tmp_path: Path) -> None:
    desk.librarian.open()
    desk.librarian.scan(music)
    desk.until(lambda holdings: holdings.size == 3)
    desk.until_over()
    shutil.copytree(music, music / "album")
    desk.until(lambda holdings: holdings.size == 6)
    shutil.rmtree(music / "album")
    desk.until(lambda holdings: len(holdings.fallback) == 3)
    assert desk.faults.empty()


def test_the_songs_of_a_folder_that_was_removed_are_proposed_no_more(desk: Desk, music: Path, tmp_path: Path) -> None:
    other = shutil.copytree(music, tmp_path / "other")
    desk.librarian.scan(music)
    desk.librarian.scan(other)
    desk.until(lambda holdings: len(holdings.fallback) == 6)
    desk.librarian.remove(other)
    assert all(music in track.path.parents for track in desk.until(lambda now: len(now.fallback) == 3).fallback)
    desk.librarian.remove(music)
    assert desk.until(lambda holdings: not holdings.fallback).size == 0
    while IntroIndex.open(tmp_path / "data" / INDEX_FOLDER, CARD.sha256, CARD.dimensions).size:
        desk.until_over()
    assert desk.faults.empty()


def test_a_folder_that_is_added_again_is_not_heard_again(desk: Desk, music: Path, tmp_path: Path) -> None:
    desk.librarian.scan(music)
    desk.until(lambda holdings: len(holdings.fallback) == 3)
    desk.until_over()
    desk.librarian.remove(music)
    desk.until(lambda holdings: not holdings.fallback)
    desk.until_over()
    desk.librarian.scan(music)
    desk.until(lambda holdings: len(holdings.fallback) == 3)
    files = set()
    while (progress := desk.progress.get(timeout=PATIENCE)).file:
        files.add(progress.file)
    assert files == {"looking through the music folders"}


def test_songs_that_come_while_another_livedj_scans_wait_for_it(desk: Desk, music: Path, tmp_path: Path) -> None:
    desk.librarian.open()
    desk.librarian.scan(music)
    desk.until(lambda holdings: len(holdings.fallback) == 3)
    while in_use(tmp_path / "data"):
        time.sleep(0.05)
    with alone(tmp_path / "data"):
        sounds.write(music / "new.flac", sounds.noise(6.0, seed=9))
        time.sleep(3 * LOOK_AGAIN)  # enough to be noticed
    desk.until(lambda holdings: len(holdings.fallback) == 4)
    assert desk.faults.empty()


def test_a_scan_waits_while_the_music_needs_the_machine_whenever_it_begins(desk: Desk, music: Path) -> None:
    desk.librarian.give_way(True)
    desk.librarian.scan(music)
    while "looking" not in desk.progress.get(timeout=PATIENCE).file:
        pass
    done = set[int]()
    with contextlib.suppress(queue.Empty):
        while True:
            done.add(desk.progress.get(timeout=2.0).done)
    assert done <= {0}
    desk.librarian.give_way(False)
    assert desk.until_over().done == 3


def test_what_is_played_is_remembered_and_comes_last_in_the_fallback(desk: Desk, music: Path) -> None:
    desk.librarian.scan(music)
    first = desk.until(lambda holdings: holdings.size == 3).fallback[0]
    desk.librarian.remember(first.id)
    holdings = desk.until(lambda holdings: bool(holdings.played))
    assert holdings.played == (first.id,)
    assert holdings.fallback[-1] == first


def test_a_banned_song_is_nothing_to_fall_back_on_until_the_ban_is_taken_back(desk: Desk, music: Path) -> None:
    desk.librarian.scan(music)
    first = desk.until(lambda holdings: holdings.size == 3).fallback[0]
    desk.until_over()
    desk.librarian.keep_opinion(first.id, Opinion.BANNED)
    holdings = desk.until(lambda holdings: bool(holdings.opinions))
    assert holdings.opinions == {first.id: Opinion.BANNED}
    assert first.id not in {track.song for track in holdings.fallback}
    desk.librarian.keep_opinion(first.id, None)
    assert len(desk.until(lambda holdings: not holdings.opinions).fallback) == 3


def test_songs_whose_files_are_gone_are_nothing_to_fall_back_on(desk: Desk, music: Path) -> None:
    desk.librarian.scan(music)
    first, *others = desk.until(lambda holdings: holdings.size == 3).fallback
    desk.until_over()
    first.path.unlink()
    desk.librarian.remember(others[0].id)
    holdings = desk.until(lambda holdings: bool(holdings.played))
    assert [track.id for track in holdings.fallback] == [others[1].id, others[0].id]  # their facts are found meanwhile
    assert holdings.size == 3


def test_songs_that_another_model_has_heard_are_nothing_to_fall_back_on(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "song.mp3"
    path.touch()
    with Catalogue(tmp_path / "data" / FILE_NAME) as catalogue:
        catalogue.add(an_analysis(path), "another model")
    desk.librarian.open()
    assert desk.until(lambda holdings: True) == Holdings(0, (), (), {}, bundled.MODEL)


def test_what_is_asked_of_a_closed_librarian_is_passed_over(desk: Desk, music: Path) -> None:
    desk.librarian.close()
    desk.librarian.remember(TrackId(1))
    desk.librarian.scan(music)
    desk.librarian.scan_made(lambda progress: music)
    desk.librarian.close()
    assert desk.faults.empty()


def test_a_folder_is_made_then_scanned(desk: Desk, music: Path) -> None:
    def make(progress: Callable[[Progress], None]) -> Path:
        progress(Progress(1, 2, 0, "making"))
        return music

    desk.librarian.scan_made(make)
    assert desk.progress.get(timeout=PATIENCE).file == "making"
    desk.until(lambda holdings: holdings.size == 3)


def test_the_making_of_a_folder_can_be_stopped(desk: Desk, music: Path) -> None:
    def make(progress: Callable[[Progress], None]) -> Path:
        for _ in range(1000):
            desk.librarian.stop_scan()
            progress(Progress(1, 2, 0, "making"))
        return music

    desk.librarian.scan_made(make)
    assert desk.until_over() == Progress(1, 2, 0)
    assert desk.faults.empty()


def test_a_fault_is_told_in_a_sentence(desk: Desk) -> None:
    def make(progress: Callable[[Progress], None]) -> Path:
        raise RuntimeError

    desk.librarian.scan_made(make)
    assert "RuntimeError" in desk.faults.get(timeout=PATIENCE)


def test_a_model_that_is_chosen_meanwhile_is_noticed_and_takes_over_after_hearing_all(
    desk: Desk, music: Path, tmp_path: Path
) -> None:
    desk.librarian.open()
    desk.librarian.scan(music)
    assert desk.until(lambda holdings: holdings.size == 3).model == bundled.MODEL
    desk.until_over()
    taste = another_model(tmp_path / "taste.tflite")

    Models(tmp_path / "data").use(taste)

    assert desk.progress.get(timeout=PATIENCE).file
    told = desk.until(lambda holdings: holdings.model != bundled.MODEL)
    assert read_card(told.model).sha256 == read_card(taste).sha256
    assert (told.size, len(told.fallback)) == (3, 3)
    assert desk.until_over().anew
    assert desk.faults.empty()


def test_a_choice_that_is_taken_back_ends_the_hearing_anew(desk: Desk, music: Path, tmp_path: Path) -> None:
    desk.librarian.open()
    desk.librarian.scan(music)
    desk.until_over()
    for number in range(3, 40):
        sounds.write(music / f"{number}.flac", sounds.noise(6.0, seed=number))
    models = Models(tmp_path / "data")
    models.use(another_model(tmp_path / "taste.tflite"))
    while not desk.progress.get(timeout=PATIENCE).done:
        pass

    models.use_shipped()

    desk.until(lambda holdings: holdings.size == 40 and holdings.model == bundled.MODEL)
    assert desk.faults.empty()


def test_a_swap_by_another_process_is_noticed(desk: Desk, music: Path, tmp_path: Path) -> None:
    desk.librarian.scan(music)
    desk.until_over()
    desk.librarian.open()
    desk.until_over()

    Scanner(tmp_path / "data", another_model(tmp_path / "taste.tflite"), 1).scan([music])

    assert desk.until(lambda holdings: holdings.model != bundled.MODEL).size == 3


def test_after_an_update_the_former_model_serves_until_the_new_one_has_heard_all(tmp_path: Path, music: Path) -> None:
    former, new = (another_model(tmp_path / f"{name}.tflite") for name in ("former", "new"))
    sha256 = read_card(former).sha256
    before = Desk(tmp_path / "data", former)
    before.librarian.scan(music)
    before.until_over()
    before.librarian.close()
    former.unlink()

    after = Desk(tmp_path / "data", new)
    after.librarian.open()

    first = after.until(lambda holdings: True)
    assert (read_card(first.model).sha256, first.size) == (sha256, 3)
    assert after.until(lambda holdings: holdings.model == new).size == 3
    after.librarian.close()
    assert after.faults.empty()


def test_a_scan_that_fails_says_why_and_is_over(desk: Desk, music: Path, tmp_path: Path) -> None:
    (tmp_path / "data" / "index").write_text("in the way")
    desk.librarian.scan(music)
    assert "index" in desk.faults.get(timeout=PATIENCE)
    desk.until_over()


def test_a_folder_that_cannot_be_made_is_over_too(desk: Desk) -> None:
    def make(progress: Callable[[Progress], None]) -> Path:
        progress(Progress(1, 2, 0, "making"))
        raise DemoError("There is no encoder.")

    desk.librarian.scan_made(make)
    assert desk.faults.get(timeout=PATIENCE) == "There is no encoder."
    assert desk.until_over().total == 2
