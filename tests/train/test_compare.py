import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow", reason="needs the train extra")

from livedj.ear.encoder import MelParams
from livedj.train.batches import Batches
from livedj.train.compare import KINDS, Comparison, Kind
from livedj.train.configuration import Configuration
from livedj.train.data import cached, read_songs
from livedj.train.fit import Fitting
from livedj.train.rooms import rooms_of

MEL = MelParams()


TRAINED = [kind for kind in KINDS.values() if not kind.in_use]


@pytest.mark.parametrize("kind", TRAINED, ids=[kind.run for kind in TRAINED])
def test_every_kind_learns(kind: Kind, configuration: Configuration) -> None:
    train = list(cached(read_songs(configuration.music), configuration.out / "mels", MEL))
    batch = Batches(train, configuration, MEL, seed=1).draw(MEL.frames)
    fitting = Fitting(configuration, MEL, train, kind.build, kind.learner)
    losses = [fitting.learn(batch, 2e-3) for _ in range(10)]
    assert losses[-1] < losses[0]
    embeddings = fitting.network.predict_on_batch(batch.log_mel)
    assert np.linalg.norm(embeddings, axis=1) == pytest.approx(1.0, abs=1e-4)


def test_the_table_holds_all_kinds_and_the_best_at_length(
    configuration: Configuration, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    few = {name: kind for name, kind in KINDS.items() if kind.run in {"one_dimensional", "livedj"}}
    monkeypatch.setattr("livedj.train.compare.KINDS", few)
    rooms = rooms_of(configuration.augment, tmp_path / "no air.py")
    Comparison(configuration, rooms, tmp_path / "out").run(minutes=0.02, at_length=0.03)
    figures = json.loads((tmp_path / "out" / "compare.json").read_text(encoding="utf-8"))["figures"]
    assert {"mfcc", "random_weights", *few} < set(figures)
    assert len(figures) == 2 + len(few) + 2, "the two best, once more"
    for row in figures.values():
        for condition in rooms.table:
            assert all(0 <= row[condition][one] <= 1 for one in ("own_first", "own_in_ten", "collection_p10"))
    printed = capsys.readouterr().out
    assert all(name in printed for name in figures)
