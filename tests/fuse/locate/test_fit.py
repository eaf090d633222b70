"""The climb, the objective and the normal equations against slow twins."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.fuse.locate.conftest import draw_volley

from trucewatch.fuse.locate.fit import climb, cost_at
from trucewatch.fuse.locate.locate import _load, _prepare
from trucewatch.fuse.locate.solve import SINGULAR, factor, normal, slate, solve
from trucewatch.fuse.locate.start import CELLS, add_up, grid, lowest, short_steps
from trucewatch.fuse.locate.travel import LOG_IN, LOG_OUT, PICK_COLUMNS, ROW_COLUMNS, R, linearise

WEATHER = {"wind_sigma_m_s": 5.0, "speed_sigma_m_s": 1.8, "outlier_p": 0.1}


def loaded(**weather: float) -> tuple:
    stations, volley, shots, settings = draw_volley(1, 8, **weather)
    arrivals, frame, box = _prepare(shots, stations, settings)
    picks, station = np.empty((8, PICK_COLUMNS)), np.empty(8, np.int64)
    _load(arrivals, 0, frame, station, picks)
    at = np.array([*(volley.place_m[0] - box[:2]), 1.0, -2.0, 0.5])
    return picks, station, arrivals.place_m, frame, at


def test_normal_equations_agree_with_dense_least_squares() -> None:
    picks, _, _, frame, at = loaded(**WEATHER)
    weight = np.linspace(0.2, 1.0, 8)
    working, rows = slate(8), np.zeros((8, ROW_COLUMNS))
    linearise(at, picks, 8, frame, working.rows)
    linearise(at, picks, 8, frame, rows)
    full = np.column_stack([rows[:, :5], np.ones(8)])
    information = full.T @ (weight[:, None] * full) + np.diag([*frame.precision, 0.0])
    right = full.T @ (weight * rows[:, R]) - np.array([*(frame.precision * at), 0.0])

    normal(working.rows, weight, 8, at, frame, working)
    log_det = factor(working, 5, 0.0)
    solve(working, 5)

    np.testing.assert_allclose(
        working.small["step"], np.linalg.solve(information, right)[:5], rtol=1e-6
    )
    dense = np.linalg.slogdet(information)[1] - math.log(weight.sum())
    assert log_det == pytest.approx(dense, abs=1e-6)


def test_a_singular_matrix_is_told_apart() -> None:
    working = slate(3)
    working.small["matrix"][:2, :2] = [[1.0, 1.0], [1.0, 1.0]]

    assert factor(working, 2, 0.0) == SINGULAR


def test_the_mixture_objective_agrees_with_the_slow_twin() -> None:
    picks, _, _, frame, at = loaded(**WEATHER)
    weight, working = np.ones(8), slate(8)
    picks[2, 2] += 3.0

    cost = cost_at(at, picks, weight, frame, working, True)

    residual = working.rows[:, R]
    tried = np.median(residual) + np.linspace(-5, 5, 5001)
    slow = min(mixture_slow(residual, t0, picks) for t0 in tried)
    prior = sum(frame.precision[a] * at[a] ** 2 for a in range(2, 5))
    assert cost == pytest.approx(slow + prior, abs=0.05)
    assert weight[2] < 1e-6


def mixture_slow(residual: np.ndarray, t0: float, picks: np.ndarray) -> float:
    total = 0.0
    for r, p in zip(residual, picks, strict=True):
        total -= 2 * math.log(math.exp(p[LOG_IN] - (r - t0) ** 2 / 2) + math.exp(p[LOG_OUT]))
    return total


@pytest.mark.parametrize("robust", [False, True])
def test_the_climb_ends_where_no_small_step_is_better(robust: bool) -> None:
    picks, _, _, frame, at = loaded(**WEATHER)
    at[:2] += [300.0, -200.0]
    weight, working = np.ones(8), slate(8)

    cost = climb(at, picks, weight, frame, working, robust)

    rng = np.random.default_rng(0)
    for _ in range(50):
        near = at + rng.normal(0, [5, 5, 0.5, 0.5, 0.2])
        assert cost_at(near, picks, weight.copy(), frame, working, robust) > cost - 1e-3


def test_the_climb_stays_in_the_searched_square() -> None:
    picks, _, _, frame, at = loaded(time_sigma_s=0.05)
    picks[:, 2] += np.linspace(0, 200, 8)

    climb(at, picks, np.ones(8), frame, slate(8), False)

    assert abs(at[:2]).max() <= frame.half_m


def test_the_grid_and_its_minima_agree_with_plain_numpy() -> None:
    picks, station, places, frame, _ = loaded(time_sigma_s=0.05)
    coarse = grid(places, frame, 8)

    add_up(coarse, station, picks, 8, frame)
    lowest(coarse, 6)

    away = np.hypot(*(coarse.node_m[:, None] - picks[None, :, :2]).transpose(2, 0, 1))
    residual = picks[:, 2] - away / frame.speed_m_s
    misfit = 8 * residual.var(axis=1)
    np.testing.assert_allclose(coarse.sums["misfit"], misfit, rtol=1e-3, atol=1e-3)
    listed = coarse.sums["node"][coarse.sums["node"] >= 0]
    assert listed[0] == np.argmin(misfit)
    padded = np.pad(misfit.reshape(CELLS, CELLS), 1, constant_values=np.inf)
    for node in listed:
        i, j = divmod(int(node), CELLS)
        cross = [padded[i, j + 1], padded[i + 2, j + 1], padded[i + 1, j], padded[i + 1, j + 2]]
        assert misfit[node] <= min(cross) + 1e-3


def test_short_steps_come_near_the_source_from_the_best_node() -> None:
    picks, station, places, frame, at = loaded(time_sigma_s=0.01)
    coarse = grid(places, frame, 8)
    add_up(coarse, station, picks, 8, frame)
    lowest(coarse, 6)
    x, y = coarse.node_m[coarse.sums["node"][0]]

    x, y, score = short_steps(x, y, picks, np.ones(8), frame, coarse)

    assert math.hypot(x - at[0], y - at[1]) < 50.0
    assert score < 50.0
