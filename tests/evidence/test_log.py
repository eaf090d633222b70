from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from trucewatch.errors import EvidenceBroken, LogRefused, NotFound
from trucewatch.evidence.keys import create_keys
from trucewatch.evidence.log import Log
from trucewatch.evidence.merkle import check_consistency, check_inclusion, leaf_hash
from trucewatch.evidence.objects import LARGE_BYTES, object_path
from trucewatch.evidence.sequencer import NewObject
from trucewatch.evidence.tiles import parse_tile_path, unpack_entries

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from trucewatch.evidence.keys import Keys

ORIGIN = "demo.invalid/evidence"


def objects(start: int, stop: int) -> list[NewObject]:
    return [NewObject(type="received/demo/v1", data=b"object %d" % i) for i in range(start, stop)]


def test_a_second_writer_is_refused_by_the_pid_of_the_first(
    log: Log, home: Path, keys: Keys
) -> None:
    with pytest.raises(LogRefused, match=f"held by process {os.getpid()}, expected no other"):
        Log.open(home, signer=keys.log)

    log.close()
    Log.open(home, signer=keys.log).close()


def test_a_refused_open_gives_the_lock_back(
    log: Log, home: Path, keys: Keys, tmp_path: Path
) -> None:
    log.close()
    stranger = create_keys(tmp_path / "other", origin=ORIGIN, seed=bytes(32))

    with pytest.raises(LogRefused, match=r"key is .*, expected"):
        Log.open(home, signer=stranger.log)

    Log.open(home, signer=keys.log).close()


def test_readers_see_what_the_writer_commits_meanwhile(log: Log, home: Path, now: datetime) -> None:
    with Log.open(home) as reader:
        before = reader.size
        log.append(objects(0, 300), now=now)

        assert (before, reader.size) == (0, 300)
        assert reader.checkpoint() == log.checkpoint()
        assert reader.root(300) == reader.checkpoint().root


def test_readers_cannot_write(log: Log, home: Path, now: datetime) -> None:
    with Log.open(home) as reader:
        with pytest.raises(LogRefused, match="opened read-only, expected a signer"):
            reader.append(objects(0, 1), now=now)
        with pytest.raises(LogRefused, match="opened read-only, expected a signer"):
            reader.write_static()


def test_refuses_to_found_a_log_over_another(log: Log, home: Path, keys: Keys) -> None:
    log.close()

    with pytest.raises(LogRefused, match="holds a log already"):
        Log.create(home, origin=ORIGIN, signer=keys.log)


def test_founds_a_log_where_an_earlier_attempt_was_killed(home: Path, keys: Keys) -> None:
    (home / "log.db").touch()

    with Log.create(home, origin=ORIGIN, signer=keys.log) as log:
        assert log.size == 0


def test_refuses_a_key_of_another_name_and_folders_without_a_log(home: Path, keys: Keys) -> None:
    with pytest.raises(LogRefused, match="key is named demo"):
        Log.create(home, origin="other.example", signer=keys.log)
    with pytest.raises(LogRefused, match="no such folder"):
        Log.create(home / "absent", origin=ORIGIN, signer=keys.log)
    with pytest.raises(NotFound, match=r"no log\.db"):
        Log.open(home)


def test_proofs_from_the_database_check_at_any_size(log: Log, now: datetime) -> None:
    log.append(objects(0, 600), now=now)

    for index, size in [(0, 1), (0, 600), (255, 256), (256, 257), (299, 300), (599, 600)]:
        root = log.root(size)
        proof = log.inclusion_proof(index, size)
        leaf = leaf_hash(log.entry_bytes(index))
        check_inclusion(leaf, index=index, size=size, proof=proof, root=root, where="t")
    for old, new in [(0, 5), (1, 600), (256, 257), (300, 512), (600, 600)]:
        proof = log.consistency_proof(old, new)
        check_consistency(
            old=(old, log.root(old)), new=(new, log.root(new)), proof=proof, where="t"
        )


def test_keeps_every_checkpoint_that_it_signed(log: Log, now: datetime) -> None:
    log.append(objects(0, 3), now=now)
    log.append(objects(3, 4), now=now)

    assert [log.checkpoint(size).size for size in (0, 3, 4)] == [0, 3, 4]
    with pytest.raises(NotFound, match="no checkpoint of size 2"):
        log.checkpoint(2)


def test_names_what_does_not_exist(log: Log, now: datetime) -> None:
    log.append(objects(0, 3), now=now)

    with pytest.raises(NotFound, match="entry 3 does not exist, must be 0 to 2"):
        log.entry(3)
    with pytest.raises(NotFound, match="entry -1 does not exist"):
        log.entry_bytes(-1)
    with pytest.raises(NotFound, match="no entry seals an object abab"):
        log.object("ab" * 32)
    with pytest.raises(NotFound, match=r"'\.\./etc' is no SHA-256"):
        log.object("../etc")
    assert log.index_of("ab" * 32, "received/demo/v1") is None


def test_entries_come_in_order_from_any_range(log: Log, now: datetime) -> None:
    log.append(objects(0, 10), now=now)

    assert [i for i, _ in log.entries()] == list(range(10))
    assert [i for i, _ in log.entries(3, 5)] == [3, 4]
    assert [i for i, _ in log.entries(8, 99)] == [8, 9]
    assert list(log.entries(9, 2)) == []


