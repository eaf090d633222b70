"""Arrivals that belong to something else, and the evidence of choices against dense algebra."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from tests.fuse.locate.conftest import draw_volley

from trucewatch.evaluate.cramer_rao import bound
from trucewatch.fuse.locate.locate import _load, _prepare, locate
from trucewatch.fuse.locate.outlier import evidence
from trucewatch.fuse.locate.posterior import choose, is_doubtful
from trucewatch.fuse.locate.records import Shots
from trucewatch.fuse.locate.solve import slate
from trucewatch.fuse.locate.travel import PICK_COLUMNS, ROW_COLUMNS, R, linearise

WIND = {"wind_sigma_m_s": 5.0, "speed_sigma_m_s": 1.8}


def test_evidence_agrees_with_dense_gaussian_algebra() -> None:
    stations, volley, shots, settings = draw_volley(1, 7, **WIND, outlier_p=0.1)
    arrivals, frame, box = _prepare(shots, stations, settings)
    picks, station = np.empty((7, PICK_COLUMNS)), np.empty(7, np.int64)
    _load(arrivals, 0, frame, station, picks)
    at = np.array([*(volley.place_m[0] - box[:2] + [30.0, -20.0]), 0.0, 0.0, 0.0])
    working, rows = slate(7), np.zeros((7, ROW_COLUMNS))
    linearise(at, picks, 7, frame, rows)
    linearise(at, picks, 7, frame, working.kept)

    given, slow = [], []
    for out in [(), (2,), (0, 5)]:
        weight = np.ones(7)
        weight[list(out)] = 0.0
        assert evidence(at, picks, weight, frame, working)
        given.append(working.small["found"].copy())
        slow.append(evidence_slow(at, picks, rows, weight > 0, frame.precision))

    for quick, dense in zip(given, slow, strict=True):
        np.testing.assert_allclose(quick[:5], dense[:5], rtol=1e-6)
    rises = [g[5] - given[0][5] for g in given], [s[5] - slow[0][5] for s in slow]
    np.testing.assert_allclose(*rises, atol=1e-6)


def evidence_slow(
    at: np.ndarray, picks: np.ndarray, rows: np.ndarray, taken: np.ndarray, precision: np.ndarray
) -> list[float]:
    full = np.column_stack([rows[taken, :5], -np.ones(taken.sum())])
    information = full.T @ full + np.diag([*precision, 0.0])
    right = full.T @ rows[taken, R]
    step = np.linalg.solve(information, right)
    cost = rows[taken, R] @ rows[taken, R] - right @ step
    log_p = picks[taken, 4].sum() + picks[~taken, 5].sum()
    log_p -= 0.5 * (cost + np.linalg.slogdet(information)[1])
    # the sign of the last column is that of -t0; place is not touched by it
    cov = np.linalg.inv(information)
    return [at[0] + step[0], at[1] + step[1], cov[0, 0], cov[0, 1], cov[1, 1], log_p]


def test_one_gross_outlier_costs_its_own_information_only() -> None:
    stations, volley, shots, settings = draw_volley(300, 8, outlier_p=0.01)
    time = shots.time_s.copy()
    time[:, 3] += 4.0
    outlier = volley.outlier.copy()
    outlier[:, 3] = True

    found = locate(Shots(station=shots.station, time_s=time), stations, settings)

    least = np.trace(bound(stations, volley.place_m, shots.station, settings, outlier),
                     axis1=1, axis2=2)  # fmt: skip
    error2 = ((found.place_m - volley.place_m) ** 2).sum(axis=1)
    known = np.nan_to_num(least, nan=np.inf) < 1e5
    assert known.sum() > 250
    assert np.median(error2[known] / least[known]) < 1.2
    assert (error2[known] > 100 * least[known]).mean() < 0.02


def test_a_wrong_bearing_leaves_with_its_arrival() -> None:
    stations, volley, shots, settings = draw_volley(200, 8, outlier_p=0.02, bearing_sigma_rad=0.02)
    bearing = shots.bearing_rad.copy()
    bearing[:, 0] += 1.5

    found = locate(
        Shots(station=shots.station, time_s=shots.time_s, bearing_rad=bearing), stations, settings
    )

    error_m = np.hypot(*(found.place_m - volley.place_m).T)
    assert np.median(error_m) < 25.0
    assert np.quantile(error_m, 0.95) < 300.0


def test_weights_of_the_components_are_probabilities() -> None:
    stations, _, shots, settings = draw_volley(200, 6, **WIND, outlier_p=0.2)

    found = locate(shots, stations, settings)

    sums = np.add.reduceat(found.weight, found.start[:-1])
    np.testing.assert_allclose(sums, 1.0)
    determinant = np.linalg.det(found.component_cov_m2[:, [0, 1, 1, 2]].reshape(-1, 2, 2))
    assert (determinant > 0).all()


@pytest.mark.parametrize("member", [[1.0, 0.5, 1e-9, 0.9], [1.0, 1.0, 1.0, 0.2]])
def test_every_choice_of_doubtful_arrivals_is_made_once(member: list[float]) -> None:
    given = np.array(member)
    doubtful = [k for k in range(4) if is_doubtful(given[k])]
    expected = {
        tuple(member[k] >= 0.5 if k not in doubtful else on[doubtful.index(k)] for k in range(4))
        for on in itertools.product([False, True], repeat=len(doubtful))
    }
    choices, weight, made = 2 ** len(doubtful), np.empty(4), []

    for choice in range(choices + 4):
        if choose(given, choice, choices, weight):
            made += [tuple(weight > 0)]

    assert set(made[:choices]) == expected
    assert len(made) == len(set(made)) == choices + sum(m >= 0.997 for m in member)
    assert math.isfinite(weight.sum())
