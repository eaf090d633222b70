"""Locate shots from the arrival times of their sound at known stations: the public function."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from trucewatch.errors import BadInput
from trucewatch.fuse.locate.fit import GIVEN, climb
from trucewatch.fuse.locate.outlier import search
from trucewatch.fuse.locate.posterior import (
    COMPONENT_COLUMNS,
    COMPONENTS,
    COST,
    EDGE,
    GDOP,
    PX,
    PY,
    RISE,
    SUMMARY_COLUMNS,
    SX,
    SY,
    TIME,
    TIME_SIGMA,
    XX,
    YY,
    components,
    summarise,
)
from trucewatch.fuse.locate.records import Fixes
from trucewatch.fuse.locate.search import MODES, desk, search_clean
from trucewatch.fuse.locate.second_look import look_again
from trucewatch.fuse.locate.travel import (
    LOG_IN,
    LOG_OUT,
    PICK_COLUMNS,
    B,
    Model,
    T,
    X,
    Y,
    model,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trucewatch.fuse.locate.records import Shots, SoundSettings

BIMODAL_RISE = 9.2  # 99 % point of chi squared with two degrees of freedom
GDOP_MAX = 20.0  # the regions are judged in trials up to it
_BLOCK = 1024  # shots whose components are held at once
_MEASURED_LEAST = 3


class Arrivals(NamedTuple):
    """The shots as the kernels take them."""

    station: NDArray[np.int64]
    time_s: NDArray[np.float64]
    bearing_rad: NDArray[np.float64]  # [0, 0] when none was measured
    place_m: NDArray[np.float64]  # [station, 2] from the centre of the search


def locate(shots: Shots, stations: NDArray[np.float64], settings: SoundSettings) -> Fixes:
    """Return where and when each shot was, with its region.

    The posterior is flat over a square around the stations and over time; wind and the error of
    the speed of sound are normal around 0. A coarse grid gives starts, Levenberg-Marquardt climbs
    from the best. With outliers, sets with arrivals left out compete by their evidence. Each shot
    is computed alone, from its arrivals in order of station: neither the order of shots nor that
    of arrivals changes a bit.

    Args:
        shots: Arrivals; any number per shot, at most one per station.
        stations: [station, 2] places in m in a local plane, east and north.
        settings: How the sound travelled and was timed.

    It refuses with `BadInput` shapes that differ, numbers that are not finite, a station that does
    not exist or is named twice in a shot, and stations that all stand on one point.

    Source: Geiger 1912 for the linearised fit; the mixture, the search and the regions are ours
    and are checked against dense least squares and simulated truth.
    """
    arrivals, frame, box = _prepare(shots, stations, settings)
    count = len(arrivals.station)
    summary = np.empty((count, SUMMARY_COLUMNS))
    mixed = settings.outlier_p > 0
    run, many = (_locate_mixed, COMPONENTS) if mixed else (_locate_clean, MODES)
    working = desk(arrivals.place_m, frame, max(arrivals.station.shape[1], 1))
    table = np.empty((min(_BLOCK, max(count, 1)), many, COMPONENT_COLUMNS))
    numbers = np.zeros(count, np.int64)
    parts = []
    for first in range(0, count, _BLOCK):
        block = slice(first, first + _BLOCK)
        out = (summary[block], table, numbers[block])
        run(arrivals, first, working, frame, out)
        held = np.arange(many) < numbers[block, None]
        parts.append(table[: len(held)][held])
    flat = np.concatenate(parts) if parts else np.empty((0, COMPONENT_COLUMNS))
    return _fixes(shots, summary, flat, numbers, box)


def refit(
    shots: Shots,
    stations: NDArray[np.float64],
    settings: SoundSettings,
    start_m: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Climb from given places, every arrival taken in: what a search without fault would find.

    Returns:
        [shot, 2] places and [shot] objectives.

    It refuses what `locate` refuses.
    """
    arrivals, frame, box = _prepare(shots, stations, settings)
    working = desk(arrivals.place_m, frame, max(arrivals.station.shape[1], 1))
    found = np.full((len(arrivals.station), 3), np.nan)
    _refit_block(arrivals, start_m - np.array(box[:2]), working, frame, found)
    return found[:, :2] + np.array(box[:2]), found[:, 2]


