"""One livedj with a window, in a process of its own."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from livedj.demo.room import VirtualRoom


def child(
    room: VirtualRoom, data: Path, seconds: float, song: Path, *, scan: Path | None = None, bytecode: Path | None = None
) -> dict[str, float]:
    """Run livedj in a process of its own while a song plays in the room."""
    environment = os.environ | ({"PYTHONPYCACHEPREFIX": str(bytecode)} if bytecode else {})
    player = room.play(song)
    command = [sys.executable, "-m", "tests.bench.child"]
    arguments = [str(time.monotonic()), str(data), str(seconds), str(scan or "")]
    done = subprocess.run([*command, *arguments], env=environment, stdout=subprocess.PIPE, check=True, timeout=300)
    player.stop()
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result
