"""`livedj similar`, `playlist`, `journey` and `mix`: lists of songs, in the terminal, as a playlist or as one file."""

import functools
import json
import math
import random
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from livedj import settings
from livedj.music import Seconds

if TYPE_CHECKING:
    from livedj.library.catalogue import Problem
    from livedj.library.journeys import Listed

_MOST_SEEDS = 10_000
"""A seed that nobody has chosen is short enough to be typed again."""
_MOST_BETWEEN = 100
"""The search for a way takes time by the fourth power of it: 100 a fraction of a second, 500 a minute."""
_FILE = click.Path(path_type=Path)
_OUT = click.option("--out", type=_FILE, metavar="LIST", help="Write a new playlist: .m3u, .m3u8, .pls or .xspf.")
_ABSOLUTE = click.option("--absolute", is_flag=True, help="Name the songs in it by their whole paths.")
_JSON = click.option("--json", "as_json", is_flag=True, help="For scripts.")
_EPSILON = click.option("--epsilon", type=click.FloatRange(0, 1, min_open=True, max_open=True), metavar="E",
                        help="Compare songs by Mp3ToVec, in which what a song has and others have not counts more: a"
                             " small E goes by feel, a large one by genre; 0.3 is a good one.")  # fmt: skip


@click.command()
@click.argument("file", type=_FILE)
@click.option("--songs", type=click.IntRange(min=1), default=10, show_default=True, help="How many.")
@_EPSILON
@_JSON
@click.pass_context
def similar(context: click.Context, file: Path, songs: int, epsilon: float | None, as_json: bool) -> None:
    """List the songs that sound most like FILE, which need not be in the library."""
    from livedj.library import journeys

    _announce(epsilon)
    found = journeys.songs_like(settings.DATA_FOLDER, [file], keep_on=0, drunk=0.0, seed=0, epsilon=epsilon)
    _tell(_first(context, songs, found), None, as_json)


@click.command()
@click.option("--like", type=_FILE, multiple=True, required=True, metavar="FILE…",
              help="Files to begin with, in the library or not.")
@click.argument("more", type=_FILE, nargs=-1, metavar="")
@click.option("--songs", type=click.IntRange(min=1), default=20, show_default=True, help="How many.")
@click.option("--keep-on", type=click.IntRange(min=0), default=3, show_default=True, metavar="N",
              help="Songs of the list that count beside FILE: 0 stays with FILE, more goes on from song to song.")
@click.option("--drunk", type=click.FloatRange(0, 1), default=0.1, show_default=True, metavar="SHARE",
              help="What is left to chance: from 0 to 1.")
@click.option("--seed", type=click.IntRange(min=0), metavar="S", help="The same seed gives the same list.")
@_EPSILON
@_OUT
@_ABSOLUTE
@_JSON
@click.pass_context
def playlist(
    context: click.Context, like: Sequence[Path], more: Sequence[Path], songs: int, keep_on: int, drunk: float,
    seed: int | None, epsilon: float | None, out: Path | None, absolute: bool, as_json: bool,
) -> None:  # fmt: skip
    """Keep playing songs like some files."""
    from livedj.library import journeys

    _refuse(out)
    if seed is None:
        seed = random.randrange(_MOST_SEEDS)
    _announce(epsilon)
    endless = journeys.songs_like(
        settings.DATA_FOLDER, [*like, *more], keep_on=keep_on, drunk=drunk, seed=seed, epsilon=epsilon
    )
    listed = _first(context, songs, endless)
    _write(listed, out, absolute)
    _tell(listed, out, as_json, seed=seed)
    if drunk and not as_json:
        click.echo(f"The same list again: --seed {seed}")


@click.command()
@click.argument("files", type=_FILE, nargs=-1, required=True, metavar="FROM [VIA]… TO")
@click.option("--between", type=click.IntRange(1, _MOST_BETWEEN), default=3, show_default=True, metavar="N",
              help="Songs from one file to the next.")
@click.option("--longest", type=click.FloatRange(min=0, min_open=True), default=math.inf, metavar="MINUTES",
              help="Leave out songs that last longer.")
