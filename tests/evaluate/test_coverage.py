"""The score of rates: its form, its grid, and its shortcuts against the long way."""

from __future__ import annotations

import numpy as np

from trucewatch.evaluate import coverage_rates
from trucewatch.evaluate.coverage import measure
from trucewatch.evaluate.coverage_rates import GRID, SCHEDULES, Scenario, Watches, hours_of, judged
from trucewatch.measure.rates.exposure import Detection, Watch
from trucewatch.measure.rates.poisson import rate


def test_a_quick_score_is_complete_and_the_same_twice() -> None:
    found, again = (measure(seed=3, quick=True) for _ in range(2))

    assert found == again
    assert {m["metric"] for m in found["must"]} <= set(found["metrics"])
    assert 0.86 < found["metrics"]["covers_90"]["value"] < 0.94
    assert found["metrics"]["uncorrected"]["value"] < 0.4


def test_the_grid_has_48_scenarios_that_differ() -> None:
    assert len(set(GRID)) == 48
    assert len({hours_of(name).sum() for name in SCHEDULES}) == 4


def test_a_schedule_has_days_without_any_coverage() -> None:
    assert (hours_of("blackout").sum(axis=1) == 0).sum() == 14
    assert (hours_of("weekdays") == 0).any()


def test_the_short_way_holds_what_the_interval_of_a_watch_holds() -> None:
    scenario = Scenario(hours_of("blackout"), np.array([0.2, 0.3, 0.4, 0.5, 0.6]), 0.02)
    rng = np.random.default_rng(4)
    watches = coverage_rates._drawn(rng, scenario, 12, (0.4, 3.0))

    found = judged(scenario, watches)

    for i, held in enumerate(found.corrected.tolist()):
        assert held is _holds(scenario, Watches(*(column[i] for column in watches)))


def _holds(scenario: Scenario, one: Watches) -> bool:
    """Return whether the published interval of one watch holds its rate."""
    days, sensors = scenario.hours.shape
    count = np.zeros((days, sensors), np.int64)
    most = scenario.hours.argmax(axis=1)  # whose count it was does not matter, when does
    count[np.arange(days), most] = one.seen
    watch = Watch(
        count=count.ravel(),
        hours=scenario.hours.ravel(),
        estimate=np.tile(np.arange(sensors), days),
        step=np.repeat(np.arange(days), sensors),
    )
    interval = rate(watch, Detection.tested(one.hits, 40)).intervals[0]
    return bool(interval.low_per_h <= one.rates <= interval.high_per_h)
