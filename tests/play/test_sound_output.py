"""Asking the sound server where our decks' sound goes, and mending it: a deck plays, a guardian listens."""

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from livedj.demo.room import DJ, ROOM, VirtualRoom
from livedj.ear.encoder import Encoder
from livedj.listen.heard import DEFAULT_INPUT, Heard, ListenState
from livedj.listen.listener import Hearing
from livedj.listen.microphone import PortAudioMicrophone
from livedj.listen.window import RollingWindow
from livedj.music import Dbfs, Gain, Seconds
from livedj.party.guardian import Guardian, Mend, ReplaceDeck, Request, Say, Sounding, checked, watched
from livedj.play import sound_output
from livedj.play.crossfade import Ramp
from livedj.play.deck import DeckMoved, DeckName
from livedj.play.output import MoveStreams, OutputFacts, WakeSink
from livedj.play.sound_output import SoundOutput
from tests.listen.one_song import OneSong
from tests.play.bench import VlcBench
from tests.play.sounds import RATE, write_wav
from tests.songs import song
from tests.tune import tune

pytestmark = pytest.mark.room

ENOUGH = 30.0
AUDIBLE = Dbfs(-50.0)


class Party:
    """A deck that plays music, a microphone that hears it, and a guardian whose orders are carried out."""

    def __init__(self, room: VirtualRoom, file: Path) -> None:
        self.room = room
        self.bench = VlcBench()
        self.output = SoundOutput()
        self.orders: list[Request] = []
        self._guardian = Guardian()
        self._hearing = Hearing(Encoder(), OneSong())
        self._microphone = PortAudioMicrophone()
        self._window = RollingWindow(self._microphone.open(DEFAULT_INPUT))
        self.heard = Heard(self.bench.now(), ListenState.STARTING)
        token = self.bench.load(file)
        self.bench.deck.ramp(token, Ramp(self.bench.now(), Seconds(0.0), Gain(1.0), Gain(1.0)))
        self.bench.deck.play(token)
        self.bench.wait(DeckMoved, token, lambda event: event.position > 0.5)

    def facts(self) -> OutputFacts:
        facts = self.output.facts(self._processes())
        assert facts is not None
        return facts

    def until(self, what: Callable[[], bool]) -> None:
        """Let the guardian watch until something has come about."""
        deadline = time.monotonic() + ENOUGH
        while not what():
            assert time.monotonic() < deadline, f"it did not come about; orders: {self.orders}, heard: {self.heard}"
            self.bench.next()  # takes 0.05 s
            self._look(self.bench.now())

    def sounds(self) -> bool:
        return self.heard.level > AUDIBLE

    def learns(self) -> None:
        self.until(lambda: self._guardian.coupling is not None)

    def close(self) -> None:
        self.bench.deck.close()
        self._microphone.close()
        self.output.close()

    def _look(self, now: Seconds) -> None:
        self._window.add(self._microphone.read())
        if self._window.stride_done():
            self.heard = self._hearing.hear(self._window, now)
        ours = Sounding(DeckName.A, song(1), Gain(1.0))
        self._guardian, asks = watched(self._guardian, self.heard, ours, now)
        if asks is None:
            return
        self._guardian, order = checked(self._guardian, self.output.facts(self._processes()), now)
        if order is not None:
            self.orders.append(order)
        if isinstance(order, Mend):
            self.output.mend(order.repair, self._processes())

    def _processes(self) -> set[int]:
        return {child.pid for child in multiprocessing.active_children() if child.pid is not None}


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_wav(tmp_path_factory.mktemp("songs") / "tune.wav", tune(120.0).repeat(RATE // 22_050))


@pytest.fixture
def party(room: VirtualRoom, file: Path) -> Iterator[Party]:
    party = Party(room, file)
    yield party
    party.close()


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_asking_while_the_server_is_away_leaves_no_file_open(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(os.environ, "PULSE_SERVER", f"unix:{tmp_path / 'nobody'}")
    monkeypatch.setattr(sound_output, "CONNECT_SECONDS", (0.01, 0.02))
    output = SoundOutput("livedj.test")
    assert output.streams() is None  # the first one may load libraries
    before = open_files()
    assert [output.streams() for _ in range(50)] == [None] * 50
    assert output.facts({os.getpid()}) is None
    assert open_files() == before


def test_the_facts_name_our_streams_and_no_one_elses(party: Party) -> None:
    party.room.play(tune(10.0))
    party.until(lambda: len(party.facts().streams) == 1)
    facts = party.facts()
    stream, sink = facts.streams[0], facts.default_sink
    assert sink is not None
    assert (stream.deck, facts.sink(stream.sink)) == ("A", sink)
    assert (sink.name, sink.muted, sink.suspended, sink.heard_by_nobody) == (DJ, False, False, False)
    assert (stream.muted, stream.corked) == (False, False)
    assert {DJ, ROOM} <= {sink.name for sink in facts.sinks}
    strangers = party.output.facts({os.getpid()})
    assert strangers is not None
    assert strangers.streams == ()


def test_a_suspended_output_is_woken_and_heard_again(party: Party) -> None:
    party.until(party.sounds)
    party.room.suspend_speakers(True)
    party.until(lambda: any(isinstance(order, Mend) for order in party.orders))
    assert [type(order.repair) for order in party.orders if isinstance(order, Mend)] == [WakeSink]
    party.until(lambda: not party.facts().sinks[0].suspended and party.sounds())


def test_a_muted_output_is_told_and_stays_muted(party: Party) -> None:
    party.learns()
    party.room.mute_speakers(True)
    try:
        party.until(lambda: bool(party.orders))
        assert [type(order) for order in party.orders] == [Say]
        assert "muted. Unmute it" in str(party.orders[0])
        sink = party.facts().default_sink
        assert sink is not None
        assert sink.muted
    finally:
        party.room.mute_speakers(False)
    party.until(party.sounds)


def test_a_stream_that_was_left_on_another_output_comes_back_when_ours_does(party: Party) -> None:
    party.room.add_speakers("others")
    try:
        party.until(lambda: party.facts().streams != () and party.sounds())
        party.room.remove_speakers(DJ)
        party.room.add_speakers(DJ)
        party.room.choose_speakers(DJ)
        party.until(lambda: party.facts().default == DJ and _at_default(party.facts()))
        party.until(party.sounds)
        assert not any(isinstance(order, ReplaceDeck) for order in party.orders)
        assert {type(order.repair) for order in party.orders if isinstance(order, Mend)} <= {MoveStreams}
    finally:
        party.room.remove_speakers("others")


def _at_default(facts: OutputFacts) -> bool:
    default = facts.default_sink
    return default is not None and [stream.sink for stream in facts.streams] == [default.number]
