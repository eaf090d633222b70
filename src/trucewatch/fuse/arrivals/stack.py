"""The stack: for every node and origin time, the evidence of all picks and of all silence.

A pick adds log(1 + S p / ((1 - p) mu)), where mu is the clutter expected in its window and S the
share of a source's picks that fall into it; a channel in reach adds log(1 - p), which is what its
silence would say. Four classes of reach lie in the four 16-bit lanes of one 64-bit word, so that
one addition per pick and node serves all four. A lane must not run over: picks of one channel
closer than half a bin are thinned to one, and the scale of the lanes is set so that the most that a
window can then hold fits in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from trucewatch.fuse.arrivals.hearing import fall

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trucewatch.fuse.arrivals.grid import Grid
    from trucewatch.fuse.arrivals.hearing import Hearing

CLASSES = (0.15, 0.35, 0.55, 0.85)  # of the way from the least to the greatest reach, one a lane
INSIDE = 0.9  # share of a source's picks that fall into the window of two bins (simulated, seed 5)
WINDOW = 2  # bins
FINEST = 16.0  # steps of a lane per natural-log unit; finer gains nothing
IN_WINDOW = 2 * WINDOW + 1  # picks of one channel that are left in a window after thinning
LANE_MAX = (1 << 15) - 1  # the top bit of a lane is kept for the test against the gate
BLOCK = 16  # bins that are held against the gate at once
_LOW = np.uint64(0xFFFF)
_TOPS = np.uint64(0x8000_8000_8000_8000)
_LANE = np.uint64(16)


class Odds(NamedTuple):
    """What the detection model says of every link and class of reach."""

    pick: NDArray[np.float64]  # (link, 4) S p / (1 - p)
    silence: NDArray[np.float64]  # (node, 4) log probability that all channels in reach are silent


class Weights(NamedTuple):
    """What a pick and a node add, for the clutter rates of one stretch."""

    pick: NDArray[np.uint64]  # (link,) four lanes
    silence: NDArray[np.int32]  # (node, 4)
    bias: NDArray[np.uint64]  # (node,) four lanes: added to a sum, lifts those that pass the gate
    weight: float  # steps of a lane per natural-log unit


class Grouped(NamedTuple):
    """Free picks of one chunk by channel: rows start[c] to start[c + 1] are channel c's."""

    start: NDArray[np.int64]
    bins: NDArray[np.float32]  # time since the chunk began, in bins


class Field(NamedTuple):
    """Working memory of a chunk; cells under the gate stay 0."""

    score: NDArray[np.int16]  # (node, bin)
    lanes: NDArray[np.uint64]  # (bin with `lead` on both sides,)
    node: NDArray[np.int32]  # (cell,) of the cells that pass the gate
    bin: NDArray[np.int32]
    lead: int  # bins before and after: the greatest travel time


def field(grid: Grid, bins: int) -> Field:
    """Return working memory for chunks of `bins` bins."""
    nodes = len(grid.place_km)
    lead = int(grid.bins.max(initial=0)) + WINDOW
    return Field(
        np.zeros((nodes, bins), np.int16),
        np.zeros(bins + 2 * lead + WINDOW + BLOCK, np.uint64),
        np.zeros(nodes * bins, np.int32),
        np.zeros(nodes * bins, np.int32),
        lead,
    )


def odds(grid: Grid, heard: Hearing) -> Odds:
    """Return what the detection model says of every link, whatever the clutter."""
    span_km = heard.reach_km[-1] - heard.reach_km[0]
    reach_km = heard.reach_km[0] + np.array(CLASSES) * span_km
    detect, silence = fall(
        heard.detect_p, np.exp((grid.distance_km[:, None] - reach_km) / heard.edge_km)
    )
    none = np.zeros((1, len(CLASSES)))
    all_silent = np.add.reduceat(np.vstack([np.log(silence), none]), grid.start[:-1])
    all_silent[np.diff(grid.start) == 0] = 0
    return Odds(INSIDE * detect / silence, all_silent)


def weigh(
    grid: Grid, given: Odds, mean_per_s: NDArray[np.float64], bin_s: float, gate: float
) -> Weights:
    """Return the weights of picks and silence.

    Args:
        grid: Nodes and their links.
        given: The detection model on these links.
        mean_per_s: (channel,) clutter rate over the stretch.
        bin_s: Width of a bin.
        gate: Least log likelihood ratio of a candidate.
    """
    pick, most = np.empty_like(given.pick), np.zeros_like(given.silence)
    weigh_links(grid, given.pick, mean_per_s * WINDOW * bin_s, pick, most)
    rounding = int(np.diff(grid.start).max()) * IN_WINDOW / 2
    scale = min(FINEST, (LANE_MAX - rounding) / max(IN_WINDOW * most.max(), 1.0))
    least = np.floor(given.silence * scale).astype(np.int32)
    need = np.maximum(int(gate * scale) - least, 1).astype(np.int64)
    bias = np.maximum(LANE_MAX + 1 - need, 0).astype(np.uint64)
    return Weights(_packed((pick * scale + 0.5).astype(np.uint64)), least, _packed(bias), scale)


