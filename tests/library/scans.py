"""Scans of songs whose sound is named by their file, and what they left."""

from collections.abc import Callable
from pathlib import Path

from livedj import bundled
from livedj.ear.encoder import read_card
from livedj.library.catalogue import FILE_NAME, Catalogue
from livedj.library.index import INDEX_FOLDER, IntroIndex
from livedj.library.scanner import Progress, Scanner
from livedj.library.worker import HearIntro
from livedj.music import Seconds
from tests.library.stand_ins import intro_by_name

CARD = read_card(bundled.MODEL)


def fill(music: Path, *names: str) -> list[Path]:
    paths = [music / f"{name}.mp3" for name in names]
    for path in paths:
        path.write_text(path.stem)
    return paths


def scan(
    data: Path,
    *folders: Path,
    intro: HearIntro = intro_by_name,
    model: Path = bundled.MODEL,
    time_limit: float = 60,
    progress: Callable[[Progress], None] = lambda _: None,
) -> Progress:
    scanner = Scanner(data, model, 2, progress, intro=intro, time_limit=Seconds(time_limit))
    return scanner.scan(folders)


def titles(data: Path, model: Path = bundled.MODEL) -> list[str]:
    with Catalogue(data / FILE_NAME) as catalogue:
        index = IntroIndex.open(data / INDEX_FOLDER, read_card(model).sha256, CARD.dimensions)
        return sorted(track.title for track in catalogue.tracks(index.ids).values())


def problems(data: Path) -> dict[str, str]:
    with Catalogue(data / FILE_NAME) as catalogue:
        return {problem.path.name: problem.reason for problem in catalogue.problems()}
