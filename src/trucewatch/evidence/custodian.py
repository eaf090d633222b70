"""Who acts on an object: whose key signed, and what that custodian says was done.

A custodian is who holds the key and not the key: a new key of the same desk or person goes on where
the old one was withdrawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput, EvidenceBroken
from trucewatch.evidence.statement import CUSTODY
from trucewatch.records.custody import read_custody
from trucewatch.records.enrolment import Holder

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trucewatch.evidence.keyring import Keyring
    from trucewatch.evidence.statement import Statement, Subject
    from trucewatch.records.custody import Custody

DESK = "desk"
"""How the desk is called as a custodian, whichever of its keys signs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acted:
    """One act of custody with whose key signed it.

    Attributes:
        custody: The act.
        subjects: The objects, each named by its entry type.
        signer: Custodian that the key belongs to: `DESK`, or a person's name.
        keyid: SHA-256 of the raw public key.
    """

    custody: Custody
    subjects: tuple[Subject, ...]
    signer: str
    keyid: str


def custody_acts(statements: Iterable[tuple[int, Statement]], keyring: Keyring) -> list[Acted]:
    """Return the acts among some verified statements, with whose keys signed them.

    Args:
        statements: Entry and statement, in the order of the log; of other types too.
        keyring: Who could sign; it has seen the log at least as far.

    Raises:
        EvidenceBroken: One is not of its form, or a person is called as the desk is.
    """
    found = []
    for index, statement in statements:
        if statement.type != CUSTODY:
            continue
        try:
            custody = read_custody(statement.predicate, entry=index)
        except BadInput as error:  # it was readable when it was sealed
            raise EvidenceBroken(error.where, error.problem) from error
        acted = Acted(
            custody=custody,
            subjects=statement.subjects,
            signer=signer_of(keyring, statement.keyid, where=f"entry {index}"),
            keyid=statement.keyid,
        )
        found.append(acted)
    return found


def signer_of(keyring: Keyring, keyid: str, *, where: str) -> str:
    """Return which custodian a key belongs to: `DESK`, or the name of a person.

    Raises:
        EvidenceBroken: No such key, or a person is called as the desk is.
    """
    holder = keyring.good.get(keyid) or keyring.withdrawn.get(keyid)
    if holder is None:
        raise EvidenceBroken(where, f"signed by key {keyid}, expected one that was admitted")
    if holder.kind is Holder.DESK:
        return DESK
    if holder.name == DESK:
        problem = f"signed by a {holder.kind} who is called {DESK}"
        raise EvidenceBroken(where, f"{problem}, expected another name: it stands for the desk")
    return holder.name
