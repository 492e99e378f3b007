"""The virtual room carries real sound: from pacat and libVLC through a sound server to a PortAudio callback."""

import queue
import time
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import pulsectl
import pytest
import sounddevice
import vlc

from livedj.demo.room import MIC, OutsidePlayer, VirtualRoom
from livedj.demo.sound_server import BACKENDS, Backend, present
from livedj.errors import RoomError
from livedj.music import SAMPLE_RATE, Dbfs, Samples, Seconds
from tests.conftest import reopen_portaudio

pytestmark = pytest.mark.room

ENOUGH = 15.0
"""Seconds that anything may take on a slow machine."""
LOUD, QUIET = Dbfs(-30.0), Dbfs(-50.0)
"""Tones are played at −12 dB; a click that a busy machine makes of one leaks some −60 dB into the other."""
LOW, HIGH = 441.0, 1102.5
Play = Callable[[Samples], OutsidePlayer]


class Ear:
    """A PortAudio stream on the default input, as the listener opens one."""

    def __init__(self) -> None:
        self.blocks: queue.Queue[Samples] = queue.Queue()
        self.stream = sounddevice.InputStream(samplerate=44_100, channels=1, blocksize=1024, callback=self._take)

    def _take(self, block: Samples, *_: object) -> None:
        self.blocks.put(block[:, 0].copy())

    def __enter__(self) -> Self:
        self.stream.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stream.close()

    def hear(self, seconds: float) -> Samples:
        """Return the next `seconds`; queue.Empty where no sound comes."""
        blocks = [self.blocks.get(timeout=ENOUGH) for _ in range(round(seconds * 44_100 / 1024))]
        return np.concatenate(blocks)

    def hears(self, hertz: float) -> bool:
        """Wait for a tone and return whether it came in time."""
        deadline = time.monotonic() + ENOUGH
        while time.monotonic() < deadline:
            if level(self.hear(0.25), hertz, 44_100) > LOUD:
                return True
        return False

    def falls_silent(self) -> bool:
        """Wait until no block has come for half a second."""
        deadline = time.monotonic() + ENOUGH
        while time.monotonic() < deadline:
            try:
                self.blocks.get(timeout=0.5)
            except queue.Empty:
                return True
        return False


def tone(hertz: float, seconds: float) -> Samples:
    """Return a sine of amplitude 0.25."""
    moments = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return np.asarray(0.25 * np.sin(2 * np.pi * hertz * moments), np.float32)


def level(samples: Samples, hertz: float, rate: int = SAMPLE_RATE) -> Dbfs:
    """Return the amplitude within 50 Hz of a frequency, in dB below full scale.

    A band and not one line: a block that a busy machine loses makes the phase jump, and the line may cancel itself.
    """
    window = np.hanning(samples.size)
    near = np.abs(np.fft.rfftfreq(samples.size, 1 / rate) - hertz) < 50
    power = 2 * np.sum(np.abs(np.fft.rfft(samples * window)[near]) ** 2) / (samples.size * np.sum(window**2))
    return Dbfs(10 * np.log10(2 * power + 1e-18))


def sources(room: VirtualRoom) -> tuple[set[str], str]:
    """Return the names of all sources, and of the default one.

    Each time over a connection of its own: PipeWire's answer to an old one may be what was true when the device went.
    """
    with pulsectl.Pulse("a test", server=room.environment["PULSE_SERVER"]) as pulse:
        return {source.name for source in pulse.source_list()}, pulse.server_info().default_source_name


@pytest.fixture(scope="module", params=BACKENDS, ids=lambda backend: backend.name)
def lived_in(request: pytest.FixtureRequest) -> Iterator[VirtualRoom]:
    """Yield a room of each kind that this machine can have, with this process in it; one kind there must be."""
    backend: Backend = request.param
    reason = VirtualRoom.why_not()
    if reason is None and not present(backend):
        pytest.skip(f"{backend.name} is not installed, another sound server is")
    with VirtualRoom(backend) as room:
        room.enter_process()
        reopen_portaudio()
        yield room
    reopen_portaudio()


@pytest.fixture
def play(lived_in: VirtualRoom) -> Iterator[Play]:
    """Return a function that plays samples into the room until the test is over: two equal tones can cancel out."""
    players: list[OutsidePlayer] = []

    def begin(samples: Samples) -> OutsidePlayer:
        players.append(lived_in.play(samples))
        return players[-1]

    yield begin
    for player in players:
        player.stop()


@pytest.fixture
def vlc_plays(tmp_path: Path) -> Iterator[Callable[[Samples], None]]:
    """Return a function that plays samples with libVLC on the default output."""
    instance = vlc.Instance("--aout=pulse", "--no-video", "--quiet")
    player: Any = instance.media_player_new()

    def play(samples: Samples) -> None:
        path = tmp_path / "tone.wav"
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
            file.writeframes((samples * 32_767).astype("<i2").tobytes())
        player.set_media(instance.media_new(str(path)))
        player.play()

    yield play
    player.stop()
    player.release()
    instance.release()


