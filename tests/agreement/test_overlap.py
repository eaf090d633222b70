"""Whether zones share ground: exact for polygons, sure for belts and discs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from trucewatch.agreement.line import Line, LineStatus
from trucewatch.agreement.overlap import lies_within, overlap, rings_overlap
from trucewatch.agreement.parse import parse
from trucewatch.agreement.shipped import shipped_bytes
from trucewatch.agreement.zone import Altitude, AltitudeDatum, Belt, Disc, Edges, Zone

if TYPE_CHECKING:
    from trucewatch.agreement.agreement import Agreement

    Ring = tuple[tuple[float, float], ...]

SQUARE = ((0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0))
MAY, JUNE = datetime(2030, 5, 1, tzinfo=UTC), datetime(2030, 6, 1, tzinfo=UTC)


def line(name: str, *points: tuple[float, float]) -> Line:
    return Line(
        id=name, status=LineStatus.AGREED, epoch=MAY, accuracy_m=10, datum_for=(), sides={},
        points=points, edges=Edges.STRAIGHT, since=None, until=None, text="",
    )  # fmt: skip


AGREEMENT: Agreement = replace(
    parse(shipped_bytes("demo-truce"), name="demo-truce.yaml"),
    lines=(
        line("WEST", (-30.0, 45.0), (-29.9, 45.05), (-29.8, 45.0)),
        line("FAR", (-30.0, 45.2), (-29.8, 45.2)),
    ),
)
ZONE = replace(AGREEMENT.zones[0], polygon=())


def of(*corners: tuple[float, float]) -> Zone:
    return replace(ZONE, id=str(corners), polygon=corners)


def belts(*given_: tuple[str, float, float]) -> Zone:
    made = tuple(Belt(line=name, left_m=left, right_m=right) for name, left, right in given_)
    return replace(ZONE, id=str(given_), belts=made)


def disc(lon_deg: float, lat_deg: float, radius_m: float) -> Zone:
    place = Disc(name="x", lon_deg=lon_deg, lat_deg=lat_deg, radius_m=radius_m)
    return replace(ZONE, id=f"{place}", discs=(place,))


@pytest.mark.parametrize(
    ("other", "shared"),
    [
        (SQUARE, True),
        (SQUARE[::-1], True),
        (((2.0, 0.0), (4.0, 0.0), (4.0, 2.0), (2.0, 2.0)), False),  # one common edge
        (((2.0, 2.0), (4.0, 2.0), (4.0, 4.0)), False),  # one common corner
        (((2.0, 0.5), (4.0, 0.5), (4.0, 1.5)), False),  # a corner on an edge
        (((0.5, 0.5), (1.0, 0.5), (1.0, 1.0)), True),  # wholly inside
        (((-1.0, -1.0), (3.0, -1.0), (3.0, 3.0), (-1.0, 3.0)), True),  # wholly around
        (((0.0, 0.0), (2.0, 2.0), (0.0, 2.0)), True),  # half of it, no corner inside
        (((-1.0, 1.0), (1.0, -1.0), (3.0, 1.0), (1.0, 3.0)), True),  # through all corners
        (((1.9999999999999998, 0.5), (4.0, 0.5), (4.0, 1.5)), True),  # one last digit
    ],
)
def test_tells_outlines_that_touch_from_those_that_overlap(other: Ring, shared: bool) -> None:
    assert rings_overlap(SQUARE, other) is shared
    assert rings_overlap(other, SQUARE) is shared


@st.composite
def triangles(draw: st.DrawFn) -> Ring:
    corner = st.tuples(st.integers(0, 5).map(float), st.integers(0, 5).map(float))
    corners = draw(st.lists(corner, min_size=3, max_size=3, unique=True))
    (ax, ay), (bx, by), (cx, cy) = corners
    if (bx - ax) * (cy - ay) == (by - ay) * (cx - ax):
        corners[2] = (cx + 7.0, cy + 11.0 * (ax + bx + 1.0))
    return tuple(corners)


@given(triangles(), triangles())
def test_agrees_with_a_library_on_triangles_of_a_coarse_grid(one: Ring, other: Ring) -> None:
    a, b = shapely.Polygon(one), shapely.Polygon(other)
    if not (a.is_valid and b.is_valid and a.area and b.area):
        return

    expected = a.intersection(b).area > 1e-9

    assert rings_overlap(one, other) is expected


def test_an_outline_in_the_bay_of_another_does_not_overlap_it() -> None:
    bay = (
        (0.0, 0.0),
        (6.0, 0.0),
        (6.0, 6.0),
        (4.0, 6.0),
        (4.0, 2.0),
        (2.0, 2.0),
        (2.0, 6.0),
        (0.0, 6.0),
    )
    island = ((2.0, 2.0), (4.0, 2.0), (3.0, 5.0))

    assert not rings_overlap(bay, island)


def test_belts_of_one_line_overlap_on_one_side_of_it_only() -> None:
    left, right = belts(("WEST", 5000, 0)), belts(("WEST", 0, 5000))

    assert not overlap(AGREEMENT, left, right)
    assert overlap(AGREEMENT, left, belts(("WEST", 100, 100)))


def test_belts_of_two_lines_overlap_when_they_reach_each_other() -> None:
    # 16.7 km apart at the bend, 22.2 km at the ends
    assert not overlap(AGREEMENT, belts(("WEST", 8000, 0)), belts(("FAR", 0, 8000)))
    assert overlap(AGREEMENT, belts(("WEST", 9500, 0)), belts(("FAR", 0, 9500)))


def test_a_disc_overlaps_a_belt_by_its_distance_from_the_line() -> None:
    far = belts(("FAR", 0, 5000))

    assert overlap(AGREEMENT, far, disc(-29.9, 45.2 - 0.06, 2000))  # 6.7 km south
    assert not overlap(AGREEMENT, far, disc(-29.9, 45.2 - 0.07, 2000))  # 7.8 km south
    assert not overlap(AGREEMENT, far, disc(-29.9, 45.2 + 0.03, 2000))  # on the other side


def test_zones_valid_at_other_times_or_heights_share_nothing() -> None:
    low = Altitude(from_m=0, to_m=100, datum=AltitudeDatum.GROUND)
    one = replace(of(*SQUARE), until=JUNE, altitude=low)

    assert not overlap(AGREEMENT, one, replace(one, since=JUNE, until=None))
    assert not overlap(AGREEMENT, one, replace(one, altitude=replace(low, from_m=100, to_m=None)))
    assert overlap(AGREEMENT, one, replace(one, altitude=replace(low, from_m=99, to_m=None)))
    assert overlap(AGREEMENT, one, replace(one, altitude=None))
    assert overlap(AGREEMENT, replace(one, altitude=None), one)
    assert overlap(
        AGREEMENT,
        one,
        replace(one, altitude=Altitude(from_m=200, to_m=300, datum=AltitudeDatum.SEA)),
    )


def test_a_zone_lies_within_a_belt_that_surrounds_it() -> None:
    around, small = belts(("FAR", 5000, 5000)), disc(-29.9, 45.21, 1000)

    assert lies_within(AGREEMENT, small, around)
    assert not lies_within(AGREEMENT, around, small)
    assert not lies_within(AGREEMENT, disc(-29.9, 45.24, 1000), around)
