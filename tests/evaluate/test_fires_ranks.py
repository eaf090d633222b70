"""AUC, average precision and block bootstrap against slow twins."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trucewatch.evaluate.fires_ranks import (
    Blocks,
    auc,
    average_precision,
    blocks_of,
    ranking,
    with_interval,
)


def slow_auc(score: list[int], wanted: list[bool], weight: list[float]) -> float:
    total = pairs = 0.0
    for i, j in itertools.product(range(len(score)), repeat=2):
        if wanted[i] and not wanted[j]:
            both = weight[i] * weight[j]
            pairs += both
            total += both * (1.0 if score[i] > score[j] else 0.5 if score[i] == score[j] else 0.0)
    return total / pairs if pairs else math.nan


def slow_precision(score: list[int], wanted: list[bool], weight: list[float]) -> float:
    total = mass = 0.0
    for i, one in enumerate(score):
        if wanted[i]:
            above = [j for j, other in enumerate(score) if other >= one]
            whole = sum(weight[j] for j in above)
            hit = sum(weight[j] for j in above if wanted[j])
            total += weight[i] * (hit / whole if whole else 0.0)
            mass += weight[i]
    return total / mass if mass else math.nan


ROWS = st.lists(
    st.tuples(st.integers(0, 5), st.booleans(), st.integers(0, 3)), min_size=1, max_size=14
)


@given(ROWS)
def test_agrees_with_every_pair_counted(rows: list[tuple[int, bool, int]]) -> None:
    score, wanted, weight = (list(column) for column in zip(*rows, strict=True))
    flags = np.array(wanted)
    ranked = ranking(np.array(score, dtype=np.float64), flags, ~flags)
    each = np.array(weight, dtype=np.float64)

    found = auc(ranked, each), average_precision(ranked, each)

    assert found[0] == pytest.approx(slow_auc(score, wanted, weight), nan_ok=True)
    assert found[1] == pytest.approx(slow_precision(score, wanted, weight), nan_ok=True)


def test_rows_of_neither_set_do_not_count() -> None:
    score = np.array([3.0, 9.0, 1.0])

    ranked = ranking(score, np.array([True, False, False]), np.array([False, False, True]))

    assert auc(ranked) == 1.0
    assert ranked.row.tolist() == [0, 2]


def test_blocks_are_the_same_in_every_year_and_a_degree_by_a_week() -> None:
    day = np.array([0, 6, 7, 0, 0])
    lat_deg = np.array([48.0, 48.9, 48.0, 49.0, 48.0])
    lon_deg = np.array([30.0, 30.9, 30.0, 30.0, 31.0])

    blocks = blocks_of(day, lat_deg, lon_deg, seed=1, repeats=5)

    assert blocks.of[0] == blocks.of[1]
    assert len(set(blocks.of.tolist())) == 4


def test_ends_hold_the_spread_of_whole_blocks() -> None:
    rng = np.random.default_rng(2)
    of = np.repeat(np.arange(100), 20)  # rows of a block are copies: 100 draws, not 2,000
    value = np.repeat(rng.normal(size=100), 20)
    blocks = Blocks(of, seed=3, repeats=400)

    found = with_interval(blocks, lambda weight: float(weight @ value / weight.sum()))

    half_width = 1.645 * value.std() / 10
    assert found["value"] == pytest.approx(value.mean())
    assert found["high"] - found["low"] == pytest.approx(2 * half_width, rel=0.15)


def test_the_same_seed_draws_the_same_blocks() -> None:
    blocks = Blocks(np.arange(30), seed=4, repeats=10)

    one, two = (with_interval(blocks, lambda w: float(w @ np.arange(30))) for _ in range(2))

    assert one == two


@pytest.mark.parametrize("number", [0, 3])
def test_what_cannot_be_measured_is_null(number: int) -> None:
    blocks = Blocks(np.arange(number), seed=1, repeats=5)

    found = with_interval(blocks, lambda _: math.nan)

    assert found == {"value": None, "low": None, "high": None}


def test_ends_are_null_when_no_draw_can_be_measured() -> None:
    blocks = Blocks(np.arange(4), seed=1, repeats=3)

    found = with_interval(blocks, lambda w: 1.0 if (w == 1).all() else math.nan)

    assert found == {"value": 1.0, "low": None, "high": None}
