"""`tw device`, `tw person` and `tw desk-key`: admit keys that may sign, and withdraw them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from trucewatch.errors import BadInput, EvidenceBroken, NotFound
from trucewatch.evidence.sequencer import NewObject
from trucewatch.evidence.statement import BATCH, ENROLLED, Subject, key_id, sign_statement
from trucewatch.mission.configuration import (
    CONFIGURED_TYPE,
    ENROLLED_TYPE,
    keyring_of,
    opened_statements,
)
from trucewatch.mission.opened import reading, writing
from trucewatch.observe import sensor as sensor_module
from trucewatch.records.enrolment import EVERYTHING, Enrolment, Holder
from trucewatch.records.instant import instant_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from trucewatch.evidence.log import Log
    from trucewatch.mission.clock import Clock
    from trucewatch.mission.home import Home
    from trucewatch.mission.linked import Said
    from trucewatch.mission.opened import Writer

_HEX64 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Whose key is to be admitted.

    Attributes:
        kind: A device, a person or a desk.
        name: How it is called; the same name with a further key of the same kind is a rotation.
        key: Raw Ed25519 public key.
        sensor: Of a device, the sensor whose format it sends; else "".
        may: Of a person, the statement types that it may sign; of others it follows.
    """

    kind: Holder
    name: str
    key: bytes
    sensor: str = ""
    may: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """An enrolment or a withdrawal that was sealed.

    Attributes:
        entry: Index of its entry.
        act: `enrolled` or `revoked`.
        kind: What holds the key.
        name: How that is called.
        keyid: SHA-256 of the raw public key.
    """

    entry: int
    act: str
    kind: Holder
    name: str
    keyid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One key that could sign at some time.

    Attributes:
        kind: What holds it.
        name: How that is called.
        keyid: SHA-256 of the raw public key.
        ed25519: The raw public key, hex.
        sensor: Of a device, its sensor; else "".
        may: Statement types that it may sign.
        entry: Entry that admitted it; it is good for those after it.
        admitted_at: When the log acknowledged that.
        withdrawn: Entry that withdrew it; None while it is good.
        since: Time from which it is not trusted, if its withdrawal says one.
        by: Who admitted it, or withdrew it when it is withdrawn; "" for a founding key.
        reason: Why, in their words.
    """

    kind: Holder
    name: str
    keyid: str
    ed25519: str
    sensor: str
    may: tuple[str, ...]
    entry: int
    admitted_at: datetime
    withdrawn: int | None
    since: datetime | None
    by: str
    reason: str


def read_public(text: str) -> bytes:
    """Return a raw Ed25519 public key from 64 hex digits, or from a PEM file of that name.

    Raises:
        BadInput: It is neither, or a private key.
    """
    if _HEX64.fullmatch(text):
        return bytes.fromhex(text)
    try:
        content = Path(text).read_bytes()
    except (OSError, ValueError) as error:
        problem = f"{getattr(error, 'strerror', error)}, expected a public key: PEM file or hex"
        raise BadInput(text[:200], problem) from error
    if b"PRIVATE KEY" in content:
        problem = "is a private key, expected the public one that belongs to it"
        raise BadInput(text, problem, advice="A private key never leaves its device.")
    try:
        key = load_pem_public_key(content)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise BadInput(text, "is no PEM, expected an Ed25519 public key") from error
    if not isinstance(key, Ed25519PublicKey):
        raise BadInput(text, f"key is {type(key).__name__}, expected Ed25519")
    return key.public_bytes_raw()


def enrol(home: Home, candidate: Candidate, *, said: Said, clock: Clock) -> Admitted:
    """Admit a key: what it signs is good from the entry after this on.

    Raises:
        BadInput: The key was admitted before, or its name is held by another kind or sensor.
    """
    kind, name = candidate.kind, candidate.name
    if kind is Holder.DEVICE:
        sensor_module(candidate.sensor)
    with writing(home, clock) as writer:
        keyring = keyring_of(writer.log, writer.log.size)
        keyid = key_id(candidate.key)
        if keyid in keyring.ever:
            problem = f"key {keyid} was admitted before, expected a new one"
            raise BadInput(name, problem, advice="A key is used once; make another.")
        for each in keyring.good.values():
            if each.name == name and (each.kind, each.sensor) != (kind, candidate.sensor):
                problem = f"is a {each.kind} with sensor {each.sensor or 'none'}"
                problem += f" since entry {each.entry}, expected a name that is free"
                raise BadInput(name, problem)
        may = {Holder.DEVICE: (BATCH,), Holder.DESK: (EVERYTHING,)}.get(kind, candidate.may)
        new = Enrolment(
            revoked=False,
            kind=kind,
            name=name,
            public=candidate.key,
            may=tuple(sorted(may)),
            sensor=candidate.sensor,
            since=None,
            entry=writer.log.size,
        )
        return _seal(writer, new, said)


def revoke(
    home: Home,
    held: tuple[Holder, str],
    *,
    said: Said,
    clock: Clock,
    key: bytes | None = None,
    since: datetime | None = None,
) -> Admitted:
    """Withdraw a key: nothing that it signs after this is accepted; what it signed before stays.

    Args:
        home: The mission.
        held: Kind and name of what holds it.
        said: Who withdraws it and why.
        clock: Says what time it is.
        key: The raw public key, when the name has more than one.
        since: Time from which it is not trusted any more, when that is known.

    Raises:
        NotFound: Nothing of that kind and name has a good key.
        BadInput: It has several and none was named, or it is the key that signs this.
    """
    kind, name = held
    with writing(home, clock) as writer:
        good = keyring_of(writer.log, writer.log.size).good.values()
        found = [each for each in good if (each.kind, each.name) == held]
        if key is not None:
            found = [each for each in found if each.public == key]
        if not found:
            raise NotFound(name, f"is no {kind} with this key or any, expected one that is good")
        if len(found) > 1:
            keys = ", ".join(each.keyid for each in found)
            raise BadInput(name, f"has {len(found)} keys: {keys}; expected --key with one of them")
        [old] = found
        if old.public == writer.keys.desk.public_key().public_bytes_raw():
            problem = f"is the key in keys/desk.pem, {old.keyid}, expected another"
            advice = "Put the new desk key into keys/desk.pem first: it signs the withdrawal."
            raise BadInput(name, problem, advice=advice)
        new = Enrolment(
            revoked=True,
            kind=kind,
            name=name,
            public=old.public,
            may=old.may,
            sensor=old.sensor,
            since=since,
            entry=writer.log.size,
        )
        return _seal(writer, new, said)


def holdings(home: Home, kinds: Sequence[Holder]) -> list[Holding]:
    """Return every key of some kinds that could ever sign, in the order of their admission."""
    with reading(home) as (log, _):
        return _holdings(log, kinds)


def _holdings(log: Log, kinds: Sequence[Holder]) -> list[Holding]:
    keyring, statements = opened_statements(log, log.size, {ENROLLED_TYPE, CONFIGURED_TYPE})
    said = {index: each.predicate for index, each in statements}
    rights: dict[str, Enrolment] = {
        each.keyid: each for each in [*keyring.good.values(), *keyring.withdrawn.values()]
    }
    admitted = {each.keyid: each.entry for each in keyring.good.values()}
    founding = statements[0][0]
    for index, each in statements:
        if each.type == ENROLLED and each.predicate["act"] == "enrolled":
            admitted[str(each.predicate["keyid"])] = index
    found = []
    for keyid, own in rights.items():
        entry = admitted.get(keyid, founding)
        predicate = said.get(own.entry, {})
        holding = Holding(
            kind=own.kind,
            name=own.name,
            keyid=keyid,
            ed25519=own.public.hex(),
            sensor=own.sensor,
            may=own.may,
            entry=entry,
            admitted_at=log.entry(entry).logged_at,
            withdrawn=own.entry if own.revoked else None,
            since=own.since,
            by=str(predicate.get("by", "")),
            reason=str(predicate.get("reason", "")),
        )
        found.append(holding)
    kept = [each for each in found if each.kind in kinds]
    return sorted(kept, key=lambda each: (each.entry, each.name, each.keyid))


def _seal(writer: Writer, new: Enrolment, said: Said) -> Admitted:
    """Seal an enrolment that the log's own reading of it accepts.

    Raises:
        BadInput: It does not: the name, the rights or the key cannot be.
    """
    act = "revoked" if new.revoked else "enrolled"
    predicate = {
        "act": act,
        "by": said.by,
        "ed25519": new.public.hex(),
        "keyid": new.keyid,
        "kind": str(new.kind),
        "may": list(new.may),
        "name": new.name,
        "reason": said.reason,
        "sensor": new.sensor or None,
        "since": None if new.since is None else instant_text(new.since),
    }
    subject = Subject(name=f"key of {new.kind} {new.name}", sha256=new.keyid)
    statement = sign_statement(ENROLLED, [subject], predicate, key=writer.keys.desk)
    try:
        keyring_of(writer.log, writer.log.size).open(writer.log.size, ENROLLED_TYPE, statement)
    except (BadInput, EvidenceBroken) as error:  # what would break the log is not sealed
        raise BadInput(new.name, error.problem) from error
    item = NewObject(type=ENROLLED_TYPE, data=statement, name=f"{act} {new.name}")
    [sealed] = writer.log.append([item], now=writer.clock.now())
    return Admitted(entry=sealed.index, act=act, kind=new.kind, name=new.name, keyid=new.keyid)