def test_a_tone_from_outside_arrives_at_the_microphone_at_its_pitch(play: Play) -> None:
    play(tone(LOW, 60))
    with Ear() as ear:
        assert ear.hears(LOW)
        heard = ear.hear(1.0)
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(heard.size)))
    assert spectrum.argmax() * 44_100 / heard.size == pytest.approx(LOW, rel=0.015)  # a quarter of a semitone


def test_a_file_is_played_from_its_middle_to_its_end(lived_in: VirtualRoom, play: Play, tmp_path: Path) -> None:
    recording = lived_in.record(tmp_path / "tone.wav")
    first = play(np.concatenate([tone(LOW, 1.0), tone(HIGH, 1.0)]))
    assert first.wait(Seconds(ENOUGH))
    recording.stop()
    again = lived_in.record(tmp_path / "again.wav")
    second = lived_in.play(tmp_path / "tone.wav", start=Seconds(1.4))
    assert second.wait(Seconds(ENOUGH))
    assert not second.playing
    sound = again.stop()
    assert level(sound, HIGH) > LOUD
    assert level(sound, LOW) < level(sound, HIGH) - 20


def test_monitors_hold_their_own_player_and_the_microphone_holds_both(
    lived_in: VirtualRoom, play: Play, vlc_plays: Callable[[Samples], None], tmp_path: Path
) -> None:
    recordings = {name: lived_in.record(tmp_path / f"{name}.wav", name)
                  for name in ("room.monitor", "dj.monitor", "mic_mix.monitor", "mic")}
    play(tone(LOW, 60))
    vlc_plays(tone(HIGH, 60))
    with Ear() as ear:
        assert ear.hears(LOW)
        assert ear.hears(HIGH)
        ear.hear(1.0)
    levels = {name: (level(sound[-SAMPLE_RATE:], LOW), level(sound[-SAMPLE_RATE:], HIGH))
              for name, sound in ((name, recording.stop()) for name, recording in recordings.items())}
    assert levels["room.monitor"][0] > LOUD
    assert levels["room.monitor"][1] < QUIET
    assert levels["dj.monitor"][0] < QUIET
    assert levels["dj.monitor"][1] > LOUD
    assert min(levels["mic_mix.monitor"]) > LOUD
    assert min(levels["mic"]) > LOUD


def test_a_recording_knows_when_it_began(lived_in: VirtualRoom, play: Play, tmp_path: Path) -> None:
    recording = lived_in.record(tmp_path / "room.wav")
    asked = time.monotonic()
    player = play(tone(LOW, 0.5))
    assert player.wait(Seconds(ENOUGH))
    ended = time.monotonic()
    sound = recording.stop()
    loud = np.flatnonzero(np.abs(sound) > 0.1) / SAMPLE_RATE + recording.began
    assert asked - 0.3 < loud[0]
    assert loud[-1] < ended + 0.3
    assert loud[-1] - loud[0] == pytest.approx(0.5, abs=0.25)


def test_a_suspended_microphone_gives_no_blocks_and_wakes_up(lived_in: VirtualRoom, play: Play) -> None:
    play(tone(LOW, 60))
    with Ear() as ear:
        assert ear.hears(LOW)
        try:
            lived_in.suspend_microphone(True)
        except RoomError as error:
            pytest.skip(str(error))
        assert ear.falls_silent()
        assert ear.stream.active
        lived_in.suspend_microphone(False)
        assert ear.hears(LOW)


def test_an_unplugged_microphone_comes_back(lived_in: VirtualRoom, play: Play) -> None:
    assert sources(lived_in) == ({"room.monitor", "dj.monitor", "mic_mix.monitor", MIC}, MIC)
    lived_in.unplug_microphone()
    lived_in.unplug_microphone()  # harmless
    left, default = sources(lived_in)
    assert MIC not in left
    assert default != MIC
    lived_in.plug_microphone()
    lived_in.plug_microphone()
    assert sources(lived_in) == (left | {MIC}, MIC)
    play(tone(LOW, 60))
    with Ear() as ear:
        assert ear.hears(LOW)


def test_after_a_killed_server_a_fresh_one_carries_sound_at_the_same_address(
    lived_in: VirtualRoom, play: Play, tmp_path: Path
) -> None:
    player = play(tone(LOW, 60))
    with Ear() as ear:
        assert ear.hears(LOW)
        lived_in.kill_server()
        assert ear.falls_silent()
    assert player.wait(Seconds(ENOUGH))
    with pytest.raises(RoomError, match="Nothing can be recorded"):
        lived_in.record(tmp_path / "nothing.wav")
    before = dict(lived_in.environment)
    lived_in.restart_server()
    assert lived_in.environment == before
    reopen_portaudio()
    play(tone(HIGH, 60))
    with Ear() as ear:
        assert ear.hears(HIGH)


def test_the_speakers_outside_can_play_what_sounds_in_the_room(lived_in: VirtualRoom) -> None:
    with VirtualRoom() as inner:  # the room lived in is its outside world
        assert inner.host_speakers()
        inner.forward_to_speakers()
        player = inner.play(tone(LOW, 60))
        with Ear() as ear:
            assert ear.hears(LOW)
        player.stop()


def test_a_machine_without_a_sound_server_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RoomError, match="install pulseaudio"):
        VirtualRoom()
