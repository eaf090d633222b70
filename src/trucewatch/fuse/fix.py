"""Where and when the reports of each group put their incident, and how surely.

Precision-weighted, with the full 2 x 2 covariance of every report plus its sensor's spread; reports
of one look share one look's precision (`looks`). The result is a product of the members' errors.
It does not grow when they disagree, as they were chosen because they agree, unless they disagree by
more than evidence alone would have joined.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trucewatch.fuse.groups import Groups


DISCORD = 3.5**2
"""Squared distance, in variances of the difference, beyond which evidence joins no two reports (the
default gate). Members further apart were put together by an analyst, and the error then grows by
what they differ (the Birge ratio)."""
FREEDOM_MIN = 0.5  # less than half a look more than needed says nothing of disagreement


class Evidence(NamedTuple):
    """What each report says, one row each, in the local plane.

    Attributes:
        place: x and y in metres, then covariance xx, xy, yy in m2.
        time_us: Middle of its interval, microseconds since 1970.
        time_s2: Its variance in s2.
        share: Part of one look's precision that is this report's.
    """

    place: NDArray[np.float64]
    time_us: NDArray[np.int64]
    time_s2: NDArray[np.float64]
    share: NDArray[np.float64]


class Fixes(NamedTuple):
    """One row per group; columns as in `Evidence`."""

    place: NDArray[np.float64]
    time_us: NDArray[np.int64]
    time_s2: NDArray[np.float64]


def fix(evidence: Evidence, groups: Groups) -> Fixes:
    """Return place, time and their errors for each group; members are summed in row order."""
    n = len(groups.start) - 1
    fixes = Fixes(np.empty((n, 5)), np.empty(n, np.int64), np.empty(n))
    fix_groups(evidence, groups, fixes)
    return fixes


@njit(cache=True)
def _precision(place, share):  # type: ignore[no-untyped-def]
    """Return the inverse of a covariance (xx, xy, yy), times the share."""
    xx, xy, yy = place[2], place[3], place[4]
    scale = share / (xx * yy - xy * xy)
    return yy * scale, -xy * scale, xx * scale


@njit(cache=True)
def _discord(chi2, freedom, ordinary):  # type: ignore[no-untyped-def]
    """Return by what the variance grows when members disagree more than evidence ever joins."""
    if freedom < FREEDOM_MIN or chi2 <= ordinary * freedom:
        return 1.0
    return chi2 / freedom


@njit(cache=True)
def fix_groups(evidence, groups, fixes):  # type: ignore[no-untyped-def]
    """Fill the fixes; offsets from the first member keep all digits of place and time."""
    for g in range(len(groups.start) - 1):
        rows = groups.row[groups.start[g] : groups.start[g + 1]]
        first = evidence.place[rows[0]]
        start_us = evidence.time_us[rows[0]]
        a = b = c = u = v = w = late = off2 = late2 = looks = 0.0
        for i in rows:
            p, q, r = _precision(evidence.place[i], evidence.share[i])
            dx, dy = evidence.place[i, 0] - first[0], evidence.place[i, 1] - first[1]
            a, b, c = a + p, b + q, c + r
            u, v = u + (p * dx + q * dy), v + (q * dx + r * dy)
            weight = evidence.share[i] / evidence.time_s2[i]
            w += weight
            after = evidence.time_us[i] - start_us
            late += weight * after
            off2 += p * dx * dx + 2 * q * dx * dy + r * dy * dy
            late2 += weight * after * after
            looks += evidence.share[i]
        det = a * c - b * b
        fixes.place[g, 0] = first[0] + (c * u - b * v) / det
        fixes.place[g, 1] = first[1] + (a * v - b * u) / det
        x, y = (c * u - b * v) / det, (a * v - b * u) / det
        apart = _discord(off2 - (u * x + v * y), 2 * (looks - 1), DISCORD / 2)
        fixes.place[g, 2], fixes.place[g, 4] = apart * c / det, apart * a / det
        fixes.place[g, 3] = -apart * b / det
        fixes.time_us[g] = start_us + np.int64(np.rint(late / w))
        # Weights are per s2 and times in us.
        fixes.time_s2[g] = _discord((late2 - late * late / w) / 1e12, looks - 1, DISCORD) / w
