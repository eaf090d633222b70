"""The sampler against the sum over all groupings, and what it must not depend on."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from trucewatch.fuse.belong import HEAT, belong
from trucewatch.fuse.edges import Edges
from trucewatch.fuse.likelihood import COLUMNS, LAMBDA, S2, U2, T, X, Y, terms, weigh_alone
from trucewatch.fuse.sample import sample, seeds_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trucewatch.fuse.likelihood import Terms
    from trucewatch.records.sensor import SensorModel

SENSORS = ("acoustic", "camera", "imagery", "patrol", "seismic", "thermal")
SIGMA = {  # km, days
    "acoustic": (0.35, 2 / 86400),
    "camera": (0.1, 120 / 86400),
    "imagery": (0.05, 2.5),
    "patrol": (0.5, 0.125),
    "seismic": (2.0, 3 / 86400),
    "thermal": (0.3, 1 / 6),
}


class Case:
    """One component of a few reports that lie close enough to be doubtful."""

    def __init__(self, models: Mapping[str, SensorModel], *, seed: int, n: int) -> None:
        rng = np.random.default_rng(seed)
        self.models = {name: models[name] for name in SENSORS}
        self.sensor = rng.choice([0, 3, 5, 5, 5], n)
        self.matrix = np.zeros((n, COLUMNS))
        sigma = np.array([SIGMA[SENSORS[k]] for k in self.sensor])
        self.matrix[:, [X, Y]] = rng.normal(0, 0.7, (n, 2))
        self.matrix[:, T] = 20_000 + rng.normal(0, 0.3, n)
        self.matrix[:, S2], self.matrix[:, U2] = sigma[:, 0] ** 2, sigma[:, 1] ** 2 + 1e-3
        self.matrix[:, LAMBDA] = np.log(rng.uniform(0.02, 0.2, n))
        self.terms: Terms = terms(self.models, SENSORS, members_max=n)
        weigh_alone(self.matrix, self.sensor, self.terms)
        low, high = np.triu_indices(n, 1)
        self.edges = Edges(low, high, np.zeros(len(low)))
        self.component = np.zeros(n, np.int64)

    def log_weight(self, group: list[int]) -> float:
        """Log W from the definition: densities integrated by completing the square."""
        total = self.matrix[group, LAMBDA].mean()
        for k, name in enumerate(SENSORS):
            total += math.log(self.count_p(name, int((self.sensor[group] == k).sum())) or 1e-300)
        for axis, error in ((X, S2), (Y, S2), (T, U2)):
            z, w = self.matrix[group, axis], 1 / self.matrix[group, error]
            mean = (z * w).sum() / w.sum()
            total += 0.5 * np.log(w / (2 * np.pi)).sum() + 0.5 * math.log(2 * np.pi / w.sum())
            total -= 0.5 * (w * (z - mean) ** 2).sum()
        if len(group) == 1:
            alarms = self.models[SENSORS[self.sensor[group[0]]]].false_alarms_per_km2_day
            return math.log(math.exp(total) + alarms)
        return float(total)

    def count_p(self, name: str, n: int) -> float:
        m = self.models[name]
        if n == 0:
            return 1 - m.detection_p
        further = math.exp(-m.repeats_mean) * m.repeats_mean ** (n - 1) / math.factorial(n - 1)
        return m.detection_p * further * math.factorial(n)

    def exact(self) -> tuple[np.ndarray, np.ndarray, list[list[int]]]:
        """Chance of each edge, of being alone, and the likeliest grouping."""
        every = list(groupings(list(range(len(self.matrix)))))
        weight = np.array([math.fsum(self.log_weight(g) for g in p) for p in every])
        chance = np.exp(weight - weight.max())
        chance /= chance.sum()
        together = np.zeros((len(self.matrix),) * 2)
        alone = np.zeros(len(self.matrix))
        for p, groups in zip(chance, every, strict=True):
            for g in groups:
                together[np.ix_(g, g)] += p
                alone[g] += p * (len(g) == 1)
        return together[self.edges.low, self.edges.high], alone, every[int(chance.argmax())]


def groupings(rows: list[int]) -> Iterator[list[list[int]]]:
    if not rows:
        yield []
        return
    for smaller in groupings(rows[1:]):
        yield [[rows[0]], *smaller]
        for i, group in enumerate(smaller):
            yield [*smaller[:i], [rows[0], *group], *smaller[i + 1 :]]


def walked(case: Case, *, sweeps: int = 0, samples: int = 0, label: np.ndarray | None = None):
    start = np.arange(len(case.matrix)) if label is None else label
    return sample(
        case.matrix,
        case.sensor,
        (start, case.edges, case.component),
        case.terms,
        seeds=seeds_of(case.matrix),
        sweeps=sweeps,
        samples=samples,
    )


@pytest.mark.parametrize("seed", range(8))
def test_chances_are_those_of_the_sum_over_all_groupings(
    models: Mapping[str, SensorModel], seed: int
) -> None:
    case = Case(models, seed=seed, n=3 + seed % 4)
    pair_p, alone_p, _ = case.exact()

    found = walked(case, samples=20_000)

    # the error of a share of 20,000 correlated draws is below .01
    assert found.pair_p == pytest.approx(pair_p, abs=0.02)
    assert found.alone_p == pytest.approx(alone_p, abs=0.02)


def test_the_cases_are_doubtful(models: Mapping[str, SensorModel]) -> None:
    exact = [Case(models, seed=seed, n=3 + seed % 4).exact()[0] for seed in range(8)]

    doubtful = np.abs(np.concatenate(exact) - 0.5) < 0.4

    assert doubtful.sum() >= 10


def test_two_reports_need_no_luck(models: Mapping[str, SensorModel]) -> None:
    case = Case(models, seed=10, n=2)

    found = walked(case, samples=1)

    assert found.pair_p == pytest.approx(case.exact()[0], rel=1e-9)


@pytest.mark.parametrize("seed", range(8))
def test_the_search_finds_the_likeliest_grouping(
    models: Mapping[str, SensorModel], seed: int
) -> None:
    case = Case(models, seed=seed, n=6)
    _, _, likeliest = case.exact()

    found = walked(case, sweeps=30)

    expected = {q: min(g) for g in likeliest for q in g}
    assert found.label.tolist() == [expected[q] for q in range(6)]


def test_a_component_does_not_see_the_others(models: Mapping[str, SensorModel]) -> None:
    one, other = (Case(models, seed=seed, n=5) for seed in (2, 3))
    both = Case(models, seed=3, n=10)
    both.matrix[:] = np.concatenate((other.matrix, one.matrix))
    both.sensor[:] = np.concatenate((other.sensor, one.sensor))
    both.component = np.repeat([0, 5], 5)
    both.edges = Edges(
        np.concatenate((other.edges.low, one.edges.low + 5)),
        np.concatenate((other.edges.high, one.edges.high + 5)),
        np.zeros(20),
    )

    apart, together = walked(one, sweeps=12, samples=50), walked(both, sweeps=12, samples=50)

    assert together.pair_p[10:].tolist() == apart.pair_p.tolist()
    assert together.alone_p[5:].tolist() == apart.alone_p.tolist()
    assert (together.label[5:] - 5).tolist() == apart.label.tolist()


def test_the_order_of_edges_means_nothing(models: Mapping[str, SensorModel]) -> None:
    case = Case(models, seed=4, n=6)
    turned = Case(models, seed=4, n=6)
    order = np.random.default_rng(1).permutation(len(case.edges.low))
    turned.edges = Edges(*(column[order] for column in case.edges))

    found, again = walked(case, samples=20), walked(turned, samples=20)

    assert again.pair_p.tolist() == found.pair_p[order].tolist()


def test_without_samples_the_chances_are_those_of_the_grouping(
    models: Mapping[str, SensorModel],
) -> None:
    case = Case(models, seed=5, n=3)

    found = walked(case, label=np.array([0, 0, 2]))

    assert found.label.tolist() == [0, 0, 2]
    assert found.pair_p.tolist() == [1, 0, 0]
    assert found.alone_p.tolist() == [0, 0, 1]


def test_seeds_hang_on_the_report_alone(models: Mapping[str, SensorModel]) -> None:
    matrix = Case(models, seed=6, n=6).matrix

    seeds = seeds_of(matrix)

    assert seeds_of(matrix[3:]).tolist() == seeds[3:].tolist()
    assert np.unique(seeds).size == 6


@pytest.mark.parametrize("seed", range(4))
def test_belonging_is_that_of_the_sum_over_all_groupings(
    models: Mapping[str, SensorModel], seed: int
) -> None:
    case = Case(models, seed=seed, n=5)
    label = np.array([[0, 0, 2, 2, 2], [0, 1, 0, 1, 4], [0, 1, 2, 3, 4], [0, 0, 0, 0, 0]][seed])

    found = belong(
        (case.matrix, case.sensor),
        (label, case.component),
        case.terms,
        seeds=seeds_of(case.matrix),
        floor_p=0.0,
        samples=20_000,
    )

    chance = np.zeros((5, 6))
    chance[found.row, found.incident] = found.p
    assert chance == pytest.approx(fates(case, label), abs=0.02)
    assert chance.sum(axis=1) == pytest.approx(np.ones(5), abs=1e-9)


def fates(case: Case, label: np.ndarray) -> np.ndarray:
    """Chance of [report, fused group, none last], each possible truth on its own."""
    every = list(groupings(list(range(len(label)))))
    weight = np.array([math.fsum(case.log_weight(g) for g in p) for p in every]) / HEAT
    chance = np.exp(weight - weight.max())
    chance /= chance.sum()
    out = np.zeros((len(label), len(label) + 1))
    for p, groups in zip(chance, every, strict=True):
        for g in groups:
            fused = [(f, np.flatnonzero(label == f)) for f in np.unique(label)]
            standing = [(-len(m), f) for f, m in fused if 2 * np.isin(m, g).sum() > len(m)]
            to = min(standing)[1] if standing else -1
            real_p = 1.0
            if len(g) == 1:
                total = math.exp(case.log_weight(g))
                alarms = case.models[SENSORS[case.sensor[g[0]]]].false_alarms_per_km2_day
                real_p = 1 - alarms / total
            out[g, to] += p * real_p
            out[g, -1] += p * (1 - real_p)
    return out
