"""Change points, how long truces last, how fast the mechanism is."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import gammaln

from trucewatch.errors import BadInput
from trucewatch.measure.change.online import Prior, changes
from trucewatch.measure.change.series import within
from trucewatch.measure.change.survival import decay, survival

PRIOR = Prior(incidents_mean=0.5, exposure_h=0.5)
SPELL_D = 10.0


def log_part(counts: list[int], exposure: list[float], cuts: tuple[bool, ...]) -> float:
    """Return log P(cuts, counts): each spell a Gamma-Poisson of its own; the slow twin."""
    total, start = 0.0, 0
    for day in range(1, len(counts) + 1):
        if day == len(counts) or cuts[day - 1]:
            n, seen = sum(counts[start:day]), sum(exposure[start:day])
            total += gammaln(PRIOR.incidents_mean + n) - gammaln(PRIOR.incidents_mean)
            total += PRIOR.incidents_mean * np.log(PRIOR.exposure_h)
            total -= (PRIOR.incidents_mean + n) * np.log(PRIOR.exposure_h + seen)
            start = day
    change_p = 1 / SPELL_D
    return float(total + sum(np.log(change_p) if cut else np.log1p(-change_p) for cut in cuts))


@settings(max_examples=30, deadline=None)
@given(
    days=st.lists(
        st.tuples(st.integers(0, 6), st.sampled_from([0.2, 1.0, 3.0])), min_size=2, max_size=9
    )
)
def test_agrees_with_a_sum_over_every_parting(days: list[tuple[int, float]]) -> None:
    counts, exposure = [n for n, _ in days], [seen for _, seen in days]
    every = list(product([False, True], repeat=len(days) - 1))
    logs = np.array([log_part(counts, exposure, cuts) for cuts in every])
    shares = np.exp(logs - logs.max()) / np.exp(logs - logs.max()).sum()
    recent_p = sum(p for p, cuts in zip(shares, every, strict=True) if any(cuts[-3:]))

    found = changes(np.array(counts), np.array(exposure), prior=PRIOR, spell_d=SPELL_D, within=3)

    best = every[int(np.argmax(logs))]
    starts = [0, *(day + 1 for day, cut in enumerate(best) if cut)]
    assert found.recent_p[-1] == pytest.approx(recent_p, abs=1e-9)
    assert [spell.first for spell in found.spells] == starts
    assert found.log10_ratio == pytest.approx((logs.max() - logs[0]) / np.log(10), abs=1e-9)


def test_finds_a_rate_that_trebled_and_when() -> None:
    rng = np.random.default_rng(31)
    rate = np.where(np.arange(120) < 70, 2.0, 6.0)
    exposure = rng.uniform(0.2, 1.0, 120)
    counts = rng.poisson(rate * exposure)

    found = changes(counts, exposure, prior=PRIOR)

    assert len(found.spells) == 2
    assert abs(found.spells[1].first - 70) <= 5
    assert found.spells[0].low_per_h < 2.0 < found.spells[0].high_per_h
    assert found.spells[1].low_per_h < 6.0 < found.spells[1].high_per_h
    assert found.log10_ratio > 2


def test_takes_no_change_from_a_change_of_exposure_alone() -> None:
    rng = np.random.default_rng(32)
    exposure = np.where(np.arange(120) < 60, 1.0, 0.1)

    found = changes(rng.poisson(4.0 * exposure), exposure, prior=PRIOR)

    assert len(found.spells) == 1


def test_a_dark_day_tells_nothing() -> None:
    counts, exposure = np.array([3, 0, 2]), np.array([1.0, 0.0, 1.0])

    found = changes(counts, exposure, prior=PRIOR)

    assert found.spells[0].count == 5
    assert found.spells[0].exposure_h == 2.0


@pytest.mark.parametrize(
    ("counts", "exposure", "message"),
    [
        ([1, 2], [1.0], "exposure: has 1 days for 2 counts"),
        ([1, -1], [1.0, 1.0], "day 1: counts: is -1"),
        ([1, 1], [1.0, 0.0], "day 1: counts: is 1 without exposure"),
        ([1], [float("nan")], "day 0: exposure: is nan"),
    ],
)
def test_refuses_days_that_cannot_be(
    counts: list[int], exposure: list[float], message: str
) -> None:
    with pytest.raises(BadInput, match=message):
        changes(np.array(counts), np.array(exposure), prior=PRIOR)


def test_survival_is_that_of_the_textbook() -> None:
    # Freireich 1963, 6-mercaptopurine: remission in weeks, + still in remission
    weeks = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    ended = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]

    found = survival(np.array(weeks, float), np.array(ended, bool))

    assert found.days.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert found.share == pytest.approx(
        [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482], abs=5e-5
    )
    assert found.median_d()[0] == 23


def test_intervals_of_survival_hold_the_truth_nine_times_in_ten() -> None:
    rng, held = np.random.default_rng(33), 0
    for _ in range(2_000):
        length, followed = rng.exponential(14, 40), rng.uniform(5, 60, 40)
        found = survival(np.minimum(length, followed), length <= followed)
        at = int(np.searchsorted(found.days, 14.0, side="right")) - 1
        held += bool(found.low_p[at] <= np.exp(-1) <= found.high_p[at])

    assert 0.87 <= held / 2_000 <= 0.93


def test_decay_is_found_and_its_interval_honest() -> None:
    rng, held = np.random.default_rng(34), 0
    for _ in range(400):
        length = rng.exponential(30 * 0.8 ** np.arange(12))
        found = decay(length, np.arange(12) < 11)
        held += bool(found.low_ratio <= 0.8 <= found.high_ratio)

    assert 0.85 <= held / 400 <= 0.95


def test_tells_of_no_decay_from_two_failures() -> None:
    with pytest.raises(BadInput, match="2 failed, must be at least 3"):
        decay(np.array([3.0, 4.0, 5.0]), np.array([True, True, False]))


def test_hours_count_what_is_still_open() -> None:
    hours = np.array([1.0, 2.0, 3.0, 4.0, 50.0, 60.0])
    done = np.array([True, True, True, True, False, False])

    half, most = (within(hours, done, share_p=share) for share in (0.5, 0.9))

    assert (half.hours_h, half.open) == (3.0, 2)
    assert most.hours_h is None


def test_hours_hold_the_truth_at_least_nine_times_in_ten() -> None:
    rng, held = np.random.default_rng(35), 0
    for _ in range(2_000):
        found = within(rng.exponential(1.0, 25), np.ones(25, bool), share_p=0.5)
        assert found.low_h is not None
        assert found.high_h is not None
        held += found.low_h <= np.log(2) <= found.high_h

    assert held / 2_000 >= 0.89
