"""Early warning: signs know nothing of later days, and it is silent unless it beats a guess."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trucewatch.errors import BadInput
from trucewatch.evaluate.warning import measure
from trucewatch.measure.warning.odds import fit
from trucewatch.measure.warning.precursors import Precursor, begins, signs
from trucewatch.measure.warning.warned import warned

DAYS = 300


def series(counts: np.ndarray, exposure: np.ndarray | None = None) -> Precursor:
    seen = np.ones(len(counts)) if exposure is None else exposure
    return Precursor(name="restrictions", counts=counts.astype(np.float64), exposure=seen)


@given(day=st.integers(40, DAYS - 1), more=st.integers(1, 50))
def test_signs_know_nothing_of_later_days(day: int, more: int) -> None:
    counts = np.random.default_rng(1).poisson(1.0, DAYS)
    changed = counts.copy()
    changed[day:] += more

    before, after = (signs([series(each)])[:day] for each in (counts, changed))

    assert (before == after).all()


def test_half_the_exposure_with_half_the_counts_is_no_sign() -> None:
    exposure = np.where(np.arange(DAYS) < DAYS - 7, 1.0, 0.5)

    found = signs([series(40 * exposure, exposure)])

    assert found[-1, 0] == pytest.approx(0.0, abs=0.02)


@settings(max_examples=50)
@given(trouble=st.lists(st.booleans(), min_size=1, max_size=30), lead=st.integers(1, 8))
def test_what_begins_is_that_of_a_slow_count(trouble: list[bool], lead: int) -> None:
    came, known = begins(np.array(trouble), lead)

    for day, now in enumerate(trouble):
        ahead = range(day + 1, min(day + lead, len(trouble) - 1) + 1)
        begun = any(trouble[k] and not trouble[k - 1] for k in ahead)
        whole = day + lead < len(trouble)
        assert came[day] == begun
        assert known[day] == (not now and (whole or begun))


def test_weights_are_those_of_the_ridge_at_its_best() -> None:
    rng = np.random.default_rng(2)
    told = rng.normal(size=(200, 2))
    came = rng.random(200) < 1 / (1 + np.exp(-told[:, 0]))

    found = fit(told, came)

    x = np.column_stack((np.ones(200), (told - told.mean(axis=0)) / told.std(axis=0)))
    slope = x.T @ (came - 1 / (1 + np.exp(-x @ found.weights)))
    assert slope == pytest.approx(np.array([1.0, 4.0, 4.0]) * found.weights, abs=1e-6)


def test_is_silent_where_few_escalations_were_seen() -> None:
    rng = np.random.default_rng(3)
    trouble = np.zeros(DAYS, bool)
    trouble[[100, 200]] = True
    quiet = series(rng.poisson(1.0, DAYS))

    found = warned([quiet], quiet, trouble, rng=rng)

    assert not any(each.speaks for each in found)
    assert all(each.chance_p is None for each in found)
    assert found[0].why == "2 escalations were judged, at least 8 are needed"


def test_speaks_where_signs_tell_and_is_silent_where_they_do_not() -> None:
    found = measure(seed=4, quick=True)["metrics"]

    assert (found["speaks_7_d_telling"]["value"] or 0) >= 0.8
    assert (found["speaks_7_d_empty"]["value"] or 0) <= 0.2


def test_refuses_series_of_other_lengths() -> None:
    short, long = series(np.zeros(10)), series(np.zeros(11))

    with pytest.raises(BadInput, match=r"precursors: have \[10, 11\] days"):
        signs([short, long])
    with pytest.raises(BadInput, match="warning: has 11 days and 1 precursors"):
        warned([long], short, np.zeros(11, bool), rng=np.random.default_rng(5))
