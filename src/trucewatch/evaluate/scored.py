"""The precise reports of one drawn trial, and how a grouping of them scores."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from trucewatch.errors import BadInput
from trucewatch.evaluate.bcubed import per_report
from trucewatch.evaluate.reference import (
    US_PER_DAY,
    Effort,
    known_density,
    known_incidents,
    precise,
)
from trucewatch.evaluate.scale import scaled
from trucewatch.fuse.associate import associate
from trucewatch.fuse.groups import numbered
from trucewatch.fuse.likelihood import T, X, Y
from trucewatch.fuse.scale import estimate_scales
from trucewatch.fuse.settings import FusionSettings
from trucewatch.simulate.trials.reports import IMPRECISE, START_US

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trucewatch.evaluate.reference import Precise
    from trucewatch.simulate.trials.reports import Reports, Truth

_START_DAY = START_US / US_PER_DAY


class Trial(NamedTuple):
    """The precise reports of one drawn trial, and what is true of them.

    Attributes:
        table: As fusion sees them.
        seen: Models and declared density.
        incident: True incident of each, negative for a false alarm.
        truth: Of the whole trial.
    """

    table: pl.DataFrame
    seen: Reports
    incident: NDArray[np.int64]
    truth: Truth


def trial_of(drawn: tuple[Reports, Truth]) -> Trial:
    """Return the precise part of a trial; precise reports come first."""
    seen, truth = drawn
    table = seen.table.filter(pl.col("tier") == 0)
    return Trial(table, seen, truth.incident[: table.height], truth)


def mended(trial: Trial) -> Trial:
    """Return a trial whose declared errors are multiplied by the scales that its reports show."""
    found = estimate_scales(trial.table, models=trial.seen.models, settings=_settings(trial))
    scales = {name: (scale.space.ratio, scale.time.ratio) for name, scale in found.items()}
    return trial._replace(table=scaled(trial.table, scales))


def f1(true: NDArray[np.int64], fused: NDArray[np.int64]) -> np.float64:
    """Return the B-cubed F1 of a grouping."""
    precision, recall = (np.mean(figure) for figure in per_report(true, fused))
    return np.float64(2 * precision * recall / (precision + recall))


def f1_of(trial: Trial) -> np.float64:
    """Return F1 of ours."""
    return f1(trial.incident, ours(trial))


def alone_f1(trial: Trial) -> np.float64:
    """Return F1 of leaving every report alone."""
    return f1(trial.incident, np.arange(trial.table.height))


def ours(trial: Trial) -> NDArray[np.int64]:
    """Return the number of the fused incident of each precise report."""
    groups = associate(trial.table, models=trial.seen.models, settings=_settings(trial)).groups
    return numbered(groups)


def _settings(trial: Trial) -> FusionSettings:
    return FusionSettings(
        centre_lat_deg=0.0,
        centre_lon_deg=0.0,
        incidents_per_km2_day=trial.seen.incidents_per_km2_day,
        imprecise_sensors=IMPRECISE,
    )


def known_incidents_f1(trial: Trial) -> np.float64:
    """Return F1 of the reference that knows the incidents."""
    place = trial.truth.place.copy()
    place[:, 2] += _START_DAY
    return f1(trial.incident, known_incidents(_precise(trial), place))


def known_density_f1(trial: Trial, seed: int, effort: Effort) -> np.float64:
    """Return F1 of the reference that knows the true density.

    The better of its two groupings is taken, trial by trial: that is to our disadvantage.

    Raises:
        BadInput: The trial was drawn without its true density.
    """
    if trial.truth.log_density is None:
        raise BadInput("trial", "has no true density, expected one that was drawn with it")
    given = _precise(trial)
    day = given.matrix[:, T] - _START_DAY
    log_density = trial.truth.log_density(given.matrix[:, X], given.matrix[:, Y], day)
    informed = known_density(given, log_density, seed=seed, effort=effort)
    return max(f1(trial.incident, label) for label in informed)


def _precise(trial: Trial) -> Precise:
    models = trial.seen.models
    return precise(trial.table, {k: model for k, model in models.items() if k not in IMPRECISE})
