"""Whether two zones share ground, for the linter and for comparisons; no numerical library.

Polygons are compared exactly, as the numbers that were written, edges straight in longitude and
latitude. A belt is taken as rectangles along the legs of its line and wedges at its bends, a disc
as a polygon inside it, both a hundredth narrower than written: what is said to overlap does so.
What the engine uses is `geo.belt`, not this.
"""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from trucewatch.agreement.agreement import Agreement
    from trucewatch.agreement.zone import Altitude, Belt, Zone

    Corner = tuple[float, float]
    Ring = tuple[Corner, ...]
    Edge = tuple[Corner, Corner]
    Point = Corner | tuple[Fraction, Fraction]

_SEMI_MAJOR_M = 6_378_137.0  # WGS 84
_ECCENTRICITY_2 = 0.00669437999014  # WGS 84, squared
_NARROWER = 0.99  # one side of a comparison is drawn so, so that a rounded metre is no overlap
_WIDER = 1.01
_DISC_CORNERS = 24
_ROUNDING = 1e-14  # of the terms of `_turn`, relative: some 50 times what doubles can lose


def overlap(agreement: Agreement, one: Zone, other: Zone) -> bool:
    """Return whether two zones share ground, at a time and a height at which both are valid.

    Zones that only touch share none. Two belts along one line share ground when both lie on the
    same side of it.
    """
    if not (_share_time(one, other) and _share_height(one.altitude, other.altitude)):
        return False
    if any(_same_side(a, b) for a in one.belts for b in other.belts if a.line == b.line):
        return True
    rings = list(_rings(agreement, other, _NARROWER))
    return any(
        rings_overlap(ring, against)
        for belt, ring in _rings(agreement, one, _NARROWER)
        for beside, against in rings
        if belt is None or beside is None or belt.line != beside.line
    )


def lies_within(agreement: Agreement, one: Zone, other: Zone) -> bool:
    """Return whether one zone lies in another, judged by its corners and the middles of its edges.

    Good for saying which means cover a zone, not for a verdict. Times and heights are not asked.
    """
    if one.id == other.id:
        return True
    outer = [ring for _, ring in _rings(agreement, other, _WIDER)]
    points = [
        point
        for _, ring in _rings(agreement, one, _NARROWER)
        for edge in _edges(ring)
        for point in (edge[0], _middle(*edge))
    ]
    return all(
        any(
            _inside(point, ring) or any(_on(edge, point) for edge in _edges(ring)) for ring in outer
        )
        for point in points
    )


def rings_overlap(one: Ring, other: Ring) -> bool:
    """Return whether the insides of two simple outlines have a point in common; exact.

    Either an edge of one runs through the inside of the other, or the two are the same.
    """
    if not _boxes_meet(_box(one), _box(other)):
        return False
    return _enters(one, other) or _enters(other, one)


def _enters(ring: Ring, other: Ring) -> bool:
    """Return whether a part of the outline `ring` lies inside `other`, or all of it on its edges.

    Every edge is cut where the other outline touches it; between two cuts nothing changes, so the
    middle speaks for the piece.
    """
    against, box = [(edge, _box(edge)) for edge in _edges(other)], _box(other)
    only_on = True
    for edge in _edges(ring):
        own = _box(edge)
        if not _boxes_meet(own, box):
            only_on = False
            continue
        near = [each for each, its in against if _boxes_meet(own, its)]
        if any(_cross(edge, each) for each in near):
            return True
        cuts = [corner for corner, _ in near if _on(edge, corner)]
        for start, end in pairwise(sorted({*edge, *cuts})):
            middle = _middle(start, end)
            if any(_on(each, middle) for each in near):
                continue
            if _inside(middle, other):
                return True
            only_on = False
    return only_on


def _inside(point: Point, ring: Ring) -> bool:
    """Return whether a point that is on no edge of a ring is inside it."""
    inside, lat_deg = False, float(point[1])
    below_deg, above_deg = math.nextafter(lat_deg, -math.inf), math.nextafter(lat_deg, math.inf)
    for a, b in _edges(ring):
        if (a[1] > above_deg and b[1] > above_deg) or (a[1] < below_deg and b[1] < below_deg):
            continue
        if (a[1] > point[1]) != (b[1] > point[1]) and (_turn(a, b, point) > 0) == (b[1] > a[1]):
            inside = not inside
    return inside


def _cross(one: Edge, other: Edge) -> bool:
    """Return whether two edges cross at a point that is an end of neither."""
    (a, b), (c, d) = one, other
    return _turn(a, b, c) * _turn(a, b, d) < 0 and _turn(c, d, a) * _turn(c, d, b) < 0


def _on(edge: Edge, point: Point) -> bool:
    return _between(*edge, point) and _turn(*edge, point) == 0


def _turn(a: Corner, b: Corner, c: Point) -> int:
    """Return 1 when c is left of the way from a to b, -1 when right, 0 when on its line; exact."""
    x, y = float(c[0]), float(c[1])
    left, right = (b[0] - a[0]) * (y - a[1]), (b[1] - a[1]) * (x - a[0])
    reach = (abs(a[0]) + abs(b[0]) + abs(x)) * (abs(a[1]) + abs(b[1]) + abs(y))
    if abs(left - right) > _ROUNDING * reach:
        return 1 if left > right else -1
    (ax, ay), (bx, by), (cx, cy) = (tuple(map(Fraction, point)) for point in (a, b, c))
    cross = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    return (cross > 0) - (cross < 0)


