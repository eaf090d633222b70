"""How many were missed, from three or four lists: log-linear models, all of them shown.

Each model says which pairs of lists depend on each other; all pairs at once, or none, or any
between. The counts of incidents on every combination of lists are Poisson with a log-linear mean,
and the model says what belongs where nobody saw anything. Models that fit equally well may say
very different numbers, and no data decide between them: the range is part of the answer. A
dependence of three lists at once cannot be seen, and is assumed away.

Source: Fienberg 1972; Bishop, Fienberg and Holland 1975, chapter 6; log-normal interval of Chao
1987. Models are ordered by AIC (Akaike 1973).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import chain, combinations
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import xlogy
from scipy.stats import norm

from trucewatch.errors import BadInput
from trucewatch.measure.rates.recapture import ASSUMPTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

PairOfLists = tuple[int, int]

LISTS_ASSUMPTIONS = (
    *ASSUMPTIONS[:2],
    "Lists depend on each other in pairs at most, in those pairs that the model names.",
    ASSUMPTIONS[3],
    "Models that fit equally well can differ widely: the range over models belongs to the answer.",
)
_FEWEST, _MOST = 3, 4
_STEPS = 60  # of Newton's method; 10 do when there is an answer
_CLOSE = 1e-9
_LARGEST_LOG = 25.0  # a mean beyond e^25, or below e^-25, means that counts fix none


class Fit(NamedTuple):
    """Coefficients, (c,), their covariance, (c, c), and the log likelihood as score."""

    theta: Floats
    covariance: Floats
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What one model says.

    Attributes:
        pairs: Lists that depend on each other, numbered from 0.
        value_mean: Estimated number of incidents.
        low_mean: Lower end; never under the number that was seen.
        high_mean: Upper end.
        score: Criterion of Akaike; the lowest fits best for its size.
    """

    pairs: tuple[PairOfLists, ...]
    value_mean: float
    low_mean: float
    high_mean: float
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """What all models say that the counts can fix, the best fitting first.

    Attributes:
        models: Of at least one.
        unfixed: Models whose number no count fixes, as a combination of lists never came about.
        seen: On any list.
        level_p: Of the intervals.
        assumptions: To be printed with any of the numbers.
    """

    models: tuple[Model, ...]
    unfixed: tuple[tuple[PairOfLists, ...], ...]
    seen: int
    level_p: float
    assumptions: tuple[str, ...] = LISTS_ASSUMPTIONS


def from_lists(on: NDArray[np.bool_], *, level_p: float = 0.9) -> Models:
    """Return how many happened, by every log-linear model of pairs.

    Args:
        on: Whether each incident is on each list, (n, 3) or (n, 4).
        level_p: Of the intervals.

    Raises:
        BadInput: There are too few or too many lists, an incident is on none, or no model is fixed.
    """
    lists = on.shape[1] if on.ndim == 2 else 0  # noqa: PLR2004 - a table
    if not _FEWEST <= lists <= _MOST:
        problem = f"there are {lists} lists, must be {_FEWEST} to {_MOST}"
        raise BadInput("recapture", problem)
    if not on.any(axis=1).all():
        raise BadInput("recapture", "an incident is on no list, expected one at least")
    cells = np.bincount(on @ (1 << np.arange(lists)), minlength=1 << lists)[1:]
    models: list[Model] = []
    unfixed: list[tuple[PairOfLists, ...]] = []
    for pairs in _subsets(lists):
        found = _fit(_design(lists, pairs), cells.astype(np.float64))
        if found is None:
            unfixed.append(pairs)
        else:
            models.append(_model(pairs, found, len(on), level_p))
    if not models:
        raise BadInput("recapture", "the counts fix no model, lists overlap too little")
    models.sort(key=lambda model: (model.score, model.pairs))
    return Models(models=tuple(models), unfixed=tuple(unfixed), seen=len(on), level_p=level_p)


def _subsets(lists: int) -> Iterator[tuple[PairOfLists, ...]]:
    pairs = list(combinations(range(lists), 2))
    return chain.from_iterable(combinations(pairs, size) for size in range(len(pairs) + 1))


def _design(lists: int, pairs: tuple[PairOfLists, ...]) -> Floats:
    """Return the design of the cells 1, 2, ...: ones, each list, each dependent pair."""
    cell = np.arange(1, 1 << lists)
    member = [((cell >> one) & 1).astype(np.float64) for one in range(lists)]
    together = [member[a] * member[b] for a, b in pairs]
    return np.column_stack([np.ones(len(cell)), *member, *together])


def _fit(design: Floats, cells: Floats) -> Fit | None:
    """Return the fit of highest likelihood, or None when the counts do not fix it."""
    if design.shape[1] > len(cells) or np.linalg.matrix_rank(design) < design.shape[1]:
        return None
    start = np.linalg.lstsq(design, np.log(cells + 0.5), rcond=None)[0]
    theta: Floats = start.astype(np.float64)
    for _ in range(_STEPS):
        mean = np.exp(design @ theta)
        step = np.linalg.solve(design.T @ (design * mean[:, None]), design.T @ (cells - mean))
        theta = theta + step
        if np.abs(design @ theta).max() > _LARGEST_LOG:
            return None
        if np.abs(step).max() < _CLOSE:
            mean = np.exp(design @ theta)
            covariance = np.linalg.inv(design.T @ (design * mean[:, None]))
            return Fit(
                theta, covariance.astype(np.float64), float((xlogy(cells, mean) - mean).sum())
            )
    return None


def _model(pairs: tuple[PairOfLists, ...], found: Fit, seen: int, level_p: float) -> Model:
    """Return what a fit says of those that nobody saw; their own scatter is in the interval."""
    missed = math.exp(float(found.theta[0]))
    relative = float(found.covariance[0, 0]) + 1 / missed
    wide = math.exp(float(norm.ppf((1 + level_p) / 2)) * math.sqrt(math.log1p(relative)))
    size = len(found.theta)
    return Model(
        pairs=pairs,
        value_mean=seen + missed,
        low_mean=seen + missed / wide,
        high_mean=seen + missed * wide,
        score=2 * size - 2 * found.score,
    )
