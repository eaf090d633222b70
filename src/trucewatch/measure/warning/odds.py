"""Chances from signs: logistic, held back by a ridge so that few days do not make bold claims."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Truths = NDArray[np.bool_]

RIDGE = 4.0
"""Weight of the ridge on standardised signs: that of four days at even odds; a choice, not fitted
to anything that is reported."""

_STEPS = 50
_SMALL = 1e-8


@dataclass(frozen=True, slots=True, kw_only=True)
class Odds:
    """Fitted weights.

    Attributes:
        middle: Mean of each sign, shape (signs,).
        spread: Standard deviation of each, shape (signs,).
        weights: Of a constant and of each standardised sign, shape (1 + signs,).
    """

    middle: Floats
    spread: Floats
    weights: Floats

    def chance_p(self, signs: Floats) -> Floats:
        """Return chances, shape (days,), from signs of shape (days, signs)."""
        return np.asarray(expit(_design(signs, self.middle, self.spread) @ self.weights))


def fit(signs: Floats, came: Truths) -> Odds:
    """Return the weights of signs.

    Args:
        signs: Shape (days, signs), at least one day.
        came: What they are to tell, shape (days,).
    """
    middle, spread = signs.mean(axis=0), np.maximum(signs.std(axis=0), _SMALL)
    x = _design(signs, middle, spread)
    held = np.full(x.shape[1], RIDGE)
    held[0] = 1.0  # a weak hold on the constant: a day on which all or nothing came
    weights = np.zeros(x.shape[1])
    for _ in range(_STEPS):
        chance_p = expit(x @ weights)
        slope = x.T @ (came - chance_p) - held * weights
        bend = (x * (chance_p * (1 - chance_p))[:, None]).T @ x + np.diag(held)
        step = np.linalg.solve(bend, slope)
        weights = weights + step * min(1.0, 4.0 / max(float(np.abs(step).max()), _SMALL))
        if float(np.abs(step).max()) < _SMALL:
            break
    return Odds(middle=middle, spread=spread, weights=weights)


def _design(signs: Floats, middle: Floats, spread: Floats) -> Floats:
    return np.column_stack((np.ones(len(signs)), (signs - middle) / spread))
