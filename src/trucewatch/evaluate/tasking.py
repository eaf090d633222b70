"""Score tasking: how near the best possible set the chosen looks come, and what is promised.

Small choices are held against every set that fits the budget; large ones, where nobody can try all
sets, against the bound that the choice itself brings. Looks and targets are at random on 110 km of
ground; a third of the trials group looks, at most one of each group to be chosen.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from trucewatch.evaluate.figures import Measured, must, of_share
from trucewatch.evaluate.share import exact_share
from trucewatch.measure.tasking.chosen import choose
from trucewatch.measure.tasking.looks import LOOK, TARGET, Chances, chances

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trucewatch.evaluate.figures import Figure

TRIALS, TRIALS_QUICK = 300, 12
LARGE, LARGE_QUICK = 10_000, 500
LEAST_SHARE = 0.632  # 1 - 1/e, rounded down
USUAL_SHARE = 0.95
_FEW_MAX = 16
_START = datetime(2030, 9, 1, tzinfo=UTC)
_COSTS = (1.0, 2.0, 3.0, 5.0)
_ENDS = (0.025, 0.975)


def measure(*, seed: int, quick: bool = False) -> Measured:
    """Return shares of the best possible worth, and which bounds hold.

    Args:
        seed: Of all looks and targets.
        quick: Few trials, to see that it works.
    """
    rng = np.random.default_rng(seed)
    shares = {False: np.empty(0), True: np.empty(0)}
    for trial in range(TRIALS_QUICK if quick else TRIALS):
        grouped = trial % 3 == 0
        looks = 6 if quick else int(rng.integers(4, _FEW_MAX + 1))
        shares[grouped] = np.append(shares[grouped], _share(rng, looks, grouped=grouped))
    metrics: dict[str, Figure] = {}
    for name, found in (("alone", shares[False]), ("grouped", shares[True])):
        low, high = np.quantile(found, _ENDS)
        near = int((found > USUAL_SHARE).sum())
        metrics[f"least_share_{name}"] = _plain(float(found.min()))
        metrics[f"median_share_{name}"] = {
            "value": float(np.median(found)),
            "low": float(low),
            "high": float(high),
        }
        metrics[f"above_{USUAL_SHARE:g}_{name}"] = of_share(exact_share(near, len(found)))
    many = LARGE_QUICK if quick else LARGE
    metrics[f"surely_reached_of_{many}"] = _plain(_large(rng, many))
    rules = (
        f"least_share_alone >= {LEAST_SHARE}",
        f"median_share_alone > {USUAL_SHARE}",
        f"least_share_grouped >= {LEAST_SHARE}",
    )
    return {
        "name": "tasking",
        "seed": seed,
        "note": (
            "simulated looks and targets; worth of the choice over that of the best of all sets,"
            " medians with the middle 95 % of trials; of many looks the share that is sure"
        ),
        "metrics": metrics,
        "must": [must(rule, metrics) for rule in rules],
    }


def _plain(value_p: float) -> Figure:
    return {"value": value_p, "low": value_p, "high": value_p}


def _share(rng: np.random.Generator, looks: int, *, grouped: bool) -> float:
    seen = _drawn(rng, looks, targets=40, radius_m=(5e3, 4e4), grouped=grouped)
    budget = float(rng.uniform(2, 12))
    best = _best(seen, 0, np.ones(len(seen.weights)), budget, frozenset())
    return choose(seen, budget=budget).worth_nats / best if best > 0 else 1.0


def _best(
    seen: Chances, look: int, missed_p: NDArray[np.float64], budget: float, used: frozenset[int]
) -> float:
    """Return the worth of the best set of this look and later ones beside those chosen."""
    if look == len(seen.costs):
        return float((seen.weights * (1 - missed_p)).sum())
    without = _best(seen, look + 1, missed_p, budget, used)
    group = int(seen.exclusive[look])
    if seen.costs[look] > budget or group in used:
        return without
    with_it = missed_p.copy()
    seen.add(look, with_it)
    others = used if group < 0 else used | {group}
    cost = float(seen.costs[look])
    return max(without, _best(seen, look + 1, with_it, budget - cost, others))


def _large(rng: np.random.Generator, looks: int) -> float:
    seen = _drawn(rng, looks, targets=4_000, radius_m=(5e3, 6e3), grouped=False)
    return choose(seen, budget=looks / 50).share


def _drawn(
    rng: np.random.Generator,
    looks: int,
    *,
    targets: int,
    radius_m: tuple[float, float],
    grouped: bool,
) -> Chances:
    """Return looks and targets at random."""

    def somewhere(n: int, hours: int) -> dict[str, object]:
        return {
            "lat_deg": 45 + rng.random(n),
            "lon_deg": -30 + 1.4 * rng.random(n),
            "time_start": [_START] * n,
            "time_end": [_START + timedelta(hours=hours)] * n,
        }

    groups = [f"g{k}" if grouped and k < looks // 2 else "" for k in rng.integers(0, 3, looks)]
    found = pl.DataFrame(
        {
            "id": [f"t{k}" for k in range(targets)],
            **somewhere(targets, 24),
            "weight": rng.gamma(0.5, 1, targets),
            "text": [""] * targets,
        },
        schema=TARGET,
    )
    asked = pl.DataFrame(
        {
            "id": [f"l{k}" for k in range(looks)],
            "kind": ["patrol"] * looks,
            "exclusive": groups,
            **somewhere(looks, 6),
            "radius_m": rng.uniform(*radius_m, looks),
            "detection_p": rng.uniform(0.2, 0.95, looks),
            "cost": rng.choice(_COSTS, looks),
        },
        schema=LOOK,
    )
    return chances(asked, found)
