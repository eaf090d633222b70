"""Rings of areas: simple polygons and nothing else, as an exact reference decides."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Polygon

from trucewatch.records.ring import is_simple

CORNER = st.tuples(st.integers(0, 6), st.integers(0, 6))


@settings(max_examples=400)
@given(corners=st.lists(CORNER, min_size=3, max_size=7))
def test_a_ring_is_simple_when_geos_finds_it_valid_and_no_corner_comes_twice(
    corners: list[tuple[float, float]],
) -> None:
    once = len(set(corners)) == len(corners)

    assert is_simple(corners) == (once and Polygon(corners).is_valid)


@given(corners=st.lists(CORNER, min_size=3, max_size=6), turn=st.integers(0, 5))
def test_where_a_ring_begins_and_which_way_it_turns_does_not_matter(
    corners: list[tuple[float, float]], turn: int
) -> None:
    turned = [*corners[turn % len(corners) :], *corners[: turn % len(corners)]]

    assert is_simple(turned) == is_simple(corners) == is_simple(corners[::-1])


def test_a_corner_that_misses_an_edge_by_the_last_bit_is_no_touch() -> None:
    below = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 5e-324), (0.0, 1.0)]
    on = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 0.0), (0.0, 1.0)]

    assert is_simple(below)
    assert not is_simple(on)


@pytest.mark.parametrize("corners", [[], [(0.0, 0.0)], [(0.0, 0.0), (1.0, 0.0)]])
def test_fewer_than_three_corners_are_no_ring(corners: list[tuple[float, float]]) -> None:
    assert not is_simple(corners)
