"""Files that a person names become tracks: known ones as the library knows them, others by being heard."""

from pathlib import Path

import numpy as np
import pytest

from livedj import bundled
from livedj.ear.encoder import Encoder
from livedj.library import guests
from livedj.library.analysis import analyse, analyse_intro
from livedj.library.catalogue import FILE_NAME, Catalogue, Problem
from livedj.library.guests import tracks_of
from livedj.music import CuePoints, Seconds, Track
from tests.library.analyses import MODEL
from tests.library.sounds import noise, silence, write
from tests.library.stand_ins import intro_by_name


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder(bundled.MODEL)


@pytest.fixture
def known(data: Path, music: Path, encoder: Encoder) -> Path:
    """Return a file that the library knows, with a cue point that a person has moved."""
    file = write(music / "known.flac", noise(9.0))  # too short for a beat to be looked for, which takes long
    with Catalogue(data / FILE_NAME) as catalogue:
        track = catalogue.add(analyse(file, encoder), MODEL)
        catalogue.move_cues(track, CuePoints(Seconds(3.0), Seconds(8.0)))
    return file


def _nobody(*_: object) -> None:
    raise AssertionError("nothing is to be heard")


def test_a_file_of_the_library_is_what_the_library_knows(
    data: Path, known: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guests, "local_pool", _nobody)
    link = tmp_path / "link"
    link.symlink_to(known.parent, target_is_directory=True)
    monkeypatch.chdir(known.parent)
    for name in (known, link / known.name, Path(known.name)):
        (track,) = tracks_of(data, [name])
        assert isinstance(track, Track)
        assert track.cues == CuePoints(Seconds(3.0), Seconds(8.0))


def test_other_files_are_heard_and_not_kept(data: Path, known: Path, music: Path, encoder: Encoder) -> None:
    stranger = write(music / "stranger.flac", np.concatenate([silence(1.0), noise(9.0, seed=2)], axis=1))
    begun = write(music / "begun.flac", noise(9.0, seed=3))
    with Catalogue(data / FILE_NAME) as catalogue:
        catalogue.add(analyse_intro(begun, encoder), MODEL)

    heard, first, again, whole = tracks_of(data, [stranger, known, stranger, begun])

    assert isinstance(heard, Track)
    assert isinstance(first, Track)
    assert isinstance(whole, Track)
    assert (heard.path, heard.title, first.cues.start) == (stranger, "stranger", 3.0)
    assert again == heard
    assert heard.cues.start == pytest.approx(1.0, abs=0.02)
    assert heard.loudness == analyse(stranger, encoder).loudness is not None
    assert whole.loudness is not None  # of which the library knows the intro alone
    with Catalogue(data / FILE_NAME) as catalogue:
        assert catalogue.size(MODEL) == 2


def test_a_file_that_has_changed_is_heard_anew(data: Path, known: Path) -> None:
    write(known, noise(10.0, seed=4))

    (track,) = tracks_of(data, [known])

    assert isinstance(track, Track)
    assert track.cues.start == 0.0
    assert track.duration == pytest.approx(10.0, abs=0.01)


def test_what_cannot_be_used_is_told_in_its_place(data: Path, known: Path, music: Path) -> None:
    (music / "text.mp3").write_text("Dear aunt")
    names = [music / "missing.mp3", known, music / "text.mp3"]

    missing, track, text = tracks_of(data, names)

    assert isinstance(track, Track)
    assert isinstance(missing, Problem)
    assert isinstance(text, Problem)
    assert missing.reason == "missing.mp3 cannot be read: No such file or directory."
    assert text.reason.startswith("text.mp3 cannot be decoded")
    assert (missing.path, text.path) == (names[0], names[2])
    assert missing.remedy
    assert text.remedy


@pytest.mark.parametrize(("work", "limit", "word"), [("hang", 1, "longer than 1 seconds"), ("segfault", 90, "crash")])
def test_a_file_that_costs_a_worker_is_told(
    data: Path, music: Path, monkeypatch: pytest.MonkeyPatch, work: str, limit: int, word: str
) -> None:
    monkeypatch.setattr(guests, "hear_track", intro_by_name)
    monkeypatch.setattr(guests, "TIME_LIMIT", Seconds(limit))
    (music / f"{work}.mp3").write_text("la")

    (problem,) = tracks_of(data, [music / f"{work}.mp3"])

    assert isinstance(problem, Problem)
    assert word in problem.reason
