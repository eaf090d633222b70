"""Whether probabilities mean what they say: of all that were called .7, do seven of ten come true.

Pure functions of what was predicted and what was so, one entry per case. Cases of one trial are not
quite independent, so intervals are somewhat too narrow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trucewatch.evaluate.figures import Figure

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

BINS = 10
SURE_P = 0.9
_REPEATS = 400  # bootstrap samples; the interval's ends then vary by about 0.1 of its width
_ENDS = (0.025, 0.975)


class Decile(NamedTuple):
    """Cases with a predicted chance in one tenth of the range.

    Attributes:
        predicted_p: Their mean predicted chance.
        observed_p: Share that came true.
        n: How many.
    """

    predicted_p: float
    observed_p: float
    n: int


def deciles(predicted: Floats, hit: Flags) -> list[Decile]:
    """Return the tenths of the range that have cases, rising."""
    n, total, hits = _binned(predicted, hit)
    return [
        Decile(float(t / k), float(h / k), int(k))
        for k, t, h in zip(n, total, hits, strict=True)
        if k
    ]


def calibration_error(predicted: Floats, hit: Flags) -> float:
    """Return the expected calibration error over deciles: mean |observed - predicted| by case.

    Zero for no cases.

    Source: Naeini, Cooper and Hauskrecht 2015, with equal widths.
    """
    _, total, hits = _binned(predicted, hit)
    return float(np.abs(hits - total).sum() / max(1, len(predicted)))


def brier_skill(predicted: Floats, hit: Flags) -> float:
    """Return 1 - Brier score over that of the base rate; NaN where all or none came true."""
    base = hit.mean() if len(hit) else 0.0
    spread = base * (1 - base)
    if spread == 0:
        return float("nan")
    return float(1 - np.square(predicted - hit).mean() / spread)


def worst_decile(predicted: Floats, hit: Flags, *, cases_min: int) -> float:
    """Return the greatest |observed - predicted| of the deciles with that many cases, or NaN."""
    found = deciles(predicted, hit)
    off = [abs(d.observed_p - d.predicted_p) for d in found if d.n >= cases_min]
    return max(off, default=float("nan"))


def sharpness(predicted: Floats) -> tuple[float, float, float]:
    """Return mean and standard deviation of the chances, and the share above `SURE_P`."""
    if len(predicted) == 0:
        return float("nan"), float("nan"), float("nan")
    return float(predicted.mean()), float(predicted.std()), float((predicted > SURE_P).mean())


def calibration_figure(predicted: Floats, hit: Flags, *, rng: np.random.Generator) -> Figure:
    """Return the calibration error with its bootstrap interval.

    A resampled error is on average larger than the error itself, because resampling adds noise to
    each decile; the basic (reflected) interval takes that off again, and ends at 0.
    """
    value = calibration_error(predicted, hit)
    drawn = [
        calibration_error(predicted[at], hit[at])
        for at in (rng.integers(0, len(hit), len(hit)) for _ in range(_REPEATS * bool(len(hit))))
    ]
    if not drawn:
        return {"value": None, "low": None, "high": None}
    low, high = np.quantile(drawn, _ENDS)
    return {
        "value": value,
        "low": max(0.0, float(2 * value - high)),
        "high": max(value, float(2 * value - low)),
    }


def skill_figure(predicted: Floats, hit: Flags, *, rng: np.random.Generator) -> Figure:
    """Return the Brier skill with its bootstrap interval; null where it is not defined."""
    value = brier_skill(predicted, hit)
    if np.isnan(value):
        return {"value": None, "low": None, "high": None}
    drawn = [
        brier_skill(predicted[at], hit[at])
        for at in (rng.integers(0, len(hit), len(hit)) for _ in range(_REPEATS))
    ]
    low, high = np.nanquantile(drawn, _ENDS)
    return {"value": value, "low": float(low), "high": float(high)}


def _binned(predicted: Floats, hit: Flags) -> tuple[Floats, Floats, Floats]:
    """Return per decile the number of cases, the sum of chances, and the number that came true."""
    place = np.minimum((predicted * BINS).astype(np.int64), BINS - 1)
    came = hit.astype(np.float64)
    n, total, hits = (np.bincount(place, w, BINS) for w in (np.ones(len(hit)), predicted, came))
    return n.astype(np.float64), total.astype(np.float64), hits.astype(np.float64)
