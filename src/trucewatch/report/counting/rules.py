"""The same table counted by every named rule, each with its words.

The names are those that an agreement may choose (`agreement.rule.COUNTING_RULES`). A rule that
nothing here can count says so; it never counts as nought.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.records.happening import HAPPENINGS
from trucewatch.report.counting.shelling import shellings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from trucewatch.report.counting.table import Row

EPISODE_RULE = (
    "Rule episode_60min_30rounds: thirty discharges or more at one place without a gap of an hour "
    "are one shelling. Explosions, projectiles in flight, muzzle flashes and artillery fire are "
    "discharges, whether or not each is real. At one place are incidents that the table puts at "
    "most 1.5 km apart, directly or through others between them; on the public table these are the "
    "same cell and cells that touch. The lower end takes the fewest discharges and what surely "
    "happened within the hour, the upper end the most and what may have."
)
CROSSING_RULE = "Rule crossing: one crossing of a line, in the air or on the ground, is one."
RULED_RULE = "Rule ruled: one ruling of a competent body is one."
CROSSINGS = frozenset({"crossing_air", "crossing_ground"})
"""Kinds that are the crossing of a line."""

NOT_COUNTED = "not_counted"
_NO_SENSOR = "not counted: no sensor here reports crossings"
_NO_BODY = "not counted: no body rules in this version"
_NONE = "none by this rule"


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """What one rule makes of the incidents of a window.

    Attributes:
        rule: Its name.
        low: Fewest; None when the rule is not counted.
        high: Most; None when that is not known, or when the rule is not counted.
        qualifier: `exact`, `range`, `at_least` or `not_counted`.
        text: The same in words.
    """

    rule: str
    low: int | None
    high: int | None
    qualifier: str
    text: str


def counts_of(rows: Sequence[Row], *, crossings: AbstractSet[str] = CROSSINGS) -> tuple[Count, ...]:
    """Return the count of every rule, in a fixed order.

    Args:
        rows: Incidents of one window.
        crossings: Kinds that are a crossing.
    """
    crossed = sum(row.kind in crossings for row in rows)
    return (
        counted("incident", len(rows), len(rows)),
        _units(rows),
        counted("episode_60min_30rounds", *shellings(rows)),
        counted("crossing", crossed, crossed) if crossed else _not("crossing", _NO_SENSOR),
        _not("ruled", _NO_BODY),
    )


def counted(rule: str, low: int, high: int | None) -> Count:
    """Return a count between two ends; `high` None leaves it open.

    Example:
        >>> counted("incident", 0, 0).text, counted("osce_unit", 61, None).text
        ('none by this rule', 'at least 61')
    """
    if high is None:
        text = f"at least {low:,}" if low else "not known: no lower and no upper bound"
        return Count(rule=rule, low=low, high=None, qualifier="at_least", text=text)
    if low == high:
        return Count(
            rule=rule, low=low, high=high, qualifier="exact", text=f"{low:,}" if low else _NONE
        )
    text = f"{low:,} to {high:,}" if low else f"at most {high:,}"
    return Count(rule=rule, low=low, high=high, qualifier="range", text=text)


def _units(rows: Sequence[Row]) -> Count:
    of_units = [row for row in rows if HAPPENINGS[row.kind].osce_unit]
    most = [row.count_max for row in of_units]
    high = None if None in most else sum(count or 0 for count in most)
    return counted("osce_unit", sum(row.count_min or 0 for row in of_units), high)


def _not(rule: str, text: str) -> Count:
    return Count(rule=rule, low=None, high=None, qualifier=NOT_COUNTED, text=text)