def _prepare(
    shots: Shots, stations: NDArray[np.float64], settings: SoundSettings
) -> tuple[Arrivals, Model, tuple[float, float, float]]:
    _check_stations(stations)
    _check_shots(shots, len(stations))
    low, high = stations.min(axis=0), stations.max(axis=0)
    side = float((high - low).max())
    if not side > 0:
        raise BadInput("location", "all stations stand on one point, must be apart")
    centre = (low + high) / 2
    beyond = 0.1 * side if settings.beyond_m is None else settings.beyond_m
    half = side / 2 + beyond
    given = shots.bearing_rad
    bearing = np.empty((0, 0)) if given is None else np.ascontiguousarray(given, np.float64)
    arrivals = Arrivals(
        np.ascontiguousarray(shots.station, np.int64),
        np.ascontiguousarray(shots.time_s, np.float64),
        bearing,
        np.ascontiguousarray(stations - centre, np.float64),
    )
    frame = model(settings, half_m=half, side_m=side, bearings=given is not None)
    return arrivals, frame, (float(centre[0]), float(centre[1]), half)


def _check_stations(stations: NDArray[np.float64]) -> None:
    if stations.ndim != 2 or stations.shape[1:] != (2,) or len(stations) == 0:  # noqa: PLR2004
        raise BadInput("stations", f"shape is {stations.shape}, must be (n, 2) with n above 0")
    if not np.isfinite(stations).all():
        raise BadInput("stations", "a place is not finite")


def _check_shots(shots: Shots, stations: int) -> None:
    station, time = shots.station, shots.time_s
    if station.ndim != 2 or station.shape != time.shape:  # noqa: PLR2004 - shots by arrivals
        raise BadInput("shots", f"shapes are {station.shape} and {time.shape}, must be one (e, k)")
    if station.size and (station.min() < -1 or station.max() >= stations):
        seen = f"stations are {station.min()} to {station.max()}"
        raise BadInput("shots", f"{seen}, must be -1 to {stations - 1}")
    given = station >= 0
    if not np.isfinite(time[given]).all():
        raise BadInput("shots", "an arrival time is not finite")
    ordered = np.sort(station, axis=1)
    twice = ((np.diff(ordered, axis=1) == 0) & (ordered[:, 1:] >= 0)).any(axis=1)
    if twice.any():
        where = f"shot {int(np.argmax(twice))}"
        raise BadInput(where, "a station is named twice, must be once")
    if shots.bearing_rad is not None:
        if shots.bearing_rad.shape != station.shape:
            seen = f"bearings have shape {shots.bearing_rad.shape}"
            raise BadInput("shots", f"{seen}, must be {station.shape}")
        if np.isinf(shots.bearing_rad[given]).any():
            raise BadInput("shots", "a bearing is infinite, must be a number or NaN")


@njit(cache=True, error_model="numpy")
def _load(arrivals, e, frame, station, picks):  # type: ignore[no-untyped-def]
    """Put one shot's arrivals in order of station; return how many and the first one's time."""
    n = 0
    for q in range(arrivals.station.shape[1]):
        s = arrivals.station[e, q]
        if s < 0:
            continue
        p = n
        while p > 0 and station[p - 1] > s:
            station[p] = station[p - 1]
            picks[p] = picks[p - 1]
            p -= 1
        station[p] = s
        picks[p, X] = arrivals.place_m[s, 0]
        picks[p, Y] = arrivals.place_m[s, 1]
        picks[p, T] = arrivals.time_s[e, q]
        picks[p, B] = np.nan
        if frame.bearings:
            picks[p, B] = arrivals.bearing_rad[e, q]
        n += 1
    first = 0.0
    if n > 0:
        first = picks[0, T]
    for k in range(n):
        picks[k, T] -= first
        _densities(picks, k, frame)
    return n, first


@njit(cache=True, error_model="numpy")
def _densities(picks, k, frame):  # type: ignore[no-untyped-def]
    """Fill the log densities of an arrival in the shot (at its best) and out of it."""
    picks[k, LOG_IN] = math.log((1.0 - frame.outlier_p) / frame.time_sigma_s)
    picks[k, LOG_IN] -= 0.5 * math.log(2.0 * math.pi)
    picks[k, LOG_OUT] = -np.inf
    if frame.outlier_p > 0:
        picks[k, LOG_OUT] = math.log(frame.outlier_p / frame.window_s)
    if not math.isnan(picks[k, B]):
        picks[k, LOG_IN] -= math.log(frame.bearing_sigma_rad) + 0.5 * math.log(2.0 * math.pi)
        picks[k, LOG_OUT] -= math.log(2.0 * math.pi)


