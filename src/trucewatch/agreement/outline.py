"""The points of a zone or a line, checked: no edge crosses another, and a zone encloses an area.

Edges are taken as straight in longitude and latitude here. Coordinates are compared as the exact
numbers that were written, so the answer does not hang on rounding.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from trucewatch.errors import BadAgreement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trucewatch.agreement.part import Part

    Corner = tuple[float, float]

CORNERS_MIN = 3
POINTS_MIN = 2
_LON_MAX_DEG = 180
_LAT_MAX_DEG = 90


def polygon_of(part: Part) -> tuple[Corner, ...]:
    """Return the corners of a polygon as (longitude, latitude) in degrees.

    `BadAgreement` when there are fewer than 3, one lies outside the globe or is repeated, an edge
    goes over half the globe (a zone across the 180th meridian is not supported), two edges meet,
    or no area is enclosed.
    """
    return _outline(part, least=CORNERS_MIN, closed=True)


def path_of(part: Part) -> tuple[Corner, ...]:
    """Return the points of a line as (longitude, latitude) in degrees.

    `BadAgreement` when there are fewer than 2, one lies outside the globe or is repeated (a line
    ends elsewhere than it begins), an edge goes over half the globe, or two edges meet.
    """
    return _outline(part, least=POINTS_MIN, closed=False)


def point_of(item: Part) -> Corner:
    """Return one point as (longitude, latitude) in degrees.

    Raises:
        BadAgreement: No two numbers, or a point outside the globe.
    """
    pair = item.items()
    if len(pair) != len(("longitude", "latitude")):
        raise BadAgreement(
            item.where, f"{item.key} has {len(pair)} numbers, must be [longitude, latitude]"
        )
    return (
        pair[0].number(-_LON_MAX_DEG, _LON_MAX_DEG),
        pair[1].number(-_LAT_MAX_DEG, _LAT_MAX_DEG),
    )


def _outline(part: Part, *, least: int, closed: bool) -> tuple[Corner, ...]:
    items = part.items()
    if len(items) < least:
        problem = f"{part.key} has {len(items)} points, must have at least {least}"
        raise BadAgreement(part.where, problem)
    corners = tuple(point_of(item) for item in items)
    _refuse_repeats(corners, items)
    edges = list(pairwise((*corners, corners[0]) if closed else corners))
    for place, ((west_deg, _), (east_deg, _)) in enumerate(edges):
        span_deg = abs(east_deg - west_deg)
        if span_deg >= _LON_MAX_DEG:
            problem = f"edge spans {span_deg:g} degrees of longitude, must span less than 180"
            raise BadAgreement(items[(place + 1) % len(items)].where, problem)
    crossing = next(_crossings(edges), None)
    if crossing is not None:
        first, second = crossing
        problem = f"edges {first + 1} and {second + 1} meet, must not touch or cross"
        raise BadAgreement(part.where, problem)
    return corners


def _refuse_repeats(corners: tuple[Corner, ...], items: tuple[Part, ...]) -> None:
    seen: dict[Corner, int] = {}
    for place, corner in enumerate(corners):
        if corner in seen:
            problem = f"point {place + 1} repeats point {seen[corner] + 1}, must be another place"
            raise BadAgreement(items[place].where, problem)
        seen[corner] = place


def _crossings(edges: list[tuple[Corner, Corner]]) -> Iterator[tuple[int, int]]:
    """Yield pairs of edges that meet where they may not; edge i goes from corner i to the next.

    Edges are swept from west to east, so that only those are compared whose longitudes overlap.
    """
    order = sorted(range(len(edges)), key=lambda i: min(edges[i][0][0], edges[i][1][0]))
    active: list[int] = []
    for i in order:
        west = min(edges[i][0][0], edges[i][1][0])
        active = [j for j in active if max(edges[j][0][0], edges[j][1][0]) >= west]
        for j in active:
            if _latitudes_overlap(edges[i], edges[j]) and _meet(edges, *sorted((i, j))):
                yield tuple(sorted((i, j)))  # type: ignore[misc]
        active.append(i)


def _latitudes_overlap(one: tuple[Corner, Corner], other: tuple[Corner, Corner]) -> bool:
    low, high = sorted((one[0][1], one[1][1]))
    return low <= max(other[0][1], other[1][1]) and high >= min(other[0][1], other[1][1])


def _meet(edges: list[tuple[Corner, Corner]], first: int, second: int) -> bool:
    """Return whether two edges share a point that is not their common corner."""
    (a, b), (c, d) = edges[first], edges[second]
    if b == c:
        return _folds(a, b, d)
    if d == a:
        return _folds(c, a, b)
    turns = (_turn(a, b, c), _turn(a, b, d), _turn(c, d, a), _turn(c, d, b))
    if turns[0] * turns[1] < 0 and turns[2] * turns[3] < 0:
        return True
    ends = ((a, b, c), (a, b, d), (c, d, a), (c, d, b))
    return any(turn == 0 and _within(*end) for turn, end in zip(turns, ends, strict=True))


def _folds(before: Corner, corner: Corner, after: Corner) -> bool:
    """Return whether the outline turns back on itself at a corner."""
    if _turn(before, corner, after) != 0:
        return False
    along = (before[0] - corner[0]) * (after[0] - corner[0])
    return along + (before[1] - corner[1]) * (after[1] - corner[1]) > 0


def _turn(a: Corner, b: Corner, c: Corner) -> int:
    """Return 1 when c is left of the way from a to b, -1 when right, 0 when on its line."""
    (ax, ay), (bx, by), (cx, cy) = (tuple(map(Fraction, corner)) for corner in (a, b, c))
    cross = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    return (cross > 0) - (cross < 0)


def _within(a: Corner, b: Corner, c: Corner) -> bool:
    """Return whether c, known to be on the line through a and b, is between them."""
    lons, lats = sorted((a[0], b[0])), sorted((a[1], b[1]))
    return lons[0] <= c[0] <= lons[1] and lats[0] <= c[1] <= lats[1]
