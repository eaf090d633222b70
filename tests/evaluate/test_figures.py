"""Figures with intervals, and the musts that are held against them."""

from __future__ import annotations

import numpy as np
import pytest

from trucewatch.errors import BadInput
from trucewatch.evaluate.figures import holds, merged, must, named, of_share, over_seeds
from trucewatch.evaluate.share import exact_share

GAP = {"gap": {"value": 0.004, "low": 0.0, "high": 0.008}}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("gap <= 0.004", True),
        ("gap < 0.004", False),
        ("gap >= 0.004", True),
        ("gap > 0.004", False),
        ("gap <= 0.0039", False),
    ],
)
def test_a_must_is_held_against_the_value_alone(rule: str, *, expected: bool) -> None:
    found = must(rule, GAP)

    assert found["holds"] is expected
    assert f"{found['metric']} {found['op']} {found['bound']}" == rule


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), float("-inf")])
def test_what_was_not_measured_holds_nothing(value: float | None) -> None:
    metrics = {"gap": {"value": value, "low": None, "high": None}}

    assert must("gap <= 1", metrics)["holds"] is False
    assert must("gap >= 0", metrics)["holds"] is False


@pytest.mark.parametrize("rule", ["gap", "gap = 1", "gap <= little", "gap <= 1 now", "gap<=1"])
def test_refuses_a_must_that_cannot_be_read(rule: str) -> None:
    with pytest.raises(BadInput, match="must is not of the form NAME OP NUMBER"):
        must(rule, GAP)


def test_refuses_a_must_on_a_figure_that_was_not_measured() -> None:
    with pytest.raises(BadInput, match="'cap <= 1': no figure has this name"):
        must("cap <= 1", GAP)


def test_an_interval_over_seeds_covers_the_mean_it_estimates() -> None:
    rng = np.random.default_rng(3)

    drawn = [over_seeds(rng.normal(2.0, 1.0, 30), rng=rng) for _ in range(200)]

    inside = sum(f["low"] <= 2.0 <= f["high"] for f in drawn)  # type: ignore[operator]
    assert 178 <= inside <= 199


def test_equal_seeds_have_an_interval_of_no_width() -> None:
    found = over_seeds(np.full(8, 0.5), rng=np.random.default_rng(1))

    assert found == {"value": 0.5, "low": 0.5, "high": 0.5}


def test_no_seed_gives_no_figure() -> None:
    found = over_seeds(np.empty(0), rng=np.random.default_rng(1))

    assert found == {"value": None, "low": None, "high": None}


def test_a_share_keeps_its_exact_interval() -> None:
    share = exact_share(9, 10)

    assert of_share(share) == {"value": 0.9, "low": share.low_p, "high": share.high_p}


def test_parts_are_merged_in_order() -> None:
    one, other = must("gap <= 1", GAP), must("gap >= 1", GAP)

    metrics, musts = merged([(GAP, [one]), ({"f1": GAP["gap"]}, [other])])

    assert list(metrics) == ["gap", "f1"]
    assert musts == [one, other]


def test_another_evaluation_keeps_its_figures_under_its_name() -> None:
    metrics, musts = named("classes", GAP, [must("gap <= 1", GAP)])

    assert metrics == {"classes_gap": GAP["gap"]}
    assert musts == [must("classes_gap <= 1", metrics)]


def test_refuses_a_figure_that_is_measured_twice() -> None:
    with pytest.raises(BadInput, match="gap is measured twice"):
        merged([(GAP, []), (GAP, [])])


def test_an_evaluation_holds_when_each_must_does() -> None:
    good, bad = must("gap <= 1", GAP), must("gap >= 1", GAP)

    assert holds({"must": [good]})
    assert holds({"must": []})
    assert not holds({"must": [good, bad]})
