"""Tracks: when they were in a zone, where they are silent, where they moved too fast to be true.

Between two fixes a track goes straight in longitude and latitude, and evenly in time: no more is
known. Every answer about a gap is one about that line, so a gap may be left out, see `visits`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from trucewatch.errors import BadInput
from trucewatch.geo.crossing import covers, side

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trucewatch.geo.area import Area

    Floats = NDArray[np.float64]
    Whole = NDArray[np.int64]

GAP, TOO_FAST = 1, 2
"""Flags of a fix: long after the one before it, and too far from it for the time between."""
_US_PER_S = 1e6
_STRIPS_MAX = 4_096
_LON_MAX_DEG, _LAT_MAX_DEG = 180.0, 90.0
_AXIS_M, _FLATTENING = 6_378_137.0, 1 / 298.257223563  # WGS 84
_ECCENTRIC = _FLATTENING * (2 - _FLATTENING)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tracks:
    """Fixes of several tracks, sorted by track and then by time; build them with `of`.

    Attributes:
        track: Number of the track of each fix, shape (n,).
        time_us: Microseconds since 1970 UTC, rising within a track.
        lon_deg: WGS 84 degrees.
        lat_deg: The same.
        alt_m: Height above the ellipsoid, metres.
    """

    track: Whole
    time_us: Whole
    lon_deg: Floats
    lat_deg: Floats
    alt_m: Floats

    @classmethod
    def of(
        cls, track: Whole, time_us: Whole, lon_deg: Floats, lat_deg: Floats, alt_m: Floats
    ) -> Tracks:
        """Return tracks, checked.

        Raises:
            BadInput: Shapes differ, fixes are not sorted, two of a track have one time, a
                coordinate is no number or off the globe, or a leg goes over half the globe (a
                track across the 180th meridian is not supported).
        """
        shapes = {values.shape for values in (track, time_us, lon_deg, lat_deg, alt_m)}
        if len(shapes) != 1 or track.ndim != 1:
            raise BadInput("tracks", f"columns have shapes {sorted(shapes)}, must be one (n,)")
        on_globe = (np.abs(lon_deg) <= _LON_MAX_DEG) & (np.abs(lat_deg) <= _LAT_MAX_DEG)
        _refuse(~(on_globe & np.isfinite(alt_m)), "is nowhere on the globe, must be")
        same = np.diff(track) == 0
        later = np.diff(time_us) > 0
        _refuse(_after((np.diff(track) < 0) | (same & ~later)), "is not after the one before it")
        far = same & (np.abs(np.diff(lon_deg)) >= _LON_MAX_DEG)
        _refuse(_after(far), "is over half the globe from the one before it")
        return cls(
            track=np.ascontiguousarray(track, dtype=np.int64),
            time_us=np.ascontiguousarray(time_us, dtype=np.int64),
            lon_deg=np.ascontiguousarray(lon_deg, dtype=np.float64),
            lat_deg=np.ascontiguousarray(lat_deg, dtype=np.float64),
            alt_m=np.ascontiguousarray(alt_m, dtype=np.float64),
        )


class Visits(NamedTuple):
    """Stays of tracks in one zone, sorted by track and time; each of shape (k,).

    Attributes:
        track: Number of the track.
        entry_us: When the stay begins, microseconds since 1970 UTC, rounded.
        exit_us: When it ends.
        entered: Whether the track was outside before; else it, or what is known of it, begins
            inside.
        left: Whether it was outside after; else it, or what is known of it, ends inside.
    """

    track: Whole
    entry_us: Whole
    exit_us: Whole
    entered: NDArray[np.bool_]
    left: NDArray[np.bool_]

    def inside_s(self) -> Floats:
        """Return how long each stay lasts, seconds."""
        return np.asarray((self.exit_us - self.entry_us) / _US_PER_S)


class _Strips(NamedTuple):
    """Edges of a zone by strips of latitude; strip k holds [first[k], first[k + 1]).

    `edges` are those that meet a strip, (k, 4), and `number` says which edge each is.
    """

    south_deg: float
    per_deg: float
    first: Whole
    edges: Floats
    number: Whole


def visits(tracks: Tracks, area: Area, *, gap_s: float = math.inf) -> Visits:
    """Return when tracks were in an area.

    Where a leg meets an edge is decided exactly, see `crossing`; the time is rounded, as a float
    has it, to the microsecond. The area is closed, so a way along an edge is inside. What touches
    it for no time at all (a corner, a single fix) is no stay.

    Args:
        tracks: The tracks.
        area: The zone.
        gap_s: Legs that last longer are left out, seconds: of them it is not known where they went.
    """
    edges = area.edges()
    strips = _strips(edges)
    arrays = (tracks.track, tracks.time_us, tracks.lon_deg, tracks.lat_deg)
    limit_us = np.float64(gap_s * _US_PER_S)
    track, entry_us, exit_us, ends = _stays(arrays, strips, len(edges), limit_us)
    return Visits(track, entry_us, exit_us, entered=ends[0], left=ends[1])


def flags(
    tracks: Tracks, *, gap_s: float, speed_m_s: float, slack_m: float = 0.0
) -> NDArray[np.uint8]:
    """Return flags of each fix against the one before it: `GAP`, `TOO_FAST`, both or 0.

    Distances are straight through the Earth, with height: never longer than the way that was
    taken, so the measure itself flags nothing.

    Args:
        tracks: The tracks.
        gap_s: A gap is longer than this, seconds.
        speed_m_s: A track may do so much, metres a second.
        slack_m: Distance that position errors may add, metres.
    """
    arrays = (tracks.track, tracks.time_us, tracks.lon_deg, tracks.lat_deg, tracks.alt_m)
    limits = (gap_s * _US_PER_S, speed_m_s / _US_PER_S, float(slack_m))
    found: NDArray[np.uint8] = _flags(arrays, limits)
    return found


def _refuse(bad: NDArray[np.bool_], problem: str) -> None:
    """Say which fix is bad, if one is.

    Raises:
        BadInput: See `Tracks.of`.
    """
    if bad.any():
        raise BadInput("tracks", f"fix {int(np.argmax(bad))} {problem}")


def _after(bad: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the flags of legs as those of the fixes at their ends."""
    return np.concatenate([np.zeros(1, np.bool_), bad])


