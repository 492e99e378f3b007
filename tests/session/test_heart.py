"""Who has stopped beating: fed with clocks, and over a real socket."""

import socket

import pytest

from livedj.music import Seconds
from livedj.night import heart
from livedj.night.heart import Heart, Pulse

PATIENCE = Seconds(10.0)


class _Felt:
    """A Pulse whose looks come every second, as the parent's do."""

    def __init__(self, *, starts_again: bool = False) -> None:
        self.awake = 100.0
        self.asleep = 5000.0
        self.pulse = Pulse(PATIENCE, *self._now(), starts_again=starts_again)

    def _now(self) -> tuple[Seconds, Seconds]:
        return Seconds(self.awake), Seconds(self.awake + self.asleep)

    def beat(self, word: str) -> None:
        self.pulse.feel(word, Seconds(self.awake))

    def silent_after(self, seconds: int, *beating: str) -> bool:
        """Look every second for so long; tell whether somebody was found silent."""
        for _ in range(seconds):
            self.awake += 1.0
            for word in beating:
                self.beat(word)
            if self.pulse.silent(*self._now()):
                return True
        return False

    def silent_after_pause(self, awake: float, asleep: float) -> bool:
        self.awake += awake
        self.asleep += asleep
        return self.pulse.silent(*self._now())


def test_who_beats_is_not_silent() -> None:
    assert not _Felt().silent_after(100, "conductor", "window")


def test_a_program_that_stops_beating_is_silent_after_its_patience() -> None:
    felt = _Felt()
    felt.beat("conductor")
    assert not felt.silent_after(10)
    assert felt.silent_after(1)
    assert not felt.pulse.resting


@pytest.mark.parametrize(("needed_in", "patience"), [(0.0, 3), (5.0, 5), (200.0, 10)])
def test_with_who_is_needed_soon_there_is_less_patience(needed_in: float, patience: int) -> None:
    felt = _Felt()
    felt.beat(f"conductor {needed_in:.1f}")
    assert not felt.silent_after(patience, "window")
    assert felt.silent_after(1, "window")


def test_who_was_needed_and_beats_on_is_not_silent() -> None:
    felt = _Felt()
    felt.beat("conductor 1.0")
    felt.beat("conductor")
    assert not felt.silent_after(10)


def test_one_thread_that_stops_is_not_hidden_by_another() -> None:
    felt = _Felt()
    felt.beat("window")
    assert felt.silent_after(11, "conductor")


def test_a_program_that_a_person_starts_may_take_its_time() -> None:
    assert not _Felt().silent_after(1000)


def test_a_program_that_goes_on_by_itself_must_come_to_life() -> None:
    felt = _Felt(starts_again=True)
    assert not felt.silent_after(60)
    assert felt.silent_after(1)


def test_its_first_beat_is_enough() -> None:
    felt = _Felt(starts_again=True)
    assert not felt.silent_after(1000, "conductor")


@pytest.mark.parametrize(("awake", "asleep"), [(1.0, 3600.0), (3600.0, 0.0)])
def test_after_a_sleep_or_a_stop_all_begin_afresh(awake: float, asleep: float) -> None:
    """Suspended, or stopped together with the parent by SIGSTOP, or on a system whose clocks do not tell of sleep."""
    felt = _Felt()
    felt.beat("conductor")
    assert not felt.silent_after(9)
    assert not felt.silent_after_pause(awake, asleep)
    assert not felt.silent_after(10)
    assert felt.silent_after(1)


def test_a_program_that_is_being_closed_need_not_beat() -> None:
    felt = _Felt()
    felt.beat("conductor")
    felt.beat("rest")
    assert felt.pulse.resting
    assert not felt.silent_after(1000)


@pytest.fixture
def parent() -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listening.bind(("127.0.0.1", 0))
    listening.settimeout(60.0)
    return listening


def test_beats_reach_the_parent_and_no_more_often_than_it_needs(
    parent: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    with parent:
        monkeypatch.setenv(heart.VARIABLE, f"{parent.getsockname()[1]}:secret")
        beating = Heart.from_environment()
        for _ in range(50):
            beating.beat("conductor")
        beating.beat("window", Seconds(4.25))
        beating.rest()
        assert [parent.recv(256) for _ in range(3)] == [b"secret:conductor", b"secret:window 4.2", b"secret:rest"]
        beating.close()


def test_no_process_inherits_the_heart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(heart.VARIABLE, "9:secret")
    Heart.from_environment().close()
    assert Heart.from_environment()._socket is None


@pytest.mark.parametrize("address", ["", "nonsense", ":secret"])
def test_without_a_parent_nothing_happens(address: str) -> None:
    alone = Heart(address)
    alone.beat("conductor")
    alone.rest()
    alone.close()


def test_a_parent_that_is_gone_does_not_matter(parent: socket.socket) -> None:
    port = parent.getsockname()[1]
    parent.close()
    beating = Heart(f"{port}:secret")
    for number in range(100):
        beating.beat(f"{number}")
    beating.close()
