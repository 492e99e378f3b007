"""The score is read and checked; its notes are what it says; equal scores make equal sound."""

import shutil
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from livedj.demo import songs
from livedj.demo.mixing import CEILING, LOUDNESS, loudness, render
from livedj.demo.performance import perform, voice_chords
from livedj.demo.score import parse_chord, read_scores
from livedj.demo.synth import RATE
from livedj.errors import DemoError
from livedj.library import encode

SHORT = """
name = "Test"
form = ["all", "end"]
mix = { reverb_seconds = 0.3, reverb_cutoff = 5000 }
cover = { motif = "bars", palette = ["#000000", "#202020", "#ffffff"] }

[instruments]
kick = { voice = "kick", role = "drum", level = -6 }
piano = { voice = "electric_piano", role = "chord", level = -9, register = 60, duck = 0.5, reverb = 0.2, echo = 0.2 }
bass = { voice = "upright", role = "bass", level = -6, register = 31, loose = 0 }
tune = { voice = "vibraphone", role = "tune", level = -9, register = 72, loose = 0 }

[patterns]
beat = "x...o..."
whole = "x---"
walk = "1-5~"

[sections]
all = { bars = 2, chords = "a", parts = { kick = "beat", piano = "whole", bass = "walk", tune = "tune" } }
end = { bars = 1, chords = "a", parts = { piano = "whole" } }

[[songs]]
title = "One"
artist = "Nobody"
album = "Nothing"
format = "flac"
seed = 1
key = "C major"
tempo = 120
chords = { a = "C|G9sus4" }
patterns = { tune = "1 3 5' - | #4 b7, . ." }

[[songs]]
title = "Two"
artist = "Nobody"
album = "Nothing"
format = "ogg"
seed = 2
key = "D minor"
tempo = 100
chords = { a = "Dm7|Bbmaj7 C" }
patterns = { tune = "1 - 3 -" }
"""


