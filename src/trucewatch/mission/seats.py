"""Seats: each party to the agreement in force is offered a witness of the log.

An offer, and what the party answers, is one signed statement about the agreement. A seat belongs to
the party's id: an amendment of the agreement does not end it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from trucewatch.agreement.party import Role
from trucewatch.errors import BadInput
from trucewatch.evidence.entry import STATEMENT_PREFIX
from trucewatch.evidence.log import Log
from trucewatch.evidence.statement import SEATED, Subject
from trucewatch.evidence.witness.cosignature import parse_witness_vkey
from trucewatch.evidence.witness.lint import lint
from trucewatch.mission.configuration import AGREEMENT_TYPE, in_force, opened_statements
from trucewatch.mission.custody import seal_words
from trucewatch.mission.opened import writing
from trucewatch.records.form import is_text
from trucewatch.records.seat import Seat, SeatAct, check_follows, read_seat, seat_predicate

if TYPE_CHECKING:
    from datetime import datetime

    from trucewatch.evidence.sequencer import Appended
    from trucewatch.evidence.witness.policy import Policy
    from trucewatch.mission.configuration import Configuration
    from trucewatch.mission.custody import Actor
    from trucewatch.mission.home import Home

_SEATED_TYPE = STATEMENT_PREFIX + SEATED


@dataclass(frozen=True, slots=True, kw_only=True)
class Seated:
    """How a party stands.

    Attributes:
        party: Its id.
        last: The last act about its seat; None when it was never offered one.
        at: When that was logged.
    """

    party: str
    last: Seat | None
    at: datetime | None

    @property
    def words(self) -> str:
        """Its standing, such as `offered by entry 9`."""
        if self.last is None:
            return "never offered a seat"
        return f"{self.last.act} by entry {self.last.entry}"


def parties_of(using: Configuration) -> list[str]:
    """Return the ids of the parties to the agreement in force, in its order."""
    return [party.id for party in using.agreement.parties if party.role is Role.PARTY]


def seats(log: Log, using: Configuration) -> list[Seated]:
    """Return how each party to the agreement in force stands, in the order of the agreement.

    An act that cannot follow the one before it is refused (`BadInput`): nothing of ours seals one.
    """
    last: dict[str, Seat] = {}
    for index, statement in opened_statements(log, log.size, {_SEATED_TYPE})[1]:
        seat = read_seat(statement.predicate, entry=index)
        check_follows(last.get(seat.party), seat, where=f"entry {index}")
        last[seat.party] = seat
    found = []
    for party in parties_of(using):
        seat_or_none = last.get(party)
        at = None if seat_or_none is None else log.entry(seat_or_none.entry).logged_at
        found.append(Seated(party=party, last=seat_or_none, at=at))
    return found


def seal_seat(
    home: Home, act: SeatAct, party: str, *, actor: Actor, witness: str | None = None
) -> Appended:
    """Seal one act about a party's seat.

    Args:
        home: The mission.
        act: What was done.
        party: Id of a party to the agreement in force.
        actor: Who did it.
        witness: Key of the party's witness, where the seat is accepted.

    Raises:
        BadInput: No such party, no such key, or an act that cannot follow; nothing was sealed.
    """
    if witness is not None:
        witness = parse_witness_vkey(witness.strip(), where="witness").vkey
    for name, text in {"by": actor.said.by, "reason": actor.said.reason}.items():
        if not is_text(text):
            raise BadInput(name, f"is {text[:80]!r}, expected text on one line")
    with writing(home, actor.clock) as writer:
        log, using = writer.log, writer.using
        standing = {each.party: each for each in seats(log, using)}
        if party not in standing:
            known = ", ".join(standing) or "none: the agreement in force has no parties"
            raise BadInput("party", f"is {party[:80]!r}, expected one of {known}")
        seat = Seat(
            party=party,
            act=act,
            witness=witness,
            by=actor.said.by,
            reason=actor.said.reason,
            entry=log.size,
        )
        predicate = seat_predicate(seat)
        read_seat(predicate, entry=seat.entry)  # what cannot be read back is not signed
        check_follows(standing[party].last, seat, where=party)
        subject = Subject(name=AGREEMENT_TYPE, sha256=using.agreement_object)
        sealed = seal_words(writer, SEATED, [subject], predicate, actor=actor)[-1]
        if not sealed.new:  # word for word an earlier one, which the log keeps once
            problem = f"is that of entry {sealed.index}, word for word"
            raise BadInput("--reason", f"{problem}; expected another: nothing was sealed")
        return sealed


def seats_at(home: Home) -> list[Seated]:
    """Return how each party to the agreement in force of a mission stands."""
    home.expect()
    with Log.open(home.path) as log:
        return seats(log, in_force(log, log.size))


def open_seats(standing: list[Seated], policy: Policy | None) -> list[str]:
    """Return what is to be settled about seats and the policy, one sentence each.

    Args:
        standing: How the parties stand.
        policy: The policy of witnesses in force, or None.
    """
    found = [
        f"party {each.party} was never offered a seat: tw witness-seat offer HOME {each.party}"
        for each in standing
        if each.last is None
    ]
    known = set() if policy is None else {w.verifier.vkey for w in policy.witnesses}
    for each in standing:
        if each.last is not None and each.last.witness and each.last.witness not in known:
            name = each.last.witness.partition("+")[0]
            found.append(f"party {each.party} has witness {name}, which the policy does not ask")
    if policy is not None:
        found += lint(policy, [each.party for each in standing])
    return found


def offer_line(each: Seated) -> str:
    """Return the line of a policy that tells of a party's offer, or "" without one."""
    if each.last is None or each.at is None or each.last.act is SeatAct.WITHDRAWN:
        return ""
    return f"# party {each.party}: offered {each.at.astimezone(UTC).date().isoformat()}"
