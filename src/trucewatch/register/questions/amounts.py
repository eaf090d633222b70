"""Quantities of one thing that exclude each other, or that cannot be compared."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations
from typing import TYPE_CHECKING

from trucewatch.register.known import cited
from trucewatch.register.questions.pair import Pair, in_order
from trucewatch.register.total import worded

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trucewatch.records.claims.claim import Claim
    from trucewatch.records.claims.quantity import Quantity
    from trucewatch.register.known import Known


def amounts(claims: Sequence[Claim], known: Known) -> Iterator[Pair]:
    """Yield claims of one subject, relation, object, domain, attribute and unit that differ.

    Of one scope they differ when their intervals have no number in common; of two scopes they
    are yielded as not comparable. The question is
    `quantity/SUBJECT/RELATION/OBJECT/DOMAIN/ATTRIBUTE/UNIT`, `-` for what is not said.
    """
    asked: dict[tuple[str, ...], list[tuple[Claim, Quantity]]] = defaultdict(list)
    for claim in claims:
        if claim.quantity is not None:
            asked[_key(claim, claim.quantity, known)].append((claim, claim.quantity))
    for key, several in asked.items():
        question = "/".join(("quantity", *(word or "-" for word in key)))
        for (one, much), (other, more) in combinations(several, 2):
            if much.scope != more.scope or _disjoint(much, more):
                yield _pair(question, one, other)


def _key(claim: Claim, quantity: Quantity, known: Known) -> tuple[str, ...]:
    thing = (known.bound(claim), claim.relation, claim.object)
    return (*thing, claim.domain, claim.attribute, quantity.unit)


def _disjoint(one: Quantity, other: Quantity) -> bool:
    above = one.high is not None and other.low > one.high
    return above or (other.high is not None and one.low > other.high)


def _pair(question: str, one: Claim, other: Claim) -> Pair:
    first, second = in_order(one, other)
    comparable = _scope(first) == _scope(second)
    differ = "" if comparable else "; the scopes differ, and the two are not comparable"
    said = ", ".join(
        f"{claim.id} ({cited(claim)}) says {worded(claim.quantity)} of scope {_scope(claim)}"
        for claim in (first, second)
        if claim.quantity is not None
    )
    return Pair(
        question=question,
        first=first,
        second=second,
        text=f"{first.subject}, how much: {said}{differ}",
        quantities=True,
        comparable=comparable,
    )


def _scope(claim: Claim) -> str:
    return "" if claim.quantity is None else claim.quantity.scope
