"""Faults of the machine, its clock, and the person at it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress

from tests.chaos.faults.frame import Scene, fault

_JUMP = 3 * 3600
_BUSY_EACH = 3
# Busy processes a processor.
_NICENESS = -5
_SKIPS, _BETWEEN = 10, 0.4


@fault("computer sleeps", holds=4)
def _(scene: Scene) -> Iterator[str]:
    with scene.no_output():
        scene.program.signal(signal.SIGSTOP)
        yield ""
        scene.program.signal(signal.SIGCONT)


@fault("wall clock jumps", holds=8)
def _(scene: Scene) -> Iterator[str]:
    clock = scene.program.triggers / "clock"
    clock.write_text(str(scene.chance.choice((-_JUMP, _JUMP))), encoding="utf-8")
    yield "three hours"
    clock.unlink()


@fault("processor starved", holds=6)
def _(scene: Scene) -> Iterator[str]:
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(_BUSY_EACH * _processors())]
    try:
        for process in busy:
            with suppress(PermissionError):
                os.setpriority(os.PRIO_PROCESS, process.pid, _NICENESS)
        yield f"{len(busy)} busy processes"
    finally:
        for process in busy:
            process.kill()
            process.wait()


@fault("many skips", holds=6)
def _(scene: Scene) -> Iterator[str]:
    for _ in range(_SKIPS):
        scene.program.skip()
        time.sleep(_BETWEEN)
    yield f"{_SKIPS} skips"


def _processors() -> int:
    return os.cpu_count() or 1
