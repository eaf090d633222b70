"""Whether what a promise hangs on is the case: yes, no, or not known."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput
from trucewatch.records.claims.condition import All

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from trucewatch.records.claims.condition import Atom, Condition


class Met(StrEnum):
    """Whether a condition is met."""

    YES = "yes"
    NO = "no"
    NOT_KNOWN = "not_known"
    NONE_STATED = "none_stated"  # no source says that it hangs on anything


def is_met(condition: Condition | None, met: Mapping[str, bool]) -> Met:
    """Return whether a condition is met, after Kleene: what is not known may leave it open.

    Args:
        condition: The condition, or None when no source states one.
        met: Of each atom that is known, whether it is the case.
    """
    if condition is None:
        return Met.NONE_STATED
    if isinstance(condition, str):
        known = met.get(condition)
        return Met.NOT_KNOWN if known is None else (Met.YES if known else Met.NO)
    parts = {is_met(each, met) for each in condition.of}
    decides = Met.NO if isinstance(condition, All) else Met.YES
    if decides in parts:
        return decides
    if Met.NOT_KNOWN in parts:
        return Met.NOT_KNOWN
    return Met.YES if decides is Met.NO else Met.NO


def worded(condition: Condition, atoms: Mapping[str, Atom]) -> str:
    """Return a condition in words."""
    if isinstance(condition, str):
        return atoms[condition].text
    joint = " and " if isinstance(condition, All) else " or "
    return joint.join(
        worded(each, atoms) if isinstance(each, str) else f"({worded(each, atoms)})"
        for each in condition.of
    )


def named_in(condition: Condition | None) -> frozenset[str]:
    """Return the atoms of a condition, by id."""
    if condition is None:
        return frozenset()
    if isinstance(condition, str):
        return frozenset({condition})
    return frozenset(atom for each in condition.of for atom in named_in(each))


def expect_atoms(met: Iterable[str], atoms: Mapping[str, Atom]) -> None:
    """Check that a register declares every atom of a question.

    Raises:
        BadInput: It does not declare one.
    """
    for atom in sorted(met):
        if atom not in atoms:
            known = ", ".join(sorted(atoms)) or "none is declared"
            raise BadInput("met", f"condition is {atom!r}, must be one of: {known}")
