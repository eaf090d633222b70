"""Rows of a watch as counts and ends of exposure by step."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import beta

from trucewatch.errors import BadInput
from trucewatch.measure.holding.exposed import chances, exposed
from trucewatch.measure.rates.exposure import Detection, Watch

ROWS = Watch(
    count=np.array([1, 2, 0]),
    hours=np.array([10.0, 5.0, 8.0]),
    estimate=np.array([0, 1, 0]),
    step=np.array([0, 0, 2]),
)


def test_exposure_adds_up_by_step_and_a_step_without_rows_has_none() -> None:
    found = exposed(ROWS, Detection.known([0.5, 0.2]), np.full(3, 24.0))

    assert found.count.tolist() == [3.0, 0.0, 0.0]
    assert found.low_h.tolist() == found.high_h.tolist() == [6.0, 0.0, 4.0]


def test_uncertain_chances_give_the_ends_of_their_own_intervals() -> None:
    detection = Detection(means=np.array([0.25, 1.0]), trials=np.array([16.0, 9.0]))

    low, high = chances(detection, level_p=0.9)
    found = exposed(ROWS, detection, np.full(3, 24.0), level_p=0.9)

    np.testing.assert_allclose([low[0], high[0]], beta.ppf([0.05, 0.95], 4, 12))
    assert (low[1], high[1]) == (1.0, 1.0)
    np.testing.assert_allclose(found.low_h, [10 * low[0] + 5, 0, 8 * low[0]])
    np.testing.assert_allclose(found.high_h, [10 * high[0] + 5, 0, 8 * high[0]])


def test_refuses_a_row_beyond_the_last_step() -> None:
    with pytest.raises(BadInput, match="a row is in step 2, must be 0 to 1"):
        exposed(ROWS, Detection.known([0.5, 0.2]), np.full(2, 24.0))


def test_refuses_an_estimate_that_is_not_there() -> None:
    with pytest.raises(BadInput, match="names estimate 1, there are 1"):
        exposed(ROWS, Detection.known([0.5]), np.full(3, 24.0))


def test_refuses_more_exposure_than_was_possible() -> None:
    with pytest.raises(BadInput, match="step 0: high exposure is above the possible one"):
        exposed(ROWS, Detection.known([0.5, 0.2]), np.full(3, 5.0))


def test_refuses_a_level_that_is_no_chance() -> None:
    with pytest.raises(BadInput, match="is 1, must be between 0 and 1"):
        chances(Detection.known([0.5]), level_p=1)
