"""`tw calibrate`: by how much sensors misstate their own errors, from their reports alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from trucewatch.fuse.distinct import PRECISE
from trucewatch.fuse.gather import gather, plane_of
from trucewatch.fuse.scale import estimate_scales
from trucewatch.mission.configuration import in_force
from trucewatch.mission.opened import reading
from trucewatch.mission.projection import ARRIVALS

if TYPE_CHECKING:
    from trucewatch.fuse.scale import Scale
    from trucewatch.mission.home import Home

REPORTS_MIN = 1000
"""Fewer precise reports than this are too few: on simulated worlds a mended scale then cost more
than it saved about as often as not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What the residuals say.

    Attributes:
        reports: Precise reports that it rests on.
        scales: Estimate for each sensor, as a factor on its declared errors.
        in_use: Factors in space and time that the configuration has now.
    """

    reports: int
    scales: dict[str, Scale]
    in_use: dict[str, tuple[float, float]]


def calibrate(home: Home) -> Calibration:
    """Estimate the scales; nothing is changed, as a scale is configuration that a person decides.

    The estimates are of the declared errors, whatever scale is in use.
    """
    with reading(home) as (log, there):
        settings = in_force(log, log.size).settings.fusion
        observations, models = there.reports(), there.models()
        picks = there.archive.family(ARRIVALS)
    plain = replace(settings, sigma_scale={})
    reports = gather(observations, picks, models=models, settings=plain).reports
    plane = plane_of(plain)
    x_m, y_m = plane.project(reports["lon_deg"].to_numpy(), reports["lat_deg"].to_numpy())
    placed = reports.with_columns(x_m=x_m, y_m=y_m)
    return Calibration(
        reports=placed.filter(pl.col("tier") == PRECISE).height,
        scales=estimate_scales(placed, models=models, settings=plain),
        in_use=dict(settings.sigma_scale),
    )
