"""What a deck on libVLC survives. Most happen in a room of their own, which is broken afterwards."""

import os
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from livedj.demo.room import VirtualRoom
from livedj.play.deck import DeckCued, DeckEnded, DeckFailed, DeckLost, DeckMoved
from tests.library import sounds
from tests.play import faulty
from tests.play.bench import ENOUGH, VlcBench
from tests.play.recording import peak, recorded
from tests.play.sounds import tone, write_wav

pytestmark = pytest.mark.room


@pytest.fixture
def own_room(room: VirtualRoom) -> Iterator[VirtualRoom]:
    with VirtualRoom() as own:
        own.enter_process()
        yield own


def test_when_the_sound_server_dies_the_song_is_lost_and_a_new_load_waits_for_the_next_server(
    own_room: VirtualRoom, song: Path, tmp_path: Path
) -> None:
    bench = VlcBench()
    try:
        token = bench.load(song)
        bench.play_in_full(token)
        bench.wait(DeckMoved, token, lambda event: event.position > 1.0)
        own_room.kill_server()
        assert bench.wait(DeckLost, token).output_gone
        assert not [event for event in bench.pass_by(1.0) if isinstance(event, DeckLost)]
        again = bench.load(song, start=1.0)
        assert bench.pass_by(3.0) == []
        own_room.restart_server()
        bench.wait(DeckCued, again)
        bench.play_in_full(again)
        bench.wait(DeckMoved, again, lambda event: event.position > 2.0)
        assert peak(recorded(own_room, bench, tmp_path / "again.wav")) > 0.4
    finally:
        bench.deck.close()


def test_a_player_that_hangs_is_replaced(own_room: VirtualRoom, song: Path, tmp_path: Path) -> None:
    bench = VlcBench()
    try:
        token = bench.load(song)
        bench.play_in_full(token)
        bench.wait(DeckMoved, token, lambda event: event.position > 1.0)
        with frozen_server(own_room):
            bench.deck.pause(token)
            bench.wait(DeckLost, token)
            bench.load(song)
            asked = bench.now()
            bench.deck.close()
            assert bench.now() - asked < 1.0
    finally:
        bench.deck.close()
    fresh = VlcBench()
    try:
        again = fresh.load(song)
        fresh.play_in_full(again)
        fresh.wait(DeckMoved, again, lambda event: event.position > 1.0)
        assert peak(recorded(own_room, fresh, tmp_path / "again.wav")) == pytest.approx(0.5, rel=0.1)
    finally:
        fresh.deck.close()


def test_requests_that_wait_behind_a_hanging_player_reach_the_fresh_one(own_room: VirtualRoom, song: Path) -> None:
    bench = VlcBench()
    try:
        token = bench.load(song)
        bench.play_in_full(token)
        bench.wait(DeckMoved, token, lambda event: event.position > 1.0)
        with frozen_server(own_room):
            bench.deck.pause(token)
            again = bench.load(song, start=5.0)  # at once, while nobody knows yet that the player hangs
            bench.wait(DeckLost, token)
            assert bench.pass_by(1.0) == []
        bench.wait(DeckCued, again)
        bench.play_in_full(again)
        bench.wait(DeckMoved, again, lambda event: event.position > 6.0)
    finally:
        bench.deck.close()


