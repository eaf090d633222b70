"""The database under a log: its schema, how it is opened, and everything that is read from it.

One writer holds the only read-write connection (`sequencer`); readers open it read-only. Rows of
`entry`, and tiles once full, never change. A small object lies under the index of the first entry
that seals it, so that one index by hash (`entry_of`) serves both; a second one costs a third of the
speed of appending.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import apsw

from trucewatch.errors import EvidenceBroken, LogRefused, NotFound
from trucewatch.evidence.entry import parse_entry
from trucewatch.evidence.merkle import HASH_BYTES
from trucewatch.evidence.tiles import tile_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

SQLITE_MIN = (3, 51, 3)  # before it, WAL could lose committed writes: SQLite 3.51.3 release notes
FORMAT = "1"
_ENTRIES_AT_ONCE = 4096
_BUSY_MS = 5000
_WAL_PAGES = 8192  # 32 MiB: pages of the index that many batches touch are moved home once
_CACHE_KIB = 32 * 1024

_SCHEMA = """
CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE entry(idx INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;
CREATE TABLE entry_of(
    object BLOB NOT NULL, type TEXT NOT NULL, idx INTEGER NOT NULL, PRIMARY KEY(object, type)
) STRICT, WITHOUT ROWID;
CREATE TABLE tile(
    level INTEGER NOT NULL, idx INTEGER NOT NULL, hashes BLOB NOT NULL, PRIMARY KEY(level, idx)
) STRICT;
CREATE TABLE checkpoint(size INTEGER PRIMARY KEY, note BLOB NOT NULL) STRICT;
CREATE TABLE object(first_idx INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
CREATE TABLE label(
    object BLOB NOT NULL, name TEXT NOT NULL, PRIMARY KEY(object, name)
) STRICT, WITHOUT ROWID;
"""

_BROKEN = (apsw.CorruptError, apsw.NotADBError, apsw.FormatError, apsw.SQLError, apsw.MismatchError)


@contextmanager
def mapped(where: str) -> Iterator[None]:
    """Turn every error of the database into one of ours.

    Raises:
        EvidenceBroken: The file is not the database of a log, or is damaged.
        LogRefused: Full disk, failed write, busy, not openable.
    """
    try:
        yield
    except _BROKEN as error:
        problem = f"{error}, expected the database of a log"
        raise EvidenceBroken(where, problem) from error
    except apsw.Error as error:
        problem = f"{type(error).__name__}: {error}, expected a database that can be used"
        raise LogRefused(where, problem) from error


def check_sqlite(version: str) -> None:
    """Refuse an SQLite that may lose committed writes.

    Raises:
        LogRefused: It is older than `SQLITE_MIN`.
    """
    found = tuple(int(part) for part in re.findall(r"\d+", version)[:3])
    if found < SQLITE_MIN:
        needed = ".".join(str(part) for part in SQLITE_MIN)
        problem = f"version is {version}, must be at least {needed} (older ones can lose writes)"
        raise LogRefused("SQLite", problem)


class Ledger:
    """An open database of a log.

    Args:
        path: The database file.
        mode: "read", "write", or "create" for a file that may be absent or without tables.

    Raises:
        LogRefused: SQLite is too old, or the file cannot be opened.
        EvidenceBroken: The file is not the database of a log of this format.
    """

    def __init__(self, path: Path, *, mode: str) -> None:
        check_sqlite(apsw.sqlite_lib_version())
        self.where = path.name
        flags = {
            "read": apsw.SQLITE_OPEN_READONLY,
            "write": apsw.SQLITE_OPEN_READWRITE,
            "create": apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE,
        }[mode]
        with mapped(self.where):
            self._connection = apsw.Connection(str(path), flags=flags)
        try:
            with mapped(self.where):
                self._prepare(mode)
        except BaseException:
            self._connection.close()
            raise

    def _prepare(self, mode: str) -> None:
        self._connection.set_busy_timeout(_BUSY_MS)
        self._connection.execute("PRAGMA trusted_schema = off")
        if mode != "read":
            self._connection.execute("PRAGMA journal_mode = wal; PRAGMA synchronous = full")
            self._connection.execute(f"PRAGMA wal_autocheckpoint = {_WAL_PAGES}")
            self._connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        if mode == "create":
            if self._connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone():
                raise LogRefused(self.where, "holds a log already, expected no file of that name")
            return
        found = self.meta("format")
        if found != FORMAT:
            raise EvidenceBroken(self.where, f"format is {found!r}, expected {FORMAT!r}")

    def close(self) -> None:
        """Close the database; reading from it afterwards is an error."""
        self._connection.close()

    def write(self, sql: str, rows: Iterable[tuple[object, ...]] | None = None) -> None:
        """Run one statement, or one per row; the only way in which this database changes."""
        if rows is None:
            self._connection.execute(sql)
        else:
            self._connection.executemany(sql, rows)

    def abandon(self) -> None:
        """Roll back if there is something to roll back: a full disk has done so already."""
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run the block in one transaction, durable when the block is left without an error."""
        with mapped(self.where):
            self.write("BEGIN IMMEDIATE")
            try:
                yield
                self.write("COMMIT")
            except BaseException as error:
                try:
                    self.abandon()
                except apsw.Error as second:  # the first error is the true one
                    error.add_note(f"and it could not be rolled back: {second}")
                raise

    def create_tables(self) -> None:
        """Write the schema, inside the caller's transaction."""
        for statement in _SCHEMA.split(";"):
            if statement.strip():
                self.write(statement)

    def meta(self, name: str) -> str:
        """Return a value that was fixed when the log was made.

        Raises:
            EvidenceBroken: It is missing.
        """
        row = self._one("SELECT value FROM meta WHERE name = ?", name)
        if row is None:
            raise EvidenceBroken(self.where, f"meta {name!r} is missing, expected a value")
        return str(row[0])

    def entry_count(self) -> int:
        """Return one more than the highest index of an entry."""
        row = self._one("SELECT coalesce(max(idx) + 1, 0) FROM entry")
        return int(row[0]) if row else 0

    def checkpoint_note(self, size: int | None = None) -> bytes:
        """Return the signed checkpoint of that size, by default the newest.

        Raises:
            NotFound: None was signed at that size.
        """
        if size is None:
            row = self._one("SELECT note FROM checkpoint ORDER BY size DESC LIMIT 1")
        else:
            row = self._one("SELECT note FROM checkpoint WHERE size = ?", size)
        if row is None:
            raise NotFound(self.where, f"no checkpoint of size {size}")
        return bytes(row[0])

    def checkpoint_size(self) -> int:
        """Return the size of the newest checkpoint."""
        row = self._one("SELECT max(size) FROM checkpoint")
        return int(row[0] or 0) if row else 0

    def entries(self, start: int, stop: int) -> Iterator[bytes]:
        """Yield the bytes of entries [start, stop), a bounded number of rows at a time.

        Raises:
            EvidenceBroken: A row is missing.
        """
        sql = "SELECT idx, data FROM entry WHERE idx >= ? AND idx < ? ORDER BY idx"
        for at in range(start, stop, _ENTRIES_AT_ONCE):
            end = min(at + _ENTRIES_AT_ONCE, stop)
            rows = self._all(sql, at, end)
            for index in range(at, end):
                if index - at >= len(rows) or rows[index - at][0] != index:
                    raise EvidenceBroken(self.where, f"entry {index} is missing")
                yield bytes(rows[index - at][1])

    def indices_of(self, digests: Iterable[bytes]) -> dict[bytes, dict[str, int]]:
        """Return the index of each entry for each object (raw SHA-256), by entry type.

        Objects that no entry seals are left out.
        """
        sql = "SELECT object, type, idx FROM entry_of WHERE object = ?"
        found: dict[bytes, dict[str, int]] = {}
        with mapped(self.where):
            rows = self._connection.executemany(sql, ((digest,) for digest in digests))
            for digest, kind, index in rows:
                found.setdefault(bytes(digest), {})[kind] = index
        return found

    def check(self) -> None:
        """Check the file itself, and that the index by hash is what the entries lead to.

        Raises:
            EvidenceBroken: SQLite finds damage, or an entry is missing from the index or is one too
                many in it: then a file that comes again would be sealed twice, or not at all.
        """
        found = str(self._all("PRAGMA integrity_check(1)")[0][0])
        if found != "ok":
            raise EvidenceBroken(self.where, f"{found}, expected a whole database")
        size = self.entry_count()  # first: a writer may add to both tables meanwhile
        sql = "SELECT idx, object, type FROM entry_of WHERE idx < ? ORDER BY idx"
        rows = self._all(sql, size)
        for index, content in enumerate(self.entries(0, size)):
            where = f"entry {index}"
            entry = parse_entry(content, where=where)
            expected = (index, bytes.fromhex(entry.object), entry.type)
            if index >= len(rows) or rows[index] != expected:
                problem = f"{entry.type}, object {entry.object} is not in the index by hash"
                raise EvidenceBroken(where, f"{problem}, expected it there once")
        foreign = "SELECT idx FROM entry_of WHERE idx NOT IN (SELECT idx FROM entry) LIMIT 1"
        for (index,) in self._all(foreign):
            problem = f"the index by hash has entry {index}, the log has {size} entries"
            raise EvidenceBroken(self.where, problem)

    def checkpoint_sizes(self) -> list[int]:
        """Return the size of every signed checkpoint, in order."""
        return [int(size) for (size,) in self._all("SELECT size FROM checkpoint ORDER BY size")]

    def tile(self, level: int, index: int, width: int) -> bytes:
        """Return the stored hashes of a tile; see `tiles.ReadTile`.

        Raises:
            EvidenceBroken: It is missing or too short.
        """
        row = self._one("SELECT hashes FROM tile WHERE level = ? AND idx = ?", level, index)
        hashes = b"" if row is None else bytes(row[0])
        if len(hashes) < width * HASH_BYTES:
            problem = f"{len(hashes)} bytes, expected {width * HASH_BYTES}"
            where = f"{self.where}: {tile_path(level, index, width)}"
            raise EvidenceBroken(where, problem)
        return hashes

    def small_object(self, digest: bytes) -> bytes | None:
        """Return the stored bytes of a small object, not yet re-hashed."""
        first = "SELECT min(idx) FROM entry_of WHERE object = ?"
        row = self._one(f"SELECT bytes FROM object WHERE first_idx = ({first})", digest)  # noqa: S608
        return None if row is None else bytes(row[0])

    def labels(self, digest: bytes) -> tuple[str, ...]:
        """Return the file names under which an object was submitted: labels, not evidence."""
        sql = "SELECT name FROM label WHERE object = ? ORDER BY name"
        return tuple(str(row[0]) for row in self._all(sql, digest))

    def _all(self, sql: str, *values: str | int | bytes) -> list[tuple[Any, ...]]:
        with mapped(self.where):
            return self._connection.execute(sql, values).fetchall()

    def _one(self, sql: str, *values: str | int | bytes) -> tuple[Any, ...] | None:
        with mapped(self.where):
            return self._connection.execute(sql, values).fetchone()
