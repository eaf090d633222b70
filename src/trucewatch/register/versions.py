"""Clauses by which versions of a text differ: what a draft had and the final text has not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.records.claims.instrument import TextState

if TYPE_CHECKING:
    from trucewatch.records.claims.instrument import Clause
    from trucewatch.records.claims.register import Register


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A clause that stands in some versions and is missing in others.

    Attributes:
        instrument: Of which text, by id.
        clause: The clause.
        removed: Whether it stands in a draft and is missing in a final text.
        added: Whether it stands in a final text and is missing in a draft.
        text: Where it stands and where it is missing, in words.
    """

    instrument: str
    clause: Clause
    removed: bool
    added: bool
    text: str


def differences(register: Register) -> tuple[Difference, ...]:
    """Return the clauses by which versions differ, by instrument and id."""
    found: list[Difference] = []
    for instrument in register.instruments:
        final = {each.id for each in instrument.texts if each.state is TextState.FINAL}
        for clause in instrument.clauses:
            if not clause.stands_in or not clause.missing_in:
                continue
            stands, missing = set(clause.stands_in), set(clause.missing_in)
            found.append(
                Difference(
                    instrument=instrument.id,
                    clause=clause,
                    removed=bool(stands - final) and bool(missing & final),
                    added=bool(stands & final) and bool(missing - final),
                    text=f"stands in {_named(stands)} and is missing in {_named(missing)}"
                    f" ({clause.source})",
                )
            )
    return tuple(sorted(found, key=lambda each: (each.instrument, each.clause.id)))


def _named(ids: set[str]) -> str:
    return ", ".join(sorted(ids))
