"""The file of the catalogue: shared, damaged, of another program, on a full disk."""

import multiprocessing
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from multiprocessing.synchronize import Barrier
from pathlib import Path

import numpy as np
import pytest

from livedj.errors import CatalogueError
from livedj.library import database
from livedj.library.catalogue import Catalogue
from tests.library.analyses import MODEL, an_analysis, rows


def test_a_reader_sees_each_track_as_soon_as_it_is_committed(path: Path) -> None:
    with Catalogue(path) as writer, Catalogue(path) as reader:
        for count in range(1, 4):
            writer.add(an_analysis(f"/{count}.mp3"), MODEL)
            assert reader.size(MODEL) == count


def test_writers_in_several_threads_wait_for_each_other(path: Path) -> None:
    def write(name: str) -> None:
        with Catalogue(path) as catalogue:
            for number in range(20):
                catalogue.add(an_analysis(f"/{name}{number}.mp3"), MODEL)

    threads = [threading.Thread(target=write, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    with Catalogue(path) as catalogue:
        assert catalogue.size(MODEL) == 60


OPENERS = 8


def test_many_threads_may_open_a_new_catalogue_at_once(tmp_path: Path) -> None:
    def open_at_once(path: Path, barrier: threading.Barrier) -> None:
        barrier.wait(30)
        with Catalogue(path) as catalogue:
            catalogue.add_folder(path)

    with ThreadPoolExecutor(OPENERS) as threads:
        for number in range(100):
            path, barrier = tmp_path / f"{number}.sqlite3", threading.Barrier(OPENERS)
            for opened in [threads.submit(open_at_once, path, barrier) for _ in range(OPENERS)]:
                opened.result(60)
            assert rows(path, "PRAGMA journal_mode") == [("wal",)]


def test_many_processes_may_open_a_new_catalogue_at_once(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    barrier = spawn.Barrier(4)
    processes = [spawn.Process(target=_open_many, args=(tmp_path, barrier)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)

    assert [process.exitcode for process in processes] == [0] * 4


def _open_many(folder: Path, barrier: Barrier) -> None:
    for number in range(50):
        barrier.wait(60)
        with Catalogue(folder / f"{number}.sqlite3") as catalogue:
            catalogue.add_folder(folder)


def test_an_addition_that_fails_leaves_nothing_behind(catalogue: Catalogue) -> None:
    broken = replace(an_analysis(), windows=np.zeros(3, np.float16))  # one dimension too few

    with pytest.raises(IndexError):
        catalogue.add(broken, MODEL)

    assert catalogue.known() == {}
    catalogue.add(an_analysis(), MODEL)


def test_a_file_that_is_no_database_is_refused_with_advice(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"this is no database, it is a letter to my aunt" * 100)

    with pytest.raises(CatalogueError, match=r"catalogue\.sqlite3 .*damaged.*livedj library repair"):
        Catalogue(path)


def test_damage_within_is_told_with_advice(path: Path) -> None:
    with Catalogue(path) as catalogue:
        for number in range(200):
            catalogue.add(an_analysis(f"/{number}.mp3"), MODEL)
    content = bytearray(path.read_bytes())
    content[4096 * 3 :] = np.random.default_rng(1).bytes(len(content) - 4096 * 3)
    path.write_bytes(content)

    with pytest.raises(CatalogueError, match="damaged"), Catalogue(path) as catalogue:
        catalogue.known()


def test_a_catalogue_of_a_newer_livedj_is_refused(path: Path) -> None:
    Catalogue(path).close()
    _run(path, "PRAGMA user_version = 99")

    with pytest.raises(CatalogueError, match="newer livedj: update"):
        Catalogue(path)


def test_the_database_of_another_program_is_left_alone(path: Path) -> None:
    path.parent.mkdir()
    _run(path, "CREATE TABLE invoices (id INTEGER)")

    with pytest.raises(CatalogueError, match="another program"):
        Catalogue(path)


def _run(path: Path, sql: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute(sql)
    connection.commit()
    connection.close()


def test_a_lock_that_lasts_is_told_with_advice(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.1)
    with Catalogue(path) as catalogue:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")

        with pytest.raises(CatalogueError, match="another livedj is writing"):
            catalogue.add(an_analysis(), MODEL)

        other.close()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file stands in the way")

    with pytest.raises(CatalogueError, match="cannot be made"):
        Catalogue(tmp_path / "data" / "catalogue.sqlite3")


def test_a_path_that_is_a_folder_is_told(path: Path) -> None:
    path.mkdir(parents=True)

    with pytest.raises(CatalogueError, match="cannot be opened"):
        Catalogue(path)


def test_a_full_disk_is_told_and_costs_only_the_track_in_hand(catalogue: Catalogue) -> None:
    catalogue.add(an_analysis("/kept.mp3"), MODEL)
    catalogue._database.execute("PRAGMA max_page_count = 1")  # SQLite then behaves as on a full disk

    with pytest.raises(CatalogueError, match="disk is full"):
        catalogue.add(an_analysis("/lost.mp3", windows=20_000), MODEL)

    catalogue._database.execute("PRAGMA max_page_count = 100000")
    catalogue.add(an_analysis("/next.mp3"), MODEL)
    assert list(catalogue.known()) == [Path("/kept.mp3"), Path("/next.mp3")]


def test_it_belongs_to_its_thread(catalogue: Catalogue) -> None:
    failures: list[Exception] = []

    def read() -> None:
        try:
            catalogue.known()
        except sqlite3.ProgrammingError as error:
            failures.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    thread.join(30)

    assert len(failures) == 1
