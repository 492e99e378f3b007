"""What a scan survives: files and workers that break, stops, kills, and songs that come and go meanwhile."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from filelock import FileLock

from livedj import bundled
from livedj.errors import ScanError
from livedj.library.lock import LOCK_NAME
from livedj.library.scanner import Progress, Scanner
from tests.library.scans import fill, problems, scan, titles
from tests.library.stand_ins import Deadly, intro_by_name, never


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("segfault", "makes the decoder crash (exit code -11)"),
        ("exit", "makes the decoder crash (exit code 7)"),
        ("greedy", "cannot be analysed (MemoryError: Unable to allocate 4.00 GiB"),
        ("surprising", "cannot be analysed (RuntimeError: nobody expects this)"),
        ("broken", "broken.mp3 is broken."),
    ],
)
def test_a_file_that_harms_its_worker_is_a_problem_and_the_scan_goes_on(
    data: Path, music: Path, name: str, reason: str
) -> None:
    songs = [f"song {number}" for number in range(6)]
    fill(music, *songs[:3], name, *songs[3:])

    result = scan(data, music)

    assert result == Progress(7, 7, 1, indexed=True)
    assert titles(data) == songs
    assert reason in problems(data)[f"{name}.mp3"]


def test_a_file_that_takes_too_long_is_given_up(data: Path, music: Path) -> None:
    fill(music, "one", "hang", "two", "three")

    scan(data, music, time_limit=5)

    assert titles(data) == ["one", "three", "two"]
    assert problems(data) == {"hang.mp3": "hang.mp3 was given up: reading it took longer than 5 seconds."}


def test_many_crashing_files_are_many_problems(data: Path, music: Path) -> None:
    bad = [f"{kind} {number}" for number in range(3) for kind in ("segfault", "exit")]
    fill(music, *bad, "good")

    scan(data, music, time_limit=20)

    assert titles(data) == ["good"]
    assert sorted(problems(data)) == sorted(f"{name}.mp3" for name in bad)


def test_workers_that_die_before_they_begin_end_the_scan_with_a_sentence(data: Path, music: Path) -> None:
    fill(music, "one", "two")

    with pytest.raises(ScanError, match="end at once"):
        scan(data, music, intro=Deadly())

    assert scan(data, music) == Progress(2, 2, 0, indexed=True)


def test_a_scan_that_is_stopped_goes_on_where_it_was(data: Path, music: Path) -> None:
    songs = [f"song {number:02}" for number in range(30)]
    fill(music, *songs)
    scanner = Scanner(
        data, bundled.MODEL, 2, lambda progress: scanner.stop() if progress.done == 5 else None, intro=intro_by_name
    )

    stopped = scanner.scan([music])

    assert 5 <= stopped.done < 30
    assert len(titles(data)) == stopped.done
    told: list[Progress] = []
    scan(data, music, progress=told.append)
    assert told[0].done == stopped.done
    assert titles(data) == songs


def test_while_the_music_needs_the_machine_no_more_files_are_read(data: Path, music: Path) -> None:
    fill(music, *(f"song {number:02}" for number in range(30)))
    told: list[int] = []

    def follow(progress: Progress) -> None:
        told.append(progress.done)
        if progress.done == 3:
            scanner.give_way(True)

    scanner = Scanner(data, bundled.MODEL, 2, follow, intro=intro_by_name)
    thread = threading.Thread(target=scanner.scan, args=([music],))
    thread.start()
    while not told or told[-1] < 3:
        time.sleep(0.05)
    time.sleep(1.0)  # enough for all of them
    assert told[-1] <= 3 + 2 * 2, "two files a worker were in hand"
    scanner.give_way(False)
    thread.join(60)
    assert told[-1] == 30


def test_a_scan_that_gives_way_can_be_stopped(data: Path, music: Path) -> None:
    fill(music, "one", "two")
    scanner = Scanner(data, bundled.MODEL, 1, lambda _: threading.Timer(0.5, scanner.stop).start(), intro=never)
    scanner.give_way(True)
    assert scanner.scan([music]).done == 0


def test_stopping_interrupts_a_file_that_takes_long(data: Path, music: Path) -> None:
    fill(music, "hang", "one")
    read_one = threading.Event()
    scanner = Scanner(
        data, bundled.MODEL, 2, lambda progress: read_one.set() if progress.done == 1 else None, intro=intro_by_name
    )
    thread = threading.Thread(target=scanner.scan, args=([music],))
    thread.start()
    assert read_one.wait(60)

    scanner.stop()

    thread.join(30)
    assert not thread.is_alive()
    assert titles(data) == ["one"]
    assert problems(data) == {}


def test_a_scanner_stopped_before_it_scans_reads_nothing(data: Path, music: Path) -> None:
    fill(music, "one")
    scanner = Scanner(data, bundled.MODEL, intro=never)
    scanner.stop()

    assert scanner.scan([music]).done == 0


def test_an_exception_from_outside_leaves_no_worker_and_keeps_what_was_read(data: Path, music: Path) -> None:
    fill(music, *(f"song {number}" for number in range(12)))

    def interrupt(progress: Progress) -> None:
        if progress.done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scan(data, music, progress=interrupt)

    assert multiprocessing.active_children() == []
    assert len(titles(data)) == 3


def _begin(code: str, script: Path, data: Path, music: Path) -> "subprocess.Popen[str]":
    """Run `code` in a process of its own, as a terminal does."""
    script.write_text(code)
    return subprocess.Popen(
        [sys.executable, script, data, music],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(bundled.MODELS.parent)},
        start_new_session=True,
    )


SCAN = """
import sys
from pathlib import Path
from livedj import bundled
from livedj.library.scanner import Scanner
from tests.library.stand_ins import intro_by_name

