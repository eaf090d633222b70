"""How many units an incident was, from reports that each give an interval.

Reports of the same happening are not added: two that say "at least 3" are of the same three.
"""

from __future__ import annotations

import polars as pl


def counts(members: pl.DataFrame) -> pl.DataFrame:
    """Return `incident`, `count_min`, `count_max`, `count_qualifier`, one row per incident.

    Args:
        members: Distinct reports with `incident` and the count columns of the Observation table.

    Returns:
        The largest lower bound; the largest upper bound, or null where a report leaves it open; the
        reports' own qualifier where all of them say the same, else what the interval is:
        `at_least`, `range`, or `about` for one number on which they did not agree. Null without
        any count.
    """
    given = members.filter(pl.col("count_min").is_not_null())
    said = pl.struct("count_min", "count_max", "count_qualifier")
    found = given.group_by("incident", maintain_order=True).agg(
        pl.col("count_min").max().alias("low"),
        pl.col("count_max").max().alias("high"),
        pl.col("count_max").is_null().any().alias("open"),
        (said.n_unique() == 1).alias("agreed"),
        pl.col("count_qualifier").first(),
    )
    disagreed = (
        pl.when("open")
        .then(pl.lit("at_least"))
        .when(pl.col("low") < pl.col("high"))
        .then(pl.lit("range"))
        .otherwise(pl.lit("about"))
    )
    found = found.select(
        "incident",
        count_min="low",
        count_max=pl.when("open").then(None).otherwise("high"),
        count_qualifier=pl.when("agreed").then("count_qualifier").otherwise(disagreed),
    )
    every = members.select("incident").unique(maintain_order=True)
    return every.join(found, on="incident", how="left", maintain_order="left")
