"""Looks, counts and fixes on cases worked out by hand."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from trucewatch.fuse.count import counts
from trucewatch.fuse.edges import pair_evidence
from trucewatch.fuse.fix import Evidence, fix
from trucewatch.fuse.groups import Groups, grouped
from trucewatch.fuse.likelihood import LAMBDA, S2, U2, T, X, terms, weigh_alone
from trucewatch.fuse.looks import looks
from trucewatch.fuse.weigh import logistic, weigh

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trucewatch.records.sensor import SensorModel

MINUTE_US = 60_000_000


def test_a_look_ends_at_a_gap_another_channel_or_another_group() -> None:
    group = np.array([0, 0, 0, 0, 1])
    channel = np.array([7, 7, 7, 3, 7])
    time_us = np.array([0, 19, 39, 19, 19]) * MINUTE_US

    found = looks(group, channel, time_us, np.full(5, 20 * MINUTE_US))

    assert found.independent.tolist() == [3, 1]
    assert found.share.tolist() == [0.5, 0.5, 1.0, 1.0, 1.0]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([(3, 3, "exact")], (3, 3, "exact")),
        ([(3, 3, "exact"), (3, 3, "exact")], (3, 3, "exact")),
        ([(2, 4, "range"), (3, 6, "range")], (3, 6, "range")),
        ([(3, 3, "exact"), (5, 5, "exact")], (5, 5, "about")),
        ([(1, None, "at_least"), (3, 3, "exact")], (3, None, "at_least")),
        ([(2, None, "several")], (2, None, "several")),
        ([(None, None, None), (4, 4, "about")], (4, 4, "about")),
        ([(None, None, None)], (None, None, None)),
    ],
)
def test_counts_of_one_happening_are_not_added(
    said: list[tuple[int | None, int | None, str | None]],
    expected: tuple[int | None, int | None, str | None],
) -> None:
    schema = {"count_min": pl.UInt32, "count_max": pl.UInt32, "count_qualifier": pl.String}
    members = pl.DataFrame(said, schema=schema, orient="row").with_columns(incident=pl.lit(0))

    assert counts(members).rows() == [(0, *expected)]


@pytest.mark.parametrize("spread", [10.0, 3000.0])
def test_a_fix_is_the_information_weighted_mean_and_grows_with_discord(spread: float) -> None:
    rng = np.random.default_rng(5)
    n = 6
    root = rng.normal(size=(n, 2, 2)) * 100
    cov = root @ root.transpose(0, 2, 1) + np.eye(2) * 900
    at = rng.normal(size=(n, 2)) * spread + (4e5, -3e5)
    share, time_s2 = rng.uniform(0.2, 1, n), rng.uniform(100, 1e4, n)
    time_us = rng.integers(0, round(spread * 10**6), n) + 1_900_000_000_000_000
    place = np.column_stack([at, cov[:, 0, 0], cov[:, 0, 1], cov[:, 1, 1]])

    found = fix(Evidence(place, time_us, time_s2, share), Groups(np.arange(n), np.array([0, 4, n])))

    grew = []
    for g, rows in enumerate((slice(0, 4), slice(4, n))):
        information = np.linalg.inv(cov[rows]) * share[rows, None, None]
        total = np.linalg.inv(information.sum(0))
        mean = total @ np.einsum("nij,nj->i", information, at[rows])
        assert found.place[g, :2] == pytest.approx(mean, abs=1e-6)
        off = at[rows] - mean
        off2, freedom = np.einsum("ni,nij,nj", off, information, off), share[rows].sum() - 1
        grown = _grown(off2, 2 * freedom, 3.5**2 / 2)
        expected = grown * np.array([total[0, 0], total[0, 1], total[1, 1]])
        assert found.place[g, 2:] == pytest.approx(expected, rel=1e-4)
        weight = share[rows] / time_s2[rows]
        late = time_us[rows] / 1e6 - np.average(time_us[rows] / 1e6, weights=weight)
        grown_s = _grown((weight * late**2).sum(), freedom, 3.5**2)
        assert found.time_s2[g] == pytest.approx(grown_s / weight.sum(), rel=1e-4)
        late = (weight * (time_us[rows] - time_us[0])).sum() / weight.sum()
        assert found.time_us[g] - time_us[0] == pytest.approx(late, abs=1)
        grew.append(grown > 1)
    assert any(grew) == (spread > 100)


def _grown(off2: float, freedom: float, ordinary: float) -> float:
    return off2 / freedom if freedom >= 0.5 and off2 > ordinary * freedom else 1.0


@pytest.mark.parametrize("log_odds", [-1e4, -30.0, 0.0, 30.0, 1e4])
def test_the_logistic_never_overflows(log_odds: float) -> None:
    slow = 1 / (1 + math.exp(-log_odds)) if log_odds > -700 else 0.0

    assert logistic(log_odds) == pytest.approx(slow, rel=1e-12)


def test_times_before_1970_are_placed_in_cells_too() -> None:
    from trucewatch.fuse.density import cell_keys
    from trucewatch.fuse.likelihood import COLUMNS, T

    days = np.array([datetime(y, 1, 1, tzinfo=UTC).timestamp() / 86400 for y in (1, 1960, 9999)])
    reports = np.zeros((3, COLUMNS))
    reports[:, T] = days

    keys = cell_keys(reports)

    assert (np.diff(keys) > 0).all()
    assert np.unique(keys >> 34).size == 1, "time must not spill into the place"


def test_the_least_likely_member_is_not_said_to_be_impossible(
    models: Mapping[str, SensorModel],
) -> None:
    reports = np.zeros((2, 7))
    reports[:, [S2, U2]] = 0.1
    reports[1, X] = 1e3  # a thousand km away, and yet in the same group
    reports[:, LAMBDA] = np.log(4e-3)
    thermal = terms(models, ["thermal"], members_max=2)
    sensor = np.zeros(2, np.int64)
    weigh_alone(reports, sensor, thermal)

    real_p, membership_p = weigh(reports, sensor, grouped(np.zeros(2, np.int64)), thermal)

    assert membership_p.tolist() == [1e-6, 1e-6]
    assert 0 <= real_p[0] < 1e-6


@pytest.mark.parametrize("axis", [X, T])
def test_no_edge_spans_more_than_the_gate_however_strong_the_evidence(axis: int) -> None:
    one, other = np.zeros(7), np.zeros(7)
    one[[S2, U2]] = other[[S2, U2]] = 0.5  # the difference has a standard deviation of 1

    other[axis] = 3.5
    inside = pair_evidence(one, other, 100.0, 3.5**2)
    other[axis] = math.nextafter(3.5, 4)
    outside = pair_evidence(one, other, 100.0, 3.5**2)

    assert inside > 0
    assert outside == -math.inf
