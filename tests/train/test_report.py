import pytest

pytest.importorskip("tensorflow", reason="needs the train extra")

from livedj.train.baselines import RANDOM, WHITENED
from livedj.train.card import figures
from livedj.train.measures import Measure
from livedj.train.report import BEGIN, END, OURS, Value, into_readme, markdown, table
from livedj.train.track_vectors import KINDS, OWN, TOGETHER

CONDITIONS = ("clean", "air12", "air6")


def flat(**more: Value) -> dict[str, Value]:
    known: dict[str, Value] = {"songs": 120, "collections": 15, "music": "validation songs", "rooms": "in a room"}
    known |= {"command": "a command", "same_track_found": 0.5}
    known |= {f"chance_{measure}": 0.05 for measure in Measure}
    for name in (OURS, *WHITENED):
        for condition in CONDITIONS:
            known |= {f"{name}_{condition}_{measure}": 0.25 for measure in Measure}
    return {**known, **more}


def line(text: str, start: str) -> str:
    (found,) = [row for row in text.splitlines() if row.removeprefix("| ").startswith(start)]
    return found


def test_a_target_that_is_reached_is_said_to_be() -> None:
    high = table(flat(livedj_air12_own_in_ten=0.81), CONDITIONS, [])
    low = table(flat(livedj_air12_own_in_ten=0.79), CONDITIONS, [])
    assert line(high, "own intro in ten, 12 dB").split()[-1] == "yes"
    assert line(low, "own intro in ten, 12 dB").split()[-1] == "no"


@pytest.mark.parametrize(("low", "answer"), [(0.001, "yes"), (-0.001, "no")])
def test_above_another_figure_means_its_interval_too(low: float, answer: str) -> None:
    key = "at_12_db_against_mfcc_clean_minus_collection_p10"
    shown = table(flat(**{key: 0.02, f"{key}_low": low, f"{key}_high": 0.05}), CONDITIONS, [])
    assert line(shown, "same collection, 12 dB, less").split()[-1] == answer


def test_what_was_not_measured_is_no_line_but_a_note() -> None:
    shown = table(flat(), CONDITIONS, ["Not measured: the rooms."])
    assert "music or not" not in shown
    assert "Not measured: the rooms." in shown
    assert "> 15 s" in table(flat(reaction_median_seconds=None), CONDITIONS, [])


def test_the_readme_keeps_all_that_is_not_between_the_marks() -> None:
    readme = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    written = into_readme(readme, r"new \1 block")
    assert written == f"before\n{BEGIN}\nnew \\1 block\n{END}\nafter\n"
    assert into_readme(written, "again") == readme.replace("old", "again")
    assert into_readme("no marks", "block") == "no marks"


def test_the_block_says_that_the_rivals_were_measured_elsewhere() -> None:
    block = markdown(flat(livedj_air12_own_first=0.5), CONDITIONS)
    cells = ("0.25 / 0.25 · 0.250", "0.50 / 0.25 · 0.250", "0.25 / 0.25 · 0.250")
    assert line(block, "**livedj**") == f"| **livedj** | {' | '.join(cells)} |"
    assert line(block, "Musly") == "| Musly | 0.61 / 0.76 · 0.210 | 0.12 / 0.31 · 0.138 | 0.04 / 0.19 · 0.098 |"
    assert "*other* tracks: 180" in block
    rows = [row for row in block.splitlines() if row.startswith("|")]
    assert all(row.endswith("|") for row in rows)


def track_vectors() -> dict[str, Value]:
    known: dict[str, Value] = {"track_vectors_epsilon": 0.3, "track_vectors_cost_tracks": 10_000}
    known |= {"track_vectors_cost_windows": 40, "track_vectors_counting_seconds": 12.3}
    known |= {"track_vectors_weighing_seconds": 9.6, "track_vectors_thinned_cosine_median": 0.99}
    known |= {"track_vectors_thinned_cosine_least": 0.9}
    for name in (OURS, RANDOM):
        for measure in (*OWN, *TOGETHER):
            known |= {f"track_vectors_{name}_{kind}_{measure}": 0.5 for kind in KINDS}
            known |= {f"track_vectors_{name}_gain_{measure}{end}": 0.125 for end in ("", "_low", "_high")}
    return known


def test_the_authors_question_has_a_table_of_its_own() -> None:
    known = flat(**{**track_vectors(), "track_vectors_random_weights_epsilon_0.1_own_first": 0.25})
    cell = "0.50 / 0.50 · 0.500 · 0.500"
    block = markdown(known, CONDITIONS)
    assert line(block, "plain mean") == f"| plain mean | {cell} | {cell} |"
    assert line(block, "TF-IDF, ε = 0.1") == f"| TF-IDF, ε = 0.1 | {cell} | 0.25{cell[4:]} |"
    assert "same collection: 0.125 (0.125 … 0.125), with random weights" in block
    assert "10000 tracks of 40 windows take 12 s of one core to count and 10 s to weigh." in block
    assert "TF-IDF" not in markdown(flat(), CONDITIONS)


def test_a_part_alone_is_a_table_alone() -> None:
    about: dict[str, Value] = {"songs": 120, "collections": 15, "music": "validation songs", "rooms": "in a room"}
    shown = table({**about, **track_vectors()}, CONDITIONS, [])
    assert "plain mean" in shown
    for absent in ("MFCC", "target", "simulated", "float32"):
        assert absent not in shown
    assert table({**about, **track_vectors()}, CONDITIONS, ["Not measured: it."]).endswith("Not measured: it.")
    assert table(about, CONDITIONS, []).splitlines()[0].startswith("120 songs of 15 collections")


def test_the_card_groups_the_figures() -> None:
    key = "livedj_air12_own_first"
    known = flat(**{key: 0.5, f"{key}_low": 0.4, f"{key}_high": 0.6, "music_recall_speech": 0.9})
    shown = figures(known, CONDITIONS, "how")
    retrieval = shown["retrieval"]
    assert isinstance(retrieval, dict)
    assert retrieval["livedj"]["air12"]["own_first"] == 0.5
    assert retrieval["livedj"]["air12"]["own_first_95"] == [0.4, 0.6]
    assert retrieval["chance"]["collection_p10"] == 0.05
    assert shown["music"] == {"recall_speech": 0.9}
    assert "room_pass" not in shown
    assert (shown["command"], shown["songs"], shown["meaning"]) == ("a command", 120, "how")
