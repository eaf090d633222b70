"""Acts of custody: each sealed as one signed statement, and shown as the chain of an object.

Before it is signed, an act is held against the whole chain: what a verifier would refuse is never
sealed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput, EvidenceBroken, NotFound
from trucewatch.evidence.custodian import custody_acts, signer_of
from trucewatch.evidence.custody import check_custody, sole_assertion, with_copies
from trucewatch.evidence.entry import STATEMENT_PREFIX, Entry
from trucewatch.evidence.keys import load_private
from trucewatch.evidence.sequencer import NewObject
from trucewatch.evidence.statement import ASSERTED, CUSTODY, Subject, key_id, sign_statement
from trucewatch.mission.chain import ASSERTED_TYPE, CUSTODY_TYPE, resolved
from trucewatch.mission.configuration import keyring_of, opened_statements
from trucewatch.mission.opened import writing
from trucewatch.records.canonical import sha256_hex
from trucewatch.records.custody import Act, Custody, custody_predicate
from trucewatch.records.form import is_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from trucewatch.evidence.custody import Chains
    from trucewatch.evidence.log import Log
    from trucewatch.evidence.sequencer import Appended
    from trucewatch.mission.clock import Clock
    from trucewatch.mission.home import Home
    from trucewatch.mission.linked import Said
    from trucewatch.mission.opened import Writer

NOTHING = "Nothing was sealed."
"""Advice with every refusal of an act."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """An act of custody that is to be sealed.

    Attributes:
        act: What was done.
        objects: The objects that it was done with, SHA-256 in hex.
        by: Who did it, as typed.
        reason: Why.
        detail: What the act needs besides; see `records.custody`.
        at: When, as claimed; now, when it is None.
    """

    act: Act
    objects: tuple[str, ...]
    by: str
    reason: str
    detail: Mapping[str, str] = field(default_factory=dict)
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts, and with what.

    Attributes:
        said: Who it is, as typed, and why.
        clock: Says what time it is.
        key: PEM file of who signs; the desk's own key, when it is None.
    """

    said: Said
    clock: Clock
    key: Path | None = None

    def private(self) -> Ed25519PrivateKey | None:
        """Return the key in the file, if one is given."""
        return None if self.key is None else load_private(self.key)


def seal_act(  # noqa: PLR0913 - what a statement says, word for word
    writer: Writer,
    act: str,
    objects: Sequence[str],
    *,
    by: str,
    reason: str,
    detail: Mapping[str, str],
    key: Ed25519PrivateKey | None = None,
) -> Appended:
    """Seal one act of custody and return where it is in the log.

    Args:
        writer: The mission, locked.
        act: One of `records.custody.Act`.
        objects: Sealed objects, SHA-256 in hex.
        by: Who did it.
        reason: Why.
        detail: What the act needs besides, exactly; see `records.custody`.
        key: Who signs; the desk by default.

    Raises:
        BadInput: No such act, or it cannot follow what was done before; nothing was sealed.
    """
    if act not in list(Act):
        raise BadInput("act", f"is {act!r}, expected one of {', '.join(Act)}")
    deed = Deed(act=Act(act), objects=tuple(objects), by=by, reason=reason, detail=detail)
    return seal(writer, deed, key=key)[-1]


def seal(
    writer: Writer,
    deed: Deed,
    *,
    key: Ed25519PrivateKey | None = None,
    new: Sequence[NewObject] = (),
) -> list[Appended]:
    """Seal new objects and an act that speaks of them or of earlier ones, in one append.

    Args:
        writer: The mission, locked.
        deed: The act.
        key: Who signs; the desk by default.
        new: Objects to seal before it.

    Returns:
        Where each new object is, and last the statement.

    Raises:
        BadInput: The act cannot follow what was done before; nothing was sealed.
    """
    log, now = writer.log, writer.clock.now()
    keyring, found = opened_statements(log, log.size, {CUSTODY_TYPE})
    also = {*deed.objects, deed.detail.get("parent", "")}
    chains = check_custody(custody_acts(found, keyring), log.entries(), also=also)
    logged_at = max(now, log.entry(log.size - 1).logged_at)  # as the sequencer does
    index = log.size
    named = {}
    for item in new:
        entry = _entry(item, logged_at)
        named[entry.object] = item.type
        if log.index_of(entry.object, item.type) is None:
            chains.seal(index, entry)
            index += 1
    statement = sign_statement(
        CUSTODY,
        [Subject(name=named.get(o) or type_of(log, o), sha256=o) for o in deed.objects],
        custody_predicate(_custody(deed, now, index)),
        key=key or writer.keys.desk,
    )
    try:
        opened = keyring.open(index, CUSTODY_TYPE, statement)
        [acted] = custody_acts([(index, opened)], keyring)
        chains.take(acted, logged_at=logged_at)
    except EvidenceBroken as error:
        raise BadInput(str(deed.act), error.problem, advice=NOTHING) from error
    sealed = NewObject(type=CUSTODY_TYPE, data=statement, name=str(deed.act))
    return log.append([*new, sealed], now=now)


def record(
    home: Home,
    act: Act,
    asked: Sequence[str],
    *,
    actor: Actor,
    detail: Mapping[str, str],
    at: datetime | None = None,
) -> Appended:
    """Seal an act of custody with objects as a person names them.

    Args:
        home: The mission.
        act: What was done.
        asked: The objects, as `chain.resolved` takes them.
        actor: Who did it.
        detail: What the act needs besides; see `records.custody`.
        at: When, as claimed; now, when it is None.
    """
    with writing(home, actor.clock) as writer:
        deed = Deed(
            act=act,
            objects=tuple(resolved(writer.log, each) for each in asked),
            by=actor.said.by,
            reason=actor.said.reason,
            detail=detail,
            at=at,
        )
        return seal(writer, deed, key=actor.private())[-1]


