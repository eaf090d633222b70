"""Score whether a truce is holding: false answers, patience, and what breaks the test.

Truces are simulated at the tolerated rate, where a test errs most, and above and below it. Looks
are daily for a year. `holding_watches` has the schedules of exposure, `holding_beside` what happens
where the test's assumptions fail.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trucewatch.evaluate import holding_beside
from trucewatch.evaluate.figures import Figure, Measured, Must, merged, must, of_share
from trucewatch.evaluate.holding_watches import (
    NEVER,
    SCHEDULES,
    TENTHS,
    begun,
    ends,
    fixed_ends,
    looked,
    naive_ends,
)
from trucewatch.evaluate.share import exact_share

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Whole = NDArray[np.int64]

RUNS, RUNS_QUICK = 20_000, 200
DAYS = 365
TOLERATED_DAY = 0.5
"""Per day of full exposure, as in the trial whose naive test erred 29.5 % of the time."""
OTHERS_DAY = (0.05, 5.0)
RATIOS = (1.5, 2.0, 3.0)
SLOWER_MAX_RATIO = 1.3
_PATIENT_DAYS = 1_000
_DELAYED = ("steady", "fortnights_dark")
_RESAMPLED = 400
ERROR_MAX_P = 0.05


def measure(*, seed: int, quick: bool = False) -> Measured:
    """Return false answers by schedule, delays, and what breaks the test.

    Args:
        seed: Of all truces.
        quick: Few truces, to see that it works.
    """
    runs = RUNS_QUICK if quick else RUNS
    metrics, musts = merged(
        [_errors(seed, runs), _delays(seed, runs // 4), holding_beside.measured(seed, runs // 10)]
    )
    return {
        "name": "holding",
        "seed": seed,
        "note": " ".join(_note(runs)),
        "metrics": metrics,
        "must": musts,
    }


def _note(runs: int) -> Iterator[str]:
    yield f"{runs:,} truces per schedule at the tolerated rate, looked at on each of {DAYS} days;"
    yield f"a quarter as many for delays, at {TOLERATED_DAY} a day tolerated."
    yield "error: said to be not holding; error_holding: said to be holding; at the tolerated rate"
    yield "either is false."


def _errors(seed: int, runs: int) -> tuple[dict[str, Figure], list[Must]]:
    """Return how often a truce at the tolerated rate is ever said to hold, or not to."""
    metrics: dict[str, Figure] = {}
    rules: list[str] = []
    cases = [(name, TOLERATED_DAY, name) for name in SCHEDULES]
    cases += [(f"{name}_at_{rate:g}_a_day", rate, name) for rate in OTHERS_DAY for name in _DELAYED]
    for number, (name, rate_day, schedule) in enumerate(cases):
        tenths = DAYS * TENTHS
        ours = ends(rate_day, tenths)
        tests = [ours.above, naive_ends(rate_day, tenths)], [ours.below]
        truces = begun(np.random.default_rng([seed, number]), runs)
        spoke = looked(truces, SCHEDULES[schedule], rate_day, DAYS, tests)
        for kind, first in (
            ("error", spoke.above[0]),
            ("naive_error", spoke.above[1]),
            ("error_holding", spoke.below[0]),
        ):
            metrics[f"{kind}_{name}"] = _ever(first)
        rules += [f"{kind}_{name} <= {ERROR_MAX_P}" for kind in ("error", "error_holding")]
    return metrics, [must(rule, metrics) for rule in rules]


def _delays(seed: int, runs: int) -> tuple[dict[str, Figure], list[Must]]:
    """Return days until a failing truce is said to fail, against a test that knows its rate."""
    metrics: dict[str, Figure] = {}
    rules: list[str] = []
    tenths = _PATIENT_DAYS * TENTHS
    ours = ends(TOLERATED_DAY, tenths)
    for number, (ratio, schedule) in enumerate((r, s) for r in RATIOS for s in _DELAYED):
        rng = np.random.default_rng([seed, 100 + number])
        tests = [ours.above, fixed_ends(TOLERATED_DAY, tenths, ratio=ratio)], [ours.below]
        days = int(_PATIENT_DAYS / ratio**2 * 2)
        rate_day = TOLERATED_DAY * ratio
        spoke = looked(begun(rng, runs), SCHEDULES[schedule], rate_day, days, tests)
        name = f"{ratio:g}x_{schedule}"
        metrics[f"days_{name}"] = _median(spoke.above[0], rng)
        metrics[f"within_year_{name}"] = _ever(spoke.above[0], DAYS)
        metrics[f"slower_{name}"] = _median_ratio((spoke.above[0], spoke.above[1]), rng)
        rules.append(f"slower_{name} <= {SLOWER_MAX_RATIO}")
    for number, ratio in enumerate((0.0, 0.25, 0.5)):
        truces = begun(np.random.default_rng([seed, 200 + number]), runs)
        spoke = looked(truces, SCHEDULES["steady"], TOLERATED_DAY * ratio, DAYS, ([], [ours.below]))
        metrics[f"days_{ratio:g}x_holding"] = _median(spoke.below[0], truces.rng)
        metrics[f"within_year_{ratio:g}x_holding"] = _ever(spoke.below[0])
    return metrics, [must(rule, metrics) for rule in rules]


def _ever(first: Whole, days: int = NEVER - 1) -> Figure:
    return of_share(exact_share(int((first <= days).sum()), len(first)))


def _median(first: Whole, rng: np.random.Generator) -> Figure:
    """Return the median day, of all truces; null if fewer than half were ever spoken of."""
    drawn = _medians(first, rng)
    low, high = np.quantile(drawn, (0.025, 0.975)).tolist()
    told = (x if x < NEVER / 2 else None for x in (median_day(first), low, high))
    return dict(zip(("value", "low", "high"), told, strict=True))


def _median_ratio(days: tuple[Whole, Whole], rng: np.random.Generator) -> Figure:
    """Return our median delay over that of the test that knows the rate, on the same truces."""
    at = int(rng.integers(1 << 30))
    drawn = [_medians(first, np.random.default_rng(at)) for first in days]
    low, high = np.quantile(drawn[0] / drawn[1], (0.025, 0.975)).tolist()
    return {"value": median_day(days[0]) / median_day(days[1]), "low": low, "high": high}


def _medians(first: Whole, rng: np.random.Generator) -> Floats:
    at = rng.integers(0, len(first), (_RESAMPLED, len(first)))
    return np.array([median_day(first[one]) for one in at])


def median_day(first: Whole) -> float:
    """Return the median, interpolated within its day as if that day's were spread over it.

    Whole days are coarse: 10 over 7 and 9 over 8 may be the same delays.
    """
    middle = int(np.sort(first)[(len(first) - 1) // 2])
    before, there = int((first < middle).sum()), int((first == middle).sum())
    return middle - 1 + (len(first) / 2 - before) / there
