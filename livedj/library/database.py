"""A connection to the catalogue's SQLite file: opening, updating, transactions. The only file that imports sqlite3."""

import contextlib
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from livedj.errors import CatalogueError
from livedj.library import schema

BUSY_SECONDS = 10.0
"""A writer waits so long for another one."""

_ADVICE = {
    "SQLITE_BUSY": "another livedj is writing to it: close that one, or try again",
    "SQLITE_CANTOPEN": "it cannot be opened: is the folder there, and may livedj write to it?",
    "SQLITE_CORRUPT": "it is damaged: save what can be saved with livedj library repair",
    "SQLITE_FULL": "the disk is full: make some space",
    "SQLITE_IOERR": "the disk reports an error",
    "SQLITE_NOTADB": "it is damaged, or not a catalogue: livedj library repair keeps it and makes a new one",
    "SQLITE_READONLY": "livedj may not write to it: check the file's permissions",
}


_SUFFIXES = ("", "-wal", "-shm")
_MOST_ROWS = 1 << 24
"""Beyond which no table of a library goes, even where a damaged file cannot tell how many rows it has."""


class DamagedError(CatalogueError):
    """What was asked for cannot be read: the file is damaged there."""


class Database:
    """A connection of the newest version, used by the thread that opened it.

    Every method raises CatalogueError where the file is damaged, locked for too long, or the disk is full.
    """

    def __init__(self, path: Path) -> None:
        """Open the file, bring it up to date, or make an empty one.

        Raises:
            CatalogueError: it cannot be opened, is damaged, or was made by a newer livedj.

        """
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CatalogueError(f"The folder {path.parent} cannot be made: {error.strerror}.") from error
        with self._translated():
            self._connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            self._connection.text_factory = os.fsdecode
            self._prepare()
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def execute(self, sql: str, values: Sequence[object] = ()) -> None:
        """Carry out one statement; inside `writing`, which translates what goes wrong."""
        self._connection.execute(sql, values)

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[Any]:
        """Return all rows of an answer."""
        with self._translated():
            return self._connection.execute(sql, values).fetchall()

    def each(self, sql: str, values: Sequence[object] = ()) -> Iterator[Any]:
        """Yield the rows of an answer as they are asked for."""
        with self._translated():
            for row in self._connection.execute(sql, values):  # noqa: UP028 that would close the cursor of a closed file
                yield row

    def define(self, name: str, function: Callable[..., Any]) -> None:
        """Let statements call `function`, whose answer depends on its arguments alone."""
        self._connection.create_function(name, -1, function, deterministic=True)

    def columns(self, table: str, *but: str) -> str:
        """Return the names of a table's columns, but for some, as a statement lists them."""
        return ", ".join(name for _, name, *_ in self.rows(f"PRAGMA main.table_info({table})") if name not in but)

    def copy_to(self, path: Path) -> None:
        """Write all into a new file."""
        with self._translated(), contextlib.closing(sqlite3.connect(path)) as target:
            self._connection.backup(target)
            target.execute("PRAGMA journal_mode = DELETE")  # one file, not three

    @contextlib.contextmanager
    def attached(self, path: Path, name: str) -> Iterator[None]:
        """Let statements see another file's tables as `name`.table."""
        with self._translated():
            self._connection.execute(f"ATTACH ? AS {name}", (str(path),))
            try:
                yield
            finally:
                self._connection.execute(f"DETACH {name}")

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Make what is done inside one transaction."""
        with self._translated():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                # A full disk has rolled back by itself.
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def _prepare(self) -> None:
        with self._translated():
            self._connection.execute("PRAGMA foreign_keys = ON")
            self._connection.execute("PRAGMA synchronous = NORMAL")  # a power cut may cost the last commits, no more
            if self._version() == 0:
                self._create()
            elif self._version() < schema.VERSION:
                self._update()
        if self._version() > schema.VERSION:
            raise CatalogueError(f"The catalogue {self._path} was made by a newer livedj: update livedj.")

    def _version(self) -> int:
        return int(self.rows("PRAGMA user_version")[0][0])

    def _create(self) -> None:
        self._switch_to_wal()
        with self.writing():
            if self._version() != 0:  # another thread came first
                return
            if self.rows("SELECT 1 FROM sqlite_master"):
                raise CatalogueError(f"{self._path} is the database of another program: choose another data folder.")
            self._run(schema.TABLES, schema.VERSION)

    def _update(self) -> None:
        """Bring an older file up to date, all in one go: it is of one version or the other, whenever we are killed."""
        with self.writing():
            if self._version() < schema.VERSION:  # else another thread came first
                self._back_up()
            for version in range(self._version(), schema.VERSION):
                self._run(schema.UPDATES[version], version + 1)

    def _back_up(self) -> None:
        """Keep a copy of the file as an older livedj can read it, beside it."""
        copy = self._path.with_name(f"{self._path.name}.version-{self._version()}")
        # Read by a connection of its own: SQLite waits for ever to copy from one that holds the lock to write.
        closing = contextlib.closing
        with closing(sqlite3.connect(self._path)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)

    def _run(self, script: str, version: int) -> None:
        for statement in script.split(";"):
            self._connection.execute(statement)
        self._connection.execute(f"PRAGMA user_version = {version}")

    def _switch_to_wal(self) -> None:
        """Turn the write-ahead log on; SQLite itself does not wait where others are about to do the same."""
        end = time.monotonic() + BUSY_SECONDS
        while True:
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if not error.sqlite_errorname.startswith("SQLITE_BUSY") or time.monotonic() > end:
                    raise
                time.sleep(0.01)
            else:
                return

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.ProgrammingError:  # closed, or another thread's: our mistake, not the file's
            raise
        except sqlite3.Error as error:
            name = getattr(error, "sqlite_errorname", "")
            advice = next((text for code, text in _ADVICE.items() if name.startswith(code)), str(error))
            damaged = name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB"))
            kind = DamagedError if damaged else CatalogueError
            raise kind(f"The catalogue {self._path} cannot be used: {advice}.") from error


def is_whole(path: Path) -> bool:
    """Tell whether a file is a catalogue and undamaged; of what is wrong with its content nothing is known.

    Raises:
        CatalogueError: it cannot be read just now.

    """
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as connection:
            names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            wanted = set(schema.NAMES) - set(schema.ADDED)
            return wanted <= names and connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorname", "").startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
            return False
        raise CatalogueError(f"The catalogue {path} cannot be read: {error}.") from error


def salvage(path: Path, kept: Path) -> int:
    """Put a new file, made of what can be read, in a damaged one's place, which moves to `kept`; return how often not.

    Until the new one is complete nothing has changed.

    Raises:
        CatalogueError: the new file cannot be written.

    """
    draft = path.with_name(f"{path.name}.draft")
    for suffix in _SUFFIXES:
        path.with_name(draft.name + suffix).unlink(missing_ok=True)
    with contextlib.closing(Database(draft)) as fresh:
        fresh.execute("PRAGMA foreign_keys = OFF")  # what belongs to a lost row is still there
        gaps = _save_all(fresh, path)
    for suffix in _SUFFIXES:
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(kept.with_name(kept.name + suffix))
    for suffix in reversed(_SUFFIXES):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(draft.name + suffix).rename(path.with_name(path.name + suffix))
    return gaps


def _save_all(fresh: Database, damaged: Path) -> int:
    try:
        with fresh.attached(damaged, "damaged"):
            return sum(_save_table(fresh, table) for table in schema.NAMES)
    except DamagedError:  # not even its head can be read
        return 1


def _save_table(fresh: Database, table: str) -> int:
    there, wanted = (
        {row[1] for row in fresh.rows(f"PRAGMA {place}.table_info({table})")} for place in ("damaged", "main")
    )
    if not there & wanted:
        return 0
    return _save_rows(fresh, table, ", ".join(there & wanted), _last_row(fresh, table))


def _last_row(fresh: Database, table: str) -> int:
    """Return a row number that none exceeds, as far as can be seen: the page that tells the last may be damaged."""
    try:
        return int(fresh.rows(f"SELECT COALESCE(MAX(rowid), 0) FROM damaged.{table}")[0][0])
    except DamagedError:
        beyond = 1
        while beyond < _MOST_ROWS and _may_hold(fresh, table, beyond):
            beyond *= 2
        return beyond


def _may_hold(fresh: Database, table: str, number: int) -> bool:
    """Tell whether there is, or may be, a row of this number or a higher one."""
    try:
        return bool(fresh.rows(f"SELECT 1 FROM damaged.{table} WHERE rowid >= ? LIMIT 1", (number,)))
    except DamagedError:
        return True


def _save_rows(fresh: Database, table: str, columns: str, last: int) -> int:
    """Copy what can be read of the rows up to the number `last`; return the count of those that stopped us.

    From a row that cannot be read we leap ever further until one can: a damaged page holds many.
    """
    gaps, first, count, leap = 0, 1, 1, 1
    while first <= last:
        if _copied(fresh, table, columns, first, min(first + count - 1, last)):
            first, count, leap = first + count, 2 * count, 1
        elif count > 1:
            count //= 2
        else:
            gaps, first, leap = gaps + 1, first + leap, 2 * leap
    return gaps


def _copied(fresh: Database, table: str, columns: str, first: int, last: int) -> bool:
    try:
        with fresh.writing():
            fresh.execute(
                f"INSERT OR IGNORE INTO main.{table} ({columns})"
                f" SELECT {columns} FROM damaged.{table} WHERE rowid BETWEEN ? AND ?",
                (first, last),
            )
    except DamagedError:
        return False
    return True
