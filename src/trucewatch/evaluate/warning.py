"""Score early warning: how often it speaks where signs tell something, and where they tell nothing.

Truces of two years are simulated, with escalations and three series of counts, seen with gaps. In
half of them the series rise in the week before an escalation; in the other half they go their own
way, and whoever speaks then is wrong to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from trucewatch.evaluate.figures import Measured, must, of_share, over_seeds
from trucewatch.evaluate.share import exact_share
from trucewatch.measure.warning.precursors import Precursor
from trucewatch.measure.warning.warned import LEADS_D, warned

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trucewatch.evaluate.figures import Figure
    from trucewatch.measure.warning.warned import Warned

TRIALS, TRIALS_QUICK = 200, 6
DAYS = 730
FALSE_MAX_P = 0.05
_CALM_D, _TROUBLE_D = 22.0, 6.0
_CALM_RATE, _TROUBLE_RATE = 0.6, 5.0  # incidents a day that can be seen
_RISE_D, _RISE = 6, 3.0
_DARK_P = 0.08


class _World(NamedTuple):
    series: tuple[Precursor, ...]
    incidents: Precursor
    trouble: NDArray[np.bool_]


def measure(*, seed: int, quick: bool = False) -> Measured:
    """Return how often it speaks, how right it is, and which bounds hold.

    Args:
        seed: Of all truces.
        quick: Few truces, to see that it works.
    """
    rng = np.random.default_rng(seed)
    trials = TRIALS_QUICK if quick else TRIALS
    metrics: dict[str, Figure] = {}
    for name, tells in (("telling", True), ("empty", False)):
        found = [_told(rng, tells=tells) for _ in range(trials)]
        for place, lead in enumerate(LEADS_D):
            at = [each[place] for each in found]
            spoke = [each for each in at if each.speaks]
            metrics[f"speaks_{lead}_d_{name}"] = of_share(exact_share(len(spoke), trials))
            if tells:
                metrics |= _figures(rng, lead, at)
    rules = [f"speaks_{lead}_d_empty <= {FALSE_MAX_P}" for lead in LEADS_D]
    return {
        "name": "warning",
        "seed": seed,
        "note": (
            "simulated truces of two years with escalations; telling: three series rise threefold"
            " in the six days before one; empty: they do not; a world to see errors in, no forecast"
        ),
        "metrics": metrics,
        "must": [must(rule, metrics) for rule in rules],
    }


def _figures(rng: np.random.Generator, lead: int, at: list[Warned]) -> dict[str, Figure]:
    """Return precision, recall and error against the naive guess over all truces, spoken or not."""
    told: dict[str, list[float | None]] = {
        "precision": [each.precision.value_p for each in at],
        "recall": [each.recall.value_p for each in at],
        "brier": [each.brier_mean for each in at],
        "brier_naive": [each.naive_brier_mean for each in at],
    }
    return {
        f"{name}_{lead}_d": over_seeds(np.array([v for v in values if v is not None]), rng=rng)
        for name, values in told.items()
    }


def _told(rng: np.random.Generator, *, tells: bool) -> tuple[Warned, ...]:
    world = _world(rng, tells=tells)
    return warned(world.series, world.incidents, world.trouble, rng=rng)


def _world(rng: np.random.Generator, *, tells: bool) -> _World:
    trouble = np.zeros(DAYS, bool)
    day = 0
    while day < DAYS:
        day += 1 + int(rng.exponential(_CALM_D))
        lasts = 1 + int(rng.exponential(_TROUBLE_D))
        trouble[day : day + lasts] = True
        day += lasts
    first = np.flatnonzero(trouble & ~np.concatenate(([False], trouble[:-1])))
    rising = np.zeros(DAYS, bool)
    for onset in first:
        rising[max(0, onset - _RISE_D) : onset] = True
    exposure = np.where(rng.random(DAYS) < _DARK_P, 0.0, rng.uniform(0.3, 1.0, DAYS))
    series = []
    for name, rate in (("restrictions", 0.8), ("heavy_weapons", 1.5), ("jamming", 0.5)):
        drift = np.exp(0.3 * np.cumsum(rng.normal(0, 0.1, DAYS)))
        rises = np.where(rising, _RISE, 1.0) if tells else 1.0
        counts = rng.poisson(rate * drift * rises * exposure).astype(np.float64)
        series.append(Precursor(name=name, counts=counts, exposure=exposure))
    rates = np.where(trouble, _TROUBLE_RATE, _CALM_RATE)
    incidents = rng.poisson(rates * exposure).astype(np.float64)
    return _World(
        tuple(series), Precursor(name="incidents", counts=incidents, exposure=exposure), trouble
    )
