r"""The virtual room: real sound from player to microphone on a machine without a sound card.

    outside player ("the other DJ") -> sink `room` -\
                                                     >- `mic_mix` -> source `mic`  (the default microphone)
    livedj's decks                  -> sink `dj`   -/
                                       (the default output)

A private sound server carries it, so nothing reaches, or is heard from, the machine's own. PortAudio and libVLC join
through `VirtualRoom.environment`.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from livedj.demo.sound_server import BACKENDS, START_SECONDS, Backend, SoundServer, end, present, wait_until
from livedj.errors import RoomError
from livedj.library.decode import decode
from livedj.music import SAMPLE_RATE, Samples, Seconds

ROOM = "room"
"""The sink of the outside player."""
DJ = "dj"
"""The sink of livedj's decks; the default one."""
MIC = "mic"
"""The source that hears both; the default one."""
_MIX = "mic_mix"
_DUMMY = "auto_null"
RECORDING_RATE = 44_100
"""Hz. Of what `VirtualRoom.record` writes."""

_CLIENTS = ("pactl", "pacat", "parec")
_ALSA_PLUGIN = "alsa-lib/libasound_module_pcm_pulse.so"
_ALSA_CONFIG = Path("/usr/share/alsa/alsa.conf")
_ADVICE = "install pulseaudio, pulseaudio-utils and libasound2-plugins (`make demo` does)"


class OutsidePlayer:
    """A song or tone that plays into the room from outside, until it ends or is stopped."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    @property
    def playing(self) -> bool:
        """Whether it still plays."""
        return self._process.poll() is None

    def wait(self, seconds: Seconds | None = None) -> bool:
        """Wait for the end of the sound, at most `seconds`; return whether it has ended."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def stop(self) -> None:
        """Fall silent at once."""
        end(self._process)


class Recording:
    """A recording that runs: a stereo float WAV at RECORDING_RATE."""

    def __init__(self, process: subprocess.Popen[bytes], path: Path, began: Seconds) -> None:
        self._process = process
        self.path = path
        self.began = began
        """The moment of its first sample on the monotonic clock, to some 30 ms."""

    def stop(self) -> Samples:
        """Close the file and return its sound, mono at SAMPLE_RATE."""
        end(self._process)
        return decode(self.path)


