"""The second look: when it is taken, from where it starts, and that it finds what it is for."""

from __future__ import annotations

import numpy as np
import pytest
from tests.fuse.locate.conftest import draw_volley

from trucewatch.fuse.locate.locate import _prepare, locate, refit
from trucewatch.fuse.locate.posterior import PX, SUMMARY_COLUMNS, XX
from trucewatch.fuse.locate.search import desk
from trucewatch.fuse.locate.second_look import add_lattice, around, is_strained
from trucewatch.fuse.locate.travel import PICK_COLUMNS

WIND = {"wind_sigma_m_s": 5.0, "speed_sigma_m_s": 1.8}


@pytest.mark.parametrize("angle", [0.0, 0.4, 1.2, 2.5])
@pytest.mark.parametrize("deviation_m", [11.0, 12.5])
def test_a_place_is_strained_by_its_longest_axis_over_the_nearest_station(
    angle: float, deviation_m: float
) -> None:
    picks = np.zeros((3, PICK_COLUMNS))
    picks[:, :2] = [[200.0, 0.0], [0.0, 500.0], [-900.0, 100.0]]
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    cov = turn @ np.diag([deviation_m**2, 1.0]) @ turn.T
    summary = np.zeros(SUMMARY_COLUMNS)
    summary[XX : XX + 3] = cov[0, 0], cov[0, 1], cov[1, 1]

    strained = is_strained(picks, summary)

    slow = np.sqrt(np.linalg.eigvalsh(cov)[-1]) / 200.0 >= 0.06
    assert strained == slow == (deviation_m > 12)


def test_a_place_without_a_covariance_is_strained() -> None:
    summary = np.zeros(SUMMARY_COLUMNS)
    summary[XX] = np.nan

    assert is_strained(np.ones((3, PICK_COLUMNS)), summary)
    assert summary[PX] == 0


@pytest.mark.parametrize("weather", [{**WIND, "time_sigma_s": 0.02}, {"time_sigma_s": 0.1}])
def test_no_climb_from_the_truth_ends_higher_than_the_search(weather: dict[str, float]) -> None:
    stations, volley, shots, settings = draw_volley(20_000, 6, **weather)

    found = locate(shots, stations, settings)
    _, best = refit(shots, stations, settings, volley.place_m)

    assert (found.objective > best + 0.02).sum() == 0


def test_a_lower_peak_at_the_truth_shows_as_the_second_mode() -> None:
    stations, volley, shots, settings = draw_volley(20_000, 6, **WIND, time_sigma_s=0.02)
    found = locate(shots, stations, settings)

    place, best = refit(shots, stations, settings, volley.place_m)

    apart_m = np.hypot(*(place - found.place_m).T)
    beaten = (best < found.objective + 9.0) & (apart_m > 0.01 * 20_000)
    assert beaten.sum() >= 5
    assert (found.bimodal[beaten]).mean() > 0.7
    shown_m = np.hypot(*(found.second_m - place)[beaten & found.bimodal].T)
    assert np.median(shown_m) < 1.0


def test_starts_of_the_lattice_fill_the_square_evenly() -> None:
    stations, _, shots, settings = draw_volley(1, 6, **WIND)
    arrivals, frame, _ = _prepare(shots, stations, settings)
    working = desk(arrivals.place_m, frame, 6)

    add_lattice(working, frame)

    place = working.pool.place[: working.pool.order[0]]
    axis = frame.half_m * np.array([-0.75, -0.25, 0.25, 0.75])
    grid = {(x, y) for x in axis for y in axis}
    assert {(x, y) for x, y in place} == grid
    around(working.pool, np.array([10.0, 20.0]), 1, 5.0)
    added = working.pool.place[16 : working.pool.order[0]]
    assert len(added) == 8
    np.testing.assert_allclose(abs(added - [10.0, 20.0]).max(axis=1), 5.0)
