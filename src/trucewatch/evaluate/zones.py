"""Score zones: exact membership, honest chances of being inside, exact times of entry and exit.

Membership of points, half of them as awkward as they can be, is held against whole numbers, see
`exact_zones`; any mismatch fails. Chances are judged on simulated position errors: true points are
uniform, so that a chance given the observed place is what the area's own integral says; a bin
passes when its share lies in its interval, of 99 % for all ten together. Times are held against
dense sampling, which may be off by a step at each end of a stay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.stats import beta

from trucewatch.evaluate.exact_zones import pairs, slabs_of
from trucewatch.evaluate.figures import Measured, must
from trucewatch.evaluate.reliability import calibration_figure, deciles
from trucewatch.geo.area import Area
from trucewatch.geo.belt import below_p, belt, distance_to_line, line
from trucewatch.geo.grid import middle_of
from trucewatch.geo.index import ZoneIndex
from trucewatch.geo.plane import Covariances, Plane
from trucewatch.geo.track import Tracks, visits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from trucewatch.evaluate.figures import Figure
    from trucewatch.geo.belt import Line

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

ZONES, CORNERS = 60, 2_000
POINTS, POINTS_FULL, POINTS_QUICK = 1_000_000, 100_000_000, 20_000
CASES, CASES_QUICK = 60_000, 3_000
TRACKS, TRACKS_QUICK = 300, 20
ECE_MAX_P = 0.01
_WEST_DEG, _SOUTH_DEG, _WIDE_DEG, _HIGH_DEG = 22.0, 44.0, 18.0, 8.0
_BATCH = 1_000_000
_JOINT_P = 0.01  # chance that one of the bins misses its interval though all is well
_BINS = 10
_WITHDRAWN_M = 15_000.0
_SIGMAS_M = (300.0, 6_000.0)
_FAR_SIGMAS = 6.0
_FIXES, _SAMPLES, _LEG_US = 40, 4_000, 60_000_000


class Chances(NamedTuple):
    """Chances that were given, and what came true."""

    predicted: Floats
    came: Flags


def measure(*, seed: int, quick: bool = False, full: bool = False) -> Measured:
    """Return mismatches, calibration and times, and which bounds hold.

    Args:
        seed: Of zones, points, errors and tracks.
        quick: 20,000 points and few cases, in place of a million.
        full: A hundred million points; some minutes.
    """
    rng = np.random.default_rng(seed)
    zones = world(rng)
    points = POINTS_FULL if full else POINTS_QUICK if quick else POINTS
    cases = CASES_QUICK if quick else CASES
    metrics = dict(_membership(rng, zones, points))
    for name, drawn in (
        ("inside", _in_zone(rng, cases)),
        ("belt", _in_belt(rng, cases // 3)),
        ("withdrawn", _withdrawn(rng, cases)),
    ):
        metrics |= dict(_calibration(rng, name, drawn))
    metrics |= dict(_times(rng, zones, TRACKS_QUICK if quick else TRACKS))
    rules = ["mismatches <= 0", "worst_time_off_steps <= 1"]
    for name in ("inside", "belt", "withdrawn"):
        rules += [f"ece_{name} <= {ECE_MAX_P}", f"bins_off_{name} <= 0"]
    note = f"{points:,} points against {ZONES} zones of {CORNERS:,} corners, half of them awkward"
    return {
        "name": "zones",
        "seed": seed,
        "note": f"{note}; {cases:,} simulated errors, a third for belts.",
        "metrics": metrics,
        "must": [must(rule, metrics) for rule in rules],
    }


def world(rng: np.random.Generator, *, combs: bool = True) -> list[Area]:
    """Return 60 overlapping zones with 2,000 corners in a ring, some with a hole.

    With `combs`, every fifth is a comb with corners on multiples of 1/1024 degree, joined along
    meridians and parallels: 300 degrees of outline each, where others have 4.
    """
    zones = []
    for number in range(ZONES):
        ring = _star(rng, CORNERS)
        middle = ring.mean(axis=0)
        if combs and number % 5 == 0:
            zones.append(Area.of([_stairs(rng, middle)]))
        elif number % 6 == 1:
            zones.append(Area.of([ring, middle + (ring[::-1] - middle) * 0.5]))
        else:
            zones.append(Area.of([ring]))
    return zones


def _star(rng: np.random.Generator, corners: int) -> Floats:
    """Return a ragged outline around its middle, degrees."""
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    wave = np.arange(1, 60)[:, None]
    size = rng.normal(size=(59, 1)) / wave**1.1
    ragged = (size * np.cos(wave * angle + rng.uniform(0, 6, (59, 1)))).sum(axis=0)
    away_deg = np.clip(rng.uniform(0.25, 0.75) * (1 + 0.1 * ragged), 0.03, None)
    middle = rng.uniform((1.5, 1.0), (_WIDE_DEG - 1.5, _HIGH_DEG - 1.0))
    around = np.column_stack([1.4 * np.cos(angle), np.sin(angle)])
    corner = np.array([_WEST_DEG, _SOUTH_DEG])
    return np.asarray(corner + middle + away_deg[:, None] * around)


def _stairs(rng: np.random.Generator, middle: Floats) -> Floats:
    """Return a comb of rectangles, all edges along meridians and parallels, degrees."""
    teeth = CORNERS // 4
    west, south = np.floor(middle * 1024) / 1024 - (0.5, 0.3)
    left = west + np.arange(teeth) * 2 / 1024
    high = south + rng.integers(8, 600, teeth) / 1024
    low = np.full(teeth, south + 4 / 1024)
    xs = np.stack([left, left, left + 1 / 1024, left + 1 / 1024], axis=1).ravel()
    ys = np.stack([low, high, high, low], axis=1).ravel()
    ends = [[xs[-1] + 1 / 1024, south + 4 / 1024], [xs[-1] + 1 / 1024, south], [west, south]]
    return np.concatenate([np.column_stack([xs, ys]), ends])


def _membership(
    rng: np.random.Generator, zones: list[Area], points: int
) -> Iterator[tuple[str, Figure]]:
    """Yield how often the index and the reference differ, and on how many points."""
    index, slabs = ZoneIndex.build(zones), slabs_of(zones)
    wrong, held = 0, 0
    for begin in range(0, points, _BATCH):
        count = min(_BATCH, points - begin)
        lon_deg, lat_deg = (
            np.concatenate(a) for a in zip(*_points(rng, index, count), strict=True)
        )
        row, zone = index.zones_of(lon_deg, lat_deg)
        true_row, true_zone = pairs(slabs, lon_deg, lat_deg)
        ours, true = row * np.int64(ZONES) + zone, true_row * ZONES + true_zone
        wrong += 0 if np.array_equal(ours, true) else len(np.setxor1d(ours, true))
        one = int(rng.integers(ZONES))
        alone = np.flatnonzero(index.inside(lon_deg, lat_deg, one))
        wrong += len(np.setxor1d(alone, true_row[true_zone == one]))
        held += len(true)
    yield "mismatches", _exact(wrong)
    yield "points", _exact(points)
    yield "pairs", _exact(held)


def _points(
    rng: np.random.Generator, index: ZoneIndex, count: int
) -> Iterator[tuple[Floats, Floats]]:
    """Yield points: half uniform, the rest where rounding or a tie could mislead."""
    few = count // 12
    edges, grid = index.zones.edges, index.grid
    yield _uniform(rng, count - 6 * few)
    yield _jitter(rng, edges[rng.integers(0, len(edges), few), :2])
    a, b = np.split(edges[rng.integers(0, len(edges), few)], 2, axis=1)
    yield _jitter(rng, (a + b) / 2)
    yield _jitter(rng, a + rng.random((few, 1)) * (b - a))
    beside = rng.uniform(-0.3, 0.3, (few, 2)) * np.eye(2)[rng.integers(0, 2, few)]
    yield _jitter(rng, a + beside)  # straight north, south, east or west of a corner
    i = ((a[:, 0] - grid.left_deg) / grid.width_deg).astype(np.int64)
    j = ((a[:, 1] - grid.bottom_deg) / grid.height_deg).astype(np.int64)
    middle = np.column_stack(
        [
            middle_of(i, grid.left_deg, grid.width_deg),
            middle_of(j, grid.bottom_deg, grid.height_deg),
        ]
    )
    share = rng.integers(-1, 3, (few, 1)) / 2  # the middle of a cell, and its line to a corner
    yield _jitter(rng, middle + share * (a - middle))
    border = np.column_stack([grid.left_deg + i * grid.width_deg, b[:, 1]])
    yield _jitter(rng, border)


def _uniform(rng: np.random.Generator, count: int) -> tuple[Floats, Floats]:
    return (
        _WEST_DEG + _WIDE_DEG * rng.random(count),
        _SOUTH_DEG + _HIGH_DEG * rng.random(count),
    )


def _jitter(rng: np.random.Generator, spots: Floats) -> tuple[Floats, Floats]:
    """Return spots, of which most are moved by 1 or 2 of the smallest steps of a double."""
    moved = spots + rng.integers(-2, 3, spots.shape) * np.spacing(spots)
    still = rng.random(len(spots)) < 1 / 3
    moved[still] = spots[still]
    return moved[:, 0].copy(), moved[:, 1].copy()


class _Errors(NamedTuple):
    """True and observed points on a plane, (n,) metres, and the covariances, (n, 3) m^2."""

    true_m: Floats
    seen_m: Floats
    covariance_m2: Floats


def _errors(rng: np.random.Generator, cases: int, half_m: tuple[float, float]) -> _Errors:
    """Return cases whose observed place lies in a box; true ones are uniform far beyond it."""
    far_m, (low, high) = _FAR_SIGMAS * _SIGMAS_M[1], np.log(_SIGMAS_M).tolist()
    kept: list[Floats] = []
    while sum(map(len, kept)) < cases:
        true_m = rng.uniform(-1, 1, (cases, 2)) * (np.array(half_m) + far_m)
        major_m, share = np.exp(rng.uniform(low, high, cases)), rng.uniform(0.2, 1, cases)
        turn_rad, one, two = rng.uniform(0, np.pi, cases), *rng.normal(size=(2, cases))
        c, s, minor_m = np.cos(turn_rad), np.sin(turn_rad), major_m * share
        off_m = np.column_stack(
            [c * major_m * one - s * minor_m * two, s * major_m * one + c * minor_m * two]
        )
        xx, yy = (c * major_m) ** 2 + (s * minor_m) ** 2, (s * major_m) ** 2 + (c * minor_m) ** 2
        xy = c * s * (major_m**2 - minor_m**2)
        drawn = np.column_stack([true_m, true_m + off_m, xx, xy, yy])
        kept.append(drawn[(np.abs(drawn[:, 2:4]) < half_m).all(axis=1)])
    table = np.concatenate(kept)[:cases]
    return _Errors(table[:, :2], table[:, 2:4], table[:, 4:])


def _in_zone(rng: np.random.Generator, cases: int) -> Chances:
    """Return chances of being in a ragged zone of two parts, one with a hole."""
    one, two = _star(rng, 120), _star(rng, 80)
    middle = one.mean(axis=0)
    two += middle - two.mean(axis=0)
    two[:, 0] += 2.2
    hole = middle + (one[::-1] - middle) * 0.4
    area = Area.of([one, hole], [two])
    plane = Plane(centre_lon_deg=float(middle[0]) + 0.8, centre_lat_deg=float(middle[1]))
    errors = _errors(rng, cases, (160_000.0, 90_000.0))
    x_m, y_m = errors.seen_m.T.copy()
    predicted = area.inside_p(x_m, y_m, errors.covariance_m2, plane)
    lon_deg, lat_deg = plane.unproject(*errors.true_m.T.copy())
    return Chances(predicted, ZoneIndex.build([area]).inside(lon_deg, lat_deg, 0))


def _front(rng: np.random.Generator) -> list[tuple[float, float]]:
    """Return a line of some 250 km from west to east, bent every 18 km."""
    lon_deg = np.linspace(30.0, 33.5, 15)
    lat_deg = 48.0 + np.cumsum(rng.normal(0, 0.03, 15))
    return list(zip(lon_deg.tolist(), (lat_deg - lat_deg.mean() + 48.0).tolist(), strict=True))


def _in_belt(rng: np.random.Generator, cases: int) -> Chances:
    """Return chances of being in the belt on the left of a bent line."""
    points = _front(rng)
    along, area = line(points), belt(points, left_m=_WITHDRAWN_M, right_m=0.0)
    errors = _errors(rng, cases, (70_000.0, 40_000.0))
    x_m, y_m = errors.seen_m.T.copy()
    predicted = area.inside_p(x_m, y_m, errors.covariance_m2, along.plane)
    distance_m, _ = _distance(along.plane.unproject(*errors.true_m.T.copy()), errors, along)
    return Chances(predicted, (distance_m >= 0) & (distance_m <= _WITHDRAWN_M))


def _withdrawn(rng: np.random.Generator, cases: int) -> Chances:
    """Return chances of being nearer to a bent line than a limit, from distance and its error."""
    along = line(_front(rng))
    errors = _errors(rng, cases, (70_000.0, 40_000.0))
    seen = along.plane.unproject(*errors.seen_m.T.copy())
    distance_m, sigma_m = _distance(seen, errors, along)
    predicted = below_p(distance_m, sigma_m, _WITHDRAWN_M)
    true_m, _ = _distance(along.plane.unproject(*errors.true_m.T.copy()), errors, along)
    return Chances(predicted, true_m < _WITHDRAWN_M)


def _distance(spots: tuple[Floats, Floats], errors: _Errors, along: Line) -> tuple[Floats, Floats]:
    """Return signed distances and their errors, from covariances along the plane's axes."""
    xx, xy, yy = errors.covariance_m2.T
    on_plane = Covariances(xx_m2=xx, xy_m2=xy, yy_m2=yy)
    return distance_to_line(*spots, along.plane.to_east_north(*spots, on_plane), along)


