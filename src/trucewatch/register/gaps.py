"""What was promised and has not arrived: one line for each promise, and when to remind of it.

AMBER+STRICT: the list tells where an arrangement is weak, and is never public.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from trucewatch.errors import BadInput
from trucewatch.records.claims.delivery import GAP
from trucewatch.register.promised import claim_lines, row_lines

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from trucewatch.records.claims.register import Register


class Reminder(NamedTuple):
    """A reminder that was sent.

    Attributes:
        gap: The line that it was about, by id.
        day: The day.
    """

    gap: str
    day: date


def lines(register: Register, table: pl.DataFrame, *, day: date) -> pl.DataFrame:
    """Return every promise with a number, and how much of it has arrived.

    A line is a pledged row, or a promise that claims tell of and no row breaks down; claims of one
    subject, object, domain, unit and scope tell of one promise and are never added up. What is
    due to the budget of the mechanism is left to `budget`.

    Args:
        register: The register.
        table: A `DELIVERY` table of all imports.
        day: The newest day that the log knows; what is said to be done later does not count.

    Returns:
        A `GAP` table, by donor and id.
    """
    rows = [*row_lines(register, table, day=day), *claim_lines(register, table, day=day)]
    found = pl.DataFrame([each.columns() for each in rows], schema=GAP)
    late = (pl.lit(day) - pl.col("due")).dt.total_days()
    is_late = (pl.col("due") < day) & (pl.col("gap_high").is_null() | (pl.col("gap_high") > 0))
    return found.with_columns(overdue_d=pl.when(is_late).then(late)).sort("donor", "id")


def gaps(register: Register, table: pl.DataFrame, *, day: date) -> pl.DataFrame:
    """Return the lines of promises that are not filled, or of which nobody can tell.

    Args:
        register: The register.
        table: A `DELIVERY` table of all imports.
        day: The newest day that the log knows.

    Returns:
        A `GAP` table, by donor and id.
    """
    filled = (pl.col("gap_high") == 0).fill_null(value=False)
    return lines(register, table, day=day).filter(~filled)


def reminders(
    found: pl.DataFrame, sent: Sequence[Reminder], *, day: date, every_days: int
) -> pl.DataFrame:
    """Return the lines of which somebody is to be reminded: overdue, and not reminded lately.

    Args:
        found: A `GAP` table.
        sent: Reminders that the log holds, in any order.
        day: The newest day that the log knows.
        every_days: Least number of days between two reminders of one line.

    Raises:
        BadInput: `every_days` is below 1.
    """
    if every_days < 1:
        raise BadInput("every_days", f"is {every_days}, must be at least 1")
    lately = {each.gap for each in sent if (day - each.day).days < every_days}
    overdue = pl.col("overdue_d").is_not_null() & pl.col("why").is_null()
    return found.filter(overdue & ~pl.col("id").is_in(sorted(lately)))
