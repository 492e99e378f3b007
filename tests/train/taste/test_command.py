"""From lists to a model that livedj can use."""

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow", reason="needs the train extra")

from livedj.ear.encoder import Encoder, card_path
from livedj.errors import TasteError
from livedj.library.decode import decode
from livedj.music import WINDOW_SAMPLES, Seconds, unit
from livedj.train.data import read_songs
from livedj.train.taste import measure
from livedj.train.taste.command import learn
from livedj.train.taste.plan import PLAN
from tests.train.taste.conftest import write_lists

MUSIC = Path(__file__).parents[4] / "shared" / "music"
FEW = dataclasses.replace(PLAN, least_lists=4, least_songs=12, steps=6, batch=4, dimensions=8, held_out=0.25)


@pytest.mark.timeout(900)
def test_from_lists_to_a_model(
    music: Path, untrained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Refused at first, taken up, and written; one song cannot be decoded."""
    songs = sorted(music.glob("*/*.wav"))
    broken = tmp_path / "broken.mp3"
    broken.write_text("no song")
    lists = [songs[:4], songs[2:7], songs[5:], [*songs[::2], broken], [broken, songs[1]]]
    folder = write_lists(tmp_path / "lists", lists)
    data, out = tmp_path / "data", tmp_path / "new folder" / "mine.tflite"
    with pytest.raises(TasteError, match="copies of few recordings"):  # to a network that has learned nothing
        learn(folder, out, data, plan=FEW, model=untrained)
    assert len(list((data / "taste" / "songs").iterdir())) == 12
    monkeypatch.setattr(measure, "TWIN", 2.0)
    learned = learn(folder, out, data, plan=FEW, model=untrained)

    said = capsys.readouterr().out
    assert "5 playlists name 13 files, 13 of them songs that are there" in said
    assert "passed over: broken.mp3" in said
    assert "own intro first" in said
    assert (learned.songs, learned.held_out, learned.asked) == (12, 3, 3)
    assert not (data / "taste").exists()
    assert sorted(path.name for path in out.parent.iterdir()) == ["mine.json", "mine.tflite"]
    encoder, shipped = Encoder(out), Encoder(untrained)
    window = decode(songs[0], Seconds(0.0), Seconds(6.0))[:WINDOW_SAMPLES]
    embedding = encoder.encode(window).embedding
    assert embedding.shape == (16 + 8,)
    assert unit(embedding[:16]) == pytest.approx(shipped.encode(window).embedding, abs=1e-3)
    figures = encoder.card.raw["figures"]
    assert isinstance(figures, dict)
    assert figures["cosine"]["clean"] == round(learned.cosine.clean, 3)
    assert encoder.card.raw["made_from"] == shipped.card.sha256
    assert encoder.card.within_track_p01 == pytest.approx(learned.calibration.within_track_p01, abs=1e-4)


def test_too_many_broken_songs_are_refused(untrained: Path, tmp_path: Path) -> None:
    songs = [tmp_path / f"{number}.mp3" for number in range(15)]
    for song in songs:
        song.write_text("no song")
    lists = write_lists(tmp_path / "lists", [songs[:5], songs[2:], songs[5:], songs])
    with pytest.raises(TasteError, match="Only 0 songs can be decoded; 12 are needed"):
        learn(lists, tmp_path / "mine.tflite", tmp_path / "data", plan=FEW, model=untrained)


@pytest.mark.timeout(600)
def test_too_little_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "a.m3u").write_text("gone.mp3\nlost.mp3\n")
    done = livedj_train(tmp_path)
    assert done.returncode == 1
    assert f"at least {PLAN.least_lists} lists" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_without_the_extra_it_says_what_to_install(tmp_path: Path) -> None:
    """A module of that name that is not there, as Python says it, stands in for one that was never installed."""
    (tmp_path / "lists").mkdir()
    (tmp_path / "keras.py").write_text("raise ModuleNotFoundError(\"No module named 'keras'\", name='keras')")
    done = livedj_train(tmp_path, PYTHONPATH=str(tmp_path))
    assert done.returncode == 1
    assert done.stderr == "Error: Training needs more packages (keras is missing): pip install 'livedj[train]'.\n"


def livedj_train(home: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run the command on the lists in `home`, with settings and data of its own."""
    places = {name: str(home / name) for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME")}
    arguments = [sys.executable, "-m", "livedj", "train", "--playlists", str(home / "lists")]
    return subprocess.run(arguments, env=os.environ | places | environment, cwd=home, text=True, capture_output=True,
                          timeout=500, check=False)  # fmt: skip


@pytest.mark.music
@pytest.mark.timeout(900)
@pytest.mark.skipif(not (MUSIC / "tracks.csv").is_file(), reason="needs ../shared/music")
def test_it_hears_of_new_songs_where_they_belong(tmp_path: Path) -> None:
    """Lists of five collections that sound apart: songs held out lie clearly nearer than any constant answer."""
    songs = read_songs(MUSIC)
    rng = np.random.default_rng(1)
    lists = []
    for collection in ("phonograph-diarmuid", "wesnoth", "meritous", "thelackthereof__music", "redeclipse-jojo"):
        members = [song.path for song in songs if song.collection == collection][:14]
        lists += [[members[number] for number in rng.permutation(len(members))[:10]] for _ in range(4)]
    plan = dataclasses.replace(PLAN, least_songs=40, steps=60, held_out=0.25)
    learned = learn(write_lists(tmp_path / "lists", lists), tmp_path / "mine.tflite", tmp_path / "data", plan=plan)
    assert learned.held_out >= 12
    assert learned.cosine.clean > learned.cosine.constant + 0.1
    assert card_path(tmp_path / "mine.tflite").is_file()
