"""The learning curve as a picture."""

import json
from pathlib import Path

from matplotlib.figure import Figure

from livedj.train.fit import curve_file


def draw_curve(out: Path) -> Path:
    """Draw the learning curve kept in `out` into `out`/curve.png and return its path."""
    points = [json.loads(line) for line in curve_file(out).read_text(encoding="utf-8").splitlines()]
    minutes = [point["minutes"] for point in points]
    figure = Figure(figsize=(8, 6), layout="constrained")
    loss, found = figure.subplots(2, 1, sharex=True)
    loss.plot(minutes, [point["loss"] for point in points], marker=".")
    loss.set_ylabel("training loss")
    for key, label in (
        ("own_in_ten_clean", "own intro in ten, clean"),
        ("own_in_ten", "own intro in ten, through a room"),
        ("collection_p10", "collection P@10, through a room"),
    ):
        found.plot(minutes, [point[key] for point in points], marker=".", label=label)
    found.set(xlabel="minutes", ylabel="validation", ylim=(0, 1))
    found.legend(loc="lower right")
    path = out / "curve.png"
    figure.savefig(path, dpi=100)
    return path
