"""Three answers for a cell and day: what could not be observed is never taken for calm."""

from __future__ import annotations

import numpy as np
import pytest

from trucewatch.errors import BadInput
from trucewatch.measure.thermal.told import LEVEL_P, Answer, Fires, Sky, detected_p, told

CASES = {
    # pixels, expected, p, static, carries, cloud: answer and why
    "much where little is": ((5, 0.01, 1e-6, False, True, 0.1), Answer.ABOVE, ""),
    "at the level": ((2, 0.01, LEVEL_P, False, True, 0.1), Answer.ABOVE, ""),
    "as much as is usual": ((5, 0.4, 0.2, False, True, 0.1), Answer.NOT_ABOVE, ""),
    "none under clear sky": ((0, 0.1, 1.0, False, True, 0.1), Answer.NOT_ABOVE, ""),
    "none under cloud": ((0, 0.1, 1.0, False, True, 0.9), Answer.CANNOT_TELL, "cloud"),
    "none under broken cloud": ((0, 0.1, 1.0, False, True, 0.5), Answer.CANNOT_TELL, "cloud"),
    "usual through cloud": ((1, 0.4, 0.2, False, True, 1.0), Answer.CANNOT_TELL, "cloud"),
    "much through cloud": ((9, 0.01, 1e-9, False, True, 1.0), Answer.ABOVE, ""),
    "none, sky unknown": ((0, 0.1, 1.0, False, True, np.nan), Answer.CANNOT_TELL, "how cloudy"),
    "usual, sky unknown": ((1, 0.1, 0.1, False, True, np.nan), Answer.NOT_ABOVE, ""),
    "much where much is": ((90, 3.0, 1e-9, False, False, 0.1), Answer.CANNOT_TELL, "ordinary"),
    "much at a plant": ((90, 0.4, 1e-9, True, False, 0.1), Answer.CANNOT_TELL, "static"),
    "nothing is known": ((3, np.nan, np.nan, False, False, 0.1), Answer.CANNOT_TELL, "nothing of"),
}


@pytest.mark.parametrize("case", CASES)
def test_the_answer_of_a_cell(case: str) -> None:
    values, answer, why = CASES[case]
    pixels, expected, tail_p, static, carries, cloud = (np.full((1, 1), v) for v in values)

    found = told(
        Fires(pixels, expected, tail_p, static, carries),
        Sky(cloud, recorded=True),
        np.full((1, 1), fill_value=True),
    )

    assert found.answer[0, 0] == answer
    assert why in found.why[0, 0]
    assert bool(found.why[0, 0]) == (answer == Answer.CANNOT_TELL)


def grid(shape: tuple[int, int] = (2, 3)) -> Fires:
    whole = np.ones(shape)
    return Fires(whole, 0.1 * whole, 1e-9 * whole, whole < 0, whole > 0)


def test_nothing_received_is_never_an_answer() -> None:
    found = told(grid(), Sky(np.zeros((2, 3)), recorded=False), np.full((2, 3), fill_value=True))

    assert found.reasons() == {"nothing was received of that day": 6}
    assert (found.observable, found.by_chance_mean) == (0, 0.0)


def test_sea_has_no_answer_and_numbers_are_of_land() -> None:
    land = np.array([[True, True, False], [True, False, False]])

    found = told(grid(), Sky(np.zeros((2, 3)), recorded=True), land)

    assert found.number(Answer.ABOVE) == 3
    assert set(found.answer[~land]) == {""}
    assert found.by_chance_mean == pytest.approx(3 * LEVEL_P)


def test_detection_is_by_class_of_cloud() -> None:
    found = detected_p(np.array([0.0, 0.29, 0.3, 0.7, 1.0, np.nan]))

    assert found[:5].tolist() == [0.11, 0.11, 0.0, 0.0, 0.0]
    assert np.isnan(found[5])


@pytest.mark.parametrize(
    ("cloud", "problem"),
    [(np.zeros((2, 2)), "expected one grid"), (np.full((2, 3), 2.0), "0 to 1")],
)
def test_refuses_what_does_not_fit(cloud: np.ndarray, problem: str) -> None:
    with pytest.raises(BadInput, match=problem):
        told(grid(), Sky(cloud, recorded=True), np.full((2, 3), fill_value=True))


def test_chance_counts_every_cell_that_could_be_above_whatever_the_sky() -> None:
    fires = grid()._replace(carries=np.array([[True, True, True], [False, True, True]]))

    found = told(fires, Sky(np.full((2, 3), np.nan), recorded=True), np.ones((2, 3), np.bool_))

    assert found.by_chance_mean == pytest.approx(5 * LEVEL_P)
