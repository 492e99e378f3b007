import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("tensorflow", reason="needs the train extra")

from click.testing import CliRunner

from livedj.ear.encoder import Encoder, MelParams, read_card
from livedj.train import track_vectors
from livedj.train.configuration import DEFAULT
from livedj.train.evaluate import main
from livedj.train.export import export, weights_path
from livedj.train.network import build_network
from livedj.train.report import BEGIN, END
from tests.conftest import MUSIC
from tests.train.test_listening import AIR

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def untrained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with its card and weights."""
    model = tmp_path_factory.mktemp("model") / "mine.tflite"
    export(build_network(MelParams(), 100), None, MelParams(), model,
           {"name": "mine", "within_track_p01": 0.0, "same_track": 0.0, "unrelated": 0.0})
    return model


@pytest.fixture(autouse=True)
def small_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a large library costs is measured on a small one."""
    monkeypatch.setattr(track_vectors, "TRACKS", 20)


@pytest.fixture
def model(untrained: Path, tmp_path: Path) -> Path:
    """A copy that a test may complete."""
    return Path(shutil.copytree(untrained.parent, tmp_path / "model")) / untrained.name


def hearing(music: Path | str, folder: Path) -> Path:
    """Write the shipped configuration for other music."""
    path = folder / "run.toml"
    shipped = DEFAULT.read_text(encoding="utf-8")
    assert shipped.count("../shared/music") == 1
    path.write_text(shipped.replace("../shared/music", Path(music).as_posix()), encoding="utf-8")
    return path


def evaluate(configuration: Path, model: Path, air: Path, out: Path, *more: str) -> str:
    arguments = ["--configuration", configuration, "--model", model, "--air", air, "--out", out, "--readme", out / "no"]
    result = CliRunner().invoke(main, [*map(str, arguments), "--no-room", *more], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_model_is_measured_and_its_card_completed(music: Path, model: Path, tmp_path: Path) -> None:
    air, out = tmp_path / "air.py", tmp_path / "figures"
    air.write_text(AIR, encoding="utf-8")
    printed = evaluate(hearing(music, tmp_path), model, air, out)
    for words in ("6 songs of 2 collections", "MFCC", "random weights", "air12", "chance", "dynamic range", "ms"):
        assert words in printed
    assert "Not measured: the model has no output" in printed

    flat = json.loads((out / "evaluate.json").read_text(encoding="utf-8"))
    assert flat["livedj_clean_own_in_ten"] == 1.0, "six songs are all among ten"
    assert flat["chance_collection_p10"] == pytest.approx(2 / 5)
    # Five others are all that ten places can hold: every order finds two of five.
    assert flat["livedj_air6_collection_p10"] == flat["mfcc_clean_collection_p10"] == pytest.approx(2 / 5)
    assert flat["livedj_clean_style_p10"] is None, "nobody named a style"
    assert flat["track_vectors_livedj_mean_own_in_ten"] == 1.0
    assert flat["track_vectors_random_weights_epsilon_0.1_collection_p10"] == pytest.approx(2 / 5)
    assert flat["quantised_float16_megabytes"] < 0.6 * flat["cost_megabytes"]
    for picture in ("map.png", "evaluate.png"):
        assert (out / picture).stat().st_size > 5000

    card = Encoder(model).card
    assert card.within_track_p01 == flat["within_track_p01"] == pytest.approx(flat["stability_within_p01"])
    assert card.raw["name"] == "mine"
    figures = card.raw["figures"]
    assert isinstance(figures, dict)
    assert figures["command"] == "python -m livedj.train.evaluate"
    assert figures["retrieval"]["livedj"]["clean"]["own_in_ten"] == 1.0


def test_some_songs_alone_leave_the_card_as_it_is(music: Path, model: Path, tmp_path: Path) -> None:
    weights_path(model).unlink()
    before = read_card(model)
    path = hearing(music, tmp_path)
    printed = evaluate(path, model, tmp_path / "no air", tmp_path, "--songs", "4")
    assert "4 songs of 2 collections" in printed
    assert "our own room" in printed
    assert "Not measured: The weights" in printed
    assert read_card(model) == before


def test_one_part_alone_adds_its_figures_to_those_of_an_earlier_run(music: Path, model: Path, tmp_path: Path) -> None:
    figures, before = tmp_path / "evaluate.json", read_card(model)
    figures.write_text('{"songs": 3, "cost_milliseconds": 7.0}', encoding="utf-8")
    path = hearing(music, tmp_path)
    printed = evaluate(path, model, tmp_path / "no air", tmp_path, "--part", "track-vectors")
    flat = json.loads(figures.read_text(encoding="utf-8"))
    assert (flat["songs"], flat["cost_milliseconds"]) == (6, 7.0)
    assert flat["track_vectors_cost_tracks"] == 20
    assert "TF-IDF, ε = 0.1" in printed
    assert "20 tracks of 40 windows take" in printed
    for what in ("MFCC", "target", "ms a window"):
        assert what not in printed
    assert not (tmp_path / "map.png").exists()
    assert read_card(model) == before


def test_without_the_music_the_demo_library_is_heard(
    music: Path, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = music / "middle", music / "hiss"

    def demo_library(folder: Path, progress: Callable[[int, int], None]) -> list[Path]:
        """Songs of two styles in place of the synthesis, which takes minutes."""
        progress(6, 6)
        return [path for style in made for path in sorted(style.iterdir())]

    monkeypatch.setattr("livedj.demo.songs.make_demo_library", demo_library)
    path = hearing("nowhere", tmp_path)
    weights_path(model).unlink()
    before = read_card(model)
    printed = evaluate(path, model, tmp_path / "no air", tmp_path / "figures")
    assert "6 songs of 2 collections, of the demo library: nowhere is not there" in printed
    assert "our own room" in printed
    flat = json.loads((tmp_path / "figures" / "evaluate.json").read_text(encoding="utf-8"))
    assert flat["chance_collection_p10"] == pytest.approx(2 / 5), "a style is a collection"
    assert flat["livedj_room12_style_p10"] is None
    assert read_card(model) == before, "the demo library sets no thresholds"


@pytest.mark.music
@pytest.mark.skipif(not MUSIC.is_dir(), reason="the real recordings are not on this machine")
def test_the_shipped_model_on_real_songs_in_the_judges_rooms(tmp_path: Path) -> None:
    path, out = hearing(MUSIC.resolve(), tmp_path), tmp_path / "figures"
    arguments = ["--configuration", path, "--air", MUSIC.parent / "air.py", "--out", out, "--songs", "4", "--no-room"]
    result = CliRunner().invoke(main, list(map(str, arguments)), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    flat = json.loads((out / "evaluate.json").read_text(encoding="utf-8"))
    assert flat["livedj_air12_own_first"] > flat["chance_own_first"]


def test_the_readme_has_room_for_the_table() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    assert readme.count(BEGIN) == readme.count(END) == 1
    assert readme.index(BEGIN) < readme.index(END)
