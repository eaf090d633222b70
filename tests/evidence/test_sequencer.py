from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import apsw
import pytest

from trucewatch.errors import BadInput, EvidenceBroken, LogRefused
from trucewatch.evidence.ledger import Ledger, check_sqlite
from trucewatch.evidence.log import Log
from trucewatch.evidence.merkle import leaf_hash, root_of
from trucewatch.evidence.objects import LARGE_BYTES
from trucewatch.evidence.sequencer import NewObject
from trucewatch.records.level import Level

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from trucewatch.evidence.keys import Keys

ORIGIN = "demo.invalid/evidence"
WRITES = 8  # begin, six tables, commit: see `Sequencer._write`


def objects(start: int, stop: int, kind: str = "received/demo/v1") -> list[NewObject]:
    return [
        NewObject(type=kind, data=b"object %d" % i, name=f"{i}.csv") for i in range(start, stop)
    ]


def roots_agree(log: Log) -> bool:
    leaves = [leaf_hash(log.entry_bytes(i)) for i in range(log.size)]
    return log.checkpoint().root == log.root(log.size) == root_of(leaves)


def test_an_empty_log_has_a_signed_checkpoint(log: Log) -> None:
    head = log.checkpoint()

    assert (head.origin, head.size, head.root.hex()[:8]) == (ORIGIN, 0, "e3b0c442")


def test_the_bytes_of_a_log_never_change(log: Log, now: datetime) -> None:
    log.append(objects(0, 3), now=now)

    assert log.entry_bytes(0) == (
        b'{"level":"CLEAR","logged_at":"2026-06-27T16:30:00.000000Z","object":'
        b'"89a87a902543bd812ccafa64a09da2430ea2de19c128bfa2669cc15c271ff497",'
        b'"size":8,"type":"received/demo/v1","v":1}'
    )
    assert log.checkpoint_note().decode().split("\n") == [
        "demo.invalid/evidence",
        "3",
        "jI88CdIbleXqrmYAdWaFFah+p4UocGmfP1ddB7XGSyk=",
        "",
        "\u2014 demo.invalid/evidence "
        "XCpuEEWhIZiZD3Dj3Earkf9FQbz5/QwOjUE5xFGPJiRg1zn/R6M5"
        "VtQE59TE5BBNmE9A487mts9JA7XbS3iJ2vWCdgM=",
        "",
    ]


def test_gives_each_object_the_next_index(log: Log, now: datetime) -> None:
    first = log.append(objects(0, 3), now=now)
    second = log.append(objects(3, 5), now=now)

    assert [a.index for a in first + second] == [0, 1, 2, 3, 4]
    assert all(a.new for a in first + second)
    assert log.object(second[1].object) == b"object 4"
    assert log.labels(second[1].object) == ("4.csv",)
    assert roots_agree(log)


@pytest.mark.parametrize("batches", [[1] * 20, [256], [255, 1, 1], [300, 300], [513, 0, 2]])
def test_the_signed_root_is_that_of_the_entries(
    log: Log, now: datetime, batches: list[int]
) -> None:
    at = 0
    for count in batches:
        log.append(objects(at, at + count), now=now)
        at += count

    assert log.size == at
    assert roots_agree(log)


def test_the_same_object_of_the_same_type_is_logged_once(log: Log, now: datetime) -> None:
    log.append(objects(0, 3), now=now)
    note = log.checkpoint_note()

    again = log.append(objects(1, 3), now=now + timedelta(days=1))

    assert [(a.index, a.new) for a in again] == [(1, False), (2, False)]
    assert log.checkpoint_note() == note


def test_the_same_object_twice_in_a_batch_is_logged_once(log: Log, now: datetime) -> None:
    placed = log.append(objects(0, 1) * 2 + objects(1, 2), now=now)

    assert [(a.index, a.new) for a in placed] == [(0, True), (0, False), (1, True)]
    assert roots_agree(log)


def test_the_same_object_of_another_type_is_another_entry(log: Log, now: datetime) -> None:
    log.append(objects(0, 1), now=now)

    [placed] = log.append(objects(0, 1, kind="received/other/v1"), now=now)

    assert (placed.index, placed.new) == (1, True)
    assert log.indices_of(placed.object) == [0, 1]
    assert log.index_of(placed.object, "received/other/v1") == 1


