"""The compiled kernels against the plainest program that says the same."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from trucewatch.fuse.associate import associate
from trucewatch.fuse.density import (
    CELL_D,
    CELL_KM,
    SHRINK_KM2_DAY,
    cell_keys,
    count_cells,
    log_density,
)
from trucewatch.fuse.distinct import distinct
from trucewatch.fuse.edges import Edges
from trucewatch.fuse.groups import bounded, grouped
from trucewatch.fuse.likelihood import COLUMNS, T, X, Y
from trucewatch.fuse.links import NO_LINKS, Links
from trucewatch.fuse.weigh import evidence_of
from trucewatch.geo.plane import Plane

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import polars as pl

    from trucewatch.fuse.settings import FusionSettings
    from trucewatch.records.sensor import SensorModel


@dataclass(frozen=True)
class Report:
    id: int
    x: float  # km
    y: float
    t: float  # days
    s2: float
    u2: float
    sensor: str


def ids(group: list[Report]) -> set[int]:
    return {r.id for r in group}


class Twin:
    """Everything from scratch, every time: no sufficient statistics, no cells, no arrays."""

    def __init__(
        self,
        reports: list[Report],
        models: Mapping[str, SensorModel],
        settings: FusionSettings,
        links: Links = NO_LINKS,
    ) -> None:
        self.reports, self.models, self.settings = reports, models, settings
        self.together, self.apart = (
            {tuple(sorted(p)) for p in said.tolist()} for said in links[:2]
        )
        self.log_density = {r.id: math.log(self.density(r)) for r in reports}

    def density(self, at: Report) -> float:
        weight = 0
        for other in self.reports:
            if other.id == at.id:
                continue
            steps = [
                abs(math.floor(getattr(other, axis) / size) - math.floor(getattr(at, axis) / size))
                for axis, size in (("x", CELL_KM), ("y", CELL_KM), ("t", CELL_D))
            ]
            weight += math.prod(max(0, 2 - step) for step in steps)
        per_incident = sum(m.detection_p * (1 + m.repeats_mean) for m in self.models.values())
        mean = self.settings.incidents_per_km2_day
        volume = 8 * CELL_KM**2 * CELL_D
        return (SHRINK_KM2_DAY * mean + weight / 8 / per_incident) / (SHRINK_KM2_DAY + volume)

    def count_p(self, sensor: str, n: int) -> float:
        """Chance of n reports, times n! for which is which; an analyst's surplus counts as one."""
        m = self.models[sensor]
        if m.repeats_mean == 0:
            n = min(n, 1)
        if n == 0:
            return 1 - m.detection_p
        further = math.exp(-m.repeats_mean) * m.repeats_mean ** (n - 1) / math.factorial(n - 1)
        return m.detection_p * further * math.factorial(n)

    def integral_log(self, group: list[Report]) -> float:
        """Log of the integral of the product of the normal densities of all members."""
        total = 0.0
        for axis, error in (("x", "s2"), ("y", "s2"), ("t", "u2")):
            z = [getattr(r, axis) for r in group]
            w = [1 / getattr(r, error) for r in group]
            mean = math.fsum(a * b for a, b in zip(z, w, strict=True)) / math.fsum(w)
            total += math.fsum(0.5 * math.log(b / (2 * math.pi)) for b in w)
            total += 0.5 * math.log(2 * math.pi / math.fsum(w))
            total -= 0.5 * math.fsum(b * (a - mean) ** 2 for a, b in zip(z, w, strict=True))
        return total

    def real_log(self, group: list[Report]) -> float:
        """Log weight of a group as one incident."""
        number = Counter(r.sensor for r in group)
        chances = [self.count_p(name, number[name]) for name in self.models]
        density = math.fsum(self.log_density[r.id] for r in group) / len(group)
        return density + math.fsum(map(math.log, chances)) + self.integral_log(group)

    def log_weight(self, group: list[Report]) -> float:
        real = self.real_log(group)
        if len(group) > 1:
            return real
        return math.log(math.exp(real) + self.models[group[0].sensor].false_alarms_per_km2_day)

    def gain(self, a: list[Report], b: list[Report]) -> float:
        once = {name for name, m in self.models.items() if m.repeats_mean == 0}
        if {r.sensor for r in a} & {r.sensor for r in b} & once:
            return -math.inf
        if {tuple(sorted((r.id, q.id))) for r in a for q in b} & self.apart:
            return -math.inf
        return self.log_weight(a + b) - self.log_weight(a) - self.log_weight(b)

    def joined(self, a: Report, b: Report) -> float | None:
        if (a.id, b.id) in self.together:
            return math.inf
        g2 = self.settings.gate**2
        if (a.t - b.t) ** 2 > g2 * (a.u2 + b.u2):
            return None
        if (a.x - b.x) ** 2 + (a.y - b.y) ** 2 > g2 * (a.s2 + b.s2):
            return None
        evidence = self.gain([a], [b])
        return evidence if evidence > self.settings.theta else None

    def parts(self, edges: dict[tuple[int, int], float]) -> dict[int, int]:
        """Kruskal with a bound; where no component is above it, plain components."""
        part = {r.id: {r.id} for r in self.reports}
        unbounded = part.copy()
        for i, j in edges:
            if unbounded[i] is not unbounded[j]:
                both = unbounded[i] | unbounded[j]
                unbounded.update(dict.fromkeys(both, both))
        if max(len(p) for p in unbounded.values()) <= self.settings.component_members_max:
            return {i: min(p) for i, p in unbounded.items()}
        for (i, j), _ in sorted(edges.items(), key=lambda e: (-e[1], e[0])):
            both = part[i] | part[j]
            if len(both) <= self.settings.component_members_max:
                part.update(dict.fromkeys(both, both))
        return {i: min(p) for i, p in part.items()}

    def incidents(self) -> list[list[int]]:
        edges = {
            (a.id, b.id): e
            for a, b in itertools.combinations(self.reports, 2)
            if (e := self.joined(a, b)) is not None
        }
        part = self.parts(edges)
        near = {(i, j) for i, j in edges if part[i] == part[j]}
        groups = {r.id: [r] for r in self.reports}
        for pair in self.together:
            i, j = sorted(next(g for g in groups if pair[k] in ids(groups[g])) for k in (0, 1))
            if i != j:
                groups[i] += groups.pop(j)
        head = {r.id: i for i, g in groups.items() for r in g}
        near = {tuple(sorted((head[i], head[j]))) for i, j in near if head[i] != head[j]}
        while True:
            gains = {(i, j): self.gain(groups[i], groups[j]) for i, j in sorted(near)}
            best = max(gains, key=lambda pair: (gains[pair], -pair[0], -pair[1]), default=None)
            if best is None or gains[best] <= 0:
                return sorted(sorted(r.id for r in g) for g in groups.values())
            i, j = best
            groups[i] += groups.pop(j)
            renamed = {tuple(sorted(i if k == j else k for k in pair)) for pair in near}
            near = {(a, b) for a, b in renamed if a != b}


