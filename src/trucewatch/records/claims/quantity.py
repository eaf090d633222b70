"""How much of what, of whose: an interval with its unit and its scope, never a bare number."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal


class Qualifier(StrEnum):
    """How the source hedges it."""

    EXACT = "exact"
    ABOUT = "about"
    AT_LEAST = "at_least"
    UP_TO = "up_to"
    RANGE = "range"
    SEVERAL = "several"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """An interval.

    Attributes:
        low: Least, exact decimal.
        high: Most, or None when that is open.
        qualifier: How the source hedges it.
        unit: Of what, in one word, such as `troops`, `states`, `EUR`.
        scope: Whose and of what whole, in one word that means the same in every claim of the
            register, such as `whole_force` or `FRA_and_GBR`; quantities of different scopes are
            never compared and never summed.
    """

    low: Decimal
    high: Decimal | None
    qualifier: Qualifier
    unit: str
    scope: str
