"""What a scanner's worker process runs. It imports what one file needs and no more: a worker costs memory."""

import contextlib
import functools
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from livedj.ear.encoder import Encoder
from livedj.errors import DecodeError, LiveDjError, Remedy
from livedj.library.analysis import Analysis, Windows, analyse, analyse_intro
from livedj.library.child import become_background
from livedj.library.files import shown
from livedj.library.identity import Identity, identify
from livedj.music import Track, TrackId

MEMORY_LIMIT = 2 * 1024**3
"""Bytes of its own that a worker may have: several times what a long file takes, far less than a bad one would."""
_NICENESS = 10  # the window and the music come first


Found = TypeVar("Found")
HearIntro = Callable[[Path, Path], Analysis]
"""(model, file) -> analysis; a function of a module, since it travels to another process by name."""
HearWhole = Callable[[Path, Path, Windows], Analysis]
"""The same for the whole file; the third argument are the windows that are known."""


@functools.cache
def _encoder(model: Path) -> Encoder:
    return Encoder(model)


def hear_intro(model: Path, path: Path) -> Analysis:
    """Read the beginning of one file with this process's encoder, made once.

    Raises:
        ModelError: the model cannot be used.
        DecodeError: the file cannot be used.

    """
    return analyse_intro(path, _encoder(model))


def hear_whole(model: Path, path: Path, known: Windows) -> Analysis:
    """Read one file to its end, and raise as `hear_intro` does."""
    return analyse(path, _encoder(model), known)


def hear_track(model: Path, path: Path) -> Track:
    """Read one file to its end, as `hear_whole` does, and return it as a track that no catalogue keeps."""
    facts = analyse(path, _encoder(model))
    return Track(
        id=TrackId(-1),
        path=path,
        title=facts.tags.title,
        artist=facts.tags.artist,
        album=facts.tags.album,
        duration=facts.duration,
        cues=facts.cues,
        loudness=facts.loudness,
        intro_beats=facts.intro_beats,
        outro_beats=facts.outro_beats,
        disc=facts.tags.disc,
        number=facts.tags.number,
        key=facts.key,
        energy=facts.energy,
        brightness=facts.brightness,
    )


def find_identity(_model: Path, path: Path) -> Identity:
    """Find which sound a file holds, which takes no model, and raise as `hear_intro` does."""
    return identify(path)


def run(work: Callable[..., Found], model: Path, path: Path, *known: object) -> Found:
    """Do one file's work, the loop body of a worker.

    Raises:
        LiveDjError: as `work` does; any other exception as DecodeError, since foreign ones may not survive the way
            to the scanner.

    """
    try:
        return work(model, path, *known)
    except LiveDjError:
        raise
    except Exception as error:  # the one handler of this process: one file must not end the scan
        sentence = f"{shown(path)} cannot be analysed ({type(error).__name__}: {error})."
        raise DecodeError(sentence, Remedy.CONVERT) from error


def prepare() -> None:
    """Make this process a worker: polite, limited in memory, and gone when the scanner's process is."""
    become_background(_NICENESS)
    try:
        import resource
    except ImportError:  # Windows has no such limit; the time limit remains
        return
    with contextlib.suppress(ValueError, OSError):  # a lower limit is in force, or the system refuses this one
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_LIMIT, MEMORY_LIMIT))
