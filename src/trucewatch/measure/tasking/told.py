"""Why each look was chosen, in numbers that a person can weigh against what they know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import polars as pl

    from trucewatch.measure.tasking.chosen import Choice
    from trucewatch.measure.tasking.looks import Chances

_NAMED = 3  # targets named for each look, those of which it settles most


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why one look was chosen.

    Attributes:
        look: Its id.
        place: Its place in the order, from 1.
        cost: What it costs.
        gain_nats: Uncertainty that it settles in expectation, beside those before it.
        gain_alone_nats: The same if it were the only one.
        targets: How many targets it may see.
        most: Those of which it settles most: words, chance that it sees them, share of its gain.
    """

    look: str
    place: int
    cost: float
    gain_nats: float
    gain_alone_nats: float
    targets: int
    most: tuple[tuple[str, float, float], ...]


def reasons(
    choice: Choice, seen: Chances, looks: pl.DataFrame, targets: pl.DataFrame
) -> tuple[Reason, ...]:
    """Return the reason for each look that was chosen, in order.

    Args:
        choice: What was chosen of them.
        seen: Which look sees which target.
        looks: `looks.LOOK`.
        targets: `looks.TARGET`.
    """
    missed_p, alone = np.ones(len(seen.weights)), np.ones(len(seen.weights))
    names, words = looks["id"].to_list(), targets["text"].to_list()
    told = []
    for place, look in enumerate(choice.looks, start=1):
        row = slice(seen.starts[look], seen.starts[look + 1])
        of = seen.targets[row]
        settled = seen.weights[of] * missed_p[of] * seen.detection_p[row]
        gain = float(settled.sum())
        most = np.argsort(-settled, kind="stable")[:_NAMED]
        told.append(
            Reason(
                look=names[look],
                place=place,
                cost=float(seen.costs[look]),
                gain_nats=gain,
                gain_alone_nats=seen.gain(look, alone),
                targets=len(of),
                most=tuple(
                    (words[of[k]], float(seen.detection_p[row][k]), float(settled[k] / gain))
                    for k in most
                    if settled[k] > 0
                ),
            )
        )
        seen.add(look, missed_p)
    return tuple(told)
