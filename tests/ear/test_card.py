"""A card in words: whatever a card says besides what livedj works by, it is shown as far as it is there."""

from pathlib import Path

import pytest

from livedj import bundled
from livedj.ear.card import WIDTH, in_words, name_of
from livedj.ear.encoder import MelParams, ModelCard, read_card


def _card(**raw: object) -> ModelCard:
    return ModelCard("abcdef0123456789", 100, MelParams(), 0.3, 0.8, 0.2, raw)


def test_a_bare_card_says_what_livedj_works_by() -> None:
    assert name_of(_card()) == "nameless (abcdef012345)"
    assert in_words(_card()) == [
        "hears       windows of 5 s as 100 numbers each",
        "thresholds  the music has changed below 0.30, a song is known from 0.80, any two songs have 0.20",
        "            (cosines)",
    ]


def test_what_it_was_trained_on_is_said_in_short() -> None:
    lines = in_words(_card(training_data={"train_tracks": 1200, "sources": ["a", "b"], "note": "No vocals."}))
    assert "trained on  1,200 train tracks, 2 sources (named in --json). No vocals." in lines


def test_figures_of_one_kind_stand_in_one_table() -> None:
    figures = {
        "songs": 120,
        "meaning": "Share of songs.",
        "clean": {"first": 0.9, "in_ten": [0.94, 0.97], "kept": True},
        "room": {"first": 0.25, "in_ten": [0.5, 0.61]},
        "speed": {"milliseconds": 8.25},
    }
    lines = in_words(_card(figures=figures))
    assert lines[lines.index("Figures") + 1 :] == [
        "          songs",
        "  in all    120",
        "         first     in_ten",
        "  clean    0.9  0.94…0.97",
        "  room    0.25   0.5…0.61",
        "         milliseconds",
        "  speed          8.25",
        "meaning     Share of songs.",
    ]


@pytest.mark.parametrize("odd", [[1, 2, 3], "words", None, {"a": {}}, {"a": [[0.1], None]}])
def test_odd_figures_do_no_harm(odd: object) -> None:
    assert in_words(_card(figures=odd, training_data=odd, bytes=odd, parameters=odd))


def test_the_shipped_card_is_whole_and_fits_a_terminal() -> None:
    lines = in_words(read_card(Path(bundled.MODEL)))
    for label in ("about", "hears", "size", "licence", "trained on", "made by", "limits", "thresholds", "Figures"):
        assert any(line.startswith(label) for line in lines)
    assert all(len(line) <= WIDTH for line in lines[: lines.index("Figures")])
