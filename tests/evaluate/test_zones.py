"""The score of zones: its form, and its reference against rational numbers."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from trucewatch.errors import BadInput
from trucewatch.evaluate.exact_zones import _product, pairs, slabs_of
from trucewatch.evaluate.zones import _misses, measure
from trucewatch.geo.area import Area


def slow_holds(edges: np.ndarray, x: float, y: float) -> bool:
    """Even-odd in rational numbers."""
    inside = False
    for ax, ay, bx, by in edges.tolist():
        left = (Fraction(ax) - Fraction(x)) * (Fraction(by) - Fraction(y))
        turn = left - (Fraction(ay) - Fraction(y)) * (Fraction(bx) - Fraction(x))
        if turn == 0 and min(ax, bx) <= x <= max(ax, bx) and min(ay, by) <= y <= max(ay, by):
            return True
        if (ay > y) != (by > y) and (turn > 0) == (by > ay):
            inside = not inside
    return inside


def test_a_quick_score_is_complete_and_finds_no_mismatch() -> None:
    found = measure(seed=3, quick=True)

    assert found["name"] == "zones"
    assert {m["metric"] for m in found["must"]} <= set(found["metrics"])
    assert found["metrics"]["mismatches"]["value"] == 0.0
    assert found["metrics"]["points"]["value"] == 20_000.0
    assert found["metrics"]["worst_time_off_steps"]["value"] <= 1.0
    for name in ("inside", "belt", "withdrawn"):
        assert found["metrics"][f"ece_{name}"]["value"] < 0.03


def test_the_reference_agrees_with_rational_numbers() -> None:
    rng = np.random.default_rng(4)
    angle = np.arange(24) * 2 * np.pi / 24
    star = np.column_stack([np.cos(angle), np.sin(angle)]) * rng.uniform(0.4, 1, (24, 1))
    one, two = np.array([30.0, 48.0]), np.array([30.2, 48.1])
    areas = [
        Area.of([np.round((star + one) * 64) / 64]),
        Area.of([star + two, star[::-1] * 0.5 + two]),
    ]
    corners = np.concatenate([area.edges()[:, :2] for area in areas])
    spots = np.concatenate([corners, (corners + np.roll(corners, 1, axis=0)) / 2])
    spots = np.concatenate([spots, spots + rng.integers(-1, 2, spots.shape) * np.spacing(spots)])

    row, zone = pairs(slabs_of(areas), *spots.T.copy())

    expected = [
        (p, z) for p, (x, y) in enumerate(spots.tolist()) for z, area in enumerate(areas)
        if slow_holds(area.edges(), x, y)
    ]  # fmt: skip
    assert list(zip(row.tolist(), zone.tolist(), strict=True)) == expected


def test_products_of_large_whole_numbers_are_exact() -> None:
    rng = np.random.default_rng(5)
    for a, b in rng.integers(-(2**56), 2**56, (200, 2)).tolist():
        sign, high, low = _product(a, b)
        assert sign * (high * 2**58 + low) == a * b
        assert 0 <= low < 2**58


def test_the_reference_refuses_what_it_cannot_write_as_a_whole_number() -> None:
    area = Area.of([[(30.0, 48.0), (31.0, 48.0), (31.0, 49.0)]])

    with pytest.raises(BadInput, match=r"no multiple of 2\^-48 degrees"):
        pairs(slabs_of([area]), np.array([0.1]), np.array([48.5]))


def test_a_bin_misses_only_when_chance_cannot_explain_it() -> None:
    assert not _misses(50, 100, 0.5)
    assert not _misses(0, 100, 0.01)
    assert not _misses(100, 100, 0.99)
    assert _misses(80, 100, 0.5)
    assert _misses(0, 100, 0.2)
