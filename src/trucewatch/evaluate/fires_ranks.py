"""How well a score tells one set of fire cell-days from another, with block bootstrap intervals.

Fires of neighbouring cells and days are not independent, so that whole blocks of 1 degree by
7 days are drawn again, the same blocks in every year. Intervals are from 5 to 95 %. They hold the
chance of the sample within the years given; how much one year differs from another they do not
hold, see the figures that put each peace year in the place of the tested one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from trucewatch.evaluate.figures import Figure

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

REPEATS, REPEATS_QUICK = 200, 20
ENDS = (0.05, 0.95)


class Blocks(NamedTuple):
    """Which block each row lies in, (n,), and the seed and number of draws."""

    of: NDArray[np.int64]
    seed: int
    repeats: int


class Ranking(NamedTuple):
    """Rows of two sets in falling order of a score.

    Attributes:
        row: Which row of the whole, (k,).
        wanted: Whether it is of the set that should score high.
        tie: Number of the group of equal scores, counted from the highest.
    """

    row: NDArray[np.int64]
    wanted: Flags
    tie: NDArray[np.int64]


def ranking(score: Floats, wanted: Flags, other: Flags) -> Ranking:
    """Return the rows of either set in falling order of their score.

    Args:
        score: Of every row, (n,).
        wanted: Rows that should score high.
        other: Rows that should not; rows of neither are left out.
    """
    rows = np.flatnonzero(wanted | other)
    order = rows[np.argsort(-score[rows], kind="stable")]
    falls = np.diff(score[order], prepend=score[order[:1]]) < 0
    return Ranking(order, wanted[order], np.cumsum(falls).astype(np.int64))


def auc(ranked: Ranking, weight: Floats | None = None) -> float:
    """Return the chance that a wanted row outranks another one, ties counting half.

    Not a number when one of the sets is empty.

    Args:
        ranked: The rows.
        weight: How often each row of the whole counts, (n,); once when None.

    Source: Mann and Whitney 1947.
    """
    wanted, other = _sums(ranked, weight)
    below = other.sum() - np.cumsum(other) + 0.5 * other
    pairs = wanted.sum() * other.sum()
    return float(wanted @ below / pairs) if pairs > 0 else float("nan")


def average_precision(ranked: Ranking, weight: Floats | None = None) -> float:
    """Return the mean over wanted rows of the share of wanted rows among those that rank as high.

    It depends on how many rows of either set there are; two files cannot be compared by it.
    """
    wanted, other = _sums(ranked, weight)
    whole = np.cumsum(wanted + other)
    precision = np.cumsum(wanted) / np.maximum(whole, 1e-12)
    return float(wanted @ precision / wanted.sum()) if wanted.sum() > 0 else float("nan")


def with_interval(blocks: Blocks, of: Callable[[Floats], float]) -> Figure:
    """Return a figure for weights of 1, and its ends over blocks drawn again.

    Draws that leave nothing to measure are left out of the ends; without any left the ends are
    null.

    Args:
        blocks: Of the rows.
        of: The figure, from a weight for each row, (n,).
    """
    number = int(blocks.of.max()) + 1 if len(blocks.of) else 0
    value = of(np.ones(len(blocks.of)))
    if number == 0 or not np.isfinite(value):
        return {"value": None, "low": None, "high": None}
    rng = np.random.default_rng(blocks.seed)
    drawn = np.array([of(_drawn(rng, number)[blocks.of]) for _ in range(blocks.repeats)])
    drawn = drawn[np.isfinite(drawn)]
    if len(drawn) == 0:
        return {"value": value, "low": None, "high": None}
    low, high = np.quantile(drawn, ENDS)
    return {"value": value, "low": float(low), "high": float(high)}


def blocks_of(
    day: NDArray[np.int64], lat_deg: Floats, lon_deg: Floats, *, seed: int, repeats: int
) -> Blocks:
    """Return blocks of 1 degree by 7 days of the year, whatever the year."""
    key = (day // 7) * 1_000_000 + np.floor(lat_deg + 90).astype(np.int64) * 1_000
    key += np.floor(lon_deg + 180).astype(np.int64)
    _, of = np.unique(key, return_inverse=True)
    return Blocks(of.astype(np.int64), seed, repeats)


def _drawn(rng: np.random.Generator, number: int) -> Floats:
    draws = rng.integers(0, number, number)
    return np.bincount(draws, minlength=number).astype(np.float64)


def _sums(ranked: Ranking, weight: Floats | None) -> tuple[Floats, Floats]:
    """Return the weight of wanted and of other rows in each group of equal scores."""
    ties = int(ranked.tie[-1]) + 1 if len(ranked.tie) else 0
    each = np.ones(len(ranked.row)) if weight is None else weight[ranked.row]
    wanted = np.bincount(ranked.tie, each * ranked.wanted, ties)
    other = np.bincount(ranked.tie, each * ~ranked.wanted, ties)
    return wanted.astype(np.float64), other.astype(np.float64)
