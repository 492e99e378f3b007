"""A recorder for rooms whose sound server is killed: it reconnects, and knows the moment of every sample.

It hears the right side of the room alone. The guests stand on the left, where the microphone is: so a room that is loud
with guests is still silent where our loudspeakers are.
"""

import os
import subprocess
import threading
import time
import wave
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO

import numpy as np

from livedj.demo.sound_server import end
from tests.chaos.judge import RATE, Piece

_AGAIN = 0.1
# Seconds between two attempts to connect.
_READ = 65_536
# Bytes; a pipe holds no more.
_ROOM = "mic_mix.monitor"
_CHANNELS = 2
_FRAME = 2 * _CHANNELS
# Bytes.


class Recorder:
    """Records the room from `start` to `stop`, in one WAV file a connection."""

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        self._environment = {**os.environ, **environment}
        self._folder = folder
        self._stopped = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._pieces: list[Piece] = []
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)

    def start(self) -> None:
        """Begin to record as soon as the source is there."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._thread.start()

    def stop(self) -> list[Piece]:
        """Stop, and return what was recorded."""
        self._stopped.set()
        while self._thread.is_alive():
            if self._process is not None:
                end(self._process)
            self._thread.join(_AGAIN)
        return self._pieces

    def _run(self) -> None:
        command = ["parec", f"--device={_ROOM}", "--raw", "--format=s16le", f"--channels={_CHANNELS}",
                   f"--rate={RATE}", "--latency-msec=50"]
        while not self._stopped.is_set():
            self._process = subprocess.Popen(command, env=self._environment, stdin=subprocess.DEVNULL,
                                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True)
            with suppress(PermissionError):  # as sound servers do it: what listens comes before what computes
                os.setpriority(os.PRIO_PROCESS, self._process.pid, -11)
            assert self._process.stdout is not None
            with self._process.stdout as pipe:
                self._take(pipe)
            self._process.wait()
            self._stopped.wait(_AGAIN)

    def _take(self, pipe: IO[bytes]) -> None:
        """Write down what one connection brings, until it breaks."""
        path = self._folder / f"room {len(self._pieces):03}.wav"
        sound = bytearray()
        marks: list[tuple[int, float]] = []
        with wave.open(str(path), "wb") as file:
            file.setnchannels(_CHANNELS)
            file.setsampwidth(2)
            file.setframerate(RATE)
            while part := os.read(pipe.fileno(), _READ):
                sound += part
                marks.append((len(sound) // _FRAME, time.monotonic()))
                file.writeframesraw(part)
        if not marks:
            path.unlink()
            return
        frames = np.frombuffer(sound[: len(sound) // _FRAME * _FRAME], "<i2").reshape(-1, _CHANNELS)
        self._pieces.append(Piece(frames[:, -1], np.array(marks, np.float64)))