@pytest.fixture
def score(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a score of two songs of a few seconds in the place of the real one; return its file."""
    folder = tmp_path / "score"
    folder.mkdir()
    file = folder / "test.toml"
    file.write_text(SHORT, encoding="utf-8")
    monkeypatch.setattr(songs, "SCORE", folder)
    return file


def test_the_real_score_names_six_styles() -> None:
    assert tuple(style.name for style in read_scores(songs.SCORE)) == songs.STYLES


def test_notes_are_those_of_the_score(score: Path) -> None:
    style = read_scores(score.parent)[0]
    performance = perform(style, style.songs[0])
    assert performance.seconds == pytest.approx(6.0)
    bass = performance.notes["bass"]
    # C: root, fifth, and from a semitone below into G; then the same from G back to C.
    assert [note.pitch for note in bass] == [36, 43, 30, 31, 38, 35]
    assert [note.at for note in bass] == pytest.approx([0.0, 1.0, 1.5, 2.0, 3.0, 3.5])
    assert [note.seconds for note in bass] == pytest.approx([1.0, 0.5, 0.5, 1.0, 0.5, 0.5])
    assert [note.pitch for note in performance.notes["tune"]] == [72, 76, 91, 78, 70]
    assert [note.seconds for note in performance.notes["tune"]] == pytest.approx([0.5, 0.5, 1.0, 0.5, 0.5])


def test_swing_stretches_the_first_half_of_a_pair(score: Path) -> None:
    text = SHORT.replace('name = "Test"', 'name = "Test"\nswing = 0.6\nswing_beats = 2.0')
    score.write_text(text, encoding="utf-8")
    style = read_scores(score.parent)[0]
    bass = perform(style, style.songs[0]).notes["bass"]
    assert [note.at for note in bass][:3] == pytest.approx([0.0, 1.0, 1.6])


def test_chords_move_by_small_steps() -> None:
    chords = [parse_chord(symbol) for symbol in ("Dm9", "G13", "Cmaj9", "Am9", "F/A", "Bm7b5", "E7b9")]
    voicings = voice_chords(chords, 60, open_position=False)
    for chord, notes in zip(chords, voicings, strict=True):
        assert {note % 12 for note in notes} <= {(chord.root + interval) % 12 for interval in chord.intervals}
        assert abs(sum(notes) / len(notes) - 60) < 9
    for before, after in pairwise(voicings):
        assert max(min(abs(note - other) for other in before) for note in after) <= 4


def test_two_syntheses_are_the_same_samples(score: Path) -> None:
    style = read_scores(score.parent)[0]
    first, second = (render(style, style.songs[0]) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert first.shape[1] == 2
    assert 6.0 < len(first) / RATE < 9.0
    assert np.abs(first).max() <= CEILING
    assert loudness(first) == pytest.approx(LOUDNESS, abs=0.3)


def test_loudness_of_the_reference_tone() -> None:
    """BS.1770: a full-scale sine of 997 Hz in one of two channels measures −3.01 LUFS."""
    tone = np.sin(2 * np.pi * 997 * np.arange(5 * RATE) / RATE)
    sound = np.stack([tone, np.zeros_like(tone)], axis=1).astype(np.float32)
    assert loudness(sound) == pytest.approx(-3.01, abs=0.05)


def test_a_second_run_keeps_what_is_there_and_makes_what_is_missing(score: Path, tmp_path: Path) -> None:
    library = tmp_path / "library"
    calls: list[tuple[int, int]] = []
    first, second = songs.make_demo_library(library, lambda *call: calls.append(call))
    assert calls == [(0, 2), (1, 2), (2, 2)]
    assert (first.relative_to(library), second.name) == (Path("Test/01 One.flac"), "02 Two.ogg")
    kept, lost = first.stat().st_mtime_ns, second.read_bytes()
    second.unlink()
    assert songs.make_demo_library(library, lambda *call: None) == [first, second]
    assert first.stat().st_mtime_ns == kept
    assert second.read_bytes() == lost


def test_an_interrupted_run_leaves_no_half_file(score: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = tmp_path / "library"

    def stop(done: int, total: int) -> None:
        if done == 1:
            # The next song is cut short while its tags are written.
            monkeypatch.setitem(encode.ENCODERS, "ogg", replace(encode.ENCODERS["ogg"], tag=interrupt))

    def interrupt(path: Path, labels: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        songs.make_demo_library(library, stop)
    assert [path.name for path in library.rglob("*") if path.is_file()] == ["01 One.flac"]


def test_a_folder_that_cannot_be_written_is_said_so(score: Path, tmp_path: Path) -> None:
    (tmp_path / "library").write_text("a file, not a folder")
    with pytest.raises(DemoError, match="cannot be written"):
        songs.make_demo_library(tmp_path / "library", lambda *call: None)


@pytest.mark.parametrize(
    ("wrong", "right", "reason"),
    [
        ('"Dm7|Bbmaj7 C"', '"Dm7|Hm7"', "'Hm7' is not a chord"),
        ('walk = "1-5~"', 'walk = "1-2~"', "pattern 'walk' for bass"),
        ('kick = "beat"', 'kick = "beet"', "no pattern 'beet'"),
        ('kick = "beat"', 'drum = "beat"', "unknown player 'drum'"),
        ('"all", "end"', '"all", "coda"', "unknown section 'coda'"),
        ('format = "ogg"', 'format = "wma"', "unknown format 'wma'"),
        ('role = "drum"', 'role = "noise"', "unknown role 'noise'"),
        ("tempo = 100", "", "tempo"),
        ("level = -6 }", "lever = -6 }", "lever"),
    ],
)
def test_a_wrong_score_is_said_so(score: Path, wrong: str, right: str, reason: str) -> None:
    assert wrong in SHORT
    score.write_text(SHORT.replace(wrong, right), encoding="utf-8")
    with pytest.raises(DemoError, match=reason):
        read_scores(score.parent)


def test_a_missing_score_and_an_unknown_voice_are_said_so(score: Path) -> None:
    score.write_text(SHORT.replace('"upright"', '"tuba"'), encoding="utf-8")
    style = read_scores(score.parent)[0]
    with pytest.raises(DemoError, match="tuba"):
        render(style, style.songs[0])
    shutil.rmtree(score.parent)
    with pytest.raises(DemoError, match="missing"):
        read_scores(score.parent)
