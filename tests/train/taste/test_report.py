import dataclasses

import pytest

pytest.importorskip("tensorflow", reason="needs the train extra")

from livedj.train.measures import Calibration
from livedj.train.taste.measure import AIRED, Found, Heard
from livedj.train.taste.report import Learned, in_words
from livedj.train.validation import CLEAN

FINE = Found(own_first=0.5, own_in_ten=0.9, company=0.2)
GOOD = Learned(
    lists=20,
    songs=100,
    held_out=17,
    asked=12,
    cosine=Heard(clean=0.4, aired=0.3, constant=0.1),
    shipped={CLEAN: FINE, AIRED: FINE},
    tuned={CLEAN: FINE, AIRED: FINE},
    calibration=Calibration(0.3, 0.8, 0.7, 0.2),
)


def words(learned: Learned) -> str:
    return "\n".join(in_words(learned))


def test_the_cosine_stands_beside_what_not_listening_reaches() -> None:
    said = words(GOOD)
    assert "17 songs whose sound was not trained on" in said
    assert "cosine of 0.40 (0.30 in a room); without listening, 0.10" in said
    assert "LESS" not in said
    assert "NO more" not in said


@pytest.mark.parametrize("change", [{"own_first": 0.4}, {"own_in_ten": 0.8}])
def test_it_says_so_when_retrieval_got_worse(change: dict[str, float]) -> None:
    worse = dataclasses.replace(FINE, **change)
    assert "In a room songs find their own intro LESS often" in words(
        dataclasses.replace(GOOD, tuned={CLEAN: FINE, AIRED: worse})
    )
    assert "As stored and in a room songs find" in words(dataclasses.replace(GOOD, tuned={CLEAN: worse, AIRED: worse}))


def test_it_says_so_when_nothing_was_learned() -> None:
    deaf = dataclasses.replace(GOOD, cosine=Heard(clean=0.2, aired=0.1, constant=0.1))
    assert "In a room it tells NO more of a new song than without listening" in words(deaf)


def test_where_no_held_out_song_is_long_enough_retrieval_is_not_mentioned() -> None:
    assert "own intro" not in words(dataclasses.replace(GOOD, asked=0))
