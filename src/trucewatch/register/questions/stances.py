"""Yes against no: of one actor to one thing."""

from __future__ import annotations

from collections import defaultdict
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from trucewatch.records.claims.claim import Relation
from trucewatch.register.known import cited
from trucewatch.register.questions.pair import Pair, in_order, same_domain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trucewatch.records.claims.claim import Claim
    from trucewatch.register.known import Known

PROMISES = (
    Relation.PLEDGED,
    Relation.OFFERED,
    Relation.ASSIGNED,
    Relation.READY,
    Relation.DELIVERED,
    Relation.VERIFIED_DELIVERED,
)
REFUSALS = (Relation.REFUSED, Relation.RULED_OUT)


class Stance(NamedTuple):
    """Relations that exclude each other.

    Attributes:
        name: What they are about.
        yes: One side.
        no: The other.
        by_topic: Whether things of one topic are one thing; a signature is of one text alone.
    """

    name: str
    yes: tuple[Relation, ...]
    no: tuple[Relation, ...]
    by_topic: bool


STANCES = (
    Stance(
        "signature",
        (Relation.SIGNED, Relation.INITIALLED, Relation.RATIFIED),
        (Relation.DID_NOT_SIGN, Relation.REFUSED),
        by_topic=False,
    ),
    Stance("contribution", PROMISES, REFUSALS, by_topic=True),
    Stance("approval", (Relation.ENDORSED,), (Relation.OPPOSED,), by_topic=True),
)


def stances(claims: Sequence[Claim], known: Known) -> Iterator[Pair]:
    """Yield a yes and a no of one actor to one thing, in one domain.

    A claim without a domain is of all domains; one without an object is of nothing in particular
    and excludes none. The question is `contribution/ACTOR/THING/DOMAIN`, or `signature/...`, or
    `approval/...`, with `-` where neither claim names a domain.
    """
    for stance in STANCES:
        asked: dict[tuple[str, str], tuple[list[Claim], list[Claim]]] = defaultdict(
            lambda: ([], [])
        )
        for claim in claims:
            if claim.relation in (*stance.yes, *stance.no):
                thing = known.topic(claim.object) if stance.by_topic else claim.object
                side = int(claim.relation in stance.no)
                asked[known.bound(claim), thing][side].append(claim)
        for (actor, thing), sides in asked.items():
            for pair in product(*sides):
                if same_domain(*pair):
                    yield _pair((stance.name, actor, thing), *pair)


def _pair(key: tuple[str, str, str], one: Claim, other: Claim) -> Pair:
    first, second = in_order(one, other)
    domain = first.domain or second.domain
    said = ", ".join(
        f"{claim.id} ({cited(claim)}) says {claim.relation}" for claim in (first, second)
    )
    _, actor, thing = key
    return Pair(
        question="/".join((*key, domain or "-")),
        first=first,
        second=second,
        text=f"{actor} to {thing}{f' ({domain})' if domain else ''}: {said}",
    )
