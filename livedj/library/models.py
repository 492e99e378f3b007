"""Which model hears: the one that ships with livedj, or one that a person has brought.

Vectors of different models cannot be compared, so a model *serves* only once it has heard the library. Two facts on
disk say all. What the person *wants* is named in `models/wanted`; without that file it is the shipped one. Which one
*serves* is named by the manifest of the neighbour index: swapping the index is the swap of the model, in one step that
a kill leaves done or not done. A scan listens with the wanted model, and swaps at its end (livedj.library.scanner).

Models are copied into the data folder under their sha256, the shipped one too: a person's file may vanish, and after
an update of livedj the former shipped model serves on until the new one has heard the library.
"""

import hashlib
import os
from collections.abc import Collection
from pathlib import Path

from livedj import bundled
from livedj.ear.encoder import MelParams, card_path, read_card, read_checked
from livedj.errors import ModelError
from livedj.library.index import INDEX_FOLDER, indexed_model

MODELS_FOLDER = "models"
"""Where the copies lie, beside the catalogue."""
_WANTED = "wanted"
_SUFFIX = ".tflite"


class Models:
    """The models of one data folder. It holds nothing but paths: any thread or process may have its own."""

    def __init__(self, data: Path, shipped: Path = bundled.MODEL) -> None:
        self.shipped = shipped
        self._folder = data / MODELS_FOLDER
        self._index = data / INDEX_FOLDER

    def chosen(self) -> str | None:
        """Return the sha256 of the model that a person has brought; None where the shipped one will do."""
        try:
            return (self._folder / _WANTED).read_text(encoding="utf-8").strip() or None
        except (OSError, UnicodeDecodeError):
            return None

    def wanted(self) -> Path:
        """Return the model that is to serve; the shipped one too where the chosen one's copy is gone or damaged."""
        chosen = self.chosen()
        return (chosen and self.find(chosen)) or self.shipped

    def serving(self) -> Path:
        """Return the model whose vectors are asked now; the wanted one where there is none whose model is there."""
        indexed = indexed_model(self._index)
        return (indexed and self.find(indexed)) or self.wanted()

    def find(self, sha256: str) -> Path | None:
        """Return the model of this sha256, if it is there, whole, and one that this livedj can use."""
        places = (self.shipped, self._copy(sha256))
        return next((model for model in places if _is_whole(model, sha256)), None)

    def use(self, model: Path) -> None:
        """Want this model from now on; it has been tried out (livedj.library.trial).

        Raises:
            ModelError: it has no readable card, or cannot be copied into the data folder.

        """
        sha256 = read_card(model).sha256
        if sha256 == read_card(self.shipped).sha256:
            self.use_shipped()
            return
        self.keep(model)
        self._write(self._folder / _WANTED, f"{sha256}\n".encode())

    def use_shipped(self) -> None:
        """Want the shipped model again.

        Raises:
            ModelError: the data folder cannot be written.

        """
        try:
            (self._folder / _WANTED).unlink(missing_ok=True)
        except OSError as error:
            raise _not_written(self._folder, error) from error

    def keep(self, model: Path) -> None:
        """Copy a model and its card into the data folder, if they are not there yet.

        Raises:
            ModelError: they cannot be read, do not belong together, or cannot be written.

        """
        sha256 = read_card(model).sha256
        copy = self._copy(sha256)
        content = read_checked(model, sha256)
        for path, wanted in ((copy, content), (card_path(copy), card_path(model).read_bytes())):
            if not (path.is_file() and path.read_bytes() == wanted):
                self._write(path, wanted)

    def forget_others(self, kept: Collection[str]) -> None:
        """Remove the copies of all models but these, and the person's choice."""
        wanted = {self._copy(sha256).stem for sha256 in (*kept, self.chosen() or "")}
        for file in self._folder.glob("*"):
            if file.name != _WANTED and file.stem not in wanted:
                file.unlink(missing_ok=True)

    def _copy(self, sha256: str) -> Path:
        return self._folder / f"{sha256[:16]}{_SUFFIX}"

    def _write(self, path: Path, content: bytes) -> None:
        """Write a file whole or not at all; drafts of two processes do not meet."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_name(f"{path.name}.{os.getpid()}")
            draft.write_bytes(content)
            draft.replace(path)
        except OSError as error:
            raise _not_written(self._folder, error) from error


def _not_written(folder: Path, error: OSError) -> ModelError:
    return ModelError(f"The model cannot be kept in {folder} ({error.strerror}): is there space and permission?")


def _is_whole(model: Path, sha256: str) -> bool:
    try:
        card = read_card(model)
        if card.sha256 != sha256 or card.mel != MelParams():
            return False
        with model.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except (ModelError, OSError):
        return False