@_EPSILON
@_OUT
@_ABSOLUTE
@_JSON
def journey(
    files: Sequence[Path], between: int, longest: float, epsilon: float | None, out: Path | None, absolute: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Join the dots: go from file to file in small steps.

    The files need not be in the library.
    """
    from livedj.library import journeys

    if len(files) < 2:
        raise click.UsageError("A journey leads from one file to another: name two or more.")
    _refuse(out)
    _announce(epsilon)
    length = Seconds(60 * longest)
    listed = journeys.journey(settings.DATA_FOLDER, files, between=between, longest=length, epsilon=epsilon)
    _write(listed, out, absolute)
    _tell(listed, out, as_json)


@click.command()
@click.argument("songs", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="LIST|SONG…")
@click.argument("out", type=click.Path(path_type=Path))
def mix(songs: tuple[Path, ...], out: Path) -> None:
    """Render a playlist, or SONGS, into one file OUT: .mp3, .m4a, .flac or .opus.

    It sounds as auto-DJ would play them; each song is a chapter. Ctrl-C stops and leaves nothing behind.
    """
    from livedj import mix as mixing
    from livedj.library.guests import tracks_of
    from livedj.music import Track

    mixing.refuse(out)
    files, longest = mixing.files_in(songs), Seconds(settings.load().crossfade)
    try:
        with click.progressbar(tracks_of(settings.DATA_FOLDER, files), len(files), "Reading") as reading:
            found = list(reading)
        tracks = [one for one in found if isinstance(one, Track)]
        _tell_left_out(one for one in found if not isinstance(one, Track))
        with click.progressbar(length=1, label="Mixing", item_show_func=lambda song: song) as bar:
            made = mixing.write(tracks, out, mixing.title_of(songs, out), longest, functools.partial(_advance, bar))
    except KeyboardInterrupt as stop:
        raise click.Abort("Nothing was written.") from stop
    _tell_left_out(made.left_out)
    for problem in made.broken_off:
        click.echo(f"{problem.reason} {problem.remedy}")
    length = mixing.clock_time(made.chapters[-1].end)
    click.echo(f"{click.format_filename(out)} holds {len(made.chapters)} songs, {length}.")


def _advance(bar: Any, done: Seconds, total: Seconds, song: str) -> None:
    bar.length = max(1, round(total))
    bar.update(round(done) - bar.pos, song)


def _tell_left_out(problems: "Iterable[Problem]") -> None:
    for problem in problems:
        click.echo(f"left out: {problem.reason} {problem.remedy}")


def _first(context: click.Context, count: int, songs: "Iterable[Listed]") -> "list[Listed]":
    """Return the first songs. Raises ChoiceError where a person has asked for more than there are, or there is none."""
    from livedj.library.journeys import too_few

    asked = context.get_parameter_source("songs") is not ParameterSource.DEFAULT
    listed = list(islice(songs, count))
    if len(listed) < (count if asked else 1):
        raise too_few(len(listed), count)
    return listed


def _announce(epsilon: float | None) -> None:
    """Say what takes so long for the first time: some milliseconds a song of the library."""
    if epsilon is not None:
        click.echo("Weighing the songs of the library against each other …", err=True)


def _refuse(out: Path | None) -> None:
    """Raise PlaylistError where no list can be written to `out`, before any file is heard."""
    from livedj.library.playlists import refuse

    if out is not None:
        refuse(out)


def _write(listed: "Sequence[Listed]", out: Path | None, absolute: bool) -> None:
    from livedj.library.playlists import write_playlist

    if out is not None:
        write_playlist([song.track for song in listed], out, relative=not absolute)


def _tell(listed: "Sequence[Listed]", out: Path | None, as_json: bool, **more: int) -> None:
    """Print the list, as JSON with what there is `more` to tell; where it was written to a file, say so instead."""
    if as_json:
        click.echo(json.dumps({"songs": [*map(_as_json, listed)], **more}, indent=1))
    elif out is not None:
        click.echo(f"{click.format_filename(out)} holds {len(listed)} songs.")
    else:
        for number, song in enumerate(listed, 1):
            percent = "" if song.similarity is None else f"{song.similarity} %"
            click.echo(f"{number:>4}.  {percent:>5}  {song.track.label}")


def _as_json(song: "Listed") -> dict[str, object]:
    return {
        "path": str(song.track.path),
        "title": song.track.title,
        "artist": song.track.artist,
        "seconds": song.track.duration,
        "cosine": song.cosine,
        "similarity": song.similarity,
    }
