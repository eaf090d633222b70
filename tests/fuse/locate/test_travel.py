"""Travel times and derivatives against plain Python and finite differences."""

from __future__ import annotations

import math

import numpy as np
import pytest

from trucewatch.errors import BadInput
from trucewatch.fuse.locate.records import SoundSettings
from trucewatch.fuse.locate.travel import (
    BX,
    BY,
    PICK_COLUMNS,
    RB,
    ROW_COLUMNS,
    B,
    R,
    T,
    linearise,
    model,
    sound_speed,
    turned,
)

SETTINGS = SoundSettings(
    speed_m_s=340.0, time_sigma_s=0.1, wind_sigma_m_s=5.0, speed_sigma_m_s=2.0,
    bearing_sigma_rad=0.05,
)  # fmt: skip
AT = np.array([310.0, -220.0, 4.0, -6.0, 1.5])


def arrivals() -> np.ndarray:
    picks = np.zeros((5, PICK_COLUMNS))
    picks[:, :2] = [[1000, 0], [-900, 300], [50, 2000], [400, -1800], [-1500, -1500]]
    picks[:, T] = [2.0, 4.0, 6.5, 4.5, 6.0]
    picks[:, B] = [0.3, np.nan, 3.0, -3.0, 1.0]
    return picks


def residuals_slow(at: np.ndarray, picks: np.ndarray) -> tuple[list[float], list[float]]:
    times, bearings = [], []
    for x, y, time, bearing in picks[:, :4]:
        d = math.hypot(x - at[0], y - at[1])
        wind = (at[2] * (x - at[0]) + at[3] * (y - at[1])) / d
        times.append((time - d / (340.0 + at[4] + wind)) / 0.1)
        off = bearing - math.atan2(at[0] - x, at[1] - y)
        bearings.append(0.0 if math.isnan(off) else math.remainder(off, 2 * math.pi) / 0.05)
    return times, bearings


def rows_at(at: np.ndarray) -> np.ndarray:
    rows = np.zeros((5, ROW_COLUMNS))
    linearise(at, arrivals(), 5, model(SETTINGS, half_m=2e3, side_m=4e3, bearings=True), rows)
    return rows


def test_residuals_agree_with_the_slow_twin() -> None:
    times, bearings = residuals_slow(AT, arrivals())

    rows = rows_at(AT)

    np.testing.assert_allclose(rows[:, R], times, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(rows[:, RB], bearings, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("unknown", range(5))
def test_derivatives_agree_with_finite_differences(unknown: int) -> None:
    step = np.zeros(5)
    step[unknown] = 1e-3
    up, down = residuals_slow(AT + step, arrivals()), residuals_slow(AT - step, arrivals())

    rows = rows_at(AT)

    slope = -(np.array(up[0]) - np.array(down[0])) / 2e-3
    np.testing.assert_allclose(rows[:, unknown], slope, rtol=1e-4, atol=1e-7)
    if unknown < 2:
        slope = -(np.array(up[1]) - np.array(down[1])) / 2e-3
        np.testing.assert_allclose(rows[:, (BX, BY)[unknown]], slope, rtol=1e-4, atol=1e-7)


def test_sound_is_as_fast_as_the_textbook_says() -> None:
    assert sound_speed(273.15) == 331.3
    assert sound_speed(293.15) == pytest.approx(343.2, abs=0.1)


def test_refuses_a_temperature_below_absolute_zero() -> None:
    with pytest.raises(BadInput, match="temperature is -1 K"):
        sound_speed(-1)


def test_an_angle_is_turned_to_its_short_side() -> None:
    assert turned(3.5) == pytest.approx(3.5 - 2 * math.pi)
    assert turned(-7.0) == pytest.approx(2 * math.pi - 7.0)


@pytest.mark.parametrize(
    ("field", "value"),
    [("time_sigma_s", 0.0), ("speed_m_s", math.nan), ("wind_sigma_m_s", -1.0),
     ("outlier_p", 0.6), ("beyond_m", -1.0), ("outlier_window_s", math.inf)],
)  # fmt: skip
def test_settings_refuse_a_value_out_of_range(field: str, value: float) -> None:
    with pytest.raises(BadInput, match=f"{field} is {value}"):
        SoundSettings(**{field: value})