@njit(cache=True, error_model="numpy")
def _measured(picks):  # type: ignore[no-untyped-def]
    """Return the number of times and bearings of one shot."""
    n = len(picks)
    for k in range(len(picks)):
        if not math.isnan(picks[k, B]):
            n += 1
    return n


@njit(cache=True, error_model="numpy")
def _locate_clean(arrivals, first, working, frame, out):  # type: ignore[no-untyped-def]
    """Locate as many shots as `out` has rows, every arrival taken in.

    It differs from `_locate_mixed` in one call; apart, each compiles into tighter code.
    """
    summary, table, numbers = out
    wide = max(arrivals.station.shape[1], 1)
    station = np.empty(wide, np.int64)
    picks = np.empty((wide, PICK_COLUMNS))
    for e in range(len(summary)):
        n, origin = _load(arrivals, first + e, frame, station, picks)
        numbers[e] = 0
        summary[e, :] = np.nan
        if _measured(picks[:n]) < _MEASURED_LEAST:
            continue
        search_clean(working, station, picks[:n], frame)
        summarise(working, picks[:n], frame, summary[e])
        if look_again(working, picks[:n], frame, summary[e]):
            summarise(working, picks[:n], frame, summary[e])
        summary[e, TIME] += origin
        numbers[e] = components(working, picks[:n], frame, table[e], summary[e])


@njit(cache=True, error_model="numpy")
def _locate_mixed(arrivals, first, working, frame, out):  # type: ignore[no-untyped-def]
    """Locate as many shots as `out` has rows, some arrivals perhaps of something else."""
    summary, table, numbers = out
    wide = max(arrivals.station.shape[1], 1)
    station = np.empty(wide, np.int64)
    picks = np.empty((wide, PICK_COLUMNS))
    for e in range(len(summary)):
        n, origin = _load(arrivals, first + e, frame, station, picks)
        numbers[e] = 0
        summary[e, :] = np.nan
        if _measured(picks[:n]) < _MEASURED_LEAST:
            continue
        search(working, station, picks[:n], frame)
        summarise(working, picks[:n], frame, summary[e])
        summary[e, TIME] += origin
        numbers[e] = components(working, picks[:n], frame, table[e], summary[e])


@njit(cache=True, error_model="numpy")
def _refit_block(arrivals, start, working, frame, found):  # type: ignore[no-untyped-def]
    """Climb from a given place for every shot."""
    wide = max(arrivals.station.shape[1], 1)
    station = np.empty(wide, np.int64)
    picks = np.empty((wide, PICK_COLUMNS))
    for e in range(len(start)):
        n, _ = _load(arrivals, e, frame, station, picks)
        if _measured(picks[:n]) < _MEASURED_LEAST:
            continue
        at = working.at
        at[:] = 0.0
        at[0] = start[e, 0]
        at[1] = start[e, 1]
        working.weight[:n] = 1.0
        found[e, 2] = climb(at, picks[:n], working.weight[:n], frame, working.slate, GIVEN)
        found[e, 0] = at[0]
        found[e, 1] = at[1]


def _fixes(
    shots: Shots,
    summary: NDArray[np.float64],
    flat: NDArray[np.float64],
    numbers: NDArray[np.int64],
    box: tuple[float, float, float],
) -> Fixes:
    centre = np.array(box[:2])
    gdop = summary[:, GDOP]
    return Fixes(
        place_m=summary[:, [PX, PY]] + centre,
        time_s=summary[:, TIME],
        time_sigma_s=summary[:, TIME_SIGMA],
        cov_m2=summary[:, XX : YY + 1],
        objective=summary[:, COST],
        second_m=summary[:, [SX, SY]] + centre,
        second_rise=summary[:, RISE],
        gdop=gdop,
        bimodal=summary[:, RISE] < BIMODAL_RISE,
        poor_geometry=~(gdop <= GDOP_MAX) | (summary[:, EDGE] != 0),
        start=np.concatenate([[0], np.cumsum(numbers)]),
        weight=flat[:, 5],
        mean_m=flat[:, :2] + centre,
        component_cov_m2=flat[:, 2:5],
        box_m=box,
    )