def _calibration(
    rng: np.random.Generator, name: str, drawn: Chances
) -> Iterator[tuple[str, Figure]]:
    """Yield the calibration error and how many bins miss their interval."""
    bins = deciles(drawn.predicted, drawn.came)
    off = [_misses(round(one.observed_p * one.n), one.n, one.predicted_p) for one in bins]
    worst = max(abs(one.observed_p - one.predicted_p) for one in bins)
    yield f"ece_{name}", calibration_figure(drawn.predicted, drawn.came, rng=rng)
    yield f"bins_off_{name}", _exact(sum(off))
    yield f"worst_bin_{name}", _exact(worst)


def _misses(count: int, of: int, expected_p: float) -> bool:
    """Return whether a bin's exact interval leaves out what was expected."""
    tail_p = _JOINT_P / _BINS / 2
    low_p = beta.ppf(tail_p, count, of - count + 1) if count else 0.0
    high_p = beta.ppf(1 - tail_p, count + 1, of - count) if count < of else 1.0
    return not low_p <= expected_p <= high_p


def _times(rng: np.random.Generator, zones: list[Area], count: int) -> Iterator[tuple[str, Figure]]:
    """Yield how far times inside are from those of dense samples, in steps of the sampling."""
    area = zones[1]
    spot = area.parts[0][0].mean(axis=0)
    fixes = spot + np.cumsum(rng.normal(0, 0.15, (count, _FIXES, 2)), axis=1)
    time_us = np.tile(np.arange(_FIXES) * _LEG_US, count)
    track = np.repeat(np.arange(count), _FIXES)
    lon_deg, lat_deg = fixes.reshape(-1, 2).T.copy()
    tracks = Tracks.of(track, time_us, lon_deg, lat_deg, np.zeros(len(track)))
    found = visits(tracks, area)
    inside_s = np.bincount(found.track, found.inside_s(), count)
    stays = np.bincount(found.track, minlength=count)
    step_s = _LEG_US / 1e6 / _SAMPLES
    share = (np.arange(_SAMPLES) + 0.5) / _SAMPLES
    index, sampled_s = ZoneIndex.build([area]), np.zeros(count)
    for way in range(count):
        first, last = fixes[way, :-1, None, :], fixes[way, 1:, None, :]
        spots = (first + share[:, None] * (last - first)).reshape(-1, 2)
        inside = index.inside(spots[:, 0].copy(), spots[:, 1].copy(), 0)
        sampled_s[way] = inside.sum() * step_s
    off = np.abs(inside_s - sampled_s) / step_s / np.maximum(2 * stays, 1)
    yield "stays", _exact(int(stays.sum()))
    yield "worst_time_off_steps", _exact(float(off.max()))
    yield "mean_time_off_s", _exact(float(np.abs(inside_s - sampled_s).mean()))


def _exact(value: bool | float) -> Figure:  # noqa: FBT001 - a number of any unit
    """Return a number that hangs on no chance."""
    return {"value": float(value), "low": float(value), "high": float(value)}