def _reports(world: object) -> tuple[pl.DataFrame, list[Report]]:
    table = distinct(world.observations, models=world.models, settings=world.settings).reports
    plane = Plane(
        centre_lat_deg=world.settings.centre_lat_deg, centre_lon_deg=world.settings.centre_lon_deg
    )
    x_m, y_m = plane.project(table["lon_deg"].to_numpy(), table["lat_deg"].to_numpy())
    table = table.with_columns(x_m=x_m, y_m=y_m)
    rows = table.select(
        "distinct", "x_m", "y_m", "middle_us", "s2_m2", "u2_s2", "sensor"
    ).iter_rows()
    made = [
        Report(i, x / 1e3, y / 1e3, us / 86_400_000_000, s2 / 1e3**2, u2 / 86400.0**2, name)
        for i, x, y, us, s2, u2, name in rows
    ]
    return table, made


def _found(
    table: pl.DataFrame, world: object, links: Links = NO_LINKS
) -> tuple[list[list[int]], object]:
    found = associate(table, models=world.models, settings=world.settings, links=links)
    pieces = np.split(found.groups.row, found.groups.start[1:-1])
    return sorted(p.tolist() for p in pieces), found


@pytest.mark.parametrize("density", [1e-4, 4e-3, 0.1])
@pytest.mark.parametrize("seed", [1, 2])
def test_groups_are_those_of_the_slow_twin(
    world: Callable[..., object], density: float, seed: int
) -> None:
    drawn = world(seed=seed, incidents=60, density=density, width_km=20.0, days=4.0)
    table, reports = _reports(drawn)

    found, _ = _found(table, drawn)

    assert found == Twin(reports, drawn.models, drawn.settings).incidents()
    assert len(found) < len(reports), "a world in which nothing joins shows nothing"


