"""What the map of the library reads: where its songs lie, what they are called, and ways through them."""

import logging
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePath

import numpy as np
from numpy.typing import NDArray

from livedj.ear.encoder import read_card
from livedj.errors import ChoiceError, MapError
from livedj.library.catalogue import FILE_NAME, Catalogue
from livedj.library.database import Database
from livedj.library.journeys import Listed, TooFewError, journey_through
from livedj.library.models import Models
from livedj.library.projection import FILE_NAME as MAP
from livedj.library.projection import (
    Heard,
    Positions,
    Projection,
    draw,
    heard_by,
    placed,
    read_projection,
    write_projection,
)
from livedj.library.rows import IN_A_FOLDER
from livedj.music import TrackId

_log = logging.getLogger(__name__)
_SONGS = (
    "SELECT tracks.id, added, title, artist, path, intro_tempo, genre FROM tracks JOIN vectors ON track = tracks.id"
    f" WHERE model = ? AND {IN_A_FOLDER} ORDER BY tracks.id"
)
_NO_MAP = Projection("", np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros((0, 2), np.float32), 0)


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """The songs in music folders as points, n of them, row by row; n is 0 while there is no map of them."""

    ids: NDArray[np.int64]
    """Shape (n,), ascending."""
    positions: Positions
    """Shape (n, 2)."""
    titles: Sequence[str]
    artists: Sequence[str]
    """Empty where nobody knows."""
    folders: Sequence[str]
    """The name of the music folder; where there is one alone, of the folder in it."""
    tempos: NDArray[np.float32]
    """Beats a minute, NaN where they are not known; shape (n,)."""
    genres: Sequence[str]
    """As the files say; empty where they say nothing."""
    songs: int
    """In music folders, whether there is a map of them or not."""
    outgrown: bool
    """The map is to be drawn anew: there is none, it is another model's, or it is one of a much smaller library."""
    known: int = 0
    """How much the library knows: see `projection.Heard.known`."""
    drawn: int = 0
    """How much of that the map was drawn from; 0 where there is none, or another model's."""

    def row_of(self, track: TrackId) -> int | None:
        """Return the row of a track; None for one that is not on the map."""
        row = int(np.searchsorted(self.ids, track))
        return row if row < len(self.ids) and self.ids[row] == track else None


NOTHING = Points(
    np.zeros(0, np.int64), np.zeros((0, 2), np.float32), (), (), (), np.zeros(0, np.float32), (), 0, outgrown=False
)
"""The map of a library without songs."""


class Atlas:
    """The map of the library in `data`. `draw` may be called beside the others; these belong to one thread."""

    def __init__(self, data: Path, shipped: Path) -> None:
        """Read nothing yet; `shipped` is the model that ships with livedj."""
        self._data, self._shipped = data, shipped

    def points(self) -> Points:
        """Return the songs of the map as it is kept; those that have come since take their places on it for good.

        Raises:
            CatalogueError, ModelError: it cannot be read.

        """
        model = read_card(Models(self._data, self._shipped).serving()).sha256
        with Catalogue(self._data / FILE_NAME) as catalogue:
            roots = catalogue.folders()
        heard = heard_by(self._data, model)
        projection = self._projection(heard, model)
        with closing(Database(self._data / FILE_NAME)) as database:
            rows = database.rows(_SONGS, (model,))
        songs = len(rows)
        ids, added = (np.array([row[column] for row in rows], np.int64) for column in (0, 1))
        places = projection.rows_of(ids, added)
        on_map = places >= 0
        rows = [row for row, there in zip(rows, on_map, strict=True) if there]
        return Points(
            ids[on_map],
            projection.positions[places[on_map]],
            [row[2] for row in rows],
            [row[3] for row in rows],
            [_folder(PurePath(row[4]), roots) for row in rows],
            np.array([np.nan if row[5] is None else row[5] for row in rows], np.float32),
            [row[6] for row in rows],
            songs,
            outgrown=songs > 0 and not projection.serves(model, heard.known),
            known=heard.known,
            drawn=projection.known if projection.model == model else 0,
        )

    def draw(self, told: Callable[[float], None], given_up: Callable[[], bool]) -> None:
        """Have the map drawn anew beside this process: see `projection.draw`. It takes seconds to minutes."""
        draw(self._data, self._shipped, told, given_up)

    def journey(self, tracks: Sequence[TrackId], between: int) -> list[Listed]:
        """Return a smooth way through these tracks of the library: see `journeys.journey_through`.

        Raises:
            ChoiceError: the library holds too few songs, or one of these tracks is not there any more.
            CatalogueError, ModelError: it cannot be read.

        """
        try:
            return journey_through(self._data, tracks, between=between)
        except TooFewError as error:
            fewer = "choose fewer between, " if between > 1 else ""
            raise ChoiceError(
                f"The library holds too few songs for a journey with {between} from one waypoint to the next:"
                f" {fewer}take the last waypoint back, or add a music folder."
            ) from error

    def _projection(self, heard: Heard, model: str) -> Projection:
        """Return the map as it is kept, with all tracks on it; one of other tracks is none."""
        written = self._written()
        former = read_projection(self._data) or _NO_MAP
        known = former.rows_of(heard.ids, heard.added) >= 0
        if not known.any():
            return _NO_MAP
        if former.model != model or known.all():
            return former  # another model's is drawn anew: until then, the former one without what is new
        grown = placed(former, heard)
        if self._written() == written:  # else it was drawn anew meanwhile, and is read next time
            self._keep(grown)
        return grown

    def _keep(self, projection: Projection) -> None:
        try:
            write_projection(self._data, projection)
        except MapError as error:  # it is shown all the same, and the places are found again next time
            _log.warning("%s", error)

    def _written(self) -> tuple[int, int] | None:
        """Return what tells one map in the data folder from the next; None where there is none."""
        try:
            file = (self._data / MAP).stat()
        except OSError:
            return None
        return file.st_ino, file.st_mtime_ns


def _folder(path: PurePath, roots: Sequence[Path]) -> str:
    root = next((root for root in roots if path.is_relative_to(root)), None)
    if root is None:
        return ""
    inside = path.relative_to(root).parts
    return inside[0] if len(roots) == 1 and len(inside) > 1 else root.name
