"""What the person did with the songs, and thinks of them: the part of the catalogue that no scan could find again."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from livedj.choose.scene import Opinion
from livedj.library.database import Database
from livedj.library.rows import IN_A_FOLDER, TRACK, as_json, microseconds, moment_of, track_of
from livedj.music import Track, TrackId

OPINIONS = (
    "SELECT COALESCE(song, id) AS song, MIN(opinion) AS opinion FROM opinions JOIN tracks ON id = track GROUP BY 1"
)
"""What the person thinks of songs. Where that was told of two versions before they were known as such, a ban stands."""


class Journal:
    """History and opinions in the catalogue's tables."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def remember(self, track_id: TrackId, at: datetime) -> None:
        """Write down that a track began to play at the moment `at`, which must know its time zone."""
        moment = microseconds(at)
        with self._database.writing():
            self._database.execute("INSERT INTO history (track, at) VALUES (?, ?)", (track_id, moment))

    def history(self, limit: int) -> list[tuple[TrackId, datetime]]:
        """Return what was played and when (UTC), the latest first."""
        rows = self._database.rows("SELECT track, at FROM history ORDER BY at DESC, id DESC LIMIT ?", (limit,))
        return [(TrackId(track), moment_of(at)) for track, at in rows]

    def least_recently_played(self, model_sha256: str) -> Iterator[Track]:
        """Yield the tracks in music folders with vectors of this model, those never played first."""
        rows = self._database.each(
            f"SELECT {TRACK} FROM tracks WHERE id IN (SELECT track FROM vectors WHERE model = ?) AND {IN_A_FOLDER}"
            " ORDER BY (SELECT MAX(at) FROM history WHERE track = tracks.id), id",
            (model_sha256,),
        )
        yield from map(track_of, rows)

    def last_played(self, ids: Sequence[TrackId]) -> Mapping[TrackId, datetime]:
        """Return when these tracks, or versions of their songs, were played last (UTC), but for those never played."""
        rows = self._database.rows(
            "SELECT tracks.id, MAX(at) FROM tracks JOIN tracks AS version ON version.id = tracks.id"
            " OR version.song = tracks.song JOIN history ON history.track = version.id"
            " WHERE tracks.id IN (SELECT value FROM json_each(?)) GROUP BY tracks.id",
            (as_json(ids),),
        )
        return {TrackId(track): moment_of(at) for track, at in rows}

    def keep_opinion(self, track_id: TrackId, opinion: Opinion | None) -> None:
        """Write down what the person thinks of a track, and with it of all versions of its song; None: nothing.

        A track that is not in the catalogue (the loop that ships with livedj) is passed over.
        """
        song = "SELECT COALESCE(song, id) FROM tracks WHERE id = ?"
        with self._database.writing():
            self._database.execute(
                f"DELETE FROM opinions WHERE track IN (SELECT id FROM tracks WHERE COALESCE(song, id) = ({song}))",
                (track_id,),
            )
            if opinion is not None:
                self._database.execute(
                    "INSERT INTO opinions (track, opinion) SELECT id, ? FROM tracks WHERE id = ?", (opinion, track_id)
                )

    def banned(self) -> set[TrackId]:
        """Return the tracks that the person has banned, all versions of their songs among them."""
        rows = self._database.rows(
            "SELECT version.id FROM opinions JOIN tracks ON tracks.id = track JOIN tracks AS version"
            " ON version.id = tracks.id OR version.song = tracks.song WHERE opinion = ?",
            (Opinion.BANNED,),
        )
        return {TrackId(track) for (track,) in rows}

    def opinions(self) -> dict[TrackId, Opinion]:
        """Return what the person thinks of songs (`Track.song`)."""
        rows = self._database.rows(f"SELECT song, opinion FROM ({OPINIONS})")
        return {TrackId(song): Opinion(opinion) for song, opinion in rows}
