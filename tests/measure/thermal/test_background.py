"""The background: ordinary worlds look ordinary, what is lit in them does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.measure.thermal.worlds import GRID, YEARS, layered, ordinary

from trucewatch.errors import BadInput
from trucewatch.measure.thermal import background
from trucewatch.measure.thermal.background import (
    Background,
    expected_pixels,
    fit,
    p_values,
    shares_below,
)
from trucewatch.measure.thermal.climatology import climatology as climates_of
from trucewatch.measure.thermal.layers import bare
from trucewatch.measure.thermal.mean import fit_mean as mean_of

if TYPE_CHECKING:
    from trucewatch.measure.thermal.climatology import Climatology
    from trucewatch.measure.thermal.mean import Mean, Sample

HELD = 2005
OTHERS = YEARS[:-1]


@pytest.fixture(scope="module")
def cubes() -> dict[int, np.ndarray]:
    return ordinary(11)


@pytest.fixture(scope="module")
def fitted(cubes: dict[int, np.ndarray]) -> Background:
    return fit(cubes, layered(12), years=OTHERS, rng=np.random.default_rng(0))


def test_an_ordinary_year_has_as_many_small_p_values_as_it_should(
    fitted: Background, cubes: dict[int, np.ndarray]
) -> None:
    expected = expected_pixels(fitted, cubes[HELD], HELD).ravel().astype(float)
    seen = cubes[HELD][:, fitted.layers.land].ravel().astype(float)

    shares = {a: shares_below(fitted, expected, seen, a).mean() / a for a in (0.05, 0.01, 1e-3)}

    # 52,560 cell-days: 3 standard deviations are 6, 13 and 41 % of what is nominal
    assert shares[0.05] == pytest.approx(1, abs=0.1)
    assert shares[0.01] == pytest.approx(1, abs=0.2)
    assert shares[1e-3] == pytest.approx(1, abs=0.5)


def test_a_fire_as_large_as_never_seen_there_is_not_ordinary(
    fitted: Background, cubes: dict[int, np.ndarray]
) -> None:
    lit = cubes[HELD].copy()
    lit[20, 3, 4] = 25

    found = p_values(fitted, lit, HELD)

    assert found.tail_p[20, 3, 4] < 1e-5
    assert found.tail_p[20, 3, 4] < p_values(fitted, cubes[HELD], HELD).tail_p[20, 3, 4]


def test_more_fire_is_never_more_ordinary(fitted: Background, cubes: dict[int, np.ndarray]) -> None:
    lit = cubes[HELD].copy()
    tails = []
    for pixels in range(1, 12):
        lit[200, 5, 5] = pixels
        tails.append(float(p_values(fitted, lit, HELD).tail_p[200, 5, 5]))

    assert tails == sorted(tails, reverse=True)
    assert len(set(tails)) == len(tails)


def test_no_fire_is_ordinary_and_the_sea_is_not_judged(
    fitted: Background, cubes: dict[int, np.ndarray]
) -> None:
    found = p_values(fitted, cubes[HELD], HELD)

    land = np.broadcast_to(fitted.layers.land, cubes[HELD].shape)
    assert (found.tail_p[land & (cubes[HELD] == 0)] == 1).all()
    assert (found.tail_p[land & (cubes[HELD] > 0)] < 1).all()
    assert np.isnan(found.tail_p[~land]).all()
    assert np.isnan(found.expected[~land]).all()


def test_days_without_weather_are_not_judged(cubes: dict[int, np.ndarray]) -> None:
    layers = layered(12)
    layers.weather[HELD][:, 300:, 1] = np.nan
    fitted = fit(cubes, layers, years=OTHERS, rng=np.random.default_rng(0))

    found = p_values(fitted, cubes[HELD], HELD).tail_p

    assert np.isnan(found[300:, 6:]).all()
    assert np.isfinite(found[300:, :6, :12]).all()
    assert np.isfinite(found[:300, :, :12]).all()


def test_years_without_weather_enter_the_climatology_alone(cubes: dict[int, np.ndarray]) -> None:
    layers = layered(12, years=(2002, 2003, 2004))

    fitted = fit(cubes, layers, years=OTHERS, rng=np.random.default_rng(0))

    assert fitted.fitted == (2002, 2003, 2004)
    assert fitted.climate.years == OTHERS


def test_needs_no_layer_at_all(cubes: dict[int, np.ndarray]) -> None:
    fitted = fit(cubes, bare(GRID), years=OTHERS, rng=np.random.default_rng(0))

    found = p_values(fitted, cubes[HELD], HELD).tail_p

    assert np.isfinite(found).all()
    assert (found < 0.01).mean() < 0.03


def test_a_year_that_is_not_named_changes_nothing(
    fitted: Background, cubes: dict[int, np.ndarray]
) -> None:
    other = cubes | {HELD: cubes[HELD] + 5}

    again = fit(other, layered(12), years=OTHERS, rng=np.random.default_rng(0))

    assert np.array_equal(again.mean.coefficient, fitted.mean.coefficient)
    assert np.array_equal(again.spread.size, fitted.spread.size)


def test_each_year_is_judged_by_what_has_not_seen_it(
    cubes: dict[int, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    climates: list[tuple[int, ...]] = []
    means: list[list[float]] = []

    def climatology(given: dict[int, np.ndarray], years: set[int]) -> Climatology:
        climates.append(tuple(sorted(years)))
        return climates_of(given, years)

    def fit_mean(samples: list[Sample]) -> Mean:
        means.append([float(sample.pixels.sum()) for sample in samples])
        return mean_of(samples)

    monkeypatch.setattr(background, "climatology", climatology)
    monkeypatch.setattr(background, "fit_mean", fit_mean)

    fit(cubes, bare(GRID), years=(2001, 2002, 2003), rng=np.random.default_rng(0))

    first, second, third = (float(cubes[year].sum()) for year in (2001, 2002, 2003))
    assert climates == [(2002, 2003), (2001, 2003), (2001, 2002), (2001, 2002, 2003)]
    assert means == [[second, third], [first, third], [first, second], [first, second, third]]


def test_refuses_fewer_than_three_years(cubes: dict[int, np.ndarray]) -> None:
    with pytest.raises(BadInput, match="2 years can be fitted to, expected at least 3"):
        fit(cubes, bare(GRID), years=(2001, 2002), rng=np.random.default_rng(0))


@pytest.mark.parametrize("absent", [1999, 2099])
def test_refuses_years_that_were_not_counted(cubes: dict[int, np.ndarray], absent: int) -> None:
    with pytest.raises(BadInput, match=rf"years \[{absent}\] have no counts"):
        fit(cubes, bare(GRID), years=(2001, 2002, 2003, absent), rng=np.random.default_rng(0))


def test_refuses_counts_of_another_grid(fitted: Background, cubes: dict[int, np.ndarray]) -> None:
    with pytest.raises(BadInput, match=r"counts are \(365, 12, 13\), expected \(365, 12, 14\)"):
        p_values(fitted, cubes[HELD][:, :, 1:], HELD)
    with pytest.raises(BadInput, match=r"counts are \(364, 12, 14\)"):
        fit(
            cubes | {2001: cubes[2001][1:]},
            bare(GRID),
            years=OTHERS,
            rng=np.random.default_rng(0),
        )


def test_no_alarm_rests_on_busy_cell_days_or_static_sources_alone(
    fitted: Background, cubes: dict[int, np.ndarray]
) -> None:
    found = p_values(fitted, cubes[HELD], HELD)

    static = np.broadcast_to(fitted.climate.is_static, cubes[HELD].shape)
    busy = found.expected >= 0.5
    assert static.any()
    assert busy.any()
    assert not (found.carries & (static | busy | np.isnan(found.expected))).any()
    assert found.carries[np.isfinite(found.expected) & ~static & ~busy].all()


def test_the_p_value_is_the_chance_of_at_least_as_many(
    fitted: Background, cubes: dict[int, np.ndarray]
) -> None:
    found = p_values(fitted, cubes[HELD], HELD)

    fire = np.isfinite(found.tail_p) & (cubes[HELD] > 0)
    mean, seen = (a[fire].astype(float) for a in (found.expected, cubes[HELD]))
    # above the p-value lies the whole cell-day, below the chance of more none of it
    assert (shares_below(fitted, mean, seen, 1.0) == 1).all()
    for one in np.flatnonzero(fire.ravel())[:50].tolist():
        p = float(found.tail_p.ravel()[one])
        at = (np.array([x.ravel()[one]], float) for x in (found.expected, cubes[HELD]))
        mean, seen = at
        assert shares_below(fitted, mean, seen, p * 1.0001)[0] == 1
        assert shares_below(fitted, mean, seen, p * 0.999)[0] < 1
        assert shares_below(fitted, mean, seen + 1, p * 0.9999)[0] > 0
