import pytest

pytest.importorskip("tensorflow", reason="needs the train extra")

from livedj.train.baselines import WHITENED
from livedj.train.card import figures
from livedj.train.measures import Measure
from livedj.train.report import BEGIN, END, OURS, Value, into_readme, markdown, table

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
