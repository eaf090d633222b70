"""What the register says of a response, as the stage that shows responses needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.register.who import who_if
from trucewatch.respond.promised import Commitment, Force, Gap, Outstanding, Promised, Side

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trucewatch.records.claims.register import Register
    from trucewatch.register.who import Commitment as Claimed
    from trucewatch.register.who import Standing, WhoIf


def promised(
    register: Register, *, tier: str, met: Mapping[str, bool], domain: str = ""
) -> Promised:
    """Return what the register says of those who may be asked, and what nobody has promised.

    A tier, a domain or a condition that the register does not have is refused (`BadInput`).

    Args:
        register: The register as the log has it.
        tier: The tier in force, by id.
        met: Of each step at home that is known, whether it is done.
        domain: Only what is of this domain or names none; "" for all.
    """
    answers = {
        each.id: who_if(register, tier=each.id, domain=domain, met=met) for each in register.tiers
    }
    now = answers.get(tier) or who_if(register, tier=tier, domain=domain, met=met)
    return Promised(
        register=register,
        sides=tuple(map(_side, now.actors)),
        gaps={name: _gaps(found) for name, found in answers.items()},
    )


def _side(standing: Standing) -> Side:
    return Side(
        actor=standing.actor.id,
        name=standing.actor.name,
        acts=standing.acts,
        promises=tuple(map(_commitment, standing.promises)),
        refusals=tuple(map(_commitment, standing.refusals)),
        outstanding=tuple(
            Outstanding(atom=each.atom, text=each.text, claims=each.claims)
            for each in standing.outstanding
        ),
    )


def _commitment(found: Claimed) -> Commitment:
    claim = found.said.claim
    return Commitment(
        claim=claim.id,
        relation=claim.relation.value,
        text=claim.text,
        quantity=found.quantity,
        domain=claim.domain,
        at=found.said.at,
        outlet=found.said.outlet,
        said_on=found.said.said_on,
        grade=claim.grade,
        force=tuple(
            Force(
                value=each.value,
                meaning=each.meaning,
                at=each.said.at,
                official=each.said.official,
            )
            for each in found.binding
        ),
        condition=found.official.text,
        met=found.met.value,
        against=found.against,
    )


def _gaps(found: WhoIf) -> tuple[Gap, ...]:
    return tuple(
        Gap(what=each.what, id=each.id, text=each.text, why=each.why, claims=each.claims)
        for each in found.nobody
    )
