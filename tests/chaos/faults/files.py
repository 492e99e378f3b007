"""Faults of files and folders: songs, catalogue, index, settings, and the disk itself."""

import json
import resource
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from livedj.library.catalogue import FILE_NAME
from livedj.library.index import INDEX_FOLDER
from tests.chaos.faults.frame import NotPossibleError, Scene, fault
from tests.chaos.faults.processes import kill_program

_CUED_WITHIN = 70.0
# Seconds: a song lasts no longer, and the next one is cued before its end.
_SHARE = 0.6
# Of the songs that nobody plays, so many are damaged with the one that is cued.
_UNTIL_SECOND_SKIP = 4.0


@fault("songs deleted", holds=8)
def _(scene: Scene) -> Iterator[str]:
    yield from _damaged(scene, Path.unlink)


@fault("songs truncated", holds=8)
def _(scene: Scene) -> Iterator[str]:
    yield from _damaged(scene, _truncate)


@fault("songs renamed", holds=8)
def _(scene: Scene) -> Iterator[str]:
    yield from _damaged(scene, lambda song: song.rename(song.with_name(f"renamed {song.name}")))


@fault("songs replaced by text", holds=8)
def _(scene: Scene) -> Iterator[str]:
    yield from _damaged(scene, lambda song: song.write_text("This is no music.\n" * 5_000, encoding="utf-8"))


@fault("playing song truncated", holds=6)
def _(scene: Scene) -> Iterator[str]:
    held = scene.program.held()
    if not held:
        raise NotPossibleError("no song is open")
    scene.strike()
    _truncate(held[0].path)
    yield held[0].path.name
    _restore(scene)


@fault("music folder gone", holds=8)
def _(scene: Scene) -> Iterator[str]:
    away = scene.music.with_name("away")
    scene.music.rename(away)
    scene.program.skip()
    yield ""
    away.rename(scene.music)


@fault("catalogue locked", holds=12)
def _(scene: Scene) -> Iterator[str]:
    connection = sqlite3.connect(scene.program.data / FILE_NAME, timeout=10.0, isolation_level=None)
    try:
        connection.execute("BEGIN EXCLUSIVE")
        yield ""
        connection.execute("ROLLBACK")
    finally:
        connection.close()


@fault("index damaged", holds=6)
def _(scene: Scene) -> Iterator[str]:
    yield from _rewritten(_manifest(scene), lambda _: "{ no JSON")


@fault("index of another model", holds=6)
def _(scene: Scene) -> Iterator[str]:
    yield from _rewritten(_manifest(scene), lambda text: json.dumps(json.loads(text) | {"model": "0" * 64}))


@fault("disk full", holds=8)
def _(scene: Scene) -> Iterator[str]:
    """No file can grow, of whichever process of the program: a quota of nothing."""
    _limit_files(scene, 0)
    yield ""
    _limit_files(scene, resource.RLIM_INFINITY)


@fault("settings unreadable", holds=5)
def _(scene: Scene) -> Iterator[str]:
    yield from _rewritten(scene.program.settings, lambda _: "auto = perhaps")


@fault("settings unreadable, program killed", holds=6, kills=True)
def _(scene: Scene) -> Iterator[str]:
    damage = _rewritten(scene.program.settings, lambda _: "auto = perhaps")
    next(damage)
    yield kill_program(scene)
    next(damage, None)


def _damaged(scene: Scene, damage: Callable[[Path], object]) -> Iterator[str]:
    """Damage the song that is cued and most that nobody plays, and skip: now to the cued one, then to another."""
    scene.wait_for(lambda: len(scene.program.held()) > 1, _CUED_WITHIN, "no song was cued")
    playing, *cued = (held.path for held in scene.program.held())
    idle = [song for song in sorted(scene.songs) if song != playing and song not in cued and song.exists()]
    struck = [*cued, *scene.chance.sample(idle, round(_SHARE * len(idle)))]
    for song in struck:
        damage(song)
    scene.program.skip()
    time.sleep(_UNTIL_SECOND_SKIP)
    scene.program.skip()
    yield f"{cued[0].name} and {len(struck) - 1} others"
    _restore(scene)


def _truncate(song: Path) -> None:
    with song.open("r+b") as file:
        file.truncate(song.stat().st_size // 4)


def _restore(scene: Scene) -> None:
    """Put every song back, each in one step and with its times, so that no scan takes it for another."""
    for left in scene.music.glob("renamed *"):
        left.unlink()
    for song, whole in scene.songs.items():
        if not song.exists() or song.stat().st_size != whole.stat().st_size:
            draft = song.with_suffix(".part")
            shutil.copy2(whole, draft)
            draft.replace(song)


def _manifest(scene: Scene) -> Path:
    return scene.program.data / INDEX_FOLDER / "manifest.json"


def _rewritten(path: Path, change: Callable[[str], str]) -> Iterator[str]:
    """Replace what a file says; put it back unless the program has written it anew meanwhile."""
    before = path.read_text(encoding="utf-8")
    wrong = change(before)
    _replace(path, wrong)
    yield ""
    if path.exists() and path.read_text(encoding="utf-8") == wrong:
        _replace(path, before)


def _replace(path: Path, text: str) -> None:
    draft = path.with_name(f"{path.name}.chaos")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def _limit_files(scene: Scene, size: int) -> None:
    for number in scene.program.processes():
        try:
            _, hard = resource.prlimit(number, resource.RLIMIT_FSIZE)
            resource.prlimit(number, resource.RLIMIT_FSIZE, (size, hard))
        except ProcessLookupError:
            continue
