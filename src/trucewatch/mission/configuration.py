"""The configuration that the log holds: runs use this one, never the files on disk."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from trucewatch.agreement.parse import parse
from trucewatch.agreement.version import Version, successive
from trucewatch.errors import BadAgreement, BadMission
from trucewatch.evidence.entry import STATEMENT_PREFIX
from trucewatch.evidence.keyring import Keyring
from trucewatch.evidence.sequencer import NewObject
from trucewatch.evidence.statement import (
    ENROLLED,
    Subject,
    key_id,
    list_keys,
    sign_statement,
)
from trucewatch.evidence.witness.policy import parse_policy
from trucewatch.mission.settings import Settings, parse_settings
from trucewatch.records.canonical import sha256_hex
from trucewatch.records.level import Level

if TYPE_CHECKING:
    from collections.abc import Mapping, Set
    from datetime import datetime

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from trucewatch.agreement.agreement import Agreement
    from trucewatch.evidence.log import Log
    from trucewatch.evidence.statement import Statement
    from trucewatch.mission.home import Home

MISSION_TYPE = "configuration/mission/v1"
AGREEMENT_TYPE = "configuration/agreement/v1"
WITNESS_TYPE = "configuration/witness/v1"
ROOTS_TYPE = "configuration/roots/v1"
CONFIGURED_TYPE = "statement/configured/v1"
ENROLLED_TYPE = STATEMENT_PREFIX + ENROLLED


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """What a run is a function of, beside the received objects.

    Attributes:
        settings: The sealed `mission.toml`.
        settings_object: Its SHA-256.
        agreement_bytes: The sealed agreement, as text of a person.
        agreement_object: Its SHA-256.
        files: Bytes by name of what `mission.toml` names besides: the policy of witnesses, the
            certificates of time authorities.
        entry: Index of the entry that put all of it in force.
    """

    settings: Settings
    settings_object: str
    agreement_bytes: bytes
    agreement_object: str
    files: Mapping[str, bytes]
    entry: int

    @property
    def agreement(self) -> Agreement:
        """The agreement as software reads it; parsed when it is first asked for."""
        return _parsed(self.agreement_bytes)


@cache
def _parsed(raw: bytes) -> Agreement:
    return parse(raw, name="agreement")


def on_disk(home: Home) -> tuple[Settings, list[NewObject]]:
    """Return the settings on disk and what is sealed of them: `mission.toml` first, the agreement.

    A file that is missing or cannot be used is `BadMission`.
    """
    raw = _named_file(home.expect(), home.settings.name)
    settings = parse_settings(raw, name="mission.toml")
    named = [(AGREEMENT_TYPE, settings.agreement.file)]
    if settings.witness.policy:
        named.append((WITNESS_TYPE, settings.witness.policy))
    roots = dict.fromkeys(each.roots for each in settings.timestamp.values())
    named += [(ROOTS_TYPE, name) for name in roots]
    files = [NewObject(type=kind, data=_named_file(home, name), name=name) for kind, name in named]
    return settings, [NewObject(type=MISSION_TYPE, data=raw, name="mission.toml"), *files]


def _named_file(home: Home, name: str) -> bytes:
    path = home.path / name
    try:
        return path.read_bytes()
    except OSError as error:
        expected = "the settings" if path == home.settings else "the file that mission.toml names"
        problem = f"{error.strerror}, expected {expected}"
        raise BadMission(str(path), problem) from error


def seal_if_changed(home: Home, log: Log, desk_key: Ed25519PrivateKey, now: datetime) -> None:
    """Seal `mission.toml` and the agreement as configured, when they differ from what is in force.

    Raises:
        BadMission: A file cannot be used, the log's origin was changed, or the desk's key is not
            the one that the log lists: what it signed would break the log for ever.
    """
    settings, files = on_disk(home)
    if settings.log.origin != log.origin:
        problem = f"origin is {settings.log.origin!r}, expected {log.origin!r} as in the log"
        raise BadMission("mission.toml: [log]", problem)
    subjects = [Subject(name=file.name, sha256=sha256_hex(file.data)) for file in files]
    found = _latest(log, log.size)
    if found is not None:
        _expect_good(desk_key, keyring_of(log, log.size))
        if [s.sha256 for s in found[1].subjects] == [s.sha256 for s in subjects]:
            return
    _expect_successor(log, parse(files[1].data, name=settings.agreement.file), subjects[1])
    for file in files:
        if file.type == WITNESS_TYPE:
            parse_policy(file.data, where=file.name)
    statement = sign_statement(
        "configured/v1",
        subjects,
        {
            "keys": list_keys([desk_key.public_key().public_bytes_raw()]),
            "replaces": None if found is None else found[0],
        },
        key=desk_key,
    )
    sealed = NewObject(type=CONFIGURED_TYPE, data=statement, name="configured")
    log.append([*files, sealed], now=now)


def in_force(log: Log, size: int) -> Configuration:
    """Return the configuration that the first `size` entries put in force.

    Raises:
        BadMission: Those entries hold none.
    """
    found = _latest(log, size)
    if found is None:
        raise BadMission(log.origin, f"no configuration in the first {size} entries, expected one")
    index, statement = found
    mission, agreement, *others = statement.subjects
    return Configuration(
        settings=parse_settings(log.object(mission.sha256), name="mission.toml"),
        settings_object=mission.sha256,
        agreement_bytes=log.object(agreement.sha256),
        agreement_object=agreement.sha256,
        files={other.name: log.object(other.sha256) for other in others},
        entry=index,
    )


def versions(log: Log, size: int) -> tuple[Version, ...]:
    """Return the versions of the agreement that the first `size` entries put in force, in order.

    Every sealed text of its id counts, each ended by the next one's effect. Texts of another id,
    that the mission used before, are not applied at all.
    """
    wanted = in_force(log, size).agreement.id
    return successive([each for each in _texts(log, size) if each[0].id == wanted])


def restricted_texts(log: Log) -> frozenset[str]:
    """Return the SHA-256 of every sealed agreement that shows a place not meant for the public."""
    return frozenset(
        object_
        for agreement, object_ in _texts(log, log.size)
        if any(zone.restricted for zone in agreement.zones)
    )


def _texts(log: Log, size: int) -> list[tuple[Agreement, str]]:
    """Return every agreement that was put in force and the SHA-256 of its file, in log order."""
    found = opened_statements(log, size, {CONFIGURED_TYPE})[1]
    objects = [statement.subjects[1].sha256 for _, statement in found]
    return [(_parsed(log.object(object_)), object_) for object_ in objects]


def _expect_successor(log: Log, agreement: Agreement, sealed: Subject) -> None:
    """Check that a text can follow those of the same id: it could never be taken back.

    Raises:
        BadMission: Its number is lower than one that was sealed, or it takes effect before an
            earlier version does.
    """
    before = [each for each in _texts(log, log.size) if each[0].id == agreement.id]
    newest = max((text.version for text, _ in before), default=0)
    if agreement.version < newest:
        problem = f"version is {agreement.version}, must be at least {newest}, which was sealed"
        raise BadMission(sealed.name, problem, advice="An amendment has the next number.")
    try:
        successive([*before, (agreement, sealed.sha256)])
    except BadAgreement as error:
        raise BadMission(sealed.name, f"{error.where} {error.problem}") from error


def statements(log: Log, kind: str) -> list[tuple[int, Statement]]:
    """Return every statement of one type, such as `published/v1`, by entry; each verified."""
    return opened_statements(log, log.size, {STATEMENT_PREFIX + kind})[1]


def keyring_of(log: Log, size: int) -> Keyring:
    """Return who may sign after the first `size` entries."""
    return opened_statements(log, size, frozenset())[0]


def opened_statements(
    log: Log, size: int, kinds: Set[str]
) -> tuple[Keyring, list[tuple[int, Statement]]]:
    """Return who may sign after `size` entries, and every statement of some entry types before it.

    Each is verified by the keys that were good at its place. Those above CLEAR are left out: they
    say what devices signed of confidential files, and `received_ledger` reads them.
    """
    scan, keyring, found = _scanned(log, size), Keyring(), []
    for index, kind, object_ in _places(scan, size, kinds):
        statement = scan.opened.get(index)
        if statement is None:
            says_nothing_of_keys = keyring.founded and kind != ENROLLED_TYPE
            statement = keyring.open(index, kind, log.object(object_))
            if says_nothing_of_keys:
                scan.opened[index] = statement
        if kind in kinds:
            found.append((index, statement))
    return keyring, found


@dataclass(slots=True)
class _Scan:
    """The statements at CLEAR in an open log: its entries never change, so each is read once.

    Attributes:
        size: Entries that were read.
        places: Index and object of each statement, in order, by the type of its entry.
        opened: Those that were verified and say nothing of keys, by index: what came before a
            statement decides whether it is good, and that never changes either.
    """

    size: int = 0
    places: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    opened: dict[int, Statement] = field(default_factory=dict)


_SCANS: WeakKeyDictionary[Log, _Scan] = WeakKeyDictionary()


def _scanned(log: Log, size: int) -> _Scan:
    """Return what is known of the statements in a log, read up to `size` at least."""
    scan = _SCANS.setdefault(log, _Scan())
    if size > scan.size:
        for index, entry in log.entries(scan.size, size):
            if entry.type.startswith(STATEMENT_PREFIX) and entry.level is Level.CLEAR:
                scan.places.setdefault(entry.type, []).append((index, entry.object))
            scan.size = index + 1
    return scan


def _places(scan: _Scan, size: int, kinds: Set[str]) -> list[tuple[int, str, str]]:
    """Return index, type and object of what says who may sign, and of some types, in order."""
    founding = scan.places.get(CONFIGURED_TYPE, [])[:1]
    found = {(index, CONFIGURED_TYPE, object_) for index, object_ in founding}
    for kind in kinds | {ENROLLED_TYPE}:
        found.update((index, kind, object_) for index, object_ in scan.places.get(kind, ()))
    return sorted(each for each in found if each[0] < size)


def _expect_good(desk_key: Ed25519PrivateKey, keyring: Keyring) -> None:
    mine = key_id(desk_key.public_key().public_bytes_raw())
    if mine not in keyring.good:
        problem = f"key is {mine}, expected {' or '.join(keyring.good)}, which the log lists"
        advice = "put the desk's own key back: nothing that another key signs would ever verify"
        raise BadMission("keys/desk.pem", problem, advice=advice)


def _latest(log: Log, size: int) -> tuple[int, Statement] | None:
    """Return the newest `configured` statement below `size` and its entry."""
    found = opened_statements(log, size, {CONFIGURED_TYPE})[1]
    return found[-1] if found else None
