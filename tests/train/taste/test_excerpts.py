import os
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow", reason="needs the train extra")

from livedj.errors import DecodeError
from livedj.train.taste.excerpts import excerpt
from tests.library import sounds
from tests.train.taste.conftest import MEL

SECOND = MEL.sample_rate / MEL.hop_length  # frames


def test_of_a_long_song_the_intro_and_a_later_stretch_are_kept(tmp_path: Path) -> None:
    song = tmp_path / "song.flac"
    sounds.write(song, np.concatenate([sounds.noise(60.0), 0.1 * sounds.noise(60.0, seed=2)], axis=1))
    kept = excerpt(song, MEL, tmp_path / "kept")
    assert kept.apart
    assert kept.intro.shape[1] / SECOND == pytest.approx(30, abs=0.1)
    assert kept.later.shape[1] / SECOND == pytest.approx(30, abs=0.1)
    assert kept.intro.astype(float).mean() - kept.later.astype(float).mean() == pytest.approx(20, abs=2)


def test_a_short_song_is_its_own_later_stretch(tmp_path: Path) -> None:
    sounds.write(tmp_path / "song.flac", sounds.noise(12.0))
    kept = excerpt(tmp_path / "song.flac", MEL, tmp_path / "kept")
    assert not kept.apart
    assert kept.intro.shape == kept.later.shape


def test_a_song_is_read_once_and_again_when_it_has_changed(tmp_path: Path) -> None:
    song, folder = tmp_path / "song.flac", tmp_path / "kept"
    sounds.write(song, sounds.noise(12.0))
    first = excerpt(song, MEL, folder)
    status = song.stat()
    song.write_bytes(b"\0" * status.st_size)
    os.utime(song, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert np.array_equal(excerpt(song, MEL, folder).intro, first.intro), "not read again"
    os.utime(song, ns=(status.st_atime_ns, status.st_mtime_ns + 1_000_000_000))
    with pytest.raises(DecodeError):
        excerpt(song, MEL, folder)


def test_what_holds_no_song_is_refused(tmp_path: Path) -> None:
    sounds.write(tmp_path / "short.flac", sounds.noise(2.0))
    sounds.write(tmp_path / "silent.flac", sounds.silence(20.0))
    for name in ("short.flac", "silent.flac", "gone.flac"):
        with pytest.raises(DecodeError, match=name):
            excerpt(tmp_path / name, MEL, tmp_path / "kept")
