"""Settings survive a round trip, and a wrong file is refused with its name."""

from pathlib import Path

import pytest

from livedj import settings
from livedj.choose.scene import Taste
from livedj.errors import SettingsError
from livedj.settings import Settings


def test_a_missing_file_means_all_defaults(tmp_path: Path) -> None:
    assert settings.load(tmp_path / "none.toml") == Settings()


def test_what_is_saved_is_loaded_again(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "settings.toml"
    wanted = Settings(input_name='Mic "1" ü', input_host_api="ALSA", crossfade=8.0, auto=True)
    settings.save(wanted, file)
    assert settings.load(file) == wanted
    assert [path.name for path in file.parent.iterdir()] == ["settings.toml"]


@pytest.mark.parametrize(
    "text",
    ["crossfade = 99", "crossfade = 'x'", "auto = 1", "unknown = 3", "not toml", "input_name = 3", "taste = 'wild'"],
)
def test_a_wrong_file_is_refused_in_one_sentence_that_names_it(tmp_path: Path, text: str) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(text)
    with pytest.raises(SettingsError, match=str(file)):
        settings.load(file)


def test_whole_numbers_serve_as_lengths(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("crossfade = 4")
    assert settings.load(file).crossfade == 4.0


@pytest.mark.parametrize("taste", Taste)
def test_every_taste_can_be_kept(tmp_path: Path, taste: Taste) -> None:
    settings.save(Settings(taste=taste.value), tmp_path / "settings.toml")
    assert Taste(settings.load(tmp_path / "settings.toml").taste) is taste


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(SettingsError, match="cannot be written"):
        settings.save(Settings(), tmp_path / "taken" / "settings.toml")


def test_settings_that_cannot_be_read_are_kept_aside_when_others_are_saved(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("crossfade = ten")
    settings.save(Settings(), file)
    assert settings.load(file) == Settings()
    assert (tmp_path / "settings.toml.broken").read_text() == "crossfade = ten"
