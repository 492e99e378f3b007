"""Asking the sound server: also a night without one costs nothing."""

import os
from pathlib import Path

import pytest

from livedj.play import sound_output
from livedj.play.sound_output import SoundOutput

pytestmark = pytest.mark.room


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_asking_while_the_server_is_away_leaves_no_file_open(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(os.environ, "PULSE_SERVER", f"unix:{tmp_path / 'nobody'}")
    monkeypatch.setattr(sound_output, "CONNECT_SECONDS", 0.02)
    output = SoundOutput("livedj.test")
    assert output.streams() is None  # the first one may load libraries
    before = open_files()
    assert [output.streams() for _ in range(50)] == [None] * 50
    assert open_files() == before
