"""What nobody has promised: measures of a tier and requirements that no commitment fills."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.records.claims.claim import Relation
from trucewatch.register.questions.stances import PROMISES, REFUSALS

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from trucewatch.records.claims.claim import Claim
    from trucewatch.records.claims.protocol import Tier
    from trucewatch.register.contradictions import Contradiction
    from trucewatch.register.known import Known


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpromised:
    """One of them.

    Attributes:
        what: `measure` or `requirement`.
        id: Its id.
        text: In words.
        domain: Its domain, or "".
        why: What there is instead, in words.
        claims: Claims that say so, by id in order.
    """

    what: str
    id: str
    text: str
    domain: str
    why: str
    claims: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Needed:
    """What a promise would fill.

    Attributes:
        what: `measure` or `requirement`.
        id: Its id.
        text: In words.
        domain: Its domain, or "".
        actors: Who may fill it; empty for anybody.
        claims: Claims that it rests on, by id.
    """

    what: str
    id: str
    text: str
    domain: str
    actors: tuple[str, ...]
    claims: tuple[str, ...]


def unpromised(
    known: Known, tier: Tier, domain: str, found: Sequence[Contradiction]
) -> tuple[Unpromised, ...]:
    """Return what no actor has promised, by kind and id.

    A measure of the tier or a requirement is filled by a promise of its domain, or by one that it
    rests on; of a measure with named adopters, by one of theirs. A member's promise fills what its
    group is to adopt only where the measure rests on it: who promised troops to a force that
    reassures has not promised that it fights. What others say that an actor will do is no promise;
    nor is one that the rule of preference sets behind a refusal.

    Args:
        known: The register.
        tier: Whose measures are asked for.
        domain: Only what is of this domain or of none; "" for all.
        found: Contradictions of the register.
    """
    promises = [each for each in known.current() if each.relation in PROMISES]
    beaten = {
        claim
        for each in found
        if each.preferred is not None and known.claims[each.preferred].relation in REFUSALS
        for claim in each.claims
        if claim != each.preferred
    }
    needed = [each for each in _needed(known, tier) if not domain or each.domain in ("", domain)]
    answers = (_answer(each, promises, beaten, known) for each in needed)
    return tuple(each for each in answers if each is not None)


def _needed(known: Known, tier: Tier) -> list[_Needed]:
    measures = [
        _Needed(
            what="measure",
            id=each.id,
            text=each.text,
            domain=each.domain,
            actors=each.adopters,
            claims=each.claims,
        )
        for each in known.register.measures
        if tier.id in each.tiers
    ]
    requirements = [
        _Needed(
            what="requirement",
            id=each.id,
            text=each.text,
            domain=each.domain,
            actors=(),
            claims=each.claims,
        )
        for each in known.register.requirements
    ]
    return sorted([*measures, *requirements], key=lambda each: (each.what, each.id))


def _answer(
    needed: _Needed, promises: Sequence[Claim], beaten: Collection[str], known: Known
) -> Unpromised | None:
    """Return why nobody has promised it, or None when somebody has."""
    near = [each for each in promises if _fills(each, needed, known)]
    own = [each for each in near if each.relation is not Relation.ASSIGNED]
    if any(each.id not in beaten for each in own):
        return None
    why = "no claim of a promise"
    if own:
        why = "the rule prefers a refusal to each promise"
    elif near:
        why = "only others say that somebody will do it"
    return Unpromised(
        what=needed.what,
        id=needed.id,
        text=needed.text,
        domain=needed.domain,
        why=why,
        claims=tuple(sorted(each.id for each in own or near)),
    )


def _fills(claim: Claim, needed: _Needed, known: Known) -> bool:
    rests = claim.id in needed.claims
    if needed.actors and known.bound(claim) not in needed.actors:
        return rests and bool(known.with_groups(known.bound(claim)) & set(needed.actors))
    return rests or bool(needed.domain and claim.domain == needed.domain)