if __name__ == "__main__":
    Scanner(Path(sys.argv[1]), bundled.MODEL, 2, lambda progress: print(progress.done, flush=True),
            intro=intro_by_name).scan([Path(sys.argv[2])])
"""


@pytest.mark.skipif(os.name != "posix", reason="sends POSIX signals")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
def test_a_process_that_is_interrupted_or_killed_leaves_a_whole_library_and_no_workers(
    tmp_path: Path, data: Path, music: Path, sent: signal.Signals
) -> None:
    songs = [f"song {number}" for number in range(5)]
    fill(music, *songs, "zz hang", "hang")
    process = _begin(SCAN, tmp_path / "scan.py", data, music)
    with process:
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) >= 4:
                break

        if sent == signal.SIGINT:  # a terminal sends it to the workers, too
            os.killpg(process.pid, sent)
        else:
            process.kill()

        # The pipes are shared with the workers: they end only when the last worker has gone, too.
        process.communicate(timeout=60)
    assert process.returncode != 0
    assert scan(data, music, time_limit=2).total == 7
    assert titles(data) == [*songs, "zz hang"]


STARTING = """
import os
import sys
import threading
from pathlib import Path

if __name__ == "__main__":
    from livedj import bundled
    from livedj.library.scanner import Scanner

    try:
        Scanner(Path(sys.argv[1]), bundled.MODEL, 2).scan([Path(sys.argv[2])])
    except KeyboardInterrupt:
        sys.exit(130)
else:  # a worker, which imports this first
    os.write(1, b"starting\\n")  # at one go: two of them share the pipe
    threading.Event().wait(60)
"""


@pytest.mark.skipif(os.name != "posix", reason="sends POSIX signals")
def test_workers_that_are_still_starting_pass_over_ctrl_c(tmp_path: Path, data: Path, music: Path) -> None:
    fill(music, "one", "two")
    process = _begin(STARTING, tmp_path / "scan.py", data, music)
    assert process.stdout is not None
    assert [process.stdout.readline() for _ in range(2)] == ["starting\n"] * 2

    os.killpg(process.pid, signal.SIGINT)

    _, trouble = process.communicate(timeout=60)
    assert trouble == ""
    assert process.returncode == 130


def test_a_file_that_vanishes_during_the_scan_is_no_problem_and_is_heard_when_it_is_back(
    data: Path, music: Path
) -> None:
    [path] = fill(music, "vanishing")

    scan(data, music)

    assert problems(data) == {}
    path.with_suffix(".away").rename(music / "back.mp3")
    assert scan(data, music).total == 1
    assert titles(data) == ["vanishing"]


def test_a_worker_that_somebody_ends_costs_no_song(data: Path, music: Path) -> None:
    fill(music, "ended 1", "fine")

    assert scan(data, music).skipped == 0
    assert titles(data) == ["ended 1", "fine"]


def test_a_scan_that_is_stopped_while_it_looks_through_the_folders_reads_nothing(data: Path, music: Path) -> None:
    fill(music, "one")
    scanner = Scanner(data, bundled.MODEL, intro=never)
    scanner.stop()
    assert scanner.scan([music]) == Progress(0, 0, 0)


def test_while_another_livedj_scans_it_says_so(data: Path, music: Path) -> None:
    fill(music, "one")
    scan(data, music)
    with FileLock(data / LOCK_NAME), pytest.raises(ScanError, match="Another livedj"):
        scan(data, music)
    assert scan(data, music).done == 1
