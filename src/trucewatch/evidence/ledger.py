"""The database under a log: its schema, how it is opened, and everything that is read from it.

One writer holds the only read-write connection (`sequencer`); readers open it read-only. Rows of
`entry`, `object` (see `numbered`) and `place` (see `places`), and tiles once full, never change.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import apsw

from trucewatch.errors import EvidenceBroken, LogRefused, NotFound
from trucewatch.evidence.anchor import Anchor, cosigned
from trucewatch.evidence.entry import parse_entry
from trucewatch.evidence.merkle import HASH_BYTES
from trucewatch.evidence.migrate import OLD_FORMAT, migrate
from trucewatch.evidence.numbered import Numbered
from trucewatch.evidence.places import Places, key_of, placed_size
from trucewatch.evidence.tiles import tile_path

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from pathlib import Path

SQLITE_MIN = (3, 51, 3)  # before it, WAL could lose committed writes: SQLite 3.51.3 release notes
FORMAT = "2"
_BUSY_MS = 5000
_WAL_PAGES = 8192  # 32 MiB: pages of the index that many batches touch are moved home once
_CACHE_KIB = 32 * 1024

_SCHEMA = """
CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE entry(first INTEGER PRIMARY KEY, bundle BLOB NOT NULL) STRICT;
CREATE TABLE object(first INTEGER PRIMARY KEY, bundle BLOB NOT NULL) STRICT;
CREATE TABLE place(key INTEGER NOT NULL, idx INTEGER NOT NULL, PRIMARY KEY(key, idx)
) STRICT, WITHOUT ROWID;
CREATE TABLE label(idx INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY(idx, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE tile(
    level INTEGER NOT NULL, idx INTEGER NOT NULL, hashes BLOB NOT NULL, PRIMARY KEY(level, idx)
) STRICT;
CREATE TABLE checkpoint(size INTEGER PRIMARY KEY, note BLOB NOT NULL) STRICT;
"""
_ANCHORS = """
CREATE TABLE IF NOT EXISTS anchor(
    size INTEGER NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, content BLOB NOT NULL,
    PRIMARY KEY(size, kind, name)
) STRICT
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
        self._entries = Numbered("entry", self._all)
        self._objects = Numbered("object", self._all)
        self._places = Places(self.entries, self._all)

    def _prepare(self, mode: str) -> None:
        self._connection.set_busy_timeout(_BUSY_MS)
        self._connection.execute("PRAGMA trusted_schema = off")
        if mode != "read":
            self._connection.execute("PRAGMA journal_mode = wal").fetchall()
            self._connection.execute("PRAGMA synchronous = full")
            self._connection.execute(f"PRAGMA wal_autocheckpoint = {_WAL_PAGES}")
            self._connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        if mode == "create":
            if self._connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone():
                raise LogRefused(self.where, "holds a log already, expected no file of that name")
            return
        found = self.meta("format")
        if found == OLD_FORMAT and mode == "write":
            with self.transaction():
                migrate(self._connection.execute, self.write, _SCHEMA)
            found = self.meta("format")
        if found == OLD_FORMAT:
            problem = f"format is {found!r}, expected {FORMAT!r}: an earlier version wrote it"
            raise LogRefused(self.where, problem, advice="let its writer open it once: tw run HOME")
        if found != FORMAT:
            raise EvidenceBroken(self.where, f"format is {found!r}, expected {FORMAT!r}")
        if mode == "write":
            self._connection.execute(_ANCHORS)  # the first logs have none

    def close(self) -> None:
        """Close the database; reading from it afterwards is an error."""
        with mapped(self.where):
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
        self.write(_ANCHORS)

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
        return self._entries.count()

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

    def entry(self, index: int) -> bytes:
        """Return the bytes of one entry.

        Raises:
            EvidenceBroken: It is missing.
        """
        content = self._entries.get(index)
        if not content:
            raise EvidenceBroken(self.where, f"entry {index} is missing")
        return content

    def entries(self, start: int, stop: int) -> Iterator[bytes]:
        """Yield the bytes of entries [start, stop), a bounded number of rows at a time.

        Raises:
            EvidenceBroken: One is missing.
        """
        at = start
        for index, content in self._entries.span(start, stop):
            if index != at or not content:
                break
            yield content
            at += 1
        if at < stop:
            raise EvidenceBroken(self.where, f"entry {at} is missing")

    def indices_of(self, digests: Collection[bytes]) -> dict[bytes, dict[str, int]]:
        """Return the index of each entry for each object (raw SHA-256), by entry type.

        Objects that no entry seals are left out.
        """
        found: dict[bytes, dict[str, int]] = {}
        for index in self._places.find(digests, self.checkpoint_size()):
            entry = parse_entry(self.entry(index), where=f"entry {index}")
            digest = bytes.fromhex(entry.object)
            if digest in digests:  # else only the beginning is the same
                found.setdefault(digest, {})[entry.type] = index
        return found

    def places_due(self, size: int, digests: Sequence[bytes]) -> list[tuple[int, int]]:
        """Return the rows of the index that are to be written with the next entries."""
        return self._places.due(size, digests)

    def grown(self, size: int, digests: Sequence[bytes]) -> None:
        """Take note that entries for these objects were committed to a log of some size."""
        self._places.grown(size, digests)

    def check(self) -> None:
        """Check the file itself, and that the index by hash is what the entries lead to.

        Raises:
            EvidenceBroken: SQLite finds damage, or an entry is missing from the index or is one too
                many in it: then a file that comes again would be sealed twice, or not at all.
        """
        with mapped(self.where):
            self._connection.execute("BEGIN")  # one state of the log, whatever a writer adds
        try:
            found = str(self._all("PRAGMA integrity_check(1)")[0][0])
            if found != "ok":
                raise EvidenceBroken(self.where, f"{found}, expected a whole database")
            self._check_places()
        finally:
            self.abandon()

    def _check_places(self) -> None:
        size = self.entry_count()
        rows = self._all("SELECT idx, key FROM place ORDER BY idx")
        for index, content in enumerate(self.entries(0, placed_size(size))):
            where = f"entry {index}"
            entry = parse_entry(content, where=where)
            if rows[index : index + 1] != [(index, key_of(bytes.fromhex(entry.object)))]:
                problem = f"{entry.type}, object {entry.object} is not in the index by hash"
                raise EvidenceBroken(where, f"{problem}, expected it there once")
        for index, _ in rows[placed_size(size) :]:
            problem = f"the index by hash has entry {index}, the log has {size} entries"
            expected = f"expected {placed_size(size)} of them there"
            raise EvidenceBroken(self.where, f"{problem}, {expected}")

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

    def small_object(self, index: int) -> bytes:
        """Return the object that came with an entry, not yet re-hashed; empty when none did."""
        return self._objects.get(index)

    def labels(self, indices: Iterable[int]) -> tuple[str, ...]:
        """Return the file names under which these entries' object came: labels, not evidence."""
        sql = "SELECT name FROM label WHERE idx = ?"
        names = {str(name) for index in indices for (name,) in self._all(sql, index)}
        return tuple(sorted(names))

    def anchors(self, size: int | None = None) -> list[Anchor]:
        """Return the anchors of the checkpoint of one size, or all, by size, kind and name."""
        if not self._all("SELECT 1 FROM sqlite_schema WHERE name = 'anchor'"):
            return []  # written by one of the first versions
        sql = "SELECT size, kind, name, content FROM anchor"
        order = "ORDER BY size, kind, name"
        if size is None:
            rows = self._all(f"{sql} {order}")
        else:
            rows = self._all(f"{sql} WHERE size = ? {order}", size)
        return [Anchor(size=s, kind=kind, name=name, content=c) for s, kind, name, c in rows]

    def add_anchors(self, anchors: Sequence[Anchor]) -> int:
        """Add anchors that are not there yet, in one transaction; return how many were added."""
        before = self._connection.total_changes()
        rows = [(a.size, a.kind, a.name, a.content) for a in anchors]
        with self.transaction():
            self.write("INSERT OR IGNORE INTO anchor VALUES (?, ?, ?, ?)", rows)
        return self._connection.total_changes() - before

    def cosigned_note(self, size: int | None = None) -> bytes:
        """Return the signed checkpoint of that size, by default the newest, with cosignatures."""
        size = self.checkpoint_size() if size is None else size
        return cosigned(self.checkpoint_note(size), self.anchors(size))

    def forget_labels(self, indices: Iterable[int]) -> int:
        """Remove the file names under which these entries' object came; return how many there were.

        The table is written again over pages that were zeroed, and the write-ahead log is emptied:
        no copy of a name stays in the free space of either file.

        Raises:
            LogRefused: Somebody is reading the database, so that the write-ahead log must stay.
        """
        numbers = [(index,) for index in indices]
        with mapped(self.where):
            self._connection.execute("PRAGMA secure_delete = on").fetchall()
            self._connection.execute("PRAGMA temp_store = memory")
        before = self._connection.total_changes()
        with self.transaction():
            self.write("DELETE FROM label WHERE idx = ?", numbers)
            removed = self._connection.total_changes() - before
            self.write("CREATE TEMP TABLE kept AS SELECT idx, name FROM label")
            self.write("DELETE FROM label")
            self.write("INSERT INTO label SELECT idx, name FROM temp.kept")
            self.write("DROP TABLE temp.kept")
        busy = self._all("PRAGMA wal_checkpoint(truncate)")[0][0]
        if busy:
            problem = "is being read, so removed names stay in its write-ahead log"
            raise LogRefused(self.where, f"{problem}; expected no reader, try again")
        return removed

    def _all(self, sql: str, *values: str | int | bytes) -> list[tuple[Any, ...]]:
        with mapped(self.where):
            return self._connection.execute(sql, values).fetchall()

    def _one(self, sql: str, *values: str | int | bytes) -> tuple[Any, ...] | None:
        with mapped(self.where):
            return self._connection.execute(sql, values).fetchone()
