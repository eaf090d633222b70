"""Which distinct reports are of one incident, and how real each incident is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from trucewatch.fuse.channels import FREE, same_channel
from trucewatch.fuse.channels import once as channels_once
from trucewatch.fuse.density import (
    SHRINK_KM2_DAY,
    VOLUME_KM2_DAY,
    cell_keys,
    log_density,
    tally,
)
from trucewatch.fuse.distinct import PRECISE
from trucewatch.fuse.edges import Edges, find_edges
from trucewatch.fuse.groups import Groups, bounded, connect, grouped
from trucewatch.fuse.likelihood import (
    COLUMNS,
    LAMBDA,
    S2,
    U2,
    T,
    Terms,
    X,
    Y,
    terms,
    weigh_alone,
)
from trucewatch.fuse.links import NO_LINKS, Links, checked, linked
from trucewatch.fuse.merge import merge
from trucewatch.fuse.silence import watching
from trucewatch.fuse.weigh import REAL_P_MAX, weigh

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from trucewatch.fuse.settings import FusionSettings
    from trucewatch.records.sensor import SensorModel

_M_PER_KM = 1000.0
_S_PER_DAY = 86400.0
_US_PER_DAY = 86_400_000_000


class Clustered(NamedTuple):
    """The grouping of precise reports, and the graph that it was found on.

    Attributes:
        label: Least row of each report's incident.
        edges: Those inside components, in no order that means anything; evidence is infinite where
            an analyst put two reports together.
        component: Least row of each report's component, after the bound on its size.
    """

    label: NDArray[np.int64]
    edges: Edges
    component: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Association:
    """The grouping of the precise reports, which are the first rows.

    Attributes:
        groups: All reports by incident, incidents by least row; every imprecise one is alone.
        real_p: P(not false alarms alone), one per incident of precise reports.
        clustered: Grouping and graph.
        matrix: The precise reports for the kernels, columns of `likelihood`.
        sensor: Row in `terms` of each precise report's sensor.
        terms: The terms of the sensors that are not imprecise, by name.
    """

    groups: Groups
    real_p: NDArray[np.float64]
    clustered: Clustered
    matrix: NDArray[np.float64]
    sensor: NDArray[np.int64]
    terms: Terms


def associate(
    reports: pl.DataFrame,
    *,
    models: Mapping[str, SensorModel],
    settings: FusionSettings,
    links: Links | None = None,
    silences: pl.DataFrame | None = None,
) -> Association:
    """Return which precise reports are of one incident.

    Args:
        reports: `distinct.Distinct.reports` and their places in the local plane, `x_m` and `y_m`;
            canonical order, at least one row.
        models: Detection model of every sensor in `reports`.
        settings: The mission's.
        links: What analysts say of pairs of precise reports, if anything; refused as
            `links.checked` says.
        silences: When sensors were silent beyond chance (`silence.silences`), if known.
    """
    settings = _wide_enough(settings, links)
    sharp = sorted(set(models) - set(settings.imprecise_sensors))
    first = reports.filter(pl.col("tier") == PRECISE)
    matrix = matrix_of(first, models=models, settings=settings, silences=silences)
    sharp_terms = terms(models, sharp, members_max=settings.component_members_max)
    sensor = sensor_rows(first["sensor"], sharp)
    weigh_alone(matrix, sensor, sharp_terms)
    found = cluster(matrix, sensor, sharp_terms, settings, links, once=channels_once(first, models))
    real_p = real_p_of(matrix, sensor, found, sharp_terms)
    alone = np.arange(len(matrix), reports.height)
    return Association(
        groups=grouped(np.concatenate((found.label, alone))),
        real_p=real_p,
        clustered=found,
        matrix=matrix,
        sensor=sensor,
        terms=sharp_terms,
    )


def _wide_enough(settings: FusionSettings, links: Links | None) -> FusionSettings:
    """Return the settings with room for what analysts put together under a wider bound."""
    if links is None or not len(links.together):
        return settings
    least = np.arange(int(links.together.max()) + 1)
    connect(least, *np.ascontiguousarray(links.together.T))
    largest = int(np.bincount(least).max())
    return replace(settings, component_members_max=max(settings.component_members_max, largest))


def matrix_of(
    precise: pl.DataFrame,
    *,
    models: Mapping[str, SensorModel],
    settings: FusionSettings,
    silences: pl.DataFrame | None = None,
) -> NDArray[np.float64]:
    """Return precise reports for the kernels, every column of `likelihood` but the last.

    A sensor that did not watch at the time of a report neither counts as silent nor is expected to
    have told of other incidents: both are in the density column.

    Args:
        precise: `distinct.Distinct.reports` with `x_m` and `y_m`, the precise ones.
        models: Detection model of every sensor.
        settings: The mission's.
        silences: When sensors were silent beyond chance, if known.
    """
    sharp = sorted(set(models) - set(settings.imprecise_sensors))
    matrix = _matrix(precise)
    matrix[:, LAMBDA] = _densities(matrix, [models[name] for name in sharp], settings)
    if silences is not None and not silences.is_empty():
        watched = watching(precise["middle_us"].to_numpy(), silences, sensors=sharp)
        matrix[:, LAMBDA] += _unwatched(watched, [models[name] for name in sharp])
    return matrix


def real_p_of(
    matrix: NDArray[np.float64], sensor: NDArray[np.int64], found: Clustered, terms: Terms
) -> NDArray[np.float64]:
    """Return the chance that each incident happened, by least row.

    What an analyst put together the model may find impossible as one, and yet sure part by part:
    such an incident happened at least as surely as any of its parts.
    """
    low, high, evidence = found.edges
    real_p, _ = weigh(matrix, sensor, grouped(found.label), terms)
    if np.isfinite(evidence).all():
        return real_p
    own = np.isfinite(evidence) & (found.label[low] == found.label[high])
    part = np.arange(len(matrix))
    connect(part, low[own], high[own])
    parts = grouped(part)
    part_p, _ = weigh(matrix, sensor, parts, terms)
    incident = np.searchsorted(np.unique(found.label), found.label[parts.row[parts.start[:-1]]])
    none_log = np.bincount(incident, np.log1p(-part_p), len(real_p))
    several = np.bincount(incident, minlength=len(real_p)) > 1
    any_p = np.minimum(-np.expm1(none_log), REAL_P_MAX)
    return np.where(several, np.maximum(real_p, any_p), real_p)


def cluster(
    matrix: NDArray[np.float64],
    sensor: NDArray[np.int64],
    terms: Terms,
    settings: FusionSettings,
    links: Links | None = None,
    *,
    once: NDArray[np.int64] | None = None,
) -> Clustered:
    """Return which precise reports are of one incident.

    Args:
        matrix: Columns of `likelihood`, all of them filled, rows in canonical order.
        sensor: Row of each report's sensor in `terms`.
        terms: The sensors' terms.
        settings: The mission's.
        links: What analysts say of pairs of rows, if anything; refused as `links.checked` says.
        once: Channels that report at most once (`channels.once`), if any do.
    """
    n, members_max = len(matrix), settings.component_members_max
    links = checked(NO_LINKS if links is None else links, n, members_max=members_max)
    edges = find_edges(matrix, sensor, terms, settings)
    bound = once is not None and bool((once != FREE).any())
    if once is not None and bound:
        edges = _kept(edges, (once[edges.low] != once[edges.high]) | (once[edges.low] == FREE))
    edges = linked(edges, links, n)
    component = bounded(n, edges, members_max)
    edges = _kept(edges, component[edges.low] == component[edges.high])
    apart = links.apart
    if once is not None and bound:
        apart = np.concatenate((apart, same_channel(once, component, links.together)))
    label = merge(matrix, sensor, edges, component, terms, apart)
    return Clustered(label, edges, component)


def _kept(edges: Edges, keep: NDArray[np.bool_]) -> Edges:
    if keep.all():
        return edges
    return Edges(edges.low[keep], edges.high[keep], edges.evidence[keep])


def _matrix(reports: pl.DataFrame) -> NDArray[np.float64]:
    matrix = np.zeros((reports.height, COLUMNS))
    matrix[:, X] = reports["x_m"].to_numpy() / _M_PER_KM
    matrix[:, Y] = reports["y_m"].to_numpy() / _M_PER_KM
    matrix[:, T] = reports["middle_us"].to_numpy() / _US_PER_DAY
    matrix[:, S2] = reports["s2_m2"].to_numpy() / _M_PER_KM**2
    matrix[:, U2] = reports["u2_s2"].to_numpy() / _S_PER_DAY**2
    return matrix


def sensor_rows(sensor: pl.Series, names: list[str]) -> NDArray[np.int64]:
    """Return where each report's sensor stands in the names, sorted as in `terms`."""
    return sensor.cast(pl.Enum(names)).to_physical().to_numpy().astype(np.int64)


