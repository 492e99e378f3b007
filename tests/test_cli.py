"""The command line as a person meets it: a process of its own, its words and its exit code."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from livedj import bundled, cli, settings
from livedj.demo.room import VirtualRoom
from livedj.ear.encoder import read_card
from livedj.errors import SettingsError
from livedj.library.catalogue import FILE_NAME, Catalogue
from livedj.music import SAMPLE_RATE
from tests.conftest import PATIENCE, Livedj
from tests.library import sounds
from tests.library.analyses import MODEL, an_analysis
from tests.other_models import another_model
from tests.tune import tune

VERBS = ("run", "scan", "library", "listen", "similar", "playlist", "journey", "mix", "blind-test", "devices",
         "doctor", "model", "train", "demo")  # fmt: skip


def test_every_verb_has_help(livedj: Livedj) -> None:
    overview = livedj("--help")
    for verb in VERBS:
        assert verb in overview.stdout
        assert livedj(verb, "--help").returncode == 0


def test_a_wrong_verb_is_wrong_usage(livedj: Livedj) -> None:
    assert livedj("dance").returncode == 2


def test_scan_lists_what_it_took_and_what_it_skipped_and_remembers_the_folder(livedj: Livedj, tmp_path: Path) -> None:
    music = tmp_path / "music"
    music.mkdir()
    sounds.write(music / "good.flac", sounds.noise(8.0))
    (music / "broken.mp3").write_text("no music")
    done = livedj("scan", str(music))
    assert done.returncode == 0
    assert "1 songs in the library" in done.stdout
    assert "broken.mp3" in done.stdout
    sounds.write(music / "another.flac", sounds.noise(8.0, seed=2))
    assert "2 songs in the library" in livedj("scan").stdout


@pytest.mark.skipif(os.name != "posix", reason="sends a signal")
def test_a_scan_ends_at_ctrl_c_and_the_next_goes_on(livedj: Livedj, home: dict[str, str], tmp_path: Path) -> None:
    """A terminal sends the signal to every process: to workers that are still starting, and to those at work."""
    music = tmp_path / "music"
    music.mkdir()
    for number in range(60):  # too short for a beat to be looked for, which takes the first one half a minute
        sounds.write(music / f"{number}.flac", sounds.noise(10.0, seed=number))
    data = Path(home["XDG_DATA_HOME"]) / "livedj"
    moments: list[Callable[[int, int], bool]] = [
        lambda group, _: _processes(group) >= 2,  # the first one cleans up after the workers
        lambda group, _: _processes(group) >= 3,
        lambda group, _: _processes(group) >= 3,
        lambda _, before: _count(data / "catalogue.sqlite3") > before,
    ]
    for begun in moments:
        before = _count(data / "catalogue.sqlite3")
        process = subprocess.Popen([sys.executable, "-u", "-m", "livedj", "scan", str(music)], env=home, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
        deadline = time.monotonic() + PATIENCE
        while not begun(process.pid, before):
            assert time.monotonic() < deadline
        os.killpg(process.pid, signal.SIGINT)
        _, trouble = process.communicate(timeout=PATIENCE)
        assert process.returncode == 130, trouble
        assert "goes on" in trouble
        assert "Traceback" not in trouble
    assert "60 songs in the library" in livedj("scan").stdout


@pytest.mark.skipif(os.name != "posix", reason="sends a signal")
def test_ctrl_c_ends_any_verb_with_a_word(livedj: Livedj, home: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "music").mkdir()
    sounds.write(tmp_path / "music" / "song.flac", sounds.noise(8.0))
    livedj("scan", str(tmp_path / "music"))
    outside = sounds.write(tmp_path / "outside.flac", sounds.noise(240.0, seed=2))
    process = subprocess.Popen([sys.executable, "-m", "livedj", "similar", str(outside), "--json"], env=home, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
    deadline = time.monotonic() + PATIENCE
    while _processes(process.pid) < 3:  # one hears the file
        assert time.monotonic() < deadline
    os.killpg(process.pid, signal.SIGINT)
    said, trouble = process.communicate(timeout=PATIENCE)
    assert (process.returncode, said, trouble) == (130, "", "\nStopped.\n")


def _processes(group: int) -> int:
    listed = subprocess.run(["ps", "-A", "-o", "pgid="], capture_output=True, text=True, check=True)
    return listed.stdout.split().count(str(group))


def _count(file: Path) -> int:
    with Catalogue(file) as catalogue:
        return catalogue.size(read_card(bundled.MODEL).sha256)


def test_scan_without_any_folder_says_what_to_do(livedj: Livedj) -> None:
    done = livedj("scan")
    assert done.returncode == 2
    assert "livedj scan FOLDER" in done.stderr
    assert livedj("scan", "/no/such/folder").returncode == 2


def test_the_card_of_the_model_in_use_is_shown(livedj: Livedj) -> None:
    shown = livedj("model", "show")
    assert shown.returncode == 0
    card = read_card(bundled.MODEL)
    first, *_ = shown.stdout.splitlines()
    assert first == f"{card.raw['name']} ({card.sha256[:12]}), the model that ships with livedj"
    for word in ("licence", "trained on", "limits", "Figures", f"{card.dimensions} numbers"):
        assert word in shown.stdout
    assert json.loads(livedj("model", "show", "--json").stdout) == card.raw


def test_another_model_is_brought_and_taken_back(livedj: Livedj, tmp_path: Path) -> None:
    music = tmp_path / "music"
    music.mkdir()
    for number in range(2):
        sounds.write(music / f"{number}.flac", sounds.noise(6.0, seed=number))
    livedj("scan", str(music))
    taste = another_model(tmp_path / "taste.tflite")
    name = f"taste ({read_card(taste).sha256[:12]})"

    used = livedj("model", "use", str(taste))
    assert used.returncode == 0, used.stderr
    assert f"{name} works: {read_card(taste).dimensions} numbers a window" in used.stdout
    outlook = f"{name} takes over once it has heard your songs: 0 of 2 so far."
    assert outlook in used.stdout
    taste.unlink()
    shown = livedj("model", "show").stdout
    assert "the model that ships with livedj" in shown
    assert outlook in shown
    assert name in livedj("doctor").stdout

    scanned = livedj("scan").stdout
    assert "anew" in scanned
    assert "2 songs in the library" in scanned
    assert livedj("model", "show").stdout.startswith(f"{name}, the model that you brought")

    back = livedj("model", "use", "shipped")
    assert "2 of 2 so far" in back.stdout
    livedj("scan")
    assert "the model that ships with livedj" in livedj("model", "show").stdout


def test_a_model_that_does_not_work_is_refused_in_one_sentence_and_nothing_changes(
    livedj: Livedj, home: dict[str, str], tmp_path: Path
) -> None:
    broken, letter = another_model(tmp_path / "broken.tflite"), tmp_path / "letter.txt"
    broken.write_bytes(broken.read_bytes()[:1000])
    letter.write_text("Dear aunt")
    for file, sentence in (
        (broken, "sha256 differs"),
        (broken.with_suffix(".json"), "is a card"),
        (letter, "card"),
        (tmp_path / "nowhere.tflite", "There is no file"),
    ):
        refused = livedj("model", "use", str(file))
        assert refused.returncode == 1
        assert refused.stderr.count("\n") == 1
        assert sentence in refused.stderr
    assert not (Path(home["XDG_DATA_HOME"]) / "livedj" / "models").exists()


def test_without_a_screen_the_window_is_refused_in_one_sentence(livedj: Livedj) -> None:
    done = livedj("run", QT_QPA_PLATFORM="", DISPLAY="", WAYLAND_DISPLAY="")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "livedj listen" in done.stderr


def test_broken_settings_are_named(livedj: Livedj, home: dict[str, str]) -> None:
    file = Path(home["XDG_CONFIG_HOME"]) / "livedj" / "settings.toml"
    file.parent.mkdir(parents=True)
    file.write_text("crossfade = 'long'")
    done = livedj("devices")
    assert done.returncode == 1
    assert str(file) in done.stderr


@pytest.mark.room
def test_doctor_finds_all_well_in_the_virtual_room(livedj: Livedj, room: VirtualRoom) -> None:
    done = livedj("doctor", **room.environment)
    assert done.returncode == 0, done.stdout
    for subject in ("Python", "Microphone", "Playback", "Model", "Library", "Index", "Disk"):
        assert subject in done.stdout
    assert "pure silence" in done.stdout  # nobody plays
    assert "2 of 2 decks ready" in done.stdout


@pytest.mark.room
def test_doctor_tells_a_monitor_and_a_muted_microphone_from_a_good_one(livedj: Livedj, room: VirtualRoom) -> None:
    assert "sound of an output" in livedj("doctor", **room.environment, PULSE_SOURCE="dj.monitor").stdout
    pactl = ["pactl", "set-source-mute", "mic"]
    subprocess.run([*pactl, "1"], env={**os.environ, **room.environment}, check=True)
    try:
        assert "is muted" in livedj("doctor", **room.environment).stdout
    finally:
        subprocess.run([*pactl, "0"], env={**os.environ, **room.environment}, check=True)


@pytest.mark.room
def test_devices_marks_the_default_input(livedj: Livedj, room: VirtualRoom) -> None:
    lines = livedj("devices", **room.environment).stdout.splitlines()
    assert lines[0] == "* System default"
    assert "  pulse (ALSA)" in lines


@pytest.mark.room
def test_listen_shows_proposals_until_ctrl_c(
    livedj: Livedj, room: VirtualRoom, home: dict[str, str], tmp_path: Path
) -> None:
    music = tmp_path / "music"
    music.mkdir()
    for number in range(3):
        sounds.write(music / f"{number}.flac", tune(30.0, root=220.0 + 40 * number)[None], rate=SAMPLE_RATE)
    livedj("scan", str(music))
    player = room.play(music / "0.flac")
    process = subprocess.Popen([sys.executable, "-m", "livedj", "listen"], env=home | room.environment, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    deadline = time.monotonic() + PATIENCE
    for line in process.stdout:
        assert time.monotonic() < deadline
        if " %  " in line:
            break
    process.send_signal(signal.SIGINT)
    _, trouble = process.communicate(timeout=PATIENCE)
    player.stop()
    assert process.returncode == 0
    assert "Traceback" not in trouble


def test_settings_that_cannot_be_read_end_a_start_but_not_a_night(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "settings.toml"
    broken.write_text("crossfade = ")
    monkeypatch.setattr(settings, "load", partial(settings.load, broken))
    with pytest.raises(SettingsError):
        cli._settings_for("")
    kept, sentence = cli._settings_for("livedj was ended by SIGKILL.")
    assert kept == settings.Settings(auto=True)
    assert sentence.startswith("livedj was ended by SIGKILL. ")
    assert str(broken) in sentence


def test_a_music_folder_is_removed_again(livedj: Livedj, tmp_path: Path) -> None:
    folders = [tmp_path / "first", tmp_path / "second"]
    for number, folder in enumerate(folders):
        folder.mkdir()
        sounds.write(folder / "song.flac", sounds.noise(8.0, seed=number))
    livedj("scan", *map(str, folders))
    assert livedj("library", "folders").stdout.split() == [str(folder) for folder in folders]
    assert "1 songs in the library" in livedj("library", "remove", str(folders[0])).stdout
    assert livedj("library", "folders").stdout.split() == [str(folders[1])]
    link = tmp_path / "link"
    link.symlink_to(folders[1], target_is_directory=True)
    livedj("scan", str(link))
    assert livedj("library", "folders").stdout.split() == [str(folders[1])]
    again = livedj("library", "remove", str(folders[0]))
    assert (again.returncode, "livedj library folders" in again.stderr) == (2, True)
    assert "0 songs in the library" in livedj("library", "remove", str(link)).stdout
    (tmp_path / "circle").symlink_to("circle")
    assert livedj("library", "remove", str(tmp_path / "circle")).returncode == 2


def test_a_library_is_checked_exported_repaired_and_imported(livedj: Livedj, tmp_path: Path) -> None:
    path, file = tmp_path / "data" / "livedj" / FILE_NAME, tmp_path / "library"
    with Catalogue(path) as catalogue:
        catalogue.add(an_analysis(), MODEL)
    assert (livedj("library", "check").returncode, livedj("library", "export", str(file)).returncode) == (0, 0)
    again = livedj("library", "export", str(file))
    assert (again.returncode, "exists already" in again.stderr) == (1, True)

    path.write_bytes(b"la la la" * 1000)
    damaged = livedj("library", "check")
    assert (damaged.returncode, "livedj library repair" in damaged.stdout) == (1, True)
    assert livedj("library", "repair").returncode == 0
    assert livedj("library", "check").returncode == 0
    assert livedj("library", "import", str(file)).stdout.startswith("1 songs added")
    with Catalogue(path) as catalogue:
        assert catalogue.size(MODEL) == 1
