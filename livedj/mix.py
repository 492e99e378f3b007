"""`livedj mix`: songs become one file, mixed as auto-DJ mixes them. Prints nothing itself."""

from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from livedj.errors import DecodeError, MixError, Remedy
from livedj.library.catalogue import Problem
from livedj.library.decode import stereo_blocks
from livedj.library.encode import ENCODERS, Chapter, Labels, SoundFile
from livedj.library.files import shown, why_not_new
from livedj.library.playlists import SUFFIXES, read_playlist
from livedj.music import Seconds, Stereo, Track
from livedj.play.render import length_of, rendered
from livedj.play.transition import planned

FORMATS = ("mp3", "m4a", "flac", "opus")
VARIOUS = "Various Artists"
"""As taggers call them."""
_NONE = "None of the songs can be decoded."
_MISSED = Seconds(1.0)
"""A song that ends so much before its time breaks off; less is lost at the edges of codecs."""


@dataclass(frozen=True, slots=True)
class Mix:
    """What became of the songs."""

    chapters: Sequence[Chapter]
    """Where each of them is in the file."""
    left_out: Sequence[Problem]
    """What is wrong with those that are not in it."""
    broken_off: Sequence[Problem]
    """What is wrong with those that are in it, but not to the end of their part."""


def refuse(target: Path) -> None:
    """Raise MixError, saying what to do, where no mix can be written to `target`."""
    if _kind(target) not in FORMATS:
        raise MixError(f"{shown(target)} names no format that livedj writes: end it in .{', .'.join(FORMATS)}.")
    if reason := why_not_new(target):
        raise MixError(reason)


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
    with SoundFile(target, encoder, encoder.rate) as file:
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
    return Mix(chapters, songs.left_out(), songs.broken_off(longest))


@dataclass(slots=True)
class _Opened:
    """A song of the mix, and what came of it."""

    track: Track
    start: Seconds
    """Where in the song it was begun."""
    seconds: Seconds = Seconds(0.0)
    """So much was decoded: at least what the mix wanted, unless the song broke off."""
    error: DecodeError | None = None

    @property
    def remedy(self) -> Remedy:
        return Remedy.ANEW if self.error is None else self.error.remedy


class _Songs:
    """Opens songs for the mix, and counts what comes of them."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._opened: list[_Opened] = []

    def open(self, track: Track, start: Seconds) -> Generator[Stereo]:
        """Yield a song's sound; where it cannot be decoded any further it ends."""
        opened = _Opened(track, start)
        self._opened.append(opened)
        try:
            for block in stereo_blocks(track.path, start, self._rate):
                opened.seconds = Seconds(opened.seconds + len(block) / self._rate)
                yield block
        except DecodeError as error:
            opened.error = error

    def left_out(self) -> list[Problem]:
        """Return what is wrong with the songs of which nothing came."""
        return [
            Problem(song.track.path, str(song.error or f"{shown(song.track.path)} has been cut short."), song.remedy)
            for song in self._opened
            if not song.seconds
        ]

    def broken_off(self, longest: Seconds) -> list[Problem]:
        """Return what is wrong with the songs of which clearly less came than the mix of those that sound wanted."""
        songs = [song for song in self._opened if song.seconds]
        plans = [planned(song.track, following.track, longest) for song, following in pairwise(songs)]
        wanted = [*(plan.begin + plan.seconds for plan in plans), *(song.track.cues.end for song in songs[-1:])]
        return [
            Problem(song.track.path, f"“{song.track.label}” breaks off after {clock_time(end)}.", song.remedy)
            for song, until in zip(songs, wanted, strict=True)
            if (end := Seconds(song.start + song.seconds)) < until - _MISSED
        ]


def clock_time(seconds: Seconds) -> str:
    """Return `m:ss`."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"


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
