"""Whether an outline crosses itself is decided exactly, and like an independent geometry engine."""

from __future__ import annotations

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from trucewatch.agreement.parse import parse
from trucewatch.agreement.shipped import shipped_bytes
from trucewatch.errors import BadAgreement

CORNER = st.tuples(st.integers(0, 6), st.integers(0, 6))  # a small grid makes touching likely


LINE = """\
lines:
  - {{id: L, status: agreed, epoch: null, accuracy_m: null, points: {points}}}
zones:
"""


def accepted_as_line(points: list[tuple[int, int]]) -> bool:
    shown = [list(point) for point in points]
    text = shipped_bytes("exercise-box").decode().replace("zones:\n", LINE.format(points=shown), 1)
    try:
        agreement = parse(text.encode(), name="t.yaml")
    except BadAgreement:
        return False
    return agreement.lines[0].points == tuple(points)


def accepted(corners: list[tuple[int, int]]) -> bool:
    text = shipped_bytes("exercise-box").decode()
    old = "      - [22, 44]\n      - [41, 44]\n      - [41, 53]\n      - [22, 53]\n"
    assert old in text
    new = "".join(f"      - [{x}, {y}]\n" for x, y in corners)
    try:
        parse(text.replace(old, new).encode(), name="t.yaml")
    except BadAgreement:
        return False
    return True


@given(st.lists(CORNER, min_size=3, max_size=8, unique=True))
def test_agrees_with_shapely(corners: list[tuple[int, int]]) -> None:
    ring = shapely.LinearRing(corners)

    assert accepted(corners) == bool(ring.is_simple and shapely.Polygon(ring).is_valid)


@pytest.mark.parametrize("turn", [1, -1])
def test_takes_either_direction_of_turn(turn: int) -> None:
    corners = [(0, 0), (4, 0), (4, 4), (2, 1), (0, 4)]

    assert accepted(corners[::turn])


def test_takes_points_in_the_middle_of_an_edge() -> None:
    assert accepted([(0, 0), (2, 0), (4, 0), (4, 4)])


@given(st.lists(CORNER, min_size=2, max_size=8, unique=True))
def test_takes_a_line_that_shapely_calls_simple(points: list[tuple[int, int]]) -> None:
    assert accepted_as_line(points) == shapely.LineString(points).is_simple


@pytest.mark.parametrize(
    "points",
    [
        [(0, 0), (1, 1), (1, 1), (2, 0)],
        [(0, 0), (2, 0), (2, 2), (0, 0)],
        [(0, 0), (2, 0), (1, 0)],
        [(0, 0), (4, 0), (4, 2), (2, 2), (2, -2)],
        [(0, 0)],
    ],
)
def test_refuses_a_line_that_stops_comes_back_or_crosses(points: list[tuple[int, int]]) -> None:
    assert not accepted_as_line(points)


def test_takes_a_line_in_either_direction() -> None:
    points = [(0, 0), (4, 0), (4, 4), (2, 1), (0, 4)]

    assert accepted_as_line(points)
    assert accepted_as_line(points[::-1])
