from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from trucewatch.errors import EvidenceBroken
from trucewatch.evidence.assemble import Choices, assemble
from trucewatch.evidence.keys import Keys, create_keys
from trucewatch.evidence.log import Log
from trucewatch.evidence.sequencer import NewObject
from trucewatch.evidence.statement import Subject, list_keys, sign_statement
from trucewatch.records.canonical import sha256_hex
from trucewatch.verify.bundle import verify_bundle
from trucewatch.verify.home import verify_home

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from trucewatch.evidence.entry import Entry

ORIGIN = "log.mission.example"
SEALED = b"[mission]\nexercise = false\n"


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return create_keys(tmp_path / "keys", origin=ORIGIN, seed=bytes(range(32)))


@pytest.fixture
def log(keys: Keys, tmp_path: Path) -> Iterator[Log]:
    with Log.create(tmp_path, origin=ORIGIN, signer=keys.log) as opened:
        yield opened


def statement(key: Ed25519PrivateKey, kind: str, cites: bytes, entry: str = "") -> NewObject:
    subject = Subject(name="mission.toml", sha256=sha256_hex(cites))
    listed = {"keys": list_keys([key.public_key().public_bytes_raw()])}
    signed = sign_statement(kind, [subject], listed, key=key)
    return NewObject(type=entry or f"statement/{kind}", data=signed)


def everything(_: int, __: Entry) -> str | None:
    return None


def check(log: Log, items: list[NewObject], now: datetime) -> tuple[int, tuple[object, ...]]:
    log.append(items, now=now)
    at_home = verify_home(log)
    files = assemble(log, Choices("mission", everything, {}, exercise=False))
    exported = verify_bundle(files, vkey=log.verifier.vkey)
    assert exported.statements == at_home.statements
    assert exported.unknown == at_home.unknown
    return at_home.statements, at_home.unknown


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 6, 27, tzinfo=UTC)


def sealed() -> NewObject:
    return NewObject(type="configuration/mission/v1", data=SEALED)


def test_a_later_statement_type_is_kept_and_reported(log: Log, keys: Keys, now: datetime) -> None:
    items = [sealed(), statement(keys.desk, "configured/v1", SEALED)]
    later = statement(keys.desk, "sealed/v7", b"anything")

    found = check(log, [*items, later], now)

    assert found == (2, ((2, "sealed/v7"),))


def test_refuses_a_statement_by_a_key_that_was_not_listed_first(
    log: Log, keys: Keys, tmp_path: Path, now: datetime
) -> None:
    stranger = create_keys(tmp_path / "other", origin=ORIGIN, seed=bytes(32)).desk
    items = [sealed(), statement(keys.desk, "configured/v1", SEALED)]

    with pytest.raises(EvidenceBroken, match="entry 2: signed by key"):
        check(log, [*items, statement(stranger, "configured/v1", SEALED)], now)


def test_refuses_a_list_of_keys_of_another_type(log: Log, keys: Keys, now: datetime) -> None:
    odd = statement(keys.desk, "sealed/v7", SEALED, entry="statement/configured/v1")

    with pytest.raises(EvidenceBroken, match="entry 1: type is sealed/v7, expected configured/v1"):
        check(log, [sealed(), odd], now)


def test_refuses_statements_before_any_list_of_keys(log: Log, keys: Keys, now: datetime) -> None:
    with pytest.raises(EvidenceBroken, match=r"entry 1: first statement/configured/v1 is not at"):
        check(log, [sealed(), statement(keys.desk, "computed/v1", SEALED)], now)


def test_refuses_a_statement_of_another_type_than_its_entry(
    log: Log, keys: Keys, now: datetime
) -> None:
    items = [sealed(), statement(keys.desk, "configured/v1", SEALED)]
    wrong = statement(keys.desk, "computed/v1", SEALED, entry="statement/published/v1")

    with pytest.raises(EvidenceBroken, match="entry 2: statement is computed/v1, its entry says"):
        check(log, [*items, wrong], now)


def test_refuses_a_statement_that_cites_what_was_not_sealed_before(
    log: Log, keys: Keys, now: datetime
) -> None:
    items = [sealed(), statement(keys.desk, "configured/v1", SEALED)]
    published = statement(keys.desk, "published/v1", b"a report")
    report = NewObject(type="report/daily/v1", data=b"a report")

    with pytest.raises(EvidenceBroken, match=r"entry 2: statement cites 'mission\.toml', object"):
        check(log, [*items, published, report], now)


def test_what_a_run_computed_need_not_be_sealed(log: Log, keys: Keys, now: datetime) -> None:
    items = [sealed(), statement(keys.desk, "configured/v1", SEALED)]

    found = check(log, [*items, statement(keys.desk, "computed/v1", b"a table")], now)

    assert found == (2, ())


def test_refuses_an_object_that_is_no_statement(log: Log, keys: Keys, now: datetime) -> None:
    items = [sealed(), statement(keys.desk, "configured/v1", SEALED)]
    odd = NewObject(type="statement/computed/v1", data=b"{}")

    with pytest.raises(EvidenceBroken, match="entry 2: envelope has other than one signature"):
        check(log, [*items, odd], now)


def test_a_log_without_statements_verifies(log: Log, now: datetime) -> None:
    assert check(log, [sealed()], now) == (0, ())


def test_an_empty_log_verifies(log: Log, now: datetime) -> None:
    assert check(log, [], now) == (0, ())
