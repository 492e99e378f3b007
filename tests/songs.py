"""Songs that need no file, for tests of what is pure."""

from pathlib import Path

from livedj.music import CuePoints, Loudness, Seconds, Track, TrackId


def song(number: int, duration: float = 60.0) -> Track:
    """Return song `number`, `duration` seconds of sound that need no levelling."""
    return Track(
        TrackId(number),
        Path(f"/music/{number}.ogg"),
        f"Title {number}",
        f"Artist {number}",
        "Album",
        Seconds(duration),
        CuePoints(Seconds(0.0), Seconds(duration)),
        Loudness(-18.0, -6.0),
    )
