"""Who can stop a body from deciding, by staying away or by voting against.

Every small set of members is tried: they stay away, or they vote no, and all others vote yes.
Abstention is not reckoned. A body without a stated quorum is taken to need one seat.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from trucewatch.agreement.mechanism import Voting

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from trucewatch.agreement.mechanism import Body

    Members = tuple[str, ...]

_TOGETHER_MAX = 3  # members of a set that is tried; more than that is a majority, not a veto
_MEMBERS_TRIED_TOGETHER = 24  # a larger body is tried member by member: sets grow as the cube
_TWO, _THREE = 2, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocking:
    """What it takes to stop one body.

    Attributes:
        body: Id of the body.
        voters: Who votes, with how many seats, in the order of the file.
        known: Whether the text says who votes and how; if not, nothing below is known.
        decides: Whether it can decide when all are there and in favour.
        absent: Smallest sets of members without whom it cannot decide.
        opposed: Smallest sets of members whose no stops it.
        accused: Parties that can alone stop a finding about themselves.
    """

    body: str
    voters: tuple[tuple[str, int], ...]
    known: bool
    decides: bool
    absent: tuple[Members, ...]
    opposed: tuple[Members, ...]
    accused: Members


def blocking(body: Body, *, parties: Sequence[str]) -> Blocking:
    """Return who can stop a body; `parties` are those whom a finding can be about."""
    voters = _voters(body)
    known = bool(voters) and body.voting is not Voting.UNDEFINED
    people = tuple(voters)
    decides = known and decided(body, yes=people)

    def away(some: Members) -> bool:
        return not decided(body, yes=_without(people, some))

    def against(some: Members) -> bool:
        return not decided(body, yes=_without(people, some), no=some)

    def alone(party: str) -> bool:
        others = _without(people, (party,))
        return not (
            decided(body, yes=others, accused=party)
            and decided(body, yes=others, no=(party,), accused=party)
        )

    return Blocking(
        body=body.id,
        voters=tuple(voters.items()),
        known=known,
        decides=decides,
        absent=_smallest(people, away) if decides else (),
        opposed=_smallest(people, against) if decides else (),
        accused=tuple(p for p in parties if p in voters and alone(p)) if decides else (),
    )


def decided(
    body: Body, *, yes: Collection[str], no: Collection[str] = (), accused: str = ""
) -> bool:
    """Return whether a body has decided; whoever votes neither yes nor no is absent.

    Consensus: nobody there is against. Unanimity less the accused: nobody but the accused is. A
    majority is more than half of the seats that vote, two thirds at least that share of them. The
    chair decides alone, given a quorum. Undefined voting decides nothing.
    """
    voters = _voters(body)
    seats_yes = sum(voters.get(who, 0) for who in yes)
    seats_no = sum(voters.get(who, 0) for who in no)
    if seats_yes + seats_no < max(body.quorum or 1, 1):
        return False
    others = [who for who in no if who != accused]
    return {
        Voting.CONSENSUS: not no,
        Voting.UNANIMITY_LESS_ACCUSED: not others and any(who != accused for who in yes),
        Voting.MAJORITY: seats_yes > seats_no,
        Voting.TWO_THIRDS: _THREE * seats_yes >= _TWO * (seats_yes + seats_no),
        Voting.CHAIR: body.chair in yes,
        Voting.UNDEFINED: False,
    }[body.voting]


def _voters(body: Body) -> Counter[str]:
    """Return seats by voting member; a chair that decides counts as there without a seat."""
    voters: Counter[str] = Counter()
    for member in body.members:
        if member.vote:
            voters[member.who] += member.seats
    if voters and body.voting is Voting.CHAIR and body.chair:
        voters[body.chair] += 0
    return voters


def _without(people: Members, some: Members) -> Members:
    return tuple(who for who in people if who not in some)


def _smallest(people: Members, stops: Callable[[Members], bool]) -> tuple[Members, ...]:
    """Return the sets that stop it and hold no smaller one that does."""
    most = _TOGETHER_MAX if len(people) <= _MEMBERS_TRIED_TOGETHER else 1
    found: list[Members] = []
    for size in range(1, most + 1):
        for some in combinations(people, size):
            if not any(set(each) <= set(some) for each in found) and stops(some):
                found.append(some)
    return tuple(found)
