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
    "SQLITE_CORRUPT": "it is damaged: move the file away and scan the music folders again",
    "SQLITE_FULL": "the disk is full: make some space",
    "SQLITE_IOERR": "the disk reports an error",
    "SQLITE_NOTADB": "it is damaged, or not a catalogue: move the file away and scan the music folders again",
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
