"""How tracks are written to the catalogue's tables, and read from them."""

import json
import os
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from livedj.music import Beats, CuePoints, Key, Loudness, Seconds, Track, TrackId, Vectors

if TYPE_CHECKING:  # the decoder and the encoder behind them are not needed to read
    from livedj.library.analysis import Analysis
    from livedj.library.identity import Identity

TRACK = (
    "tracks.id, path, title, artist, album, duration, cue_start, cue_end, intro_end, outro_start, lufs, true_peak,"
    " intro_tempo, intro_beat, intro_confidence, outro_tempo, outro_beat, outro_confidence, disc, number, song,"
    " key_tonic, key_minor, key_confidence, energy, brightness"
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

_ROOT = f"rtrim(folders.path, '{os.sep}') || '{os.sep}'"
IN_THE_FOLDER = (
    f"CAST({_ROOT} AS BLOB) = substr(CAST(tracks.path AS BLOB), 1, length(CAST({_ROOT} AS BLOB)))"
)
"""The condition for a track to be in that row of the music folders: paths are compared byte by byte."""
IN_A_FOLDER = f"EXISTS (SELECT 1 FROM folders WHERE {IN_THE_FOLDER})"
"""The condition for a track to be in any music folder."""


def track_of(row: tuple[Any, ...]) -> Track:
    """Return the track that a row of the columns TRACK tells of."""
    track, path, title, artist, album, duration = row[:6]
    return Track(
        TrackId(track),
        Path(path),
        title,
        artist,
        album,
        Seconds(duration),
        CuePoints(*row[6:10]),
        loudness=None if row[10] is None else Loudness(*row[10:12]),
        intro_beats=None if row[12] is None else Beats(*row[12:15]),
        outro_beats=None if row[15] is None else Beats(*row[15:18]),
        disc=row[18],
        number=row[19],
        version_of=None if row[20] in (None, track) else TrackId(row[20]),
        key=None if row[21] is None else Key(row[21], bool(row[22]), row[23]),
        energy=row[24],
        brightness=row[25],
    )


def columns_of(facts: "Analysis", cues: CuePoints) -> dict[str, object]:
    """Return what the table of tracks keeps of `facts`, by column, with these cues."""
    loudness, intro, outro, key = facts.loudness, facts.intro_beats, facts.outro_beats, facts.key
    return tags_of(facts) | {
        "duration": facts.duration,
        "cue_start": cues.start,
        "cue_end": cues.end,
        "intro_end": cues.intro_end,
        "outro_start": cues.outro_start,
        "lufs": loudness and loudness.lufs,
        "true_peak": loudness and loudness.true_peak,
        "intro_tempo": intro and intro.tempo,
        "intro_beat": intro and intro.beat,
        "intro_confidence": intro and intro.confidence,
        "outro_tempo": outro and outro.tempo,
        "outro_beat": outro and outro.beat,
        "outro_confidence": outro and outro.confidence,
        "key_tonic": key and key.tonic,
        "key_minor": key and key.minor,
        "key_confidence": key and key.confidence,
        "energy": facts.energy,
        "brightness": facts.brightness,
        "facts": facts.version,
        "content": facts.content,
    }


def tags_of(file: "Analysis | Identity") -> dict[str, object]:
    """Return what changes when a file is tagged anew, by column, but for the cover."""
    return {
        "mtime_ns": file.mtime_ns,
        "size": file.size,
        "title": file.tags.title,
        "artist": file.tags.artist,
        "album": file.tags.album,
        "disc": file.tags.disc,
        "number": file.tags.number,
        "genre": file.tags.genre,
    }


def microseconds(at: datetime) -> int:
    """Return how a moment is written: microseconds since 1970, UTC.

    Raises:
        ValueError: it does not know its time zone.

    """
    if at.tzinfo is None:
        raise ValueError("a moment without a time zone is no moment")
    return (at - _EPOCH) // _MICROSECOND


def moment_of(written: int) -> datetime:
    """Return a moment that was written as `microseconds` does, in UTC."""
    return _EPOCH + written * _MICROSECOND


def as_json(ids: Sequence[TrackId]) -> str:
    """Return any number of ids, NumPy's integers too, as one parameter of a statement."""
    return json.dumps([int(track) for track in ids])


def blob_of(array: NDArray[np.floating], dtype: str) -> bytes:
    """Return the numbers of an array as bytes."""
    return np.ascontiguousarray(array, dtype).tobytes()


def stacked(blobs: Iterable[bytes]) -> Vectors:
    """Return vectors that were written as `blob_of` does, shape (n, dimensions); (0, 0) where there are none."""
    rows = [np.frombuffer(blob, "<f4") for blob in blobs]
    return np.stack(rows) if rows else np.zeros((0, 0), np.float32)
