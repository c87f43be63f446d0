"""Digests of files, remembered until the file changes: a checkpoint of gigabytes is read once, not once a run."""

import hashlib
import os
import sqlite3
import time
from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from storage.errors import Absent, shown

FILE_NAME = "digests.sqlite"

# A file changed twice within the tick of the file system's clock keeps its time, so a fresh file is not remembered.
SETTLED_NANOSECONDS = 2_000_000_000

TABLE = "CREATE TABLE IF NOT EXISTS digests (path TEXT PRIMARY KEY, size INTEGER, mtime_ns INTEGER, sha256 TEXT)"


@dataclass(frozen=True)
class Digests:
    """SHA-256 of files by (path, size, time of change), in a small database that processes share."""

    database: Path

    @classmethod
    def in_user_folder(cls, user: Path) -> "Digests":
        """The usual place of the database."""
        return cls(user / FILE_NAME)

    def of(self, path: Path) -> str:
        """Hexadecimal SHA-256 of a file, or of a folder's names and contents. Raises Absent."""
        real = Path(os.path.realpath(path))
        if real.is_dir():
            return self._of_folder(real)
        try:
            return self._of_file(real)
        except FileNotFoundError:
            raise Absent("an existing file", shown(path.name), "Choose one of the names that are listed.") from None

    def _of_folder(self, folder: Path) -> str:
        digest = hashlib.sha256()
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            digest.update(f"{file.relative_to(folder).as_posix()}\0{self._of_file(file)}\n".encode())
        return digest.hexdigest()

    def _of_file(self, file: Path) -> str:
        before = file.stat()
        with self._open() as database:
            row = database.execute(
                "SELECT sha256 FROM digests WHERE path = ? AND size = ? AND mtime_ns = ?",
                (str(file), before.st_size, before.st_mtime_ns),
            ).fetchone()
        if row:
            return row[0]
        with file.open("rb") as opened:
            sha256 = hashlib.file_digest(opened, "sha256").hexdigest()
        after = file.stat()
        unchanged = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
        if unchanged and time.time_ns() - after.st_mtime_ns > SETTLED_NANOSECONDS:
            with self._open() as database:
                database.execute(
                    "INSERT OR REPLACE INTO digests VALUES (?, ?, ?, ?)",
                    (str(file), after.st_size, after.st_mtime_ns, sha256),
                )
        return sha256

    @contextmanager
    def _open(self) -> Generator[sqlite3.Connection]:
        """One transaction. A database that is damaged is begun anew: it holds nothing that cannot be computed again."""
        self.database.parent.mkdir(parents=True, exist_ok=True)
        try:
            connection = self._connect()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            self.database.unlink()
            connection = self._connect()
        with closing(connection), connection:
            yield connection

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.database, timeout=30)
        try:
            connection.execute(TABLE)
        except sqlite3.Error:
            connection.close()
            raise
        return connection
