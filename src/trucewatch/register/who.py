"""Who committed to what if a tier of the response starts, and what nobody has promised."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput
from trucewatch.records.claims.claim import Relation
from trucewatch.records.claims.condition import All
from trucewatch.register.asked import concerns
from trucewatch.register.conditions import Met, expect_atoms, is_met
from trucewatch.register.contradictions import contradictions, disputes
from trucewatch.register.known import known as looked_up
from trucewatch.register.legal import LEGAL_FORCE, official, said_of
from trucewatch.register.questions.stances import PROMISES, REFUSALS
from trucewatch.register.shown import shown
from trucewatch.register.total import worded
from trucewatch.register.unpromised import Unpromised, unpromised
from trucewatch.register.versions import differences

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trucewatch.records.claims.actor import Actor
    from trucewatch.records.claims.claim import Claim
    from trucewatch.records.claims.protocol import Tier
    from trucewatch.records.claims.register import Register
    from trucewatch.register.contradictions import Contradiction, Dispute
    from trucewatch.register.known import Known
    from trucewatch.register.legal import Answer, Official
    from trucewatch.register.shown import Shown
    from trucewatch.register.versions import Difference


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """One promise, or one refusal.

    Attributes:
        said: The claim, with where it was read.
        quantity: How much, with its hedge, in words; "" when the source does not say.
        official: On what the official wording hangs that to which it belongs.
        binding: What each source says of its legal force, official texts first.
        met: Whether the official condition and its own are met.
        against: Claims that contradict it, by id in order.
    """

    said: Shown
    quantity: str
    official: Official
    binding: tuple[Answer, ...]
    met: Met
    against: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outstanding:
    """A step at home that is not done.

    Attributes:
        atom: The condition, by id.
        text: In words.
        claims: Claims that say it is required, by id in order.
        steps: Items of checklists that are done with it, by id in order.
    """

    atom: str
    text: str
    claims: tuple[str, ...]
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where one actor stands.

    Attributes:
        actor: The actor.
        acts: Whether the tier names it among those who act.
        promises: What it promised, or what others say it will do, by id of the claim.
        refusals: What it refused or ruled out, by id of the claim.
        disputes: Questions on which these are contradicted, which is preferred and why.
        outstanding: Steps at home that are not done.
        removed: Clauses on its promises that a draft had and the final text has not.
    """

    actor: Actor
    acts: bool
    promises: tuple[Commitment, ...]
    refusals: tuple[Commitment, ...]
    disputes: tuple[Dispute, ...]
    outstanding: tuple[Outstanding, ...]
    removed: tuple[Difference, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoIf:
    """The answer.

    Attributes:
        tier: The tier that was asked for.
        domain: The domain, or "" for all.
        actors: Where each actor stands that promised or refused something, that acts in the tier
            or whose promise was removed from a text; by id.
        nobody: What nobody has promised.
    """

    tier: Tier
    domain: str
    actors: tuple[Standing, ...]
    nobody: tuple[Unpromised, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What the answer is made of.

    Attributes:
        known: The register.
        claims: Claims in force.
        found: Their contradictions.
        of: The contradictions that each claim takes part in.
        removed: Clauses that a draft had and the final text has not.
        met: What the question supposes.
        domain: The domain, or "".
        answers: Claims on legal force, by what they speak of.
    """

    known: Known
    claims: Sequence[Claim]
    found: Sequence[Contradiction]
    of: Mapping[str, Sequence[Contradiction]]
    removed: Sequence[Difference]
    met: Mapping[str, bool]
    domain: str
    answers: Mapping[str, Sequence[Claim]]


def who_if(register: Register, *, tier: str, domain: str = "", met: Mapping[str, bool]) -> WhoIf:
    """Return who committed to what, how firmly, and what is missing.

    Args:
        register: The register.
        tier: Id of the tier, or its number.
        domain: Only what is of this domain or names none; "" for all.
        met: Of each condition that is supposed to be known, whether it is met.

    Raises:
        BadInput: The register has no such tier, domain or condition.
    """
    known = looked_up(register)
    asked_for = _tier(register, tier)
    if domain and domain not in register.domains:
        names = ", ".join(sorted(register.domains)) or "none is declared"
        raise BadInput("domain", f"is {domain!r}, must be one of: {names}")
    expect_atoms(met, known.atoms)
    asked = _asked(known, domain, met)
    actors = (_standing(each, asked_for, asked) for each in sorted(known.actors))
    return WhoIf(
        tier=asked_for,
        domain=domain,
        actors=tuple(each for each in actors if _has_part(each)),
        nobody=unpromised(known, asked_for, domain, asked.found),
    )


def _asked(known: Known, domain: str, met: Mapping[str, bool]) -> _Asked:
    claims = known.current()
    on: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        if claim.relation is Relation.STATED and claim.attribute == LEGAL_FORCE:
            on[claim.subject].append(claim)
    found = contradictions(known.register)
    of: dict[str, list[Contradiction]] = defaultdict(list)
    for each in found:
        for one in each.claims:
            of[one].append(each)
    return _Asked(
        known=known,
        claims=claims,
        found=found,
        of=of,
        removed=[each for each in differences(known.register) if each.removed],
        met=met,
        domain=domain,
        answers=on,
    )


def _tier(register: Register, name: str) -> Tier:
    for tier in register.tiers:
        if name in (tier.id, str(tier.number)):
            return tier
    names = ", ".join(each.id for each in register.tiers) or "none is declared"
    raise BadInput("tier", f"is {name!r}, must be one of: {names}")


def _has_part(standing: Standing) -> bool:
    said = standing.promises or standing.refusals
    return bool(said or standing.acts or standing.removed)


def _standing(actor: str, tier: Tier, asked: _Asked) -> Standing:
    own = [each for each in asked.claims if _is_of(each, actor, asked)]
    promises = [each for each in own if each.relation in PROMISES]
    refusals = [each for each in own if each.relation in REFUSALS]
    mine = {each.id for each in (*promises, *refusals)}
    over = {each.id: each for claim in mine for each in asked.of.get(claim, ())}
    return Standing(
        actor=asked.known.actors[actor],
        acts=actor in tier.who,
        promises=tuple(_commitment(each, asked) for each in promises),
        refusals=tuple(_commitment(each, asked) for each in refusals),
        disputes=disputes(over.values()),
        outstanding=_outstanding(actor, own, asked),
        removed=tuple(each for each in asked.removed if concerns(each, actor, asked.known)),
    )


def _is_of(claim: Claim, actor: str, asked: _Asked) -> bool:
    in_domain = not asked.domain or claim.domain in ("", asked.domain)
    return in_domain and asked.known.bound(claim) == actor


def _commitment(claim: Claim, asked: _Asked) -> Commitment:
    known = asked.known
    thing = _thing(claim, known)
    ids = tuple(dict.fromkeys((thing, known.instruments[thing].id))) if thing else ()
    on = [each for one in ids for each in asked.answers.get(one, ())]
    answers = said_of(ids, on, known)
    own = [each for each in asked.answers.get(claim.subject, ()) if each.object == claim.object]
    wording = official(thing, answers, known)
    hangs = tuple(each for each in (wording.condition, claim.condition) if each is not None)
    return Commitment(
        said=shown(claim, known),
        quantity="" if claim.quantity is None else worded(claim.quantity),
        official=wording,
        binding=(*answers, *said_of((claim.subject,), own, known)),
        met=is_met(All(of=hangs) if hangs else None, asked.met),
        against=_against(claim.id, asked.of.get(claim.id, ())),
    )


def _against(claim: str, found: Sequence[Contradiction]) -> tuple[str, ...]:
    others = {each for one in found for each in one.claims}
    return tuple(sorted(others - {claim}))


def _thing(claim: Claim, known: Known) -> str:
    """Return the provision or instrument that a promise belongs to, by id; "" when unclear.

    A promise on a topic belongs to the one provision on it; where several are on it, to none.
    """
    if claim.object in known.instruments:
        return claim.object
    on = [name for name, part in known.provisions.items() if part.topic == claim.object]
    return on[0] if len(on) == 1 else ""


def _outstanding(actor: str, own: Sequence[Claim], asked: _Asked) -> tuple[Outstanding, ...]:
    """Return the steps of an actor that are required and not done.

    A step is done when a claim says that it is fulfilled; what the question supposes goes first.
    """
    done = {each.object for each in asked.claims if each.relation is Relation.FULFILLED}
    done = (done | {atom for atom, yes in asked.met.items() if yes}) - {
        atom for atom, yes in asked.met.items() if not yes
    }
    steps = [each for each in asked.known.register.steps if each.of == actor and each.atom]
    required = [each for each in own if each.relation is Relation.REQUIRES]
    atoms = {each.object for each in required} | {each.atom for each in steps}
    return tuple(
        Outstanding(
            atom=atom,
            text=asked.known.atoms[atom].text,
            claims=tuple(sorted(each.id for each in required if each.object == atom)),
            steps=tuple(sorted(each.id for each in steps if each.atom == atom)),
        )
        for atom in sorted(atoms - done)
    )
