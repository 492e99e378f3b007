"""The figures of an evaluation as pictures."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from sklearn.manifold import TSNE

from livedj.music import Vectors
from livedj.train.listening import Figures
from livedj.train.measures import Measure

_NEIGHBOURS = 12.0
"""Perplexity of the map: about as many songs as a collection has."""
_TITLES = {
    Measure.OWN_FIRST: "own intro first",
    Measure.OWN_IN_TEN: "own intro in ten",
    Measure.COLLECTION: "same collection, P@10",
    Measure.STYLE: "same style, other collection, P@10",
}


def draw_bars(figures: Figures, chance: Mapping[Measure, float], conditions: Sequence[str], path: Path) -> None:
    """Draw what was found, with intervals, beside chance."""
    figure = Figure(figsize=(12, 7), layout="constrained")
    places = np.arange(len(conditions))
    width = 0.8 / len(figures)
    for axes, (measure, title) in zip(figure.subplots(2, 2).flat, _TITLES.items(), strict=True):
        for number, (name, by_condition) in enumerate(figures.items()):
            found = [by_condition[condition][measure] for condition in conditions]
            values = np.array([one.value for one in found])
            ends = np.abs(np.array([[one.low for one in found], [one.high for one in found]]) - values)
            axes.bar(places + (number + 0.5) * width - 0.4, values, width, yerr=ends, capsize=3, label=name)
        axes.axhline(chance[measure], color="black", linestyle=":", label="chance")
        axes.set(title=title, xticks=places, xticklabels=conditions, ylim=(0, None))
    figure.legend(*figure.axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=len(figures) + 1)
    figure.suptitle("Bars end at 95 % intervals over collections")
    figure.savefig(path, dpi=100)


def draw_map(vectors: Vectors, styles: Sequence[str], path: Path) -> None:
    """Draw songs on a plane where those that sound alike lie close together (t-SNE), coloured by style.

    `vectors`: (n ≥ 3, dimensions).
    """
    perplexity = min(_NEIGHBOURS, (len(vectors) - 1) / 3)
    plane = TSNE(metric="cosine", perplexity=perplexity, init="random", random_state=1).fit_transform(vectors)
    figure = Figure(figsize=(9, 7), layout="constrained")
    axes = figure.subplots()
    names = sorted(set(styles))
    for name, colour in zip(names, mpl.colormaps["tab20"](np.linspace(0, 1, len(names))), strict=True):
        of_style = np.array([style == name for style in styles])
        across, up = plane[of_style].T
        axes.scatter(across, up, color=colour, label=name or "no style named", s=40, edgecolor="white")
    axes.set(xticks=[], yticks=[], title=f"{len(styles)} songs, each the mean of its windows: near is alike (t-SNE)")
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    figure.savefig(path, dpi=100)
