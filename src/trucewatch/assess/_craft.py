"""How many craft several sensors saw, when two of them may have seen the same one."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

APART_SIGMA = 4.0
"""Standard deviations of their distance beyond which two fixes are not of one craft; chosen. One
craft that is seen twice is placed so far apart once in 3000 times."""

_EARTH_M = 6_371_008.8  # mean radius; over the area of a notice the plane is good to 1 %


class _Way(NamedTuple):
    """What one sensor saw of one craft, by time, on a plane."""

    sensor: str
    name: str
    time_s: Floats
    east_m: Floats
    north_m: Floats
    sigma_m: Floats


def fewest_and_most(fixes: pl.DataFrame) -> tuple[int, int]:
    """Return the least and the greatest number of craft that fixes may be of.

    One sensor tells its craft apart by name. Two sensors saw one craft when they give it one name
    and saw it in one place at one time. They saw two when they saw them in two places at one time.
    Else nobody can say: such a pair is one craft in the least number and two in the greatest.

    Args:
        fixes: `records.table.TRACK`.
    """
    ways = _ways(fixes)
    same, may = [], []
    for one, other in combinations(range(len(ways)), 2):
        if ways[one].sensor == ways[other].sensor:
            continue
        apart = _apart(ways[one], ways[other])
        if apart is False and ways[one].name == ways[other].name:
            same.append((one, other))
        if not apart:
            may.append((one, other))
    sensors = [way.sensor for way in ways]
    of_one_sensor = max((sensors.count(sensor) for sensor in set(sensors)), default=0)
    return max(_groups(may, len(ways)), of_one_sensor), _groups(same, len(ways))


def _ways(fixes: pl.DataFrame) -> list[_Way]:
    if fixes.is_empty():
        return []
    first_lon_deg, middle_deg = fixes["lon_deg"][0], fixes["lat_deg"].to_numpy().mean()
    across_m = _EARTH_M * np.cos(np.radians(middle_deg))
    ways = []
    ordered = fixes.sort("sensor", "track", "time", "object", "row")
    for each in ordered.partition_by("sensor", "track", maintain_order=True):
        sensor, name = each.select("sensor", "track").row(0)
        lon_deg = (each["lon_deg"].to_numpy() - first_lon_deg + 180) % 360 - 180
        ways.append(
            _Way(
                sensor=sensor,
                name=name,
                time_s=each["time"].dt.epoch("us").to_numpy() / 1e6,
                east_m=np.radians(lon_deg) * across_m,
                north_m=np.radians(each["lat_deg"].to_numpy()) * _EARTH_M,
                sigma_m=each["sigma_m"].to_numpy().astype(np.float64),
            )
        )
    return ways


def _apart(one: _Way, other: _Way) -> bool | None:
    """Return whether two ways were ever in two places at one time; None when never at one time."""
    found = [_apart_at(one, other), _apart_at(other, one)]
    met = [each for each in found if each is not None]
    return any(met) if met else None


def _apart_at(one: _Way, other: _Way) -> bool | None:
    """Return whether a fix of one lies off the way of the other.

    Between two fixes a craft may be off the straight line by half of its length.
    """
    during = (one.time_s >= other.time_s[0]) & (one.time_s <= other.time_s[-1])
    if not during.any():
        return None
    when_s = one.time_s[during]
    east_m = one.east_m[during] - np.interp(when_s, other.time_s, other.east_m)
    north_m = one.north_m[during] - np.interp(when_s, other.time_s, other.north_m)
    last = len(other.time_s) - 1
    after = np.searchsorted(other.time_s, when_s).clip(0, last)
    before = np.where(other.time_s[after] == when_s, after, after - 1).clip(0, last)
    leg_m = np.hypot(
        other.east_m[after] - other.east_m[before], other.north_m[after] - other.north_m[before]
    )
    of_other_m = np.maximum(other.sigma_m[after], other.sigma_m[before])
    allowed_m = APART_SIGMA * np.hypot(one.sigma_m[during], of_other_m) + leg_m / 2
    return bool((np.hypot(east_m, north_m) > allowed_m).any())


def _groups(pairs: list[tuple[int, int]], count: int) -> int:
    """Return into how many groups pairs join so many things."""
    if not pairs:
        return count
    one, other = np.array(pairs).T
    joined = coo_array((np.ones(len(pairs)), (one, other)), shape=(count, count))
    return int(connected_components(joined, directed=False)[0])
