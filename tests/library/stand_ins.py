"""Analyses that a scanner's worker can run in place of the real one; what they do is told by the file's name."""

import os
import signal
import threading
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from livedj import bundled
from livedj.ear.encoder import read_card
from livedj.errors import DecodeError, Remedy
from livedj.library.analysis import Analysis, Windows
from livedj.library.files import Tags
from livedj.music import CuePoints, Loudness, Seconds, unit


def intro_by_name(model: Path, path: Path) -> Analysis:
    """Crash, hang, eat memory, fail, or return an analysis whose vector the file's content decides."""
    match path.stem.split()[0]:
        case "segfault":
            os.kill(os.getpid(), signal.SIGSEGV)
        case "exit":
            os._exit(7)
        case "hang":
            threading.Event().wait()
        case "greedy":
            np.ones(4 * 1024**3, np.uint8)
        case "broken":
            raise DecodeError(f"{path.name} is broken.", Remedy.ANEW)
        case "vanishing":
            path.rename(path.with_suffix(".away"))
            raise DecodeError(f"{path.name} cannot be read: no such file.", Remedy.DRIVE)
        case "ended" if not (once := path.with_suffix(".once")).exists():
            once.touch()
            os.kill(os.getpid(), signal.SIGTERM)
            threading.Event().wait()
        case "surprising":
            raise RuntimeError("nobody expects this")
    status = path.stat()
    content = path.read_bytes()
    vectors = unit(np.random.default_rng(list(content)).standard_normal((3, read_card(model).dimensions)))
    return Analysis(
        path=path,
        mtime_ns=status.st_mtime_ns,
        size=status.st_size,
        tags=Tags(content.decode()),
        duration=Seconds(20.0),
        cues=CuePoints(Seconds(0.0), Seconds(20.0)),
        windows=vectors.astype(np.float16),
        intro=vectors[0],
        track=vectors[1],
    )


def whole_by_name(model: Path, path: Path, known: Windows) -> Analysis:
    """Crash, fail, or return what tells of itself by a loudness, with the windows that are known."""
    match path.stem.split()[0]:
        case "fragile":
            os._exit(7)
        case "unreadable":
            raise DecodeError(f"{path.name} is broken.", Remedy.ANEW)
        case "changing":
            path.write_text("meanwhile another song")
    return replace(intro_by_name(model, path), windows=known, loudness=Loudness(-12.0, -1.0))


def intro_alone(model: Path, path: Path) -> Analysis:
    """Do as `intro_by_name`, but leave something to be heard."""
    return replace(intro_by_name(model, path), whole=False)


def never(model: Path, path: Path, known: Windows | None = None) -> Analysis:
    """Fail where no file should be read."""
    raise AssertionError(f"{path} was read")


class Deadly:
    """An analysis that kills a worker before it can begin."""

    def __call__(self, model: Path, path: Path) -> Analysis:
        raise AssertionError("the worker should have died before")

    def __reduce__(self) -> tuple[object, ...]:
        return os._exit, (1,)


def deaf(model: Path, path: Path) -> Analysis:
    """Hear nothing with any model but the shipped one."""
    if model.parent != bundled.MODELS:
        raise DecodeError(f"{path.name} cannot be analysed: the model finds no finite vector for it.", Remedy.CONVERT)
    return intro_by_name(model, path)


def crash(model: Path, sender: Connection) -> None:
    """End the process in which a model is tried out."""
    os._exit(1)


def hang(model: Path, sender: Connection) -> None:
    """Keep the process in which a model is tried out."""
    threading.Event().wait()