def test_a_cut_component_is_that_of_the_slow_twin(world: Callable[..., object]) -> None:
    drawn = world(seed=3, incidents=60, density=0.3, width_km=10.0, days=2.0)
    small = replace(drawn, settings=replace(drawn.settings, component_members_max=3, theta=0.0))
    table, reports = _reports(drawn)

    whole, _ = _found(table, drawn)
    found, _ = _found(table, small)

    assert found == Twin(reports, small.models, small.settings).incidents()
    assert max(map(len, found)) <= 3 < max(map(len, whole))


@pytest.mark.parametrize("seed", range(6))
def test_linked_groups_are_those_of_the_slow_twin(world: Callable[..., object], seed: int) -> None:
    drawn = world(seed=10 + seed % 3, incidents=50, density=0.05, width_km=10.0, days=3.0)
    table, reports = _reports(drawn)
    plain, free = _found(table, drawn)
    links = drawn_links(np.random.default_rng(seed), free)

    found, _ = _found(table, drawn, links)

    assert found == Twin(reports, drawn.models, drawn.settings, links).incidents()
    assert found != plain, "links that change nothing show nothing"


def drawn_links(rng: np.random.Generator, free: object) -> Links:
    """Put a few reports together that were not, some along edges, and a few members apart."""
    edges, label = free.clustered.edges, free.clustered.label
    between = np.flatnonzero(label[edges.low] != label[edges.high])
    inside = np.flatnonzero(label[edges.low] == label[edges.high])
    at, off = rng.choice(between, 3), rng.choice(inside, 4)
    far = rng.integers(0, len(label), (2, 2))
    together = np.concatenate((np.column_stack((edges.high[at], edges.low[at])), far))
    apart = np.column_stack((edges.low[off], edges.high[off]))
    _, part = connected_components(coo_array((np.ones(5), together.T), shape=(len(label),) * 2))
    return Links(together, apart[part[apart[:, 0]] != part[apart[:, 1]]])


def test_a_linked_and_cut_component_is_that_of_the_slow_twin(
    world: Callable[..., object],
) -> None:
    drawn = world(seed=3, incidents=60, density=0.3, width_km=10.0, days=2.0)
    small = replace(drawn, settings=replace(drawn.settings, component_members_max=5, theta=0.0))
    table, reports = _reports(drawn)
    _, free = _found(table, small)
    links = drawn_links(np.random.default_rng(1), free)

    found, linked = _found(table, small, links)

    assert found == Twin(reports, small.models, small.settings, links).incidents()
    assert np.bincount(linked.clustered.component).max() == 5


