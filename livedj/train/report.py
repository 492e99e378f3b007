"""An evaluation for people: the printed table, and the block in the README. All of it from the flat figures."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from livedj.train.baselines import MFCC, RANDOM
from livedj.train.measures import Measure
from livedj.train.track_vectors import EPSILONS, MEAN, OWN, THINNED, TOGETHER, kind_of

OURS, CHANCE = "livedj", "chance"
AGAINST = "at_12_db_against_mfcc_clean"
"""What the keys begin with by which ours in a room is compared, song by song, with MFCC without one."""
Value = float | str | None
Flat = Mapping[str, Value]
"""Every figure by a readable key; what could not be measured is not there."""
NAMES = {
    OURS: "**livedj**",
    MFCC: "MFCC mean and deviation, whitened",
    RANDOM: "the same network, random weights, whitened",
}
BEGIN, END = "<!-- evaluate: written by `make evaluate` -->", "<!-- /evaluate -->"
EPSILON_KEY = "track_vectors_epsilon"
ABOUT_TRACK_VECTORS = (
    "Track vectors: own song first / in ten, by a stretch of it in a room, 12 dB · same collection · same style "
    "elsewhere, P@10"
)
HELD_BACK = """\
| Musly | 0.61 / 0.76 · 0.210 | 0.12 / 0.31 · 0.138 | 0.04 / 0.19 · 0.098 |
| bliss | 0.31 / 0.56 · 0.125 | 0.04 / 0.13 · 0.105 | 0.01 / 0.07 · 0.073 |
| MFCC mean and deviation, whitened | 0.36 / 0.63 · 0.170 | 0.02 / 0.12 · 0.102 | 0.01 / 0.08 · 0.090 |
| random weights, whitened | 0.31 / 0.52 · 0.152 | 0.03 / 0.19 · 0.056 | 0.02 / 0.14 · 0.041 |
| prototype, contrast by track | 0.49 / 0.79 · 0.170 | 0.22 / 0.64 · 0.088 | 0.21 / 0.53 · 0.088 |
| the same, with contrast by collection | 0.46 / 0.77 · 0.188 | 0.24 / 0.56 · 0.111 | 0.17 / 0.50 · 0.113 |
| chance | 0.01 / 0.06 · 0.057 | 0.01 / 0.06 · 0.057 | 0.01 / 0.06 · 0.057 |"""
"""Measured with the same rooms on 180 other tracks before this network was made (own intro first / in ten · same
collection P@10)."""


@dataclass(frozen=True, slots=True)
class Target:
    """A line of the table: what was measured beside what was aimed at."""

    label: str
    key: str
    target: str
    reached: Callable[[float], bool] | None = None
    """Of the figure; of the lower end of its interval where `by_low`."""
    by_low: bool = False
    unit: str = ""
    digits: int = 3
    never: str = "–"
    """What is shown in place of a figure that does not exist."""


def targets(noisy: str, noisier: str) -> Sequence[Target]:
    """Return the lines, given the names of the conditions with 12 dB and 6 dB."""
    return (
        Target("own intro in ten, 12 dB", f"{OURS}_{noisy}_own_in_ten", "≥ 0.80 (0.90)", lambda value: value >= 0.8),
        Target("own intro first, 12 dB", f"{OURS}_{noisy}_own_first", "≥ 0.45", lambda value: value >= 0.45),
        Target("own intro in ten, 6 dB", f"{OURS}_{noisier}_own_in_ten", "≥ 0.70", lambda value: value >= 0.7),
        Target("same collection, 12 dB, less MFCC clean", f"{AGAINST}_minus_{Measure.COLLECTION}", "interval above 0",
               lambda low: low > 0, by_low=True),
        Target("same collection, 12 dB, times MFCC clean", f"{AGAINST}_times_{Measure.COLLECTION}", "(1.3)"),
        Target("same style elsewhere, 12 dB, less MFCC clean", f"{AGAINST}_minus_{Measure.STYLE}", "≥ 0",
               lambda value: value >= 0),
        Target("music or not, balanced accuracy, 12 dB", "music_balanced_accuracy", "≥ 0.95",
               lambda value: value >= 0.95),
        Target("one window, both outputs, one core", "cost_milliseconds", "≤ 10", lambda value: value <= 10,
               unit=" ms", digits=1),
        Target("file", "cost_megabytes", "≤ 6", lambda value: value <= 6, unit=" MB", digits=2),
        Target("other music: the majority of five follows in 10 s", "reaction_within_10_s", "–"),
        Target("… seconds until it does, median", "reaction_median_seconds", "–", unit=" s", digits=0, never="> 15 s"),
        Target("… seconds until it does, 90 %", "reaction_p90_seconds", "–", unit=" s", digits=0, never="> 15 s"),
        Target("… of five random proposals, such a majority", "reaction_chance", "–"),
        Target("cosine within a song, median", "stability_within_median", "–"),
        Target("cosine within a song, 1st percentile", "stability_within_p01", "–"),
        Target("cosine between songs, median", "stability_between_median", "–"),
        Target("windows of other songs that lie below that percentile", "stability_noticed", "–"),
    )


def table(flat: Flat, conditions: Sequence[str], notes: Sequence[str]) -> str:
    """Return everything that was measured as text, and what was left out."""
    lines = [f"{flat['songs']} songs of {flat['collections']} collections, {flat['music']}; {flat['rooms']}."]
    if f"{CHANCE}_{Measure.OWN_FIRST}" in flat:
        lines += ["", "own intro first / in ten · same collection P@10 · same style elsewhere P@10"]
        lines += _columns([["", *conditions], *_retrieval(flat, conditions, (*Measure,)[:4])])
    if reached := _targets(flat, conditions):
        lines += ["", *_columns([["", "measured", "target", ""], *reached])]
    lines += ["", *_columns(_passes(flat))] if "room_pass_songs" in flat else []
    lines += ["", *_columns(_quantised(flat))] if "quantised_float32_megabytes" in flat else []
    if EPSILON_KEY in flat:
        lines += ["", ABOUT_TRACK_VECTORS, *_columns(_track_vectors(flat)), *_notes_on_track_vectors(flat)]
    return "\n".join([*lines, "", *notes])


def into_readme(readme: str, block: str) -> str:
    """Return the README with the text between its marks exchanged; without marks it stays as it is."""
    pattern = re.escape(BEGIN) + ".*" + re.escape(END)
    return re.sub(pattern, lambda _: f"{BEGIN}\n{block}\n{END}", readme, flags=re.DOTALL)


def markdown(flat: Flat, conditions: Sequence[str]) -> str:
    """Return the block for the README."""
    measures = (Measure.OWN_FIRST, Measure.OWN_IN_TEN, Measure.COLLECTION)
    head = ["", "clean", "room, 12 dB over noise", "room, 6 dB"]
    parts = [
        f"Own intro first / in the first ten · share of the same collection among the ten nearest others, on "
        f"{flat['songs']} validation tracks of {flat['collections']} collections. The network was not fitted to them, "
        f"but they decided between ways to train it, which flatters it somewhat:",
        "\n".join(_markdown([head, *_retrieval(flat, conditions, measures)])),
        "The same questions, asked earlier of *other* tracks: 180 held-back ones, whole and therefore harder than "
        "ours, most of which are cut at 80 s. Compare down a column, not across the two tables:",
        "\n".join([*_markdown([head]), HELD_BACK]),
        "What was aimed at, with 95 % intervals over collections:",
        "\n".join(_markdown([["", "measured", "target", ""], *_targets(flat, conditions)])),
    ]
    if "room_pass_songs" in flat:
        parts += ["The simulated room against real sound, played into the virtual room and recorded:",
                  "\n".join(_markdown(_passes(flat)))]
    if "quantised_float32_megabytes" in flat:
        parts += ["Smaller weights, at 12 dB:", "\n".join(_markdown(_quantised(flat)))]
    if EPSILON_KEY in flat:
        parts += [f"{ABOUT_TRACK_VECTORS}:", "\n".join(_markdown(_track_vectors(flat))),
                  " ".join(_notes_on_track_vectors(flat))]
    return "\n\n".join(parts)


def _retrieval(flat: Flat, conditions: Sequence[str], measures: Sequence[Measure]) -> list[list[str]]:
    rows = [
        [NAMES[name], *(_cell([flat[f"{name}_{one}_{measure}"] for measure in measures]) for one in conditions)]
        for name in NAMES
    ]
    chance = _cell([flat[f"chance_{measure}"] for measure in measures])
    return [*rows, ["chance", *[chance] * len(conditions)]]


def _cell(values: Sequence[Value]) -> str:
    first, in_ten, *segues = values
    return f"{_number(first, 2)} / {_number(in_ten, 2)} · " + " · ".join(_number(value, 3) for value in segues)


def _targets(flat: Flat, conditions: Sequence[str]) -> list[list[str]]:
    rows = []
    for one in targets(*conditions[1:]):
        if one.key not in flat:
            continue
        value, low, high = (flat.get(one.key + end) for end in ("", "_low", "_high"))
        shown = one.never if value is None else _number(value, one.digits) + one.unit
        if low is not None:
            shown += f" ({_number(low, one.digits)} … {_number(high, one.digits)})"
        asked = low if one.by_low else value
        reached = "" if one.reached is None or not isinstance(asked, float) else "yes" if one.reached(asked) else "no"
        rows.append([one.label, shown, one.target, reached])
    return rows


def _passes(flat: Flat) -> list[list[str]]:
    measures = (Measure.OWN_FIRST, Measure.OWN_IN_TEN, Measure.COLLECTION, Measure.STYLE)
    return [
        [f"{flat['room_pass_songs']} songs, 12 dB", "first", "in ten", "collection P@10", "style P@10"],
        ["simulated", *(_number(flat[f"room_pass_simulated_{measure}"], 3) for measure in measures)],
        ["and played and recorded", *(_number(flat[f"room_pass_{measure}"], 3) for measure in measures)],
    ]


def _quantised(flat: Flat) -> list[list[str]]:
    rows = [["weights", "MB", "ms a window", "of float32's time", "own intro in ten", "collection P@10"]]
    for name in ("float32", "float16", "dynamic_range"):
        keys = (f"quantised_{name}_{key}" for key in ("megabytes", "milliseconds", "time", *_QUANTISED))
        digits = (2, 1, 2, 3, 3)
        rows.append([name.replace("_", " "), *(_number(flat[key], n) for key, n in zip(keys, digits, strict=True))])
    return rows


_QUANTISED = (Measure.OWN_IN_TEN, Measure.COLLECTION)


def _track_vectors(flat: Flat) -> list[list[str]]:
    rows = [["track vector", NAMES[OURS], NAMES[RANDOM]]]
    for kind, name in [(MEAN, "plain mean"), *((kind_of(one), f"TF-IDF, ε = {one:g}") for one in EPSILONS)]:
        rows.append([name, *(
            _cell([flat[f"track_vectors_{network}_{kind}_{measure}"] for measure in (*OWN, *TOGETHER)])
            for network in (OURS, RANDOM)
        )])  # fmt: skip
    return rows


def _notes_on_track_vectors(flat: Flat) -> list[str]:
    """Return sentences: what TF-IDF gains, how well a vocabulary stands for all windows, and what it costs."""

    def gain(network: str, measure: Measure) -> str:
        value, low, high = (flat[f"track_vectors_{network}_gain_{measure}{end}"] for end in ("", "_low", "_high"))
        return f"{_number(value, 3)} ({_number(low, 3)} … {_number(high, 3)})"

    seconds = (_number(flat[f"track_vectors_{what}_seconds"], 0) for what in ("counting", "weighing"))
    return [
        f"TF-IDF by ε = {flat[EPSILON_KEY]} less plain mean, same collection: {gain(OURS, Measure.COLLECTION)}, with "
        f"random weights {gain(RANDOM, Measure.COLLECTION)}; same style: {gain(OURS, Measure.STYLE)}, with random "
        f"weights {gain(RANDOM, Measure.STYLE)}.",
        f"{_number(flat['track_vectors_cost_tracks'], 0)} tracks of {_number(flat['track_vectors_cost_windows'], 0)} "
        f"windows take {next(seconds)} s of one core to count and {next(seconds)} s to weigh.",
        f"With a vocabulary as sparse as theirs, one window in {THINNED}, vectors have a cosine of "
        f"{_number(flat['track_vectors_thinned_cosine_median'], 3)} (median; the least "
        f"{_number(flat['track_vectors_thinned_cosine_least'], 3)}) with those by all windows.",
    ]


def _number(value: Value, digits: int) -> str:
    return "–" if value is None else f"{float(value):.{digits}f}"


def _columns(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[column].replace("*", "")) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(cell.replace("*", "").ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _markdown(rows: Sequence[Sequence[str]]) -> list[str]:
    head, *rest = [f"| {' | '.join(row)} |" for row in rows]
    return [head, "|" + "---|" * len(rows[0]), *rest]
