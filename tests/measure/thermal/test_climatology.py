"""The climatology: what each sheet holds, and of which years."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, gaussian_filter1d

from trucewatch.errors import BadInput
from trucewatch.measure.thermal.climatology import climatology

YEARS = (2001, 2002, 2003)


@pytest.fixture
def cubes() -> dict[int, np.ndarray]:
    rng = np.random.default_rng(5)
    return {year: rng.negative_binomial(0.05, 0.05, (365, 9, 11)).astype("f4") for year in YEARS}


def test_each_sheet_is_what_it_says(cubes: dict[int, np.ndarray]) -> None:
    found = climatology(cubes, (2003, 2001))

    mean = (np.minimum(cubes[2001], 8) + np.minimum(cubes[2003], 8)) / 2.0
    season = gaussian_filter1d(mean, 10.0, axis=0, mode="wrap")
    burnt = ((cubes[2001] > 0) + 1.0 * (cubes[2003] > 0)) / 2
    days = [(cubes[year] > 0).sum(axis=0) for year in (2001, 2003)]
    wide = gaussian_filter(mean.mean(axis=0), 4.0, mode="constant")
    assert found.years == (2001, 2003)
    assert found.loc == pytest.approx(
        gaussian_filter(season, (0, 0.6, 0.6), mode="constant"), abs=1e-5
    )
    assert found.reg == pytest.approx(gaussian_filter(season, (0, 4, 4), mode="constant"), abs=1e-5)
    assert found.occ == pytest.approx(gaussian_filter1d(burnt, 10.0, axis=0, mode="wrap"), abs=1e-5)
    assert found.cell == pytest.approx(mean.mean(axis=0), abs=1e-5)
    assert found.cellreg == pytest.approx(wide, abs=1e-5)
    assert found.static == pytest.approx(np.mean(days, axis=0))


def test_a_year_that_is_not_named_leaves_no_trace(cubes: dict[int, np.ndarray]) -> None:
    before = climatology(cubes, (2001, 2002))
    cubes[2003][:] = 100

    after = climatology(cubes, (2001, 2002))

    for name in ("loc", "reg", "cell", "cellreg", "static", "occ"):
        assert np.array_equal(getattr(before, name), getattr(after, name))


def test_a_cell_that_burns_thirty_days_in_the_median_year_is_static() -> None:
    cubes = {year: np.zeros((365, 3, 3), np.float32) for year in YEARS}
    for year, days in zip(YEARS, (0, 30, 300), strict=True):
        cubes[year][:days, 1, 1] = 1
        cubes[year][: days - 1 if days else 0, 0, 2] = 1

    assert np.argwhere(climatology(cubes, YEARS).is_static).tolist() == [[1, 1]]


@pytest.mark.parametrize("years", [(), (2001, 2099)])
def test_refuses_years_that_were_not_counted(
    cubes: dict[int, np.ndarray], years: tuple[int, ...]
) -> None:
    with pytest.raises(BadInput, match="expected all"):
        climatology(cubes, years)
