"""Where and when an infrasound source was: the whole posterior, on squares that refine themselves.

The prior is level in area and in origin time. For a source at x and t0, each detection contributes
p(c) c^2 / r of its celerity c = r / (t - t0), and the density of its bearing. Origin time is
integrated out in every square. The map is equal-area, so that a density per square kilometre is
one, anywhere on the globe and across the 180th meridian.

The likelihoods are means over each square (in range, and approximately in bearing). So a coarse
square does not miss what happens between grid points, and where a square is small the mean is the
value.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from trucewatch.errors import BadInput
from trucewatch.fuse.locate.bearing import (
    RANGE_MAX_KM,
    ArrayDetection,
    Floats,
    Sightlines,
    distinct,
    log_bearings,
    seconds_after,
    utc_after,
)
from trucewatch.fuse.locate.celerity import MIX3, Moments, arrival_density, tabulate
from trucewatch.fuse.locate.squares import (
    Place,
    Squares,
    centre_of,
    first_squares,
    joined,
    project,
    quartered,
    rows,
    unproject,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from trucewatch.fuse.locate.celerity import CelerityPrior

BEARING_SIGMA_DEG = 5.0
"""Of one array; see "A prior for infrasound" for why 5, and what one event cannot say of it."""
REGION_CELLS = 1000
"""At least so many squares in the 90 % region: its area is then within 1 % of the limit."""
_DEPTH_MAX = 32  # 64 km halved so often is 15 micrometres
_REGION_P = 0.9
_FINE_P = 0.995  # squares outside this region may be coarser
_COARSER = 4
_LIGHT_P = 2e-5  # a square outside it that weighs no more is left as it is
_NODES = 32
"""Origin times per square, times the root of detections: closer than the narrowest path spreads."""
_SCALE_S = 1000.0  # of arrival densities, so that a product of twenty is not too small to hold
_TIME_BINS = 1024
_TIME_TAIL_P = 1e-4  # on either side, left to the outermost bins


class _Task(NamedTuple):
    """What is given: arrays, arrival times after `start`, bearings, and the priors."""

    arrays: tuple[Place, ...]
    start: datetime
    arrival_s: Floats
    measured_deg: Floats
    sigma_deg: float
    moments: Moments


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Origin times between two ends, UTC."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GridPosterior:
    """Where and when a source was, given what the arrays said and a celerity prior.

    Squares are in order of falling density; the region of a level is the first of them.

    Attributes:
        detections: What it rests on, each once, by time.
        prior: Name of the celerity prior.
        bearing_sigma_deg: Spread of bearings that was assumed.
        mean_lat_deg: Mean place, WGS 84.
        mean_lon_deg: Mean place.
        x_km: Centre of each square in the equal-area plane `centre`.
        y_km: Centre of each square.
        half_km: Half its side.
        share: Probability of each square; they sum to 1.
        centre: Latitude and longitude of the plane's origin in degrees.
        start: Arrival of the first detection.
        time_s: Edges of the bins of origin time, seconds after `start`, so negative.
        time_share: Probability of an origin before each edge.
    """

    detections: tuple[ArrayDetection, ...]
    prior: str
    bearing_sigma_deg: float
    mean_lat_deg: float
    mean_lon_deg: float
    x_km: Floats
    y_km: Floats
    half_km: Floats
    share: Floats
    centre: Place
    start: datetime
    time_s: Floats
    time_share: Floats

    def region(self, level_p: float = _REGION_P) -> tuple[Floats, Floats, Floats]:
        """Return latitudes, longitudes and areas in km2 of the squares of a region.

        It is the smallest that holds the source with the probability `level_p`.
        """
        n = self._count(level_p)
        lat_deg, lon_deg = unproject(self.centre, self.x_km[:n], self.y_km[:n])
        return lat_deg, lon_deg, (2 * self.half_km[:n]) ** 2

    def area_km2(self, level_p: float = _REGION_P) -> float:
        """Return the area of the region of a level."""
        return float(np.sum((2 * self.half_km[: self._count(level_p)]) ** 2))

    def level_p(self, lat_deg: float, lon_deg: float) -> float:
        """Return the probability of all squares likelier per area than the one of a point.

        The point is in the region of each higher level. It is 1 where nothing was looked for.

        Raises:
            BadInput: The point is not finite degrees.
        """
        x_km, y_km = project(self.centre, lat_deg, lon_deg)
        if not math.isfinite(x_km + y_km):
            raise BadInput("point", f"is {lat_deg}, {lon_deg}, must be finite degrees")
        near = np.maximum(np.abs(self.x_km - x_km), np.abs(self.y_km - y_km)) <= self.half_km
        found = np.flatnonzero(near)
        return float(np.sum(self.share[: found[0]])) if len(found) else 1.0

    def origin_time(self, level_p: float = _REGION_P) -> Interval:
        """Return the interval with equal tails that holds the origin time."""
        tail = (1 - _checked(level_p)) / 2
        ends_s = np.interp([tail, 1 - tail], self.time_share, self.time_s)
        return self._between(float(ends_s[0]), float(ends_s[1]))

    def origin_time_shortest(self, level_p: float = _REGION_P) -> Interval:
        """Return the shortest interval that holds the origin time; the earliest of equals.

        Where the density of origin time has one peak, it is the region of highest density.
        """
        first = self.time_share <= 1 - _checked(level_p)
        low_s = self.time_s[first]
        high_s = np.interp(self.time_share[first] + level_p, self.time_share, self.time_s)
        best = int(np.argmin(high_s - low_s))
        return self._between(float(low_s[best]), float(high_s[best]))

    def _between(self, low_s: float, high_s: float) -> Interval:
        return Interval(since=utc_after(self.start, low_s), until=utc_after(self.start, high_s))

    def _count(self, level_p: float) -> int:
        return int(np.searchsorted(np.cumsum(self.share), _checked(level_p))) + 1


def locate_by_celerity(
    detections: Sequence[ArrayDetection],
    *,
    prior: CelerityPrior = MIX3,
    bearing_sigma_deg: float = BEARING_SIGMA_DEG,
    region_cells: int = REGION_CELLS,
) -> GridPosterior:
    """Return where and when the common source of infrasound detections was.

    The detections are taken to be independent and of one source; whether they are is another
    question. Sources are looked for up to 3,000 km from every array.

    Args:
        detections: 2 to 20 in any order; one that repeats another word for word counts once.
        prior: Of the celerity.
        bearing_sigma_deg: Spread of measured bearings around true ones, above 0 up to 90.
        region_cells: Squares are halved until so many lie in the 90 % region.

    Raises:
        BadInput: Too few or too many detections, arrays too far apart, a setting out of range, or
            no place and time from which the signals could have come.
    """
    if not 0 < bearing_sigma_deg <= 90 or region_cells < 1:  # noqa: PLR2004 - a quarter turn
        raise BadInput(
            "location",
            f"bearing sigma is {bearing_sigma_deg} degrees with {region_cells} cells,"
            " must be above 0 up to 90, and at least 1",
        )
    once = distinct(detections)
    start = once[0].time
    task = _Task(
        arrays=tuple((d.lat_deg, d.lon_deg) for d in once),
        start=start,
        arrival_s=seconds_after(start, once),
        measured_deg=np.array([d.bearing_deg for d in once]),
        sigma_deg=bearing_sigma_deg,
        moments=tabulate(prior),
    )
    squares, share = _refined(task, region_cells)
    return _posterior(once, prior.name, task, squares, share)


def _refined(task: _Task, region_cells: int) -> tuple[Squares, Floats]:
    """Halve squares until enough lie in the region; return them by falling density."""
    centre = centre_of(task.arrays)
    squares = _weighed(first_squares(task.arrays), task)
    squares, share = _ranked(squares)
    for _ in range(_DEPTH_MAX):
        before = np.cumsum(share) - share
        area_km2 = np.sum((2 * squares.half_km[before < _REGION_P]) ** 2)
        target_km = math.sqrt(area_km2 / region_cells) / 2
        split = (before < _FINE_P) & (squares.half_km > target_km)
        split |= (share > _LIGHT_P) & (squares.half_km > _COARSER * target_km)
        if not split.any():
            break
        quarters = _weighed(quartered(centre, rows(squares, split), task.arrays), task)
        squares, share = _ranked(joined(rows(squares, ~split), quarters))
    return squares, share


def _ranked(squares: Squares) -> tuple[Squares, Floats]:
    """Sort by falling density, and return the probability of each square beside.

    Squares whose probability is nothing, or too small for a float, are left out.

    Raises:
        BadInput: All are.
    """
    if not np.any(squares.log_density > -math.inf):
        raise BadInput(
            "array detections",
            "no place and time fits all under the prior, expected signals of one source",
        )
    highest = np.max(squares.log_density)
    density = np.exp(squares.log_density - highest)
    order = np.argsort(-density, kind="stable")
    order = order[density[order] > 0]
    ranked = rows(squares, order)
    mass = density[order] * (2 * ranked.half_km) ** 2
    return ranked, mass / np.sum(mass)


def _weighed(squares: Squares, task: _Task) -> Squares:
    """Set the log density of new squares."""
    bearing = np.empty(len(squares.x_km))
    log_bearings(squares.lines, squares.half_km, task.measured_deg, task.sigma_deg, bearing)
    _, step_s, density = _by_origin_time(squares.lines, squares.half_km, task)
    with np.errstate(divide="ignore"):  # the log of nothing is what is meant
        timing = np.log(np.sum(density, axis=1) * step_s)
    reached = np.all(squares.lines.range_km <= RANGE_MAX_KM, axis=1)
    return squares._replace(log_density=np.where(reached, bearing + timing, -math.inf))


def _posterior(
    once: tuple[ArrayDetection, ...], name: str, task: _Task, squares: Squares, share: Floats
) -> GridPosterior:
    centre = centre_of(task.arrays)
    mean_lat_deg, mean_lon_deg = unproject(
        centre, np.atleast_1d(share @ squares.x_km), np.atleast_1d(share @ squares.y_km)
    )
    time_s, time_share = _origin_times(task, squares, share)
    return GridPosterior(
        detections=once,
        prior=name,
        bearing_sigma_deg=task.sigma_deg,
        mean_lat_deg=float(mean_lat_deg[0]),
        mean_lon_deg=float(mean_lon_deg[0]),
        x_km=squares.x_km,
        y_km=squares.y_km,
        half_km=squares.half_km,
        share=share,
        centre=centre,
        start=task.start,
        time_s=time_s,
        time_share=time_share,
    )


def _origin_times(task: _Task, squares: Squares, share: Floats) -> tuple[Floats, Floats]:
    """Return bin edges and the probability before each, first over all times, then where it is."""
    first_s, step_s, density = _by_origin_time(squares.lines, squares.half_km, task)
    nodes = np.arange(density.shape[1]) + 0.5
    time = (first_s[:, np.newaxis] + nodes * step_s[:, np.newaxis]).ravel()
    mass = (density * (share / np.sum(density, axis=1))[:, np.newaxis]).ravel()
    edges = np.linspace(np.min(time), np.max(time), _TIME_BINS + 1)
    before = _before(time, mass, edges)
    tails = np.searchsorted(before, [_TIME_TAIL_P, 1 - _TIME_TAIL_P])
    edges = np.linspace(edges[max(tails[0] - 1, 0)], edges[tails[1]], _TIME_BINS + 1)
    return edges, _before(time, mass, edges)


def _before(time: Floats, mass: Floats, edges: Floats) -> Floats:
    """Return the share of mass before each edge; the outer bins take what lies beyond."""
    place = (time - edges[0]) / (edges[-1] - edges[0]) * _TIME_BINS
    bins = np.clip(place, 0, _TIME_BINS - 1).astype(np.int64)
    counts = np.bincount(bins, weights=mass, minlength=_TIME_BINS)
    return np.asarray(np.concatenate([[0.0], np.cumsum(counts)]) / np.sum(counts))


def _by_origin_time(
    lines: Sightlines, half_km: Floats, task: _Task
) -> tuple[Floats, Floats, Floats]:
    """Return first origin time, step, and the density of all arrivals at each [square, node].

    Nodes are midpoints of equal steps between the first and the last origin time that the bounds
    on celerity allow. A square where they allow none has step 0 and density 0.
    """
    near_km = np.maximum(lines.range_km - half_km[:, np.newaxis], 0.0)
    far_km = lines.range_km + half_km[:, np.newaxis]
    first_s = np.max(task.arrival_s - far_km / task.moments.low_km_s, axis=1)
    last_s = np.min(task.arrival_s - near_km / task.moments.high_km_s, axis=1)
    nodes = math.ceil(_NODES * math.sqrt(len(task.arrival_s)))
    step_s = np.maximum(last_s - first_s, 0.0) / nodes
    density = np.empty((len(half_km), nodes))
    arrivals_together(
        (near_km, far_km), lines.west_p, (first_s, step_s), task.arrival_s, task.moments, density
    )
    return first_s, step_s, density


def _checked(level_p: float) -> float:
    if not 0 < level_p < 1:
        raise BadInput("level", f"is {level_p}, must be between 0 and 1")
    return level_p


@njit(cache=True)
def arrivals_together(rings, west_p, origins, arrival_s, moments, out):  # type: ignore[no-untyped-def]
    """Set the density of all arrivals, per 1000 s each, at every origin time of every square.

    Args:
        rings: Nearest and farthest range of a square in km, two arrays [square, detection].
        west_p: As in `Sightlines`.
        origins: First origin time and step in seconds, two arrays [square].
        arrival_s: Of each detection.
        moments: Of the celerity prior.
        out: Receives it, [square, node].
    """
    near_km, far_km = rings
    first_s, step_s = origins
    for a in range(len(first_s)):
        for k in range(out.shape[1]):
            out[a, k] = 1.0 if step_s[a] > 0 else 0.0
        for i in range(len(arrival_s)):
            ring = (near_km[a, i], far_km[a, i])
            west = west_p[a, i]
            for k in range(out.shape[1]):
                if out[a, k] > 0:
                    travel_s = arrival_s[i] - (first_s[a] + (k + 0.5) * step_s[a])
                    out[a, k] *= _SCALE_S * arrival_density(moments, ring, travel_s, west)