def test_a_second_name_is_a_second_label_and_no_entry(log: Log, now: datetime) -> None:
    [placed] = log.append([NewObject(type="a/v1", data=b"x", name="b.csv")], now=now)
    log.append([NewObject(type="a/v1", data=b"x", name="a.csv")], now=now)

    assert log.labels(placed.object) == ("a.csv", "b.csv")
    assert log.size == 1


def test_logged_at_never_decreases(log: Log, home: Path, keys: Keys, now: datetime) -> None:
    log.append(objects(0, 1), now=now)
    log.append(objects(1, 2), now=now - timedelta(hours=1))
    log.close()

    with Log.open(home, signer=keys.log) as again:
        again.append(objects(2, 3), now=now - timedelta(hours=2))
        again.append(objects(3, 4), now=now + timedelta(hours=1))
        times = [entry.logged_at for _, entry in again.entries()]

    assert times == [now, now, now, now + timedelta(hours=1)]


def test_an_entry_keeps_level_and_commitment(log: Log, now: datetime) -> None:
    log.append(
        [NewObject(type="a/v1", data=b"ciphertext", level=Level.AMBER_STRICT, commit="cd" * 32)],
        now=now,
    )

    entry = log.entry(0)

    assert (entry.level, entry.commit, entry.size) == (Level.AMBER_STRICT, "cd" * 32, 10)


def test_refuses_a_time_without_a_zone(log: Log, now: datetime) -> None:
    log.append(objects(0, 1), now=now)

    with pytest.raises(BadInput, match="expected an aware time"):
        log.append(objects(1, 2), now=now.replace(tzinfo=None))


def test_refuses_a_whole_batch_for_one_bad_item(log: Log, now: datetime) -> None:
    bad = NewObject(type="No Type", data=b"x")

    with pytest.raises(BadInput, match="type is 'No Type'"):
        log.append([*objects(0, 2), bad], now=now)

    assert log.size == 0
    assert [a.index for a in log.append(objects(0, 2), now=now)] == [0, 1]


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 513])
def test_reopening_resumes_exactly(
    log: Log, home: Path, keys: Keys, now: datetime, size: int
) -> None:
    log.append(objects(0, size), now=now)
    note = log.checkpoint_note()
    log.close()

    with Log.open(home, signer=keys.log) as again:
        kept = again.checkpoint_note()
        again.append(objects(size, size + 300), now=now)

        assert kept == note
        assert [a.index for a in again.append(objects(0, 2), now=now)][: min(size, 2)] == [0, 1][
            : min(size, 2)
        ]
        assert roots_agree(again)


class Fault:
    """Fails the nth write to a ledger: before it happened, or after."""

    def __init__(self, ledger: Ledger, nth: int, *, saved: bool) -> None:
        self.write, self.nth, self.saved, self.seen = ledger.write, nth, saved, 0

    def __call__(self, sql: str, rows: Iterable[tuple[object, ...]] | None = None) -> None:
        self.seen += 1
        if self.seen - 1 == self.nth and not self.saved:
            raise apsw.IOError("the disk failed")
        self.write(sql, rows)
        if self.seen - 1 == self.nth:
            raise apsw.IOError("the disk failed")


@pytest.mark.parametrize("saved", [False, True])
@pytest.mark.parametrize("nth", range(WRITES))
def test_a_failed_write_leaves_a_batch_wholly_in_or_wholly_out(
    log: Log, now: datetime, monkeypatch: pytest.MonkeyPatch, nth: int, saved: bool
) -> None:
    log.append(objects(0, 254), now=now)
    note = log.checkpoint_note()
    fault = Fault(log._ledger, nth, saved=saved)
    monkeypatch.setattr(log._ledger, "write", fault)

    with pytest.raises(LogRefused, match="the disk failed"):
        log.append(objects(254, 260), now=now)
    monkeypatch.undo()

    durable = saved and nth == WRITES - 1
    assert fault.seen == nth + 1
    assert log.size == (260 if durable else 254)
    assert (log.checkpoint_note() == note) is not durable
    placed = log.append(objects(254, 262), now=now)
    assert [a.index for a in placed] == list(range(254, 262))
    assert [a.new for a in placed] == [not durable] * 6 + [True] * 2
    assert roots_agree(log)


