"""A mix as a file: what is heard in it, in every format, and that it is there as a whole or not at all."""

import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import av
import mutagen
import numpy as np
import pytest
from click.testing import CliRunner
from numpy.typing import NDArray

from livedj import cli, mix, settings
from livedj.errors import EncodeError, MixError, PlaylistError, Remedy
from livedj.library import guests
from livedj.library.decode import decode, stereo_blocks
from livedj.library.files import Tags, read_tags
from livedj.music import SAMPLE_RATE, CuePoints, Loudness, Seconds, Stereo, Track, TrackId
from livedj.play.transition import Kind, planned
from tests.bench.fades import render
from tests.library.sounds import noise, silence, tone, write

LONGEST = Seconds(12.0)
RATE = 44_100
LENGTH = 12.0
HOP = 441
"""Frames, 10 ms: whole periods of the tones."""
AMPLITUDE = 0.5
LEVEL = 10 ** (-6 / 20)
"""Of a song that is 6 dB louder than it should be."""


def a_track(path: Path, number: int) -> Track:
    """Return a song of LENGTH, 6 dB too loud, whose last 6 s are its outro."""
    cues = CuePoints(Seconds(0.0), Seconds(LENGTH), Seconds(6.0), Seconds(LENGTH - 6.0))
    artist = f"Artist {number}"
    return Track(TrackId(number), path, f"Title {number}", artist, "", Seconds(LENGTH), cues, Loudness(-12.0, -3.0))


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> list[Track]:
    """Return two songs, of which the first sounds on the left alone and the second on the right alone."""
    folder = tmp_path_factory.mktemp("songs")
    sound, none = tone(LENGTH, 1000.0, amplitude=AMPLITUDE), silence(LENGTH)
    return [
        a_track(write(folder / "left.flac", np.concatenate([sound, none])), 1),
        a_track(write(folder / "right.flac", np.concatenate([none, sound])), 2),
    ]


def heard(path: Path) -> Stereo:
    """Return what is in a file, shape (n, 2) at RATE."""
    return np.concatenate(list(stereo_blocks(path, Seconds(0.0), RATE)))


