"""What a person gets from a wheel: only our names, everything that must travel, and a program that finds it there."""

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path, PurePosixPath

import numpy as np
import pytest

from livedj.demo.room import VirtualRoom
from livedj.music import SAMPLE_RATE

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a wheel built as releases are, except that the build tools are those that are installed: no network."""
    folder = tmp_path_factory.mktemp("wheel")
    done = subprocess.run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[PurePosixPath]:
    with zipfile.ZipFile(wheel) as archive:
        return {PurePosixPath(name) for name in archive.namelist()}


def test_a_wheel_brings_no_stray_top_level_names(names: set[PurePosixPath]) -> None:
    tops = {name.parts[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"livedj", "ui"}
    assert len(tops) == 3


def test_model_and_resources_travel_in_the_wheel(names: set[PurePosixPath]) -> None:
    for folder in ("models", "resources"):
        here = {path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob("*") if path.is_file()}
        assert here
        assert {PurePosixPath("livedj", path) for path in here} <= names
    assert PurePosixPath("livedj/models/livedj.tflite") in names
    assert PurePosixPath("livedj/train/config.toml") in names


def test_the_licence_travels_in_the_wheel(names: set[PurePosixPath]) -> None:
    assert any(name.name == "LICENSE" and name.parts[0].endswith(".dist-info") for name in names)


@pytest.mark.room
def test_an_installed_wheel_passes_the_doctor(wheel: Path, room: VirtualRoom, tmp_path: Path) -> None:
    """The environment is empty but for the wheel.

    It borrows the dependencies from the one the tests run in, which saves a download of 300 MB each time; a path in a
    .pth file does not bring the checkout along, whose own .pth file is not followed.
    """
    environment = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    python = environment / "bin" / "python"
    subprocess.run([sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index",
                    wheel], check=True)
    installed = Path(sysconfig.get_path("purelib", vars={"base": str(environment)}))
    (installed / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")

    outside = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    where = "import livedj.bundled as b, ui; print(b.__file__, b.MODEL, b.RESOURCES, ui.__file__, sep='\\n')"
    found = subprocess.run([python, "-c", where], cwd=tmp_path, env=outside, capture_output=True, text=True, check=True)
    assert all(line.startswith(str(installed)) for line in found.stdout.splitlines())

    tone = np.sin(np.arange(60 * SAMPLE_RATE) * 0.1).astype(np.float32)  # a silent microphone is not a healthy one
    player = room.play(tone)
    doctor = subprocess.run([environment / "bin" / "livedj", "doctor"], cwd=tmp_path, env=outside,
                            capture_output=True, text=True, check=False)
    player.stop()
    assert doctor.returncode == 0, doctor.stdout + doctor.stderr
