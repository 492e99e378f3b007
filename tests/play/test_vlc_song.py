"""What a song knows of its playhead while libVLC says nothing."""

import queue
from pathlib import Path

import pytest

from livedj.demo.room import VirtualRoom
from livedj.music import Gain, Seconds
from livedj.play.vlc_song import Notice, Sign, VlcSong, open_vlc
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
        assert song.position(Seconds(100.5)) == 5.5
        assert song.position(Seconds(104.0)) == song.position(Seconds(109.0)) == 6.0
        song.moved(Seconds(7.0), Seconds(110.0))
        assert song.position(Seconds(110.5)) == 7.5
        assert song.position(Seconds(119.0)) == 8.0
    finally:
        song.close()
        instance.release()
