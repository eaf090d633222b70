"""Until when a duty is due that runs from the agreement itself."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from trucewatch.agreement.rule import After

if TYPE_CHECKING:
    from datetime import datetime

    from trucewatch.agreement.agreement import Agreement
    from trucewatch.agreement.rule import Rule


def runs_from(rule: Rule, agreement: Agreement) -> datetime | None:
    """Return when the time of a duty begins by the text; None when an entry, or nothing, says so.

    A successor carries the dates of its own text.
    """
    if rule.deadline is None or rule.deadline.after is After.ASKED:
        return None
    if rule.deadline.after is After.SIGNED:
        return agreement.provisions.signed
    return agreement.effective


def due_of(rule: Rule, agreement: Agreement) -> datetime | None:
    """Return when a duty is due by the text alone, or None when that cannot be said."""
    start = runs_from(rule, agreement)
    if start is None or rule.deadline is None:
        return None
    return start + timedelta(hours=rule.deadline.within_h)
