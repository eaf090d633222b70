"""The mean: against a slow twin, and what it learns."""

from __future__ import annotations

import numpy as np
import pytest
from tests.measure.thermal.worlds import layered, ordinary

from trucewatch.errors import BadInput
from trucewatch.measure.thermal import mean as means
from trucewatch.measure.thermal.climatology import climatology
from trucewatch.measure.thermal.features import Features, expected_of, features_of
from trucewatch.measure.thermal.mean import Mean, Sample, expected_counts, fit_mean, sampled

CURVED = (0, 1, 2, 3, 4, 5, 6, 8)


@pytest.fixture(scope="module")
def features() -> Features:
    cubes, layers = ordinary(1), layered(2)
    return features_of(
        cubes[2001], 2001, expected_of(climatology(cubes, (2002, 2003)), layers), layers
    )


@pytest.fixture(scope="module")
def mean() -> Mean:
    known = 10 + 9 + 4 + 4
    rng = np.random.default_rng(4)
    return Mean(
        rng.normal(0, 1, known).astype("f4"),
        rng.uniform(0.3, 2, known).astype("f4"),
        rng.normal(0, 0.3, 1 + known + 8 + 7),
    )


def slow(mean: Mean, features: Features, day: int, cell: int) -> float:
    region = features.region[cell]
    raw = [*features.varying[:, day, cell], *features.weather[:, day, region]]
    raw += [*features.fixed[:, cell], *features.season[:, day]]
    z = [min(max((x - m) / s, -6), 6) for x, m, s in zip(raw, mean.centre, mean.scale, strict=True)]
    terms = [1.0, *z]
    terms += [min(z[k] ** 2, 6) for k in CURVED]
    terms += [min(max(z[0] * z[k], -6), 6) for k in CURVED[1:]]
    total = sum(b * x for b, x in zip(mean.coefficient, terms, strict=True))
    return float(np.exp(min(max(total, -12), 4)))


def test_expects_what_the_slow_twin_expects(mean: Mean, features: Features) -> None:
    found = expected_counts(mean, features)

    rng = np.random.default_rng(0)
    for day, cell in zip(rng.integers(0, 365, 200), rng.integers(0, 144, 200), strict=True):
        assert found[day, cell] == pytest.approx(slow(mean, features, day, cell), rel=2e-4)


def test_the_design_of_the_fit_is_that_of_the_kernel(mean: Mean, features: Features) -> None:
    seen = np.zeros((365, 144), np.float32)
    seen[[3, 70, 300], [5, 60, 143]] = 1

    sample = sampled(features, seen, np.random.default_rng(1))

    wide = means.design(sample.features, mean.centre, mean.scale)
    at_fire = np.exp(np.clip(wide[:3] @ mean.coefficient, -12, 4))
    assert at_fire == pytest.approx(
        expected_counts(mean, features)[[3, 70, 300], [5, 60, 143]], rel=2e-4
    )


def test_a_cell_day_without_weather_has_no_expected_count(mean: Mean, features: Features) -> None:
    gap = features.weather.copy()
    gap[0, 100, 1] = np.nan

    found = expected_counts(mean, features._replace(weather=gap))

    unknown = np.isnan(found)
    assert unknown[100, features.region == 1].all()
    assert unknown.sum() == (features.region == 1).sum()


def test_a_sample_holds_every_fire_and_stands_for_every_cell_day(
    features: Features, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(means, "ZEROS", 1_000)
    seen = (np.random.default_rng(2).random((365, 144)) < 0.02).astype(np.float32)

    sample = sampled(features, seen, np.random.default_rng(1))

    assert sample.pixels.sum() == seen.sum()
    assert len(sample.pixels) == seen.sum() + 1_000
    assert sample.weight.sum() == pytest.approx(seen.size)


def test_learns_a_mean_that_adds_up() -> None:
    rng = np.random.default_rng(6)
    x = rng.normal(0, 1, (30_000, 12)).astype(np.float32)
    truth = np.exp(-2 + 0.5 * x[:, 0] - 0.3 * x[:, 7] + 0.2 * x[:, 11])
    count = rng.poisson(truth).astype(np.float32)

    found = fit_mean([Sample(x, count, np.ones(len(x)))])

    fitted = np.exp(means.design(x, found.centre, found.scale) @ found.coefficient)
    assert np.corrcoef(np.log(fitted), np.log(truth))[0, 1] > 0.99
    assert fitted.mean() == pytest.approx(count.mean(), rel=0.02)


def test_refuses_to_learn_from_no_fire() -> None:
    empty = Sample(np.zeros((9, 12), np.float32), np.zeros(9, np.float32), np.ones(9))

    with pytest.raises(BadInput, match="no cell-day with fire"):
        fit_mean([empty])
