"""The score of whether a truce holds: its form, and its look-up of answers against the answers."""

from __future__ import annotations

import math

import numpy as np
import pytest

from trucewatch.evaluate.holding import measure, median_day
from trucewatch.evaluate.holding_watches import SCHEDULES, TENTHS, begun, ends, looked, naive_ends
from trucewatch.measure.holding.answer import Answer, Tolerance, Watched, course
from trucewatch.measure.holding.evidence import above, below
from trucewatch.measure.holding.recommitment import Spending


def test_a_quick_score_is_complete_and_the_same_twice() -> None:
    found, again = measure(seed=3, quick=True), measure(seed=3, quick=True)

    assert found == again
    assert {m["metric"] for m in found["must"]} <= set(found["metrics"])
    errors = [name for name in found["metrics"] if name.startswith("error_")]
    assert len([name for name in errors if "holding" not in name]) >= 9
    assert found["metrics"]["naive_error_steady"]["value"] > 0.15


def test_counts_looked_up_are_those_at_which_evidence_speaks() -> None:
    found = ends(0.5, 2_000)
    m = 0.05 * np.arange(2_001)

    assert (above(found.above, m) >= math.log(20) - 1e-9).all()
    assert (above(found.above[1:] - 1, m[1:]) < math.log(20)).all()
    some = found.below >= 0
    assert (below(found.below[some], m[some]) >= math.log(20) - 1e-9).all()
    assert (below(found.below[1:] + 1, m[1:]) < math.log(20)).all()


def test_a_watch_looked_up_is_answered_as_the_mission_would_answer() -> None:
    rng, tests = np.random.default_rng(6), ends(0.5, 60 * TENTHS)
    tolerance = Tolerance(rate_per_h=0.5, coverage_min_share=0.0, spending=Spending.EACH)
    exposure = np.where(np.arange(60) % 7 < 5, 6, 0)
    for ratio in (0.2, 1.0, 2.5):
        count = rng.poisson(0.05 * ratio * exposure)
        total, spent = np.cumsum(count), np.cumsum(exposure)
        hours = exposure / TENTHS
        watched = Watched(
            count=count.astype(np.float64), low_h=hours, high_h=hours, possible_h=np.ones(60)
        )

        answer = course(watched, tolerance).answer

        fails = np.maximum.accumulate(total >= tests.above[spent])
        holds = total <= tests.below[spent]
        assert [one is Answer.NOT_HOLDING for one in answer] == fails.tolist()
        assert [one is Answer.HOLDING for one in answer] == (holds & ~fails).tolist()


def test_exposure_never_depends_on_the_same_day() -> None:
    for name, schedule in SCHEDULES.items():
        runs = begun(np.random.default_rng(1), 50)
        tenths = schedule(3, runs)
        assert ((tenths >= 0) & (tenths <= TENTHS)).all(), name


def test_a_test_that_is_made_every_day_errs_far_oftener_than_it_says() -> None:
    tests = [ends(0.5, 3_650).above, naive_ends(0.5, 3_650)], []
    spoke = looked(begun(np.random.default_rng(2), 2_000), SCHEDULES["steady"], 0.5, 365, tests)

    ours, naive = ((first <= 365).mean() for first in spoke.above)

    assert ours < 0.05
    assert 0.26 < naive < 0.34


def test_a_median_is_spread_over_its_day() -> None:
    assert median_day(np.array([1, 2, 2, 2, 3])) == pytest.approx(1.5)
    assert median_day(np.array([4, 4, 4, 4])) == pytest.approx(3.5)
