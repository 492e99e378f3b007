"""What a song knows of its playhead while libVLC says nothing."""

import queue
from pathlib import Path

import pytest

from livedj.demo.room import VirtualRoom
from livedj.music import Gain, Seconds
from livedj.play.vlc_song import START_LATENCY, Notice, Sign, VlcSong, open_vlc
from tests.play.bench import ENOUGH
from tests.play.sounds import tone, write_wav

pytestmark = pytest.mark.room


def test_the_playhead_stands_still_a_second_after_libvlc_last_told_it(room: VirtualRoom, tmp_path: Path) -> None:
    path = write_wav(tmp_path / "song.wav", tone(440, 20.0))
    notices: queue.SimpleQueue[Notice] = queue.SimpleQueue()  # none of them is handed on to the song
    instance = open_vlc("livedj.test", pulse=True)
    song = VlcSong(instance, path, Seconds(5.0), Gain(0.0), None, notices.put)
    try:
        while song.cued() is None:
            assert notices.get(timeout=ENOUGH).sign is Sign.BUFFERED
        song.run(Seconds(100.0))
        assert song.position(Seconds(100.5)) == pytest.approx(5.5 - START_LATENCY)
        assert song.position(Seconds(104.0)) == song.position(Seconds(109.0)) == pytest.approx(6.0 - START_LATENCY)
        song.moved(Seconds(7.0), Seconds(110.0))
        assert song.position(Seconds(110.5)) == 7.5
        assert song.position(Seconds(119.0)) == 8.0
        song.moved(Seconds(17.3), Seconds(120.0))
        assert song.position(Seconds(120.5)) == 17.8
        song.moved(Seconds(18.6), Seconds(121.0))
        assert song.position(Seconds(121.5)) == 18.8, "libVLC is often a little off"
    finally:
        song.close()
        instance.release()
