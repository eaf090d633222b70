"""The scale of declared errors, found without truth."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from trucewatch.fuse import neighbours, scale
from trucewatch.fuse.scale import PAIRS_MIN, estimate_scales
from trucewatch.fuse.settings import FusionSettings
from trucewatch.simulate.trials import reports as trial

if TYPE_CHECKING:
    from trucewatch.fuse.scale import Scale

SETTINGS = FusionSettings(
    centre_lat_deg=0.0,
    centre_lon_deg=0.0,
    incidents_per_km2_day=4e-3,
    imprecise_sensors=trial.IMPRECISE,
)
SEED = 431


def drawn(*, reports: int = 6000, declared_ratio: float = 1.0) -> trial.Reports:
    setting = trial.Setting(reports=reports, seed=SEED, declared_ratio=declared_ratio)
    return trial.draw(setting)[0]


def found(seen: trial.Reports) -> dict[str, Scale]:
    return estimate_scales(seen.table, models=seen.models, settings=SETTINGS)


@pytest.mark.parametrize("declared_ratio", [1.0, 0.5, 2.0])
def test_finds_by_what_declared_errors_are_wrong(declared_ratio: float) -> None:
    scales = found(drawn(declared_ratio=declared_ratio))

    # Imagery is so sharp that its own error hardly shows in any difference of places.
    sharp = [scales[n].space for n in scales if n != "imagery"]
    # Acoustic and seismic times meet only each other: only the sum of their errors shows.
    slow = [scales[n].time for n in scales if n not in {"acoustic", "seismic"}]
    for factor in (*sharp, *slow):
        assert factor.ratio * declared_ratio == pytest.approx(1, abs=0.16)
        assert factor.ends[0] < factor.ratio < factor.ends[1]
    both_s2 = sum(
        (scales[n].time.ratio * declared_ratio * trial.SENSORS[n].sigma_day * 86400) ** 2
        for n in ("acoustic", "seismic")
    )
    assert both_s2 == pytest.approx(2**2 + 3**2, rel=0.25)
    assert all(s.reason is None for s in scales.values())


def test_finds_the_one_sensor_whose_errors_are_wrong() -> None:
    seen = drawn()
    factor = pl.when(pl.col("sensor") == "thermal").then(0.25).otherwise(1.0)
    table = seen.table.with_columns(pl.col("s2_m2") * factor, pl.col("u2_s2") * factor)

    scales = estimate_scales(table, models=seen.models, settings=SETTINGS)

    assert scales["thermal"].space.ratio == pytest.approx(2, rel=0.1)
    assert scales["thermal"].time.ratio == pytest.approx(2, rel=0.1)
    assert scales["patrol"].space.ratio == pytest.approx(1, rel=0.15)
    assert scales["patrol"].time.ratio == pytest.approx(1, rel=0.15)


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    inside = []
    for seed in range(441, 449):
        seen = trial.draw(trial.Setting(reports=1500, seed=seed))[0]
        for one in found(seen).values():
            inside += [f.ends[0] < 1 < f.ends[1] for f in (one.space, one.time)]

    assert len(inside) == 8 * 12
    assert np.mean(inside) > 0.85


def test_the_order_of_reports_does_not_matter() -> None:
    seen = drawn(reports=2000)

    scales = found(seen)

    turned = seen.table.sample(fraction=1, shuffle=True, seed=1)
    assert estimate_scales(turned, models=seen.models, settings=SETTINGS) == scales


def test_with_too_few_pairs_nothing_is_said() -> None:
    scales = found(drawn(reports=8))

    assert set(scales) == set(trial.SENSORS) - set(trial.IMPRECISE)
    for one in scales.values():
        assert one.space.ratio == one.time.ratio == 1
        assert one.pairs < PAIRS_MIN
        assert one.reason == f"{one.pairs} pairs, expected 20 or more"
        assert one.space.ends == pytest.approx((1 / 2.664, 2.664), rel=1e-3)


def test_without_reports_nothing_is_said() -> None:
    seen = drawn(reports=20)

    scales = estimate_scales(seen.table.clear(), models=seen.models, settings=SETTINGS)

    assert {one.reason for one in scales.values()} == {"0 pairs, expected 20 or more"}
    assert estimate_scales(seen.table.clear(), models={}, settings=SETTINGS) == {}


def test_candidates_are_all_pairs_inside_the_window() -> None:
    seen = drawn(reports=250)
    names = sorted(set(trial.SENSORS) - set(trial.IMPRECISE))
    models = [seen.models[name] for name in names]
    table = neighbours.precise(seen.table, names, np.zeros((2, len(names))))

    pairs = neighbours.candidates(table, models, 5.0, 10**6)

    slow = set()
    for i in range(len(table.sensor)):
        for j in range(i):
            s2, u2 = table.variance[:, i] + table.variance[:, j]
            d2 = ((table.at[i, :2] - table.at[j, :2]) ** 2).sum()
            lag2 = (table.at[i, 2] - table.at[j, 2]) ** 2
            model = models[table.sensor[i]]
            same = table.sensor[i] == table.sensor[j]
            one_look = same and lag2 < (model.channel_gap_s / 86400) ** 2
            if (
                d2 <= 25 * s2
                and lag2 <= 25 * u2
                and not one_look
                and not (same and model.repeats_mean == 0)
            ):
                slow.add((round(d2, 9), round(lag2, 9)))
    assert pairs is not None
    assert {(round(d, 9), round(t, 9)) for d, t in pairs.away.T} == slow
    assert len(slow) > 100


@pytest.mark.parametrize("total", [0.02, 0.3, 4.0])
def test_the_density_of_a_right_distance_is_that_of_a_cut_normal(total: float) -> None:
    reach = 1.7

    def density(part: float, total: float = total) -> float:
        return float(scale._distance(np.array([part * reach]), reach, np.array([total]))[0][0])

    assert quad(density, 0, 1, points=[total / reach / 2] if total < reach else None)[0] == (
        pytest.approx(1, abs=1e-6)
    )
    assert density(0.4) / density(0.1) == pytest.approx(math.exp(-0.3 * reach / total / 2))
    slope = float(scale._distance(np.array([0.1 * reach]), reach, np.array([total]))[1][0])
    rise = math.log(density(0.1, total * 1.001) / density(0.1, total / 1.001))
    assert slope == pytest.approx(rise / (2 * math.log(1.001)), abs=1e-4)


@pytest.mark.parametrize(("total", "least"), [(0.02, 0.0), (0.3, 0.0), (4.0, 0.0), (0.3, 0.04)])
def test_the_density_of_a_right_lag_is_that_of_a_normal_cut_at_both_ends(
    total: float, least: float
) -> None:
    reach = 1.7

    def density(part: float, total: float = total) -> float:
        away = np.array([part**2 * reach])
        return float(scale._lag(away, reach, np.array([least]), np.array([total]))[0][0])

    low, high = math.sqrt(least), math.sqrt(reach)
    sd = math.sqrt(total)
    inside = norm.cdf(high, scale=sd) - norm.cdf(low, scale=sd)
    assert density(0.4) == pytest.approx(norm.pdf(0.4 * high, scale=sd) * high / inside)
    away = np.array([0.16 * reach])
    slope = float(scale._lag(away, reach, np.array([least]), np.array([total]))[1][0])
    rise = math.log(density(0.4, total * 1.001) / density(0.4, total / 1.001))
    assert slope == pytest.approx(rise / (2 * math.log(1.001)), abs=1e-4)
