"""Simulated watches over a truce, looked at every day, and the counts at which a test speaks.

Exposure comes in tenths of a day, so that what a test says hangs on two whole numbers, the count
and the tenths, and is looked up.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
from scipy.stats import poisson

from trucewatch.measure.holding.sequence import expected_high, expected_low

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Whole = NDArray[np.int64]

TENTHS = 10
NEVER = 1 << 40
"""A count, or a number of days, that is not reached."""


class Runs(NamedTuple):
    """Random numbers, the number of watches, and what each had seen the day before, (s,)."""

    rng: np.random.Generator
    number: int
    before: Whole


Schedule: TypeAlias = "Callable[[int, Runs], Whole]"
"""Tenths of exposure on a day, (s,), fixed before the count of that day is drawn."""


def _same(tenths: Callable[[int], int]) -> Schedule:
    """Return a schedule that is the same in all watches."""
    return lambda day, runs: np.full(runs.number, tenths(day))


def _at_random(_day: int, runs: Runs) -> Whole:
    """Return none on three days of ten, else anything up to a whole day."""
    tenths = runs.rng.integers(1, TENTHS + 1, runs.number)
    return np.where(runs.rng.random(runs.number) < 0.3, 0, tenths)  # noqa: PLR2004


SCHEDULES: Mapping[str, Schedule] = {
    "steady": _same(lambda _: 6),
    "weekdays": _same(lambda day: 6 if day % 7 < 5 else 0),  # noqa: PLR2004 - days of a week
    "fortnights_dark": _same(lambda day: 8 if day // 14 % 2 == 0 else 0),
    "one_day_in_ten": _same(lambda day: 10 if day % 10 == 9 else 0),  # noqa: PLR2004
    "growing": _same(lambda day: 1 + min(9, day // 36)),
    "fading": _same(lambda day: 10 - min(9, day // 36)),
    "at_random": _at_random,
    "driven_off": lambda _, runs: np.where(runs.before > 0, 0, 6),
    "drawn_in": lambda _, runs: np.where(runs.before > 0, 10, 3),
}
"""Nine; the last two depend on what was seen the day before, as they may."""


class Ends(NamedTuple):
    """By tenths of exposure, (u,): the least count that is too many, the largest that is few."""

    above: Whole
    below: Whole


def ends(rate_day: float, tenths: int, *, alpha_p: float = 0.05) -> Ends:
    """Return the counts at which our test speaks; `rate_day` is what is tolerated in a day."""
    m = rate_day / TENTHS * np.arange(tenths + 1)
    most = int(m[-1] + 12 * math.sqrt(m[-1])) + 60
    count = np.arange(most, dtype=np.float64)
    low, high = expected_low(count, alpha_p=alpha_p), expected_high(count, alpha_p=alpha_p)
    # low grows with the count; one of 0 says nothing, not even where nothing was expected
    above = np.searchsorted(np.where(low > 0, low, -1.0), m, side="left")
    return Ends(above, np.searchsorted(high, m, side="right") - 1)


def fixed_ends(rate_day: float, tenths: int, *, ratio: float) -> Whole:
    """Return the counts at which the test against one rate, `ratio` times the tolerated, speaks."""
    m = rate_day / TENTHS * np.arange(tenths + 1)
    found = np.ceil((math.log(20.0) + (ratio - 1) * m) / math.log(ratio))
    return np.asarray(found, np.int64)


def naive_ends(rate_day: float, tenths: int) -> Whole:
    """Return the counts at which a Poisson test of 5 % speaks, which is then made every day."""
    m = rate_day / TENTHS * np.arange(tenths + 1)
    found = np.asarray(poisson.isf(0.05, np.maximum(m, 1e-12)), np.int64) + 1
    found[0] = NEVER
    return found


Tests: TypeAlias = "tuple[list[Whole], list[Whole]]"
"""By tenths of exposure: the least counts that speak, and the largest counts that do."""


class Looked(NamedTuple):
    """The first day, from 1, that each test spoke, (s,) per test; `NEVER` if none."""

    above: list[Whole]
    below: list[Whole]


def looked(
    runs: Runs,
    schedule: Schedule,
    rate_day: float,
    days: int,
    tests: Tests,
) -> Looked:
    """Return when tests spoke in simulated watches.

    Args:
        runs: Random numbers, and how many watches.
        schedule: Of exposure.
        rate_day: True rate.
        days: With a look after each.
        tests: Whose first day is looked for.
    """
    count, spent = np.zeros(runs.number, np.int64), np.zeros(runs.number, np.int64)
    spoke = Looked(*([np.full(runs.number, NEVER) for _ in kind] for kind in tests))
    for day in range(days):
        tenths = schedule(day, runs)
        seen = runs.rng.poisson(rate_day / TENTHS * tenths)
        count, spent, runs = count + seen, spent + tenths, runs._replace(before=seen)
        for first, least in zip(spoke.above, tests[0], strict=True):
            first[(count >= least[spent]) & (first == NEVER)] = day + 1
        for first, most in zip(spoke.below, tests[1], strict=True):
            first[(count <= most[spent]) & (first == NEVER)] = day + 1
    return spoke


def begun(rng: np.random.Generator, number: int) -> Runs:
    """Return watches before their first day."""
    return Runs(rng, number, np.zeros(number, np.int64))
