"""The force, component by component: what is needed, who leads, who offers what, what is missing.

What is missing is computed only where the amounts may be added: of one unit, of the scope of what
is needed, of donors that do not overlap. A joint amount is never added to anything.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput
from trucewatch.records.claims.claim import Relation
from trucewatch.register.conditions import worded as condition_worded
from trucewatch.register.contradictions import contradictions
from trucewatch.register.known import is_joint
from trucewatch.register.known import known as looked_up
from trucewatch.register.promised import Interval, gap_between
from trucewatch.register.questions.stances import REFUSALS
from trucewatch.register.shown import shown
from trucewatch.register.total import total, worded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from trucewatch.records.claims.claim import Claim
    from trucewatch.records.claims.quantity import Quantity
    from trucewatch.records.claims.register import Register
    from trucewatch.records.claims.requirement import Requirement
    from trucewatch.register.contradictions import Contradiction
    from trucewatch.register.known import Known
    from trucewatch.register.shown import Shown

OFFERS = (Relation.PLEDGED, Relation.OFFERED, Relation.ASSIGNED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One claim on a component.

    Attributes:
        said: The claim, with where it was read.
        actor: Who is bound by it, by id.
        quantity: How much, with its hedge, in words; "" when the source does not say.
        scope: Of what whole that is, or "".
        condition: On what it hangs, in words, or "".
        against: Claims that contradict it, by id in order.
        behind: The claim that the rule prefers to it, by id, or "".
    """

    said: Shown
    actor: str
    quantity: str
    scope: str
    condition: str
    against: tuple[str, ...]
    behind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """What is missing.

    Attributes:
        amount: The interval, or None when it cannot be computed.
        unit: Its unit, or "".
        claims: Claims that were summed, by id in order.
        why: Why it cannot be computed, or "".
    """

    amount: Interval | None
    unit: str
    claims: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One component.

    Attributes:
        requirement: What is needed, with its lead.
        needed: How much, in words, or "".
        offers: What was pledged, offered, or assigned by others, by id of the claim.
        caveats: National limits.
        readiness: How soon it can come.
        refusals: Who said no.
        missing: What is missing.
    """

    requirement: Requirement
    needed: str
    offers: tuple[Said, ...]
    caveats: tuple[Said, ...]
    readiness: tuple[Said, ...]
    refusals: tuple[Said, ...]
    missing: Missing


def force(register: Register) -> tuple[Component, ...]:
    """Return the components in the order of the file.

    Claims belong to a component by its domain, or when it rests on them.
    """
    known = looked_up(register)
    found: dict[str, list[Contradiction]] = defaultdict(list)
    for each in contradictions(register):
        for claim in each.claims:
            found[claim].append(each)
    return tuple(_component(each, found, known) for each in register.requirements)


def _component(
    requirement: Requirement, found: Mapping[str, Sequence[Contradiction]], known: Known
) -> Component:
    own = [each for each in known.current() if _is_of(each, requirement)]

    def those(relations: Sequence[Relation]) -> tuple[Said, ...]:
        return tuple(
            _said(each, found.get(each.id, ()), known) for each in own if each.relation in relations
        )

    offers = those(OFFERS)
    return Component(
        requirement=requirement,
        needed="" if requirement.needed is None else worded(requirement.needed),
        offers=offers,
        caveats=those((Relation.LIMITS,)),
        readiness=those((Relation.READY,)),
        refusals=those(REFUSALS),
        missing=_missing(requirement, offers, known),
    )


def _is_of(claim: Claim, requirement: Requirement) -> bool:
    return claim.id in requirement.claims or bool(
        requirement.domain and claim.domain == requirement.domain
    )


def _said(claim: Claim, found: Iterable[Contradiction], known: Known) -> Said:
    several = list(found)
    behind = {each.preferred or claim.id for each in several} - {claim.id}
    return Said(
        said=shown(claim, known),
        actor=known.bound(claim),
        quantity="" if claim.quantity is None else worded(claim.quantity),
        scope="" if claim.quantity is None else claim.quantity.scope,
        condition=(
            "" if claim.condition is None else condition_worded(claim.condition, known.atoms)
        ),
        against=tuple(sorted({one for each in several for one in each.claims} - {claim.id})),
        behind=min(behind, default=""),
    )


def _missing(requirement: Requirement, offers: Sequence[Said], known: Known) -> Missing:
    """Return what is needed minus what was pledged; offers and words of others are no pledges."""
    needed = requirement.needed
    if needed is None:
        return _unknown("no text says how much is needed")
    pledges = [
        each.said.claim
        for each in offers
        if each.said.claim.relation is Relation.PLEDGED and not each.behind
    ]
    if not pledges:
        whole = Interval(needed.low, needed.high)
        return Missing(amount=whole, unit=needed.unit, claims=(), why="")
    why = _not_added(needed, pledges, known)
    if why:
        return _unknown(why)
    disputed = [each for each in offers if each.said.claim in pledges and each.against]
    if disputed:
        claim, other = disputed[0].said.claim.id, disputed[0].against[0]
        return _unknown(f"{claim} is contradicted by {other}, and no rule prefers one")
    try:
        summed = total(known.register, pledges)
    except BadInput as error:
        return _unknown(f"{error.where}: {error.problem}")
    return Missing(
        amount=gap_between(Interval(needed.low, needed.high), Interval(summed.low, summed.high)),
        unit=needed.unit,
        claims=tuple(each.id for each in pledges),
        why="",
    )


def _not_added(needed: Quantity, pledges: Sequence[Claim], known: Known) -> str:
    """Return why pledges cannot be set against what is needed, or ""."""
    for claim in pledges:
        if claim.quantity is None:
            return f"{claim.id} gives no number"
        if claim.quantity.unit != needed.unit:
            return f"units differ: {needed.unit} are needed, {claim.id} gives {claim.quantity.unit}"
        if claim.quantity.scope != needed.scope:
            scopes = f"{needed.scope} is needed, {claim.id} is of {claim.quantity.scope}"
            return f"scopes differ: {scopes}"
    if len(pledges) > 1 and is_joint(needed.scope, known):
        return f"{needed.scope} is a joint scope: its amount may be told more than once"
    return ""


def _unknown(why: str) -> Missing:
    return Missing(amount=None, unit="", claims=(), why=f"cannot be computed: {why}")