class VirtualRoom:
    """A room with an outside player, our loudspeakers and a microphone that hears both; a context manager."""

    environment: dict[str, str]
    """What a process needs so that its PortAudio and libVLC live in this room."""

    def __init__(self, backend: Backend | None = None) -> None:
        """Use `backend`, or the first one that this machine has.

        The room begins with `with`. RoomError, with advice, where this machine cannot have one.
        """
        reason = self.why_not()
        if reason is not None:
            raise RoomError(reason)
        self._backend = backend or next(candidate for candidate in BACKENDS if present(candidate))
        self._outside = dict(os.environ)
        self._restore: dict[str, str | None] = {}
        self._clients: list[subprocess.Popen[bytes]] = []
        self._microphone: str | None = None

    @classmethod
    def why_not(cls) -> str | None:
        """Return why this machine cannot have a virtual room, in one sentence with advice; None where it can."""
        if sys.platform != "linux":
            return "The virtual room needs Linux: it is made of a private PulseAudio or PipeWire server."
        if not any(present(backend) for backend in BACKENDS):
            return f"There is no sound server for the virtual room: {_ADVICE}."
        missing = [program for program in _CLIENTS if not shutil.which(program)]
        if missing:
            return f"{', '.join(missing)} not found, which the virtual room needs: {_ADVICE}."
        libraries = [Path("/usr/lib"), Path("/usr/lib64"), *Path("/usr/lib").glob("*-linux-gnu*")]
        if not any((folder / _ALSA_PLUGIN).exists() for folder in libraries):
            return f"ALSA cannot reach a sound server, so there is no microphone for the virtual room: {_ADVICE}."
        return None

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="livedj-room-"))
        self._server = SoundServer(self._backend, self._folder)
        self.environment = self._write_environment()
        try:
            self._start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._clients:
            end(process)
        self._server.kill()
        for name, value in self._restore.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        shutil.rmtree(self._folder, ignore_errors=True)

    def enter_process(self) -> None:
        """Bring this process into the room until the room ends; call it before PortAudio and libVLC are loaded."""
        self._restore = {name: os.environ.get(name) for name in self.environment}
        os.environ.update(self.environment)

    # -- sound in and out
    def play(self, sound: Samples | Path, start: Seconds = Seconds(0.0)) -> OutsidePlayer:
        """Play mono samples at SAMPLE_RATE, or a file of any format, from `start` on: the other DJ."""
        samples = decode(sound, start) if isinstance(sound, Path) else sound[round(start * SAMPLE_RATE) :]
        # A file in place of a pipe: nobody has to feed it, and its end is the end of the sound.
        with tempfile.TemporaryFile(dir=self._folder) as raw:
            raw.write(np.ascontiguousarray(samples, "<f4").data)
            raw.seek(0)
            command = ["pacat", "--playback", f"--device={ROOM}", "--raw", "--format=float32le", "--channels=1",
                       f"--rate={SAMPLE_RATE}", "--latency-msec=500"]
            return OutsidePlayer(self._client(command, stdin=raw.fileno()))

    def record(self, path: Path, source: str = f"{_MIX}.monitor") -> Recording:
        """Record a source into a WAV file: the whole room, or `room.monitor` or `dj.monitor` for one player alone."""
        path.unlink(missing_ok=True)
        command = ["parec", f"--device={source}", "--file-format=wav", "--format=float32le", "--channels=2",
                   f"--rate={RECORDING_RATE}", "--latency-msec=20", str(path)]
        process = self._client(command)
        header = 256  # more than a WAV header, less than one block
        running = wait_until(lambda: path.exists() and path.stat().st_size > header, START_SECONDS,
                             lambda: process.poll() is None)
        if not running:
            end(process)
            raise RoomError(f"Nothing can be recorded from {source}.")
        recorded = path.stat().st_size / (RECORDING_RATE * 2 * 4)
        return Recording(process, path, Seconds(time.monotonic() - recorded))

    def host_speakers(self) -> bool:
        """Tell whether the machine outside the room has loudspeakers that could be heard."""
        listed = subprocess.run(["pactl", "list", "short", "sinks"], env=self._outside, stdin=subprocess.DEVNULL,
                                capture_output=True, text=True, timeout=START_SECONDS, check=False)
        return any(name != "auto_null" for name in _names(listed.stdout))

    def forward_to_speakers(self) -> None:
        """Let the machine's own loudspeakers play what sounds in the room, until the room ends."""
        form = ["--raw", "--format=s16le", "--channels=2", f"--rate={RECORDING_RATE}", "--latency-msec=100"]
        heard = self._client(["parec", f"--device={_MIX}.monitor", *form], stdout=subprocess.PIPE)
        assert heard.stdout is not None
        with heard.stdout as pipe:
            self._client(["pacat", "--playback", *form], stdin=pipe.fileno(), environment=self._outside)

    # -- accidents
    def unplug_microphone(self) -> None:
        """Take the microphone away; its streams are moved to another source by the server, or end."""
        if self._microphone is not None:
            self._pactl("unload-module", self._microphone)
            self._microphone = None
            self._settle(lambda: MIC not in self._names("sources") and self._pactl("get-default-source") != MIC)

    def plug_microphone(self) -> None:
        """Bring the microphone back, as the default source."""
        if self._microphone is None:
            self._microphone = self._load("module-remap-source", f"source_name={MIC}", f"master={_MIX}.monitor",
                                          "channels=1", "channel_map=mono", "master_channel_map=front-left",
                                          "remix=no")
            self._make_default("source", MIC)

    def suspend_microphone(self, on: bool) -> None:
        """Let the microphone hang: its streams stay, and no sound comes. RoomError where the server cannot."""
        if not self._backend.suspends:
            raise RoomError(f"{self._backend.name} does not suspend a microphone that is listened to.")
        self._pactl("suspend-source", MIC, "1" if on else "0")

    def kill_server(self) -> None:
        """Kill the sound server (SIGKILL): every stream in the room breaks."""
        self._server.kill()
        self._microphone = None

    def restart_server(self) -> None:
        """Start a fresh server at the same address, with the same devices."""
        self.kill_server()
        self._start()

    def unplug_speakers(self) -> None:
        """Take our only loudspeakers away: as on desktops, their streams go on into a dummy that nobody hears."""
        self._load("module-null-sink", f"sink_name={_DUMMY}")
        self._make_default("sink", _DUMMY)
        self.remove_speakers(DJ)

    def plug_speakers(self) -> None:
        """Bring our loudspeakers back, as the default output."""
        self.add_speakers(DJ)
        self.choose_speakers(DJ)
        self.remove_speakers(_DUMMY)

    def add_speakers(self, name: str) -> None:
        """Plug in loudspeakers that the room hears; they do not become the default output."""
        self._load("module-null-sink", f"sink_name={name}", "format=float32le", f"rate={RECORDING_RATE}", "channels=2")
        self._load("module-loopback", f"source={name}.monitor", f"sink={_MIX}", "latency_msec=30",
                   "source_dont_move=true", "sink_dont_move=true")
        self._warm_up(f"{name}.monitor")

    def remove_speakers(self, name: str) -> None:
        """Pull loudspeakers out; the server moves their streams to the default output."""
        modules = (line.split("\t") for line in self._pactl("list", "short", "modules").splitlines())
        sink = next(number for number, _, words, *_ in modules if f"sink_name={name}" in words.split())
        self._pactl("unload-module", sink)
        self._settle(lambda: name not in self._names("sinks"))

    def choose_speakers(self, name: str) -> None:
        """Make these loudspeakers the default output; the streams that did not ask for others follow."""
        self._make_default("sink", name)

    def suspend_speakers(self, on: bool) -> None:
        """Let our loudspeakers hang: their streams stay, and stand still."""
        self._pactl("suspend-sink", DJ, "1" if on else "0")

    def mute_speakers(self, on: bool) -> None:
        """Mute our loudspeakers, as a person does in the sound settings."""
        self._pactl("set-sink-mute", DJ, "1" if on else "0")

    # -- set-up
    def _start(self) -> None:
        self._server.start(self._outside)
        answers = wait_until(lambda: self._ask("info").returncode == 0, START_SECONDS)
        if not answers:
            raise RoomError(f"The private {self._backend.name} server does not answer.")
        for sink in (ROOM, DJ, _MIX):
            self._load("module-null-sink", f"sink_name={sink}", "format=float32le", f"rate={RECORDING_RATE}",
                       "channels=2")
        for sink in (ROOM, DJ):
            self._load("module-loopback", f"source={sink}.monitor", f"sink={_MIX}", "latency_msec=30",
                       "source_dont_move=true", "sink_dont_move=true")
        self._make_default("sink", DJ)
        self.plug_microphone()
        self._warm_up()

    def _warm_up(self, source: str = MIC) -> None:
        """Read a source once: a fresh server, or fresh loudspeakers, deliver nothing for the first two seconds."""
        process = self._client(["parec", f"--device={source}", "--raw", "--latency-msec=30"], stdout=subprocess.PIPE)
        assert process.stdout is not None
        with process.stdout as pipe:
            os.set_blocking(pipe.fileno(), False)
            heard = wait_until(lambda: bool(pipe.read(4096)), START_SECONDS, lambda: process.poll() is None)
            end(process)
        if not heard:
            raise RoomError(f"The virtual room's {source} delivers no sound.")

    def _write_environment(self) -> dict[str, str]:
        """Write the clients' configuration; return the environment that points to it."""
        alsa, client = self._folder / "asound.conf", self._folder / "client.conf"
        alsa.write_text(f"<{_ALSA_CONFIG}>\npcm.!default {{ type pulse }}\nctl.!default {{ type pulse }}\n")
        client.write_text("autospawn = no\nenable-shm = no\n")
        return {
            "PULSE_SERVER": f"unix:{self._server.socket}",
            "PULSE_CLIENTCONFIG": str(client),
            "PULSE_RUNTIME_PATH": str(self._folder),
            "ALSA_CONFIG_PATH": str(alsa),
        }

    def _client(
        self, command: Sequence[str], stdin: int = subprocess.DEVNULL, stdout: int = subprocess.DEVNULL,
        environment: Mapping[str, str] | None = None,
    ) -> subprocess.Popen[bytes]:
        self._clients = [process for process in self._clients if process.poll() is None]
        process = subprocess.Popen(command, stdin=stdin, stdout=stdout, stderr=subprocess.DEVNULL,
                                   env=environment or {**self._outside, **self.environment}, start_new_session=True)
        self._clients.append(process)
        return process

    def _make_default(self, kind: str, name: str) -> None:
        self._settle(lambda: name in self._names(f"{kind}s"))
        # "Not supported" is the answer until WirePlumber, which keeps PipeWire's defaults, is up.
        self._settle(lambda: self._ask(f"set-default-{kind}", name).returncode == 0)
        self._settle(lambda: self._pactl(f"get-default-{kind}") == name)

    def _settle(self, condition: Callable[[], bool]) -> None:
        """Wait for what was ordered: PipeWire's devices come, go and become the default a moment after its answer."""
        if not wait_until(condition, START_SECONDS):
            raise RoomError(f"The private {self._backend.name} server does not do what it is told.")

    def _names(self, kind: str) -> list[str]:
        return _names(self._pactl("list", "short", kind))

    def _load(self, *module: str) -> str:
        return self._pactl("load-module", *module)

    def _pactl(self, *words: str) -> str:
        answer = self._ask(*words)
        if answer.returncode:
            raise RoomError(f"The virtual room's server refused `{' '.join(words)}`: {answer.stderr.strip()}.")
        return answer.stdout.strip()

    def _ask(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["pactl", *words], env={**self._outside, **self.environment}, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=START_SECONDS, check=False)


def _names(listed: str) -> list[str]:
    """Return the names out of a table of `pactl list short`."""
    return [line.split("\t")[1] for line in listed.splitlines() if "\t" in line]
