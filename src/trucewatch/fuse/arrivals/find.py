"""Which picks share a source, and where and when it was.

A pass stacks all free picks over the nodes and origin times, refines the local maxima and lets them
claim their picks; then every source is fitted again. The next pass searches what is still free.
Clutter rates belong to a stretch of at most a day; the stack is held for a quarter of an hour at a
time. Neither is a border for a source: candidates are searched in chunks that overlap, and a source
takes picks from anywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from trucewatch.fuse.arrivals.claim import Scene, claim, reclaim
from trucewatch.fuse.arrivals.grid import grid
from trucewatch.fuse.arrivals.hearing import hearing
from trucewatch.fuse.arrivals.peaks import NEAR_BINS, peaks
from trucewatch.fuse.arrivals.picks import PHASES, Found, tidy
from trucewatch.fuse.arrivals.rates import clutter
from trucewatch.fuse.arrivals.refine import COLUMNS, COUNT, RATIO, REACH, Free, T, X, fit
from trucewatch.fuse.arrivals.stack import Field, Grouped, field, group, odds, stack, weigh, wipe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from trucewatch.fuse.arrivals.grid import Grid
    from trucewatch.fuse.arrivals.picks import Network, Picks, Tidy
    from trucewatch.fuse.arrivals.rates import Clutter
    from trucewatch.fuse.arrivals.settings import ArrivalSettings
    from trucewatch.fuse.arrivals.stack import Odds, Weights

STRETCH_MAX_S = 90_000.0  # clutter rates are means over at most this long: a day, and a margin
CHUNK_BINS = 720  # origin times that are stacked at once; bounds memory


class Search(NamedTuple):
    """What stays the same over all passes."""

    scene: Scene
    grid: Grid
    odds: Odds
    field: Field
    bins: NDArray[np.float64]  # (pick,) time in bins
    stretches: NDArray[np.float64]  # (k + 1,) their borders, seconds
    settings: ArrivalSettings


def find(picks: Picks, network: Network, settings: ArrivalSettings) -> Found:
    """Return the sources that explain the picks, by time, and the source of each pick.

    The order of the picks does not matter, and a pick that was given twice counts once. Places and
    times carry no error here; locate the source from its picks for that. Refused with `BadInput`:
    picks or stations that cannot be read, and a network too wide for its node distance.

    Args:
        picks: In any order, over any time.
        network: Stations in a local plane.
        settings: Waves, stations, bounds.
    """
    neat = tidy(picks, network)
    search = _search(neat, network, settings)
    known = 0
    for left in reversed(range(settings.passes)):
        known = _pass(search, known)
        _sweep(search, known, last=left == 0)
    return _found(search.scene, known, neat)


def _search(neat: Tidy, network: Network, settings: ArrivalSettings) -> Search:
    place_km = np.ascontiguousarray(network.place_km, np.float64)
    nodes = grid(place_km, settings)
    picks = len(neat.time_s)
    around_km = 2 * settings.margin_km
    scene = Scene(
        place_km,
        np.stack([place_km.min(axis=0) - around_km, place_km.max(axis=0) + around_km]),
        Free(neat.channel, neat.time_s, np.ones(picks, np.bool_)),
        np.full(picks, -1, np.int64),
        np.zeros((settings.passes * (picks // settings.picks_min), COLUMNS)),
        hearing(settings),
        fit(len(place_km)),
    )
    last_s = float(neat.time_s[-1]) if picks else 0.0
    first_s = -settings.cutoff_km / settings.speed_s_km_s  # the earliest source that can be heard
    many = max(int(np.ceil((last_s - first_s) / STRETCH_MAX_S)), 1)
    return Search(
        scene,
        nodes,
        odds(nodes, scene.heard),
        field(nodes, CHUNK_BINS + 2 * NEAR_BINS),
        neat.time_s / settings.bin_s,
        np.linspace(first_s, last_s + settings.bin_s, many + 1),
        settings,
    )


def _stretches(search: Search) -> Iterator[tuple[float, float, Clutter]]:
    """Yield where each stretch begins and ends, and the rates of what is free just then."""
    picks, settings = search.scene.picks, search.settings
    after_s = settings.cutoff_km / settings.speed_s_km_s
    channels = PHASES * len(search.scene.place_km)
    for begin_s, end_s in zip(search.stretches[:-1], search.stretches[1:], strict=True):
        span_s = (begin_s, end_s + after_s)
        first, last = np.searchsorted(picks.time_s, span_s)
        here = slice(int(first), int(last))
        channel, time_s = picks.channel[here], picks.time_s[here]
        free = picks.free[here]
        rates = clutter(channel[free], time_s[free], channels, span_s, settings.clutter_s)
        yield begin_s, end_s, rates


def _pass(search: Search, known: int) -> int:
    """Search the free picks of all time once; return how many sources there are then."""
    settings = search.settings
    chunk_s = CHUNK_BINS * settings.bin_s
    for begin_s, end_s, rates in _stretches(search):
        weights = weigh(search.grid, search.odds, rates.mean_per_s, settings.bin_s, settings.gate)
        for chunk in range(int(np.ceil((end_s - begin_s) / chunk_s))):
            starts = _candidates(search, weights, begin_s + chunk * chunk_s)
            known = claim(search.scene, rates, starts, known)
    return known


def _candidates(search: Search, weights: Weights, begin_s: float) -> NDArray[np.float64]:
    """Return (candidate, 3) place and time of the peaks of one chunk, strongest first."""
    picks, bin_s, memory = search.scene.picks, search.settings.bin_s, search.field
    origin_s = begin_s - NEAR_BINS * bin_s
    end_s = origin_s + (memory.score.shape[1] + memory.lead) * bin_s
    first, last = np.searchsorted(picks.time_s, (origin_s, end_s))
    channels = PHASES * len(search.scene.place_km)
    grouped = Grouped(np.zeros(channels + 1, np.int64), np.zeros(last - first, np.float32))
    span = (first, last, origin_s / bin_s)
    if not group((picks.channel, search.bins), picks.free, span, grouped):
        return np.zeros((0, 3))
    hits = stack(grouped, search.grid, weights, memory)
    lone = np.zeros(hits, np.bool_)
    peaks(memory, hits, search.grid.north, lone)
    node, bins = memory.node[:hits][lone], memory.bin[:hits][lone]
    order = np.argsort(-memory.score[node, bins].astype(np.int64), kind="stable")
    wipe(memory, hits)
    time_s = origin_s + (bins[order, None] + 1.0) * bin_s
    return np.hstack([search.grid.place_km[node[order]], time_s])


def _sweep(search: Search, known: int, *, last: bool) -> None:
    """Fit every source again, stretch by stretch, strongest first."""
    scene = search.scene
    members = np.argsort(scene.owner, kind="stable")
    start = np.searchsorted(scene.owner[members], np.arange(known + 1))
    live = np.flatnonzero(scene.source[:known, COUNT] > 0)
    live = live[np.argsort(-scene.source[live, RATIO], kind="stable")]
    stretch = np.searchsorted(search.stretches[1:-1], scene.source[live, T], side="right")
    for i, (_, _, rates) in enumerate(_stretches(search)):
        reclaim(scene, rates, live[stretch == i], (members, start), last)


def _found(scene: Scene, known: int, neat: Tidy) -> Found:
    """Return the sources that were not given up, by time, in the terms of the caller."""
    source = scene.source[:known]
    live = np.flatnonzero(source[:, COUNT] > 0)
    live = live[np.lexsort((source[live, X], source[live, T]))]
    number = np.full(known + 1, -1)
    number[live] = np.arange(len(live))
    owner = number[scene.owner]
    kept = source[live]
    late_s = _residuals(scene, kept, owner)
    return Found(
        place_km=kept[:, :2],
        time_s=kept[:, T] + neat.start_s,
        reach_km=kept[:, REACH],
        log_ratio=kept[:, RATIO],
        picks=kept[:, COUNT].astype(np.int64),
        owner=owner[neat.row],
        residual_s=late_s[neat.row],
    )


def _residuals(
    scene: Scene, source: NDArray[np.float64], owner: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the time of each distinct pick minus its predicted time; NaN without a source."""
    late_s = np.full(len(owner), np.nan)
    owned = np.flatnonzero(owner >= 0)
    channel, of = scene.picks.channel[owned], source[owner[owned]]
    away_km = np.hypot(*(of[:, :2] - scene.place_km[channel // PHASES]).T)
    travel_s = away_km / scene.heard.speed_km_s[channel % PHASES]
    late_s[owned] = scene.picks.time_s[owned] - of[:, T] - travel_s
    return late_s
