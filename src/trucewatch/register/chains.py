"""From a delivery back to the promise that it fills, so that nothing is counted twice."""

from __future__ import annotations

import polars as pl

from trucewatch.records.claims.delivery import NOT_SAID, STAGES, DeliveryStage

ROW, CLAIM, UNTIED = "row", "claim", "untied"
"""What a chain starts from: a pledged row, a claim, or nothing that a source names."""


def standing(table: pl.DataFrame) -> pl.DataFrame:
    """Return the rows that none supersedes.

    Args:
        table: A `DELIVERY` table.
    """
    return table.filter(~pl.col("id").is_in(_corrections(table)))


def chained(table: pl.DataFrame) -> pl.DataFrame:
    """Return the rows that none supersedes, each with the promise that it fills.

    Args:
        table: A `DELIVERY` table, as an import accepts it: a row fills one of an earlier stage.

    Returns:
        The rows with `root`, the id of the first of their chain, a pledged row where there is one;
        `root_kind`, which is `row`, `claim` or `untied`; and `arrived`, which is true for what is
        said to have arrived: delivered, or verified without a delivered row that it verifies.
        So the amounts of rows that arrived may be summed.
    """
    latest = _latest(table)
    rows = standing(table).with_columns(of=pl.col("of").replace(latest))
    tied = rows.filter(
        (pl.col("stage") != STAGES[0]) & (pl.col("of") != NOT_SAID) & pl.col("of").is_not_null()
    )
    parents = dict(tied.select("id", "of").iter_rows())
    root = pl.col("id")
    for _ in STAGES:  # a chain has no more rows than there are stages
        root = root.replace(parents)
    pledged = rows.filter(pl.col("stage") == STAGES[0]).get_column("id")
    stages = dict(rows.select("id", "stage").iter_rows())
    fills = pl.col("of").replace_strict(stages, default=None, return_dtype=pl.String)
    verifies = (fills == DeliveryStage.DELIVERED).fill_null(value=False)
    verified = pl.col("stage") == DeliveryStage.VERIFIED
    kind = pl.when(pl.col("root").is_in(pledged.implode())).then(pl.lit(ROW))
    return rows.with_columns(
        root=root,
        arrived=(pl.col("stage") == DeliveryStage.DELIVERED) | (verified & ~verifies),
    ).with_columns(
        root_kind=kind.when(pl.col("root").is_in(rows.get_column("id").implode()))
        .then(pl.lit(UNTIED))
        .otherwise(pl.lit(CLAIM))
    )


def _corrections(table: pl.DataFrame) -> list[str]:
    return table.get_column("supersedes").drop_nulls().to_list()


def _latest(table: pl.DataFrame) -> dict[str, str]:
    """Return of each superseded row the one that stands in the end."""
    corrected = table.filter(pl.col("supersedes").is_not_null())
    by = dict(corrected.select("supersedes", "id").iter_rows())
    return {row: _end(row, by) for row in by}


def _end(row: str, by: dict[str, str]) -> str:
    while row in by:
        row = by[row]
    return row
