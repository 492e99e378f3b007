"""The main job on real sound: hear, propose, click, fade, go on; in the virtual room."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from livedj import bundled
from livedj.demo.room import VirtualRoom
from livedj.demo.songs import STYLES
from livedj.ear.encoder import read_card
from livedj.library.catalogue import FILE_NAME, Catalogue
from livedj.library.scanner import Progress, Scanner
from livedj.listen.heard import ListenState
from livedj.music import SAMPLE_RATE, Samples, Seconds, Track
from livedj.party.messages import PlayNext, SetAuto
from livedj.party.snapshot import Snapshot
from livedj.settings import Settings
from tests.bench.reaction import LIMIT, follow
from tests.library import sounds
from tests.night.conftest import livedj
from tests.tune import tune

pytestmark = [pytest.mark.room, pytest.mark.timeout(400)]

SLOW_MACHINE = 3.0
"""Tests give three times as long as the figures that the bench reports."""


def test_the_proposals_follow_the_style_that_is_heard(
    room: VirtualRoom, demo_songs: list[Path], demo_data: Path
) -> None:
    """One song of each style after the other: each time the style of the room changes."""
    tracks = [next(path for path in demo_songs if path.parent.name == style) for style in STYLES]
    followed = list(follow(room, demo_data, tracks, patience=LIMIT * SLOW_MACHINE))
    assert sum(f.seconds is not None for f in followed) >= 5, followed


def test_a_click_crossfades_from_one_deck_to_the_other(room: VirtualRoom, demo_data: Path, tmp_path: Path) -> None:
    recording = room.record(tmp_path / "room.wav", "dj.monitor")
    with livedj(demo_data, Settings(crossfade=3.0)) as night:
        night.until(lambda now: now.heard.state is not ListenState.STARTING)
        player = room.play(next(p for p in _songs(demo_data) if p.suffix == ".mp3"), Seconds(20.0))
        first, _ = night.until(lambda now: bool(now.proposals))
        night.app.send(PlayNext(first.proposals[0].track))
        night.until(lambda now: now.playing is not None)
        player.stop()
        second, _ = night.until(_has_played(3.0))
        assert first.proposals[0].track not in [p.track for p in second.proposals]
        night.app.send(PlayNext(second.proposals[0].track))
        fading, _ = night.until(lambda now: now.fade is not None)
        assert fading.leaving is not None
        assert fading.leaving.track == first.proposals[0].track
        done, _ = night.until(lambda now: now.playing is not None and now.fade is None)
        assert done.playing is not None
        assert done.playing.track == second.proposals[0].track
    heard = recording.stop()
    assert longest_silence(heard[int(np.argmax(np.abs(heard) > 0.01)) :]) < 0.5


def test_auto_dj_plays_on_past_a_broken_file_without_a_gap(room: VirtualRoom, tmp_path: Path) -> None:
    """Ten songs of 8 s and two broken ones: the first that is tried, and later the best proposal of a moment."""
    music, data = tmp_path / "music", tmp_path / "data"
    music.mkdir()
    for number in range(12):
        sounds.write(music / f"{number}.flac", tune(8.0, root=110.0 * 2 ** (number / 6))[None], rate=SAMPLE_RATE)
    Scanner(data, bundled.MODEL).scan([music])
    with Catalogue(data / FILE_NAME) as catalogue:
        tried_first = next(catalogue.least_recently_played(read_card(bundled.MODEL).sha256))
    _ruin(tried_first.path)
    recording = room.record(tmp_path / "room.wav", "dj.monitor")
    with livedj(data, Settings(crossfade=2.0, auto=True)) as night:
        night.until(lambda now: tried_first.title in now.message)
        first, _ = night.until(lambda now: None not in (now.playing, now.cued) and bool(now.proposals))
        assert first.playing is not None
        broken = first.proposals[0].track
        _ruin(broken.path)
        played = [first.playing.track]
        while len(played) < 10:
            now, _ = night.until(_plays_another_than(played[-1]))
            assert now.playing is not None
            played.append(now.playing.track)
        night.app.send(SetAuto(False))
    heard = recording.stop()
    assert not {tried_first, broken} & set(played)
    assert len(set(played[:5])) == 5
    sounding = np.flatnonzero(np.abs(heard) > 0.01)
    assert longest_silence(heard[sounding[0] : sounding[-1]]) <= 1.0


@pytest.mark.music
def test_real_songs_are_scanned_heard_proposed_and_mixed(
    room: VirtualRoom, recordings: list[dict[str, str]], tmp_path: Path
) -> None:
    folder = tmp_path / "music"
    folder.mkdir()
    rows = sorted(recordings, key=lambda row: row["split"] == "train")  # those that the network has not met come first
    for number, row in enumerate(rows[:200]):
        (folder / f"{number:03} {Path(row['file']).name}").symlink_to(row["path"])
    data = tmp_path / "data"

    def stop_when_all_are_heard(progress: Progress) -> None:
        if progress.done == progress.total > 0:
            scanner.stop()  # what only mixing needs takes as long again, and nothing here waits for it

    scanner = Scanner(data, bundled.MODEL, progress=stop_when_all_are_heard)
    progress = scanner.scan([folder])
    assert (progress.done, progress.total) == (200, 200)
    assert progress.skipped <= 2  # a jingle of under a second is no song
    with livedj(data, Settings(crossfade=2.0)) as night:
        night.until(lambda now: now.library_size >= 198)
        outside = next(row for row in rows if row["kept_seconds"] and float(row["kept_seconds"]) >= 75)
        player = room.play(Path(outside["path"]), Seconds(30.0))
        heard, _ = night.until(lambda now: len(now.proposals) == 5)
        night.app.send(PlayNext(heard.proposals[0].track))
        night.until(lambda now: now.playing is not None)
        player.stop()
        again, _ = night.until(_has_played(3.0))
        night.app.send(PlayNext(again.proposals[0].track))
        night.until(lambda now: now.fade is not None)
        night.until(_has_played(4.0))


def _ruin(path: Path) -> None:
    """Break a file such that only who plays it can tell: a scan, which looks at size and time, must not come first."""
    status = path.stat()
    path.write_bytes(b"this is no music")
    os.truncate(path, status.st_size)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def _has_played(seconds: float) -> Callable[[Snapshot], bool]:
    """Tell of a Snapshot whether one song alone has played for so long, and others are proposed."""
    return lambda now: (
        bool(now.proposals) and now.fade is None and now.playing is not None and now.playing.position > seconds
    )


def _plays_another_than(last: Track) -> Callable[[Snapshot], bool]:
    return lambda now: now.fade is None and now.playing is not None and now.playing.track != last


def _songs(data: Path) -> list[Path]:
    with Catalogue(data / FILE_NAME) as catalogue:
        return [track.path for track in catalogue.least_recently_played(read_card(bundled.MODEL).sha256)]


def longest_silence(samples: Samples, block: float = 0.05) -> float:
    """Return the longest time in seconds in which every block of 50 ms lies below −50 dBFS."""
    length = round(block * SAMPLE_RATE)
    blocks = samples[: len(samples) // length * length].reshape(-1, length)
    longest = run = 0
    for quiet in np.sqrt((blocks**2).mean(axis=1)) < 10 ** (-50 / 20):
        run = run + 1 if quiet else 0
        longest = max(longest, run)
    return longest * block
