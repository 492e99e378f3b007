"""A model's card in words that a person reads in a terminal. Pure.

What livedj works by is checked where a card is read; all else may be missing or differ in a card that a person brings,
so it is shown as far as it is there.
"""

import textwrap
from collections.abc import Iterator, Mapping

from livedj.ear.encoder import ModelCard

WIDTH = 100
"""Of a line of prose."""
SHA_DIGITS = 12
"""So many digits of a sha256 tell a person's models apart."""
_LABEL = 12


def name_of(card: ModelCard) -> str:
    """Return what to call the model: the name in its card and the first digits of its sha256."""
    return f"{card.raw.get('name') or 'nameless'} ({card.sha256[:SHA_DIGITS]})"


def in_words(card: ModelCard) -> list[str]:
    """Return the card as lines of text, the figures as tables."""
    raw = card.raw
    lines: list[str] = []
    for label, value in (
        ("about", raw.get("description")),
        ("hears", f"windows of 5 s as {card.dimensions} numbers each"),
        ("size", _size(raw)),
        ("licence", raw.get("licence")),
        ("trained on", _training(raw.get("training_data"))),
        ("made by", raw.get("made_by")),
        ("limits", raw.get("limits")),
        ("thresholds", _thresholds(card)),
    ):
        lines += _paragraph(label, str(value)) if value else []
    figures = raw.get("figures")
    return lines + (["", "Figures", *_figures(figures)] if isinstance(figures, Mapping) else [])


def _paragraph(label: str, text: str) -> list[str]:
    indent = " " * _LABEL
    return textwrap.wrap(text, WIDTH, initial_indent=f"{label:<{_LABEL}}", subsequent_indent=indent)


def _size(raw: Mapping[str, object]) -> str:
    size, parameters = raw.get("bytes"), raw.get("parameters")
    parts = [f"{size / 1e6:.1f} MB"] if isinstance(size, int) else []
    return ", ".join(parts + ([f"{parameters:,} parameters"] if isinstance(parameters, int) else []))


def _training(data: object) -> str:
    """Say in short what it was trained on; who made the music, and under which licences, `--json` lists."""
    if not isinstance(data, Mapping):
        return ""
    counts = [f"{value:,} {str(key).replace('_', ' ')}" for key, value in data.items() if isinstance(value, int)]
    sources = data.get("sources")
    counts += [f"{len(sources)} sources (named in --json)"] if isinstance(sources, list) else []
    note = data.get("note")
    return ", ".join(counts) + (f". {note}" if note else "")


def _thresholds(card: ModelCard) -> str:
    return (
        f"the music has changed below {card.within_track_p01:.2f}, a song is known from {card.same_track:.2f}, "
        f"any two songs have {card.unrelated:.2f} (cosines)"
    )


def _figures(figures: Mapping[str, object]) -> list[str]:
    """Return tables of the numbers, a row for each path of keys, and below them the words."""
    tables: dict[tuple[str, ...], dict[str, list[str]]] = {}
    words: list[str] = []
    for path, group in _groups(figures):
        numbers = {key: text for key, value in group.items() if (text := _number(value))}
        if numbers:
            tables.setdefault(tuple(numbers), {})[" · ".join(path) or "in all"] = list(numbers.values())
        for key, value in group.items():
            words += _paragraph(key, value) if isinstance(value, str) else []
    lines: list[str] = []
    for columns, rows in tables.items():
        first = max(map(len, rows))
        widths = [max(len(name), *(len(row[i]) for row in rows.values())) for i, name in enumerate(columns)]
        lines.append(_row(" " * first, columns, widths))
        lines += [_row(f"{label:<{first}}", row, widths) for label, row in rows.items()]
    return lines + words


def _row(label: str, cells: tuple[str, ...] | list[str], widths: list[int]) -> str:
    return "  ".join(["", label, *(f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))])


def _groups(
    figures: Mapping[str, object], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Mapping[str, object]]]:
    """Yield every mapping within `figures`, itself first, with the keys that lead to it."""
    yield path, figures
    for key, value in figures.items():
        if isinstance(value, Mapping):
            yield from _groups(value, (*path, key))


def _number(value: object) -> str:
    """Return a number, or an interval of two, as text; empty for what is neither."""
    if isinstance(value, list) and len(value) == 2:
        return "…".join(map(_number, value)) if all(map(_number, value)) else ""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    return f"{value:g}"
