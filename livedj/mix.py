"""`livedj mix`: songs become one file, mixed as auto-DJ mixes them. Prints nothing itself."""

import contextlib
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from livedj.errors import DecodeError, MixError
from livedj.library.catalogue import Problem
from livedj.library.decode import stereo_blocks
from livedj.library.encode import ENCODERS, Chapter, Labels, SoundFile
from livedj.library.files import shown
from livedj.library.playlists import SUFFIXES, read_playlist
from livedj.music import Seconds, Stereo, Track
from livedj.play.render import length_of, rendered

FORMATS = ("mp3", "m4a", "flac", "opus")
VARIOUS = "Various Artists"
"""As taggers call them."""
_NONE = "None of the songs can be decoded."


@dataclass(frozen=True, slots=True)
class Mix:
    """What became of the songs."""

    chapters: Sequence[Chapter]
    """Where each of them is in the file."""
    broken: Sequence[Problem]
    """Those that could not be decoded, or not to their end."""


def refuse(target: Path) -> None:
    """Raise MixError, saying what to do, where no mix can be written to `target`."""
    if _kind(target) not in FORMATS:
        raise MixError(f"{shown(target)} names no format that livedj writes: end it in .{', .'.join(FORMATS)}.")
    if target.exists():
        raise MixError(f"{shown(target)} exists already: choose another name.")
    if not target.parent.is_dir():
        raise MixError(f"There is no folder {target.parent}: make it, or choose another one.")


def files_in(names: Iterable[Path]) -> list[Path]:
    """Return the songs' files: a playlist among the names stands for what it lists.

    Raises:
        PlaylistError: a playlist cannot be read.
        MixError: there is no song.

    """
    files: list[Path] = []
    for name in names:
        files += read_playlist(name) if _is_playlist(name) else [name]
    if not files:
        raise MixError("There is no song in this list.")
    return files


def title_of(names: Sequence[Path], target: Path) -> str:
    """Return what a mix is called: as the one playlist that it was made from, or else as its file."""
    one_list = len(names) == 1 and _is_playlist(names[0])
    return shown(Path((names[0] if one_list else target).stem))


def write(
    tracks: Sequence[Track],
    target: Path,
    title: str,
    longest: Seconds,
    progress: Callable[[Seconds, Seconds, str], None] = lambda _done, _total, _song: None,
) -> Mix:
    """Mix `tracks` into `target`, the whole file or none, in the format that its suffix says.

    `longest` is what a fade may take at most. `progress(done, total, song)` is called after every block.

    Raises:
        EncodeError: the file cannot be written.
        MixError: none of the songs can be decoded.

    """
    if not tracks:
        raise MixError(_NONE)
    total, encoder = length_of(tracks, longest), ENCODERS[_kind(target)]
    songs = _Songs(encoder.rate)
    begun: list[tuple[Track, Seconds]] = []
    draft = target.with_name(f".{target.name}.part")
    try:
        with SoundFile(draft, encoder, encoder.rate) as file:
            for part in rendered(tracks, songs.open, longest, encoder.rate):
                if isinstance(part, Track):
                    begun.append((part, file.seconds))
                else:
                    file.write(part)
                    progress(file.seconds, total, begun[-1][0].label)
            if not begun:
                raise MixError(_NONE)
            chapters = _chapters(begun, file.seconds)
            file.finish(_labels(title, [track for track, _ in begun], chapters))
        draft.replace(target)
    finally:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
    return Mix(chapters, songs.broken)


class _Songs:
    """Opens songs for the mix, and keeps what is wrong with them."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self.broken: list[Problem] = []

    def open(self, track: Track, start: Seconds) -> Generator[Stereo]:
        """Yield a song's sound; where it cannot be decoded any further it ends."""
        try:
            yield from stereo_blocks(track.path, start, self._rate)
        except DecodeError as error:
            self.broken.append(Problem(track.path, str(error), error.remedy))


def _kind(target: Path) -> str:
    return target.suffix[1:].lower()


def _is_playlist(name: Path) -> bool:
    return name.suffix.lower() in SUFFIXES


def _chapters(begun: Sequence[tuple[Track, Seconds]], end: Seconds) -> list[Chapter]:
    ends = [*(begin for _, begin in begun[1:]), end]
    return [Chapter(track.label, begin, until) for (track, begin), until in zip(begun, ends, strict=True)]


def _labels(title: str, tracks: Sequence[Track], chapters: Sequence[Chapter]) -> Labels:
    """Return the labels of the mix; artist and album are those of its songs where all have the same."""
    first = tracks[0]
    artist = first.artist if all(track.artist == first.artist for track in tracks) else VARIOUS
    album = first.album if all(track.album == first.album for track in tracks) else ""
    return Labels(title, artist, album, chapters=chapters)