def _between(a: Corner, b: Corner, c: Point) -> bool:
    lons, lats = sorted((a[0], b[0])), sorted((a[1], b[1]))
    return lons[0] <= c[0] <= lons[1] and lats[0] <= c[1] <= lats[1]


def _middle(a: Corner, b: Corner) -> tuple[Fraction, Fraction]:
    return (Fraction(a[0]) + Fraction(b[0])) / 2, (Fraction(a[1]) + Fraction(b[1])) / 2


def _edges(ring: Ring) -> Iterator[Edge]:
    return zip(ring, (*ring[1:], ring[0]), strict=True)


def _box(corners: Sequence[Corner]) -> tuple[float, float, float, float]:
    lons, lats = [corner[0] for corner in corners], [corner[1] for corner in corners]
    return min(lons), max(lons), min(lats), max(lats)


def _boxes_meet(one: Sequence[float], other: Sequence[float]) -> bool:
    return one[0] <= other[1] and other[0] <= one[1] and one[2] <= other[3] and other[2] <= one[3]


def _rings(
    agreement: Agreement, zone: Zone, scale_ratio: float
) -> Iterator[tuple[Belt | None, Ring]]:
    """Yield outlines that together make up a zone, each with its belt if it is part of one."""
    if zone.polygon:
        yield None, zone.polygon
    for belt in zone.belts:
        for ring in _strip(agreement.line(belt.line).points, belt, scale_ratio):
            yield belt, ring
    for disc in zone.discs:
        centre, radius_m = (disc.lon_deg, disc.lat_deg), disc.radius_m * scale_ratio
        turns = [2 * math.pi * k / _DISC_CORNERS for k in range(_DISC_CORNERS)]
        yield None, tuple(_moved(centre, (math.cos(t), math.sin(t)), radius_m) for t in turns)


def _strip(points: Ring, belt: Belt, scale_ratio: float) -> Iterator[Ring]:
    """Yield a rectangle for each leg of a line and a wedge at each of its bends."""
    legs = list(pairwise(points))
    lefts = [_left_of(*leg) for leg in legs]
    left_m, right_m = belt.left_m * scale_ratio, belt.right_m * scale_ratio
    for (start, end), left in zip(legs, lefts, strict=True):
        yield (
            _moved(start, left, left_m),
            _moved(start, left, -right_m),
            _moved(end, left, -right_m),
            _moved(end, left, left_m),
        )
    for (_, bend), before, after in zip(legs, lefts, lefts[1:], strict=False):
        turn = before[0] * after[1] - before[1] * after[0]  # to the left when positive
        outer_m = left_m if turn < 0 else -right_m
        if turn and outer_m:
            yield bend, _moved(bend, before, outer_m), _moved(bend, after, outer_m)


def _left_of(start: Corner, end: Corner) -> tuple[float, float]:
    """Return the direction to the left of a leg, of length 1, as metres east and north."""
    east_deg, north_deg = _degrees_per_m((start[1] + end[1]) / 2)
    x_m, y_m = (end[0] - start[0]) / east_deg, (end[1] - start[1]) / north_deg
    length_m = math.hypot(x_m, y_m)
    return -y_m / length_m, x_m / length_m


def _moved(point: Corner, direction: tuple[float, float], distance_m: float) -> Corner:
    """Return a point moved by a distance, in the scale of its own latitude."""
    east_deg, north_deg = _degrees_per_m(point[1])
    return (
        point[0] + direction[0] * distance_m * east_deg,
        point[1] + direction[1] * distance_m * north_deg,
    )


def _degrees_per_m(lat_deg: float) -> tuple[float, float]:
    """Return degrees of longitude and of latitude in a metre east and north, on WGS 84."""
    lat_rad = math.radians(lat_deg)
    flat = 1 - _ECCENTRICITY_2 * math.sin(lat_rad) ** 2
    across_m = _SEMI_MAJOR_M / math.sqrt(flat)
    along_m = _SEMI_MAJOR_M * (1 - _ECCENTRICITY_2) / flat**1.5
    return (
        math.degrees(1 / (across_m * max(math.cos(lat_rad), 1e-6))),
        math.degrees(1 / along_m),
    )


def _same_side(one: Belt, other: Belt) -> bool:
    return min(one.left_m, other.left_m) > 0 or min(one.right_m, other.right_m) > 0


def _share_time(one: Zone, other: Zone) -> bool:
    def before(until: datetime | None, since: datetime | None) -> bool:
        return until is not None and since is not None and until <= since

    return not (before(one.until, other.since) or before(other.until, one.since))


def _share_height(one: Altitude | None, other: Altitude | None) -> bool:
    """Return whether two ranges of height may share one; ranges of two datums always may."""
    if one is None or other is None or one.datum is not other.datum:
        return True

    def below(low: Altitude, high: Altitude) -> bool:
        return low.to_m is not None and low.to_m <= high.from_m

    return not (below(one, other) or below(other, one))
