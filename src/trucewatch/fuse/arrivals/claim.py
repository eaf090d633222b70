"""Who owns which pick: sources claim their picks, strongest first, and are fitted again.

A pick has one owner. A candidate becomes a source when it has `theta` of evidence and `picks_min`
picks of its own; then its picks are no longer free. When all are known, each is fitted again on its
own picks and the free ones, because a wrong early claim may have taken a pick from it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from numba import njit

from trucewatch.fuse.arrivals.picks import PHASES
from trucewatch.fuse.arrivals.refine import (
    COLUMNS,
    COUNT,
    NEW_STEPS,
    OLD_STEPS,
    RATIO,
    T,
    X,
    Y,
    refine,
)
from trucewatch.fuse.arrivals.swarm import otherwise

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from trucewatch.fuse.arrivals.hearing import Hearing
    from trucewatch.fuse.arrivals.refine import Fit, Free


class Scene(NamedTuple):
    """What fitting a source needs and no fit changes, but for `picks.free` and `owner`."""

    place_km: NDArray[np.float64]  # (station, 2)
    limit_km: NDArray[np.float64]  # [least, greatest][east, north] of a source's place
    picks: Free
    owner: NDArray[np.int64]  # (pick,) source or -1
    source: NDArray[np.float64]  # (source, column); COUNT is 0 for one that was given up
    heard: Hearing
    fit: Fit


@njit(cache=True)
def claim(scene, rates, starts, known):  # type: ignore[no-untyped-def]
    """Turn candidates into sources, in the order given; return how many there are then.

    Args:
        scene: See `Scene`; its rows of `source` from `known` on are filled.
        rates: `rates.Clutter` of this stretch.
        starts: (candidate, 3) first place (km) and time (s).
        known: How many sources there are.
    """
    for c in range(len(starts)):
        scene.fit.at[X], scene.fit.at[Y], scene.fit.at[T] = starts[c, 0], starts[c, 1], starts[c, 2]
        refine(scene.fit, NEW_STEPS, scene.place_km, scene.picks, rates, scene.heard)
        if _accepted(scene):
            _take(scene, known)
            known += 1
    return known


@njit(cache=True)
def reclaim(scene, rates, order, members, last):  # type: ignore[no-untyped-def]
    """Fit sources again, in the order given; one that falls under the bounds is given up.

    The last time, each is held against other explanations too. Not before: what two sources close
    to each other leave free while the second is not yet found looks like a swarm.

    Args:
        scene: See `Scene`.
        rates: `rates.Clutter` of this stretch.
        order: Sources of this stretch, strongest first.
        members: Picks of all sources by source, and (source + 1,) where those of each begin.
        last: Whether no pass follows.
    """
    pick, start = members
    for e in order:
        for r in range(start[e], start[e + 1]):
            scene.owner[pick[r]] = -1
            scene.picks.free[pick[r]] = True
        for c in range(COLUMNS):
            scene.fit.at[c] = scene.source[e, c]
        refine(scene.fit, OLD_STEPS, scene.place_km, scene.picks, rates, scene.heard)
        if last:
            scene.fit.at[RATIO] -= otherwise(scene.fit, scene.picks, rates, scene.heard)
        if _accepted(scene):
            _take(scene, e)
        else:
            scene.source[e, COUNT] = 0


@njit(cache=True)
def _accepted(scene):  # type: ignore[no-untyped-def]
    at, limit_km = scene.fit.at, scene.limit_km
    return (
        at[RATIO] >= scene.heard.theta
        and at[COUNT] >= scene.heard.picks_min
        and limit_km[0, 0] <= at[X] <= limit_km[1, 0]
        and limit_km[0, 1] <= at[Y] <= limit_km[1, 1]
    )


@njit(cache=True)
def _take(scene, e):  # type: ignore[no-untyped-def]
    """Write the fitted source to row e and claim its picks."""
    for c in range(COLUMNS):
        scene.source[e, c] = scene.fit.at[c]
    for s in range(len(scene.place_km)):
        for k in range(PHASES):
            p = scene.fit.who[s, k]
            if p >= 0:
                scene.owner[p] = e
                scene.picks.free[p] = False
