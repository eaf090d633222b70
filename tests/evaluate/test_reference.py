"""References that know more than fusion: against slow twins, and in due order."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trucewatch.evaluate.association import Plan, setting_of
from trucewatch.evaluate.consensus import consensus
from trucewatch.evaluate.reference import Effort, known_density, known_incidents, precise
from trucewatch.evaluate.scored import f1, trial_of
from trucewatch.fuse.edges import Edges
from trucewatch.fuse.likelihood import S2, U2, T, X, Y
from trucewatch.simulate.trials import reports

DAY_0 = reports.START_US / 86_400_000_000


def worth(label: np.ndarray, chance: np.ndarray) -> float:
    """Return expected precision plus expected recall, straight from the definition."""
    size = chance.sum(axis=1)
    total = 0.0
    for i in range(len(label)):
        same = [j for j in range(len(label)) if label[j] == label[i]]
        total += sum(chance[i, j] for j in same) / len(same)
        total += sum(chance[i, j] for j in same) / size[i]
    return total


def climb(label: np.ndarray, chance: np.ndarray) -> np.ndarray:
    """Move single reports, in order, to the group or out of it where the worth grows most."""
    label = label.copy()
    for _ in range(20):
        moved = False
        for i in range(len(label)):
            stay = worth(label, chance)
            tried = []
            alone = label.max() + 1
            for group in sorted({*label.tolist(), alone}):
                other = label.copy()
                other[i] = group
                if chance[i, label == group].sum() > 0 or group == alone:
                    tried.append((worth(other, chance), other))
            best = max(tried, key=lambda pair: pair[0])
            if best[0] > stay + 1e-9:
                label, moved = best[1], True
        if not moved:
            break
    return label


def groupings(n: int) -> list[np.ndarray]:
    """Return every grouping of n reports."""
    found = [[0]]
    for _ in range(n - 1):
        found = [[*g, new] for g in found for new in range(max(g) + 2)]
    return [np.array(g) for g in found]


def edges_of(chance: np.ndarray) -> tuple[Edges, np.ndarray]:
    low, high = np.triu_indices(len(chance), 1)
    kept = chance[low, high] > 0
    low, high = low[kept].astype(np.int64), high[kept].astype(np.int64)
    return Edges(low, high, np.zeros(len(low))), chance[low, high]


def component_of(n: int, edges: Edges) -> np.ndarray:
    least = np.arange(n)
    for _ in range(n):
        for a, b in zip(edges.low, edges.high, strict=True):
            least[[a, b]] = min(least[a], least[b])
    return least


def same_groups(one: np.ndarray, other: np.ndarray) -> bool:
    return bool(((one[:, None] == one) == (other[:, None] == other)).all())


@st.composite
def chances(draw: st.DrawFn) -> np.ndarray:
    """Draw chances without ties, at which the twins may rightly part."""
    n, gaps_p = draw(st.integers(2, 7)), draw(st.sampled_from([0.0, 0.3, 0.6]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    upper = np.triu(rng.uniform(0.01, 0.99, (n, n)) * (rng.random((n, n)) >= gaps_p), 1)
    return upper + upper.T + np.eye(n)


@settings(max_examples=80, deadline=None)
@given(chances())
def test_consensus_climbs_as_its_slow_twin_does(chance: np.ndarray) -> None:
    edges, pair_p = edges_of(chance)
    component = component_of(len(chance), edges)

    found = consensus(component, edges, component, pair_p)

    assert worth(found, chance) == pytest.approx(worth(climb(component, chance), chance), abs=1e-6)
    assert worth(found, chance) >= worth(component, chance) - 1e-9
    assert all(found[found[i]] == found[i] <= i for i in range(len(found)))


def test_consensus_reaches_the_best_of_all_groupings_where_chances_are_clear() -> None:
    rng = np.random.default_rng(5)

    for _ in range(20):
        true = rng.integers(0, 3, 6)
        chance = np.where(true[:, None] == true, 0.9, 0.1) + rng.uniform(-0.08, 0.08, (6, 6))
        chance = (chance + chance.T) / 2
        np.fill_diagonal(chance, 1.0)
        edges, pair_p = edges_of(chance)
        found = consensus(np.arange(6), edges, np.zeros(6, np.int64), pair_p)
        best = max(worth(g, chance) for g in groupings(6))

        assert worth(found, chance) == pytest.approx(best)


def test_consensus_leaves_certain_groups_and_other_components_alone() -> None:
    label = np.array([0, 1, 0, 3, 1])
    edges = Edges(np.array([1, 0]), np.array([4, 2]), np.zeros(2))
    component = np.array([0, 1, 0, 3, 1])

    found = consensus(label, edges, component, np.array([1.0, 1.0]))

    assert found.tolist() == label.tolist()


def test_consensus_does_not_hang_on_the_order_of_edges() -> None:
    rng = np.random.default_rng(8)
    chance = rng.uniform(0.05, 0.95, (9, 9))
    chance = np.triu(chance, 1) + np.triu(chance, 1).T + np.eye(9)
    edges, pair_p = edges_of(chance)
    start, one = np.arange(9), np.zeros(9, np.int64)
    order = rng.permutation(len(pair_p))

    turned = consensus(start, Edges(*(e[order] for e in edges)), one, pair_p[order])

    assert turned.tolist() == consensus(start, edges, one, pair_p).tolist()


@pytest.fixture(scope="module")
def trial():
    return trial_of(reports.draw(setting_of(Plan(reports=700), seed=9001)))


def sharp(trial) -> dict:
    return {k: m for k, m in trial.seen.models.items() if k not in reports.IMPRECISE}


def place_of(trial) -> np.ndarray:
    return trial.truth.place + np.array([0, 0, DAY_0])


def density_of(trial, matrix: np.ndarray) -> np.ndarray:
    return trial.truth.log_density(matrix[:, X], matrix[:, Y], matrix[:, T] - DAY_0)


def test_known_incidents_are_those_of_the_slow_twin(trial) -> None:
    reported = precise(trial.table, sharp(trial))
    place = place_of(trial)

    found = known_incidents(reported, place)

    for row, r in enumerate(reported.matrix):
        model = reported.models[reported.sensor[row]]
        away = ((place[:, 0] - r[X]) ** 2 + (place[:, 1] - r[Y]) ** 2) / r[S2]
        away += (place[:, 2] - r[T]) ** 2 / r[U2]
        normal = np.exp(-0.5 * away) / (math.tau**1.5 * r[S2] * math.sqrt(r[U2]))
        sent = model.detection_p * (1 + model.repeats_mean) * normal
        false = sent.max() < model.false_alarms_per_km2_day
        assert found[row] == (len(place) + row if false else sent.argmax())


def test_a_report_far_from_every_incident_is_a_false_alarm(trial) -> None:
    far = trial.table.with_columns(pl.col("y_m") + 1e7)
    place = place_of(trial)

    found = known_incidents(precise(far, sharp(trial)), place)

    assert found.tolist() == (len(place) + np.arange(far.height)).tolist()


def test_one_known_incident_is_enough() -> None:
    model = reports.models()["acoustic"]
    table = pl.DataFrame(
        {
            "sensor": ["acoustic", "acoustic"], "x_m": [0.0, 0.0], "y_m": [0.0, 9e4],
            "middle_us": [reports.START_US] * 2, "s2_m2": [1e5, 1e5], "u2_s2": [4.0, 4.0],
        }
    )  # fmt: skip

    found = known_incidents(precise(table, {"acoustic": model}), np.array([[0.0, 0.0, DAY_0]]))

    assert found.tolist() == [0, 2]


def test_the_true_density_lies_between_fusion_and_the_known_incidents(trial) -> None:
    reported = precise(trial.table, sharp(trial))
    place = place_of(trial)

    informed = known_density(reported, density_of(trial, reported.matrix), seed=1)

    known = f1(trial.incident, known_incidents(reported, place))
    for label in informed:
        assert 0.94 < f1(trial.incident, label) <= known + 0.005
        assert (label <= np.arange(len(label))).all()


def test_the_reference_is_the_same_each_time_and_leaves_its_input_alone(trial) -> None:
    reported = precise(trial.table, sharp(trial))
    density, before = density_of(trial, reported.matrix), reported.matrix.copy()

    once = known_density(reported, density, seed=3, effort=Effort(4, 10))
    again = known_density(reported, density, seed=3, effort=Effort(4, 10))

    assert all(np.array_equal(a, b) for a, b in zip(once, again, strict=True))
    assert np.array_equal(reported.matrix, before)
