"""Contributions stage by stage, and what of them the public may see.

Units are never summed with other units, currencies never converted, donors never added up.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

from trucewatch.records.claims.delivery import STAGES, DeliveryStage, Handling
from trucewatch.register.chains import ROW, chained, standing

if TYPE_CHECKING:
    from datetime import date

PUBLIC_DELAY_DAYS = 30
"""How late the public sees a delivery. Source: the procedure for the release of contributions."""

_KEYS = ("donor", "domain", "form", "unit", "tied")
PUBLIC_COLUMNS = ("donor", "domain", "stage", "unit", "amount", "rows")
"""All that the public sees of deliveries."""


def shares(table: pl.DataFrame) -> pl.DataFrame:
    """Return how much of what each donor pledged went how far.

    Args:
        table: A `DELIVERY` table.

    Returns:
        One row by `donor`, `domain`, `form` and `unit` (of a quantity, or the currency of a value),
        and by `tied`: whether the rows go back to a pledged row. Then the amount of each stage as
        its rows tell it, null where there is none, and `committed_share` and so on: that amount
        over the pledged one, null where no pledge is tied to it or it is 0. What a loan or a grant
        pays for counts in its quantity and not in its value, which is that of the loan.
    """
    rows = chained(table).with_columns(tied=pl.col("root_kind") == ROW)
    found = _amounts(rows)
    stage = [pl.col("amount").filter(pl.col("stage") == each).sum().alias(each) for each in STAGES]
    there = [(pl.col("stage") == each).any().alias(f"{each} told") for each in STAGES]
    summed = found.group_by(_KEYS).agg(*stage, *there)
    told = [pl.when(pl.col(f"{each} told")).then(pl.col(each)).alias(each) for each in STAGES]
    shown = summed.with_columns(told).select(*_KEYS, *STAGES)
    pledged = pl.col(STAGES[0]).cast(pl.Float64)
    share = [
        pl.when(pl.col("tied") & (pledged > 0))
        .then(pl.col(each).cast(pl.Float64) / pledged)
        .alias(f"{each}_share")
        for each in STAGES[1:]
    ]
    return shown.with_columns(share).sort(_KEYS)


def public(table: pl.DataFrame, *, day: date) -> pl.DataFrame:
    """Return what the public may see of deliveries.

    Only what arrived, not what was promised: beside each other the two would tell the gap, which
    is AMBER+STRICT. Only what was done `PUBLIC_DELAY_DAYS` or more before the day, and only rows
    whose handling says that they are open. No place, schedule, item, source, note or id.

    Args:
        table: A `DELIVERY` table.
        day: The newest day that the log knows.

    Returns:
        Amounts by donor, domain, stage (delivered and verified apart: the second is part of the
        first) and unit or currency, with how many rows they sum; columns are `PUBLIC_COLUMNS`.
    """
    stages = [DeliveryStage.DELIVERED.value, DeliveryStage.VERIFIED.value]
    rows = standing(table).filter(
        pl.col("stage").is_in(stages)
        & (pl.col("handling") == Handling.OPEN)
        & (pl.col("done") <= day - timedelta(days=PUBLIC_DELAY_DAYS))
    )
    keys = PUBLIC_COLUMNS[:4]
    summed = _amounts(rows).group_by(keys).agg(pl.col("amount").sum(), rows=pl.len())
    return summed.select(PUBLIC_COLUMNS).sort(keys)


def _amounts(rows: pl.DataFrame) -> pl.DataFrame:
    """Return one row for each amount, quantities below values, with its unit or currency."""
    counted = rows.filter(pl.col("quantity").is_not_null()).with_columns(amount=pl.col("quantity"))
    valued = rows.filter(pl.col("value").is_not_null() & pl.col("paid_by").is_null()).with_columns(
        amount=pl.col("value"), unit=pl.col("currency")
    )
    return pl.concat([counted, valued])
