"""The score of location: its form, and its bound against numbers worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from trucewatch.evaluate.cramer_rao import bound, dilution
from trucewatch.evaluate.location import measure
from trucewatch.fuse.locate.records import SoundSettings

CROSS = np.array([[1000.0, 0.0], [-1000.0, 0.0], [0.0, 1000.0], [0.0, -1000.0]])
MIDDLE = np.zeros((1, 2))
ALL = np.array([[0, 1, 2, 3]])


def test_a_quick_score_is_complete_and_the_same_twice() -> None:
    found = measure(seed=3, quick=True)

    assert found["name"] == "location"
    assert {m["metric"] for m in found["must"]} <= set(found["metrics"])
    for name, metric in found["metrics"].items():
        assert metric["low"] <= metric["value"] <= metric["high"], name
    covers = [m["value"] for n, m in found["metrics"].items() if n.startswith("cover_12")]
    assert 0.8 < np.mean(covers) < 0.97
    assert found["metrics"]["aperture_100_m_cover"]["value"] > 0.8


def test_the_bound_of_a_cross_is_the_textbook_one() -> None:
    settings = SoundSettings(speed_m_s=340.0, time_sigma_s=0.1)

    cov = bound(CROSS, MIDDLE, ALL, settings)[0]

    np.testing.assert_allclose(cov, np.eye(2) * (34.0**2 / 2), rtol=1e-12, atol=1e-9)
    assert dilution(CROSS, MIDDLE, ALL, settings)[0] == pytest.approx(1.0)


def test_unknown_wind_widens_the_bound_by_its_own_shift() -> None:
    settings = SoundSettings(speed_m_s=340.0, time_sigma_s=0.1, wind_sigma_m_s=5.0)

    cov = bound(CROSS, MIDDLE, ALL, settings)[0]

    # a wind w moves the answer by w * distance / speed against it
    expected = 34.0**2 / 2 + (5.0 * 1000.0 / 340.0) ** 2
    np.testing.assert_allclose(cov, np.eye(2) * expected, rtol=1e-6, atol=1e-3)


def test_bearings_add_their_own_information_across_the_line_of_sight() -> None:
    settings = SoundSettings(speed_m_s=340.0, time_sigma_s=0.1, bearing_sigma_rad=0.02)

    cov = bound(CROSS, MIDDLE, ALL, settings, bearings=True)[0]

    # two of the four stations see each axis from the side, 1 km away
    information = 2 / 34.0**2 + 2 / (1000.0 * 0.02) ** 2
    np.testing.assert_allclose(cov, np.eye(2) / information, rtol=1e-9, atol=1e-9)


def test_an_oracle_loses_the_outlier_and_three_on_a_line_fix_nothing() -> None:
    settings = SoundSettings(speed_m_s=340.0, time_sigma_s=0.1)
    outlier = np.array([[True, False, False, False]])
    line = np.array([[0.0, 0.0], [500.0, 0.0], [900.0, 0.0]])

    wider = bound(CROSS, MIDDLE, ALL, settings, outlier)[0]
    nothing = bound(line, np.array([[2000.0, 0.0]]), np.array([[0, 1, 2]]), settings)[0]

    assert wider[0, 0] == pytest.approx(34.0**2 * 1.5)
    assert np.isnan(nothing).all()