def offer(home: Home, asked: Sequence[str], to: str, *, actor: Actor) -> Appended:
    """Offer objects to another custodian, who has them once they are accepted.

    Args:
        home: The mission.
        asked: The objects, as `chain.resolved` takes them.
        to: The desk, or the name under which a person's key is enrolled.
        actor: Who has them now.
    """
    with writing(home, actor.clock) as writer:
        deed = Deed(
            act=Act.OFFERED,
            objects=tuple(resolved(writer.log, each) for each in asked),
            by=actor.said.by,
            reason=actor.said.reason,
            detail={"from": _custodian(writer, actor), "to": to},
        )
        return seal(writer, deed, key=actor.private())[-1]


def accept(home: Home, entry: int, *, actor: Actor) -> Appended:
    """Accept what an offer holds, all of it.

    Args:
        home: The mission.
        entry: Entry of the offer.
        actor: Whom it names.
    """
    with writing(home, actor.clock) as writer:
        offered = _chains(writer.log).offer(entry)
        given = offered.custody.detail
        deed = Deed(
            act=Act.ACCEPTED,
            objects=tuple(subject.sha256 for subject in offered.subjects),
            by=actor.said.by,
            reason=actor.said.reason,
            detail={"from": given["from"], "offer": str(entry), "to": given["to"]},
        )
        return seal(writer, deed, key=actor.private())[-1]


def seal_words(
    writer: Writer,
    kind: str,
    subjects: Sequence[Subject],
    predicate: Mapping[str, object],
    *,
    actor: Actor,
    new: Sequence[NewObject] = (),
) -> list[Appended]:
    """Seal new objects and a signed statement about objects that is no act of custody.

    Args:
        writer: The mission, locked.
        kind: Name and version, such as `exculpatory/v1`.
        subjects: What it is about.
        predicate: What it says, in its form.
        actor: Who says it.
        new: Objects to seal before it.

    Returns:
        Where each new object is, and last the statement.

    Raises:
        BadInput: The key may not sign it, or the same was said before; nothing was sealed.
    """
    log, sealed_as = writer.log, STATEMENT_PREFIX + kind
    key = actor.private() or writer.keys.desk
    statement = sign_statement(kind, subjects, predicate, key=key)
    try:
        keyring_of(log, log.size).open(log.size + len(new), sealed_as, statement)
    except EvidenceBroken as error:
        raise BadInput(kind, error.problem, advice=NOTHING) from error
    before = log.index_of(sha256_hex(statement), sealed_as)
    if before is not None:  # the log keeps equal bytes once: saying it again would say nothing
        problem = f"is that of entry {before}, word for word, expected other words"
        raise BadInput("--reason", problem, advice=NOTHING)
    sealed = NewObject(type=sealed_as, data=statement, name=kind)
    return log.append([*new, sealed], now=writer.clock.now())


def type_of(log: Log, object_: str) -> str:
    """Return as what an object was sealed first.

    Raises:
        NotFound: It was not sealed.
    """
    indices = log.indices_of(object_)
    if not indices:
        raise NotFound("log", f"no entry seals an object {object_}")
    return log.entry(indices[0]).type


def expect_other_basis(log: Log, objects: Sequence[str]) -> None:
    """Refuse a finding of responsibility that would rest on assertions alone.

    Args:
        log: The mission's log.
        objects: What the finding cites, SHA-256 in hex.

    Raises:
        BadInput: Every object is a conclusion without its data, or a copy of one; or there is none.
    """
    kinds = {CUSTODY_TYPE, ASSERTED_TYPE}
    keyring, found = opened_statements(log, log.size, kinds)
    said = {s.sha256 for _, each in found if each.type == ASSERTED for s in each.subjects}
    if sole_assertion(objects, with_copies(said, custody_acts(found, keyring))):
        problem = f"all {len(objects)} objects cited are conclusions without their data"
        raise BadInput("responsibility", f"{problem}, expected one that others can check")


def _chains(log: Log) -> Chains:
    keyring, found = opened_statements(log, log.size, {CUSTODY_TYPE})
    return check_custody(custody_acts(found, keyring), log.entries())


def _custodian(writer: Writer, actor: Actor) -> str:
    """Return which custodian the actor's key belongs to.

    Raises:
        BadInput: The log does not list it.
    """
    private = actor.private() or writer.keys.desk
    keyid = key_id(private.public_key().public_bytes_raw())
    try:
        return signer_of(keyring_of(writer.log, writer.log.size), keyid, where="key")
    except EvidenceBroken as error:
        raise BadInput(str(actor.key or "key"), error.problem, advice=NOTHING) from error


def _custody(deed: Deed, now: datetime, index: int) -> Custody:
    """Return what a deed says.

    Raises:
        BadInput: A word of it is blank or more than a line.
    """
    for name, text in {"by": deed.by, "reason": deed.reason, **deed.detail}.items():
        if not is_text(text):
            raise BadInput(name, f"is {text[:80]!r}, expected text on one line")
    return Custody(
        act=deed.act,
        at=deed.at or now,
        by=deed.by,
        reason=deed.reason,
        detail=deed.detail,
        entry=index,
    )


def _entry(item: NewObject, logged_at: datetime) -> Entry:
    """Return the entry that an object would get."""
    return Entry(
        type=item.type,
        object=sha256_hex(item.data),
        size=len(item.data),
        level=item.level,
        logged_at=logged_at,
        commit=item.commit,
    )
