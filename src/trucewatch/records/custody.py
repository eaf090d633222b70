"""What was done with an object: by whom, when as they say it, and why; one act a statement."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput
from trucewatch.records.enrolment import NAME
from trucewatch.records.form import check_form
from trucewatch.records.instant import instant_text, parse_instant

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from trucewatch.records.canonical import Json
    from trucewatch.records.form import Form

_FORM = {"act": "text", "at": "instant", "by": "text", "detail": "words", "reason": "text"}
_ENTRY = re.compile(r"0|[1-9][0-9]{0,15}")


class Act(StrEnum):
    """What is done with an object.

    A transfer is two acts by two keys: the custodian offers, the receiver accepts. What was
    received and sealed says so by its entry; both are written by hand for paper alone.
    """

    COLLECTED = "collected"
    RECEIVED = "received"
    SEALED = "sealed"
    OPENED = "opened"
    COPIED = "copied"
    DERIVED = "derived"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    EXPORTED = "exported"
    VERIFIED = "verified"
    WITHHELD = "withheld"
    ERASED = "erased"


_DETAILS: Mapping[Act, Form] = {
    Act.COLLECTED: {"method": "text", "place": "text"},
    Act.RECEIVED: {},
    Act.SEALED: {},
    Act.OPENED: {},
    Act.COPIED: {"to": "text"},
    Act.DERIVED: {"parameters": "text", "parent": "hex", "tool": "text", "version": "text"},
    Act.OFFERED: {"from": "text", "to": "text"},
    Act.ACCEPTED: {"from": "text", "offer": "text", "to": "text"},
    Act.EXPORTED: {"level": "text", "manifest": "hex", "to": "text"},
    Act.VERIFIED: {"outcome": "text"},
    Act.WITHHELD: {"from": "text"},
    Act.ERASED: {},
}
"""Kind by member of an act's detail; see `records.form`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Custody:
    """One act of custody, as a `custody/v1` statement says it.

    Attributes:
        act: What was done.
        at: When, as claimed; the log says by when at the latest.
        by: Name of whoever did it, as typed.
        reason: Why, in their words.
        detail: What the act needs besides, by name; see `_DETAILS`.
        entry: Index of its entry.
    """

    act: Act
    at: datetime
    by: str
    reason: str
    detail: Mapping[str, str]
    entry: int


def custody_predicate(custody: Custody) -> dict[str, object]:
    """Return what the statement of an act says; its entry is not part of it.

    Example:
        >>> from datetime import UTC, datetime
        >>> at = datetime(2026, 6, 27, 16, 30, tzinfo=UTC)
        >>> act = Custody(act=Act.OPENED, at=at, by="A", reason="to read", detail={}, entry=0)
        >>> custody_predicate(act)["at"]
        '2026-06-27T16:30:00.000000Z'
    """
    return {
        "act": str(custody.act),
        "at": instant_text(custody.at),
        "by": custody.by,
        "detail": dict(custody.detail),
        "reason": custody.reason,
    }


def read_custody(predicate: Mapping[str, Json], *, entry: int) -> Custody:
    """Return the act that the predicate of a `custody/v1` statement tells of.

    Args:
        predicate: `act`, `at`, `by`, `detail` and `reason`.
        entry: Index of its entry.

    Raises:
        BadInput: A member is missing, too many or of another form; the message names it.
    """
    where = f"entry {entry}"
    check_form(predicate, _FORM, where=where)
    if predicate["act"] not in list(Act):
        raise BadInput(where, f"act is {predicate['act']!r}, expected one of {', '.join(Act)}")
    act, said = Act(str(predicate["act"])), predicate["detail"]
    detail = said if isinstance(said, dict) else {}
    check_form(detail, _DETAILS[act], where=f"{where}: detail of {act}")
    found = Custody(
        act=act,
        at=parse_instant(str(predicate["at"]), where=where),
        by=str(predicate["by"]),
        reason=str(predicate["reason"]),
        detail={name: str(value) for name, value in detail.items()},
        entry=entry,
    )
    if act in {Act.OFFERED, Act.ACCEPTED}:
        _check_transfer(found, where)
    return found


def _check_transfer(found: Custody, where: str) -> None:
    giver, receiver = found.detail["from"], found.detail["to"]
    for name in (giver, receiver):
        if not NAME.fullmatch(name):
            problem = f"custodian is {name[:80]!r}, must be small letters, digits, dots and dashes"
            raise BadInput(where, f"{problem}, at most 64")
    if giver == receiver:
        raise BadInput(where, f"{found.act} from {giver} to {receiver}, expected two custodians")
    offer = found.detail.get("offer", "0")
    if not _ENTRY.fullmatch(offer):
        raise BadInput(where, f"offer is {offer[:80]!r}, expected the number of its entry")
