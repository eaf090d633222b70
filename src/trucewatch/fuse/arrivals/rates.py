"""How much clutter each channel has, and when: the rate that a source's picks are held against.

A channel is one phase of one station. Its rate is its mean over a stretch of time, raised where the
whole network is busier than usual (gusts), or its own local rate where that alone stands out
(bursts). A pick never counts towards the rate that it is held against.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEAST_PICKS = 2  # a channel that was silent so far is given the rate of two picks per stretch
BINS_WIDE = 3  # the local rate is over the bin of the pick and its two neighbours
OUTSTANDING_SD = 2.5  # a channel's own rate counts where it exceeds the expected by this many sd
OUTSTANDING_PICKS = 1.5  # ... and this many picks; both chosen on bursts, simulated, seed 5


class Clutter(NamedTuple):
    """Rates over one stretch of time."""

    mean_per_s: NDArray[np.float64]  # (channel,) over the whole stretch
    local_per_s: NDArray[np.float64]  # (channel, bin)
    network_per_s: NDArray[np.float64]  # (bin,) of all channels
    from_s: float  # where the first bin begins
    bin_s: float


def clutter(
    channel: NDArray[np.int64],
    time_s: NDArray[np.float64],
    channels: int,
    span_s: tuple[float, float],
    bin_s: float,
) -> Clutter:
    """Return the clutter rates of one stretch.

    Args:
        channel: (n,) channel of each pick that no source has claimed.
        time_s: (n,) their times, all inside `span_s`.
        channels: How many channels there are.
        span_s: Where the stretch begins and ends.
        bin_s: Width of a bin.
    """
    length_s = span_s[1] - span_s[0]
    mean = np.maximum(np.bincount(channel, minlength=channels), LEAST_PICKS) / length_s
    bins = int(length_s / bin_s) + 1
    here = np.minimum(((time_s - span_s[0]) / bin_s).astype(np.int64), bins - 1)
    count = np.bincount(channel * bins + here, minlength=channels * bins).reshape(channels, bins)
    padded = np.pad(count, ((0, 0), (1, 1)))
    near = padded[:, :-2] + padded[:, 1:-1] + padded[:, 2:]
    wide_s = BINS_WIDE * bin_s
    busier = np.maximum(1.0, near.sum(axis=0) / (mean.sum() * wide_s))
    local = mean[:, None] * busier
    crowded = np.flatnonzero(near > OUTSTANDING_PICKS + 1)
    others, expected = near.ravel()[crowded] - 1, local.ravel()[crowded] * wide_s
    burst = others > expected + OUTSTANDING_SD * np.sqrt(expected) + OUTSTANDING_PICKS
    local.ravel()[crowded[burst]] = others[burst] / wide_s
    return Clutter(mean, local, local.sum(axis=0), span_s[0], bin_s)
