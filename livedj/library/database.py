"""A connection to the catalogue's SQLite file: opening, updating, transactions. The only file that imports sqlite3."""

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
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
            raise CatalogueError(f"The catalogue {self._path} cannot be used: {advice}.") from error


def is_whole(path: Path) -> bool:
    """Tell whether a file is a catalogue and undamaged; of what is wrong with its content nothing is known.

    Raises:
        CatalogueError: it cannot be read just now.

    """
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as connection:
            names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            return set(schema.NAMES) <= names and connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorname", "").startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
            return False
        raise CatalogueError(f"The catalogue {path} cannot be read: {error}.") from error


def salvage(path: Path, kept: Path) -> int:
    """Move a damaged file to `kept`, and make a new one of what can be read; return how many rows cannot.

    Raises:
        CatalogueError: the new file cannot be written.

    """
    for suffix in ("", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(kept.with_name(kept.name + suffix))
    with contextlib.closing(Database(path)) as fresh:
        fresh.execute("PRAGMA foreign_keys = OFF")  # what belongs to a lost row is still there
        try:
            with fresh.attached(kept, "damaged"):
                return sum(_save_table(fresh, table) for table in schema.NAMES)
        except CatalogueError:  # not even its head can be read
            return 1


def _save_table(fresh: Database, table: str) -> int:
    try:
        there, wanted = (
            {row[1] for row in fresh.rows(f"PRAGMA {place}.table_info({table})")} for place in ("damaged", "main")
        )
        columns = ", ".join(there & wanted)
        [(last,)] = fresh.rows(f"SELECT COALESCE(MAX(rowid), 0) FROM damaged.{table}")
    except CatalogueError:
        return 1
    return _save_rows(fresh, table, columns, 1, int(last)) if columns else 0


def _save_rows(fresh: Database, table: str, columns: str, first: int, last: int) -> int:
    """Copy the rows of these rowids; where some cannot be read, those of either half."""
    if first > last:
        return 0
    try:
        fresh.rows(
            f"INSERT OR IGNORE INTO main.{table} ({columns})"
            f" SELECT {columns} FROM damaged.{table} WHERE rowid BETWEEN ? AND ?",
            (first, last),
        )
    except CatalogueError:
        if first == last:
            return 1
        middle = (first + last) // 2
        halves = ((first, middle), (middle + 1, last))
        return sum(_save_rows(fresh, table, columns, *half) for half in halves)
    return 0
