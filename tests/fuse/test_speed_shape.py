"""What is done for speed decides nothing: which rows are searched, and how far they spread."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from trucewatch.fuse.edges import LEVELS_D, LEVELS_KM, Edges, find_edges, level_of
from trucewatch.fuse.groups import bounded
from trucewatch.fuse.likelihood import COLUMNS, LAMBDA, S2, U2, T, X, Y, terms, weigh_alone
from trucewatch.fuse.merge import merge

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trucewatch.fuse.settings import FusionSettings
    from trucewatch.records.sensor import SensorModel

NAMES = ["acoustic", "camera", "imagery", "patrol", "seismic", "thermal"]
SIGMA_KM = np.array([0.35, 0.1, 0.05, 0.5, 2.0, 0.3])
SIGMA_D = np.array([2e-5, 1e-3, 2.5, 0.125, 3e-5, 0.17])
Drawn = tuple[np.ndarray, np.ndarray, object]


def drawn(seed: int, n: int, models: Mapping[str, SensorModel], wide_km: float = 1000.0) -> Drawn:
    """Return clumps of reports over so many km and 3 years, times since 1970, not in order."""
    rng = np.random.default_rng(seed)
    clump = rng.integers(0, n // 5, n)
    middle = rng.random((n, 3)) * (wide_km, wide_km, 1100) - (wide_km / 2, wide_km / 2, -20000)
    sensor = rng.integers(0, len(NAMES), n)
    reports = np.zeros((n, COLUMNS))
    spread_km = SIGMA_KM[sensor] * np.exp(rng.normal(0, 0.3, n))
    reports[:, X] = middle[clump, 0] + rng.normal(0, 1.5, n)
    reports[:, Y] = middle[clump, 1] + rng.normal(0, 1.5, n)
    reports[:, T] = middle[clump, 2] + rng.normal(0, 0.5, n)
    reports[:, S2], reports[:, U2] = spread_km**2, SIGMA_D[sensor] ** 2
    reports[:, LAMBDA] = np.log(rng.uniform(1e-3, 0.1, n))
    sharp = terms({name: models[name] for name in NAMES}, NAMES, members_max=256)
    weigh_alone(reports, sensor, sharp)
    return reports, sensor, sharp


def bits(edges: Edges, row: np.ndarray) -> set[tuple[int, int, int]]:
    columns = (row[edges.low], row[edges.high], edges.evidence.view(np.int64))
    return set(zip(*(column.tolist() for column in columns), strict=True))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_edges_and_incidents_of_some_rows_have_the_bits_of_the_whole(
    models: Mapping[str, SensorModel], settings: FusionSettings, seed: int
) -> None:
    reports, sensor, sharp = drawn(seed, 1500, models)
    whole = find_edges(reports, sensor, sharp, settings)
    component = bounded(1500, whole, 256)
    label = merge(reports, sensor, whole, component, sharp)
    picked = np.random.default_rng(seed).random(1500) < 0.3
    row = np.flatnonzero(np.isin(component, component[picked]))

    some = find_edges(reports[row], sensor[row], sharp, settings)
    merged = merge(reports[row], sensor[row], some, bounded(len(row), some, 256), sharp)

    inside = np.isin(whole.low, row)
    kept = Edges(*(column[inside] for column in whole))
    assert bits(some, row) == bits(kept, np.arange(1500))
    assert (row[merged] == label[row]).all()
    assert 100 < len(some.low) < len(whole.low), "too few edges show nothing"


@pytest.mark.parametrize(("seed", "wide_km"), [(4, 1000.0), (5, 1000.0), (6, 3.0)])
def test_edges_are_those_of_all_pairs_however_far_they_spread(
    models: Mapping[str, SensorModel], settings: FusionSettings, seed: int, wide_km: float
) -> None:
    """On narrow ground a column holds many reports, which are searched another way."""
    reports, sensor, sharp = drawn(seed, 700, models, wide_km)
    low, high = np.triu_indices(700, 1)
    a, b = reports[low], reports[high]
    s2, u2 = a[:, S2] + b[:, S2], a[:, U2] + b[:, U2]
    d2 = (a[:, X] - b[:, X]) ** 2 + (a[:, Y] - b[:, Y]) ** 2
    dt2 = (a[:, T] - b[:, T]) ** 2
    odds = sharp.log_count[:, 1] - sharp.log_count[:, 0]
    twice = sharp.log_count[:, 2] - sharp.log_count[:, 0]
    number = np.where(
        sensor[low] == sensor[high], twice[sensor[low]], odds[sensor[low]] + odds[sensor[high]]
    )
    alone = a[:, 6] + b[:, 6]
    normal = -1.5 * np.log(2 * np.pi) - np.log(s2) - np.log(u2) / 2 - (d2 / s2 + dt2 / u2) / 2
    evidence = (a[:, LAMBDA] + b[:, LAMBDA]) / 2 + sharp.silent_log_p + number + normal - alone
    gate2 = settings.gate**2
    near = (d2 <= gate2 * s2) & (dt2 <= gate2 * u2) & (evidence > settings.theta)

    found = find_edges(reports, sensor, sharp, settings)

    order = np.lexsort((found.high, found.low))
    assert len(np.unique(level_of(reports, np.square(LEVELS_KM), np.square(LEVELS_D)))) == 4
    assert found.low[order].tolist() == low[near].tolist()
    assert found.high[order].tolist() == high[near].tolist()
    assert found.evidence[order] == pytest.approx(evidence[near], abs=1e-9)
