"""The configuration that the log holds: runs use this one, never the files on disk."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from trucewatch.agreement.parse import parse
from trucewatch.errors import BadMission
from trucewatch.evidence.entry import STATEMENT_PREFIX
from trucewatch.evidence.sequencer import NewObject
from trucewatch.evidence.statement import (
    Subject,
    key_id,
    list_keys,
    open_configured,
    open_statement,
    sign_statement,
)
from trucewatch.mission.settings import Settings, parse_settings
from trucewatch.records.canonical import sha256_hex

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from trucewatch.agreement.agreement import Agreement
    from trucewatch.evidence.log import Log
    from trucewatch.evidence.statement import Statement
    from trucewatch.mission.home import Home

MISSION_TYPE = "configuration/mission/v1"
AGREEMENT_TYPE = "configuration/agreement/v1"
CONFIGURED_TYPE = "statement/configured/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """What a run is a function of, beside the received objects.

    Attributes:
        settings: The sealed `mission.toml`.
        settings_object: Its SHA-256.
        agreement_bytes: The sealed agreement, as text of a person.
        agreement_object: Its SHA-256.
        entry: Index of the entry that put both in force.
    """

    settings: Settings
    settings_object: str
    agreement_bytes: bytes
    agreement_object: str
    entry: int

    @property
    def agreement(self) -> Agreement:
        """The agreement as software reads it; parsed when it is first asked for."""
        return _parsed(self.agreement_bytes)


@cache
def _parsed(raw: bytes) -> Agreement:
    return parse(raw, name="agreement")


def on_disk(home: Home) -> tuple[Settings, bytes, bytes]:
    """Return the settings on disk and the bytes of `mission.toml` and of the agreement.

    Raises:
        BadMission: A file is missing or cannot be used.
    """
    raw = home.expect().settings.read_bytes()
    settings = parse_settings(raw, name="mission.toml")
    path = home.path / settings.agreement.file
    try:
        agreement = path.read_bytes()
    except OSError as error:
        problem = f"{error.strerror}, expected the agreement that mission.toml names"
        raise BadMission(str(path), problem) from error
    return settings, raw, agreement


def seal_if_changed(home: Home, log: Log, desk_key: Ed25519PrivateKey, now: datetime) -> None:
    """Seal `mission.toml` and the agreement as configured, when they differ from what is in force.

    Raises:
        BadMission: A file cannot be used, the log's origin was changed, or the desk's key is not
            the one that the log lists: what it signed would break the log for ever.
    """
    settings, raw, agreement = on_disk(home)
    if settings.log.origin != log.origin:
        problem = f"origin is {settings.log.origin!r}, expected {log.origin!r} as in the log"
        raise BadMission("mission.toml: [log]", problem)
    digests = (sha256_hex(raw), sha256_hex(agreement))
    found = _latest(log, log.size)
    if found is not None:
        _expect_listed(desk_key, found[2])
        if found[1] == digests:
            return
    parse(agreement, name=settings.agreement.file)
    statement = sign_statement(
        "configured/v1",
        [
            Subject(name="mission.toml", sha256=digests[0]),
            Subject(name=settings.agreement.file, sha256=digests[1]),
        ],
        {
            "keys": list_keys([desk_key.public_key().public_bytes_raw()]),
            "replaces": None if found is None else found[0],
        },
        key=desk_key,
    )
    log.append(
        [
            NewObject(type=MISSION_TYPE, data=raw, name="mission.toml"),
            NewObject(type=AGREEMENT_TYPE, data=agreement, name=settings.agreement.file),
            NewObject(type=CONFIGURED_TYPE, data=statement, name="configured"),
        ],
        now=now,
    )


def in_force(log: Log, size: int) -> Configuration:
    """Return the configuration that the first `size` entries put in force.

    Raises:
        BadMission: Those entries hold none.
    """
    found = _latest(log, size)
    if found is None:
        raise BadMission(log.origin, f"no configuration in the first {size} entries, expected one")
    index, (settings_object, agreement_object), _ = found
    return Configuration(
        settings=parse_settings(log.object(settings_object), name="mission.toml"),
        settings_object=settings_object,
        agreement_bytes=log.object(agreement_object),
        agreement_object=agreement_object,
        entry=index,
    )


def statements(log: Log, kind: str) -> list[tuple[int, Statement]]:
    """Return every statement of one type, such as `published/v1`, by entry; each verified."""
    found = _latest(log, log.size)
    return [
        (index, open_statement(log.object(entry.object), found[2], where=f"entry {index}"))
        for index, entry in log.entries(0, log.size)
        if found is not None and entry.type == STATEMENT_PREFIX + kind
    ]


def _expect_listed(desk_key: Ed25519PrivateKey, listed: Mapping[str, bytes]) -> None:
    mine = key_id(desk_key.public_key().public_bytes_raw())
    if mine not in listed:
        problem = f"key is {mine}, expected {' or '.join(listed)}, which the log lists"
        advice = "put the desk's own key back: nothing that another key signs would ever verify"
        raise BadMission("keys/desk.pem", problem, advice=advice)


def _latest(log: Log, size: int) -> tuple[int, tuple[str, str], Mapping[str, bytes]] | None:
    """Return the newest `configured` entry below `size`, the objects it cites, and who may sign."""
    found = [(i, e.object) for i, e in log.entries(0, size) if e.type == CONFIGURED_TYPE]
    if not found:
        return None
    (first, opening), (last, newest) = found[0], found[-1]
    _, keys = open_configured(log.object(opening), where=f"entry {first}")
    statement = open_statement(log.object(newest), keys, where=f"entry {last}")
    mission, agreement = statement.subjects
    return last, (mission.sha256, agreement.sha256), keys
