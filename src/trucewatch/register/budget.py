"""The budget of the mechanism itself: what was assessed, what was paid, and arrears."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from trucewatch.records.claims.delivery import AMOUNT, BUDGET, DeliveryStage
from trucewatch.register.chains import chained

if TYPE_CHECKING:
    from datetime import date

_ASSESSED = (DeliveryStage.PLEDGED.value, DeliveryStage.COMMITTED.value)
_KEYS = ("donor", "currency")


def budget(table: pl.DataFrame, *, day: date) -> pl.DataFrame:
    """Return where each contributor stands.

    A contribution is assessed by the first row of its chain, pledged or committed; it is paid by
    what arrived of it up to the day. What is paid beyond one contribution settles no other.

    Args:
        table: A `DELIVERY` table; rows with the provision `budget` and a value are counted.
        day: The newest day that the log knows.

    Returns:
        By `donor` and `currency`: `assessed`, `paid` on that, `not_due` (unpaid, and not due before
        the day), `arrears` (unpaid and due before it), `overdue_d` of the oldest arrear (null where
        there is none), and `besides`: paid without an assessment.
    """
    rows = chained(table.filter((pl.col("provision") == BUDGET) & pl.col("value").is_not_null()))
    first = rows.filter((pl.col("root") == pl.col("id")) & pl.col("stage").is_in(_ASSESSED))
    arrived = rows.filter(pl.col("arrived") & (pl.col("done") <= day))
    paid = arrived.group_by("root", "currency").agg(paid=pl.col("value").sum())
    lines = _lines(first, paid, day)
    by_donor = lines.group_by(_KEYS).agg(
        pl.col("assessed", "paid", "not_due", "arrears").sum(), pl.col("overdue_d").max()
    )
    other = arrived.join(first, left_on="root", right_on="id", how="anti")
    besides = other.group_by(_KEYS).agg(besides=pl.col("value").sum())
    whole = by_donor.join(besides, on=_KEYS, how="full", coalesce=True)
    amounts = pl.col("assessed", "paid", "not_due", "arrears", "besides")
    return whole.with_columns(amounts.fill_null(pl.lit(0).cast(AMOUNT))).sort(_KEYS)


def _lines(first: pl.DataFrame, paid: pl.DataFrame, day: date) -> pl.DataFrame:
    zero = pl.lit(0).cast(AMOUNT)
    lines = first.join(
        paid, left_on=["id", "currency"], right_on=["root", "currency"], how="left"
    ).with_columns(pl.col("paid").fill_null(zero), assessed=pl.col("value"))
    unpaid = pl.max_horizontal(pl.col("assessed") - pl.col("paid"), zero).cast(AMOUNT)
    late = (pl.col("due") < day).fill_null(value=False)
    return (
        lines.with_columns(unpaid=unpaid)
        .with_columns(
            not_due=pl.when(late).then(zero).otherwise(pl.col("unpaid")),
            arrears=pl.when(late).then(pl.col("unpaid")).otherwise(zero),
        )
        .with_columns(
            overdue_d=pl.when(pl.col("arrears") > 0).then(
                (pl.lit(day) - pl.col("due")).dt.total_days()
            )
        )
    )
