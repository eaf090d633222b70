"""Answers to one question about one thing, which exclude each other."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations, product
from typing import TYPE_CHECKING

from trucewatch.records.claims.attribute import Answers
from trucewatch.records.claims.claim import Relation
from trucewatch.register.known import cited
from trucewatch.register.questions.pair import Pair, in_order, same_domain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trucewatch.records.claims.attribute import Attribute
    from trucewatch.records.claims.claim import Claim
    from trucewatch.register.known import Known


def answers(claims: Sequence[Claim], known: Known) -> Iterator[Pair]:
    """Yield claims of one subject and attribute whose values differ, neither in the other.

    Where both name a domain and not the same one they answer two questions. The question is
    `stated/SUBJECT/ATTRIBUTE`.
    """
    asked: dict[tuple[str, str], dict[str, list[Claim]]] = defaultdict(lambda: defaultdict(list))
    for claim in claims:
        if claim.relation is Relation.STATED:
            asked[claim.subject, claim.attribute][claim.value].append(claim)
    for (_, name), by_value in asked.items():
        attribute = known.attributes[name]
        if attribute.answers is Answers.MANY:
            continue
        wider = {value: _wider(attribute, value) for value in by_value}
        for one, other in combinations(by_value, 2):
            if one in wider[other] or other in wider[one]:
                continue
            for pair in product(by_value[one], by_value[other]):
                if same_domain(*pair):
                    yield _pair(*pair, attribute, known)


def _wider(attribute: Attribute, value: str) -> set[str]:
    """Return all answers that contain an answer, through others too."""
    found: set[str] = set()
    open_ = [value]
    while open_:
        new = set(attribute.within.get(open_.pop(), ())) - found
        found |= new
        open_ += new
    return found


def _pair(one: Claim, other: Claim, attribute: Attribute, known: Known) -> Pair:
    first, second = in_order(one, other)
    says = f"{first.id} ({cited(first)}) says {first.value}"
    return Pair(
        question=f"stated/{first.subject}/{attribute.id}",
        first=first,
        second=second,
        text=f"{first.subject}, {attribute.text} {says}, {second.id} ({cited(second)}) says"
        f" {second.value}",
        follows=_follows(first, second, attribute, known),
    )


def _follows(first: Claim, second: Claim, attribute: Attribute, known: Known) -> str:
    """Return the claim of the later stage when it is also the later in time, else ""."""
    if attribute.answers is not Answers.ORDERED:
        return ""
    order = list(attribute.values)
    early, late = sorted((first, second), key=lambda claim: order.index(claim.value))
    before, after = early.day or known.said_on(early), late.day or known.said_on(late)
    return late.id if before and after and before < after else ""
