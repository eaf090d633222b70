"""B-cubed figures against the definition, and their intervals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trucewatch.evaluate.bcubed import bcubed, per_report
from trucewatch.evaluate.share import Share

groupings = st.lists(st.tuples(st.integers(-3, 4), st.integers(-3, 4)), min_size=1, max_size=25)


def generator() -> np.random.Generator:
    return np.random.default_rng(0)


def per_report_slow(true: list[int], fused: list[int]) -> tuple[list[float], list[float]]:
    """The definition, pair by pair."""
    precision, recall = [], []
    for i in range(len(true)):
        same_fused = [j for j in range(len(true)) if fused[j] == fused[i]]
        same_true = [j for j in range(len(true)) if true[j] == true[i]]
        both = len(set(same_fused) & set(same_true))
        precision.append(both / len(same_fused))
        recall.append(both / len(same_true))
    return precision, recall


@given(groupings)
def test_figures_equal_the_definition(pairs: list[tuple[int, int]]) -> None:
    true, fused = (list(column) for column in zip(*pairs, strict=True))

    precision, recall = per_report(np.array(true), np.array(fused))

    slow = per_report_slow(true, fused)
    assert precision.tolist() == pytest.approx(slow[0])
    assert recall.tolist() == pytest.approx(slow[1])


@settings(deadline=None, max_examples=50)
@given(groupings, st.randoms(use_true_random=False))
def test_order_and_names_of_groups_do_not_matter(pairs: list[tuple[int, int]], random) -> None:
    shuffled = list(pairs)
    random.shuffle(shuffled)
    true, fused = (np.array(column) for column in zip(*pairs, strict=True))
    other_true, other_fused = (np.array(column) for column in zip(*shuffled, strict=True))

    first = bcubed(true, fused, rng=generator())
    second = bcubed(7 - other_true, 3 * other_fused, rng=generator())

    assert first.f1.value_p == pytest.approx(second.f1.value_p)
    assert first.precision.value_p == pytest.approx(second.precision.value_p)


@settings(deadline=None, max_examples=50)
@given(groupings)
def test_swapping_truth_and_grouping_swaps_precision_and_recall(pairs) -> None:
    true, fused = (np.array(column) for column in zip(*pairs, strict=True))

    there, back = bcubed(true, fused, rng=generator()), bcubed(fused, true, rng=generator())

    assert there.precision.value_p == pytest.approx(back.recall.value_p)
    assert there.recall.value_p == pytest.approx(back.precision.value_p)


@pytest.mark.parametrize(
    ("fused", "precision", "recall"),
    [
        ([0, 0, 0, 1, 1, 2], 1.0, 1.0),  # perfect
        ([0, 1, 2, 3, 4, 5], 1.0, 0.5),  # all apart: (3 * 1/3 + 2 * 1/2 + 1) / 6
        ([0, 0, 0, 0, 0, 0], 14 / 36, 1.0),  # all in one: (9 + 4 + 1) / 36
    ],
)
def test_known_cases_by_hand(fused: list[int], precision: float, recall: float) -> None:
    scores = bcubed(np.array([0, 0, 0, 1, 1, 2]), np.array(fused), rng=generator())

    assert scores.precision.value_p == pytest.approx(precision)
    assert scores.recall.value_p == pytest.approx(recall)
    assert scores.f1.value_p == pytest.approx(2 * precision * recall / (precision + recall))


def test_a_perfect_grouping_has_no_doubt() -> None:
    true = np.repeat(np.arange(30), 3)

    assert bcubed(true, true, rng=generator()).f1 == Share(value_p=1.0, low_p=1.0, high_p=1.0)


def test_the_interval_narrows_with_more_incidents_not_with_more_reports() -> None:
    def width(incidents: int, reports: int) -> float:
        true = np.repeat(np.arange(incidents), reports)
        fused = np.where(true % 2 == 0, true, -1 - np.arange(len(true)))  # every other falls apart
        f1 = bcubed(true, fused, rng=generator()).f1
        assert f1.value_p is not None
        assert f1.low_p <= f1.value_p <= f1.high_p
        return f1.high_p - f1.low_p

    assert width(400, 4) < 0.6 * width(100, 4)
    assert width(100, 40) > 0.8 * width(100, 4)


def test_the_bootstrap_covers_the_expected_figure_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(3)
    covered = 0
    for _ in range(60):
        true = np.repeat(np.arange(80), 2)
        apart = np.repeat(rng.random(80) < 0.5, 2)
        recall = bcubed(true, np.where(apart, -1 - np.arange(160), true), rng=rng).recall
        covered += recall.low_p <= 0.75 <= recall.high_p

    assert covered >= 51  # 57 expected; fewer than 51 has a chance of 1 in 500


def test_no_report_gives_no_figure() -> None:
    none = np.array([], dtype=np.int64)

    assert bcubed(none, none, rng=generator()).f1 == Share(value_p=None, low_p=0.0, high_p=1.0)