def _densities(
    matrix: NDArray[np.float64], sharp: list[SensorModel], settings: FusionSettings
) -> NDArray[np.float64]:
    keys = cell_keys(matrix)
    found: NDArray[np.float64] = log_density(
        keys,
        np.ones(len(keys), bool),
        tally(keys),
        _reports_mean(sharp) or 1.0,  # without precise sensors nothing is counted at all
        settings.incidents_per_km2_day,
    )
    return found


def _reports_mean(sharp: list[SensorModel]) -> float:
    return sum(model.detection_p * (1 + model.repeats_mean) for model in sharp)


def _unwatched(watched: NDArray[np.bool_], sharp: list[SensorModel]) -> NDArray[np.float64]:
    """Return what not watching adds to the log density of each report.

    The counts around it stand for a smaller part of the usual volume, and the sensors that did not
    watch are taken out of those that kept silent.
    """
    silent_log = np.array([np.log1p(-model.detection_p) for model in sharp])
    reports = np.array([_reports_mean([model]) for model in sharp])
    part = np.where(watched, reports, 0.0).sum(axis=1) / reports.sum()
    volume = np.log((SHRINK_KM2_DAY + VOLUME_KM2_DAY) / (SHRINK_KM2_DAY + VOLUME_KM2_DAY * part))
    return np.asarray(volume - np.where(watched, 0.0, silent_log).sum(axis=1))
