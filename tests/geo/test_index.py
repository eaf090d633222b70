"""Membership is exact: on edges, on corners, one step of a double beside them, and elsewhere."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trucewatch.errors import BadInput
from trucewatch.geo.area import Area
from trucewatch.geo.crossing import covers, side
from trucewatch.geo.index import ZoneIndex

SQUARE = [(30.0, 48.0), (31.0, 48.0), (31.0, 49.0), (30.0, 49.0)]
HOLE = [(30.25, 48.25), (30.75, 48.25), (30.75, 48.75), (30.25, 48.75)]
NEAR = st.integers(-3, 3)


def slow_side(a: tuple, b: tuple, p: tuple) -> int:
    (ax, ay), (bx, by), (px, py) = (tuple(map(Fraction, spot)) for spot in (a, b, p))
    turn = (ax - px) * (by - py) - (ay - py) * (bx - px)
    return (turn > 0) - (turn < 0)


def slow_holds(rings: list[list[tuple]], p: tuple) -> bool:
    """Even-odd in rational numbers, after asking every edge whether the point is on it."""
    inside = False
    for ring in rings:
        for a, b in zip(ring, [*ring[1:], ring[0]], strict=True):
            turn = slow_side(a, b, p)
            in_box = all(min(a[k], b[k]) <= p[k] <= max(a[k], b[k]) for k in (0, 1))
            if turn == 0 and in_box:
                return True
            if (a[1] > p[1]) != (b[1] > p[1]) and (turn > 0) == (b[1] > a[1]):
                inside = not inside
    return inside


def star(seed: int, corners: int, *, step: float) -> list[tuple]:
    """Return a star-shaped ring with corners on multiples of a step, so that ties are common."""
    rng = np.random.default_rng(seed)
    angle = np.arange(corners) * 2 * np.pi / corners
    away = rng.uniform(0.3, 1.0, corners)
    ring = np.column_stack([30 + away * np.cos(angle), 48 + away * np.sin(angle)])
    return [tuple(corner) for corner in (np.round(ring / step) * step).tolist()]


def steps(value: float, count: int) -> float:
    return float(value + count * np.spacing(value))


@given(st.lists(st.tuples(NEAR, NEAR), min_size=3, max_size=3), st.integers(0, 2**32 - 1))
@settings(max_examples=300, deadline=None)
def test_the_side_of_a_line_is_that_of_rational_numbers(moves: list[tuple], seed: int) -> None:
    a = np.random.default_rng(seed).uniform(-180, 180, 2)
    spots = [
        tuple(
            steps(at, move) for at, move in zip(a + k * np.array([1.5, 0.25]), moved, strict=True)
        )
        for k, moved in enumerate(moves)
    ]

    found = side(*spots[0], *spots[1], *spots[2])

    assert found == slow_side(*spots)


def test_the_sign_is_right_where_a_float_has_none() -> None:
    a, b, p = (12.0, 12.0), (24.0, 24.0), (0.5, steps(0.5, 1))

    assert (a[0] - p[0]) * (b[1] - p[1]) - (a[1] - p[1]) * (b[0] - p[0]) == 0.0
    assert side(*a, *b, *p) == slow_side(a, b, p) == 1


@given(st.integers(0, 2**32 - 1), st.sampled_from([1 / 8, 1 / 64, 1e-9]))
@settings(max_examples=25, deadline=None)
def test_agrees_with_rational_numbers_on_the_worst_points(seed: int, step: float) -> None:
    try:
        areas = [Area.of([star(seed + k, 12, step=step)]) for k in range(2)]
    except BadInput:
        return  # rounding has made the star cross itself
    rings = [[tuple(corner) for corner in area.parts[0][0].tolist()] for area in areas]
    rng = np.random.default_rng(seed)
    a = areas[0].edges()[:, :2]
    b = areas[1].edges()[:, 2:]
    spots = np.concatenate(
        [a, b, (a + np.roll(a, 1, axis=0)) / 2, (a + b) / 2, a + np.array([0.125, 0])]
    )
    spots += rng.integers(-1, 2, spots.shape) * np.spacing(spots)
    index = ZoneIndex.build(areas)

    row, zone = index.zones_of(spots[:, 0].copy(), spots[:, 1].copy())

    expected = [
        (p, z) for p, spot in enumerate(spots.tolist()) for z in (0, 1)
        if slow_holds([rings[z]], tuple(spot))
    ]  # fmt: skip
    assert list(zip(row.tolist(), zone.tolist(), strict=True)) == expected
    for z in (0, 1):
        alone = index.inside(spots[:, 0].copy(), spots[:, 1].copy(), z)
        assert np.flatnonzero(alone).tolist() == [p for p, held in expected if held == z]


def test_edges_and_corners_belong_to_a_zone_and_those_of_holes_too() -> None:
    index = ZoneIndex.build([Area.of([SQUARE, HOLE])])
    on = [*SQUARE, *HOLE, (30.5, 48.0), (31.0, 48.1), (30.5, 48.25), (30.25, 48.6)]
    off = [(30.5, 48.5), (steps(31.0, 1), 48.5), (30.5, steps(48.0, -1)), (30.5, steps(48.25, 1))]

    found = index.inside(*np.array(on + off).T, 0)

    assert found.tolist() == [True] * len(on) + [False] * len(off)


def test_the_kernel_for_all_edges_agrees_with_rational_numbers() -> None:
    rings = [star(3, 30, step=1 / 64)]
    edges = Area.of(rings).edges()
    grid = [(30 + i / 32, 48 + j / 32) for i in range(-33, 34) for j in range(-33, 34)]

    found = [bool(covers(edges, (0, len(edges)), *spot)) for spot in grid]

    assert found == [slow_holds(rings, spot) for spot in grid]


def test_overlapping_zones_are_given_in_order_and_many_at_once() -> None:
    nested = [
        Area.of([[(30 - k, 48 - k), (31 + k, 48 - k), (31 + k, 49 + k), (30 - k, 49 + k)]])
        for k in range(40)
    ]
    rng = np.random.default_rng(4)
    lon_deg, lat_deg = rng.uniform(-9, 70, 5_000), rng.uniform(9, 88, 5_000)
    index = ZoneIndex.build(nested)

    row, zone = index.zones_of(lon_deg, lat_deg)

    held = np.array([
        [30 - k <= x <= 31 + k and 48 - k <= y <= 49 + k for k in range(40)]
        for x, y in zip(lon_deg.tolist(), lat_deg.tolist(), strict=True)
    ])  # fmt: skip
    true_row, true_zone = np.nonzero(held)
    assert row.tolist() == true_row.tolist()
    assert zone.tolist() == true_zone.tolist()


def test_more_pairs_than_points_find_room() -> None:
    index = ZoneIndex.build([Area.of([SQUARE])] * 50)
    lon_deg, lat_deg = np.full(20_000, 30.5), np.full(20_000, 48.5)

    row, zone = index.zones_of(lon_deg, lat_deg)

    assert len(row) == 1_000_000
    assert (zone.reshape(-1, 50) == np.arange(50)).all()


@pytest.mark.parametrize(
    ("lon_deg", "lat_deg"),
    [(np.nan, 48.5), (30.5, np.inf), (180.1, 48.5), (30.5, -90.5), (1e-120, 48.5)],
)
def test_refuses_a_point_that_is_nowhere(lon_deg: float, lat_deg: float) -> None:
    index = ZoneIndex.build([Area.of([[(-1.0, 40.0), (31.0, 40.0), (31.0, 49.0)]])])

    with pytest.raises(BadInput, match=r"point 1 is at .*, must be on the globe"):
        index.zones_of(np.array([30.5, lon_deg]), np.array([48.5, lat_deg]))
    with pytest.raises(BadInput, match=r"point 1 is at .*, must be on the globe"):
        index.inside(np.array([30.5, lon_deg]), np.array([48.5, lat_deg]), 0)


def test_refuses_no_zone_an_unknown_zone_and_odd_shapes() -> None:
    index = ZoneIndex.build([Area.of([SQUARE])])
    one = np.array([30.5])

    with pytest.raises(BadInput, match="has no zone, must have at least 1"):
        ZoneIndex.build([])
    with pytest.raises(BadInput, match="zone is 1, must be 0 to 0"):
        index.inside(one, one, 1)
    with pytest.raises(BadInput, match=r"must be \(n,\) both"):
        index.zones_of(one, np.array([48.5, 48.6]))


def test_a_zone_of_a_millimetre_and_one_of_a_continent_share_an_index() -> None:
    tiny = [(30.0, 48.0), (30.0 + 1e-8, 48.0), (30.0, 48.0 + 1e-8)]
    huge = [(-10.0, -60.0), (120.0, -60.0), (120.0, 80.0), (-10.0, 80.0)]
    spots = np.array([(30.0 + 4e-9, 48.0 + 4e-9), (30.0 + 7e-9, 48.0 + 7e-9), (0.0, 0.0)])

    for order in ([tiny, huge], [tiny]):
        index = ZoneIndex.build([Area.of([ring]) for ring in order])
        assert index.inside(*spots.T.copy(), 0).tolist() == [True, False, False]