def test_an_entry_that_is_gone_is_named(log: Log, home: Path, now: datetime) -> None:
    for start in range(0, 9, 3):
        log.append(objects(start, start + 3), now=now)
    log._ledger._connection.execute("DELETE FROM entry WHERE first = 3")

    with Log.open(home) as reader:
        assert reader.entry(8).size == len(b"object 8")
        with pytest.raises(EvidenceBroken, match="entry 4 is missing"):
            reader.entry(4)
        with pytest.raises(EvidenceBroken, match="entry 3 is missing"):
            list(reader.entries())


@pytest.mark.parametrize("size", [LARGE_BYTES - 1, LARGE_BYTES, LARGE_BYTES + 1])
def test_large_objects_are_files_and_small_ones_are_not(
    log: Log, home: Path, now: datetime, size: int
) -> None:
    [placed] = log.append([NewObject(type="a/v1", data=bytes(size))], now=now)

    path = home / object_path(placed.object)
    assert log.object(placed.object) == bytes(size)
    assert path.exists() is (size >= LARGE_BYTES)
    if path.exists():
        assert stat.S_IMODE(path.stat().st_mode) == 0o440
        assert [p.name for p in path.parent.iterdir()] == [placed.object]


def test_every_read_hashes_again(log: Log, home: Path, now: datetime) -> None:
    small, large = log.append(
        [NewObject(type="a/v1", data=b"x"), NewObject(type="a/v1", data=bytes(LARGE_BYTES))],
        now=now,
    )
    log._ledger._connection.execute("UPDATE object SET bundle = x'000179'")
    path = home / object_path(large.object)
    path.chmod(0o600)
    path.write_bytes(bytes(LARGE_BYTES - 1) + b"x")

    for placed in (small, large):
        with pytest.raises(EvidenceBroken, match=f"object {placed.object} has bytes that hash to"):
            log.object(placed.object)


def test_names_the_entry_of_an_object_that_is_gone(log: Log, home: Path, now: datetime) -> None:
    log.append(objects(0, 2), now=now)
    [large] = log.append([NewObject(type="a/v1", data=bytes(LARGE_BYTES))], now=now)
    (home / object_path(large.object)).unlink()

    with pytest.raises(EvidenceBroken, match=f"entry 2: object {large.object} is gone"):
        log.object(large.object)


def test_static_files_hold_the_whole_log(log: Log, home: Path, now: datetime) -> None:
    for start, stop in [(0, 3), (3, 300), (300, 600)]:
        log.append(objects(start, stop), now=now)
        log.write_static()

    files = log.published()
    note = files.pop("checkpoint")
    places = {parse_tile_path(name): content for name, content in files.items()}
    assert note == log.checkpoint_note()
    assert None not in places
    bundles = [c for p, c in sorted(places.items(), key=str) if p and p[0] == "entries"]
    entries = [e for bundle in bundles for e in unpack_entries(bundle, where="t")]
    assert set(entries) == {log.entry_bytes(i) for i in range(600)}
    assert set(dict(log.static_files(600))) <= files.keys()
    assert "tile/0/000.p/3" not in files


def test_a_log_that_was_rolled_back_takes_no_more_entries(
    log: Log, home: Path, keys: Keys, now: datetime
) -> None:
    log.append(objects(0, 3), now=now)
    log.close()
    backup = (home / "log.db").read_bytes()
    with Log.open(home, signer=keys.log) as later:
        later.append(objects(3, 5), now=now)
        later.write_static()

    (home / "log.db").write_bytes(backup)

    with pytest.raises(LogRefused, match="is for 5 entries, the database holds 3: the log was"):
        Log.open(home, signer=keys.log)
    assert Log.open(home).size == 3


def test_a_log_with_another_history_takes_no_more_entries(
    log: Log, home: Path, keys: Keys, now: datetime
) -> None:
    log.close()
    backup = (home / "log.db").read_bytes()
    with Log.open(home, signer=keys.log) as one:
        one.append(objects(0, 3), now=now)
        one.write_static()
        note = one.checkpoint_note()
    (home / "log.db").write_bytes(backup)
    (home / "log/checkpoint").unlink()
    with Log.open(home, signer=keys.log) as two:
        two.append(objects(1, 5), now=now)
    (home / "log/checkpoint").write_bytes(note)

    with pytest.raises(LogRefused, match=r"root at size 3 is .*, the database has"):
        Log.open(home, signer=keys.log)


def test_half_written_static_files_are_not_published(log: Log, home: Path, now: datetime) -> None:
    log.append(objects(0, 3), now=now)
    log.write_static()
    files = log.published()
    (home / "log/tile/0/.000.tmp").write_bytes(b"half")

    assert log.published() == files


def test_static_files_can_be_made_again(log: Log, home: Path, now: datetime) -> None:
    log.append(objects(0, 300), now=now)
    log.write_static()
    files = log.published()
    for name in files:
        (home / "log" / name).unlink()

    log.write_static()

    assert log.published() == files
