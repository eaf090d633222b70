"""What becomes of the test beside its own ground: clusters, grave weights, sectors, recommitments.

None but the musts is promised; the rest is printed so that nobody has to believe us.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from trucewatch.evaluate.figures import Figure, Must, must, of_share
from trucewatch.evaluate.holding_watches import NEVER, SCHEDULES, TENTHS, begun, ends, looked
from trucewatch.evaluate.share import exact_share
from trucewatch.measure.holding import evidence
from trucewatch.measure.holding.answer import Answer, Tolerance, Watched, course
from trucewatch.measure.holding.clusters import episodes, log_bets
from trucewatch.measure.holding.recommitment import Spending, share_of
from trucewatch.measure.holding.sectors import named

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Counts = NDArray[np.int64]
    Flags = NDArray[np.bool_]

    from trucewatch.evaluate.holding_watches import Tests

_DAYS = 365
_TOLERATED = 0.5  # per day of full exposure
_SEEN_P = 0.6
_SIZE = 3.0  # mean of geometric clusters
_NEEDED = math.log(20.0)
_SECTORS, _BAD, _LOOK_DAY = 40, 8, 90
_RECOMMITMENTS, _APART_DAYS = 12, 30
_LEAST_SHARE, _POOR_SHARE = 0.3, 0.2


def measured(seed: int, runs: int) -> tuple[dict[str, Figure], list[Must]]:
    """Return figures by name, and what was promised of them."""
    metrics: dict[str, Figure] = {}
    for number, part in enumerate(
        (_clusters, _wrong_chance, _weights, _sectors, _recommitments, _poor)
    ):
        metrics |= part(np.random.default_rng([seed, 1_000 + number]), runs)
    rules = [
        "clustered_error_bets <= 0.05",
        "clustered_error_episodes <= 0.05",
        "weighed_error <= 0.05",
        "weighed_error_holding <= 0.05",
        "sectors_false_share <= 0.05",
        "recommitments_error_together <= 0.05",
        "poor_coverage_other_answers <= 0",
    ]
    return metrics, [must(rule, metrics) for rule in rules]


def _clusters(rng: np.random.Generator, runs: int) -> dict[str, Figure]:
    """Return errors when incidents come in clusters, of which each incident is seen or not."""
    m = np.full(_DAYS, _TOLERATED * _SEEN_P)
    found: dict[str, list[bool]] = {}
    for _ in range(runs):
        day = _clustered_days(rng, _TOLERATED, over_days=1)
        long = _clustered_days(rng, _TOLERATED, over_days=4)
        for name, count in (("clustered", day), ("long_clusters", long)):
            quiet = 1 if name == "clustered" else 4
            cases = {
                "poisson": evidence.above(np.cumsum(count), np.cumsum(m)),
                "bets": log_bets(count, m),
                "episodes": _by_episodes(count, quiet, _TOLERATED),
            }
            for case, logs in cases.items():
                found.setdefault(f"{name}_error_{case}", []).append(bool(logs.max() >= _NEEDED))
        for ratio in (2, 3):
            count = _clustered_days(rng, ratio * _TOLERATED, over_days=1)
            for case, logs in (
                ("bets", log_bets(count, m)),
                ("episodes", _by_episodes(count, 1, _TOLERATED)),
            ):
                found.setdefault(f"clustered_{ratio}x_within_year_{case}", []).append(
                    bool(logs.max() >= _NEEDED)
                )
    return {name: _share(flags) for name, flags in found.items()}


def _clustered_days(rng: np.random.Generator, rate_day: float, *, over_days: int) -> Floats:
    """Return what was seen by day, of clusters whose incidents fall within some days."""
    begins = rng.poisson(rate_day / _SIZE, _DAYS)
    sizes = rng.geometric(1 / _SIZE, begins.sum())
    days = np.repeat(np.repeat(np.arange(_DAYS), begins), sizes)
    days = days + rng.integers(0, over_days, len(days))
    days = days[(rng.random(len(days)) < _SEEN_P) & (days < _DAYS)]
    return np.bincount(days, minlength=_DAYS).astype(np.float64)


def _by_episodes(count: Floats, quiet: int, rate_day: float) -> Floats:
    """Return the log evidence on beginnings; tolerated are the clusters of which some is seen."""
    begun_, outside = episodes(count, np.ones(len(count), np.bool_), quiet=quiet)
    missed = (1 - _SEEN_P) / _SIZE / (1 - (1 - _SEEN_P) * (1 - 1 / _SIZE))
    tolerated = rate_day / _SIZE * (1 - missed)
    return evidence.above(np.cumsum(begun_), tolerated * np.cumsum(outside))


def _wrong_chance(rng: np.random.Generator, runs: int) -> dict[str, Figure]:
    """Return errors when more is seen than was declared: the chance of detection is too low."""
    tests: Tests = [ends(_TOLERATED, _DAYS * TENTHS).above], []
    out = {}
    for percent in (10, 25):
        rate_day = _TOLERATED * (1 + percent / 100)
        spoke = looked(begun(rng, 2 * runs), SCHEDULES["steady"], rate_day, _DAYS, tests)
        out[f"declared_{percent}_low_error"] = _share(spoke.above[0] < NEVER)
    return out


def _weights(rng: np.random.Generator, runs: int) -> dict[str, Figure]:
    """Return errors and power of the severity-weighted test; weights uniform from 0 to 1."""
    out: dict[str, Figure] = {}
    m = 0.5 * _TOLERATED * _SEEN_P * np.arange(1, _DAYS + 1)
    for name, ratio in (("weighed_error", 1.0), ("weighed_2x_within_year", 2.0)):
        harm = _harm(rng, ratio * _TOLERATED * _SEEN_P, runs)
        logs = evidence.above(harm.ravel(), np.tile(m, runs)).reshape(harm.shape)
        out[name] = _share(np.any(logs >= _NEEDED, axis=1))
        if ratio == 1.0:
            logs = evidence.below(harm.ravel(), np.tile(m, runs)).reshape(harm.shape)
            out["weighed_error_holding"] = _share(np.any(logs >= _NEEDED, axis=1))
    return out


def _harm(rng: np.random.Generator, rate_day: float, runs: int) -> Floats:
    """Return sums of weights since the beginning, (runs, days)."""
    count = rng.poisson(rate_day, (runs, _DAYS))
    ends_at = np.cumsum(count.ravel())
    total = np.concatenate([[0.0], np.cumsum(rng.random(int(ends_at[-1])))])
    by_day = np.diff(total[np.concatenate([[0], ends_at])]).reshape(runs, _DAYS)
    return np.asarray(np.cumsum(by_day, axis=1))


def _sectors(rng: np.random.Generator, runs: int) -> dict[str, Figure]:
    """Return the share of false ones among sectors named, at one look; 8 of 40 at twice."""
    rates = np.where(np.arange(_SECTORS) < _BAD, 2.0, 1.0) * _TOLERATED * _SEEN_P
    m = _TOLERATED * _SEEN_P * _LOOK_DAY
    counts = rng.poisson(rates * _LOOK_DAY, (runs, _SECTORS))
    logs = evidence.above(counts.ravel(), np.full(counts.size, m)).reshape(counts.shape)
    by_bh = np.array([named(row, alpha_p=0.05) for row in logs])
    bad = np.arange(_SECTORS) < _BAD
    return {
        "sectors_false_share": _mean(_false(by_bh, bad)),
        "sectors_bad_named": _mean(by_bh[:, bad].mean(axis=1)),
    }


def _false(told: Flags, bad: Flags) -> Floats:
    return np.asarray(told[:, ~bad].sum(axis=1) / np.maximum(told.sum(axis=1), 1))


def _recommitments(rng: np.random.Generator, runs: int) -> dict[str, Figure]:
    """Return the chance of one false answer over twelve recommitments, a month apart."""
    out = {}
    for spending in Spending:
        wrong = np.zeros(2 * runs, np.bool_)
        for number in range(1, _RECOMMITMENTS + 1):
            alpha_p = 0.05 * share_of(number, spending)
            tests: Tests = [ends(_TOLERATED, _APART_DAYS * TENTHS, alpha_p=alpha_p).above], []
            spoke = looked(
                begun(rng, 2 * runs), SCHEDULES["steady"], _TOLERATED, _APART_DAYS, tests
            )
            wrong |= spoke.above[0] < NEVER
        out[f"recommitments_error_{spending.name.lower()}"] = _share(wrong)
    return out


def _poor(rng: np.random.Generator, runs: int) -> dict[str, Figure]:
    """Return how often anything but "cannot tell" is said with less coverage than was declared."""
    tolerance = Tolerance(rate_per_h=_TOLERATED, coverage_min_share=_LEAST_SHARE)
    low_h, possible_h = np.full(_DAYS, _POOR_SHARE), np.ones(_DAYS)
    other = 0
    for ratio in (0.0, 1.0, 5.0):
        for _ in range(max(1, runs // 20)):
            count = rng.poisson(ratio * _TOLERATED * low_h).astype(np.float64)
            watched = Watched(count=count, low_h=low_h, high_h=low_h, possible_h=possible_h)
            answer = course(watched, tolerance).answer
            other += any(one is not Answer.CANNOT_TELL for one in answer)
    return {"poor_coverage_other_answers": {"value": other, "low": None, "high": None}}


def _share(flags: ArrayLike) -> Figure:
    return of_share(exact_share(int(np.sum(flags)), int(np.size(flags))))


def _mean(values: Floats) -> Figure:
    """Return a mean with its normal interval."""
    middle, half = float(values.mean()), 1.96 * float(values.std()) / math.sqrt(len(values))
    return {"value": middle, "low": middle - half, "high": middle + half}
