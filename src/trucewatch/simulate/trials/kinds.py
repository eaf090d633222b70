"""The reports of a trial with one more thing to go by: a numeric feature that hangs on the kind.

Acoustic stations give the peak pressure of a blast and thermal looks the power of a fire, each
log-normal with a mean that hangs on the kind; some readings tell nothing, and some are missing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from trucewatch.records.sensor import FeatureModel
from trucewatch.simulate.trials.reports import KIND_P, KINDS, Reports, Truth

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

MISSING_P = 0.2  # of the readings


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One feature of one sensor.

    Attributes:
        sensor: Whose.
        name: Column of the struct `features`.
        model: How it is spread; the declared model is the real one.
    """

    sensor: str
    name: str
    model: FeatureModel


def _spread(means: tuple[float, ...], broad: tuple[float, float]) -> FeatureModel:
    normal = {kind: (mean, 0.35) for kind, mean in zip(KINDS, means, strict=True)}
    return FeatureModel(normal=normal, broad=broad, broad_p=0.1, log10=True)


FEATURES = (
    Feature(sensor="acoustic", name="peak_pa", model=_spread((0.9, 1.5, 0.1, 0.6), (0.8, 1.2))),
    Feature(sensor="thermal", name="power_mw", model=_spread((0.5, 1.1, 0.2, 0.3), (0.6, 1.0))),
)


def with_features(reports: Reports, truth: Truth, *, seed: int) -> Reports:
    """Return the reports with a struct column `features`, and models that declare them.

    A false alarm is of a kind drawn by frequency, as in the trial, but of its own.

    Args:
        reports: Of `reports.draw`.
        truth: The same trial's.
        seed: Of the readings.
    """
    rng = np.random.default_rng([seed, 98])
    incident = truth.incident
    drawn = rng.choice(len(KINDS), len(incident), p=KIND_P)
    kind = np.where(incident >= 0, truth.kind[np.maximum(incident, 0)], drawn)
    sensor = reports.table["sensor"]
    columns = [
        pl.when(sensor == f.sensor)
        .then(pl.Series(_readings(rng, kind, f.model), nan_to_null=True))
        .alias(f.name)
        for f in FEATURES
    ]
    models = {
        name: replace(model, feature_p={f.name: f.model for f in FEATURES if f.sensor == name})
        for name, model in reports.models.items()
    }
    table = reports.table.with_columns(features=pl.struct(*columns))
    return replace(reports, table=table, models=models)


def _readings(
    rng: np.random.Generator, kind: NDArray[np.int64], model: FeatureModel
) -> NDArray[np.float64]:
    """Return one reading for each report; NaN where it is missing."""
    spread = np.array([model.normal[name] for name in KINDS])[kind]
    spread[rng.random(len(kind)) < model.broad_p] = model.broad
    drawn = 10 ** rng.normal(spread[:, 0], spread[:, 1])
    return np.where(rng.random(len(kind)) < MISSING_P, np.nan, drawn)


def frequencies() -> Mapping[str, float]:
    """Return how often each kind is there, as a mission would declare it."""
    return dict(zip(KINDS, KIND_P, strict=True))
