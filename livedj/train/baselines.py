"""What our embedding must be better than: MFCC, and the same network with random weights."""

from pathlib import Path

import keras
import librosa
import numpy as np
from numpy.typing import NDArray

from livedj.ear.encoder import Encoder, MelParams
from livedj.train.export import export
from livedj.train.listening import Embed, Windows
from livedj.train.network import build_network

MFCC, RANDOM = "mfcc", "random_weights"
WHITENED = (MFCC, RANDOM)


def baselines(dimensions: int) -> dict[str, Embed]:
    """Return them by name; they are compared after whitening."""
    network = random_network(dimensions)
    return {
        RANDOM: lambda heard: np.asarray(network.predict_on_batch(heard.log_mel), np.float32),
        MFCC: mfccs,
    }


def mfccs(heard: Windows) -> NDArray[np.float32]:
    """Return the MFCC of each window, (n, 40)."""
    return np.stack([mfcc_of(log_mel) for log_mel in heard.log_mel])


def mfcc_of(log_mel: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return means and deviations of 20 MFCCs, the usual hand-made description of timbre; not yet whitened."""
    mfcc = librosa.feature.mfcc(S=log_mel, n_mfcc=20)
    return np.concatenate([mfcc.mean(axis=1), mfcc.std(axis=1)]).astype(np.float32)


def random_network(dimensions: int) -> keras.Model:
    """Return the same network, untrained: what its shape alone is worth."""
    keras.utils.set_random_seed(1)
    return build_network(MelParams(), dimensions)


def random_encoder(folder: Path, dimensions: int) -> Encoder:
    """Return `random_network` as a model."""
    model = folder / "random.tflite"
    placeholder = {"within_track_p01": 0.0, "same_track": 0.0, "unrelated": 0.0}
    export(random_network(dimensions), None, MelParams(), model, placeholder)
    return Encoder(model)
