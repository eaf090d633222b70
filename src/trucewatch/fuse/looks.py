"""Which reports of a group are one look: same sensor and channel, with no gap between them.

Reports of one look share their errors. They count once: as one independent class, and with one
report's worth of precision.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Looks(NamedTuple):
    """The looks of some grouped reports.

    Attributes:
        share: 1 / (reports in the same look), one per report.
        independent: Number of looks, one per group.
        look: Number of each report's look.
    """

    share: NDArray[np.float64]
    independent: NDArray[np.int64]
    look: NDArray[np.int64]


def looks(
    group: NDArray[np.int64],
    channel: NDArray[np.int64],
    time_us: NDArray[np.int64],
    gap_us: NDArray[np.int64],
) -> Looks:
    """Return the looks; any order of rows, arrays of equal length.

    Args:
        group: Group of each report, from 0 without holes.
        channel: One number per sensor and channel.
        time_us: When.
        gap_us: The channel's gap; a look ends where the next report is at least that much later.
    """
    order = np.lexsort((time_us, channel, group))
    g, c, t = group[order], channel[order], time_us[order]
    new = np.ones(len(order), bool)
    new[1:] = (g[1:] != g[:-1]) | (c[1:] != c[:-1]) | (t[1:] - t[:-1] >= gap_us[order][1:])
    look = np.cumsum(new) - 1
    share = np.empty(len(order))
    share[order] = 1 / np.bincount(look)[look]
    number = np.empty(len(order), np.int64)
    number[order] = look
    return Looks(share, np.bincount(g[new], minlength=int(group.max(initial=-1)) + 1), number)
