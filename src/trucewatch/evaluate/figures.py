"""What an evaluation hands back: figures with intervals, and the musts that they meet or miss.

Every `measure` of this package hands back a dictionary of the form of `Measured`, so that it prints
as JSON; some bring further keys, such as the deciles of a diagram.
"""

from __future__ import annotations

import math
import operator
from typing import TYPE_CHECKING, TypeAlias, TypedDict

import numpy as np

from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import NDArray

    from trucewatch.evaluate.share import Share

Figure: TypeAlias = dict[str, float | None]
"""`value` with the ends of its 95 % interval, `low` and `high`; null where nothing was measured."""
Must: TypeAlias = dict[str, str | float | bool]
"""`metric`, `op`, `bound`, and whether it `holds`."""

_REPEATS = 2_000  # bootstrap samples; the interval's ends then vary by about 0.05 of its width
_ENDS = (0.025, 0.975)
_COMPARED: Mapping[str, Callable[[float, float], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}


class Measured(TypedDict):
    """What one evaluation found.

    Attributes:
        name: Of the evaluation.
        seed: Everything random follows from it.
        note: What was measured on, and how far it may be trusted.
        metrics: Figures by name.
        must: What was promised of them.
    """

    name: str
    seed: int
    note: str
    metrics: dict[str, Figure]
    must: list[Must]


def over_seeds(values: NDArray[np.float64], *, rng: np.random.Generator) -> Figure:
    """Return the mean over seeds, (k,), with its bootstrap interval.

    Seeds are drawn again with replacement. With 8 seeds such an interval is somewhat too narrow:
    it covers nearer 90 % than 95 %.
    """
    if len(values) == 0:
        return {"value": None, "low": None, "high": None}
    drawn = values[rng.integers(0, len(values), (_REPEATS, len(values)))].mean(axis=1)
    low, high = np.quantile(drawn, _ENDS)
    return {"value": float(values.mean()), "low": float(low), "high": float(high)}


def of_share(share: Share) -> Figure:
    """Return a share as a figure."""
    return {"value": share.value_p, "low": share.low_p, "high": share.high_p}


def must(rule: str, metrics: Mapping[str, Figure]) -> Must:
    """Return whether a rule such as `gap <= 0.004` holds of the figures' values.

    A figure that is null, or no number, holds nothing.

    Raises:
        BadInput: The rule cannot be read, or names a figure that is not there.

    Example:
        >>> must("gap <= 0.004", {"gap": {"value": 0.003, "low": 0.001, "high": 0.005}})
        {'metric': 'gap', 'op': '<=', 'bound': 0.004, 'holds': True}
    """
    try:
        metric, op, text = rule.split(" ")
        compare, bound = _COMPARED[op], float(text)
    except (ValueError, KeyError) as error:
        problem = "must is not of the form NAME OP NUMBER with <=, >=, < or >"
        raise BadInput(repr(rule), problem) from error
    if metric not in metrics:
        raise BadInput(repr(rule), "no figure has this name, expected one that was measured")
    value = metrics[metric]["value"]
    holds = value is not None and math.isfinite(value) and compare(value, bound)
    return {"metric": metric, "op": op, "bound": bound, "holds": bool(holds)}


def merged(
    parts: Iterable[tuple[Mapping[str, Figure], Iterable[Must]]],
) -> tuple[dict[str, Figure], list[Must]]:
    """Return the figures and the musts of several parts as one.

    Raises:
        BadInput: Two parts have a figure of one name.
    """
    metrics: dict[str, Figure] = {}
    musts: list[Must] = []
    for found, promised in parts:
        twice = sorted(metrics.keys() & found.keys())
        if twice:
            raise BadInput("figures", f"{twice[0]} is measured twice, expected once")
        metrics |= found
        musts += promised
    return metrics, musts


def named(
    prefix: str, metrics: Mapping[str, Figure], musts: Iterable[Must]
) -> tuple[dict[str, Figure], list[Must]]:
    """Return figures and musts of another evaluation under names that begin with `prefix_`."""
    return (
        {f"{prefix}_{name}": figure for name, figure in metrics.items()},
        [{**one, "metric": f"{prefix}_{one['metric']}"} for one in musts],
    )


def holds(found: Mapping[str, object]) -> bool:
    """Return whether every must of an evaluation holds."""
    promised = found["must"]
    return isinstance(promised, list) and all(bool(one["holds"]) for one in promised)
