"""How often intervals of rates hold the truth, over a grid of simulated watches.

Five sensors watch sixty days. Each sees an incident with a chance of its own, which we know from 40
trials only. Nothing here was used to choose anything in `measure.rates`.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from trucewatch.evaluate.figures import Figure, Must, must, of_share
from trucewatch.evaluate.share import exact_share
from trucewatch.measure.rates.exposure import PRIOR_TRIALS, Exposure
from trucewatch.measure.rates.poisson import chance_below
from trucewatch.measure.rates.spread import spreads

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Counts = NDArray[np.int64]

RUNS, RUNS_QUICK = 6_000, 100
RATES_PER_H = (0.01, 0.03, 0.1)
CHANCES_P = (0.15, 0.35, 0.6, 0.9)
SCHEDULES = ("steady", "weekdays", "blackout", "fading")
GRID = tuple(product(RATES_PER_H, CHANCES_P, SCHEDULES))
"""48 scenarios, in which 2.6 incidents and more are seen on average."""
FEW = tuple(product((0.001, 0.004), CHANCES_P[:2], SCHEDULES))
"""16 more in which 0.3 to 10 are seen; no interval of so few whole counts covers evenly, so they
are reported apart."""
WITHIN_P = (0.88, 0.92)
_LEVEL_P = 0.9
_DAYS, _TRIALS, _CLUSTER = 60, 40, 3.0
_WORTH = _TRIALS + 2 * PRIOR_TRIALS
_BY_SENSOR = np.array([0.7, 0.85, 1.0, 1.15, 1.3])  # chance of detection over the scenario's
_MOST_P = 0.97
_BAND = float(np.log(1.5))  # the rate is drawn so far around the scenario's, by its log
_TOO_HIGH, _TOO_LOW = 1.25, 0.8  # declared over true chance of detection


class Scenario(NamedTuple):
    """Hours by day and sensor, (60, 5), what sensors truly see, (5,), and the rate's level."""

    hours: Floats
    chances: Floats
    rate_per_h: float


class Watches(NamedTuple):
    """Simulated watches: rates, (s,), counts seen by day, (s, 60), and the trials seen, (s, 5)."""

    rates: Floats
    seen: Counts
    hits: Counts


class Covered(NamedTuple):
    """Whether intervals held the truth: of all watches, or of the first quarter of them."""

    corrected: Flags
    uncorrected: Flags
    too_high: Flags
    too_low: Flags
    as_poisson: Flags


def hours_of(schedule: str) -> Floats:
    """Return hours by day and sensor, (60, 5).

    Steady is day and night; weekdays are eight hours on five days; a blackout takes all sensors for
    two weeks and two of them for four; fading goes from day and night to an hour.
    """
    day = np.arange(_DAYS)[:, None]
    sensor = np.arange(len(_BY_SENSOR))
    by_schedule = {
        "steady": np.full((_DAYS, len(_BY_SENSOR)), 24.0),
        "weekdays": np.where((day + sensor) % 7 < 5, 8.0, 0.0),  # noqa: PLR2004 - of a week
        "blackout": np.where(
            ((day >= 20) & (day < 34)) | ((day >= 34) & (sensor < 2)),  # noqa: PLR2004
            0.0,
            24.0,
        ),
        "fading": np.broadcast_to(np.linspace(24.0, 1.0, _DAYS)[:, None], (_DAYS, 5)),
    }
    return np.asarray(by_schedule[schedule])


