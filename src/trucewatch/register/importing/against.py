"""What rows may refer to: the actors, promises and words of a register, and earlier rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from trucewatch.records.claims.claim import Relation
from trucewatch.records.claims.delivery import BUDGET, DELIVERY, STAGES
from trucewatch.records.table import empty
from trucewatch.register.known import known as looked_up

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from trucewatch.records.claims.claim import Claim
    from trucewatch.records.claims.register import Register
    from trucewatch.register.known import Known

PROMISED = (Relation.PLEDGED, Relation.OFFERED)
"""Claims that a row may fill: what somebody else says that an actor will do is no promise."""


class Promise(NamedTuple):
    """What a row may fill: a row of an earlier stage, or a claim.

    Attributes:
        donors: Who may fill it: who made it, and the members of a group that made it.
        rank: Place of its stage in order; -1 for a claim.
        quantity_in: Unit of its quantity, or "" when it has none.
        value_in: Currency of its value, or "".
    """

    donors: frozenset[str]
    rank: int
    quantity_in: str
    value_in: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """A register, as far as an import asks it.

    Attributes:
        actors: Ids of its actors.
        domains: Its domains.
        provisions: Ids of its provisions, and `budget`.
        claims: Ids of all its claims.
        promises: Claims that a row may fill, by id.
        earlier: Rows of earlier imports, by id.
        corrected: Of rows of earlier imports, those that another one supersedes.
        split: Claims that rows of earlier imports break down.
    """

    actors: frozenset[str]
    domains: frozenset[str]
    provisions: frozenset[str]
    claims: frozenset[str]
    promises: Mapping[str, Promise]
    earlier: Mapping[str, Promise]
    corrected: frozenset[str]
    split: frozenset[str]


def against(register: Register, earlier: pl.DataFrame | None = None) -> Against:
    """Return what an import is checked against.

    Args:
        register: The register.
        earlier: A `DELIVERY` table of what was imported before, or None.
    """
    known = looked_up(register)
    before = empty(DELIVERY) if earlier is None else earlier
    claims = [each for each in known.current() if each.relation in PROMISED]
    rows = before.select("id", "donor", "stage", "of", "unit", "currency", "supersedes").rows()
    return Against(
        actors=frozenset(known.actors),
        domains=frozenset(register.domains),
        provisions=frozenset(known.provisions) | {BUDGET},
        claims=frozenset(known.claims),
        promises={each.id: _promise(each, known) for each in claims},
        earlier={
            row: Promise(frozenset({donor}), STAGES.index(stage), unit or "", currency or "")
            for row, donor, stage, _, unit, currency, _ in rows
        },
        corrected=frozenset(row[-1] for row in rows if row[-1]),
        split=frozenset(row[3] for row in rows if row[2] == STAGES[0] and row[3]),
    )


def members(actor: str, known: Known) -> frozenset[str]:
    """Return an actor and all who belong to it, through others too."""
    found = {actor}
    open_ = [actor]
    while open_:
        group = open_.pop()
        new = {name for name, each in known.actors.items() if group in each.member_of} - found
        found |= new
        open_ += sorted(new)
    return frozenset(found)


def _promise(claim: Claim, known: Known) -> Promise:
    unit = "" if claim.quantity is None else claim.quantity.unit
    return Promise(members(known.bound(claim), known), -1, unit, "")
