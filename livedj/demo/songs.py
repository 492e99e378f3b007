"""The demo library: 24 songs of six styles, synthesised from the score in `resources/demo/`, with tags and sleeves."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from livedj.bundled import RESOURCES
from livedj.demo import cover
from livedj.demo.mixing import render
from livedj.demo.score import Song, Style, read_scores
from livedj.errors import DemoError
from livedj.library import encode

SCORE = RESOURCES / "demo"
"""The folder of the score, one file a style."""
STYLES = ("Ambient", "Bossa Nova", "Chiptune", "Drum and Bass", "House", "Lo-Fi Jazz")
"""Every style: the name of its folder in the library, and the genre tag of its songs."""


def folder_in(data: Path) -> Path:
    """Return where the demo library lies in a data folder: by its score and synthesis, since both may change."""
    sources = sorted([*SCORE.iterdir(), *Path(__file__).parent.glob("*.py")])
    version = hashlib.sha256(b"".join(path.read_bytes() for path in sources if path.is_file())).hexdigest()
    return data / f"demo library {version[:8]}"


def make_demo_library(folder: Path, progress: Callable[[int, int], None]) -> list[Path]:
    """Make the demo library in `folder` and return its files, style by style.

    A file that is there already is kept, so an interrupted run goes on where it stopped and loses at most the song in
    hand. `progress(done, total)` is called once at the start and after every song. It takes about a minute, and
    110 MB of disk.

    Raises:
        DemoError: the score is wrong, or the folder cannot be written.
        EncodeError: an encoder is missing, or a file cannot be written.

    """
    songs = [(style, song) for style in read_scores(SCORE) for song in style.songs]
    paths = [song_path(folder, style, song) for style, song in songs]
    progress(0, len(songs))
    for done, ((style, song), path) in enumerate(zip(songs, paths, strict=True), start=1):
        if not path.exists():
            make_song(style, song, path)
        progress(done, len(songs))
    return paths


def make_song(style: Style, song: Song, path: Path) -> None:
    """Synthesise one song and write it, tagged, to `path`: the whole file or none."""
    labels = encode.Labels(
        title=song.title,
        artist=song.artist,
        album=song.album,
        genre=style.name,
        number=song.number,
        sleeve=encode.jpeg(cover.draw(style.cover, song.seed)),
    )
    # No scanner takes a file of this suffix for music, should it be left behind by a power cut.
    unfinished = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            encode.write(unfinished, song.format, render(style, song), labels)
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise DemoError(f"{path} cannot be written: {error.strerror}.") from error


def song_path(folder: Path, style: Style, song: Song) -> Path:
    """Return where a song lies: `<folder>/<style>/<number> <title>.<format>`."""
    return folder / style.name / f"{song.number:02} {song.title}.{song.format}"
