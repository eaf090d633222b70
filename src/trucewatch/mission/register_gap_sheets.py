"""Contributions as tables: what arrived, what has not, the force, checklists, the budget.

All but `public_sheet` tells where an arrangement is weak, and is AMBER+STRICT.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from trucewatch.register.budget import budget
from trucewatch.register.checklists import checklists
from trucewatch.register.contradictions import contradictions
from trucewatch.register.deliveries import PUBLIC_DELAY_DAYS, public, shares
from trucewatch.register.force import force
from trucewatch.register.gaps import gaps
from trucewatch.register.known import known as looked_up
from trucewatch.register.provisions import implemented
from trucewatch.register.unpromised import unpromised
from trucewatch.report.register.document import Sheet

if TYPE_CHECKING:
    import polars as pl

    from trucewatch.records.claims.register import Register
    from trucewatch.register.force import Component
    from trucewatch.report.register.document import Cell

_FORCE = (
    "requirement", "text", "domain", "lead", "needed", "offers", "limits", "readiness",
    "refusals", "missing",
)  # fmt: skip


def public_sheet(table: pl.DataFrame, day: date) -> Sheet:
    """Return what the public sees of deliveries: sums by donor, late, and nothing of what lacks.

    Args:
        table: A `DELIVERY` table.
        day: The day of the report.
    """
    return _sheet(
        public(table, day=day),
        "deliveries",
        "What arrived, by donor",
        f"Deliveries are shown {PUBLIC_DELAY_DAYS} days late, summed by donor and unit.",
        "Verified amounts are part of the delivered ones; units are never added to one another.",
    )


def gap_sheets(register: Register, table: pl.DataFrame, *, day: date) -> tuple[Sheet, ...]:
    """Return what was promised and has not come, and what is missing besides; never public.

    Args:
        register: The register.
        table: A `DELIVERY` table.
        day: The newest day that the log knows.
    """
    return (
        _sheet(
            gaps(register, table, day=day),
            "gaps",
            "What was promised and has not arrived",
            "One line for each promise; a gap that cannot be computed says why.",
        ),
        _sheet(
            shares(table),
            "contributions",
            "How much of what each donor pledged went how far",
            "Stages stand side by side and are never added; no currency is converted.",
        ),
        _force(register),
        _nobody(register),
        _checklists(register),
        _implemented(register, table, day),
        _sheet(budget(table, day=day), "budget", "Budget: assessed, paid, arrears"),
    )


def _force(register: Register) -> Sheet:
    return Sheet(
        id="force",
        title="What is needed, who offers it, and what is missing",
        notes=("What is missing is computed only where amounts may be added.",),
        columns=_FORCE,
        rows=tuple(_component(each) for each in force(register)),
    )


def _component(each: Component) -> tuple[Cell, ...]:
    def told(several: tuple[object, ...]) -> str:
        return "; ".join(map(str, several))

    missing = each.missing
    found = missing.why
    if missing.amount is not None:
        high = "or more" if missing.amount.high is None else f"to {missing.amount.high}"
        found = f"{missing.amount.low} {high} {missing.unit}"
    parts = (each.offers, each.caveats, each.readiness, each.refusals)
    words = (
        told(
            tuple(
                f"{one.actor} {one.said.claim.relation}"
                f"{f' {one.quantity}' if one.quantity else ''} ({one.said.claim.id})"
                for one in several
            )
        )
        for several in parts
    )
    need = each.requirement
    return (need.id, need.text, need.domain, need.lead, each.needed, *words, found)


def _nobody(register: Register) -> Sheet:
    known, found = looked_up(register), contradictions(register)
    rows = tuple(
        (tier.id, each.what, each.id, each.text, each.why, " ".join(each.claims))
        for tier in register.tiers
        for each in unpromised(known, tier, "", found)
    )
    return Sheet(
        id="nobody",
        title="What nobody has promised",
        notes=(),
        columns=("tier", "what", "id", "text", "why", "claims"),
        rows=rows,
    )


def _checklists(register: Register) -> Sheet:
    rows = tuple(
        (
            each.name,
            item.id,
            item.text,
            item.of,
            item.state.value.replace("_", " "),
            " ".join((*item.required, *item.fulfilled)),
        )
        for each in checklists(register)
        for item in each.items
    )
    return Sheet(
        id="checklists",
        title="What must be settled first",
        notes=("Nothing known does not say that it is settled, nor that it is not.",),
        columns=("list", "item", "text", "of", "state", "claims"),
        rows=rows,
    )


def _implemented(register: Register, table: pl.DataFrame, day: date) -> Sheet:
    rows = tuple(
        (
            each.provision,
            "cannot tell" if each.degree is None else each.degree,
            each.why,
            " ".join(each.claims),
            " ".join(each.rows),
        )
        for each in implemented(register, table, day=day)
    )
    return Sheet(
        id="implemented",
        title="How far each provision is carried out, 0 to 3",
        notes=("0 nothing, 1 begun, 2 largely, 3 done.",),
        columns=("provision", "degree", "why", "claims", "rows"),
        rows=rows,
    )


def _sheet(table: pl.DataFrame, name: str, title: str, *notes: str) -> Sheet:
    """Return a table of the register as a sheet; amounts as exact text."""
    rows = tuple(tuple(map(_cell, row)) for row in table.iter_rows())
    return Sheet(id=name, title=title, notes=notes, columns=tuple(table.columns), rows=rows)


def _cell(value: object) -> Cell:
    if value is None or type(value) in {int, str}:
        return value  # type: ignore[return-value]
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return f"{value:.4f}"
    text = f"{value:f}" if hasattr(value, "normalize") else str(value)
    return text.rstrip("0").rstrip(".") if "." in text else text
