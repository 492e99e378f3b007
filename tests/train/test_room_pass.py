import numpy as np
import pytest

pytest.importorskip("tensorflow", reason="needs the train extra")

from livedj.demo.room import VirtualRoom
from livedj.errors import RoomError
from livedj.music import SAMPLE_RATE
from livedj.train.room_pass import record, sample


def test_the_sample_is_spread_over_all_songs() -> None:
    assert len(sample(120)) == 20
    assert sample(120)[0] == 0
    assert sample(120)[-1] == 119
    assert max(np.diff(sample(120))) <= 7
    assert sample(3) == [0, 1, 2]


@pytest.mark.room
@pytest.mark.skipif(VirtualRoom.why_not() is not None, reason=str(VirtualRoom.why_not()))
def test_what_was_played_is_what_was_heard() -> None:
    seconds = np.arange(4 * SAMPLE_RATE) / SAMPLE_RATE
    sweep = np.sin(2 * np.pi * (300 + 200 * seconds) * seconds).astype(np.float32)
    (heard,) = record([3 * sweep])
    assert 0.9 * len(sweep) <= len(heard) <= len(sweep)
    assert np.abs(heard).max() <= 0.6, "loud stretches keep below full scale"
    spectra = [np.abs(np.fft.rfft(sound[: 3 * SAMPLE_RATE])) for sound in (sweep, heard)]
    assert np.corrcoef(spectra)[0, 1] > 0.9


def test_a_machine_without_a_room_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(VirtualRoom, "why_not", classmethod(lambda cls: "There is no sound server."))
    with pytest.raises(RoomError, match="no sound server"):
        record([np.zeros(10, np.float32)])
