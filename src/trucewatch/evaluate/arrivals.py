"""How well picks are put together: scores against simulated truth, and false sources on clutter.

A source is matched when it shares at least `OVERLAP` of the larger of its two sets of picks, the
true and the found. A true source of fewer than `DETECTABLE` picks need not be found, so neither it
nor a match with it counts, on either side.

Source of the measure: Muenchmeyer 2024 (PyOcto), whose count of matches with sources too small to
be asked for could carry F1 above 1; here they are left out of both sides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import chi2

from trucewatch.evaluate.share import Share
from trucewatch.fuse.arrivals.find import find
from trucewatch.fuse.arrivals.picks import Network, Picks
from trucewatch.fuse.arrivals.settings import ArrivalSettings
from trucewatch.simulate.trials.picks import (
    draw,
    draw_cascades,
    draw_hard,
    draw_noise,
    draw_other,
    draw_unseen,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from trucewatch.fuse.arrivals.picks import Found
    from trucewatch.simulate.trials.picks import PickTruth, PickWorld

OVERLAP = 0.6
DETECTABLE = 10  # picks
CELLS = tuple((per_day, noise) for per_day in (500, 2000, 5000) for noise in (0.3, 1.0, 3.0))
HARD = ((500, 1.0), (2000, 1.0), (2000, 3.0), (5000, 3.0))
CELL_F1_MIN, HARD_F1_MIN, FALSE_PER_DAY = 0.99, 0.95, 1.0
_BOUNDED = HARD[:3]  # the densest hard cell is reported only
_NOISE = {36_000: 10, 150_000: 10, 400_000: 2}  # picks a day: days
_REPORTED_ONLY = "cascades"  # a region that comes back at once looks like a source; see `swarm`
_QUICK_HOURS, _HOURS = 2.0, 24.0
_REPEATS = 1_000  # bootstrap samples
_ENDS = (0.025, 0.975)

Metric = dict[str, float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches:
    """How found and true sources agree.

    Attributes:
        matched: Found sources that are true.
        found: Found sources, without those that match a true source too small to count.
        true: True sources of at least `DETECTABLE` picks.
        f1: Harmonic mean of matched / found and matched / true, 95 % interval by bootstrap over
            sources; None when there is neither a found nor a true source.
    """

    matched: int
    found: int
    true: int
    f1: Share


def matches(true: NDArray[np.int64], owner: NDArray[np.int64], rng: np.random.Generator) -> Matches:
    """Return how well an assignment of picks agrees with the truth.

    Args:
        true: (n,) true source of each pick, -1 for clutter.
        owner: (n,) found source of each pick, -1 for none.
        rng: Random numbers of the bootstrap.
    """
    size_true, size_found = (np.bincount(c[c >= 0]) for c in (true, owner))
    both = (true >= 0) & (owner >= 0)
    pair, shared = np.unique(np.stack([true[both], owner[both]]), axis=1, return_counts=True)
    good = shared >= OVERLAP * np.maximum(size_true[pair[0]], size_found[pair[1]])
    small = good & (size_true[pair[0]] < DETECTABLE)
    asked = int((size_true >= DETECTABLE).sum())
    hit = int((good & ~small).sum())
    found = int((size_found > 0).sum()) - int(small.sum())
    return Matches(matched=hit, found=found, true=asked, f1=_f1(hit, found, asked, rng))


def _f1(hit: int, found: int, asked: int, rng: np.random.Generator) -> Share:
    """Draw matched pairs, missed and false sources again, as the units that they are."""
    kinds = np.array([hit, found - hit, asked - hit])
    if not kinds.sum():
        return Share(value_p=None, low_p=0.0, high_p=1.0)
    drawn = rng.multinomial(kinds.sum(), kinds / kinds.sum(), _REPEATS)
    low_p, high_p = np.quantile(2 * drawn[:, 0] / (2 * drawn[:, 0] + drawn[:, 1:].sum(1)), _ENDS)
    return Share(value_p=2 * hit / (found + asked), low_p=float(low_p), high_p=float(high_p))


def found_in(world: PickWorld, settings: ArrivalSettings | None = None) -> Found:
    """Return what is found in a simulated world, with the settings as shipped by default."""
    picks = Picks(station=world.station, phase=world.phase, time_s=world.time_s)
    return find(picks, Network(place_km=world.station_km), settings or ArrivalSettings())


_APART = 1000  # between the worlds of two seeds, and from those used while building


def measure(*, seed: int, quick: bool = False) -> dict[str, object]:
    """Return F1 in every cell and the hard world, and false sources a day on five clutters.

    Args:
        seed: Worlds take seeds from `_APART` times 10 + this on; lower ones were used to build.
        quick: Two hours per world instead of a day, and the sparsest clutter only.
    """
    hours = _QUICK_HOURS if quick else _HOURS
    given, seed = seed, _APART * (10 + seed)
    rng = np.random.default_rng(seed)
    metrics: dict[str, Metric] = {}
    must = []
    for name, make, cells, least in (
        ("cell", draw, CELLS, CELL_F1_MIN),
        ("hard", draw_hard, HARD, HARD_F1_MIN),
    ):
        for per_day, noise in cells:
            world, truth = make(per_day=per_day, ratio=noise, seed=seed, length_h=hours)
            f1 = matches(truth.source, found_in(world).owner, rng).f1
            key = f"f1_{name}_{per_day}_per_day_noise_{noise:g}"
            metrics[key] = {"value": f1.value_p, "low": f1.low_p, "high": f1.high_p}
            if name == "cell" or (per_day, noise) in _BOUNDED:
                holds = f1.value_p is not None and f1.value_p >= least
                must.append(_must(key, ">=", least, holds=holds))
    for key, rate in _clutters(seed, hours, quick=quick).items():
        metrics[key] = rate
        if _REPORTED_ONLY not in key:
            holds = (rate["value"] or 0.0) < FALSE_PER_DAY
            must.append(_must(key, "<", FALSE_PER_DAY, holds=holds))
    note = f"{hours:g} hours per world; bounds are on the value, intervals are 95 %"
    return {"name": "arrivals", "seed": given, "note": note, "metrics": metrics, "must": must}


def _must(metric: str, op: str, gate: float, *, holds: bool) -> dict[str, object]:
    return {"metric": metric, "op": op, "bound": gate, "holds": holds}


def _clutters(seed: int, length_h: float, *, quick: bool) -> dict[str, Metric]:
    """Return false sources a day on every kind of clutter."""
    kinds: dict[str, tuple[int, Callable[[int, int], tuple[PickWorld, PickTruth]]]] = {
        "homogeneous": (10, lambda n, s: draw_noise(n, s, bursty=False, length_h=length_h)),
        "bursty": (10, lambda n, s: draw_noise(n, s, bursty=True, length_h=length_h)),
        "unseen": (30, lambda n, s: draw_unseen(n, s, length_h=length_h)),
        "other": (30, lambda n, s: draw_other(n, s, length_h=length_h)),
        "cascades": (30, lambda n, s: draw_cascades(n, s, length_h=length_h)),
    }
    loads = {36_000: 1} if quick else _NOISE
    rates = {}
    for name, (offset, make) in kinds.items():
        for picks_per_day, days in loads.items():
            worlds = (make(picks_per_day, seed + offset + day)[0] for day in range(days))
            false = sum(len(found_in(world).time_s) for world in worlds)
            rates[f"false_per_day_{name}_{picks_per_day}"] = _rate(false, days * length_h / 24)
    return rates


def _rate(count: int, exposure_d: float) -> Metric:
    """Return a rate with its exact Poisson interval.

    Source: Garwood 1936, by quantiles of chi-squared.
    """
    low = chi2.ppf(_ENDS[0], 2 * count) / 2 if count else 0.0
    high = chi2.ppf(_ENDS[1], 2 * count + 2) / 2
    return {
        "value": count / exposure_d,
        "low": float(low) / exposure_d,
        "high": float(high) / exposure_d,
    }
