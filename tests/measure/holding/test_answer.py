"""Three answers: what each takes, when it is taken back, and what is never said."""

from __future__ import annotations

import math

import numpy as np
import pytest

from trucewatch.errors import BadInput
from trucewatch.measure.holding.answer import Answer, Tolerance, Watched, course
from trucewatch.measure.holding.recommitment import Spending, periods, share_of

EACH = Spending.EACH


def watched(count: list[float], exposure_h: float = 1.0, possible_h: float = 1.0) -> Watched:
    seen = np.array(count, np.float64)
    hours = np.full(len(seen), exposure_h)
    return Watched(count=seen, low_h=hours, high_h=hours, possible_h=np.full(len(seen), possible_h))


def tolerance(rate_per_h: float = 0.5, **given: object) -> Tolerance:
    terms: dict[str, object] = {"coverage_min_share": 0.3, "spending": EACH} | given
    return Tolerance(rate_per_h=rate_per_h, **terms)  # type: ignore[arg-type]


def test_quiet_days_are_holding_only_after_enough_of_them() -> None:
    found = course(watched([0] * 12), tolerance())

    # 4.18 expected at the tolerated rate are needed with nothing seen: nine days at .5
    assert found.answer[:8] == (Answer.CANNOT_TELL,) * 8
    assert found.answer[8:] == (Answer.HOLDING,) * 4
    assert found.high_per_h[7] > 0.5 > found.high_per_h[8]


def test_many_incidents_are_not_holding_and_stay_so() -> None:
    found = course(watched([3, 3] + [0] * 60), tolerance())

    first = found.answer.index(Answer.NOT_HOLDING)
    assert first == 1  # six, where one was tolerated
    assert set(found.answer[first:]) == {Answer.NOT_HOLDING}
    assert found.above[-1] < found.needed[-1]  # what speaks is that it once did
    assert found.low_per_h[first] > 0.5
    assert found.above[first] >= found.needed[first]


def test_holding_is_taken_back_when_fire_returns() -> None:
    found = course(watched([0] * 12 + [1] * 12), tolerance())

    assert found.answer[11] is Answer.HOLDING
    assert found.answer[-1] is Answer.CANNOT_TELL


def test_below_the_least_coverage_nothing_is_said_whatever_was_seen() -> None:
    for count in (0, 9):
        poor = course(watched([count] * 60, exposure_h=0.29), tolerance())
        fair = course(watched([count] * 60, exposure_h=0.31), tolerance())

        assert set(poor.answer) == {Answer.CANNOT_TELL}
        assert fair.answer[-1] is not Answer.CANNOT_TELL


def test_days_that_nobody_watched_add_nothing_but_the_want_of_coverage() -> None:
    seen = watched([0] * 10)
    dark = Watched(
        count=np.zeros(40),
        low_h=np.repeat([1.0, 0.0], [10, 30]),
        high_h=np.repeat([1.0, 0.0], [10, 30]),
        possible_h=np.ones(40),
    )

    found = course(dark, tolerance())

    assert found.below[-1] == course(seen, tolerance()).below[-1]
    assert found.answer[9] is Answer.HOLDING
    assert found.answer[-1] is Answer.CANNOT_TELL  # a quarter of the time is under 30 %


def test_a_period_without_any_exposure_cannot_tell() -> None:
    found = course(watched([0] * 5, exposure_h=0.0), tolerance(coverage_min_share=0.0))

    assert set(found.answer) == {Answer.CANNOT_TELL}
    assert (found.high_per_h == math.inf).all()


def test_uncertain_exposure_counts_against_both_answers() -> None:
    ones = np.ones(9)
    wide = Watched(count=np.zeros(9), low_h=0.8 * ones, high_h=ones, possible_h=ones)
    fire = Watched(count=np.array([3.0, 3, 2]), low_h=ones[:3], high_h=2 * ones[:3],
                   possible_h=2 * ones[:3])  # fmt: skip

    assert course(wide, tolerance()).answer[-1] is Answer.CANNOT_TELL
    assert course(watched([0] * 9), tolerance()).answer[-1] is Answer.HOLDING
    assert course(fire, tolerance()).answer[-1] is Answer.CANNOT_TELL
    assert course(watched([3, 3, 2]), tolerance()).answer[-1] is Answer.NOT_HOLDING


def test_a_recommitment_begins_anew() -> None:
    found = course(watched([3] * 5 + [0] * 12), tolerance(), begins=[5])

    assert found.answer[4] is Answer.NOT_HOLDING
    assert found.answer[5] is Answer.CANNOT_TELL
    assert found.answer[-1] is Answer.HOLDING
    assert found.period.tolist() == [1] * 5 + [2] * 12
    assert found.count.tolist()[4:6] == [15, 0]


def test_alpha_is_shared_out_over_recommitments() -> None:
    together = [share_of(number, Spending.TOGETHER) for number in range(1, 5_000)]
    found = course(watched([0] * 6), tolerance(spending=Spending.TOGETHER), begins=[2, 4])

    assert sum(together) == pytest.approx(1.0, abs=1e-3)
    assert sum(together) < 1
    np.testing.assert_allclose(
        found.needed[[0, 2, 4]], [math.log(20 * 2), math.log(20 * 6), math.log(20 * 12)]
    )


def test_the_order_of_days_before_a_look_does_not_matter() -> None:
    one = course(watched([0, 4, 1, 0, 2]), tolerance())
    other = course(watched([2, 0, 0, 1, 4]), tolerance())

    assert one.above[-1] == other.above[-1]
    assert one.high_per_h[-1] == other.high_per_h[-1]


@pytest.mark.parametrize("begins", [[0], [3, 3], [9], [-1]])
def test_refuses_recommitments_out_of_order(begins: list[int]) -> None:
    with pytest.raises(BadInput, match="must be above"):
        periods(begins, 9)


def test_refuses_a_recommitment_before_the_first() -> None:
    with pytest.raises(BadInput, match="its number is 0"):
        share_of(0, EACH)


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"rate_per_h": 0.0}, "rate is 0"),
        ({"rate_per_h": math.inf}, "rate is inf"),
        ({"coverage_min_share": 1.5}, "least coverage is 1.5"),
        ({"alpha_p": 0.0}, "alpha is 0"),
    ],
)
def test_refuses_a_tolerance_that_is_none(given: dict[str, float], problem: str) -> None:
    with pytest.raises(BadInput, match=problem):
        tolerance(**given)


@pytest.mark.parametrize(
    ("columns", "problem"),
    [
        ({"count": np.ones(3)}, "must be that of counts"),
        ({"low_h": np.array([1.0, np.nan])}, "low exposure: has a value"),
        ({"low_h": np.array([1.0, 2.0])}, "step 1: low exposure is above high"),
        ({"possible_h": np.array([0.5, 1.0])}, "step 0: high exposure is above the possible"),
        (
            {"low_h": np.zeros(2), "high_h": np.array([1.0, 0.0])},
            "step 1: something was seen without exposure",
        ),
    ],
)
def test_refuses_days_that_cannot_be(columns: dict[str, np.ndarray], problem: str) -> None:
    ones = np.ones(2)
    with pytest.raises(BadInput, match=problem):
        Watched(**{"count": ones, "low_h": ones, "high_h": ones, "possible_h": ones} | columns)
