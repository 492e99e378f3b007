import numpy as np
import pytest

pytest.importorskip("tensorflow", reason="needs the train extra")

from livedj.ear.vocabulary import EPSILON
from livedj.music import Vectors, unit
from livedj.train import track_vectors
from livedj.train.bootstrap import Bootstrap
from livedj.train.measures import Listening, Measure
from livedj.train.track_vectors import KINDS, MEAN, cosines_when_thinned, found_by_kind, gains, kind_of, vectors_by_kind

DIMENSIONS = 32


def songs(jingle: int) -> list[Listening]:
    """Twenty songs of four collections, each with so many windows of a jingle that half of all songs have."""
    random = np.random.default_rng(7)

    def around(centre: Vectors, count: int, spread: float) -> Vectors:
        return unit(centre + spread * random.standard_normal((count, DIMENSIONS)))

    centres, shared = unit(random.standard_normal((4, DIMENSIONS))), unit(random.standard_normal(DIMENSIONS))
    listenings = []
    for number in range(20):
        sound = unit(centres[number % 4] + 0.15 * random.standard_normal(DIMENSIONS))
        common = around(shared, jingle * (number % 8 < 4), 0.02)
        stored = np.concatenate([around(sound, 10, 0.08), common])
        listenings.append(Listening(f"{number % 4}", stored, {"room": around(sound, 5, 0.08)}, style="any"))
    return listenings


def test_tf_idf_finds_more_where_songs_share_what_says_nothing_of_them() -> None:
    heard = songs(jingle=8)
    found = found_by_kind(heard, "room")
    assert list(found) == list(KINDS)
    gained = gains(found, Bootstrap([one.collection for one in heard]))
    assert gained[Measure.COLLECTION].value > 0
    best = found[kind_of(EPSILON)]
    assert gained[Measure.COLLECTION].value == pytest.approx(
        best[Measure.COLLECTION].mean() - found[MEAN][Measure.COLLECTION].mean()
    )


def test_a_stretch_finds_its_own_song() -> None:
    found = found_by_kind(songs(jingle=0), "room")
    for by_measure in found.values():
        assert by_measure[Measure.OWN_IN_TEN].mean() == 1.0
        assert set(by_measure) == {Measure.OWN_FIRST, Measure.OWN_IN_TEN, Measure.COLLECTION, Measure.STYLE}


def test_vectors_of_all_kinds_have_unit_length() -> None:
    for vectors in vectors_by_kind([one.stored for one in songs(jingle=3)]).values():
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(20), abs=1e-5)


def test_a_thin_vocabulary_weighs_about_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    library = [one.stored for one in songs(jingle=4)]
    cosines = cosines_when_thinned(library)
    assert cosines.shape == (20,)
    assert 0.9 < cosines.min() < 1 - 1e-6, "alike, but not the same"
    monkeypatch.setattr(track_vectors, "THINNED", 1)
    assert cosines_when_thinned(library) == pytest.approx(np.ones(20), abs=1e-5)


def test_the_cost_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(track_vectors, "TRACKS", 20)
    counting, weighing = track_vectors.seconds_to_count_and_weigh(DIMENSIONS)
    assert counting > 0
    assert weighing > 0