def test_a_failure_count_covers_every_write(
    log: Log, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = Fault(log._ledger, 10**6, saved=False)
    monkeypatch.setattr(log._ledger, "write", counter)

    log.append(objects(0, 1), now=now)

    assert counter.seen == WRITES


def test_keeps_the_true_error_when_rolling_back_fails_too(
    log: Log, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cannot() -> None:
        raise apsw.SQLError("cannot rollback")

    monkeypatch.setattr(log._ledger, "write", Fault(log._ledger, 3, saved=False))
    monkeypatch.setattr(log._ledger, "abandon", cannot)
    with pytest.raises(LogRefused, match="the disk failed") as caught:
        log.append(objects(0, 1), now=now)
    monkeypatch.undo()

    assert "cannot rollback" in caught.value.__cause__.__notes__[0]  # type: ignore[union-attr]
    assert log.append(objects(0, 1), now=now)[0].index == 0
    assert roots_agree(log)


def test_a_full_disk_is_refused_and_the_log_goes_on(log: Log, now: datetime) -> None:
    connection = log._ledger._connection
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages + 20}")
    big = [NewObject(type="a/v1", data=bytes([i]) * 60_000) for i in range(9)]

    with pytest.raises(LogRefused, match="FullError"):
        log.append(big, now=now)
    connection.execute("PRAGMA max_page_count = 1000000")

    assert log.size == 0
    assert [a.index for a in log.append(big, now=now)] == list(range(9))
    assert roots_agree(log)


def test_a_large_object_that_cannot_be_written_is_not_logged(
    log: Log, home: Path, now: datetime
) -> None:
    (home / "objects").write_text("in the way")

    with pytest.raises(LogRefused, match="cannot be written"):
        log.append([NewObject(type="a/v1", data=bytes(LARGE_BYTES))], now=now)

    assert log.size == 0
    assert log.append(objects(0, 1), now=now)[0].index == 0


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("DELETE FROM entry WHERE first = 9", "9 entries under a checkpoint of size 10"),
        ("UPDATE entry SET bundle = zeroblob(0)", "9 entries under a checkpoint of size 10"),
        ("UPDATE entry SET bundle = x'00'", "entry row 9: entry 0 of the bundle ends at byte"),
        ("DELETE FROM checkpoint WHERE size = 10", "10 entries under a checkpoint of size 9"),
        ("UPDATE tile SET hashes = zeroblob(320)", "tiles lead to root"),
        ("UPDATE tile SET hashes = zeroblob(300)", "300 bytes, expected 320"),
        ("DELETE FROM tile", "0 bytes, expected 320"),
        ("DELETE FROM checkpoint", "no checkpoint"),
        ("UPDATE checkpoint SET note = CAST(replace(note, 'demo', 'Demo') AS BLOB)", "signed by D"),
        ("UPDATE meta SET value = '3' WHERE name = 'format'", "format is '3', expected '2'"),
        ("DELETE FROM meta", "meta 'format' is missing"),
        ("DROP TABLE entry", "no such table"),
    ],
)
def test_refuses_to_go_on_from_a_damaged_database(
    log: Log, home: Path, keys: Keys, now: datetime, change: str, problem: str
) -> None:
    log.append(objects(0, 9), now=now)
    log.append(objects(9, 10), now=now)
    log._ledger._connection.execute(change)
    log.close()

    with pytest.raises(Exception, match=problem) as caught:
        Log.open(home, signer=keys.log)

    assert type(caught.value).__module__ == "trucewatch.errors"


def test_refuses_a_file_that_is_no_database(home: Path, keys: Keys) -> None:
    (home / "log.db").write_bytes(b"not a database" * 1000)

    with pytest.raises(EvidenceBroken, match="expected the database of a log"):
        Log.open(home, signer=keys.log)


@pytest.mark.parametrize("version", ["3.40.1", "3.51.2", "2.9", "3.51"])
def test_refuses_an_sqlite_that_may_lose_writes(version: str) -> None:
    with pytest.raises(LogRefused, match=r"must be at least 3\.51\.3"):
        check_sqlite(version)


def test_opens_no_log_with_an_sqlite_that_may_lose_writes(
    log: Log, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.close()
    monkeypatch.setattr(apsw, "sqlite_lib_version", lambda: "3.51.2")

    with pytest.raises(LogRefused, match=r"version is 3\.51\.2"):
        Log.open(home)


def test_accepts_an_sqlite_that_is_safe() -> None:
    check_sqlite("3.51.3")
    check_sqlite(apsw.sqlite_lib_version())
