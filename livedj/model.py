"""`livedj model`: which model hears, in words, and bringing another one. Says what it did; prints nothing itself."""

import json
from pathlib import Path

from livedj.ear.card import in_words, name_of
from livedj.ear.encoder import card_path, read_card
from livedj.errors import ModelError
from livedj.library.catalogue import FILE_NAME, Catalogue
from livedj.library.models import Models
from livedj.library.trial import try_out

SHIPPED = "shipped"
"""The word for the model that ships with livedj."""
_IN_USE = "It is in use."


def card_in_use(data: Path) -> str:
    """Return the card of the model that serves, as JSON. Raises ModelError."""
    return json.dumps(read_card(Models(data).serving()).raw, indent=1, ensure_ascii=False)


def standing(data: Path) -> str:
    """Return the card of the model that serves, and how far another one is that is wanted. Raises LiveDjError."""
    models = Models(data)
    serving = read_card(models.serving())
    whose = {
        read_card(models.shipped).sha256: "the model that ships with livedj",
        models.chosen(): "the model that you brought",
    }.get(serving.sha256, "the model of before")
    outlook = _outlook(data, models)
    return "\n".join([f"{name_of(serving)}, {whose}", *outlook, "", *in_words(serving)])


def use(data: Path, file: Path) -> str:
    """Try a model out, keep it and want it from now on; return what comes of that. Raises LiveDjError."""
    if not file.is_file():
        raise ModelError(f"There is no file {file}: name the model's .tflite file, or the word {SHIPPED}.")
    if file == card_path(file):
        raise ModelError(f"{file} is a card: name the model's .tflite file beside it.")
    trial = try_out(file.absolute())
    models = Models(data)
    models.use(file)
    heard = f"{trial.card.dimensions} numbers a window, {1000 * trial.seconds:.0f} ms"
    return "\n".join([f"{name_of(trial.card)} works: {heard}.", *trial.lacks, *(_outlook(data, models) or [_IN_USE])])


def use_shipped(data: Path) -> str:
    """Want the shipped model again; return what comes of that. Raises LiveDjError."""
    models = Models(data)
    models.use_shipped()
    shipped = f"{name_of(read_card(models.shipped))} is the model that ships with livedj."
    return "\n".join([shipped, *(_outlook(data, models) or [_IN_USE])])


def _outlook(data: Path, models: Models) -> list[str]:
    """Say how far the wanted model is, where another one serves still, and what becomes of a lost one."""
    serving, wanted = read_card(models.serving()), read_card(models.wanted())
    if models.chosen() not in (None, wanted.sha256):
        return ["The copy of the model you chose is gone or damaged. Choose it again: livedj model use FILE.tflite."]
    if wanted.sha256 == serving.sha256:
        return []
    with Catalogue(data / FILE_NAME) as catalogue:
        known, heard = catalogue.in_folders(serving.sha256), catalogue.in_folders(wanted.sha256)
    return [
        f"{name_of(wanted)} takes over once it has heard your songs: {min(heard, known):,} of {known:,} so far.",
        "That goes on whenever the window is open, or now: livedj scan.",
    ]