@pytest.fixture
def fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the file whose being there makes the processes of tests.play.faulty go wrong."""
    path = tmp_path / "fault"
    monkeypatch.setenv(faulty.FAULT, str(path))
    return path


def test_a_load_that_waits_for_a_hanging_player_to_stop_is_done_by_the_fresh_one(
    room: VirtualRoom, song: Path, fault: Path
) -> None:
    bench = VlcBench(serve=faulty.stop_hangs)
    try:
        token = bench.load(song)
        bench.play_in_full(token)
        bench.wait(DeckMoved, token, lambda event: event.position > 1.0)
        [hanging] = bench.processes()
        fault.touch()
        again = bench.load(song, start=5.0)  # the first thing it does is to stop the song before
        bench.deck.play(again)
        assert not bench.wait(DeckLost, token).output_gone
        bench.wait(DeckCued, again)
        bench.wait(DeckMoved, again, lambda event: event.position > 6.0)
        assert hanging not in bench.processes(), "nothing of it is left"
        assert sum(isinstance(event, DeckLost) for event in bench.events) == 1
    finally:
        fault.unlink()
        bench.deck.close()


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGSTOP])
def test_a_process_that_dies_or_stands_still_is_replaced(bench: VlcBench, song: Path, sign: signal.Signals) -> None:
    token = bench.load(song)
    bench.play_in_full(token)
    bench.wait(DeckMoved, token, lambda event: event.position > 1.0)
    [former] = bench.processes()
    os.kill(former, sign)
    assert not bench.wait(DeckLost, token).output_gone
    again = bench.load(song, start=5.0)
    bench.deck.play(again)
    bench.wait(DeckMoved, again, lambda event: event.position > 6.0)
    assert former not in bench.processes()


def test_a_process_ends_with_the_program_that_began_it(room: VirtualRoom) -> None:
    program = (
        "import os, queue, signal\n"
        "from livedj.play.deck import DeckName\n"
        "from livedj.play.vlc_deck import VlcDeck\n"
        "if __name__ == '__main__':\n"
        "    deck = VlcDeck(DeckName.A, lambda event: None)\n"
        "    print(deck._process.pid, flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    deadline = time.monotonic() + ENOUGH
    while Path("/proc", run.stdout.strip()).exists():  # nobody tells of the end of a process that is not our child
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_sound_server_that_does_not_answer_is_not_the_fault_of_the_song(own_room: VirtualRoom, song: Path) -> None:
    bench = VlcBench()
    try:
        token = bench.load(song)
        bench.wait(DeckCued, token)
        with frozen_server(own_room):
            assert bench.wait(DeckLost, token).output_gone
    finally:
        bench.deck.close()


@pytest.mark.parametrize("had_one", [True, False])
def test_only_a_song_that_never_had_a_stream_is_to_blame_for_having_none(
    room: VirtualRoom, song: Path, fault: Path, had_one: bool
) -> None:
    fault.write_text("1" if had_one else "0")
    bench = VlcBench(serve=faulty.streams_as_told)
    try:
        token = bench.load(song)
        bench.deck.play(token)
        bench.wait(DeckMoved, token, lambda event: event.position > 0.5)
        (fresh := fault.with_name("fresh")).write_text("0")
        fresh.replace(fault)
        assert bench.wait(DeckLost, token).output_gone is had_one
    finally:
        bench.deck.close()


def test_a_process_that_breaks_says_so_in_the_log_and_is_replaced_after_a_rest(
    room: VirtualRoom, song: Path, fault: Path, caplog: pytest.LogCaptureFixture
) -> None:
    fault.touch()
    bench = VlcBench(serve=faulty.opening_breaks)
    try:
        token = bench.load(song)
        bench.pass_by(3.0)
        assert 1 <= caplog.text.count("deck A: ValueError: a mistake of ours") <= 5
        fault.unlink()
        bench.wait(DeckCued, token)  # what was asked for meanwhile waits
    finally:
        bench.deck.close()


def test_a_song_whose_player_breaks_is_lost_and_to_blame(room: VirtualRoom, song: Path, fault: Path) -> None:
    bench = VlcBench(serve=faulty.running_breaks)
    try:
        token = bench.load(song)
        bench.wait(DeckCued, token)
        fault.touch()
        bench.deck.play(token)
        lost = bench.wait(DeckLost, token)
        assert "a mistake of ours" in lost.reason
        assert not lost.output_gone
    finally:
        bench.deck.close()


def test_a_deck_that_rests_closes_at_once(room: VirtualRoom, fault: Path) -> None:
    fault.touch()
    bench = VlcBench(serve=faulty.opening_breaks)
    bench.pass_by(0.7)
    asked = bench.now()
    bench.deck.close()
    assert bench.now() - asked < 1.0


@contextmanager
def frozen_server(room: VirtualRoom) -> Iterator[None]:
    """Stop the sound server's process, so that whoever asks it something waits."""
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(room.environment["PULSE_SERVER"].removeprefix("unix:"))
        credentials = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    server: int = struct.unpack("3i", credentials)[0]
    os.kill(server, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server, signal.SIGCONT)


def test_where_libvlc_is_missing_one_sentence_says_so() -> None:
    program = "import livedj.play.vlc_deck"
    environment = {**os.environ, "PYTHON_VLC_LIB_PATH": "libc.so.6"}  # a library that has none of its functions
    run = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert "PlaybackError: libVLC is missing" in run.stderr


def test_a_song_that_is_overwritten_fails_once_what_was_decoded_is_over(bench: VlcBench, tmp_path: Path) -> None:
    song = sounds.write(tmp_path / "song.m4a", sounds.noise(40.0))  # libVLC plays such a one in silence to its end
    token = bench.load(song)
    bench.play_in_full(token)
    bench.wait(DeckMoved, token, lambda event: event.position > 2.0)
    song.write_bytes(b"This is no music.\n" * (song.stat().st_size // 18))
    assert bench.wait(DeckFailed, token).reason == "from here on nothing of it can be read"
    last = [event.position for event in bench.events if isinstance(event, DeckMoved)][-1]
    assert last < 10.0


def test_a_file_that_breaks_off_ends_early(bench: VlcBench, tmp_path: Path) -> None:
    whole = write_wav(tmp_path / "whole.wav", tone(440, 10.0))
    broken_off = tmp_path / "broken off.wav"
    broken_off.write_bytes(whole.read_bytes()[: 44_100 * 2 * 3])
    token = bench.load(broken_off)
    bench.play_in_full(token)
    asked = bench.now()
    bench.wait(DeckEnded, token)
    assert bench.now() - asked < 7.0
    assert not [event for event in bench.events if isinstance(event, DeckFailed)]
