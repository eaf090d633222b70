"""Which asset saw which incident, and which should have and did not.

A report is an asset's when its sensor is the asset's, and either that is the only asset of the
sensor or its channel is the asset's name. P is that of the incident's likeliest class in the cell
and step of its middle; position and time errors wider than these blur it, and are not looked at.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from trucewatch.records.table import SEEN, conform, empty

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trucewatch.measure.coverage.asset import Asset
    from trucewatch.measure.coverage.grid import Coverage

    Whole = NDArray[np.int64]

EXPECTED_P = 0.5
"""An asset whose P is at least this should have seen it: it was likelier than not."""


def seen(incidents: pl.DataFrame, reports: pl.DataFrame, covered: Coverage) -> pl.DataFrame:
    """Return, for each incident and asset, whether it saw it and whether it should have.

    Args:
        incidents: `records.table.INCIDENT`, any order.
        reports: `incident`, `sensor` and `channel` of every member, any order.
        covered: Of the time of the incidents.

    Returns:
        `records.table.SEEN` by incident and asset. P is null, and nothing is expected, where an
        incident lies off the grid or the steps.
    """
    if incidents.is_empty() or not covered.assets:
        return empty(SEEN)
    placed = incidents.select("id", "class", "time", "lon_deg", "lat_deg").sort("id")
    cell, step = _where(placed, covered)
    here = (cell >= 0) & (step >= 0)
    kinds = placed["class"].to_list()
    tables = []
    for asset in covered.assets:
        close_p = {kind: asset.detection.close_p(kind) for kind in set(kinds)}
        chance_p = np.array([close_p[kind] for kind in kinds])
        chance_p[here] *= covered.power_at(asset.name, step[here], cell[here])
        chance_p[~here] = np.nan
        saw = _by(asset, reports, covered.assets)["incident"].unique().implode()
        told = placed.select(
            pl.col("id").alias("incident"),
            pl.lit(asset.name).alias("asset"),
            pl.Series("p", chance_p).fill_nan(None),
            pl.col("id").is_in(saw).alias("saw"),
        )
        tables.append(told.with_columns(expected=pl.col("p") >= EXPECTED_P))
    return conform(pl.concat(tables), SEEN).sort("incident", "asset")


def _where(placed: pl.DataFrame, covered: Coverage) -> tuple[Whole, Whole]:
    """Return cell and step of each incident; -1 where it has none."""
    at = placed.select("lon_deg", "lat_deg").fill_null(float("nan"))
    lon_deg, lat_deg = (at[name].to_numpy() for name in ("lon_deg", "lat_deg"))
    known = np.isfinite(lon_deg) & np.isfinite(lat_deg)
    cell = np.full(len(placed), -1, np.int64)
    cell[known] = covered.cells.at(lon_deg[known], lat_deg[known])
    edges_us = covered.steps.edges_us()
    time_us = placed["time"].dt.timestamp("us").to_numpy()
    step = np.searchsorted(edges_us, time_us, side="right") - 1
    return cell, np.where(step < covered.steps.count, step, -1)


def _by(asset: Asset, reports: pl.DataFrame, assets: Sequence[Asset]) -> pl.DataFrame:
    """Return the reports that an asset made."""
    own = reports.filter(pl.col("sensor") == asset.sensor)
    alone = Counter(each.sensor for each in assets)[asset.sensor] == 1
    return own if alone else own.filter(pl.col("channel") == asset.name)
