import numpy as np
import pytest

pytest.importorskip("tensorflow", reason="needs the train extra")

from livedj.ear.encoder import MelParams
from livedj.train.network import (
    EMBEDDING,
    FEATURES,
    MAPS,
    Levels,
    RegionStatistics,
    build_network,
    build_with_head,
    without_head,
)

MEL = MelParams()
WINDOWS = np.random.default_rng(0).uniform(-80, 0, (2, MEL.n_mels, MEL.frames)).astype(np.float32)


def test_features_are_means_and_deviations_of_three_regions() -> None:
    maps = np.random.default_rng(1).standard_normal((4, 6, 14, 5)).astype(np.float32)
    features = np.asarray(RegionStatistics()(maps)).reshape(4, 3, 2, 5)
    for region in range(3):
        bands = maps[:, 2 * region : 2 * region + 2]
        assert features[:, region, 0] == pytest.approx(bands.mean(axis=(1, 2)), abs=1e-5)
        assert features[:, region, 1] == pytest.approx(bands.std(axis=2).mean(axis=1), abs=1e-3)


def test_an_equaliser_leaves_the_second_plane_as_it_was() -> None:
    louder = WINDOWS / 2 - 10 + np.linspace(-5, 5, MEL.n_mels, dtype=np.float32)[:, np.newaxis]
    planes, equalised = np.asarray(Levels(MEL.top_db)(WINDOWS / 2 - 10)), np.asarray(Levels(MEL.top_db)(louder))
    assert equalised[..., 1] == pytest.approx(planes[..., 1], abs=1e-4)
    assert np.abs(equalised[..., 0] - planes[..., 0]).max() > 0.1


@pytest.mark.parametrize("frames", [108, 216])
def test_windows_of_any_length_have_an_embedding(frames: int) -> None:
    for network in (build_network(MEL, 12), build_with_head(MEL, 12)):
        embeddings = network.predict_on_batch(WINDOWS[:, :, :frames])
        assert embeddings.shape == (2, 12)
        assert np.linalg.norm(embeddings, axis=1) == pytest.approx(1.0, abs=1e-5)


def test_the_head_is_left_behind_and_the_convolutions_stay() -> None:
    fitted = build_with_head(MEL, 12)
    network = without_head(fitted, 8)
    assert network.get_layer(MAPS) is fitted.get_layer(MAPS)
    assert network.get_layer(FEATURES).output.shape == (None, 960)
    assert network.get_layer(EMBEDDING).units == 8
    assert [weight.shape for weight in network.weights] == [weight.shape for weight in build_network(MEL, 8).weights]
