"""Lives of a deck's process that go wrong as long as the file named by FAULT exists."""

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

from livedj.play import vlc_driver
from livedj.play.sound_output import SoundOutput
from livedj.play.vlc_process import serve
from livedj.play.vlc_song import VlcSong, open_vlc

FAULT = "LIVEDJ_TEST_FAULT"
"""The environment variable that names the file."""


def _there() -> bool:
    return Path(os.environ[FAULT]).exists()


def _unless_broken(work: Callable[..., Any]) -> Callable[..., Any]:
    def broken(*arguments: Any, **named: Any) -> Any:
        if _there():
            raise ValueError("a mistake of ours")
        return work(*arguments, **named)

    return broken


def stop_hangs(*life: Any, **named: Any) -> None:
    """Let every song that is stopped hang for ever."""
    close = VlcSong.close

    def hang(song: VlcSong) -> None:
        if _there():
            threading.Event().wait()
        close(song)

    with patch.object(VlcSong, "close", hang):
        serve(*life, **named)


def opening_breaks(*life: Any, **named: Any) -> None:
    """Raise what nobody expects while libVLC is opened."""
    with patch.object(vlc_driver, "open_vlc", _unless_broken(open_vlc)):
        serve(*life, **named)


def running_breaks(*life: Any, **named: Any) -> None:
    """Raise what nobody expects when a song is to run."""
    with patch.object(VlcSong, "run", _unless_broken(VlcSong.run)):
        serve(*life, **named)


def streams_as_told(*life: Any, **named: Any) -> None:
    """Let the sound server have as many streams of ours as the file says."""
    with patch.object(SoundOutput, "streams", lambda _: int(Path(os.environ[FAULT]).read_text())):
        serve(*life, **named)
