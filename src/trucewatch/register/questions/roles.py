"""A role in an instrument that the actor did not sign."""

from __future__ import annotations

from collections import defaultdict
from itertools import product
from typing import TYPE_CHECKING

from trucewatch.records.claims.claim import Relation
from trucewatch.register.known import cited
from trucewatch.register.questions.pair import Pair, in_order

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trucewatch.records.claims.claim import Claim
    from trucewatch.register.known import Known

LEAD = "lead"
"""Attribute whose value is an actor: who leads a provision. `_lead` at the end of a name too."""


def roles(claims: Sequence[Claim], known: Known) -> Iterator[Pair]:
    """Yield a role in a provision, and that its actor did not sign the provision's instrument.

    A role is a provision that is assigned to or pledged by an actor, or one of which a claim
    states that an actor leads it: `stated`, attribute `lead`, value the actor; or subject the
    actor and object the provision. The question is `role/ACTOR/INSTRUMENT`.
    """
    asked: dict[tuple[str, str], tuple[list[Claim], list[Claim]]] = defaultdict(lambda: ([], []))
    for claim in claims:
        if claim.relation is Relation.DID_NOT_SIGN:
            asked[known.bound(claim), claim.object][1].append(claim)
            continue
        actor, provision = _role(claim, known)
        if actor and provision in known.provisions:
            asked[actor, known.instruments[provision].id][0].append(claim)
    for (actor, instrument), sides in asked.items():
        for pair in product(*sides):
            yield _pair(actor, instrument, *pair)


def _role(claim: Claim, known: Known) -> tuple[str, str]:
    """Return who has a role in which provision, by id; "" for nobody."""
    if claim.relation in (Relation.ASSIGNED, Relation.PLEDGED):
        return known.bound(claim), claim.object
    if claim.relation is not Relation.STATED:
        return "", ""
    if claim.attribute != LEAD and not claim.attribute.endswith(f"_{LEAD}"):
        return "", ""
    if claim.subject in known.actors:
        return known.speaks_as(claim.subject), claim.object
    return (claim.value if claim.value in known.actors else ""), claim.subject


def _pair(actor: str, instrument: str, role: Claim, unsigned: Claim) -> Pair:
    first, second = in_order(role, unsigned)
    return Pair(
        question=f"role/{actor}/{instrument}",
        first=first,
        second=second,
        text=f"{actor} has a role by {role.id} ({cited(role)}), and did not sign {instrument} by"
        f" {unsigned.id} ({cited(unsigned)}): a role without an instrument",
    )
