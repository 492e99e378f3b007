"""Faults of the sound system, and of the people in the room."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np

from livedj.demo.room import DJ, ROOM, VirtualRoom
from livedj.demo.sound_server import end
from livedj.library.decode import decode
from livedj.music import SAMPLE_RATE
from tests.chaos.faults.frame import OTHER, Scene, fault
from tests.chaos.program import send

_SERVERS = ("pulseaudio", "pipewire", "pipewire-pulse", "wireplumber")
_TALK = "Hello! Is this on? Who chose this song? I like it. Let us have another drink before the next one begins. "


@fault("microphone removed", holds=4)
def _(scene: Scene) -> Iterator[str]:
    scene.room.unplug_microphone()
    yield ""
    scene.room.plug_microphone()


@fault("microphone suspended", holds=4)
def _(scene: Scene) -> Iterator[str]:
    scene.room.suspend_microphone(True)
    yield ""
    scene.room.suspend_microphone(False)


@fault("sound server killed", holds=1.5)
def _(scene: Scene) -> Iterator[str]:
    with scene.no_output():
        scene.room.kill_server()
        yield ""
        scene.room.restart_server()
    favour_server(scene.room)


@fault("sound server hangs", holds=3)
def _(scene: Scene) -> Iterator[str]:
    servers = _servers(scene.room)
    with scene.no_output():
        for server in servers:
            send(server, signal.SIGSTOP)
        yield f"{len(servers)} processes"
        for server in servers:
            send(server, signal.SIGCONT)


@fault("speakers removed, none left", holds=3)
def _(scene: Scene) -> Iterator[str]:
    with scene.no_output():
        scene.room.unplug_speakers()
        yield ""
        scene.room.plug_speakers()


@fault("speakers removed, others left", holds=6)
def _(scene: Scene) -> Iterator[str]:
    scene.room.add_speakers(OTHER)
    scene.room.choose_speakers(OTHER)
    scene.room.remove_speakers(DJ)
    yield ""
    scene.room.add_speakers(DJ)
    scene.room.choose_speakers(DJ)
    scene.room.remove_speakers(OTHER)


@fault("default output changed", holds=6)
def _(scene: Scene) -> Iterator[str]:
    scene.room.add_speakers(OTHER)
    scene.room.choose_speakers(OTHER)
    yield ""
    scene.room.choose_speakers(DJ)
    scene.room.remove_speakers(OTHER)


@fault("speakers suspended", holds=3)
def _(scene: Scene) -> Iterator[str]:
    with scene.no_output():
        scene.room.suspend_speakers(True)
        yield ""
        scene.room.suspend_speakers(False)


@fault("guests play music", holds=8)
def _(scene: Scene) -> Iterator[str]:
    song = scene.chance.choice(sorted(scene.songs.values()))
    with _guests(scene, song):
        yield song.name


@fault("guests talk", holds=8)
def _(scene: Scene) -> Iterator[str]:
    spoken = scene.scratch / "talk.wav"
    subprocess.run(["espeak-ng", "-a", "180", "-w", str(spoken), 3 * _TALK], check=True)
    with _guests(scene, spoken):
        yield ""


@contextmanager
def _guests(scene: Scene, path: Path) -> Iterator[None]:
    """Play a file on the left side of the room, see tests.chaos.recorder."""
    samples = decode(path)
    raw = scene.scratch / "guests.raw"
    raw.write_bytes(np.stack([samples, np.zeros_like(samples)], axis=1).astype("<f4").tobytes())
    command = ["pacat", "--playback", f"--device={ROOM}", "--raw", "--format=float32le", "--channels=2",
               f"--rate={SAMPLE_RATE}", str(raw)]
    player = subprocess.Popen(command, env={**os.environ, **scene.room.environment}, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        end(player)


def favour_server(room: VirtualRoom) -> None:
    """Let the room's sound server come before other processes, as every desktop does."""
    for server in _servers(room):
        with suppress(PermissionError, ProcessLookupError):
            os.setpriority(os.PRIO_PROCESS, server, -11)


def _servers(room: VirtualRoom) -> list[int]:
    """Return the processes of the room's sound server."""
    folder = room.environment["PULSE_RUNTIME_PATH"]
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                name = (process / "comm").read_text(encoding="utf-8").strip()
                inside = f"PULSE_RUNTIME_PATH={folder}" in (process / "environ").read_text(errors="replace").split("\0")
            except OSError:  # it has just ended, or is somebody else's
                continue
            if name in _SERVERS and inside:
                found.append(int(process.name))
    return found
