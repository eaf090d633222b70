"""Which distinct reports are of one incident, how sure that is, and how real each incident is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from trucewatch.fuse.density import cell_keys, count_cells, log_density
from trucewatch.fuse.distinct import PRECISE
from trucewatch.fuse.edges import find_edges
from trucewatch.fuse.groups import Groups, bounded, grouped
from trucewatch.fuse.likelihood import COLUMNS, LAMBDA, S2, U2, T, X, Y, terms, weigh_alone
from trucewatch.fuse.merge import merge
from trucewatch.fuse.weigh import REAL_P_MAX, weigh

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from trucewatch.fuse.settings import FusionSettings
    from trucewatch.records.sensor import SensorModel

_M_PER_KM = 1000.0
_S_PER_DAY = 86400.0
_US_PER_DAY = 86_400_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Association:
    """The grouping of the distinct reports.

    Attributes:
        groups: Reports by incident, incidents by their least report.
        real_p: P(not false alarms alone), one per incident.
        membership_p: Score of belonging, one per report.
    """

    groups: Groups
    real_p: NDArray[np.float64]
    membership_p: NDArray[np.float64]


def associate(
    reports: pl.DataFrame, *, models: Mapping[str, SensorModel], settings: FusionSettings
) -> Association:
    """Return which reports are of one incident; an imprecise one is an incident of its own.

    Args:
        reports: `distinct.Distinct.reports` and their places in the local plane, `x_m` and `y_m`;
            canonical order, at least one row.
        models: Detection model of every sensor in `reports`.
        settings: The mission's.
    """
    sharp = sorted(set(models) - set(settings.imprecise_sensors))
    matrix = _matrix(reports)
    precise = (reports["tier"] == PRECISE).to_numpy()
    matrix[:, LAMBDA] = _densities(matrix, precise, [models[name] for name in sharp], settings)
    n = int(precise.sum())  # precise reports come first: canonical order begins with the tier
    first, vague = matrix[:n], reports[n:]
    sharp_terms = terms(models, sharp, members_max=settings.component_members_max)
    sensor = np.searchsorted(np.array(sharp or [""]), reports["sensor"][:n].to_numpy())
    label = np.arange(len(matrix))
    if n:
        weigh_alone(first, sensor, sharp_terms)
        edges = find_edges(first, sensor, sharp_terms, settings)
        component = bounded(n, edges, settings.component_members_max)
        label[:n] = merge(first, sensor, edges, component, sharp_terms)
    real_p, membership_p = weigh(first, sensor, grouped(label[:n]), sharp_terms)
    return Association(
        groups=grouped(label),
        real_p=np.concatenate((real_p, _vague_real_p(matrix[n:, LAMBDA], vague, models))),
        membership_p=np.concatenate((membership_p, np.ones(len(vague)))),
    )


def _matrix(reports: pl.DataFrame) -> NDArray[np.float64]:
    matrix = np.zeros((reports.height, COLUMNS))
    matrix[:, X] = reports["x_m"].to_numpy() / _M_PER_KM
    matrix[:, Y] = reports["y_m"].to_numpy() / _M_PER_KM
    matrix[:, T] = reports["middle_us"].to_numpy() / _US_PER_DAY
    matrix[:, S2] = reports["s2_m2"].to_numpy() / _M_PER_KM**2
    matrix[:, U2] = reports["u2_s2"].to_numpy() / _S_PER_DAY**2
    return matrix


def _densities(
    matrix: NDArray[np.float64],
    precise: NDArray[np.bool_],
    sharp: list[SensorModel],
    settings: FusionSettings,
) -> NDArray[np.float64]:
    expected = sum(model.detection_p * (1 + model.repeats_mean) for model in sharp)
    found: NDArray[np.float64] = log_density(
        cell_keys(matrix),
        precise,
        count_cells(matrix[precise]),
        expected or 1.0,  # without precise sensors nothing is counted, whatever it is divided by
        settings.incidents_per_km2_day,
    )
    return found


def _vague_real_p(
    log_lambda: NDArray[np.float64], vague: pl.DataFrame, models: Mapping[str, SensorModel]
) -> NDArray[np.float64]:
    """Return true reports over all reports, by density: who else saw it is not known."""
    reported = {n: m.detection_p * (1 + m.repeats_mean) for n, m in models.items()}
    false = {n: m.false_alarms_per_km2_day for n, m in models.items()}
    sensor = vague["sensor"]
    true_density = np.exp(log_lambda) * _by_name(sensor, reported)
    all_density = true_density + _by_name(sensor, false)
    return np.asarray(np.minimum(true_density / all_density, REAL_P_MAX))


def _by_name(sensor: pl.Series, figures: Mapping[str, float]) -> NDArray[np.float64]:
    return sensor.replace_strict(dict(figures), return_dtype=pl.Float64).to_numpy()
