"""Points in zones beside geopandas' `sjoin`, on the same points and zones, pair by pair.

The peer gets what it likes best: points built as geometries and zones indexed beforehand, neither
of which is timed. Ours is timed from coordinates in memory to pairs of point and zone. CPU time,
one thread each, ours then the peer's; the medians of the pairs count. Its `within` leaves out
points on an edge, ours counts them; uniform points lie on none, and the pairs must be the same.

Shapely's prepared `contains_xy`, zone by zone, is measured beside; so are zones a fifth of which
are combs, whose edges touch many more cells.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from trucewatch.evaluate.zones import world
from trucewatch.geo.index import ZoneIndex

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from trucewatch.geo.area import Area

POINTS, PEER_POINTS = 10_000_000, 2_000_000
PAIRS, BUILDS = 7, 5
TRACKS, STEP_DEG = 2_000, 2e-4
WEST_DEG, SOUTH_DEG, WIDE_DEG, HIGH_DEG = 22.0, 44.0, 18.0, 8.0
MUST_RATIO, MUST_BUILD_S = 25.0, 1.0  # design, zones


def measure(*, data: Path, seed: int) -> dict:
    """Return ratios of CPU time beside the peers, points a second, and mismatches."""
    rng = np.random.default_rng(seed)
    zones = world(rng, combs=False)
    lon_deg = WEST_DEG + WIDE_DEG * rng.random(POINTS)
    lat_deg = SOUTH_DEG + HIGH_DEG * rng.random(POINTS)
    index, combed = ZoneIndex.build(zones), ZoneIndex.build(world(rng))
    index.zones_of(lon_deg[:10], lat_deg[:10])  # compiles
    few = (lon_deg[:PEER_POINTS].copy(), lat_deg[:PEER_POINTS].copy())
    join, prepared = _sjoin(zones, *few), _prepared(zones, *few)
    rows = []
    for _ in range(PAIRS):
        same, same_s = _timed(lambda: index.zones_of(*few))
        _, many_s = _timed(lambda: index.zones_of(lon_deg, lat_deg))
        theirs, theirs_s = _timed(join)
        _, prepared_s = _timed(prepared)
        rows.append((same_s, many_s, theirs_s, prepared_s))
    same_s, many_s, theirs_s, prepared_s = np.array(rows).T
    wrong = len(np.setxor1d(_keys(*same), _keys(*theirs)))
    track = _track_order(rng)
    track_s = np.array([_timed(lambda: index.zones_of(*track))[1] for _ in range(PAIRS)])
    build_s = np.array([_timed(lambda: ZoneIndex.build(zones))[1] for _ in range(BUILDS)])
    combed_s = np.array([_timed(lambda: combed.zones_of(*few))[1] for _ in range(PAIRS)])
    per_theirs_s, per_many_s = theirs_s / PEER_POINTS, many_s / POINTS
    metrics = {
        "ratio_sjoin": _spread(theirs_s / same_s),
        "ratio_sjoin_1e7": _spread(per_theirs_s / per_many_s),
        "ratio_prepared": _spread(prepared_s / same_s),
        "mismatches_sjoin": _spread(np.array([float(wrong)])),
        "points_per_s": _spread(1 / per_many_s),
        "track_points_per_s": _spread(POINTS / track_s),
        "sjoin_points_per_s": _spread(1 / per_theirs_s),
        "prepared_points_per_s": _spread(PEER_POINTS / prepared_s),
        "combs_points_per_s": _spread(PEER_POINTS / combed_s),
        "build_s": _spread(build_s),
    }
    must = [
        ("ratio_sjoin", ">=", MUST_RATIO),
        ("ratio_sjoin_1e7", ">=", MUST_RATIO),
        ("mismatches_sjoin", "<=", 0.0),
        ("build_s", "<=", MUST_BUILD_S),
    ]
    return {
        "name": "zones",
        "seed": seed,
        "note": f"{len(zones)} zones of 2,000 corners; {PEER_POINTS:,} points for peers,"
        f" {POINTS:,} for ours alone and in track order",
        "metrics": metrics,
        "must": [_must(metrics, *each) for each in must],
    }


def _timed(work: Callable) -> tuple:
    start_s = time.process_time()
    done = work()
    return done, time.process_time() - start_s


def _sjoin(zones: list[Area], lon_deg: np.ndarray, lat_deg: np.ndarray) -> Callable:
    """Return the join, its points built and its zones indexed."""
    import geopandas

    points = geopandas.GeoDataFrame(geometry=geopandas.points_from_xy(lon_deg, lat_deg))
    areas = geopandas.GeoDataFrame(geometry=[zone.shape() for zone in zones])
    _ = areas.sindex

    def join() -> tuple[np.ndarray, np.ndarray]:
        found = geopandas.sjoin(points, areas, predicate="within")
        return found.index.to_numpy(), found["index_right"].to_numpy()

    return join


def _prepared(zones: list[Area], lon_deg: np.ndarray, lat_deg: np.ndarray) -> Callable:
    """Return the test of all points against one prepared zone after the other."""
    import shapely

    shapes = [zone.shape() for zone in zones]
    shapely.prepare(shapes)
    return lambda: [np.flatnonzero(shapely.contains_xy(s, lon_deg, lat_deg)) for s in shapes]


def _track_order(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return as many points in the order of 2,000 tracks, each step some 20 m."""
    steps = rng.normal(0, STEP_DEG, (TRACKS, POINTS // TRACKS, 2)).cumsum(axis=1)
    start = rng.random((TRACKS, 1, 2)) * (WIDE_DEG, HIGH_DEG) + (WEST_DEG, SOUTH_DEG)
    lon_deg, lat_deg = (start + steps).reshape(-1, 2).T.copy()
    return lon_deg, lat_deg


def _keys(row: np.ndarray, zone: np.ndarray) -> np.ndarray:
    return row.astype(np.int64) * 1_000 + zone


def _spread(values: np.ndarray) -> dict[str, float]:
    """Median, with the smallest and the largest."""
    return {
        "value": float(np.median(values)),
        "low": float(values.min()),
        "high": float(values.max()),
    }


def _must(metrics: dict, metric: str, op: str, bound: float) -> dict:
    value = metrics[metric]["value"]
    holds = bool(value >= bound if op == ">=" else value <= bound)
    return {"metric": metric, "op": op, "bound": bound, "holds": holds}
