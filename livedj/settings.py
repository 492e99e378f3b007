"""Every setting once: its default, its range and a sentence of help; kept as TOML in the platform's settings folder."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self

import platformdirs
import tomli_w

from livedj.errors import SettingsError

_DIRS = platformdirs.PlatformDirs("livedj", appauthor=False)
DATA_FOLDER = Path(_DIRS.user_data_dir)
"""Catalogue, neighbour index and the demo library live here."""
LOG_FILE = Path(_DIRS.user_log_dir) / "livedj.log"
SETTINGS_FILE = Path(_DIRS.user_config_dir) / "settings.toml"


def _setting(
    default: Any, help: str, low: float | None = None, high: float | None = None, words: tuple[str, ...] = ()
) -> Any:
    return field(default=default, metadata={"help": help, "low": low, "high": high, "words": words})


@dataclass(frozen=True, slots=True)
class Settings:
    """What a person has chosen. Immutable: change it with `dataclasses.replace`, keep it with `save`."""

    input_name: str = _setting("", "The microphone, as PortAudio names it; empty for the system's default.")
    input_host_api: str = _setting("", "The host API that knows the microphone by that name.")
    crossfade: float = _setting(12.0, "The most seconds that a crossfade may take; the songs decide.", 2.0, 12.0)
    auto: bool = _setting(False, "Whether auto-DJ was on when the program was closed.")
    auto_go_on: bool = _setting(True, "Auto-DJ: start the next song when ours nears its end.")
    auto_take_over: bool = _setting(True, "Auto-DJ: start when somebody else's music has ended.")
    auto_fill: bool = _setting(True, "Auto-DJ: start when no music has been heard for auto_fill_after seconds.")
    auto_fill_after: float = _setting(8.0, "See auto_fill.", 3.0, 600.0)
    taste: str = _setting(
        "balanced",
        "How much artist, tempo, key and the like have to say beside the sound: free, balanced or strict.",
        words=("free", "balanced", "strict"),
    )
    keep_on: int = _setting(0, "How many of the last songs join what is heard in asking for the next.", 0, 10)
    drunk: float = _setting(0.0, "How much of the choice is left to chance.", 0.0, 1.0)
    scan_workers: int = _setting(0, "How many files a scan reads at a time on this computer; 0: one a core.", 0, 256)

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            wanted = type(item.default)
            if type(value) is not wanted:
                raise SettingsError(f"{item.name} = {value!r} is not of the kind {wanted.__name__}.")
            words = item.metadata["words"]
            if words and value not in words:
                raise SettingsError(f"{item.name} = {value!r} is none of {', '.join(words)}.")
            low, high = item.metadata["low"], item.metadata["high"]
            if low is not None and not low <= value <= high:
                raise SettingsError(f"{item.name} = {value} is not between {low:g} and {high:g}.")

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Self:
        """Check `values` and fill in defaults. A number may be written with or without decimals.

        Raises SettingsError for an unknown name, a wrong kind or a value out of range.
        """
        known = {item.name: item for item in fields(cls)}
        unknown = sorted(set(values) - set(known))
        if unknown:
            raise SettingsError(f"{unknown[0]} is not a setting; known are {', '.join(known)}.")
        floats = {name for name, item in known.items() if isinstance(item.default, float)}
        checked: dict[str, Any] = {n: float(v) if n in floats and type(v) is int else v for n, v in values.items()}
        return cls(**checked)


def load(path: Path = SETTINGS_FILE) -> Settings:
    """Read the settings; a missing file means all defaults. Raises SettingsError naming the file."""
    try:
        return Settings.from_mapping(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return Settings()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, SettingsError) as error:
        raise SettingsError(f"The settings in {path} cannot be used ({error}). Mend or delete that file.") from error


def save(settings: Settings, path: Path = SETTINGS_FILE) -> None:
    """Write the settings whole or not at all, each under its sentence of help. Raises SettingsError.

    A file that cannot be read is kept under another name: somebody has written it by hand.
    """
    lines = ["# livedj's settings. Delete a line to go back to its default."]
    for item in fields(settings):
        entry = tomli_w.dumps({item.name: getattr(settings, item.name)})
        lines.append(f"\n# {item.metadata['help']}\n{entry.strip()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _keep_broken(path)
        fresh = path.with_name(f"{path.name}.new")
        fresh.write_text("\n".join(lines) + "\n", encoding="utf-8")
        fresh.replace(path)
    except OSError as error:
        raise SettingsError(f"The settings cannot be written to {path} ({error}).") from error


def _keep_broken(path: Path) -> None:
    try:
        load(path)
    except SettingsError:
        path.replace(path.with_name(f"{path.name}.broken"))