def _packed(lanes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return (n,) words of (n, 4) lanes."""
    shift = np.arange(len(CLASSES), dtype=np.uint64) * _LANE
    words: NDArray[np.uint64] = np.bitwise_or.reduce(lanes << shift, axis=1)
    return words


@njit(cache=True)
def weigh_links(grid, given, expected, pick, most):  # type: ignore[no-untyped-def]
    """Fill pick[link, class] in natural-log units, and most[node, class], one pick per channel."""
    for n in range(len(grid.start) - 1):
        for k in range(grid.start[n], grid.start[n + 1]):
            for c in range(given.shape[1]):
                pick[k, c] = np.log(1.0 + given[k, c] / expected[grid.channel[k]])
                most[n, c] += pick[k, c]


@njit(cache=True)
def group(picks, free, span, grouped):  # type: ignore[no-untyped-def]
    """Sort the free picks of a chunk by channel, thinned; return how many there are.

    Args:
        picks: Channel and time in bins of all picks, by time.
        free: Which of them no source has claimed.
        span: First and last row, and where the chunk begins, in bins.
        grouped: Filled; see `Grouped`. The last pick that was kept of each channel decides.
    """
    channel, bins = picks
    first, last, origin = span
    kept = np.full(len(grouped.start) - 1, -1.0e300)
    use = np.zeros(last - first, np.bool_)
    grouped.start[:] = 0
    for p in range(first, last):
        c = channel[p]
        if free[p] and bins[p] - kept[c] >= 0.5:  # noqa: PLR2004 - half a bin
            kept[c] = bins[p]
            use[p - first] = True
            grouped.start[c + 1] += 1
    for c in range(len(kept)):
        grouped.start[c + 1] += grouped.start[c]
    at = grouped.start[:-1].copy()
    for p in range(first, last):
        if use[p - first]:
            grouped.bins[at[channel[p]]] = bins[p] - origin
            at[channel[p]] += 1
    return grouped.start[-1]


@njit(cache=True)
def stack(grouped, grid, weights, field):  # type: ignore[no-untyped-def]
    """Fill the field of a chunk and return how many cells pass the gate.

    Bin b holds origin times from b to b + 2 bins after the chunk began. The field must be 0.
    """
    hits = 0
    for n in range(len(grid.start) - 1):
        field.lanes[:] = 0
        for k in range(grid.start[n], grid.start[n + 1]):
            c, weight = grid.channel[k], weights.pick[k]
            shift = np.float32(field.lead) - grid.bins[k]
            for p in range(grouped.start[c], grouped.start[c + 1]):
                field.lanes[np.uint32(grouped.bins[p] + shift)] += weight
        hits = _threshold(n, weights, field, hits)
    return hits


@njit(cache=True)
def _threshold(n, weights, field, hits):  # type: ignore[no-untyped-def]
    """Score the cells of node n that pass the gate; return how many there are so far.

    A block of bins is tested at once, without a branch, because nearly none has a cell that passes.
    """
    bins = field.score.shape[1]
    bias = weights.bias[n]
    for first in range(0, bins, BLOCK):
        block = field.lanes[field.lead + first : field.lead + first + BLOCK + 1]
        if _any(block, bias):
            for b in range(first, min(first + BLOCK, bins)):
                z = block[b - first] + block[b - first + 1]
                if (z + bias) & _TOPS:
                    field.score[n, b] = _best(z, weights.silence, n)
                    field.node[hits], field.bin[hits] = n, b
                    hits += 1
    return hits


@njit(cache=True)
def _any(block, bias):  # type: ignore[no-untyped-def]
    """Return whether a window of the block passes the gate in any lane."""
    met = np.uint64(0)
    for i in range(BLOCK):
        met |= block[i] + block[i + 1] + bias
    return met & _TOPS != 0


@njit(cache=True)
def _best(z, silence, n):  # type: ignore[no-untyped-def]
    """Return the score of the best class, silence included."""
    best = 0
    for c in range(len(CLASSES)):
        lane = np.int64((z >> (_LANE * np.uint64(c))) & _LOW)
        best = max(best, lane + silence[n, c])
    return min(best, LANE_MAX)


@njit(cache=True)
def wipe(field, hits):  # type: ignore[no-untyped-def]
    """Set the field back to 0; only the cells that passed the gate are not."""
    for h in range(hits):
        field.score[field.node[h], field.bin[h]] = 0
