from collections.abc import Sequence
from pathlib import Path

import pytest

from livedj.ear.encoder import MelParams

MEL = MelParams()
CARD = {"name": "untrained", "licence": "CC0", "within_track_p01": 0.5, "same_track": 0.9, "unrelated": 0.1,
        "training_data": {"sources": [{"repository": "https://github.com/somebody/low"}]}}  # fmt: skip


@pytest.fixture(scope="session")
def untrained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with its card and weights, of a network of 16 outputs that has learned nothing."""
    keras = pytest.importorskip("keras")
    from livedj.train.export import export
    from livedj.train.network import build_network

    keras.utils.set_random_seed(3)
    model = tmp_path_factory.mktemp("untrained") / "untrained.tflite"
    export(build_network(MEL, 16), None, MEL, model, CARD)
    return model


def write_lists(folder: Path, lists: Sequence[Sequence[Path]]) -> Path:
    """Write lists as playlists and return the folder."""
    folder.mkdir()
    for number, songs in enumerate(lists):
        (folder / f"{number}.m3u8").write_text("\n".join(map(str, songs)), encoding="utf-8")
    return folder
