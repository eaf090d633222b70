"""Recapture: textbook numbers, what dependence does, and models that the counts do not fix."""

from __future__ import annotations

import math

import numpy as np
import pytest

from trucewatch.errors import BadInput
from trucewatch.evaluate.coverage_recapture import both_p
from trucewatch.measure.rates.lists import from_lists
from trucewatch.measure.rates.recapture import bias_ratio, recaptured


def on_lists(counts: dict[tuple[int, ...], int]) -> np.ndarray:
    return np.array([row for row, number in counts.items() for _ in range(number)], np.bool_)


def test_the_estimate_is_that_of_chapman() -> None:
    found = recaptured(60, 50, 30)

    assert found.value_mean == pytest.approx(61 * 51 / 31 - 1)
    assert found.seen == 80
    # Sadinle's interval by hand: 30 on both, 30 and 20 on one only, each with a half added
    centre, odd = 30.5 * 20.5 / 30.5, 1 / 30.5 + 1 / 30.5 + 1 / 20.5 + 30.5 / (30.5 * 20.5)
    wide = math.exp(1.6448536 * math.sqrt(odd))
    assert found.high_mean == pytest.approx(79.5 + centre * wide, rel=1e-6)
    assert found.low_mean == pytest.approx(79.5 + centre / wide, rel=1e-6)
    assert found.low_mean >= 80
    assert found.low_mean < found.value_mean < found.high_mean


def test_assumptions_come_with_every_estimate() -> None:
    assert any("likelier" in sentence for sentence in recaptured(6, 5, 1).assumptions)
    found = from_lists(on_lists({(1, 0, 0): 20, (0, 1, 0): 20, (0, 0, 1): 20, (1, 1, 0): 9,
                                 (1, 0, 1): 9, (0, 1, 1): 9, (1, 1, 1): 5}))  # fmt: skip
    assert all(sentence.endswith(".") for sentence in found.assumptions)


def test_lists_that_help_each_other_find_too_few_by_as_much_as_theory_says() -> None:
    both = both_p(0.5, 0.4, 3.0)

    assert both * (1 - 0.9 + both) == pytest.approx(3.0 * (0.5 - both) * (0.4 - both))
    assert bias_ratio(0.5, 0.4, both) < 1
    big = recaptured(500_000, 400_000, round(both * 1e6))
    assert big.value_mean / 1e6 == pytest.approx(bias_ratio(0.5, 0.4, both), rel=1e-4)


@pytest.mark.parametrize("counts", [(5, 4, 5), (5, 4, -1)])
def test_refuses_more_on_both_lists_than_on_one(counts: tuple[int, int, int]) -> None:
    with pytest.raises(BadInput, match="are on both lists"):
        recaptured(*counts)


def test_three_independent_lists_agree_with_the_product_of_their_shares() -> None:
    # 1,000 with shares one half each: 125 in every cell, 125 of them unseen
    cells = {(a, b, c): 125 for a in (0, 1) for b in (0, 1) for c in (0, 1) if a + b + c}

    found = from_lists(on_lists(cells))

    assert found.seen == 875
    for model in found.models:
        assert model.value_mean == pytest.approx(1_000, rel=1e-6)
    assert found.models[0].pairs == ()
    assert len(found.models) == 8


def test_the_model_of_all_pairs_is_the_closed_form() -> None:
    cells = {(1, 1, 1): 20, (1, 1, 0): 30, (1, 0, 1): 25, (0, 1, 1): 15, (1, 0, 0): 60,
             (0, 1, 0): 50, (0, 0, 1): 40}  # fmt: skip

    found = from_lists(on_lists(cells))

    all_pairs = next(model for model in found.models if len(model.pairs) == 3)
    missed = 20 * 60 * 50 * 40 / (30 * 25 * 15)
    assert all_pairs.value_mean == pytest.approx(240 + missed, rel=1e-6)
    # the log of the number missed varies by 1/n of every cell; its own Poisson scatter comes on top
    relative = sum(1 / number for number in cells.values()) + 1 / missed
    wide = math.exp(1.6448536 * math.sqrt(math.log1p(relative)))
    assert all_pairs.high_mean == pytest.approx(240 + missed * wide, rel=1e-6)
    assert all_pairs.low_mean == pytest.approx(240 + missed / wide, rel=1e-6)


def test_a_model_that_no_count_fixes_is_named_and_gives_no_number() -> None:
    cells = {(1, 0, 0): 9, (0, 1, 0): 8, (0, 0, 1): 7, (1, 0, 1): 3, (0, 1, 1): 2}

    found = from_lists(on_lists(cells))  # nothing on the first two lists together

    assert ((0, 1),) in found.unfixed
    assert all((0, 1) not in model.pairs for model in found.models)


def test_four_lists_are_taken() -> None:
    rng = np.random.default_rng(13)
    on = rng.random((800, 4)) < 0.5

    found = from_lists(on[on.any(axis=1)])

    assert len(found.models) == 64
    assert found.models[0].value_mean == pytest.approx(800, rel=0.03)


@pytest.mark.parametrize(
    ("on", "problem"),
    [
        (np.ones((4, 2), np.bool_), "there are 2 lists, must be 3 to 4"),
        (np.eye(3, dtype=np.bool_)[[0, 0]] & False, "on no list"),
    ],
)
def test_refuses_lists_that_cannot_be(on: np.ndarray, problem: str) -> None:
    with pytest.raises(BadInput, match=problem):
        from_lists(on)


def test_refuses_lists_that_do_not_overlap() -> None:
    with pytest.raises(BadInput, match="fix no model"):
        from_lists(np.eye(3, dtype=np.bool_))