def _strips(edges: Floats) -> _Strips:
    """Return edges by strips; each is in every strip that it touches, and one more to each side."""
    low_deg = np.minimum(edges[:, 1], edges[:, 3])
    high_deg = np.maximum(edges[:, 1], edges[:, 3])
    south_deg, north_deg = float(low_deg.min()), float(high_deg.max())
    count = min(len(edges), _STRIPS_MAX)
    per_deg = count / (north_deg - south_deg)
    start = np.maximum(((low_deg - south_deg) * per_deg).astype(np.int64) - 1, 0)
    end = np.minimum(((high_deg - south_deg) * per_deg).astype(np.int64) + 2, count + 1)
    number = np.repeat(np.arange(len(edges)), end - start)
    begun = np.repeat(np.cumsum(end - start) - (end - start), end - start)
    strip = np.arange(len(number)) - begun + start[number]
    order = np.argsort(strip, kind="stable")
    first = np.searchsorted(strip[order], np.arange(count + 2))
    number = number[order]
    return _Strips(south_deg, per_deg, first, np.ascontiguousarray(edges[number]), number)


@njit(cache=True)
def _strip(strips, y):  # type: ignore[no-untyped-def]
    """Return the strip of a latitude, the nearest one beyond the ends."""
    last = len(strips.first) - 2
    return int(min(max((y - strips.south_deg) * strips.per_deg, 0.0), last))


@njit(cache=True)
def _stays(tracks, strips, count, limit_us):  # type: ignore[no-untyped-def]
    """Return the columns of `Visits`.

    Between two places where a leg meets an edge one state holds, and it lasts into the next leg
    unless that begins on an edge. Parts that last for no microsecond are passed over.
    """
    track, time_us, x, y = tracks
    stays = (np.empty((4, 3), np.int64), np.empty((4, 2), np.bool_))
    cuts, runs = np.empty(2 * count + 2), np.empty((count, 2))
    seen = np.full(count, -1)
    n, inside, known, sure = 0, False, False, False
    for leg in range(len(track) - 1):
        if track[leg] != track[leg + 1] or time_us[leg + 1] - time_us[leg] > limit_us:
            inside, known, sure = False, False, False
            continue
        way = (x[leg], y[leg], x[leg + 1], y[leg + 1])
        k, r = _cut(way, strips, (cuts, runs, seen), leg)
        stands = way[0] == way[2] and way[1] == way[3]
        start = 0.0
        for c in range(k + 1):
            end = cuts[c] if c < k else 1.0
            span = (track[leg], _time(time_us, leg, start), _time(time_us, leg, end))
            if span[1] == span[2]:
                sure = False
                continue
            was = inside
            if k > 0 or stands or not sure:
                inside = _runs(runs, r, start, end) or _at(way, strips, (start + end) / 2)
            stays, n = _note(stays, n, span, (was, inside, known))
            known, sure, start = True, True, end
    spans, ends = stays
    return spans[:n, 0].copy(), spans[:n, 1].copy(), spans[:n, 2].copy(), ends[:n].T.copy()


@njit(cache=True)
def _note(stays, n, span, state):  # type: ignore[no-untyped-def]
    """Write what a part of a leg adds to the stays, and return them and their number."""
    spans, ends = stays
    was, inside, known = state
    if inside and not (was and known):
        if n == len(spans):
            spans = np.concatenate((spans, np.empty_like(spans)))
            ends = np.concatenate((ends, np.empty_like(ends)))
        spans[n, 0], spans[n, 1], ends[n, 0] = span[0], span[1], known
        n += 1
    if inside:
        spans[n - 1, 2], ends[n - 1, 1] = span[2], False
    elif was and known:
        ends[n - 1, 1] = True
    return (spans, ends), n


