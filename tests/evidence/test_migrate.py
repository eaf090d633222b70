"""A log that format 1 wrote is the same log after its writer has opened it."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import apsw
import pytest

from trucewatch.errors import LogRefused
from trucewatch.evidence import places
from trucewatch.evidence.ledger import Ledger
from trucewatch.evidence.log import Log
from trucewatch.evidence.objects import LARGE_BYTES
from trucewatch.evidence.sequencer import NewObject

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from trucewatch.evidence.keys import Keys

COUNT = 20
FORMAT_1 = """
CREATE TABLE entry(idx INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;
CREATE TABLE entry_of(
    object BLOB NOT NULL, type TEXT NOT NULL, idx INTEGER NOT NULL, PRIMARY KEY(object, type)
) STRICT, WITHOUT ROWID;
CREATE TABLE object(first_idx INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
CREATE TABLE label(
    object BLOB NOT NULL, name TEXT NOT NULL, PRIMARY KEY(object, name)
) STRICT, WITHOUT ROWID;
"""


def objects() -> list[NewObject]:
    small = [NewObject(type="a/v1", data=b"%d" % i, name=f"{i}.csv") for i in range(COUNT - 3)]
    large = NewObject(type="a/v1", data=bytes(LARGE_BYTES), name="large.csv")
    empty = NewObject(type="a/v1", data=b"")
    other = NewObject(type="b/v1", data=b"7", name="seven.csv")
    return [*small, large, empty, other]


def to_format_1(path: Path, held: list[tuple[bytes, NewObject]]) -> None:
    """Rewrite a database as the first version of this software would have written it."""
    db = apsw.Connection(str(path))
    for table in ("entry", "object", "label", "place", "anchor"):
        db.execute(f"DROP TABLE {table}")
    for statement in FORMAT_1.split(";")[:-1]:
        db.execute(statement)
    for index, (content, item) in enumerate(held):
        digest = sha256(item.data).digest()
        db.execute("INSERT INTO entry VALUES (?, ?)", (index, content))
        known = db.execute("SELECT 1 FROM entry_of WHERE object = ?", (digest,)).fetchall()
        db.execute("INSERT INTO entry_of VALUES (?, ?, ?)", (digest, item.type, index))
        if len(item.data) < LARGE_BYTES and not known:
            db.execute("INSERT INTO object VALUES (?, ?)", (index, item.data))
        if item.name:
            db.execute("INSERT INTO label VALUES (?, ?)", (digest, item.name))
    db.execute("UPDATE meta SET value = '1' WHERE name = 'format'")
    db.close()


def shown(log: Log) -> list[object]:
    """Return everything that a log says."""
    digests = [sha256(item.data).hexdigest() for item in objects()]
    return [
        [log.checkpoint_note(size) for size in (0, COUNT)],
        [log.entry_bytes(i) for i in range(log.size)],
        [(log.object(d), log.indices_of(d), log.labels(d)) for d in digests],
        dict(log.static_files(log.size)),
    ]


@pytest.fixture
def before(log: Log, home: Path, now: datetime, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Return what a log says that is in format 1 now."""
    monkeypatch.setattr(places, "PLACED_AT_ONCE", 8)
    log.append(objects(), now=now)
    said = shown(log)
    contents = [log.entry_bytes(i) for i in range(COUNT)]
    log.close()
    to_format_1(home / "log.db", list(zip(contents, objects(), strict=True)))
    return said


def test_a_log_of_format_1_says_the_same_once_it_was_opened_for_writing(
    before: list[object], home: Path, keys: Keys, now: datetime
) -> None:
    with Log.open(home, signer=keys.log) as log:
        log.check_database()

        assert shown(log) == before
        assert [a.index for a in log.append(objects(), now=now)] == list(range(COUNT))
        assert log.append([NewObject(type="a/v1", data=b"new")], now=now)[0].index == COUNT
    with Log.open(home) as reader:
        assert reader.size == COUNT + 1


def test_a_reader_refuses_format_1_and_says_what_to_do(before: list[object], home: Path) -> None:
    with pytest.raises(LogRefused, match="format is '1', expected '2'") as caught:
        Log.open(home)

    assert len(before) == 4
    assert caught.value.advice == "let its writer open it once: tw run HOME"


@pytest.mark.parametrize("nth", range(0, 17, 4))
def test_a_failure_on_the_way_leaves_format_1_whole(
    before: list[object], home: Path, keys: Keys, monkeypatch: pytest.MonkeyPatch, nth: int
) -> None:
    write, seen = Ledger.write, 0

    def fails(self: Ledger, sql: str, rows: Iterable[tuple[object, ...]] | None = None) -> None:
        nonlocal seen
        write(self, sql, rows)
        seen += 1
        if seen == nth + 1:
            raise apsw.IOError("the disk failed")

    monkeypatch.setattr(Ledger, "write", fails)
    with pytest.raises(LogRefused, match="the disk failed"):
        Log.open(home, signer=keys.log)
    monkeypatch.undo()
    monkeypatch.setattr(places, "PLACED_AT_ONCE", 8)

    with Log.open(home, signer=keys.log) as log:
        assert shown(log) == before
