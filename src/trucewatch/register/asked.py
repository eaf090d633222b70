"""What do we know of an actor: every claim, its sources, and which one the rule prefers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from trucewatch.errors import NotFound
from trucewatch.records.claims.claim import Relation
from trucewatch.register.contradictions import contradictions, disputes
from trucewatch.register.known import known as looked_up
from trucewatch.register.shown import shown
from trucewatch.register.versions import differences

if TYPE_CHECKING:
    from trucewatch.records.claims.actor import Actor
    from trucewatch.records.claims.claim import Claim
    from trucewatch.records.claims.register import Register
    from trucewatch.register.contradictions import Dispute
    from trucewatch.register.known import Known
    from trucewatch.register.shown import Shown
    from trucewatch.register.versions import Difference


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Claims of one relation.

    Attributes:
        relation: The relation.
        claims: The claims by day, superseded ones too; those without a day last.
    """

    relation: Relation
    claims: tuple[Shown, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What is known of an actor.

    Attributes:
        actor: The actor.
        groups: Its claims and those of persons who speak for it, relation by relation.
        of_others: Claims of others that name it as their object, by day.
        disputes: Questions on which claims of `groups` contradict one another, with the claim
            that the rule prefers and why.
        removed: Clauses on its promises that a draft had and the final text has not.
    """

    actor: Actor
    groups: tuple[Group, ...]
    of_others: tuple[Shown, ...]
    disputes: tuple[Dispute, ...]
    removed: tuple[Difference, ...]


def about(register: Register, actor: str) -> About:
    """Return what is known of an actor.

    Args:
        register: The register.
        actor: Its id, its name or another name that it alone has, in any case of letters.

    Raises:
        NotFound: No actor is called so.
    """
    known = looked_up(register)
    ids = {actor} if actor in known.actors else {known.named.get(actor.casefold(), "")}
    (found,) = ids
    if not found:
        names = ", ".join(sorted(known.actors))
        raise NotFound("actor", f"is {actor!r}, must be one of: {names}")
    own = [each for each in register.claims if found in (each.subject, _speaks_as(each, known))]
    mine = {each.id for each in own}
    others = [each for each in register.claims if each.object == found and each.id not in mine]
    disputed = disputes(contradictions(register))
    return About(
        actor=known.actors[found],
        groups=_groups(own, known),
        of_others=_by_day(others, known),
        disputes=tuple(each for each in disputed if mine & set(each.claims)),
        removed=tuple(
            each for each in differences(register) if each.removed and concerns(each, found, known)
        ),
    )


def concerns(found: Difference, actor: str, known: Known) -> bool:
    """Tell whether a clause is on a promise of an actor: it says so, or a claim that tells of it.

    Where neither says whose it is, it concerns nobody in particular.
    """
    subjects = {known.speaks_as(known.claims[each].subject) for each in found.clause.claims}
    return actor in found.clause.of or actor in subjects


def _speaks_as(claim: Claim, known: Known) -> str:
    return known.speaks_as(claim.subject) if claim.subject in known.actors else ""


def _groups(claims: list[Claim], known: Known) -> tuple[Group, ...]:
    by_relation: dict[Relation, list[Claim]] = {}
    for claim in claims:
        by_relation.setdefault(claim.relation, []).append(claim)
    return tuple(
        Group(relation=relation, claims=_by_day(by_relation[relation], known))
        for relation in Relation
        if relation in by_relation
    )


def _by_day(claims: list[Claim], known: Known) -> tuple[Shown, ...]:
    ordered = sorted(claims, key=lambda each: (known.said_on(each) or date.max, each.id))
    return tuple(shown(each, known) for each in ordered)
