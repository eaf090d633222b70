"""The place, time and independence columns of each incident."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from trucewatch.fuse.fix import Evidence, fix
from trucewatch.fuse.looks import looks
from trucewatch.geo.plane import Covariances, Plane

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from trucewatch.fuse.groups import Groups
    from trucewatch.records.sensor import SensorModel

NORMAL_95 = 1.959963984540054  # two-sided 95 % point of the normal distribution
_UNIFORM = 12  # the variance of a uniform distribution is its width squared over this
_US_PER_S = 1_000_000
_UTC_US = pl.Datetime("us", "UTC")


def estimate(
    members: pl.DataFrame, groups: Groups, *, plane: Plane, models: Mapping[str, SensorModel]
) -> pl.DataFrame:
    """Return place, covariance, time, its 95 % interval and `independent`, one row per incident.

    A lone report keeps its own place to the last digit. Its time interval is the one that it
    states, widened by 1.96 times what its time error and its sensor's spread hold beyond it (the
    error of being anywhere in an interval of width w is w / sqrt 12). An instant, and every time
    made from several reports, is taken as normal.

    Args:
        members: Distinct reports with `incident`, `x_m` and `y_m`, canonical order.
        groups: The same grouping.
        plane: Where positions are combined.
        models: For spreads and channel gaps.
    """
    figures = pl.DataFrame(
        [(n, m.spread_m**2, m.spread_s, m.channel_gap_s) for n, m in models.items()],
        schema=["sensor", "spread_m2", "spread_s", "gap_s"],
        orient="row",
    )
    table = members.drop("spread_m2", "spread_s2", strict=False).join(
        figures, on="sensor", how="left", maintain_order="left"
    )
    seen = looks(
        table["incident"].to_numpy(),
        _channel(table),
        table["middle_us"].to_numpy(),
        (table["gap_s"] * _US_PER_S).round().cast(pl.Int64).to_numpy(),
    )
    fixes = fix(_evidence(table, plane, seen.share), groups)
    lon_deg, lat_deg = plane.unproject(fixes.place[:, 0].copy(), fixes.place[:, 1].copy())
    xx_m2, xy_m2, yy_m2 = fixes.place[:, 2:].T
    in_plane = Covariances(xx_m2=xx_m2, xy_m2=xy_m2, yy_m2=yy_m2)
    error = plane.to_east_north(lon_deg, lat_deg, in_plane)
    several = pl.DataFrame(
        {
            "incident": np.arange(len(groups.start) - 1),
            "independent": seen.independent,
            "lat_deg": lat_deg,
            "lon_deg": lon_deg,
            "cov_ee_m2": error.xx_m2,
            "cov_en_m2": error.xy_m2,
            "cov_nn_m2": error.yy_m2,
            "time_us": fixes.time_us,
            "time_sigma_s": np.sqrt(fixes.time_s2),
        }
    )
    return _with_times(_keep_lone(several, table, groups))


def _channel(table: pl.DataFrame) -> NDArray[np.int64]:
    """Number each sensor's channels, in no order that means anything."""
    who = table.select("sensor", "channel")
    numbered = who.unique().with_row_index("number")
    joined = who.join(
        numbered, on=["sensor", "channel"], how="left", nulls_equal=True, maintain_order="left"
    )
    return joined["number"].cast(pl.Int64).to_numpy()


def _evidence(table: pl.DataFrame, plane: Plane, share: NDArray[np.float64]) -> Evidence:
    lon_deg, lat_deg = table["lon_deg"].to_numpy(), table["lat_deg"].to_numpy()
    spread = table["spread_m2"].to_numpy()
    scale = table["space_ratio"].to_numpy() ** 2
    east_north = Covariances(
        xx_m2=(table["cov_ee_m2"].to_numpy() + spread) * scale,
        xy_m2=table["cov_en_m2"].to_numpy() * scale,
        yy_m2=(table["cov_nn_m2"].to_numpy() + spread) * scale,
    )
    turned = plane.to_plane(lon_deg, lat_deg, east_north)
    x_m, y_m = table["x_m"].to_numpy(), table["y_m"].to_numpy()
    columns = (x_m, y_m, turned.xx_m2, turned.xy_m2, turned.yy_m2)
    return Evidence(
        np.ascontiguousarray(np.column_stack(columns)),
        table["middle_us"].to_numpy(),
        table["u2_s2"].to_numpy(),
        share,
    )


def _keep_lone(several: pl.DataFrame, table: pl.DataFrame, groups: Groups) -> pl.DataFrame:
    """Put a lone report's own figures in place of the ones that went through the plane."""
    least = table[groups.row[groups.start[:-1]]]
    scale = pl.col("space_ratio") ** 2
    own = least.select(
        pl.col("lat_deg", "lon_deg", "time_start", "time_end"),
        pl.col("cov_en_m2") * scale,
        (pl.col("cov_ee_m2", "cov_nn_m2") + pl.col("spread_m2")) * scale,
        pl.col("u2_s2").sqrt().alias("time_sigma_s"),
        _beyond_s().alias("beyond_s"),
    ).rename(lambda name: f"own_{name}")
    replaced = ("lat_deg", "lon_deg", "cov_ee_m2", "cov_en_m2", "cov_nn_m2", "time_sigma_s")
    lone = pl.Series("lone", np.diff(groups.start) == 1)
    return (
        several.hstack(own)
        .with_columns(lone)
        .with_columns(
            pl.when("lone").then(f"own_{name}").otherwise(name).alias(name) for name in replaced
        )
    )


def _beyond_s() -> pl.Expr:
    """Return the one-sigma error of a lone report's stated interval as a whole."""
    width_s = (pl.col("time_end") - pl.col("time_start")).dt.total_microseconds() / _US_PER_S
    beyond_s2 = pl.col("u2_s2") - width_s**2 / _UNIFORM
    return pl.max_horizontal(beyond_s2, (pl.col("spread_s") * pl.col("time_ratio")) ** 2).sqrt()


def _with_times(table: pl.DataFrame) -> pl.DataFrame:
    """Add `time`, `time_start`, `time_end`."""
    start_us, end_us = (pl.col(f"own_time_{w}").dt.timestamp("us") for w in ("start", "end"))
    stated = pl.col("lone") & (start_us < end_us)
    half_us = pl.when(stated).then("own_beyond_s").otherwise("time_sigma_s") * (
        NORMAL_95 * _US_PER_S
    )
    low_us = pl.when(stated).then(start_us).otherwise("time_us") - half_us.round().cast(pl.Int64)
    high_us = pl.when(stated).then(end_us).otherwise("time_us") + half_us.round().cast(pl.Int64)
    return table.with_columns(
        time=pl.col("time_us").cast(_UTC_US),
        time_start=low_us.cast(_UTC_US),
        time_end=high_us.cast(_UTC_US),
    )
