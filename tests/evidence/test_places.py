from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trucewatch.errors import EvidenceBroken
from trucewatch.evidence import places
from trucewatch.evidence.log import Log
from trucewatch.evidence.sequencer import NewObject

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from trucewatch.evidence.keys import Keys

AT_ONCE = 8


@pytest.fixture(autouse=True)
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "PLACED_AT_ONCE", AT_ONCE)


def objects(start: int, stop: int, kind: str = "a/v1") -> list[NewObject]:
    return [NewObject(type=kind, data=b"object %d" % i) for i in range(start, stop)]


def placed(log: Log) -> list[tuple[int, int]]:
    return log._ledger._connection.execute("SELECT idx, key FROM place ORDER BY idx").fetchall()


def digest(i: int) -> bytes:
    return sha256(b"object %d" % i).digest()


@pytest.mark.parametrize("batches", [[1] * 20, [20], [7, 1, 1], [8, 8], [3, 30, 2], [16, 0, 7]])
def test_rows_are_written_for_whole_spans_of_entries(
    log: Log, now: datetime, batches: list[int]
) -> None:
    at = 0
    for count in batches:
        log.append(objects(at, at + count), now=now)
        at += count

    assert placed(log) == [(i, places.key_of(digest(i))) for i in range(at - at % AT_ONCE)]
    assert [log.index_of(digest(i).hex(), "a/v1") for i in range(at)] == list(range(at))
    log.check_database()


def test_finds_an_object_whether_its_row_is_written_or_not(
    log: Log, home: Path, keys: Keys, now: datetime
) -> None:
    log.append(objects(0, 11), now=now)
    log.append(objects(0, 11, kind="b/v1"), now=now)
    log.close()

    with Log.open(home) as reader, Log.open(home, signer=keys.log) as writer:
        again = writer.append(objects(0, 12), now=now)
        assert [a.index for a in again] == [*range(11), 22]
        assert [reader.indices_of(digest(i).hex()) for i in range(11)] == [
            [i, i + 11] for i in range(11)
        ]
        assert reader.indices_of(digest(11).hex()) == [22]
        assert reader.index_of(digest(12).hex(), "a/v1") is None


def test_a_reader_follows_a_writer(log: Log, home: Path, now: datetime) -> None:
    with Log.open(home) as reader:
        for i in range(30):
            log.append(objects(i, i + 1), now=now)

            assert reader.index_of(digest(i).hex(), "a/v1") == i
            assert reader.index_of(digest(i // 2).hex(), "a/v1") == i // 2


def test_objects_that_share_a_key_are_told_apart(
    log: Log, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "_KEY_BYTES", 1)
    monkeypatch.setattr(places, "_KEY_DIGITS", 2)

    log.append(objects(0, 600), now=now)
    again = log.append(objects(0, 600), now=now)

    assert len({places.key_of(digest(i)) for i in range(600)}) < 256
    assert [a.index for a in again] == list(range(600))
    assert [log.object(digest(i).hex()) for i in (0, 599)] == [b"object 0", b"object 599"]
    log.check_database()


def test_finds_nothing_beyond_the_size_asked_for_though_more_was_read() -> None:
    entries = [b'{"object":"%s"}' % digest(i).hex().encode() for i in range(14)]
    rows = [(i,) for i in range(AT_ONCE)]
    index = places.Places(lambda start, stop: iter(entries[start:stop]), lambda *_: rows)
    sought = [digest(i) for i in range(14)]

    assert index.find(sought, 14) == list(range(14))
    assert index.find(sought, 11) == list(range(11))
    assert index.find(sought, 8) == list(range(8))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("DELETE FROM place WHERE idx = 6", "entry 6: a/v1, .* not in the index by hash"),
        ("UPDATE place SET key = key + 1 WHERE idx = 6", "entry 6: a/v1, .* not in the index"),
        ("UPDATE place SET idx = 77 WHERE idx = 6", "entry 6: a/v1, .* not in the index"),
        ("INSERT INTO place VALUES (5, 77)", "the index by hash has entry 77, the log has 11"),
        ("INSERT INTO place VALUES (5, 9)", "the index by hash has entry 9, .* expected 8 of"),
        ("INSERT INTO place VALUES (5, 2)", "entry [23]: a/v1, .* not in the index"),
    ],
)
def test_an_index_that_is_not_what_the_entries_lead_to_is_found(
    log: Log, now: datetime, change: str, problem: str
) -> None:
    log.append(objects(0, 11), now=now)
    log._ledger._connection.execute(change)

    with pytest.raises(EvidenceBroken, match=problem):
        log.check_database()


@given(st.binary(min_size=32, max_size=32))
def test_a_key_is_the_beginning_of_a_hash_and_fits_the_database(raw: bytes) -> None:
    key = places.key_of(raw)

    assert 0 <= key < 2**63
    assert f"{key:014x}" == raw.hex()[:14]
    assert places._key_in(b'{"object":"%s"}' % raw.hex().encode()) == key
