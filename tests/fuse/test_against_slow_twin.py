"""The compiled kernels against the plainest program that says the same."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from trucewatch.fuse.associate import associate
from trucewatch.fuse.density import CELL_D, CELL_KM, SHRINK_KM2_DAY
from trucewatch.fuse.distinct import distinct
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


class Twin:
    """Everything from scratch, every time: no sufficient statistics, no cells, no arrays."""

    def __init__(
        self, reports: list[Report], models: Mapping[str, SensorModel], settings: FusionSettings
    ) -> None:
        self.reports, self.models, self.settings = reports, models, settings
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
        """Chance of n reports, times n! for which is which."""
        m = self.models[sensor]
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
        if min(chances) == 0:
            return -math.inf
        density = math.fsum(self.log_density[r.id] for r in group) / len(group)
        return density + math.fsum(map(math.log, chances)) + self.integral_log(group)

    def log_weight(self, group: list[Report]) -> float:
        real = self.real_log(group)
        if len(group) > 1:
            return real
        return math.log(math.exp(real) + self.models[group[0].sensor].false_alarms_per_km2_day)

    def gain(self, a: list[Report], b: list[Report]) -> float:
        return self.log_weight(a + b) - self.log_weight(a) - self.log_weight(b)

    def joined(self, a: Report, b: Report) -> float | None:
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


def _found(table: pl.DataFrame, world: object) -> tuple[list[list[int]], object]:
    found = associate(table, models=world.models, settings=world.settings)
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


def test_chances_are_those_of_the_slow_twin(world: Callable[..., object]) -> None:
    drawn = world(seed=4, incidents=60, density=4e-3, width_km=20.0, days=4.0)
    table, reports = _reports(drawn)
    twin = Twin(reports, drawn.models, drawn.settings)

    _, found = _found(table, drawn)

    groups = np.split(found.groups.row, found.groups.start[1:-1])
    for real_p, rows in zip(found.real_p, groups, strict=True):
        group = [reports[i] for i in rows]
        alarms = math.fsum(math.log(drawn.models[r.sensor].false_alarms_per_km2_day) for r in group)
        expected = min(1 / (1 + math.exp(alarms - twin.real_log(group))), 1 - 1e-6)
        assert real_p == pytest.approx(expected, rel=1e-9)
        for r in group if len(group) > 1 else []:
            gain = twin.gain([other for other in group if other is not r], [r])
            assert found.membership_p[r.id] == pytest.approx(1 / (1 + math.exp(-gain)), rel=1e-8)
