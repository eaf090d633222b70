"""Seats: who of the parties was offered a witness of the log, and what each answered."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput
from trucewatch.records.form import check_form

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trucewatch.records.canonical import Json

_FORM = {"act": "text", "by": "text", "party": "text", "reason": "text", "witness": "text?"}
_PARTY = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")  # as an agreement writes it
_VKEY = re.compile(r"[^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+=*")


class SeatAct(StrEnum):
    """What is done with a seat.

    The mission offers it; the party accepts, with the key of its witness, or declines. Either may
    withdraw: the mission its offer, the party its witness.
    """

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


_AFTER: Mapping[SeatAct, tuple[SeatAct | None, ...]] = {
    SeatAct.OFFERED: (None, SeatAct.DECLINED, SeatAct.WITHDRAWN),
    SeatAct.ACCEPTED: (SeatAct.OFFERED,),
    SeatAct.DECLINED: (SeatAct.OFFERED,),
    SeatAct.WITHDRAWN: (SeatAct.OFFERED, SeatAct.ACCEPTED),
}
"""For each act, those after which it can be; None is a party that was never offered a seat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """One act about a party's seat, as a `seated/v1` statement says it.

    Attributes:
        party: Id of the party in the agreement.
        act: What was done.
        witness: Key of the party's witness as one line of text; None unless the seat is accepted.
        by: Who did it, as typed.
        reason: Why, in their words.
        entry: Index of its entry.
    """

    party: str
    act: SeatAct
    witness: str | None
    by: str
    reason: str
    entry: int


def seat_predicate(seat: Seat) -> dict[str, Json]:
    """Return what the statement of a seat says; its entry is not part of it."""
    return {
        "act": str(seat.act),
        "by": seat.by,
        "party": seat.party,
        "reason": seat.reason,
        "witness": seat.witness,
    }


def read_seat(predicate: Mapping[str, Json], *, entry: int) -> Seat:
    """Return the act that the predicate of a `seated/v1` statement tells of.

    Args:
        predicate: `act`, `by`, `party`, `reason` and `witness`.
        entry: Index of its entry.

    Raises:
        BadInput: A member is missing, too many or of another form; the message names it.
    """
    where = f"entry {entry}"
    check_form(predicate, _FORM, where=where)
    act, party, witness = predicate["act"], str(predicate["party"]), predicate["witness"]
    if act not in list(SeatAct):
        raise BadInput(where, f"act is {act!r}, expected one of {', '.join(SeatAct)}")
    if not _PARTY.fullmatch(party):
        problem = f"party is {party[:80]!r}, expected its id: letters, digits, dash and underscore"
        raise BadInput(where, problem)
    if (act == SeatAct.ACCEPTED) != (witness is not None):
        expected = "expected a witness's key where a seat is accepted, and nowhere else"
        raise BadInput(where, f"act is {act} and witness {str(witness)[:80]!r}, {expected}")
    if witness is not None and not _VKEY.fullmatch(str(witness)):
        problem = f"witness is {str(witness)[:80]!r}, expected NAME+KEYID+BASE64"
        raise BadInput(where, problem)
    return Seat(
        party=party,
        act=SeatAct(str(act)),
        witness=None if witness is None else str(witness),
        by=str(predicate["by"]),
        reason=str(predicate["reason"]),
        entry=entry,
    )


def check_follows(last: Seat | None, new: Seat, *, where: str) -> None:
    """Check that an act about a seat can follow the last one about the same party's.

    Raises:
        BadInput: It cannot: accepting what nobody offers, for example.
    """
    before = None if last is None else last.act
    possible = _AFTER[new.act]
    if before not in possible:
        found = "was never offered" if last is None else f"was {last.act} by entry {last.entry}"
        words = ", ".join("never offered" if act is None else act for act in possible)
        problem = f"seat of {new.party} {found} and cannot be {new.act}"
        raise BadInput(where, f"{problem}, expected one of {words}")
