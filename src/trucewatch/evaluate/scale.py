"""What wrong declared errors cost, and what is left of it after the scales are estimated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from trucewatch.evaluate.bcubed import per_report
from trucewatch.fuse.associate import associate
from trucewatch.fuse.distinct import PRECISE
from trucewatch.fuse.groups import numbered
from trucewatch.fuse.scale import estimate_scales
from trucewatch.fuse.settings import FusionSettings
from trucewatch.simulate.trials import reports as trial

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    Scales = Mapping[str, tuple[float, float]]

USUAL_PER_KM2_DAY = 4e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """B-cubed F1 of the precise reports, one figure per seed.

    Attributes:
        right: With the real errors declared.
        misdeclared: With wrong ones.
        mended: With wrong ones times the scales that were estimated from the same reports.
    """

    right: NDArray[np.float64]
    misdeclared: NDArray[np.float64]
    mended: NDArray[np.float64]


def costs(
    *,
    seeds: Iterable[int],
    reports: int,
    ratio: float,
    density_per_km2_day: float = USUAL_PER_KM2_DAY,
) -> Costs:
    """Return F1 with right, misdeclared and mended one-sigma errors, on `trials.reports`.

    Args:
        seeds: Of the trials. Those from 401 to 410 were used while the method was made.
        reports: About how many in each trial, all sensors.
        ratio: Declared over real one-sigma error, in space and time, of every sensor.
        density_per_km2_day: Of incidents.
    """
    rows = []
    for seed in seeds:
        setting = trial.Setting(
            reports=reports,
            seed=seed,
            incidents_per_km2_day=density_per_km2_day,
            declared_ratio=ratio,
        )
        seen, truth = trial.draw(setting)
        settings = _settings(density_per_km2_day)
        found = estimate_scales(seen.table, models=seen.models, settings=settings)
        mended = {name: (s.space.ratio, s.time.ratio) for name, s in found.items()}
        right = dict.fromkeys(seen.models, (1 / ratio, 1 / ratio))
        rows.append([_f1(seen, truth, settings, scales) for scales in (right, {}, mended)])
    figures = np.array(rows, np.float64).reshape(-1, 3).T
    return Costs(right=figures[0], misdeclared=figures[1], mended=figures[2])


def scaled(table: pl.DataFrame, scales: Scales) -> pl.DataFrame:
    """Return reports with their declared variances times the squares of (space, time) ratios."""
    return table.with_columns(
        pl.col(column)
        * pl.col("sensor").replace_strict(
            {name: pair[axis] ** 2 for name, pair in scales.items()},
            default=1.0,
            return_dtype=pl.Float64,
        )
        for axis, column in enumerate(("s2_m2", "u2_s2"))
    )


def _settings(density_per_km2_day: float) -> FusionSettings:
    return FusionSettings(
        centre_lat_deg=0.0,
        centre_lon_deg=0.0,
        incidents_per_km2_day=density_per_km2_day,
        imprecise_sensors=trial.IMPRECISE,
    )


def _f1(
    seen: trial.Reports, truth: trial.Truth, settings: FusionSettings, scales: Scales
) -> np.float64:
    table = scaled(seen.table.filter(pl.col("tier") == PRECISE), scales)
    groups = associate(table, models=seen.models, settings=settings).groups
    label = numbered(groups)
    precision, recall = per_report(truth.incident[: table.height], label)
    p, r = precision.mean(), recall.mean()
    return np.float64(2 * p * r / (p + r))
