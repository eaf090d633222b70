"""How wrong an estimate from two lists is when the lists depend on each other.

Theory: the estimate tends to p1 p2 / p12 of the truth, p12 being the share on both. Dependence is
given as an odds ratio: how many times likelier, by odds, an incident of one list is to be on the
other. Lists that help each other find too few, lists that avoid each other too many; the must is
the sign, and the size within five hundredths.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from trucewatch.evaluate.figures import Figure, Must, must, of_share
from trucewatch.evaluate.share import exact_share
from trucewatch.measure.rates.lists import from_lists
from trucewatch.measure.rates.recapture import bias_ratio, recaptured

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

ODDS = {"avoiding": 0.4, "independent": 1.0, "helping": 3.0, "helping_much": 8.0}
_FIRST_P, _SECOND_P = 0.5, 0.4
_TRUTH = 400
_RUNS, _RUNS_QUICK = 4_000, 100
_THREE_RUNS, _THREE_RUNS_QUICK = 400, 10
_THREE_P = (0.5, 0.4, 0.45)
SIZE_OFF_MAX_RATIO = 0.05


def measured(seed: int, *, quick: bool) -> tuple[dict[str, Figure], list[Must]]:
    """Return estimates over the truth, and what theory says of them."""
    metrics: dict[str, Figure] = {}
    rules: list[str] = []
    for number, (name, odds) in enumerate(ODDS.items()):
        rng = np.random.default_rng([seed, 1_000 + number])
        ratios, held = _two(rng, odds, _RUNS_QUICK if quick else _RUNS)
        theory = bias_ratio(_FIRST_P, _SECOND_P, both_p(_FIRST_P, _SECOND_P, odds))
        half = 1.96 * float(ratios.std()) / math.sqrt(len(ratios))
        middle = float(ratios.mean())
        metrics[f"lists_{name}"] = {"value": middle, "low": middle - half, "high": middle + half}
        metrics[f"lists_{name}_theory"] = {"value": theory, "low": theory, "high": theory}
        off = abs(middle / theory - 1)
        metrics[f"lists_{name}_off"] = {"value": off, "low": None, "high": None}
        metrics[f"lists_{name}_covers_90"] = of_share(exact_share(int(held.sum()), len(held)))
        rules.append(f"lists_{name}_off <= {SIZE_OFF_MAX_RATIO}")
    metrics |= _three(np.random.default_rng([seed, 2_000]), quick=quick)
    rules += ["lists_helping < 1", "lists_avoiding > 1", "lists_independent_covers_90 >= 0.88"]
    return metrics, [must(rule, metrics) for rule in rules]


def both_p(first_p: float, second_p: float, odds_ratio: float) -> float:
    """Return the share on both lists, from the shares on each and the odds ratio.

    It solves p12 (1 - p1 - p2 + p12) = odds (p1 - p12) (p2 - p12).
    """
    if odds_ratio == 1.0:
        return first_p * second_p
    a = 1 - odds_ratio
    b = 1 - first_p - second_p + odds_ratio * (first_p + second_p)
    c = -odds_ratio * first_p * second_p
    return (-b + math.sqrt(b * b - 4 * a * c)) / (2 * a)


def _two(
    rng: np.random.Generator, odds_ratio: float, runs: int
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the estimates over the truth, and whether intervals of 90 % hold it."""
    both = both_p(_FIRST_P, _SECOND_P, odds_ratio)
    chances = [both, _FIRST_P - both, _SECOND_P - both, 1 - _FIRST_P - _SECOND_P + both]
    drawn = rng.multinomial(_TRUTH, chances, runs)
    found = [recaptured(m + one, m + two, m) for m, one, two, _ in drawn.tolist()]
    return (
        np.array([one.value_mean / _TRUTH for one in found]),
        np.array([one.low_mean <= _TRUTH <= one.high_mean for one in found]),
    )


def _three(rng: np.random.Generator, *, quick: bool) -> dict[str, Figure]:
    """Return how often three lists, two of them dependent, hold the truth by the right model.

    The third list is independent. Of all models the one that fits best may be another.
    """
    runs = _THREE_RUNS_QUICK if quick else _THREE_RUNS
    right, best, spanned = 0, 0, 0
    for _ in range(runs):
        on = _dependent(rng)
        found = from_lists(on[on.any(axis=1)]).models
        holds = [one.low_mean <= _TRUTH <= one.high_mean for one in found]
        right += sum(h for h, one in zip(holds, found, strict=True) if one.pairs == ((0, 1),))
        best += holds[0]
        low, high = min(one.low_mean for one in found), max(one.high_mean for one in found)
        spanned += low <= _TRUTH <= high
    return {
        "three_lists_right_model_covers_90": of_share(exact_share(right, runs)),
        "three_lists_best_fit_covers_90": of_share(exact_share(best, runs)),
        "three_lists_range_covers": of_share(exact_share(spanned, runs)),
    }


def _dependent(rng: np.random.Generator) -> NDArray[np.bool_]:
    """Return who is on which of three lists, (n, 3); the first two help each other."""
    first_p, second_p, third_p = _THREE_P
    both = both_p(first_p, second_p, ODDS["helping"])
    drawn = rng.random((_TRUTH, 3))
    first = drawn[:, 0] < first_p
    given = np.where(first, both / first_p, (second_p - both) / (1 - first_p))
    return np.column_stack([first, drawn[:, 1] < given, drawn[:, 2] < third_p])