def envelope(sound: Stereo) -> NDArray[np.float64]:
    """Return the amplitude of the tone on each side every HOP, shape (n, 2)."""
    hops = sound[: len(sound) // HOP * HOP].reshape(-1, HOP, 2).astype(np.float64)
    return np.asarray(np.sqrt(2 * (hops**2).mean(axis=1)))


@pytest.mark.parametrize("kind", mix.FORMATS)
def test_in_every_format_the_songs_fade_where_planned_at_constant_power(
    songs: list[Track], tmp_path: Path, kind: str
) -> None:
    plan = planned(songs[0], songs[1], LONGEST)
    assert (plan.kind, plan.begin, plan.seconds) == (Kind.FADE, 7.0, 4.0)

    made = mix.write(songs, tmp_path / f"mix.{kind}", "A mix", LONGEST)

    levels = envelope(heard(tmp_path / f"mix.{kind}")) / (AMPLITUDE * LEVEL)
    left, right = levels.T
    assert len(levels) == pytest.approx(100 * 19, abs=10)
    np.testing.assert_allclose(left[50:690], 1.0, atol=0.05)
    np.testing.assert_allclose(right[1110:1850], 1.0, atol=0.05)
    assert right[:690].max() < 0.02
    assert left[1110:].max() < 0.02
    np.testing.assert_allclose(left[50:1850] ** 2 + right[50:1850] ** 2, 1.0, atol=0.1)
    progress = (np.arange(1900) + 0.5 - 700) / 400
    wanted = np.sin(np.pi / 2 * np.clip(progress, 0, 1))
    np.testing.assert_allclose(right[50:1850], wanted[50:1850], atol=0.04)
    assert [chapter.title for chapter in made.chapters] == ["Artist 1 – Title 1", "Artist 2 – Title 2"]
    assert [chapter.begin for chapter in made.chapters] == [0.0, 7.0]
    assert made.chapters[-1].end == pytest.approx(19.0, abs=0.05)
    assert not made.left_out
    assert not made.broken_off


def test_it_is_what_the_bench_holds_the_decks_against(tmp_path: Path) -> None:
    """The bench renders each song by itself, in mono, and knows nothing of this mixer."""
    first, second = (a_track(write(tmp_path / f"{n}.flac", noise(LENGTH, channels=2, seed=n)), n) for n in (1, 2))
    mix.write([first, second], tmp_path / "mix.flac", "A mix", LONGEST)

    plan = planned(first, second, LONGEST)
    wanted = render(first, second, plan, around=plan.begin)
    both = wanted.outgoing + wanted.incoming
    np.testing.assert_allclose(decode(tmp_path / "mix.flac")[: len(both)][SAMPLE_RATE:], both[SAMPLE_RATE:], atol=2e-3)


def test_the_seam_of_an_album_is_where_it_was_cut(tmp_path: Path) -> None:
    whole = noise(2 * LENGTH, channels=2)
    parts = []
    for number, sound in enumerate(np.split(whole, 2, axis=1), 1):
        path = write(tmp_path / f"{number}.flac", sound)
        quiet = Loudness(-18.0, -6.0)
        parts.append(replace(a_track(path, number), artist="A", album="B", number=number, loudness=quiet))
    assert planned(parts[0], parts[1], LONGEST).kind is Kind.GAPLESS

    mix.write(parts, tmp_path / "mix.flac", "A mix", LONGEST)

    np.testing.assert_allclose(heard(tmp_path / "mix.flac"), whole.T, atol=1e-4)
    assert read_tags(tmp_path / "mix.flac") == Tags("A mix", "A", "B")


def test_a_mix_tells_its_name_and_its_songs(songs: list[Track], tmp_path: Path) -> None:
    mix.write(songs, tmp_path / "mix.opus", "A mix", LONGEST)

    assert read_tags(tmp_path / "mix.opus") == Tags("A mix", mix.VARIOUS)
    tags = mutagen.File(tmp_path / "mix.opus")
    assert tags["chapter002"] == ["00:00:07.000"]
    assert tags["chapter002name"] == ["Artist 2 – Title 2"]


def test_a_song_that_cannot_be_decoded_is_left_out_and_told(songs: list[Track], tmp_path: Path) -> None:
    (tmp_path / "text.mp3").write_text("Dear aunt")
    text = a_track(tmp_path / "text.mp3", 3)

    made = mix.write([text, songs[0], text, songs[1]], tmp_path / "mix.flac", "A mix", LONGEST)

    assert [chapter.begin for chapter in made.chapters] == [0.0, 7.0]
    assert [problem.path for problem in made.left_out] == [text.path] * 2
    assert made.left_out[0].reason.startswith("text.mp3 cannot be decoded")
    assert not made.broken_off


def cut_short(path: Path) -> None:
    """Take the second half of a file away."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def damage(path: Path) -> None:
    """Let nothing be decoded of a file behind its first third."""
    with av.open(path) as container:
        packets = [(packet.pos, packet.size) for packet in container.demux(audio=0) if packet.size]
    content = bytearray(path.read_bytes())
    for place, size in packets[len(packets) // 3 :]:
        assert place is not None
        content[place : place + size] = b"\xff" * size
    path.write_bytes(content)


@pytest.mark.parametrize(("kind", "harm", "after"), [("mp3", cut_short, 6), ("m4a", damage, 3)])
@pytest.mark.parametrize("last", [False, True])
def test_a_song_that_breaks_off_is_told_as_such(
    songs: list[Track], tmp_path: Path, kind: str, harm: Callable[[Path], None], after: int, last: bool
) -> None:
    song = a_track(write(tmp_path / f"song.{kind}", noise(LENGTH, channels=2)), 3)
    harm(song.path)

    made = mix.write([songs[0], song] if last else [song, songs[0]], tmp_path / "mix.flac", "A mix", LONGEST)

    assert len(made.chapters) == 2
    assert not made.left_out
    [problem] = made.broken_off
    assert (problem.path, problem.remedy) == (song.path, Remedy.ANEW)
    assert problem.reason == f"“Artist 3 – Title 3” breaks off after 0:{after:02}."


def test_a_song_of_which_the_mix_has_its_part_does_not_break_off(songs: list[Track], tmp_path: Path) -> None:
    song = a_track(write(tmp_path / "song.flac", noise(10.5, channels=2)), 3)  # the last second would not be heard
    made = mix.write([song, songs[0]], tmp_path / "mix.flac", "A mix", LONGEST)
    assert not made.broken_off


def test_a_song_that_ends_before_it_would_begin_is_left_out(songs: list[Track], tmp_path: Path) -> None:
    late = replace(a_track(write(tmp_path / "late.flac", noise(3.0)), 3), cues=CuePoints(Seconds(8.0), Seconds(LENGTH)))
    made = mix.write([songs[0], late], tmp_path / "mix.flac", "A mix", LONGEST)
    assert [problem.reason for problem in made.left_out] == ["late.flac has been cut short."]
    assert not made.broken_off


def test_without_a_song_there_is_no_file(songs: list[Track], tmp_path: Path) -> None:
    missing = a_track(tmp_path / "missing.flac", 1)
    for tracks in ([], [missing]):
        with pytest.raises(MixError, match="None of the songs"):
            mix.write(tracks, tmp_path / "mix.flac", "A mix", LONGEST)
    assert not list(tmp_path.iterdir())


def test_progress_is_told_until_all_is_done(songs: list[Track], tmp_path: Path) -> None:
    told: list[tuple[Seconds, Seconds, str]] = []
    mix.write(songs, tmp_path / "mix.flac", "A mix", LONGEST, lambda *step: told.append(step))

    done, total, names = zip(*told, strict=True)
    assert list(done) == sorted(done)
    assert set(total) == {19.0}
    assert done[-1] == pytest.approx(19.0, abs=0.05)
    assert list(dict.fromkeys(names)) == ["Artist 1 – Title 1", "Artist 2 – Title 2"]


@pytest.mark.parametrize("kind", mix.FORMATS)
def test_what_is_interrupted_leaves_nothing_behind(songs: list[Track], tmp_path: Path, kind: str) -> None:
    def interrupt(done: Seconds, total: Seconds, song: str) -> None:
        assert list(tmp_path.iterdir())
        if done > 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        mix.write(songs, tmp_path / f"mix.{kind}", "A mix", LONGEST, interrupt)
    assert not list(tmp_path.iterdir())


def test_a_file_that_cannot_be_written_is_said_so(songs: list[Track], tmp_path: Path) -> None:
    with pytest.raises(EncodeError, match="cannot be written"):
        mix.write(songs, tmp_path / "nowhere" / "mix.mp3", "A mix", LONGEST)


def test_what_no_mix_can_be_written_to_is_refused(tmp_path: Path) -> None:
    mix.refuse(tmp_path / "new.FLAC")
    (tmp_path / "old.mp3").write_text("precious")
    for name, word in (("old.mp3", "exists already"), ("mix.wma", r"\.mp3, \.m4a, \.flac, \.opus"), ("mix", "names no"),
                       ("nowhere/mix.mp3", "no folder"),
                       ("old.mp3/mix.mp3", "no folder"), (f"{'x' * 300}.mp3", "another name"),
                       (f"{'x' * 250}.mp3", "another name")):  # fmt: skip
        with pytest.raises(MixError, match=word):
            mix.refuse(tmp_path / name)


def test_playlists_stand_for_their_songs(tmp_path: Path) -> None:
    playlist = tmp_path / "My list.m3u8"
    playlist.write_text("#EXTM3U\none.mp3\ntwo.mp3\n")
    one, two, three = (tmp_path / f"{name}.mp3" for name in ("one", "two", "three"))
    assert mix.files_in([three, playlist, three]) == [three, one, two, three]
    assert mix.title_of([playlist], tmp_path / "out.mp3") == "My list"
    assert mix.title_of([three], tmp_path / "out.mp3") == "out"
    assert mix.title_of([playlist, three], tmp_path / "out.mp3") == "out"
    playlist.write_text("#EXTM3U\n")
    with pytest.raises(MixError, match="no song"):
        mix.files_in([playlist])
    with pytest.raises(PlaylistError, match="cannot be read"):
        mix.files_in([tmp_path / "missing.m3u8"])


# The command ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def invoke(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str]]:
    """Return a function that calls `livedj mix` with a library of its own: exit code, and what was said."""
    monkeypatch.setattr(cli, "_log_to_file", lambda: None)
    monkeypatch.setattr(settings, "DATA_FOLDER", tmp_path / "data")
    monkeypatch.setattr(settings, "load", partial(settings.load, tmp_path / "settings.toml"))

    def run(*names: Path) -> tuple[int, str]:
        done = CliRunner().invoke(cli.main, ["mix", *map(str, names)])
        return done.exit_code, done.output

    return run


def test_the_command_mixes_a_playlist(invoke: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    for number in (1, 2):
        write(tmp_path / f"{number}.flac", noise(9.0, seed=number))
    playlist = tmp_path / "party.m3u8"
    playlist.write_text("1.flac\nmissing.mp3\n2.flac\n")
    (tmp_path / "settings.toml").write_text("crossfade = 2.0\n")
    out = tmp_path / "out.mp3"

    code, said = invoke(playlist, out)

    assert code == 0, said
    assert "left out: missing.mp3 cannot be read" in said
    assert "breaks off" not in said
    assert f"{out} holds 2 songs, 0:16." in said
    assert read_tags(out) == Tags("party")
    assert len(heard(out)) / RATE == pytest.approx(16.0, abs=0.1)  # 9 + 9 less a fade of 2: the setting's


def test_the_command_refuses_in_one_sentence(invoke: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    (tmp_path / "empty.m3u8").write_text("#EXTM3U\n")
    (tmp_path / "text.mp3").write_text("Dear aunt")
    for name, out, sentence in (
        ("empty.m3u8", "out.mp3", "no song"),
        ("missing.m3u8", "out.mp3", "cannot be read"),
        ("text.mp3", "text.mp3", "exists already"),
        ("text.mp3", "out.doc", "no format"),
    ):
        code, said = invoke(tmp_path / name, tmp_path / out)
        assert (code, said.count("\n"), sentence in said) == (1, 1, True), said
    code, said = invoke(tmp_path / "missing.mp3", tmp_path / "out.mp3")
    assert (code, "None of the songs" in said, "missing.mp3" in said) == (1, True, True)
    assert invoke(tmp_path / "out.mp3")[0] == 2
    assert not (tmp_path / "out.mp3").exists()


def test_the_command_tells_which_song_breaks_off(
    invoke: Callable[..., tuple[int, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    song = a_track(write(tmp_path / "song.mp3", noise(LENGTH, channels=2)), 1)
    cut_short(song.path)
    monkeypatch.setattr(guests, "tracks_of", lambda *_: iter([song]))  # as it was read, before that
    code, said = invoke(song.path, tmp_path / "out.flac")
    assert (code, "left out" in said) == (0, False)
    assert "“Artist 1 – Title 1” breaks off after 0:06. Copy or download it again.\n" in said


@pytest.mark.skipif(os.name != "posix", reason="names are bytes")
def test_a_name_that_is_no_utf8_is_written_and_told(invoke: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    song, out = write(tmp_path / "1.flac", noise(9.0)), tmp_path / os.fsdecode(b"caf\xe9.mp3")
    code, said = invoke(song, out)
    assert (code, out.exists()) == (0, True), said
    assert "caf\ufffd.mp3 holds 1 songs, 0:09." in said
    code, said = invoke(song, tmp_path / os.fsdecode(b"caf\xe9") / "mix.mp3")
    assert (code, "There is no folder" in said) == (1, True), said


def test_ctrl_c_ends_the_command_with_a_sentence(
    invoke: Callable[..., tuple[int, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(mix, "write", interrupt)
    code, said = invoke(tmp_path / "missing.mp3", tmp_path / "out.mp3")
    assert code == 130
    assert said.endswith("\nStopped. Nothing was written.\n")
