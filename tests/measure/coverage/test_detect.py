"""P(detected): declared figures are checked, and learned ones cover."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from trucewatch.errors import BadInput
from trucewatch.measure.coverage.asset import Asset, Detection, Disc
from trucewatch.measure.coverage.detect import cloud_left, fall, learned

GOOD: dict[str, Any] = {"detects": {"explosion_impact": 0.8, "*": 0.3}, "source": "made up"}


def test_range_halves_and_cloud_takes_in_proportion() -> None:
    model = Detection(half_km=10.0, cloud_ratio=0.2, **GOOD)

    assert fall(model, np.array([0.0, 10.0, 20.0])).tolist() == [1.0, 0.5, 0.25]
    assert fall(Detection(**GOOD), np.array([0.0, 1e4])).tolist() == [1.0, 1.0]
    assert cloud_left(model, np.array([0.0, 0.5, 1.0])) == pytest.approx([1.0, 0.6, 0.2])
    assert [model.close_p(kind) for kind in ("explosion_impact", "shot")] == [0.8, 0.3]
    assert Detection(detects={"shot": 0.1}, source="x").close_p("armour") == 0.0


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"detects": {}}, "detects: is empty"),
        ({"detects": {"bang": 0.5}}, "detects: has 'bang', expected a class of happening"),
        ({"detects": {"shot": 1.5}}, "detects: shot is 1.5, must be 0 to 1"),
        ({"detects": {"shot": float("nan")}}, "detects: shot is nan"),
        ({"half_km": -1.0}, "half_km: is -1.0, must be 0 or above"),
        ({"night_ratio": 1.1}, "night_ratio: is 1.1, must be 0 to 1"),
        ({"cloud_ratio": -0.1}, "cloud_ratio: is -0.1, must be 0 to 1"),
        ({"source": " "}, "source: is empty, expected where the figures come from"),
    ],
)
def test_refuses_a_model_that_cannot_be(more: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        Detection(**(GOOD | more))


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ((95.0, 0.0, 1.0), "lat_deg: is 95.0"),
        ((5.0, 190.0, 1.0), "lon_deg: is 190.0"),
        ((5.0, 0.0, 0.0), "radius_km: is 0.0"),
    ],
)
def test_refuses_a_disc_off_the_globe(place: tuple[float, float, float], message: str) -> None:
    lat_deg, lon_deg, radius_km = place

    with pytest.raises(BadInput, match=message):
        Disc(lat_deg=lat_deg, lon_deg=lon_deg, radius_km=radius_km)


def test_refuses_a_fall_with_range_from_nowhere() -> None:
    model = Detection(half_km=5.0, **GOOD)

    with pytest.raises(BadInput, match=r"half_km: is 5\.0 without a place"):
        Asset(name="x", sensor="firms", footprint=None, always=True, detection=model)


def test_learns_a_beta_posterior() -> None:
    found = learned(12, 20, level_p=0.9)
    twin = stats.beta(12 + 1 / 3, 8 + 1 / 3)

    assert (found.hits, found.trials) == (12, 20)
    assert found.mean_p == pytest.approx(twin.mean())
    assert (found.low_p, found.high_p) == pytest.approx(twin.interval(0.9))
    assert learned(0, 0).low_p < 0.01 < 0.99 < learned(0, 0).high_p


@pytest.mark.parametrize("true_p", [0.15, 0.5, 0.9])
def test_learned_intervals_cover(true_p: float) -> None:
    """90 % intervals of 40 trials; exact over all outcomes, so no seed is involved."""
    outcomes = [learned(hits, 40) for hits in range(41)]
    weight = stats.binom(40, true_p).pmf(np.arange(41))
    holds = np.array([each.low_p <= true_p <= each.high_p for each in outcomes])

    covered = float(weight @ holds)

    assert 0.85 <= covered <= 0.95


def test_refuses_more_hits_than_trials() -> None:
    with pytest.raises(BadInput, match="trials: 3 hits of 2, must be 0 to all of them"):
        learned(3, 2)
    with pytest.raises(BadInput, match=r"level: is 1\.0, must be between 0 and 1"):
        learned(1, 2, level_p=1.0)