def test_edges_are_those_of_the_slow_twin(world: Callable[..., object]) -> None:
    drawn = world(seed=5, incidents=80, density=0.05, width_km=10.0, days=3.0)
    table, reports = _reports(drawn)
    twin = Twin(reports, drawn.models, drawn.settings)
    expected = {
        (a.id, b.id): evidence
        for a, b in itertools.combinations(reports, 2)
        if (evidence := twin.joined(a, b)) is not None
    }

    _, found = _found(table, drawn)

    low, high, evidence = found.clustered.edges
    pairs = list(zip(low.tolist(), high.tolist(), strict=True))
    assert sorted(pairs) == sorted(expected)
    assert evidence.tolist() == pytest.approx([expected[pair] for pair in pairs], rel=1e-9)


def test_chances_are_those_of_the_slow_twin(world: Callable[..., object]) -> None:
    drawn = world(seed=4, incidents=60, density=4e-3, width_km=20.0, days=4.0)
    table, reports = _reports(drawn)
    twin = Twin(reports, drawn.models, drawn.settings)

    _, found = _found(table, drawn)

    evidence = evidence_of(found.matrix, found.sensor, found.groups, found.terms)
    groups = np.split(found.groups.row, found.groups.start[1:-1])
    for real_p, rows in zip(found.real_p, groups, strict=True):
        group = [reports[i] for i in rows]
        alarms = math.fsum(math.log(drawn.models[r.sensor].false_alarms_per_km2_day) for r in group)
        expected = min(1 / (1 + math.exp(alarms - twin.real_log(group))), 1 - 1e-6)
        assert real_p == pytest.approx(expected, rel=1e-9)
        for r in group if len(group) > 1 else []:
            gain = twin.gain([other for other in group if other is not r], [r])
            assert evidence[r.id] == pytest.approx(gain, rel=1e-8, abs=1e-8)


@pytest.mark.parametrize("days", [3.0, 2000.0])
def test_densities_are_those_of_the_slow_twin(days: float) -> None:
    """Long columns of ground are searched another way than short ones."""
    rng = np.random.default_rng(6)
    reports = np.zeros((600, COLUMNS))
    reports[:, [X, Y]] = rng.normal(0, 6, (600, 2))
    reports[:, T] = rng.uniform(-1, days, 600)
    own = rng.random(600) < 0.8
    cell = np.floor(reports[:, [X, Y, T]] / (CELL_KM, CELL_KM, CELL_D))

    found = log_density(cell_keys(reports), own, count_cells(reports[own]), 1.3, 4e-3)

    for i in range(600):
        weight = np.maximum(0, 2 - np.abs(cell - cell[i])).prod(axis=1)
        weight[i] = 0
        seen = weight[own].sum() / 8 / 1.3
        volume = SHRINK_KM2_DAY + 8 * CELL_KM**2 * CELL_D
        assert found[i] == pytest.approx(math.log((SHRINK_KM2_DAY * 4e-3 + seen) / volume))


@pytest.mark.parametrize("members_max", [5, 200])
def test_components_are_those_of_a_plain_search(members_max: int) -> None:
    rng = np.random.default_rng(members_max)
    pairs = np.unique(np.sort(rng.integers(0, 200, (150, 2)), axis=1), axis=0)
    low, high = pairs[pairs[:, 0] < pairs[:, 1]].T
    evidence = rng.choice([1.0, 2.0, 3.0], len(low))
    part = {i: {i} for i in range(200)}
    whole = connected_components(coo_array((evidence, (low, high)), shape=(200, 200)))[1]
    order = np.lexsort((high, low, -evidence))
    for i, j in zip(low[order].tolist(), high[order].tolist(), strict=True):
        fits = len(part[i] | part[j]) <= members_max
        if fits or (whole == whole[i]).sum() <= members_max:
            both = part[i] | part[j]
            part.update(dict.fromkeys(both, both))

    found = bounded(200, Edges(low, high, evidence), members_max)

    assert found.tolist() == [min(part[i]) for i in range(200)]
    assert np.bincount(whole).max() > 5, "a world in which nothing is cut shows nothing"
    groups = grouped(found)
    pieces = [p.tolist() for p in np.split(groups.row, groups.start[1:-1])]
    assert pieces == [np.flatnonzero(found == r).tolist() for r in np.unique(found)]