def measured(seed: int, runs: int) -> tuple[dict[str, Figure], list[Must]]:
    """Return the coverage of intervals, and whether it is what was promised."""
    drawn = [_covered(seed, one, runs) for one in GRID]
    shares = np.array([one.corrected.mean() for one in drawn])
    metrics = {
        "covers_90": _range(shares),
        "covers_90_least": of_share(exact_share(round(float(shares.min()) * runs), runs)),
        "covers_90_most": of_share(exact_share(round(float(shares.max()) * runs), runs)),
        "scenarios": _plain(len(GRID)),
        "scenarios_outside": _plain(int(((shares < WITHIN_P[0]) | (shares > WITHIN_P[1])).sum())),
        "uncorrected": _range([one.uncorrected.mean() for one in drawn]),
        "declared_high_by_quarter": _range([one.too_high.mean() for one in drawn]),
        "declared_low_by_fifth": _range([one.too_low.mean() for one in drawn]),
    }
    for chance in CHANCES_P:
        here = [
            one.uncorrected.mean() for one, g in zip(drawn, GRID, strict=True) if g[1] == chance
        ]
        metrics[f"uncorrected_at_{round(chance * 100)}"] = _range(here)
    fixed = [_covered(seed, one, runs // 4, band_ratio=0.0).corrected.mean() for one in GRID]
    metrics["fixed_rate"] = _range(fixed)
    metrics["few_seen"] = _range([_covered(seed, one, runs).corrected.mean() for one in FEW])
    metrics |= _clustered(seed, runs // 2)
    rules = [
        "scenarios >= 48",
        f"covers_90_least >= {WITHIN_P[0]}",
        f"covers_90_most <= {WITHIN_P[1]}",
        "uncorrected <= 0.5",
    ]
    return metrics, [must(rule, metrics) for rule in rules]


def _clustered(seed: int, runs: int) -> dict[str, Figure]:
    """Return coverage when every happening is a cluster of three on average, within a day."""
    drawn = [
        (one, _covered(seed, one, runs, cluster_mean=_CLUSTER))
        for one in GRID
        if one[0] > RATES_PER_H[0]
    ]
    return {
        "clustered": _range([one.corrected.mean() for _, one in drawn]),
        "clustered_as_poisson": _range([one.as_poisson.mean() for _, one in drawn]),
        "clustered_at_60_and_more": _range(
            [one.corrected.mean() for g, one in drawn if g[1] >= CHANCES_P[2]]
        ),
    }


def _covered(
    seed: int,
    of: tuple[float, float, str],
    runs: int,
    *,
    band_ratio: float = _BAND,
    cluster_mean: float = 1.0,
) -> Covered:
    rate_per_h, chance_p, schedule = of
    scenario = Scenario(hours_of(schedule), np.minimum(chance_p * _BY_SENSOR, _MOST_P), rate_per_h)
    rng = np.random.default_rng([seed, (GRID + FEW).index(of)])
    watches = _drawn(rng, scenario, runs, (band_ratio, cluster_mean))
    return judged(scenario, watches)


def _drawn(
    rng: np.random.Generator, scenario: Scenario, runs: int, how: tuple[float, float]
) -> Watches:
    band, cluster = how
    rates = scenario.rate_per_h * np.exp(rng.uniform(-band, band, runs))
    mean = rates[:, None] * (scenario.hours @ scenario.chances)
    plain = cluster == 1.0
    count = rng.poisson(mean) if plain else _in_clusters(rng, scenario, rates, cluster)
    hits = rng.binomial(_TRIALS, scenario.chances, (runs, len(scenario.chances)))
    return Watches(rates, count.astype(np.int64), hits.astype(np.int64))


def _in_clusters(
    rng: np.random.Generator, scenario: Scenario, rates: Floats, size_mean: float
) -> Counts:
    """Return counts by day of clusters of geometric size, of which each incident may be missed."""
    total = np.zeros((len(rates), len(scenario.hours)), np.int64)
    for sensor, chance in enumerate(scenario.chances):
        mean = rates[:, None] * scenario.hours[:, sensor] / size_mean
        clusters = rng.poisson(mean)
        more = rng.negative_binomial(np.maximum(clusters, 1), 1 / size_mean)
        total += rng.binomial(np.where(clusters > 0, clusters + more, 0), chance)
    return total


def judged(scenario: Scenario, watches: Watches) -> Covered:
    """Return whether the interval of each watch held its rate.

    An interval of 90 % holds the rate when the chance of a lower one is between .05 and .95.
    """
    few = max(1, len(watches.rates) // 4)
    first = Watches(watches.rates[:few], watches.seen[:few], watches.hits[:few])
    by_sensor = scenario.hours.sum(axis=0)
    means = np.asarray((watches.hits + PRIOR_TRIALS) / _WORTH, np.float64)
    watched = scenario.hours.sum(axis=1) > 0
    _, dispersion = spreads(watches.seen[:, watched], means @ scenario.hours[watched].T)
    whole = Exposure(np.full(len(dispersion), by_sensor.sum()), 0.0, by_sensor.sum())
    given = _exposures(means, by_sensor)
    return Covered(
        corrected=_held(watches, given, dispersion),
        uncorrected=_held(watches, whole, dispersion),
        too_high=_held(first, _exposures(means[:few] * _TOO_HIGH, by_sensor), dispersion[:few]),
        too_low=_held(first, _exposures(means[:few] * _TOO_LOW, by_sensor), dispersion[:few]),
        as_poisson=_held(first, _exposures(means[:few], by_sensor), np.ones(few)),
    )


def _exposures(means: Floats, by_sensor_h: Floats) -> Exposure:
    """Return the exposure of each watch, from its own means of the chances, (s, 5)."""
    p = np.minimum(means, _MOST_P)
    variance = p * (1 - p) / (_WORTH + 1)
    return Exposure(p @ by_sensor_h, np.sqrt(variance @ by_sensor_h**2), by_sensor_h.sum())


def _held(watches: Watches, given: Exposure, dispersion: Floats) -> Flags:
    count = watches.seen.sum(axis=1)
    below = chance_below(watches.rates, count, given, dispersion=dispersion)
    return np.asarray(np.abs(below - 0.5) <= _LEVEL_P / 2)


def _range(shares: ArrayLike) -> Figure:
    """Return the mean over scenarios, with the least and the most."""
    given = np.asarray(shares, np.float64)
    return {"value": float(given.mean()), "low": float(given.min()), "high": float(given.max())}


def _plain(value: int) -> Figure:
    return {"value": value, "low": value, "high": value}
