"""A private sound server for the virtual room: PulseAudio, or PipeWire where that is what the machine has.

Both speak PulseAudio's protocol on a socket in a folder of their own, need no sound card, no systemd and no screen,
and touch nothing of the person's own sound server.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from livedj.errors import RoomError

START_SECONDS = 20.0
"""Until a server must answer; 0.2 s is usual, a busy build machine needs more."""

# The server shall not outlive us, whatever ends us: this shell reads its standard input, a pipe that only we hold, and
# kills the server when the pipe closes. It ends by itself when the server does.
_GUARD = """
exec 3<&0
"$@" </dev/null 3<&- & server=$!
{ read -r _ <&3; kill -KILL $server; } & guard=$!
wait $server
status=$?
kill $guard 2>/dev/null
exit $status
"""


@dataclass(frozen=True, slots=True)
class Service:
    """One program of a sound server, and the socket that appears when it is ready (None: at once)."""

    command: Sequence[str]
    socket: Path | None = None


class Backend(Protocol):
    """How one kind of sound server is set up in a folder."""

    name: str
    programs: Sequence[str]
    """What must be on the PATH."""
    suspends: bool
    """Whether a source can be suspended while somebody reads it."""

    def socket(self, folder: Path) -> Path:
        """Return the socket that clients connect to."""

    def environment(self, folder: Path) -> dict[str, str]:
        """Return what the server's own programs need in their environment."""

    def services(self, folder: Path) -> Sequence[Service]:
        """Write what configuration it needs into `folder`; return the programs in the order they are started."""


class PulseAudio:
    """The classic server: one program."""

    name = "PulseAudio"
    programs: Sequence[str] = ("pulseaudio",)
    suspends = True

    def socket(self, folder: Path) -> Path:
        """Return the socket that clients connect to."""
        return folder / "native"

    def environment(self, folder: Path) -> dict[str, str]:
        """Keep the server's state, configuration and run-time files in the folder."""
        return {
            "PULSE_RUNTIME_PATH": str(folder),
            "PULSE_STATE_PATH": str(folder),
            "PULSE_CONFIG_PATH": str(folder),
            "PULSE_CONFIG": str(folder / "daemon.conf"),
        }

    def services(self, folder: Path) -> Sequence[Service]:
        """Return the one server; devices are loaded later through its socket."""
        # flat-volumes would let one player's volume turn the sink; real-time priorities need rights we may not have.
        options = "flat-volumes = no\nrealtime-scheduling = no\nhigh-priority = no\ndefault-sample-rate = 44100\n"
        (folder / "daemon.conf").write_text(options)
        protocol = f"module-native-protocol-unix auth-anonymous=1 socket={self.socket(folder)}"
        command = ["pulseaudio", "-n", f"--load={protocol}", "--daemonize=no", "--exit-idle-time=-1"]
        return [Service([*command, "--use-pid-file=no", "--disable-shm=yes"], self.socket(folder))]


class PipeWire:
    """The newer server: the graph, the policy (which wants a session bus), and PulseAudio's protocol on top."""

    name = "PipeWire"
    programs: Sequence[str] = ("pipewire", "wireplumber", "pipewire-pulse", "dbus-daemon")
    suspends = False

    def socket(self, folder: Path) -> Path:
        """Return the socket that clients connect to."""
        return folder / "pulse" / "native"

    def environment(self, folder: Path) -> dict[str, str]:
        """Keep the server's sockets and state in the folder, and WirePlumber on a bus of our own."""
        bus = f"unix:path={folder / 'bus'}"
        return {
            "XDG_RUNTIME_DIR": str(folder),
            "XDG_STATE_HOME": str(folder / "state"),
            "XDG_CONFIG_HOME": str(folder / "config"),
            "PIPEWIRE_RUNTIME_DIR": str(folder),
            "PULSE_RUNTIME_PATH": str(folder / "pulse"),
            "DBUS_SESSION_BUS_ADDRESS": bus,
        }

    def services(self, folder: Path) -> Sequence[Service]:
        """Return bus, graph, policy and protocol, each after what it needs."""
        bus = folder / "bus"
        return [
            Service(["dbus-daemon", "--session", "--nofork", "--nopidfile", f"--address=unix:path={bus}"], bus),
            Service(["pipewire"], folder / "pipewire-0"),
            Service(["wireplumber"]),
            Service(["pipewire-pulse"], self.socket(folder)),
        ]


BACKENDS: Sequence[Backend] = (PulseAudio(), PipeWire())
"""In the order they are preferred where a machine has both: PulseAudio can do all that the tests want."""


def present(backend: Backend) -> bool:
    """Tell whether all programs of `backend` are installed."""
    return all(shutil.which(program) for program in backend.programs)


class SoundServer:
    """The running programs of one backend."""

    def __init__(self, backend: Backend, folder: Path) -> None:
        self.backend = backend
        self.folder = folder
        self._services = backend.services(folder)
        self._running: list[subprocess.Popen[bytes]] = []

    @property
    def socket(self) -> Path:
        """The socket that clients connect to; the same after a restart."""
        return self.backend.socket(self.folder)

    def start(self, environment: Mapping[str, str]) -> None:
        """Start all programs and return when the last one's socket is there; RoomError where one fails."""
        with (self.folder / "server.log").open("ab") as log:
            for service in self._services:
                process = subprocess.Popen(
                    ["sh", "-c", _GUARD, "sh", *service.command],
                    stdin=subprocess.PIPE, stdout=log, stderr=log,
                    env={**environment, **self.backend.environment(self.folder)},
                    start_new_session=True,  # a Ctrl-C is for us: the server goes when we have tidied up
                )
                self._running.append(process)
                if service.socket is not None:
                    self._wait_for(service.socket, process, service.command[0])

    def kill(self) -> None:
        """Kill all programs (SIGKILL, by their guards) and remove their sockets, so that a new start is clean."""
        for process in reversed(self._running):
            assert process.stdin is not None
            process.stdin.close()
        for process in self._running:
            process.wait()
        self._running.clear()
        for service in self._services:
            if service.socket is not None:
                service.socket.unlink(missing_ok=True)

    def _wait_for(self, socket: Path, process: subprocess.Popen[bytes], name: str) -> None:
        wait_until(socket.exists, START_SECONDS, lambda: process.poll() is None)
        if not socket.exists():
            said = (self.folder / "server.log").read_text(errors="replace").strip().splitlines() or ["it said nothing"]
            raise RoomError(f"The private sound server did not start ({name}): {said[-1]}.")


def wait_until(condition: Callable[[], bool], seconds: float, hope: Callable[[], bool] = lambda: True) -> bool:
    """Wait until `condition` holds, at most `seconds` and only while there is `hope`; return whether it holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline or not hope():
            return condition()
        time.sleep(0.005)
    return True


def end(process: subprocess.Popen[bytes], seconds: float = 3.0) -> None:
    """Ask a client program to end (SIGTERM, so that it closes its file), and kill it when it does not."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGTERM)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
