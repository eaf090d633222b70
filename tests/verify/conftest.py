"""A small mission that received, configured, computed and published; and its bundle."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from trucewatch.evidence.assemble import Choices, assemble
from trucewatch.evidence.keys import Keys, create_keys
from trucewatch.evidence.log import Log
from trucewatch.evidence.objects import LARGE_BYTES
from trucewatch.evidence.sequencer import NewObject
from trucewatch.evidence.statement import Subject, list_keys, sign_statement
from trucewatch.records.canonical import canonical, sha256_hex
from trucewatch.records.level import Level

if TYPE_CHECKING:
    from pathlib import Path

    from trucewatch.evidence.entry import Entry

ORIGIN = "demo.invalid/evidence"
NOW = datetime(2026, 6, 27, 16, 30, tzinfo=UTC)
RELEASE = b"".join(canonical({"incident": f"i-{n}", "v": 1}) + b"\n" for n in range(5))
REPORT = b"<h1>Incident bulletin</h1>\n"


def _statement(desk: Keys, kind: str, cited: dict[str, bytes], **predicate: object) -> NewObject:
    subjects = [Subject(name=name, sha256=sha256_hex(data)) for name, data in cited.items()]
    signed = sign_statement(f"{kind}/v1", subjects, predicate, key=desk.desk)
    return NewObject(type=f"statement/{kind}/v1", data=signed)


def fill(log: Log, keys: Keys) -> None:
    """Append what a mission does in a day; 12 entries."""
    listed = list_keys([keys.desk.public_key().public_bytes_raw()])
    settings, agreement = b"[mission]\nexercise = false\n", b"parties: []\n"
    configured = {"mission.toml": settings, "agreement.yaml": agreement}
    log.append(
        [
            NewObject(type="configuration/mission/v1", data=settings),
            NewObject(type="configuration/agreement/v1", data=agreement),
            _statement(keys, "configured", configured, keys=listed),
        ],
        now=NOW,
    )
    received = [NewObject(type="received/demo/v1", data=b"row %d\n" % n) for n in range(3)]
    large = NewObject(type="received/demo/v1", data=b"x" * LARGE_BYTES)
    secret = NewObject(type="received/demo/v1", data=b"secret", level=Level.RED, commit="cd" * 32)
    log.append([*received, large, secret], now=NOW + timedelta(hours=1))
    log.append([_statement(keys, "computed", {"incident": b"rows"})], now=NOW)
    published = {"daily.html": REPORT, "daily.release.jsonl": RELEASE}
    log.append(
        [
            NewObject(type="report/daily/v1", data=REPORT, name="daily.html"),
            NewObject(type="release/v1", data=RELEASE, name="daily.release.jsonl"),
            _statement(keys, "published", published),
        ],
        now=NOW + timedelta(hours=2),
    )


def clear_only(_: int, entry: Entry) -> str | None:
    return None if entry.level is Level.CLEAR else f"level {entry.level}"


def export(log: Log) -> dict[str, bytes]:
    """Return the bundle of what is CLEAR."""
    reports = {"daily.html": sha256_hex(REPORT), "daily.release.jsonl": sha256_hex(RELEASE)}
    choices = Choices(level="mission", include=clear_only, reports=reports, exercise=True)
    return assemble(log, choices)


@pytest.fixture(scope="session")
def mission(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Keys]:
    """The folder of a mission whose log is closed, and its keys; tests do not change it."""
    home = tmp_path_factory.mktemp("mission")
    keys = create_keys(home / "keys", origin=ORIGIN, seed=bytes(range(32)))
    with Log.create(home, origin=ORIGIN, signer=keys.log) as log:
        fill(log, keys)
        log.write_static()
    return home, keys


@pytest.fixture(scope="session")
def bundle(mission: tuple[Path, Keys]) -> dict[str, bytes]:
    with Log.open(mission[0]) as log:
        return export(log)


@pytest.fixture(scope="session")
def vkey(mission: tuple[Path, Keys]) -> str:
    return mission[1].log.verifier.vkey
