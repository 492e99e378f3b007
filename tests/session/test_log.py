"""The session's log on real disks that are full, gone or slow, and under kill -9."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from livedj.music import Seconds
from livedj.night import log
from livedj.night.entries import Entry, Fault, Lost, Proposed, to_line
from livedj.night.log import SessionLog, entries, new_session, session_called, sessions
from tests.session.songs import EVENING, NINE, after
from tests.session.waiting import PATIENCE, eventually

posix = pytest.mark.skipif(os.name != "posix", reason="POSIX only")


def _numbered(number: int) -> Fault:
    return Fault(after(number), f"{number}")


def _holds(path: Path, least: int) -> bool:
    return sum(1 for _ in entries(path)) >= least


def _write(path: Path, *told: Entry, on_fault: Callable[[str], None] = pytest.fail) -> None:
    session = SessionLog(path, on_fault)
    for entry in told:
        session.write(entry)
    session.close(Seconds(PATIENCE))


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = new_session(tmp_path, NINE)
    assert path == tmp_path / "sessions" / "20261121T210000Z.jsonl"
    _write(path, *EVENING)
    assert tuple(entries(path)) == EVENING


def test_a_line_is_on_disk_before_the_log_is_closed(tmp_path: Path) -> None:
    session = SessionLog(new_session(tmp_path, NINE), pytest.fail)
    session.write(EVENING[0])
    eventually(lambda: list(entries(session.path)) == [EVENING[0]], "the line is on disk")
    session.close()


def test_sessions_are_summed_up_newest_first(tmp_path: Path) -> None:
    _write(new_session(tmp_path, after(0)), *EVENING)
    _write(new_session(tmp_path, after(86_400)), *EVENING[:7])
    new_session(tmp_path, after(90_000)).touch()
    (tmp_path / "sessions" / "notes.txt").write_text("no log")
    newest, oldest = sessions(tmp_path)
    assert (oldest.began, oldest.last, oldest.ended, oldest.songs) == (NINE, after(320), True, 3)
    assert (newest.ended, newest.songs) == (False, 1)
    path = new_session(tmp_path, after(90_000))
    assert session_called(path.name, tmp_path) == path


def test_the_proposals_may_be_left_out(tmp_path: Path) -> None:
    path = new_session(tmp_path, NINE)
    _write(path, *EVENING)
    assert list(entries(path, proposed=False)) == [entry for entry in EVENING if not isinstance(entry, Proposed)]


def test_where_nothing_was_ever_logged_there_is_nothing_to_tell(tmp_path: Path) -> None:
    assert sessions(tmp_path) == []
    assert session_called("", tmp_path) is None
    assert list(entries(tmp_path / "none.jsonl")) == []


def test_wherever_a_log_is_torn_the_next_line_stands_alone(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    whole = b"".join(to_line(entry) for entry in EVENING[:3])
    for torn in range(0, len(whole), 5):
        path.write_bytes(whole[:torn])
        before = list(entries(path))
        _write(path, EVENING[-1])
        assert list(entries(path)) == [*before, EVENING[-1]]
        assert len(before) >= whole[:torn].count(b"\n")


@posix
def test_killed_at_any_moment_it_keeps_all_lines_but_the_last_and_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    expected = 0
    moments = random.Random(4)
    for _ in range(10):
        writer = subprocess.Popen([sys.executable, "-m", "tests.session.writer", str(path), str(expected)])
        enough = expected + moments.randint(1, 400)
        eventually(partial(_holds, path, enough), "it writes")
        writer.send_signal(signal.SIGKILL)
        writer.wait(PATIENCE)
        told = [entry.sentence for entry in entries(path) if isinstance(entry, Fault)]
        assert told == [f"{number}" for number in range(len(told))]
        expected = len(told)


def test_a_vanished_folder_costs_what_cannot_wait_and_the_log_says_how_much(tmp_path: Path) -> None:
    path = new_session(tmp_path, NINE)
    path.parent.write_text("a file where the folder was")
    faults: list[str] = []
    session = SessionLog(path, faults.append)
    session.write(_numbered(0))
    eventually(lambda: faults, "it says that it cannot be written")
    for number in range(1, 1 + log.MOST_WAITING + 7):
        session.write(_numbered(number))
    path.parent.unlink()
    session.close(Seconds(PATIENCE))
    *kept, last = entries(path)
    assert kept == [_numbered(number) for number in range(1 + log.MOST_WAITING)]
    assert isinstance(last, Lost)
    assert last.count == 7
    assert len(faults) == 1
    assert "music goes on" in faults[0]


def test_it_tries_again_by_itself(tmp_path: Path) -> None:
    path = new_session(tmp_path, NINE)
    path.parent.write_text("a file where the folder was")
    told = threading.Event()
    session = SessionLog(path, lambda _: told.set())
    session.write(_numbered(0))
    assert told.wait(PATIENCE)
    path.parent.unlink()
    eventually(lambda: list(entries(path)) == [_numbered(0)], "the line is written after all")
    session.close()


def test_a_folder_that_is_taken_away_under_a_running_log_is_made_again(tmp_path: Path) -> None:
    session = SessionLog(new_session(tmp_path, NINE), pytest.fail)
    session.write(_numbered(0))
    eventually(lambda: list(entries(session.path)), "the first line")
    session.path.unlink()
    session.path.parent.rmdir()
    session.write(_numbered(1))
    session.close(Seconds(PATIENCE))
    assert list(entries(session.path)) == [_numbered(1)]


@posix
def test_a_full_disk_tears_no_line_and_loses_none_that_can_wait(tmp_path: Path) -> None:
    """The file may not grow beyond 1000 bytes, until it may."""
    path = tmp_path / "log.jsonl"
    done = subprocess.run(
        [sys.executable, "-m", "tests.session.full_disk", str(path)],
        check=True, timeout=PATIENCE, stdout=subprocess.PIPE, text=True,
    )
    assert done.stdout.count("cannot be logged: File too large") == 1
    assert [entry.sentence for entry in entries(path) if isinstance(entry, Fault)] == [f"{n}" for n in range(40)]
    assert len(path.read_bytes().splitlines()) == 40


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux only")
def test_closing_does_not_wait_for_a_disk_that_stays_full() -> None:
    faults: list[str] = []
    began = time.monotonic()
    _write(Path("/dev/full"), *EVENING, on_fault=faults.append)
    assert time.monotonic() - began < PATIENCE / 2
    assert ["No space left on device" in fault for fault in faults] == [True]


@posix
def test_a_disk_that_hangs_holds_nobody_up(tmp_path: Path) -> None:
    path = tmp_path / "hangs"
    os.mkfifo(path)  # to open it takes until somebody reads
    session = SessionLog(path, lambda _: None)
    began = time.monotonic()
    for number in range(2 * log.MOST_WAITING):
        session.write(_numbered(number))
    assert time.monotonic() - began < 5.0
    session.close(Seconds(0.1))
    os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))  # lets the thread go


def test_threads_may_write_at_once(tmp_path: Path) -> None:
    session = SessionLog(tmp_path / "log.jsonl", pytest.fail)
    numbers = count()

    def write_many() -> None:
        for _ in range(100):
            session.write(_numbered(next(numbers)))

    threads = [threading.Thread(target=write_many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    session.close(Seconds(PATIENCE))
    told = [int(entry.sentence) for entry in entries(session.path) if isinstance(entry, Fault)]
    assert sorted(told) == list(range(400))
