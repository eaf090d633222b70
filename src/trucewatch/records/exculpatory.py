"""What speaks for a party: a mark on objects that no bundle of the mission may leave out unsaid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.records.form import check_form

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trucewatch.records.canonical import Json

_FORM = {"by": "text", "party": "text", "reason": "text"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Exculpatory:
    """That objects speak for a party, as an `exculpatory/v1` statement marks them.

    Attributes:
        party: For whom they speak, as the agreement or the case calls it.
        reason: Why, in the words of who marked them.
        by: Who marked them, as typed.
        entry: Index of its entry.
    """

    party: str
    reason: str
    by: str
    entry: int


def exculpatory_predicate(mark: Exculpatory) -> dict[str, object]:
    """Return what the statement of a mark says; its entry is not part of it."""
    return {"by": mark.by, "party": mark.party, "reason": mark.reason}


def read_exculpatory(predicate: Mapping[str, Json], *, entry: int) -> Exculpatory:
    """Return the mark that the predicate of an `exculpatory/v1` statement sets.

    A member that is missing, too many or of another form is refused (`BadInput`).

    Args:
        predicate: `by`, `party` and `reason`.
        entry: Index of its entry.
    """
    check_form(predicate, _FORM, where=f"entry {entry}")
    return Exculpatory(
        party=str(predicate["party"]),
        reason=str(predicate["reason"]),
        by=str(predicate["by"]),
        entry=entry,
    )