@njit(cache=True)
def _time(time_us, leg, share):  # type: ignore[no-untyped-def]
    return time_us[leg] + round((time_us[leg + 1] - time_us[leg]) * share)


@njit(cache=True)
def _at(way, strips, share):  # type: ignore[no-untyped-def]
    """Return whether the area holds a place on a leg."""
    x, y = way[0] + share * (way[2] - way[0]), way[1] + share * (way[3] - way[1])
    k = _strip(strips, y)
    return covers(strips.edges, (strips.first[k], strips.first[k + 1]), x, y)


@njit(cache=True)
def _runs(runs, r, start, end):  # type: ignore[no-untyped-def]
    """Return whether a part of a leg runs along an edge."""
    middle = (start + end) / 2
    found = False
    for k in range(r):
        found = found or runs[k, 0] <= middle <= runs[k, 1]
    return found


@njit(cache=True)
def _cut(way, strips, made, leg):  # type: ignore[no-untyped-def]
    """Write where a leg meets edges, sorted shares of it, and where it runs along them."""
    cuts, runs, seen = made
    k, r = 0, 0
    low, high = min(way[1], way[3]), max(way[1], way[3])
    for s in range(_strip(strips, low), _strip(strips, high) + 1):
        for e in range(strips.first[s], strips.first[s + 1]):
            if seen[strips.number[e]] == leg:
                continue
            seen[strips.number[e]] = leg
            ax, ay = strips.edges[e, 0], strips.edges[e, 1]
            bx, by = strips.edges[e, 2], strips.edges[e, 3]
            if max(ay, by) < low or min(ay, by) > high:
                continue
            if max(ax, bx) < min(way[0], way[2]) or min(ax, bx) > max(way[0], way[2]):
                continue
            first, last = _meet(way, (ax, ay, bx, by))
            if first <= last:
                cuts[k], cuts[k + 1] = first, last
                k += 2
            if first < last:
                runs[r, 0], runs[r, 1] = first, last
                r += 1
    cuts[:k].sort()
    return k, r


@njit(cache=True)
def _meet(way, edge):  # type: ignore[no-untyped-def]
    """Return the shares of a leg at which it meets an edge first and last; 1, 0 for never."""
    px, py, qx, qy = way
    ax, ay, bx, by = edge
    of_p, of_q = side(ax, ay, bx, by, px, py), side(ax, ay, bx, by, qx, qy)
    if of_p == 0 and of_q == 0:
        if px == qx and py == qy:
            return 1.0, 0.0  # it stands still: there is nothing to cut
        a, b = _share(way, ax, ay), _share(way, bx, by)
        return max(min(a, b), 0.0), min(max(a, b), 1.0)
    if of_p == of_q or side(px, py, qx, qy, ax, ay) * side(px, py, qx, qy, bx, by) > 0:
        return 1.0, 0.0
    if of_p == 0:
        return 0.0, 0.0
    if of_q == 0:
        return 1.0, 1.0
    near = abs((ax - px) * (by - py) - (ay - py) * (bx - px))
    far = abs((ax - qx) * (by - qy) - (ay - qy) * (bx - qx))
    share = near / (near + far)
    return share, share


@njit(cache=True)
def _share(way, x, y):  # type: ignore[no-untyped-def]
    """Return the share of a leg at which a point on its line lies."""
    run, rise = way[2] - way[0], way[3] - way[1]
    return (x - way[0]) / run if abs(run) >= abs(rise) else (y - way[1]) / rise


@njit(cache=True)
def _flags(tracks, limits):  # type: ignore[no-untyped-def]
    """Return the flags of all fixes."""
    track, time_us, lon_deg, lat_deg, alt_m = tracks
    gap_us, speed_m_us, slack_m = limits
    found = np.zeros(len(track), np.uint8)
    x, y, z = 0.0, 0.0, 0.0
    for i in range(len(track)):
        before_x, before_y, before_z = x, y, z
        x, y, z = _space_m(lon_deg[i], lat_deg[i], alt_m[i])
        if i == 0 or track[i] != track[i - 1]:
            continue
        since_us = time_us[i] - time_us[i - 1]
        far_m = since_us * speed_m_us + slack_m
        square_m2 = (x - before_x) ** 2 + (y - before_y) ** 2 + (z - before_z) ** 2
        found[i] = GAP * (since_us > gap_us) + TOO_FAST * (square_m2 > far_m * far_m)
    return found


@njit(cache=True)
def _space_m(lon_deg, lat_deg, alt_m):  # type: ignore[no-untyped-def]
    """Return Earth-centred coordinates of a fix on WGS 84, metres."""
    lon, lat = math.radians(lon_deg), math.radians(lat_deg)
    sine, cosine = math.sin(lat), math.cos(lat)
    normal_m = _AXIS_M / math.sqrt(1.0 - _ECCENTRIC * sine * sine)
    flat_m = (normal_m + alt_m) * cosine
    upright_m = (normal_m * (1.0 - _ECCENTRIC) + alt_m) * sine
    return flat_m * math.cos(lon), flat_m * math.sin(lon), upright_m
