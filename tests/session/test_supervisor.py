"""The parent process with real children that die, freeze, refuse and are asked to go."""

import os
import queue
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from livedj.night.state import NightState, load, save
from tests.session.waiting import PATIENCE, eventually

if sys.platform == "win32":
    pytest.skip("sends POSIX signals", allow_module_level=True)

from tests.session.child import lock_is_free


class _Terminal:
    """A supervised program and what is read on its terminal."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.children: list[int] = []
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line.strip())
        self._lines.put(None)

    def until(self, beginning: str) -> str:
        """Wait for a line that begins so; return what follows."""
        deadline = time.monotonic() + PATIENCE
        passed: list[str] = []
        while True:
            try:
                line = self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                line = None
            assert line is not None, f"no “{beginning}”, but {passed[-20:]}"
            if line.startswith(beginning):
                return line.removeprefix(beginning).strip()
            passed.append(line)

    def life(self) -> tuple[int, str]:
        """Wait for the next life; return its pid and what it was told."""
        pid, _, sentence = self.until("life").partition(" ")
        self.children.append(int(pid))
        return int(pid), sentence

    def end(self) -> tuple[int, list[str]]:
        """Wait for the end of all; return the exit code and what else was said."""
        code = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        said = []
        while (line := self._lines.get(timeout=PATIENCE)) is not None:
            said.append(line)
        return code, said

    def close(self) -> None:
        """Read on until nobody is left that could say anything."""
        self._reader.join(PATIENCE)


@contextmanager
def _program(data: Path, way: str, *, auto: bool = True, within: Sequence[str] = ()) -> Iterator[_Terminal]:
    save(NightState(auto), data)
    command = [*within, sys.executable, "-m", "tests.session.parent", str(data), way]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        terminal = _Terminal(process)
        try:
            yield terminal
        finally:
            process.kill()
            for child in terminal.children:
                with suppress(ProcessLookupError):
                    os.killpg(child, signal.SIGKILL)
            terminal.close()


def test_killed_at_seeded_moments_it_starts_again_and_the_state_is_whole(tmp_path: Path) -> None:
    moments = random.Random(4)
    for _ in range(10):
        with _program(tmp_path, "on") as terminal:
            pid, told = terminal.life()
            assert told == ""
            terminal.until(f"tick {moments.randint(0, 30)}")
            os.kill(pid, signal.SIGKILL)
            killed = time.monotonic()
            assert terminal.until("livedj").endswith("at once.")
            again, told = terminal.life()
            assert time.monotonic() - killed < 15.0  # half a second on a busy machine, most of it the child's own start
            assert again != pid
            assert told == "livedj was ended by SIGKILL."
            assert load(tmp_path).auto
            terminal.until("tick 0")


def test_without_auto_dj_a_death_is_final_and_said(tmp_path: Path) -> None:
    with _program(tmp_path, "crash", auto=False) as terminal:
        terminal.life()
        assert terminal.end() == (128 + signal.SIGSEGV, ["livedj was ended by SIGSEGV."])


@pytest.mark.parametrize("code", [0, 1, 2, 130])
def test_who_ends_by_himself_or_refuses_is_not_started_again(tmp_path: Path, code: int) -> None:
    with _program(tmp_path, f"exit:{code}") as terminal:
        terminal.life()
        assert terminal.end() == (code, [])


def test_a_crash_while_it_is_being_closed_starts_nothing_again(tmp_path: Path) -> None:
    with _program(tmp_path, "quiet crash") as terminal:
        terminal.life()
        assert terminal.end() == (128 + signal.SIGSEGV, [])


def test_what_dies_again_and_again_is_given_more_and_more_time(tmp_path: Path) -> None:
    with _program(tmp_path, "exit:70") as terminal:
        waits = []
        for _ in range(3):
            terminal.life()
            waits.append(terminal.until("livedj broke off with exit code 70. It starts again"))
        assert waits == [f"{when}." for when in ("at once", "in 1 s", "in 2 s")]
        save(NightState(auto=False), tmp_path)
        assert terminal.end()[0] == 70


def test_whoever_asks_between_two_lives_is_heard(tmp_path: Path) -> None:
    with _program(tmp_path, "exit:70") as terminal:
        for _ in range(3):
            terminal.until("livedj broke off")
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.end()[0] == 128 + signal.SIGTERM


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_reaches_the_program_and_its_answer_is_final(tmp_path: Path, number: signal.Signals) -> None:
    with _program(tmp_path, "on") as terminal:
        terminal.life()
        terminal.until("tick")
        terminal.process.send_signal(number)
        assert terminal.until("got") == number.name
        assert terminal.end()[0] == 7


def test_ctrl_c_reaches_the_program_once(tmp_path: Path) -> None:
    """A terminal sends it to every process of the foreground group; the program is in another one."""
    with _program(tmp_path, "on") as terminal:
        child, _ = terminal.life()
        assert os.getpgid(child) == child
        assert os.getpgid(terminal.process.pid) != child


def test_a_program_whose_parent_is_killed_goes_on(tmp_path: Path) -> None:
    with _program(tmp_path, "on") as terminal:
        child, _ = terminal.life()
        terminal.until("tick")
        terminal.process.kill()
        terminal.process.wait(PATIENCE)
        for _ in range(50):
            terminal.until("tick")
        os.kill(child, signal.SIGTERM)
        assert terminal.until("got") == "SIGTERM"


def test_a_frozen_program_is_ended_and_started_again(tmp_path: Path) -> None:
    with _program(tmp_path, "on") as terminal:
        frozen, _ = terminal.life()
        terminal.until("tick")
        os.kill(frozen, signal.SIGSTOP)
        again, told = terminal.life()
        assert again != frozen
        assert told == "livedj did not answer any more and was ended."


def test_a_window_that_is_frozen_is_a_frozen_program(tmp_path: Path) -> None:
    with _program(tmp_path, "deaf") as terminal:
        terminal.life()
        assert terminal.life()[1] == "livedj did not answer any more and was ended."


def test_a_frozen_program_that_is_asked_to_go_is_ended_even_without_auto_dj(tmp_path: Path) -> None:
    with _program(tmp_path, "on", auto=False) as terminal:
        frozen, _ = terminal.life()
        terminal.until("tick")
        os.kill(frozen, signal.SIGSTOP)
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.end()[0] == 128 + signal.SIGKILL


def test_what_a_dead_program_has_started_is_ended_with_it(tmp_path: Path) -> None:
    with _program(tmp_path, "heir") as terminal:
        pid, _ = terminal.life()
        terminal.until("held")
        os.kill(pid, signal.SIGKILL)
        terminal.life()
        terminal.until("held")  # the second one can hold what the first one held
        terminal.process.kill()
        os.killpg(terminal.children[-1], signal.SIGKILL)
        eventually(lambda: lock_is_free(tmp_path), "nobody holds the lock")


def test_a_program_that_is_not_there_is_said(tmp_path: Path) -> None:
    with _program(tmp_path, "missing", auto=False) as terminal:
        assert terminal.end() == (71, ["livedj broke off with exit code 71."])


def test_the_parent_loads_nothing_large() -> None:
    """It stands between a person and the start: tens of milliseconds, as long as these stay out of it."""
    code = "import sys, livedj.night.supervisor; print(*sys.modules)"
    command = [sys.executable, "-c", code]
    loaded = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=PATIENCE).stdout.split()
    assert {"numpy", "click", "logging", "asyncio", "platformdirs", "tomllib", "ssl", "livedj.music"}.isdisjoint(loaded)


def test_without_a_loopback_interface_a_death_is_noticed_all_the_same(tmp_path: Path) -> None:
    alone = ["unshare", "--map-root-user", "--net"]
    try:
        subprocess.run([*alone, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this system gives nobody a network of his own")
    with _program(tmp_path, "on", within=alone) as terminal:
        pid, _ = terminal.life()
        terminal.until("tick 5")
        os.kill(pid, signal.SIGKILL)
        assert terminal.life()[1] == "livedj was ended by SIGKILL."
        terminal.until("tick 5")
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.end()[0] == 7
