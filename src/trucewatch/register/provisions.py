"""How far each provision is carried out, on the scale 0 to 3, with what shows it.

The rule: 3 (done): every promise on it with a number has arrived in full and is verified. 2
(largely): at least half of each has arrived. 1 (begun): something was committed, set aside,
delivered or verified. 0 (nothing): a tracker lists promises and nothing that came of them. Else
nobody can tell: that no source speaks of deliveries does not show that there were none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from trucewatch.records.claims.claim import Relation
from trucewatch.records.claims.delivery import STAGES
from trucewatch.register.chains import standing
from trucewatch.register.gaps import lines
from trucewatch.register.known import known as looked_up

if TYPE_CHECKING:
    from datetime import date

    from trucewatch.records.claims.instrument import Provision
    from trucewatch.records.claims.register import Register
    from trucewatch.register.known import Known

NOTHING, BEGUN, LARGELY, DONE = 0, 1, 2, 3
"""The scale."""

LARGELY_PARTS = 2
"""One part in how many must have arrived of each promise for `LARGELY`: the scale says so."""

_ARRIVED = (Relation.DELIVERED, Relation.VERIFIED_DELIVERED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Implemented:
    """How far one provision is.

    Attributes:
        provision: By id.
        degree: 0 to 3, or None when nobody can tell.
        why: The rule that says so, in words.
        claims: Claims that show it, by id in order.
        rows: Rows that show it, by id in order.
    """

    provision: str
    degree: int | None
    why: str
    claims: tuple[str, ...]
    rows: tuple[str, ...]


def implemented(register: Register, table: pl.DataFrame, *, day: date) -> tuple[Implemented, ...]:
    """Return how far each provision of a register is carried out, in the order of its file.

    Args:
        register: The register.
        table: A `DELIVERY` table of all imports.
        day: The newest day that the log knows.
    """
    known = looked_up(register)
    every = lines(register, table, day=day)
    return tuple(_implemented(each, every, table, known) for each in known.provisions.values())


def _implemented(
    provision: Provision, every: pl.DataFrame, table: pl.DataFrame, known: Known
) -> Implemented:
    names = _names(provision, known)
    found = every.filter(pl.col("provision").is_in(names))
    rows = standing(table).filter(pl.col("provision").is_in(names))
    claims = [
        each.id for each in known.current() if each.relation in _ARRIVED and each.object in names
    ]
    acted = set(rows.filter(pl.col("stage") != STAGES[0]).get_column("id"))
    for each, pledge in zip(found.get_column("rows"), found.get_column("id"), strict=True):
        acted |= set(each.split()) - {pledge}
    degree, why = _degree(found, listed=not rows.is_empty(), acted=bool(acted or claims))
    cited = {claim for each in found.get_column("claims") for claim in each.split()}
    shown = {row for each in found.get_column("rows") for row in each.split()}
    return Implemented(
        provision=provision.id,
        degree=degree,
        why=why,
        claims=tuple(sorted(cited | set(claims))),
        rows=tuple(sorted(shown | acted)),
    )


def _names(provision: Provision, known: Known) -> list[str]:
    """Return what a line may call a provision: its id, or its topic when that is its alone."""
    alone = [each.id for each in known.provisions.values() if each.topic == provision.topic]
    return [provision.id, provision.topic] if len(alone) == 1 else [provision.id]


def _degree(found: pl.DataFrame, *, listed: bool, acted: bool) -> tuple[int | None, str]:
    told = found.filter(pl.col("why").is_null())
    whole = pl.col("pledged_high").is_not_null()
    verified = whole & (pl.col("verified") >= pl.col("pledged_high"))
    half = whole & (pl.col("delivered_low") * LARGELY_PARTS >= pl.col("pledged_high"))
    all_told = not found.is_empty() and told.height == found.height
    if all_told and told.select(verified.all()).item():
        return DONE, "every promise with a number has arrived in full and is verified"
    if all_told and told.select(half.all()).item():
        return LARGELY, "at least half of each promise with a number has arrived"
    if acted:
        return BEGUN, "something was committed, set aside, delivered or verified"
    if listed:
        return NOTHING, "promises are listed, and nothing that came of them"
    return None, "cannot tell: no source on file speaks of deliveries"
