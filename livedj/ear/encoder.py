"""The encoder: one window of samples -> embedding, log-mel and probability of music, by the model.

The model is one .tflite file with its card, a JSON file of the same stem, beside it. Front end and network are one
graph, so nothing here computes a spectrogram.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livedj import bundled
from livedj.errors import ModelError
from livedj.music import SAMPLE_RATE, WINDOW_SAMPLES, Samples, Vector

try:
    from ai_edge_litert.interpreter import Interpreter
except ImportError:  # the runtime's former name, still the one that some systems package
    from tflite_runtime.interpreter import Interpreter


@dataclass(frozen=True, slots=True)
class MelParams:
    """What the front end inside a model computes; livedj accepts models of exactly these values."""

    sample_rate: int = SAMPLE_RATE
    n_fft: int = 2048
    hop_length: int = 512
    n_mels: int = 96
    top_db: float = 80.0
    """The log-mel runs from −top_db to 0 dB, the window's maximum."""
    window_samples: int = WINDOW_SAMPLES
    frames: int = 216


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What a model says of itself."""

    sha256: str
    """Of the .tflite file: names the model wherever vectors are stored."""
    dimensions: int
    mel: MelParams
    within_track_p01: float
    """1st percentile, within tracks, of the cosine of a window and the running vector of 5 s earlier: below it, the
    music has changed."""
    same_track: float
    """Three live windows in a row are of a song if each matches one of its stored windows at least this well: where the
    song that is heard is not in the library, another one is taken for it in at most 1 % of cases."""
    unrelated: float
    """Median cosine of running vector and intro vector of different tracks: what "0 % similar" means."""
    raw: Mapping[str, object] = field(repr=False)
    """The whole card: name, licence, training data, figures."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """What the model makes of one window."""

    embedding: Vector
    """Unit length, shape (dimensions,)."""
    log_mel: NDArray[np.float32] | None
    """dB below the window's maximum, −80…0, shape (96, 216); None where the model does not tell."""
    music: float = 1.0
    """Probability that the window is music; 1 where the model cannot tell."""


def card_path(model: Path) -> Path:
    """Return where the card of `model` lies."""
    return model.with_suffix(".json")


def read_card(model: Path) -> ModelCard:
    """Read the card of `model`.

    Raises:
        ModelError: the card is missing, is not JSON, or lacks a value.

    """
    path = card_path(model)
    try:
        raw: Any = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelError(f"The model's card {path} is missing: put it beside {model.name}.") from error
    except (OSError, ValueError) as error:
        raise ModelError(f"The model's card {path} cannot be read ({error}): install the model again.") from error
    try:
        return ModelCard(
            sha256=str(raw["sha256"]),
            dimensions=int(raw["dimensions"]),
            mel=MelParams(**raw["mel"]),
            within_track_p01=float(raw["within_track_p01"]),
            same_track=float(raw["same_track"]),
            unrelated=float(raw["unrelated"]),
            raw=raw,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"The model's card {path} lacks a value or holds a wrong one ({error}): install the model again."
        ) from error


class Encoder:
    """One interpreter of the model; it belongs to the thread that made it."""

    def __init__(self, model: Path = bundled.MODEL) -> None:
        """Load `model` and check it against its card.

        Raises:
            ModelError: model or card is missing or broken, they do not belong together, or the model is not one that
                livedj can use.

        """
        self.card = read_card(model)
        content = read_checked(model, self.card.sha256)
        if self.card.mel != MelParams():
            raise ModelError(f"{model} was made for another front end than livedj's: choose another model.")
        try:
            self._interpreter = Interpreter(model_content=content, num_threads=1)
            self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise ModelError(
                f"{model} cannot be run by this TensorFlow Lite ({error}): update ai-edge-litert or the model."
            ) from error
        mel = self.card.mel
        self._input = self._find(model, self._interpreter.get_input_details(), (1, mel.window_samples))
        self._embedding = self._find(model, self._interpreter.get_output_details(), (1, self.card.dimensions))
        # What a model that a person brought may lack:
        self._log_mel = _index_of(self._interpreter.get_output_details(), (1, mel.n_mels, mel.frames))
        self._music = _index_of(self._interpreter.get_output_details(), (1, 1))

    @staticmethod
    def _find(model: Path, tensors: list[dict[str, Any]], shape: tuple[int, ...]) -> int:
        index = _index_of(tensors, shape)
        if index is not None:
            return index
        found = ", ".join(f"{tuple(int(n) for n in t['shape'])}" for t in tensors)
        raise ModelError(
            f"{model} has no tensor of shape {shape} where livedj needs one (found {found}): "
            "choose a model that fits its card."
        )

    @property
    def tells_music(self) -> bool:
        """Whether the model tells music from what is none; otherwise everything passes for music."""
        return self._music is not None

    def encode(self, samples: Samples) -> Encoded:
        """Return what the model makes of one window, exactly 110,250 samples at 22,050 Hz.

        Raises:
            ValueError: `samples` is not one window.

        """
        if samples.shape != (self.card.mel.window_samples,):
            raise ValueError(f"a window is {self.card.mel.window_samples} samples, not {samples.shape}")
        self._interpreter.set_tensor(self._input, np.asarray(samples, np.float32)[np.newaxis])
        self._interpreter.invoke()
        return Encoded(
            embedding=self._interpreter.get_tensor(self._embedding)[0],
            log_mel=None if self._log_mel is None else self._interpreter.get_tensor(self._log_mel)[0],
            music=1.0 if self._music is None else float(self._interpreter.get_tensor(self._music)[0, 0]),
        )


def _index_of(tensors: list[dict[str, Any]], shape: tuple[int, ...]) -> int | None:
    fitting = (t for t in tensors if tuple(t["shape"]) == shape and t["dtype"] is np.float32)
    return next((int(tensor["index"]) for tensor in fitting), None)


def read_checked(model: Path, sha256: str) -> bytes:
    """Return the content of `model`.

    Raises:
        ModelError: it cannot be read, or is not the file with this checksum.

    """
    try:
        content = model.read_bytes()
    except OSError as error:
        raise ModelError(f"The model {model} cannot be read ({error}): is it still there?") from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ModelError(
            f"{model} is not the file its card {card_path(model).name} describes (sha256 differs): "
            "copy model and card together."
        )
    return content
